"""
Which country does a text mean, and what is the country called in English?

People and systems write a country in many ways: ISO codes of two or three
letters, names, former names, the prefix of a VAT number. An address holds the
ISO 3166-1 alpha-2 code.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from billing_core.identity.folding import folded

__all__ = ["country_codes", "country_name", "find_country"]

#: Words that some write and some leave out.
_FILLERS: Final = re.compile(r"\b(?:and|the)\b", re.IGNORECASE)
_SAINT: Final = re.compile(r"\bsaint\b", re.IGNORECASE)


def find_country(text: str) -> str | None:
    """
    The ISO 3166-1 alpha-2 code of a country or territory that has addresses.

    Args:
        text: an alpha-2 or alpha-3 code, an English name, a common other
            name, or one of ``UK``, ``EL``, ``XI``. Case, accents and
            punctuation do not matter.

    Returns:
        The code, or None where the text means no country.

    >>> find_country("United states"), find_country("UK"), find_country("Cote d'Ivoire")
    ('US', 'GB', 'CI')
    >>> find_country("ALL") is None
    True
    """
    if text in _names():
        return text
    return _index().get(folded(text)) or _index().get(_key(text))


def country_name(code: str) -> str:
    """
    The English short name; an unknown code is returned as it is.

    Args:
        code: an ISO 3166-1 alpha-2 code.

    >>> country_name("SV")
    'El Salvador'
    """
    return _names().get(code, code)


def country_codes() -> frozenset[str]:
    """
    All codes that an address may have.

    >>> len(country_codes()) >= 245
    True
    """
    return frozenset(_names())


@cache
def _names() -> dict[str, str]:
    from billing_core.identity.data.countries import COUNTRIES

    return {line[:2]: line[7:] for line in COUNTRIES.splitlines()}


@cache
def _index() -> dict[str, str]:
    from billing_core.identity.data.countries import ALIASES, COUNTRIES

    index: dict[str, str] = {}
    for line in COUNTRIES.splitlines():
        index |= dict.fromkeys((folded(line[:2]), folded(line[3:6]), _key(line[7:])), line[:2])
    for line in ALIASES.splitlines():
        index |= {_key(alias): line[:2] for alias in line[3:].split("|")}
    return index


def _key(text: str) -> str:
    return folded(_SAINT.sub("st", _FILLERS.sub("", text)))
