"""Which country a text means."""

from importlib import resources

import pytest

from billing_core.identity.countries import country_codes, country_name, find_country
from billing_core.identity.data.address_table import COUNTRIES
from billing_core.identity.folding import folded


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("us", "US"),
        ("USA", "US"),
        ("United States of America", "US"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("XI", "GB"),
        ("England", "GB"),
        ("EL", "GR"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("Czech Republic", "CZ"),
        ("turkey", "TR"),
        ("Türkiye", "TR"),
        ("Cote d'Ivoire", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("St. Kitts & Nevis", "KN"),
        ("trinidad and tobago", "TT"),
        ("South Korea", "KR"),
        ("North Korea", "KP"),
        ("Curacao", "CW"),
        ("XK", "XK"),
        ("AND", "AD"),
    ],
)
def test_code_or_name_is_understood(text: str, code: str) -> None:
    """ISO codes, English names, former names and aliases mean their country, in any case and accents."""
    assert code == find_country(text)


@pytest.mark.parametrize(
    "text", ["ALL", "ZZ", "XX", "QZ", "AN", "EU", "", " ", "-", "X", "Atlantis", "\u202e"]
)
def test_text_that_means_no_country(text: str) -> None:
    """What is no country is None, groups and withdrawn codes included."""
    assert find_country(text) is None


def test_every_country_is_found_by_its_own_name_and_codes() -> None:
    """A name that is shown can be typed back."""
    assert country_codes() == {find_country(country_name(code)) for code in country_codes()}
    assert all(find_country(code.lower()) == code for code in country_codes())


def test_list_is_iso_3166_and_three_islands() -> None:
    """The codes are those of the time zone database's ISO list, and AC, TA and XK."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab")
    lines = table.read_text(encoding="utf-8").splitlines()
    iso = {line[:2] for line in lines if line and not line.startswith("#")}

    assert iso | {"AC", "TA", "XK"} == country_codes()


def test_every_country_has_an_address_form() -> None:
    """Names and address rows are about the same countries."""
    assert country_codes() == COUNTRIES.keys()


def test_unknown_code_has_no_name_but_itself() -> None:
    """A stored code of a later release can still be shown."""
    assert "QZ" == country_name("QZ")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Łódź", "lodz"),
        ("Æbeltoft", "aebeltoft"),
        ("Straße", "strasse"),
        ("서울", "서울"),
        ("İzmir", "izmir"),
        ("...", ""),
    ],
)
def test_folding_keeps_letters_and_digits(name: str, key: str) -> None:
    """Accents, strokes, ligatures, case and punctuation do not tell names apart."""
    assert key == folded(name)
