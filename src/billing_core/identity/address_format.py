"""
Write an address in lines, as its own country does.

Every field that is filled is printed, also where the country's usual form has
no place for it. The lines are plain text: escaping is up to what renders them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from billing_core.identity.address import Address
from billing_core.identity.address_rules import format_of
from billing_core.identity.countries import country_name, find_country
from billing_core.identity.folding import folded
from billing_core.identity.regions import Region, find_region, writes_region_codes
from billing_core.issues import Choice

__all__ = ["AddressStyle", "format_address"]

_TOKEN: Final = re.compile(r"%([A-Z])|([^%]+)")
#: A code of a region, as opposed to its name: ``13``, ``JP-13``, ``SGR``.
_REGION_CODE: Final = re.compile(r"(?:[A-Z]{2}-)?[A-Z0-9]{1,3}", re.IGNORECASE)


class AddressStyle(Choice):
    """For whom an address is written."""

    #: For the country's own post: its order, the region's local name.
    LOCAL = "local"
    #: For a reader of Latin letters: the order of Latin forms, the region's Latin name.
    LATIN = "latin"


def format_address(
    address: Address, style: AddressStyle = AddressStyle.LOCAL, origin_country: str | None = None
) -> tuple[str, ...]:
    """
    The lines of an address.

    Args:
        address: a checked address.
        style: the order of the fields, and the script of the region.
        origin_country: where it is read or sent from. The country line is left
            out within the country; a prefix such as ``CH-`` is written from
            any other one.

    Returns:
        One text for each line, none empty; the country's English name last.

    Source: formats from Google's address data and the Universal Postal Union's addressing sheets.

    >>> address = Address(line1="Rotopapa", city="Leeston", postal_code="8704", country="NZ")
    >>> format_address(address)
    ('Rotopapa', 'Leeston 8704', 'New Zealand')
    >>> format_address(address, origin_country="NZ")
    ('Rotopapa', 'Leeston 8704')
    """
    local, latin, _, prefix, city = format_of(address.country)
    origin = None if origin_country is None else find_country(origin_country)
    is_abroad = origin is not None and origin != address.country
    texts = _texts(address, style, city)
    lines: list[str] = []
    for tokens in _parsed(latin if style is AddressStyle.LATIN else local, "" if is_abroad else prefix):
        if tokens == (("A", ""),):
            lines += [text for text in (address.line1, address.line2) if text]
        elif line := _line(tokens, texts):
            lines.append(line)
    if origin != address.country:
        lines.append(country_name(address.country))
    return tuple(lines)


def _texts(address: Address, style: AddressStyle, default_city: str) -> dict[str, str]:
    return {
        "N": address.name or "",
        "O": address.company or "",
        "A": ", ".join(filter(None, (address.line1, address.line2))),
        "D": address.dependent_locality or "",
        "C": address.city or default_city,
        "S": _region_text(address.country, address.region or "", style),
        "Z": address.postal_code or "",
        "X": address.sorting_code or "",
    }


def _region_text(country: str, typed: str, style: AddressStyle) -> str:
    """What was typed; a code becomes a name, and in Latin style another script becomes Latin."""
    region = find_region(country, typed) if typed else None
    if region is None or writes_region_codes(country):
        return typed
    if style is AddressStyle.LATIN:
        return typed if _is_latin(typed) and not _is_code(typed, region) else region.latin_name or region.key
    return region.key if _is_code(typed, region) else typed


def _is_code(typed: str, region: Region) -> bool:
    return _REGION_CODE.fullmatch(typed) is not None and folded(typed) != folded(region.key)


def _is_latin(text: str) -> bool:
    return all("LATIN" in unicodedata.name(char, "") for char in text if char.isalpha())


@cache
def _parsed(form: str, prefix: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The lines of a format as (field letter, literal text), one of both empty, without the prefix."""
    lines = []
    for line in form.split("%n"):
        tokens = [
            (letter, text.replace(prefix, "") if prefix else text) for letter, text in _TOKEN.findall(line)
        ]
        lines.append(tuple(token for token in tokens if any(token)))
    return tuple(lines)


def _line(tokens: tuple[tuple[str, str], ...], texts: dict[str, str]) -> str:
    """One line; a separator is written between two filled fields, a leading sign before its own field."""
    line, separator, is_start = "", "", True
    for letter, literal in tokens:
        if literal:
            separator = literal
            continue
        if text := texts[letter]:
            line += _joint(line, separator, text) if line else (separator if is_start else "")
            line += text
            separator = ""
        is_start = False
    return line.strip()


def _joint(line: str, separator: str, text: str) -> str:
    """Scripts without word spaces need no separator; Latin words do."""
    return separator or (" " if line[-1].isascii() or text[0].isascii() else "")
