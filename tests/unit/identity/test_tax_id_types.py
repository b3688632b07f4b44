"""The table of types, and the rules behind it."""

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from billing_core.identity import tax_id_rules
from billing_core.identity.tax_id import check_tax_id
from billing_core.identity.tax_id_rules import TaxIdLevel, Verdict, by_stdnum
from billing_core.identity.tax_id_types import COUNTRIES, PREFIXES, ROWS, TYPES, TaxIdType

#: Types of this library's own, which Stripe's table does not have.
OWN = {"xi_vat", "il_hp", "li_peid", "ua_edrpou", "gt_nit", "gh_tin", "dz_nif", "tn_mf"}

rows = pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: f"{row.name}-{row.country}")


def test_the_table_knows_stripes_types() -> None:
    """All of them, of which more than seventy by python-stdnum or a rule with a check digit or a form."""
    names = {row.name for row in ROWS.values()}
    assert 131 == len(names - OWN)
    assert set() == OWN - names
    assert 70 <= len({row.name for row in ROWS.values() if row.module})
    assert 27 == len([row for row in ROWS.values() if row.name == "eu_vat"])


@rows
def test_every_example_is_right_and_canonical(row: TaxIdType) -> None:
    """With type and country, and with the type alone where that says enough."""
    tax_id = check_tax_id(row.example, row.country, row.name).unwrap()
    assert (row.name, row.country, row.example) == (tax_id.type, tax_id.country, tax_id.value)
    assert tax_id == check_tax_id(row.example, type=row.name).unwrap()


@rows
def test_the_level_is_what_the_rule_can_do(row: TaxIdType) -> None:
    """A checked type finds a single wrong digit; a type by its form does not."""
    found = set()
    for position, char in enumerate(row.example):
        if char.isdigit():
            wrong = f"{row.example[:position]}{(int(char) + 1) % 10}{row.example[position + 1 :]}"
            found |= {issue.code for issue in check_tax_id(wrong, row.country, row.name).issues}
    # stdnum.th.tin tries two kinds of number, and does not say why either refused.
    wrong_digit = "invalid_format" if row.name == "th_vat" else "invalid_checksum"
    assert (wrong_digit in found) is (row.level is TaxIdLevel.CHECKSUM)


@rows
def test_an_example_is_found_by_its_country(row: TaxIdType) -> None:
    """Unless another type of the country has the same form and comes first."""
    checked = check_tax_id(row.example, row.country)
    if row.is_primary:
        assert checked.ok


def test_an_unchecked_form_never_takes_what_a_check_refused() -> None:
    """A country with a checked type has no opaque one that is tried as well."""
    for tried in COUNTRIES.values():
        primary = [row for row in tried if row.is_primary]
        assert len({row.is_opaque for row in primary}) == 1 or all(row.is_opaque for row in primary)


def test_indexes_agree_with_the_table() -> None:
    """Every row by its name and its prefix; aliases lead to rows."""
    for row in ROWS.values():
        assert row in TYPES[row.name]
        assert not row.prefix or row in PREFIXES[row.prefix]
        assert not row.is_primary or row in COUNTRIES[row.country]
    assert COUNTRIES["GR"] is COUNTRIES["EL"]
    assert COUNTRIES["FR"] is COUNTRIES["MC"]
    assert {"eu_vat", "xi_vat"} == {row.name for row in TYPES["eu_vat"]}


@pytest.mark.parametrize(
    "error", [KeyError("county"), ValueError("4300 digits"), IndexError(), RecursionError()]
)
def test_whatever_a_module_raises_is_a_wrong_format(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """python-stdnum has raised each of the first two on odd input."""
    module: Any = ModuleType("stdnum.xx.odd")

    def validate(number: str) -> str:
        raise error

    module.validate = validate
    monkeypatch.setattr(tax_id_rules, "stdnum_module", lambda name: module)
    assert Verdict("", "invalid_format") == by_stdnum("xx.odd")("123")


def test_a_module_of_a_newer_release_is_not_supported_yet() -> None:
    """An older python-stdnum lacks some; that is not the customer's mistake."""
    assert Verdict("", "not_supported") == by_stdnum("xx.unknown")("123")


@pytest.mark.parametrize(
    "number",
    [
        "1100006083",
        "1100018164",
        "1100011333",
        "1100002920",
        "1100006999",
        "1100000300",
        "1100426627",
    ],
)
def test_oman_by_published_numbers(number: str) -> None:
    """Each fits the rule, and with another last digit none does."""
    assert tax_id_rules.omani_vat(number).code is None
    others = [f"{number[:-1]}{digit}" for digit in range(10) if str(digit) != number[-1]]
    assert {"invalid_checksum"} == {tax_id_rules.omani_vat(other).code for other in others}


def test_the_libraries_underneath_are_loaded_on_first_use() -> None:
    """They cost tens of milliseconds and megabytes, which most processes never need."""
    code = (
        "import sys; import billing_core.identity.phone, billing_core.identity.tax_id;"
        "print(sorted({'phonenumbers', 'stdnum', 'ssl', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
