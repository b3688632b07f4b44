"""
States, provinces, prefectures: which region of a country does a text mean?

A region is found by its key, its ISO 3166-2 code with or without the country,
and its names in the country's languages, in Latin letters and in English. Case,
accents and punctuation do not matter.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import attrs

from billing_core.identity.folding import folded

__all__ = ["Region", "accepts_postal_code", "find_region", "has_regions", "writes_region_codes"]

_CODE: Final = re.compile("[A-Z]{2,3}")


@attrs.frozen(kw_only=True)
class Region:
    """
    A first-level subdivision of a country.

    Attributes:
        country: ISO 3166-1 alpha-2.
        key: what addresses of the country say: ``CA``, ``東京都``, ``Co. Dublin``.
        iso_code: the ISO 3166-2 suffix, empty where it has none (``13`` of JP-13).
        name: the full name in the country's first language.
        latin_name: the name in Latin letters, empty where ``name`` is already.
        postal_start: a pattern for the start of its postal codes, empty if unknown.
    """

    country: str
    key: str
    iso_code: str
    name: str
    latin_name: str
    postal_start: str


def find_region(country: str, text: str) -> Region | None:
    """
    The region that a text means, or None.

    Args:
        country: ISO 3166-1 alpha-2.
        text: a key, name or code of a region.

    >>> find_region("CA", "QUEBEC").key
    'QC'
    >>> find_region("JP", "JP-13").latin_name
    'Tokyo'
    """
    keys, names = _index(country)
    return keys.get(text) or names.get(folded(text))


@cache
def has_regions(country: str) -> bool:
    """
    Whether the list of a country's regions is known and holds all that people write.

    >>> has_regions("US"), has_regions("DE")
    (True, False)
    """
    from billing_core.identity.data.address_table import COUNTRIES, REGIONS

    return country in REGIONS and "o" not in COUNTRIES[country][9]


@cache
def writes_region_codes(country: str) -> bool:
    """
    Whether addresses of the country give a region by a code, as in ``Austin TX``.

    >>> writes_region_codes("US"), writes_region_codes("JP")
    (True, False)
    """
    keys, _ = _index(country)
    return bool(keys) and all(map(_CODE.fullmatch, keys))


def accepts_postal_code(region: Region, bare: str) -> bool:
    """
    Whether a postal code can lie in a region, as far as is known.

    Args:
        region: where it should lie.
        bare: the code without separators, see `billing_core.identity.postal.bare_postal_code`.

    >>> accepts_postal_code(find_region("US", "NH"), "02128")
    False
    """
    return not region.postal_start or _starts(region.postal_start).match(bare) is not None


@cache
def _starts(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@cache
def _index(country: str) -> tuple[dict[str, Region], dict[str, Region]]:
    from billing_core.identity.data.address_table import REGIONS

    keys: dict[str, Region] = {}
    names: dict[str, Region] = {}
    for line in REGIONS.get(country, "").splitlines():
        key, iso_code, name, latin_name, others, postal_start = line.split("\t")
        region = Region(
            country=country,
            key=key,
            iso_code=iso_code,
            name=name or key,
            latin_name=latin_name,
            postal_start=postal_start,
        )
        keys[key] = region
        codes = (iso_code, f"{country}{iso_code}") if iso_code else ()
        for spelling in (key, *codes, name, latin_name, *others.split("|")):
            names.setdefault(folded(spelling), region)
    names.pop("", None)
    return keys, names
