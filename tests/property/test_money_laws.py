"""Laws of money, all of them inside a hostile decimal context."""

import decimal
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from billing_core.values._currency_table import CURRENCIES
from billing_core.values.currency import Currency
from billing_core.values.money import Money, UnitPrice
from billing_core.values.rounding import Rounding, divide

DECIMAL_ROUNDINGS = [name for name in dir(decimal) if name.startswith("ROUND_")]
WITH_MINOR_UNIT = sorted(code for code, (_, exponent, _, _) in CURRENCIES.items() if exponent is not None)


@contextmanager
def decimal_context(precision: int, rounding: str, *, trapping: bool) -> Iterator[None]:
    """What a host may have set: few digits, any rounding, and traps for every loss."""
    traps = [decimal.Inexact, decimal.Rounded, decimal.Subnormal, decimal.Clamped] if trapping else []
    with decimal.localcontext(Context(prec=precision, rounding=rounding, traps=traps)):
        yield


hostile = st.builds(
    decimal_context,
    st.sampled_from([1, 3]),
    st.sampled_from(DECIMAL_ROUNDINGS),
    trapping=st.booleans(),
)
currencies = st.sampled_from(WITH_MINOR_UNIT).map(Currency.of)
minors = st.integers(-300, 300) | st.integers(-(10**18), 10**18)
monies = st.builds(Money, minors, currencies)
ratios = (
    st.integers(-1000, 1000) | st.fractions(-10, 10, max_denominator=10**6) | st.decimals(-10, 10, places=6)
)
weights = st.lists(
    st.integers(0, 100) | st.fractions(0, 10, max_denominator=1000) | st.decimals(0, 10, places=4),
    min_size=1,
    max_size=8,
).filter(any)
roundings = st.sampled_from(Rounding)


def major(money: Money) -> Fraction:
    """The amount in major units, exactly."""
    return Fraction(money.amount_minor, 10**money.exponent)


@given(hostile, monies)
def test_text_decimal_and_plain_data_round_trip(context, money) -> None:
    """An amount is read back as it was written, in every notation."""
    with context:
        text, code = str(money).split()

        assert money == Money.of(text, code)
        assert money == Money.of(money.amount, money.currency)
        assert money == Money.from_dict(money.to_dict())
        assert money == eval(repr(money))
        assert major(money) == Fraction(money.amount) == Fraction(text)
        assert -money.exponent == money.amount.as_tuple().exponent


@given(hostile, currencies, st.tuples(minors, minors, minors), st.integers(-1000, 1000))
def test_arithmetic_is_that_of_integers(context, currency, amounts, times) -> None:
    """Sums, differences, multiples, signs and order."""
    a, b, c = amounts
    with context:
        x, y, z = Money(a, currency), Money(b, currency), Money(c, currency)

        assert Money(a + b, currency) == x + y == y + x
        assert (x + y) + z == x + (y + z) == Money.total([x, y, z], currency)
        assert Money(a - b, currency) == x - y == -(y - x)
        assert Money(a * times, currency) == x * times == times * x
        assert (x + y) * times == x * times + y * times
        assert Money(abs(a), currency) == abs(x)
        assert Money.zero(currency) == x - x
        assert (a < b, a <= b, a > b, a >= b, a == b) == (x < y, x <= y, x > y, x >= y, x == y)
        assert hash(x) == hash(Money(a, currency))


@given(hostile, monies, ratios, roundings)
def test_a_product_is_rounded_once(context, money, ratio, rounding) -> None:
    """From the exact value, whatever kind of number the ratio is."""
    exact = money.amount_minor * Fraction(ratio)
    with context:
        product = money.times(ratio, rounding)

    assert Money(divide(exact.numerator, exact.denominator, rounding), money.currency) == product


@given(hostile, currencies, st.decimals(-(10**6), 10**6, places=7), roundings)
def test_a_long_decimal_is_rounded_once(context, currency, amount, rounding) -> None:
    """As told, at the currency's minor unit, from a text as from a Decimal."""
    exact = Fraction(amount) * 10 ** currency.minor_exponent()
    expected = Money(divide(exact.numerator, exact.denominator, rounding), currency)
    with context:
        assert expected == Money.of(amount, currency, rounding)
        assert expected == Money.of(f"{amount:f}", currency, rounding)


@given(hostile, monies, weights)
def test_allocation_keeps_sum_quota_and_mirror(context, money, weights) -> None:
    """Exact in sum, fair in parts, the mirror image for a credit, nothing for a weight of zero."""
    whole = sum(map(Fraction, weights))
    with context:
        parts = money.allocate(weights)
        mirrored = (-money).allocate(weights)

    assert money == Money.total(parts, money.currency)
    assert mirrored == tuple(-part for part in parts)
    for part, weight in zip(parts, weights, strict=True):
        share = money.amount_minor * Fraction(weight) / whole
        assert abs(part.amount_minor - share) < 1
        assert weight or part.is_zero


@given(hostile, monies, st.integers(1, 40))
def test_an_even_split_is_even(context, money, count) -> None:
    """Parts differ by a minor unit at most, the larger ones first."""
    with context:
        parts = money.split(count)

    sizes = [abs(part.amount_minor) for part in parts]
    assert money == Money.total(parts, money.currency)
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes) - min(sizes) <= 1


@given(hostile, currencies, st.decimals(0, 100, places=9), st.integers(-(10**6), 10**6), roundings)
def test_a_unit_price_is_rounded_once_per_line(context, currency, amount, quantity, rounding) -> None:
    """The price itself is exact."""
    exact = Fraction(amount) * 10 ** currency.minor_exponent() * quantity
    with context:
        price = UnitPrice.of(amount, currency)
        line = price.times(quantity, rounding)

    assert Money(divide(exact.numerator, exact.denominator, rounding), currency) == line


@given(monies, st.integers(-1000, 1000), roundings)
def test_a_whole_unit_price_is_plain_multiplication(money, quantity, rounding) -> None:
    """No rounding shows where nothing is lost."""
    assert money * quantity == UnitPrice.from_money(money).times(quantity, rounding)


@given(hostile)
def test_the_context_is_left_as_it_was(context) -> None:
    """Neither its settings nor its flags change."""
    with context:
        before = repr(decimal.getcontext())
        Money.of(Decimal("19.999"), "EUR", Rounding.HALF_UP).times(Decimal("0.19"), Rounding.UP).allocate(
            [1, 2]
        )

        assert before == repr(decimal.getcontext())
