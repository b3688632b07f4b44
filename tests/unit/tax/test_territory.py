"""Addresses lead to tax territories, whatever country was picked in the form."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from billing_core.errors import InvalidInput
from billing_core.tax.territory import (
    DEFAULT_TERRITORIES,
    Territory,
    TerritoryResolver,
    TerritoryTable,
    country_code,
    is_eu_member,
    resolve_territory,
)
from billing_core.tax.territory_data import EU_MEMBERSHIP, TERRITORY_ROWS, TerritoryRow
from billing_core.tax.territory_types import HostRule

#: country, postal code, city; territory, VAT country, inside the EU VAT area, region with own rates.
PLACES = [
    ("ES", "07001", "Palma", "ES", "ES", True, None),
    ("ES", "38001", None, "ES-CN", None, False, None),
    ("IC", "35001", None, "ES-CN", None, False, None),
    ("ES", "52001", None, "ES-ML", None, False, None),
    ("FI", "22100", "Mariehamn", "FI-01", None, False, None),
    ("AX", None, None, "FI-01", None, False, None),
    ("FR", "97400", None, "FR-RE", None, False, None),
    ("RE", None, None, "FR-RE", None, False, None),
    ("FR", "97500", None, "FR-PM", None, False, None),
    ("FR", "97600", None, "FR-YT", None, False, None),
    ("GP", "97110", None, "FR-GP", None, False, None),
    ("GP", "97133", None, "FR-BL", None, False, None),
    ("FR", "97150", None, "FR-MF", None, False, None),
    ("FR", "98000", "Monaco", "MC", "FR", True, None),
    ("MC", None, None, "MC", "FR", True, None),
    ("FR", "20000", None, "FR", "FR", True, "FR-20R"),
    ("DE", "78266", "Büsingen", "DE-BUS", None, False, None),
    ("DE", "D-27498", None, "DE-HEL", None, False, None),
    ("IT", "23041", None, "IT-LIV", None, False, None),
    ("IT", "23030", "Livigno", "IT-LIV", None, False, None),
    ("IT", "23030", "Sondalo", "IT", "IT", True, None),
    ("IT", "22061", None, "IT-CAM", None, False, None),
    ("IT", "22060", "Campione d'Italia", "IT-CAM", None, False, None),
    ("IT", "47890", None, "SM", None, False, None),
    ("IT", "00120", None, "VA", None, False, None),
    ("EL", "630 86", None, "GR-69", None, False, None),
    ("AT", "6993", None, "AT", "AT", True, "AT-MIT"),
    ("PT", "9000-001", None, "PT", "PT", True, "PT-30"),
    ("PT", "9500-321", None, "PT", "PT", True, "PT-20"),
    ("PT", "1000-001", None, "PT", "PT", True, None),
    ("CY", "99010", None, "CY-N", None, False, None),
    ("GB", "SW1A 1AA", None, "GB", "GB", False, None),
    ("GB", "BT1 5GS", "Belfast", "GB-NIR", "GB", False, None),
    ("GB", "BT48 6DQ", None, "GB-NIR", "GB", False, None),
    ("XI", None, None, "GB-NIR", "GB", False, None),
    ("UK", "im1 1aa", None, "IM", "GB", False, None),
    ("IM", None, None, "IM", "GB", False, None),
    ("GB", "GY1 1AA", None, "GG", None, False, None),
    ("CH", "9490", "Vaduz", "LI", "CH", False, None),
    ("LI", None, None, "LI", "CH", False, None),
    ("NO", "0150", "Oslo", "NO", "NO", False, None),
    ("NO", "9170", None, "SJ", None, False, None),
    ("DK", "100", None, "FO", None, False, None),
    ("DK", "DK-3900", None, "GL", None, False, None),
    ("NL", None, None, "NL", "NL", True, None),
    ("CW", None, None, "CW", None, False, None),
    ("US", "94043", None, "US", None, False, None),
    ("FI", "２２１００", None, "FI-01", None, False, None),
]


@pytest.mark.parametrize("row", PLACES, ids=lambda row: "-".join(str(part) for part in row[:2]))
def test_place(row: tuple[str, str | None, str | None, str, str | None, bool, str | None]) -> None:
    """Each special place is found under the parent country as well as under its own code."""
    country, postal, city, *expected = row
    territory = resolve_territory(country, postal, city)

    found = [territory.code, territory.vat_country, territory.in_eu_vat_area, territory.rate_region]
    assert expected == found


@pytest.mark.parametrize(
    ("country", "city", "code"),
    [("ES", "Ceuta", "ES-CE"), ("DE", "Büsingen am Hochrhein", "DE-BUS"), ("DE", "BUESINGEN", "DE-BUS")],
)
def test_city_decides_without_a_postal_code(country: str, city: str, code: str) -> None:
    """A city's name is evidence only while there is no postal code."""
    assert code == resolve_territory(country, None, city).code
    assert code == resolve_territory(country, "  ", city).code


def test_postal_code_beats_city() -> None:
    """Who lives in Madrid and types Ceuta is taxed in Madrid."""
    assert resolve_territory("ES", "28001", "Ceuta").code == "ES"


def test_missing_postal_code_is_told_where_it_matters() -> None:
    """Spain alone may be the Canary Islands; Poland alone is Poland."""
    assert resolve_territory("ES").postal_code_missing
    assert not resolve_territory("ES", "28001").postal_code_missing
    assert not resolve_territory("PL").postal_code_missing
    assert not resolve_territory("MC").postal_code_missing


def test_keys_of_a_territory() -> None:
    """What is compared, who taxes, and what a rate is looked up by."""
    madeira = resolve_territory("PT", "9000")
    canary = resolve_territory("ES", "35001")
    andorra = resolve_territory("AD")

    assert ("PT", "PT", "PT-30") == (madeira.place, madeira.tax_country, madeira.jurisdiction)
    assert ("ES-CN", None, "ES-CN") == (canary.place, canary.tax_country, canary.jurisdiction)
    assert ("AD", "AD", "AD") == (andorra.place, andorra.tax_country, andorra.jurisdiction)


def test_membership_is_dated() -> None:
    """A credit note for 2020 is written by the rules of 2020."""
    before, after = date(2020, 12, 31), date(2021, 1, 1)
    assert resolve_territory("GB", "SW1A 1AA", on=before).in_eu_vat_area
    assert not resolve_territory("GB", "SW1A 1AA", on=after).in_eu_vat_area
    assert resolve_territory("IM", on=before).in_eu_vat_area
    assert not is_eu_member("HR", date(2013, 6, 30))
    assert is_eu_member("HR", date(2013, 7, 1))
    assert not is_eu_member("US", before)


def test_answers_say_for_which_days_they_hold() -> None:
    """The span of an answer is the span of the membership it rests on, or the gap around it."""
    spans = {
        (country, on): resolve_territory(country, on=on)
        for country, on in [("GB", date(2020, 1, 1)), ("GB", None), ("HR", date(2000, 1, 1)), ("HR", None)]
    }
    assert [
        (None, date(2021, 1, 1)),
        (date(2021, 1, 1), None),
        (None, date(2013, 7, 1)),
        (date(2013, 7, 1), None),
    ] == [(territory.valid_from, territory.valid_until) for territory in spans.values()]


def test_twenty_seven_members() -> None:
    """The table knows today's members, and the one that left."""
    assert sum(is_eu_member(country) for country in EU_MEMBERSHIP) == 27
    assert len(EU_MEMBERSHIP) == 28


def test_codes_of_the_table_are_unique_or_rate_regions() -> None:
    """Two rows share a code only where both are the country itself, with rates of their own."""
    keys = [(row.code, row.rate_region) for row in TERRITORY_ROWS]
    assert len(keys) == len(set(keys))


def test_a_host_corrects_the_table() -> None:
    """A row in front overrules, from its day on."""
    row = TerritoryRow(
        code="ES-XX",
        country="ES",
        postal_codes={"ES": r"28\d{3}"},
        host_rule=HostRule.EVERYBODY,
        valid_from=date(2030, 1, 1),
        valid_until=date(2031, 1, 1),
    )
    table = TerritoryTable((row, *TERRITORY_ROWS))

    days = [date(2029, 12, 31), date(2030, 1, 1), date(2030, 12, 31), date(2031, 1, 1)]
    assert ["ES", "ES-XX", "ES-XX", "ES"] == [table.resolve("ES", "28001", on=day).code for day in days]
    assert table.resolve("ES", "28001").code == "ES"
    assert isinstance(table, TerritoryResolver)


def test_whole_country_is_its_own_territory() -> None:
    """A country without special places needs no row."""
    expected = Territory(code="JP", country="JP", vat_country=None, in_eu_vat_area=False)
    assert expected == DEFAULT_TERRITORIES.resolve("jp", "100-0001", "Tokyo")


@pytest.mark.parametrize(
    ("country", "code"),
    [(None, "invalid_type"), (7, "invalid_type"), ("DEU", "country_unknown"), ("", "country_unknown")],
)
def test_country_needs_the_form_of_a_code(country: object, code: str) -> None:
    """A name or a number is no country code."""
    with pytest.raises(InvalidInput) as caught:
        country_code(country)  # type: ignore[arg-type]
    assert code == caught.value.issues[0].code


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        ({"postal_code": 28001}, "postal_code", "invalid_type"),
        ({"postal_code": "9" * 500}, "postal_code", "too_long"),
        ({"city": b"Ceuta"}, "city", "invalid_type"),
        ({"on": datetime(2026, 1, 1, tzinfo=UTC)}, "on", "invalid_type"),
        ({"on": "2026-01-01"}, "on", "invalid_type"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, object], field: str, code: str) -> None:
    """Field and code are given, the value is not."""
    with pytest.raises(InvalidInput) as caught:
        resolve_territory("ES", **arguments)  # type: ignore[arg-type]
    assert (field, code) == (caught.value.issues[0].field, caught.value.issues[0].code)
