"""Unit prices: exact below the cent, rounded once, when they meet a quantity."""

from decimal import Decimal
from typing import Any

import pytest

from billing_core.errors import InvalidInput
from billing_core.values.currency import Currency
from billing_core.values.money import Money, UnitPrice
from billing_core.values.rounding import Rounding

USD = Currency.of("USD")


def test_a_price_below_the_cent_is_exact() -> None:
    """0.000123 dollars are 123/10000 of a cent."""
    assert (
        UnitPrice(123, 10_000, USD)
        == UnitPrice.of("0.000123", "USD")
        == UnitPrice.of(Decimal("0.000123"), USD)
    )


def test_kept_in_lowest_terms() -> None:
    """Equal prices are equal, however they were written."""
    assert UnitPrice(1, 2, USD) == UnitPrice(500, 1000, USD)
    assert hash(UnitPrice(1, 2, USD)) == hash(UnitPrice(500, 1000, USD))
    assert (0, 1) == (UnitPrice(0, 7, USD).numerator, UnitPrice(0, 7, USD).denominator)


def test_rounded_once_per_line() -> None:
    """Three times half a cent is two cents by HALF_UP, not three."""
    half = UnitPrice.of("0.005", "USD")

    assert Money.of("0.02", "USD") == half.times(3, Rounding.HALF_UP)
    assert Money.of("0.01", "USD") == half.times(3, Rounding.DOWN)
    assert Money.of("-0.02", "USD") == half.times(-3, Rounding.HALF_UP)
    assert Money.zero("USD") == half.times(0, Rounding.UP)


def test_a_price_of_whole_cents() -> None:
    """From an amount, exactly."""
    assert Money.of("59.97", "USD") == UnitPrice.from_money(Money.of("19.99", "USD")).times(
        3, Rounding.HALF_UP
    )


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        ((1.0, 1, USD), "numerator", "invalid_type"),
        ((True, 1, USD), "numerator", "invalid_type"),
        ((1, 1.0, USD), "denominator", "invalid_type"),
        ((1, 0, USD), "denominator", "zero"),
        ((1, -1, USD), "denominator", "negative"),
        ((1, 1, "USD"), "currency", "invalid_type"),
        ((1, 1, Currency.of("XAU")), "currency", "not_supported"),
    ],
)
def test_wrong_parts_are_refused(arguments: tuple[Any, ...], field: str, code: str) -> None:
    """By name and code."""
    with pytest.raises(InvalidInput) as caught:
        UnitPrice(*arguments)

    assert [(field, code)] == [(issue.field, issue.code) for issue in caught.value.issues]


@pytest.mark.parametrize("quantity", [1.5, True, "3", Decimal(3)])
def test_a_quantity_is_an_int(quantity: Any) -> None:
    """A part of a unit is no quantity."""
    with pytest.raises(InvalidInput, match="quantity: has the wrong type"):
        UnitPrice.of("1", "USD").times(quantity, Rounding.HALF_UP)
