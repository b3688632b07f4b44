"""Currencies: one instance a code, as ISO 4217 has them."""

import copy
import pickle
from datetime import date
from typing import Any

import iso4217
import pytest

from billing_core.errors import InvalidInput
from billing_core.values._currency_table import CURRENCIES, PUBLISHED
from billing_core.values.currency import Currency
from tools import generate_currencies


def test_one_instance_a_code() -> None:
    """Looked up, copied or unpickled, a currency is the same object."""
    euro = Currency.of("EUR")

    assert euro is Currency.of("EUR")
    assert euro is Currency.of(euro)
    assert euro is copy.deepcopy(euro)
    assert euro is pickle.loads(pickle.dumps(euro))
    assert euro != Currency.of("USD")


def test_facts_of_a_currency() -> None:
    """Code, number, exponent, name."""
    dinar = Currency.of("KWD")

    assert ("KWD", 414, 3, "Kuwaiti Dinar", None) == (
        dinar.code,
        dinar.numeric,
        dinar.exponent,
        dinar.name,
        dinar.withdrawn,
    )
    assert ("KWD", "Currency.of('KWD')") == (str(dinar), repr(dinar))


def test_records_hold_the_code() -> None:
    """Written and read by it."""
    assert "EUR" == Currency.of("EUR").to_text()
    assert Currency.of("EUR") is Currency.from_text("EUR")


@pytest.mark.parametrize("code", ["eur", "EURO", "", "ZZZ", "€", "EUR ", "ＥＵＲ"])
def test_an_unknown_code_is_refused_and_not_repeated(code: str) -> None:
    """Codes are three capitals that ISO knows."""
    with pytest.raises(InvalidInput) as caught:
        Currency.of(code)

    assert [("currency", "unknown_value")] == [(issue.field, issue.code) for issue in caught.value.issues]


@pytest.mark.parametrize("code", [None, 978, b"EUR", ["EUR"]])
def test_only_a_text_is_a_code(code: Any) -> None:
    """Anything else is a type error with a name."""
    with pytest.raises(InvalidInput, match="currency: has the wrong type"):
        Currency.of(code)


def test_a_withdrawn_currency_reads_but_takes_no_new_business() -> None:
    """The kuna is refused from the first day of the month of its withdrawal."""
    kuna = Currency.of("HRK")

    assert kuna is kuna.ensure_active_on(date(2022, 12, 31))
    assert not kuna.is_active_on(date(2023, 1, 1))
    with pytest.raises(InvalidInput, match="currency: is withdrawn since 2023-01") as caught:
        kuna.ensure_active_on(date(2023, 1, 1))
    assert "withdrawn_currency" == caught.value.issues[0].code


def test_an_active_currency_is_active_for_ever() -> None:
    """No withdrawal, no end."""
    assert Currency.of("EUR").is_active_on(date.max)


def test_money_needs_a_minor_unit() -> None:
    """Gold has none."""
    assert (2, 0) == (Currency.of("EUR").minor_exponent(), Currency.of("JPY").minor_exponent())
    assert Currency.of("XAU").exponent is None
    with pytest.raises(InvalidInput, match="currency: is not supported; it has no known minor unit"):
        Currency.of("XAU").minor_exponent()


def test_the_table_agrees_with_the_iso4217_package() -> None:
    """Every active code, number, name and exponent is the package's, and no other code is active."""
    table: dict[str | None, dict[str, Any]] = iso4217.raw_table  # type: ignore[assignment]
    theirs = {
        code: (entry["CcyNbr"], int(entry["CcyMnrUnts"]) if entry["CcyMnrUnts"].isdigit() else None)
        for code, entry in table.items()
        if code is not None
    }

    assert 178 == len(theirs)
    assert theirs == {
        code: (numeric, exponent)
        for code, (numeric, exponent, withdrawn, _) in CURRENCIES.items()
        if withdrawn is None
    }
    assert iso4217.__published__.isoformat() == PUBLISHED


def test_the_table_is_what_the_generator_writes(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody edited it by hand, and ISO published nothing since."""
    assert 0 == generate_currencies.main(["--check"])
    assert "current\n" == capsys.readouterr().out


def test_the_generator_never_forgets_a_currency() -> None:
    """A code that left both lists is noticed: old invoices still name it."""
    assert ["EUR"] == generate_currencies.lost_codes(
        '        "EUR": (1),\n        "USD": (2),', '        "USD": (2),'
    )
