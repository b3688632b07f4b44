"""
Every exception that billing-core raises, and nothing else.

A declined card is not here: outcomes of the domain are values. An exception
means that the caller broke a contract, or that the world could not answer.

Messages say what is wrong, where, and what would be right. They carry ids and
codes; never a card token, a card number, or personal data. Exceptions end in
logs and in trackers of other companies, so each text that one is given is
looked at: one that holds a card number is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from billing_core.card_numbers import contains_card_number

if TYPE_CHECKING:
    from billing_core.issues import Issue

__all__ = [
    "BillingError",
    "CapabilityNotSupported",
    "Conflict",
    "CurrencyMismatch",
    "GatewayConfigError",
    "GatewayRequestError",
    "InvalidInput",
    "InvariantViolated",
    "NotAllowed",
    "NotFound",
    "PermissionDenied",
    "WebhookRejected",
    "is_plain_id",
    "withheld",
]

_WITHHELD: Final = "(withheld: looks like a card number)"

#: What ids are made of, and a letter that a card number has not.
_PLAIN_ID: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_.:@+/=~-]{1,255}")

#: No card number is kept in one of these; a large amount must not look like one.
_NUMBERS_AND_TIMES: Final = (int, float, Decimal, date, timedelta, type(None))


def is_plain_id(text: str) -> bool:
    """
    Whether a text is surely a machine's id: of the letters and signs of ids, with at least one letter.

    Such ids are never searched for card numbers, since many would look like one by chance.

    >>> is_plain_id("d9428888-122b-11e1-b85c-61cd3cbb3210"), is_plain_id("4242-4242-4242-4242")
    (True, False)
    """
    return _PLAIN_ID.fullmatch(text) is not None


def withheld(value: Any) -> Any:
    """
    A value that may be shown: it itself, unless it says a card number.

    >>> withheld("insufficient_funds"), withheld("declined: 4242 4242 4242 4242")
    ('insufficient_funds', '(withheld: looks like a card number)')
    """
    if isinstance(value, _NUMBERS_AND_TIMES):
        return value
    if isinstance(value, Mapping):
        return {withheld(key): withheld(item) for key, item in value.items()}
    if isinstance(value, bytes):
        text = value.decode(errors="replace")
    else:
        text = value if isinstance(value, str) else repr(value)
    return _WITHHELD if contains_card_number(text) and not is_plain_id(text) else value


class BillingError(Exception):
    """
    Base of all errors of this library.

    Its arguments survive pickling as they are, except texts that hold a card
    number: what an adapter passes on from a processor is not ours to trust.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*map(withheld, args))


class InvalidInput(BillingError, ValueError):
    """
    Some given value is wrong; ``issues`` holds every finding at once.

    Also a ``ValueError``, so that pydantic, msgspec, argparse and Django wrap
    it without being told.

    Attributes:
        issues: the findings, in the order of the fields. They hold stable
            codes and parameters, never the value that was given.
    """

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        super().__init__()
        # Issues hold nothing that has to be withheld.
        self.args = (issues,)
        self.issues = issues

    def __str__(self) -> str:
        return "; ".join(f"{issue.field}: {issue.message}" for issue in self.issues)


class CurrencyMismatch(BillingError, ValueError):
    """Two amounts of different currencies met where only one currency makes sense."""

    expected: str
    actual: str

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(expected, actual)
        self.expected, self.actual = self.args

    def __str__(self) -> str:
        return (
            f"expected an amount in {self.expected}, got one in {self.actual}; "
            "convert it first, this library never does"
        )


class PermissionDenied(BillingError):
    """The actor's role does not carry the permission; nothing was changed."""

    permission: str
    role: str
    account_id: str

    def __init__(self, permission: str, role: str, account_id: str) -> None:
        super().__init__(permission, role, account_id)
        self.permission, self.role, self.account_id = self.args

    def __str__(self) -> str:
        return f"role {self.role!r} may not {self.permission!r} on account {self.account_id}"


class NotFound(BillingError, LookupError):
    """No record of this kind has this id."""

    kind: str
    id: str

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(kind, id)
        self.kind, self.id = self.args

    def __str__(self) -> str:
        return f"no {self.kind} with id {self.id!r}"


class Conflict(BillingError):
    """
    Somebody else changed the record first (its version moved).

    Reload, look again, and decide again. Nothing was written.
    """

    kind: str
    id: str
    expected: int | None
    actual: int | None

    def __init__(self, kind: str, id: str, expected: int | None = None, actual: int | None = None) -> None:
        super().__init__(kind, id, expected, actual)
        self.kind, self.id, self.expected, self.actual = self.args

    def __str__(self) -> str:
        if self.expected is None:
            return f"{self.kind} {self.id!r} already exists or was changed meanwhile; reload and decide again"
        return (
            f"{self.kind} {self.id!r} was expected at version {self.expected}, "
            f"is at {self.actual}; reload and decide again"
        )


class NotAllowed(BillingError):
    """
    The command makes sense, but not now; ``code`` is stable and says why.

    Attributes:
        code: a stable snake-case code, listed in the reference.
        params: what a host needs to explain it (ids, dates, limits).
    """

    code: str
    params: Mapping[str, object]

    def __init__(self, code: str, params: Mapping[str, object] | None = None) -> None:
        super().__init__(code, dict(params or {}))
        self.code, self.params = self.args

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"not allowed: {self.code}" + (f" ({details})" if details else "")


class GatewayConfigError(BillingError):
    """The processor refused our credentials or set-up: stop the run, not the customer."""


class GatewayRequestError(BillingError):
    """The processor refused the request as malformed: a bug on our side, no money moved."""


class WebhookRejected(BillingError):
    """A notice whose signature, age or form is not acceptable; nothing was believed."""


class CapabilityNotSupported(BillingError):
    """The gateway's adapter does not offer this operation."""

    operation: str

    def __init__(self, operation: str) -> None:
        super().__init__(operation)
        (self.operation,) = self.args

    def __str__(self) -> str:
        return f"this gateway does not support {self.operation!r}; ask its capabilities first"


class InvariantViolated(BillingError, AssertionError):
    """The library found its own books inconsistent: stop, and tell a person."""
