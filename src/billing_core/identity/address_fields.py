"""
Read the fields of an address: which are there, and their clean texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

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

_TEXT_ONLY: Final = frozenset({str})


def given_fields(fields: object, issues: list[Issue]) -> dict[str, object] | None:
    """
    The fields that were given a value; unknown keys are findings.

    Args:
        fields: anything at all; only a mapping can be right.
        issues: findings are added here.

    Returns:
        The given values, or None where there was no mapping.
    """
    if type(fields) is not dict:
        try:
            # A foreign mapping may raise anything, and a proxy may lie about its `__class__`.
            fields = dict(fields) if issubclass(type(fields), Mapping) else None  # type: ignore[call-overload]
        except Exception:  # noqa: BLE001  # the promise is: never raises on input of any type
            fields = None
        if type(fields) is not dict:
            issues.append(Issue(field="", code="invalid_type", params={"expected": "a mapping of fields"}))
            return None
    if fields.keys() <= _KNOWN:
        return {key: value for key, value in fields.items() if value is not None}
    issues += _unknown_keys(fields)
    return {key: fields[key] for key in ADDRESS_FIELDS if fields.get(key) is not None}


def _unknown_keys(keys: Iterable[object]) -> list[Issue]:
    allowed = {"allowed": ", ".join(ADDRESS_FIELDS)}
    unknown = (key for key in keys if type(key) is not str or key not in _KNOWN)
    # A form of a hundred thousand keys is no mistake that needs them all named.
    some = islice(unknown, _NAMED_KEYS_MAX)
    names = {key if type(key) is str and _PLAIN_KEY.fullmatch(key) else "" for key in some}
    return [Issue(field=name, code="unknown_key", params=allowed) for name in sorted(names)]


def plain(given: dict[str, Any]) -> dict[str, str] | None:
    """
    The texts as they are, if the cleaner would change nothing: most addresses, at a fraction of its cost.

    Whatever is in doubt is left to the cleaner; card numbers, to the record.
    """
    texts = given.values()
    if not _TEXT_ONLY.issuperset(map(type, texts)) or sum(map(len, texts)) > _TEXT_LENGTH_MAX:
        return None
    values = given if all(texts) else {field: text for field, text in given.items() if text}
    joined = "/".join(values.values())
    # Spaces that the cleaner might take away; "/" stands between two fields.
    if "  " in joined or "/ " in joined or " /" in joined or joined != joined.strip():
        return None
    if not joined.isprintable():
        return None
    if not joined.isascii():
        codes = (values.get(field, "") for field in _CODE_LENGTHS)
        if not unicodedata.is_normalized("NFC", joined) or not all(map(str.isascii, codes)):
            return None
    return values if len(values.get("postal_code", "")) <= _CODE_LENGTHS["postal_code"] else None


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
