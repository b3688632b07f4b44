"""
Where an address is, for tax law: the country in a form is only the start.

Customers of Las Palmas pick Spain, customers of Monaco write French postal
codes, and Belfast is the EU for goods but not for services. So a place is
resolved from country, postal code and city together, by a dated table that a
host can replace (`TerritoryResolver`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import attrs

from billing_core.identity.text import clean_code
from billing_core.issues import invalid
from billing_core.tax.territory_data import (
    COUNTRY_ALIASES,
    EU_MEMBERSHIP,
    OTHER_VAT_COUNTRIES,
    TERRITORY_ROWS,
    TerritoryRow,
)
from billing_core.tax.territory_types import HostRule, Territory, TerritoryResolver
from billing_core.values.period import check_day

__all__ = [
    "DEFAULT_TERRITORIES",
    "HostRule",
    "Territory",
    "TerritoryResolver",
    "TerritoryTable",
    "country_code",
    "is_eu_member",
    "resolve_territory",
]

_POSTAL_LENGTH_MAX: Final = 24
_CITY_LENGTH_MAX: Final = 200
_COUNTRY = re.compile(r"[A-Z]{2}")
_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")
# "FI-22100", "D-78266": letters before the digits may be the country's mark, or part of a British code.
_COUNTRY_MARK = re.compile(r"^[A-Z]{1,3}(?=[0-9]{3})")


def country_code(country: str, field: str = "country") -> str:
    """
    The ISO 3166-1 code in upper case, with ``EL`` and ``UK`` put right.

    Raises:
        InvalidInput: ``invalid_type`` or ``country_unknown`` if it has not the form of a code.

    >>> country_code("el"), country_code("UK")
    ('GR', 'GB')
    """
    if not isinstance(country, str):
        raise invalid(field, "invalid_type", expected="an ISO 3166-1 code")
    code = country.strip().upper()
    if not _COUNTRY.fullmatch(code):
        raise invalid(field, "country_unknown", example="DE")
    return COUNTRY_ALIASES.get(code, code)


def is_eu_member(country: str, on: date | None = None) -> bool:
    """
    Whether a country's VAT law is the Directive's, on a day or (without one) by today's table.

    >>> is_eu_member("GB"), is_eu_member("GB", date(2020, 12, 31))
    (False, True)
    """
    if country not in EU_MEMBERSHIP:
        return False
    return _holds(*EU_MEMBERSHIP[country], on)


def _holds(since: date | None, until: date | None, on: date | None) -> bool:
    if on is None:
        return until is None
    return (since is None or since <= on) and (until is None or on < until)


class TerritoryTable:
    """
    The default `TerritoryResolver`: rows of data, first match wins. Immutable.

    Args:
        rows: the special places; everything else is the country itself. Pass
            ``(my_row, *TERRITORY_ROWS)`` to correct the table before a release does.

    >>> TerritoryTable().resolve("FR", "98000", "Monaco").vat_country
    'FR'
    """

    def __init__(self, rows: Iterable[TerritoryRow] = TERRITORY_ROWS) -> None:
        self._by_country = _indexed(tuple(rows))

    def resolve(
        self, country: str, postal_code: str | None = None, city: str | None = None, *, on: date | None = None
    ) -> Territory:
        """See `resolve_territory`."""
        code = country_code(country)
        day = None if on is None else check_day(on, "on")
        postal = _postal_keys(postal_code)
        place = _city_key(city)
        rows = self._by_country.get(code, ())
        for row in rows:
            if _holds(row.valid_from, row.valid_until, day) and _matches(row, code, postal, place):
                return _territory_of(row, day)
        unasked = bool(rows) and not postal and not place
        return attrs.evolve(_whole_country(code, day), postal_code_missing=unasked)


def _indexed(rows: tuple[TerritoryRow, ...]) -> Mapping[str, tuple[TerritoryRow, ...]]:
    index: dict[str, tuple[TerritoryRow, ...]] = {}
    for row in rows:
        # Cities are looked for in the parent too, for rows without any postal code of it.
        for country in {row.country, *row.country_codes, *row.postal_codes, *row.shared_postal_codes}:
            index[country] = (*index.get(country, ()), row)
    return index


def _matches(row: TerritoryRow, country: str, postal_keys: tuple[str, ...], city: str) -> bool:
    if country in row.country_codes:
        return True
    if not postal_keys:
        return city in row.cities
    if _any_match(row.postal_codes.get(country), postal_keys):
        return True
    return city in row.cities and _any_match(row.shared_postal_codes.get(country), postal_keys)


def _any_match(pattern: re.Pattern[str] | None, postal_keys: tuple[str, ...]) -> bool:
    return pattern is not None and any(pattern.fullmatch(key) for key in postal_keys)


def _territory_of(row: TerritoryRow, on: date | None) -> Territory:
    return Territory(
        code=row.code,
        country=row.country,
        vat_country=row.vat_country,
        in_eu_vat_area=row.vat_country is not None and is_eu_member(row.vat_country, on),
        rate_region=row.rate_region,
        host_rule=row.host_rule,
        note=row.note,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _whole_country(country: str, on: date | None) -> Territory:
    member = is_eu_member(country, on)
    since, until = EU_MEMBERSHIP.get(country, (None, None))
    # Outside its membership a country's answer starts or ends where the membership does not.
    valid_from, valid_until = (since, until) if member else _gap(since, until, on)
    return Territory(
        code=country,
        country=country,
        vat_country=country if member or country in OTHER_VAT_COUNTRIES else None,
        in_eu_vat_area=member,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _gap(since: date | None, until: date | None, on: date | None) -> tuple[date | None, date | None]:
    if since is not None and on is not None and on < since:
        return None, since
    return until, None


def _postal_keys(postal_code: str | None) -> tuple[str, ...]:
    """The code without marks, and without the country's letters if it has some; empty if there is none."""
    key = _NOT_ALPHANUMERIC.sub("", _cleaned(postal_code, "postal_code", _POSTAL_LENGTH_MAX).upper())
    bare = _COUNTRY_MARK.sub("", key, count=1)
    if key == bare:
        return (key,) if key else ()
    return key, bare


def _city_key(city: str | None) -> str:
    decomposed = unicodedata.normalize("NFKD", _cleaned(city, "city", _CITY_LENGTH_MAX))
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_ALPHANUMERIC.sub(" ", bare.upper()).strip().lower()


def _cleaned(text: str | None, field: str, max_length: int) -> str:
    return clean_code(text, field=field, max_length=max_length).unwrap() or ""


#: The table that ships with this release.
DEFAULT_TERRITORIES: Final = TerritoryTable()


def resolve_territory(
    country: str, postal_code: str | None = None, city: str | None = None, *, on: date | None = None
) -> Territory:
    """
    Which tax territory an address is in, by the table that ships with this release.

    Args:
        country: ISO 3166-1 code as picked in the form; ``EL`` and ``UK`` are understood.
        postal_code: in any spelling; the strongest evidence, it beats the city.
        city: decides where the postal code is missing, or shared with another place.
        on: the day of the supply; without one, the rules that have no end yet.

    Raises:
        InvalidInput: a country without the form of a code, a text that is too
            long, or an argument of the wrong type.

    Source: Directive 2006/112/EC art. 5 to 7; European Commission,
    "Territorial status of EU countries and certain territories".

    >>> resolve_territory("ES", "35001", "Las Palmas").code
    'ES-CN'
    >>> resolve_territory("MC").vat_country
    'FR'
    >>> resolve_territory("GB", "BT1 5GS").in_eu_vat_area
    False
    """
    return DEFAULT_TERRITORIES.resolve(country, postal_code, city, on=on)
