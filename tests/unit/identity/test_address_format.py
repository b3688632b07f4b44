"""Addresses in lines."""

import pytest

from billing_core.identity.address import Address
from billing_core.identity.address_format import AddressStyle, format_address
from billing_core.identity.data.address_table import COUNTRIES

FIELDS = {
    "name": "Ada",
    "company": "Engines",
    "line1": "1 Main St",
    "line2": "Flat 2",
    "dependent_locality": "Hamlet",
    "city": "Town",
    "region": "Shire",
    "postal_code": "12345",
    "sorting_code": "CEDEX",
}


@pytest.mark.parametrize("style", list(AddressStyle))
def test_every_field_is_printed_once(style: AddressStyle) -> None:
    """No country's form swallows or repeats a field."""
    for country in COUNTRIES:
        text = "\n".join(format_address(Address(country=country, **FIELDS), style))

        assert dict.fromkeys(FIELDS.values(), 1) == {part: text.count(part) for part in FIELDS.values()}


@pytest.mark.parametrize("left_out", sorted(FIELDS))
@pytest.mark.parametrize("style", list(AddressStyle))
def test_no_separator_is_left_over(left_out: str, style: AddressStyle) -> None:
    """A separator stands between two fields, never beside an empty one, and no line is empty."""
    fields = {field: text for field, text in FIELDS.items() if field != left_out}

    for country in COUNTRIES:
        for line in format_address(Address(country=country, **fields), style, origin_country="US"):
            assert line.strip(" ,-/") == line
            assert "  " not in line


def test_country_alone_is_one_line() -> None:
    """An address with nothing but its country can be printed; Singapore is a city as well."""
    counts = {country: len(format_address(Address(country=country))) for country in COUNTRIES}

    assert dict.fromkeys(COUNTRIES, 1) | {"SG": 2} == counts


@pytest.mark.parametrize(
    ("country", "fields", "style", "origin", "lines"),
    [
        ("CH", {"city": "Zürich", "postal_code": "8001"}, "local", None, ("8001 Zürich", "Switzerland")),
        ("CH", {"city": "Zürich", "postal_code": "8001"}, "local", "US", ("CH-8001 Zürich", "Switzerland")),
        ("CH", {"city": "Zürich", "postal_code": "8001"}, "local", "ch", ("8001 Zürich",)),
        ("CH", {"city": "Zürich"}, "local", "US", ("Zürich", "Switzerland")),
        ("US", {"region": "CA", "postal_code": "94043"}, "local", "US", ("CA 94043",)),
        ("US", {"city": "Ames", "postal_code": "50010"}, "local", "US", ("Ames 50010",)),
        (
            "JP",
            {"city": "渋谷区", "region": "東京都", "line1": "桜丘町26-1"},
            "local",
            "JP",
            ("東京都渋谷区", "桜丘町26-1"),
        ),
        ("JP", {"city": "Shibuya", "region": "東京都"}, "latin", "JP", ("Shibuya, Tokyo",)),
        ("JP", {"city": "Shibuya", "region": "Tokyo"}, "latin", "JP", ("Shibuya, Tokyo",)),
        ("JP", {"city": "Shibuya", "region": "JP-13"}, "latin", "JP", ("Shibuya, Tokyo",)),
        ("JP", {"region": "13"}, "local", "JP", ("東京都",)),
        ("CN", {"region": "北京市", "city": "Haidian"}, "local", "CN", ("北京市 Haidian",)),
        ("MY", {"region": "SGR"}, "latin", "MY", ("Selangor",)),
        ("DE", {"region": "Bayern"}, "latin", "DE", ("Bayern",)),
        ("SG", {"postal_code": "068896"}, "local", "SG", ("SINGAPORE 068896",)),
        ("SG", {"city": "Singapore", "postal_code": "068896"}, "local", "SG", ("Singapore 068896",)),
        ("GN", {"line1": "1 Rue", "line2": "2e", "postal_code": "001"}, "local", "GN", ("001 1 Rue, 2e",)),
        ("GB", {"region": "SCT", "city": "Perth"}, "local", "GB", ("Perth", "Scotland")),
        ("QZ", {"city": "Nowhere"}, "local", None, ("Nowhere", "QZ")),
        ("US", {"city": "Ames"}, "local", "nowhere", ("Ames", "United States")),
    ],
)
def test_lines(
    country: str, fields: dict[str, str], style: str, origin: str | None, lines: tuple[str, ...]
) -> None:
    """Order, separators, prefixes, scripts and the country line are those that the country uses."""
    address = Address(country=country, **fields)

    assert lines == format_address(address, AddressStyle(style), origin)
