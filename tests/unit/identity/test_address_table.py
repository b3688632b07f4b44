"""The generated table of countries and regions, and how it is made."""

import re
from pathlib import Path

import pytest

from billing_core.identity.data.address_table import COUNTRIES, REGIONS
from tools.generate_addresses import TABLE, completed, main, render, shape_of, without_separators

NOTICE = Path(__file__).parents[3] / "NOTICE"


def test_table_is_current() -> None:
    """The table is what the installed data and the overlay make."""
    assert render() == TABLE.read_text(encoding="utf-8")
    assert 0 == main(["--check"])


def test_stale_table_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of other data is out of date until it is written."""
    table = tmp_path / "table.py"
    table.write_text("old", encoding="utf-8")
    monkeypatch.setattr("tools.generate_addresses.TABLE", table)

    assert [1, 0, 0] == [main(["--check"]), main([]), main(["--check"])]


def test_data_is_attributed() -> None:
    """The licence of the data asks for a notice of its source and of the changes."""
    notice = NOTICE.read_text(encoding="utf-8")

    for words in ("Google", "Creative Commons Attribution 4.0", "changed", "LGPL-2.1-or-later", "Apache-2.0"):
        assert words in notice


def test_there_are_countries_enough() -> None:
    """Every country with an ISO code has a row."""
    assert len(COUNTRIES) >= 245
    assert REGIONS.keys() <= COUNTRIES.keys()


@pytest.mark.parametrize("column", [0, 1])
def test_every_form_has_a_place_for_every_field(column: int) -> None:
    """A format names each field exactly once."""
    for row in COUNTRIES.values():
        if row[column]:
            assert sorted("NOADCSZX") == sorted(re.findall("%([A-Z])", row[column]))


def test_region_patterns_compile() -> None:
    """The start of each region's postal codes is a pattern of its own, without groups."""
    for lines in REGIONS.values():
        for line in lines.splitlines():
            assert 0 == re.compile(line.split("\t")[5]).groups


@pytest.mark.parametrize(
    ("pattern", "bare", "separators"),
    [
        (r"\d{3}-\d{4}", r"\d{3}()\d{4}", "-"),
        (r"(\d{5})(?:-(\d{4}))?", r"(?:\d{5})(?:()(?:\d{4}))?", "-"),
        ("[A-Z] [0-9]|X-Y", "[A-Z]()[0-9]|X()Y", " |-"),
        (r"LC\d{2}  \d{3}", r"LC\d{2}()\d{3}", "  "),
        ("(?!AB)[A-Z]", "(?!AB)[A-Z]", ""),
    ],
)
def test_separators_become_marked_places(pattern: str, bare: str, separators: str) -> None:
    """A space or hyphen outside a character class becomes an empty group; other groups lose their number."""
    assert (bare, separators) == without_separators(pattern)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("%N%n%O%n%A%n%C", "%N%n%O%n%A%n%D%n%C %Z %X%n%S"),
        ("%N%n%O%n%A%n%C %S %Z", "%N%n%O%n%A%n%D%n%C %S %Z %X"),
        ("%A%n%O%n%N", "%S %Z %X%n%C%n%D%n%A%n%O%n%N"),
    ],
)
def test_forms_are_completed(short: str, full: str) -> None:
    """Fields that a form leaves out get a place beside their neighbours, in the form's direction."""
    assert full == completed(short)


def test_shape_tells_letters_from_digits() -> None:
    """Separators are no part of a shape."""
    assert "A9A9A9" == shape_of("K1A 0B1")
