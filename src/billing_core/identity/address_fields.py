"""
Read the fields of an address: which are there, and their clean texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from billing_core.identity.card_numbers import contains_card_number
from billing_core.identity.text import clean_code, clean_text
from billing_core.issues import Issue

__all__ = ["ADDRESS_FIELDS", "cleaned", "given_fields", "plain"]

#: The fields of an address, in the order of a form.
ADDRESS_FIELDS: Final = (
    "name",
    "company",
    "line1",
    "line2",
    "dependent_locality",
    "city",
    "region",
    "postal_code",
    "country",
    "sorting_code",
)
_KNOWN: Final = frozenset(ADDRESS_FIELDS)
_CODE_LENGTHS: Final = {"postal_code": 24, "country": 100}
_TEXT_LENGTH_MAX: Final = 255

#: A key that can be named in a finding: nobody's card number looks like it.
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_]{1,30}[0-9]?")
_NAMED_KEYS_MAX: Final = 20

#: Spaces that the cleaner might take away, where "/" stands between two fields.
_DOUBTFUL_SPACE: Final = re.compile("  |/ | /")


def given_fields(fields: object, issues: list[Issue]) -> dict[str, object] | None:
    """
    The fields that were given a value; unknown keys are findings.

    Args:
        fields: anything at all; only a mapping can be right.
        issues: findings are added here.

    Returns:
        The given values in the order of the form, or None where there was no mapping.
    """
    try:
        # A foreign mapping may raise anything, and a proxy may lie about its `__class__`.
        data = dict(fields) if issubclass(type(fields), Mapping) else None  # type: ignore[call-overload]
    except Exception:  # noqa: BLE001  # the promise is: never raises on input of any type
        data = None
    if data is None:
        issues.append(Issue(field="", code="invalid_type", params={"expected": "a mapping of fields"}))
        return None
    if not data.keys() <= _KNOWN:
        issues += _unknown_keys(data)
    return {key: data[key] for key in ADDRESS_FIELDS if data.get(key) is not None}


def _unknown_keys(keys: Iterable[object]) -> list[Issue]:
    allowed = {"allowed": ", ".join(ADDRESS_FIELDS)}
    unknown = (key for key in keys if type(key) is not str or key not in _KNOWN)
    names = {key if type(key) is str and _PLAIN_KEY.fullmatch(key) else "" for key in unknown}
    return [Issue(field=name, code="unknown_key", params=allowed) for name in sorted(names)[:_NAMED_KEYS_MAX]]


def plain(given: Mapping[str, Any]) -> dict[str, str] | None:
    """
    The texts as they are, if the cleaner would change nothing: most addresses, at a fraction of its cost.

    Whatever is in doubt is left to the cleaner.
    """
    values = {field: text for field, text in given.items() if text != ""}
    if not all(type(text) is str for text in values.values()):
        return None
    joined = "/".join(values.values())
    if len(joined) > _TEXT_LENGTH_MAX or not joined.isprintable() or _DOUBTFUL_SPACE.search(f"/{joined}/"):
        return None
    if not joined.isascii():
        codes = (values.get(field, "") for field in _CODE_LENGTHS)
        if not unicodedata.is_normalized("NFC", joined) or not all(map(str.isascii, codes)):
            return None
    if len(values.get("postal_code", "")) > _CODE_LENGTHS["postal_code"] or contains_card_number(joined):
        return None
    return values


def cleaned(given: Mapping[str, object], issues: list[Issue]) -> dict[str, str]:
    """The clean texts of what was given, without empty ones; findings are added to ``issues``."""
    values: dict[str, str] = {}
    for field, raw in given.items():
        if field in _CODE_LENGTHS:
            checked = clean_code(raw, field=field, max_length=_CODE_LENGTHS[field])
        else:
            checked = clean_text(raw, field=field, max_length=_TEXT_LENGTH_MAX)
        issues += checked.issues
        if checked.value is not None:
            values[field] = checked.value
    return values
