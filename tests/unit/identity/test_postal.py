"""Postal codes: the official form out of what people write."""

import re

import pytest

from billing_core.identity.data import postal_habits
from billing_core.identity.data.address_table import COUNTRIES
from billing_core.identity.postal import bare_postal_code, likely_country, postal_rule, read_postal_code

WITH_CODES = sorted(country for country in COUNTRIES if postal_rule(country))


def text_of(country: str, typed: str) -> str | None:
    """The official form, None where the code is not one of the country."""
    code = read_postal_code(country, typed)
    return None if code is None else code.text


@pytest.mark.parametrize("country", WITH_CODES)
def test_own_example_is_read_and_stays(country: str) -> None:
    """Each country's example is valid, in official form, and nobody else's."""
    rule = postal_rule(country)
    assert rule is not None
    code = read_postal_code(country, rule.example)
    assert code is not None

    assert (rule.example, bare_postal_code(rule.example), None) == (code.text, code.bare, code.other_country)


@pytest.mark.parametrize("country", WITH_CODES)
def test_pattern_matches_the_whole_code(country: str) -> None:
    """Something after a code, or before it, is never passed over (alternations are anchored too)."""
    rule = postal_rule(country)
    assert rule is not None
    bare = bare_postal_code(rule.example)

    assert rule.example == rule.written(bare)
    for longer in (f"{bare}JUNK", f"JUNK{bare}", f"{bare}\n", f"{bare}!"):
        assert rule.written(longer) is None


@pytest.mark.parametrize("country", WITH_CODES)
def test_every_separator_has_its_place(country: str) -> None:
    """A pattern has one empty group for each separator, and no other group."""
    rule = postal_rule(country)
    assert rule is not None

    assert rule.pattern.groups == len(rule.separators)


@pytest.mark.parametrize(
    ("country", "typed", "official"),
    [
        ("US", "200033228", "20003-3228"),
        ("SE", "s-11455", "114 55"),
        ("DE", "D 10115", "10115"),
        ("DE", "DE-10115", "10115"),
        ("LU", "1728L", None),
        ("LV", "1010", "LV-1010"),
        ("LV", "1010LV", "LV-1010"),
        ("HT", "6120", "HT6120"),
        ("MD", "2012MD", "MD-2012"),
        ("AI", "2640", "AI-2640"),
        ("KY", "11100", "KY1-1100"),
        ("GB", "S01 1AA", "SO1 1AA"),
        ("GB", "P01 1AA", "PO1 1AA"),
        ("GB", "SW1A IAA", "SW1A 1AA"),
        ("GB", "bfpo61", "BFPO 61"),
        ("GB", "GIR0AA", "GIR 0AA"),
        ("GB", "EC1A lBB", "EC1A 1BB"),
        ("IE", "d6w pv38", "D6W PV38"),
        ("CA", "KIA 0BI", "K1A 0B1"),
        ("CA", "KIA OBI", None),
        ("LK", "2", "00200"),
        ("LK", "11", "01100"),
        ("XK", "1000", "10000"),
        ("XK", "1000000", None),
        ("PE", "lima23", "LIMA 23"),
        ("OM", "pc133", "PC 133"),
        ("SV", "1101", "1101"),
        ("LC", "LC04 101", "LC04  101"),
        ("VE", "1010a", "1010-A"),
        ("JP", "〒150-8512", "150-8512"),
        ("JP", "150‐8512です", "150-8512"),
        ("US", "BOLSO", None),
        ("US", "ﬀ", None),
        ("GB", "ß1 1AA", None),
        ("KR", "135984", "135-984"),
        ("AE", "n/a", "n/a"),
    ],
)
def test_habit_is_understood(country: str, typed: str, official: str | None) -> None:
    """Prefixes, look-alike signs and habits of a country become its official form, or nothing is guessed."""
    assert official == text_of(country, typed)


@pytest.mark.parametrize(
    ("given", "typed", "other", "text"),
    [
        ("CH", "9490", "LI", "9490"),
        ("CY", "99010", "TR", "99010"),
        ("FI", "22100", "AX", "22100"),
        ("DK", "3900", "GL", "3900"),
        ("IT", "00120", "VA", "00120"),
        ("GE", "30318", "US", "30318"),
        ("US", "K8N 5W6", "CA", "K8N 5W6"),
        ("US", "fiqq1zz", "FK", "FIQQ 1ZZ"),
        ("GB", "ky11100", "KY", "KY1-1100"),
        ("FR", "98735", "PF", "98735"),
        ("VC", "33126", "US", "33126"),
    ],
)
def test_code_of_a_neighbour_names_it(given: str, typed: str, other: str, text: str) -> None:
    """A code of a territory next door is read in that territory's form, and the territory is named."""
    code = read_postal_code(given, typed)
    assert code is not None

    assert (other, text) == (code.other_country, code.text)


@pytest.mark.parametrize("given", sorted(postal_habits.NEIGHBOURS))
def test_neighbours_are_countries_with_codes(given: str) -> None:
    """Each named neighbour has postal codes of its own."""
    named = re.compile(postal_habits.NEIGHBOURS[given]).groupindex

    assert named.keys() <= set(WITH_CODES)


def test_own_unmistakable_code_is_not_a_neighbours() -> None:
    """Canada's military mail belongs to Canada when Canada is given."""
    code = read_postal_code("CA", "B3K 5X5")
    assert code is not None

    assert code.other_country is None


@pytest.mark.parametrize(
    ("given", "typed", "country"),
    [
        ("US", "SW1A 1AA", "GB"),
        ("US", "K1A 0B1", "CA"),
        ("DE", "1071 LN", "NL"),
        ("US", "9404", None),
        ("GB", "SW1A 1AA", None),
    ],
)
def test_distinctive_code_suggests_its_country(given: str, typed: str, country: str | None) -> None:
    """A wrong code that only one other country could have names that country."""
    assert country == likely_country(given, typed)


def test_neighbours_code_in_no_known_form_is_refused() -> None:
    """What only looks like a neighbour's code is no code."""
    assert read_postal_code("GB", "GY1 1CC") is None
