"""
Plain data: how small records of this room become a `dict` and come back.

What comes back was written by this library, or by somebody else: unknown keys
are an error, and no message repeats a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeVar

from billing_core.errors import InvalidInput
from billing_core.issues import Issue, invalid

__all__ = ["as_code", "fits", "read_choice", "read_texts"]

_CODE_LENGTH_MAX: Final = 16

E = TypeVar("E", bound=StrEnum)


def fits(value: object, pattern: re.Pattern[str]) -> bool:
    """
    Whether a value is a text of this form, whatever else it may be.

    >>> fits("+442079460018", re.compile("[+][0-9]+")), fits(442079460018, re.compile("[0-9]+"))
    (True, False)
    """
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def as_code(value: object) -> str:
    """
    A short code in capitals, as a form gives it; empty for what can't be one.

    >>> as_code(" gb "), as_code(44)
    ('GB', '')
    """
    # `type()`, since a mock or a proxy may lie about its `__class__`.
    if not issubclass(type(value), str):
        return ""
    text = str.__str__(value)
    return text.strip().upper() if len(text) <= _CODE_LENGTH_MAX else ""


def read_texts(data: object, keys: Iterable[str], *, optional: Iterable[str] = ()) -> dict[str, str]:
    """
    The texts of a plain record, all keys accounted for.

    Args:
        data: what should be a mapping of texts.
        keys: the keys that must be there.
        optional: keys that may be missing or None; they are then absent from the answer.

    Raises:
        InvalidInput: with an issue for each key that is missing, unknown, or holds something else.

    >>> read_texts({"kind": "mobile"}, ["kind"])
    {'kind': 'mobile'}
    """
    if not isinstance(data, Mapping):
        raise InvalidInput((Issue(field="", code="invalid_type", params={"expected": "mapping"}),))
    needed = tuple(keys)
    known = (*needed, *optional)
    issues = []
    # An unknown key may itself hold what must not be repeated, such as a pasted card number.
    if any(key not in known for key in data):
        issues.append(Issue(field="", code="unknown_key", params={"allowed": ", ".join(known)}))
    for key in known:
        value = data.get(key)
        if value is None and key in needed:
            issues.append(Issue(field=key, code="required"))
        elif value is not None and not isinstance(value, str):
            issues.append(Issue(field=key, code="invalid_type", params={"expected": "text"}))
    if issues:
        raise InvalidInput(tuple(issues))
    return {key: data[key] for key in known if data.get(key) is not None}


def read_choice(field: str, value: str, choices: type[E]) -> E:
    """
    The member of an enum that has this value.

    Raises:
        InvalidInput: with the code ``unknown_value`` if there is none.

    >>> from billing_core.issues import Severity
    >>> read_choice("severity", "error", Severity)
    <Severity.ERROR: 'error'>
    """
    try:
        return choices(value)
    except ValueError:
        raise invalid(field, "unknown_value", allowed=", ".join(choices)) from None
