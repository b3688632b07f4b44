"""
What is wrong with a value, as data.

A validator returns a `Checked`: the clean value if there is one, and every
`Issue` it found. Codes are stable and never reused; texts live in
`billing_core.messages`, and hosts translate by code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, NoReturn, TypeVar

import attrs

from billing_core.errors import InvalidInput, withheld
from billing_core.messages import message_for

__all__ = ["Checked", "Choice", "Issue", "Severity", "invalid"]

T = TypeVar("T")


class Choice(StrEnum):
    """Base of enums. A value that is none of theirs is refused like any wrong argument, and not repeated."""

    @classmethod
    def _missing_(cls, _: object) -> NoReturn:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        raise invalid(name, "unknown_value", allowed=", ".join(cls))


class Severity(Choice):
    """Whether a finding stops the value from being used."""

    ERROR = "error"
    WARNING = "warning"


def _frozen_params(params: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(withheld(dict(params)))


def _shown(text: str) -> str:
    return withheld(text)  # type: ignore[no-any-return]


def _shown_if_any(text: str | None) -> str | None:
    return withheld(text)  # type: ignore[no-any-return]


@attrs.frozen(kw_only=True)
class Issue:
    """
    One finding about one field. Holds no raw value, so it is safe to log: a
    text that looks like a card number is withheld wherever it was put.

    Attributes:
        field: the dotted name of the field, as the form calls it.
        code: a stable code of `billing_core.messages.CODES`.
        severity: an error stops the value, a warning does not.
        params: what a text needs: ``expected``, ``max_length``, ``example`` …
        suggestion: a likely right value of *another* field or form, for
            example a country; never an echo of what was typed.

    >>> Issue(field="postal_code", code="required").message
    'is required'
    """

    field: str = attrs.field(converter=_shown)
    code: str = attrs.field(converter=_shown)
    severity: Severity = attrs.field(default=Severity.ERROR, converter=Severity)
    params: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen_params)
    suggestion: str | None = attrs.field(default=None, converter=_shown_if_any)

    @property
    def message(self) -> str:
        """The English text, in the form that follows a field's name."""
        return message_for(self.code, self.params)

    def at(self, prefix: str) -> Issue:
        """The same finding, seen from a form that holds this field under ``prefix``."""
        outer = _shown(prefix)
        name = f"{outer}.{self.field}" if self.field else outer
        return Issue(
            field=name, code=self.code, severity=self.severity, params=self.params, suggestion=self.suggestion
        )

    def __hash__(self) -> int:
        return hash((self.field, self.code, self.severity, self.suggestion))

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy does not pickle; exceptions that carry issues must.
        return _rebuild, (self.field, self.code, self.severity, dict(self.params), self.suggestion)


def _rebuild(
    field: str, code: str, severity: Severity, params: dict[str, Any], suggestion: str | None
) -> Issue:
    return Issue(field=field, code=code, severity=severity, params=params, suggestion=suggestion)


@attrs.frozen(kw_only=True)
class Checked(Generic[T]):
    """
    The answer of a validator: a value, findings, or a value with warnings.

    >>> Checked(value=3, issues=()).ok
    True
    """

    value: T | None
    issues: tuple[Issue, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error. Warnings do not count."""
        return not self.errors

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The findings that stop the value."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """The findings that a person may want to see, and may overrule."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.WARNING)

    def by_field(self) -> dict[str, tuple[Issue, ...]]:
        """All findings, grouped by field, in the order in which fields were looked at."""
        grouped: dict[str, tuple[Issue, ...]] = {}
        for issue in self.issues:
            grouped[issue.field] = (*grouped.get(issue.field, ()), issue)
        return grouped

    def unwrap(self) -> T:
        """
        The value.

        Raises:
            InvalidInput: with *all* errors, if there is any.
        """
        if not self.ok:
            raise InvalidInput(self.errors)
        # A value of None is a legal answer where T itself allows it (an optional phone, left empty).
        return self.value  # type: ignore[return-value]


def invalid(field: str, code: str, **params: Any) -> InvalidInput:
    """
    The exception for one wrong argument, ready to be raised.

    >>> str(invalid("quantity", "out_of_range", min=1, max=10))
    'quantity: must be between 1 and 10'
    """
    return InvalidInput((Issue(field=field, code=code, params=params),))
