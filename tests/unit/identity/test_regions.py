"""Which region a text means, and which postal codes it has."""

import pytest

from billing_core.identity.data.address_table import REGIONS
from billing_core.identity.regions import accepts_postal_code, find_region, has_regions, writes_region_codes


@pytest.mark.parametrize(
    ("country", "text", "key"),
    [
        ("US", "CA", "CA"),
        ("US", "california", "CA"),
        ("US", "US-CA", "CA"),
        ("CA", "QUEBEC", "QC"),
        ("CA", "Québec", "QC"),
        ("CA", "Nouveau-Brunswick", "NB"),
        ("JP", "JP-13", "東京都"),
        ("JP", "13", "東京都"),
        ("JP", "tokyo", "東京都"),
        ("JP", "東京", "東京都"),
        ("KR", "서울", "서울특별시"),
        ("KR", "전라북도", "전북특별자치도"),
        ("KR", "Gangwon", "강원특별자치도"),
        ("ID", "South Papua", "Papua Selatan"),
        ("MX", "TAB", "Tab."),
        ("MX", "Tabasco", "Tab."),
        ("MY", "SGR", "Selangor"),
        ("CN", "BJ", "北京市"),
        ("CN", "Beijing", "北京市"),
        ("IE", "DL", "Co. Donegal"),
        ("IE", "County Dublin", "Co. Dublin"),
        ("IE", "Dublin", "Co. Dublin"),
        ("GB", "scotland", "Scotland"),
        ("GB", "GB-SCT", "Scotland"),
        ("IT", "milano", "MI"),
        ("BR", "Sao Paulo", "SP"),
    ],
)
def test_region_is_found(country: str, text: str, key: str) -> None:
    """Keys, names of all languages, Latin names and ISO codes mean a region, in any case and accents."""
    region = find_region(country, text)
    assert region is not None

    assert key == region.key


@pytest.mark.parametrize(
    ("country", "text"),
    [("US", "Calif"), ("US", ""), ("DE", "Bayern"), ("QZ", "CA"), ("TW", "新竹"), ("US", "...")],
)
def test_no_region(country: str, text: str) -> None:
    """What names no region, or two, is None; so is all of a country without a list."""
    assert find_region(country, text) is None


def test_only_some_countries_write_codes() -> None:
    """A region becomes its code only where addresses are written so."""
    assert ["AU", "BR", "CA", "IT", "SO", "US"] == [
        country for country in REGIONS if writes_region_codes(country)
    ]


def test_open_lists_are_no_ground_for_a_finding() -> None:
    """British addresses name counties, of which no list is held."""
    assert not has_regions("GB")
    assert has_regions("IE")


@pytest.mark.parametrize(
    ("country", "region", "bare", "accepted"),
    [
        ("US", "TN", "42223", True),
        ("US", "KY", "42223", True),
        ("US", "NH", "02128", False),
        ("IE", "CN", "H16A440", True),
        ("IE", "MN", "H16A440", True),
        ("IE", "KY", "H91AB12", False),
        ("GB", "SCT", "SW1A1AA", False),
        ("GB", "WLS", "SY231AA", True),
        ("GB", "ENG", "SY231AA", True),
        ("SV", "SS", "1101", True),
        ("SV", "SS", "CP1101", True),
        ("SV", "SS", "2101", False),
        ("HK", "Kowloon", "999077", True),
    ],
)
def test_postal_code_lies_in_region(country: str, region: str, bare: str, *, accepted: bool) -> None:
    """A code far from a region is told; one on a border, and any where codes are unknown, is not."""
    found = find_region(country, region)
    assert found is not None

    assert accepted == accepts_postal_code(found, bare)


@pytest.mark.parametrize("country", sorted(REGIONS))
def test_every_region_is_found_by_what_it_is_called(country: str) -> None:
    """Key, name, Latin name and ISO code of every row lead back to it."""
    for line in REGIONS[country].splitlines():
        key, iso_code, name, latin_name, *_ = line.split("\t")
        spellings = {key, name, latin_name, iso_code, iso_code and f"{country}-{iso_code}"} - {""}
        found = {spelling: find_region(country, spelling) for spelling in spellings}

        assert dict.fromkeys(spellings, key) == {text: row.key for text, row in found.items() if row}


@pytest.mark.parametrize(
    ("country", "typed", "key"),
    [
        ("AR", "CABA", "Ciudad Autónoma de Buenos Aires"),
        ("CO", "Bogotá, D.C.", "Bogotá"),
        ("EG", "Cairo", "القاهرة"),
        ("MY", "Wilayah Persekutuan Kuala Lumpur", "Kuala Lumpur"),
        ("NG", "FCT", "Federal Capital Territory"),
        ("PE", "Lima", "Municipalidad Metropolitana de Lima"),
        ("VE", "Distrito Capital", "Distrito Federal"),
        ("VN", "Hồ Chí Minh", "Thành phố Hồ Chí Minh"),
    ],
)
def test_capitals_are_found_by_what_people_call_them(country: str, typed: str, key: str) -> None:
    """The data has only what officials call them."""
    found = find_region(country, typed)

    assert found is not None
    assert key == found.key
