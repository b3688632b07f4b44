"""
Reading plain data (parsed JSON) strictly: a key that does not belong is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing_core.errors import InvalidInput
from billing_core.issues import Issue, invalid

__all__ = ["check_keys"]


def check_keys(data: Mapping[str, Any], keys: tuple[str, ...], field: str = "data") -> None:
    """
    Refuse anything but a mapping with exactly these keys; every finding is reported at once.

    An unknown key is not repeated in the error: what people put into a wrong
    place may be just what must not be kept.

    Args:
        data: what was read.
        keys: the keys that must be there, and no others.
        field: the name of the whole, for findings about it.

    Raises:
        InvalidInput: ``invalid_type``, ``required``, ``unknown_key``.

    >>> check_keys({"amount_minor": 1, "cvc": "123"}, ("amount_minor", "currency"))
    Traceback (most recent call last):
    billing_core.errors.InvalidInput: currency: is required; data: is not a field that exists here; \
allowed: amount_minor, currency
    """
    if not isinstance(data, Mapping):
        raise invalid(field, "invalid_type", expected="a mapping")
    issues = [Issue(field=key, code="required") for key in keys if key not in data]
    if not data.keys() <= set(keys):
        issues.append(Issue(field=field, code="unknown_key", params={"allowed": ", ".join(keys)}))
    if issues:
        raise InvalidInput(tuple(issues))
