"""Money: exact, immutable, and never of two currencies at once."""

import copy
import pickle
from decimal import Decimal
from fractions import Fraction
from time import perf_counter
from typing import Any

import attrs
import pytest

from billing_core.errors import CurrencyMismatch, InvalidInput
from billing_core.values.currency import Currency
from billing_core.values.money import Money
from billing_core.values.rounding import Rounding

EUR = Currency.of("EUR")


def euros(amount: str) -> Money:
    """An amount of euros."""
    return Money.of(amount, "EUR")


def test_built_from_minor_units() -> None:
    """By position or by name."""
    assert Money(1999, EUR) == Money(amount_minor=1999, currency=EUR)
    assert (1999, EUR) == (Money(1999, EUR).amount_minor, Money(1999, EUR).currency)


@pytest.mark.parametrize("amount_minor", [19.99, True, "1999", Decimal(1999), None])
def test_minor_units_are_an_int(amount_minor: Any) -> None:
    """Nothing but an int is a whole number of cents."""
    with pytest.raises(InvalidInput, match="amount_minor: has the wrong type"):
        Money(amount_minor, EUR)


def test_the_currency_is_a_currency_with_a_minor_unit() -> None:
    """A code goes through Money.of; gold has no cents."""
    with pytest.raises(InvalidInput, match="currency: has the wrong type"):
        Money(1, "EUR")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="no known minor unit"):
        Money(1, Currency.of("XAU"))
    with pytest.raises(InvalidInput, match="no known minor unit"):
        Money.of(1, "XAU")


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("19.99", "USD", 1999),
        ("-19.9", "USD", -1990),
        ("+19", "USD", 1900),
        (19, "USD", 1900),
        (Decimal("19.99"), EUR, 1999),
        ("1.234", "KWD", 1234),
        ("1234", "JPY", 1234),
        ("1.2345", "CLF", 12345),
        ("-0.00", "EUR", 0),
        ("19.990000", "EUR", 1999),
        ("12.0", "JPY", 12),
        (Decimal("1E+3"), "EUR", 100_000),
        ("9" * 60 + ".99", "EUR", int("9" * 62)),
    ],
)
def test_major_units_become_minor_units_exactly(amount: Any, currency: Any, expected: int) -> None:
    """Texts, ints and Decimals; zeros after the last digit lose nothing."""
    assert expected == Money.of(amount, currency).amount_minor


@pytest.mark.parametrize(
    ("amount", "currency"), [("19.999", "USD"), ("0.5", "JPY"), (Decimal("1.0001"), "KWD")]
)
def test_more_digits_than_the_currency_has_need_a_rounding(amount: Any, currency: str) -> None:
    """Without one they are refused."""
    with pytest.raises(
        InvalidInput, match=f"amount: has more digits after the point than {currency} has"
    ) as caught:
        Money.of(amount, currency)

    assert "too_precise" == caught.value.issues[0].code


def test_more_digits_are_rounded_as_told() -> None:
    """With a rounding they are rounded once."""
    assert (13, 12) == (
        Money.of("0.125", "EUR", Rounding.HALF_UP).amount_minor,
        Money.of("0.125", "EUR", rounding=Rounding.HALF_EVEN).amount_minor,
    )


@pytest.mark.parametrize(
    "amount", [19.99, True, None, Fraction(1, 2), Decimal("NaN"), float("inf"), "1e3", ""]
)
def test_what_is_no_exact_decimal_is_refused(amount: Any) -> None:
    """Floats above all."""
    with pytest.raises(InvalidInput, match=r"^amount: "):
        Money.of(amount, "EUR")


@pytest.mark.parametrize(
    "amount", ["9" * 1_000_000, "1e999999999", Decimal("1e999999999"), Decimal("1e-999999999")]
)
@pytest.mark.parametrize("rounding", [None, Rounding.HALF_UP])
def test_hostile_amounts_are_refused_at_once(amount: Any, rounding: Rounding | None) -> None:
    """Quickly, and without repeating them."""
    start = perf_counter()
    with pytest.raises(InvalidInput, match=r"^amount: ") as caught:
        Money.of(amount, "EUR", rounding)

    assert perf_counter() - start < 0.5
    assert len(str(caught.value)) < 200


def test_sums_differences_and_multiples() -> None:
    """Whole-number arithmetic."""
    assert euros("3.00") == euros("1.25") + euros("1.75")
    assert euros("-0.50") == euros("1.25") - euros("1.75")
    assert euros("3.75") == euros("1.25") * 3 == 3 * euros("1.25")
    assert euros("-1.25") == -euros("1.25")
    assert euros("1.25") == abs(euros("-1.25")) == abs(euros("1.25"))


def test_two_currencies_do_not_mix() -> None:
    """Arithmetic and order refuse; equality is just false."""
    ten, dollars = euros("10"), Money.of(10, "USD")

    for mix in (
        lambda: ten + dollars,
        lambda: ten - dollars,
        lambda: ten < dollars,
        lambda: ten <= dollars,
        lambda: ten > dollars,
        lambda: ten >= dollars,
        lambda: Money.total([ten, dollars], "EUR"),
        lambda: Money.total([ten], "USD"),
    ):
        with pytest.raises(CurrencyMismatch):
            mix()
    assert ten != dollars
    with pytest.raises(CurrencyMismatch, match="expected an amount in EUR, got one in USD"):
        ten + dollars


@pytest.mark.parametrize("other", [1, 1.0, "1.00 EUR", None, Decimal(1)])
def test_money_meets_only_money(other: Any) -> None:
    """No number is taken for an amount, zero included."""
    one = euros("1")

    assert one != other
    for mix in (
        lambda: one + other,
        lambda: other + one,
        lambda: one - other,
        lambda: one < other,
        lambda: one <= other,
        lambda: one > other,
        lambda: one >= other,
    ):
        with pytest.raises(TypeError):
            mix()


@pytest.mark.parametrize("times", [1.5, True, Decimal("1.5"), Fraction(1, 2), "2"])
def test_the_operator_multiplies_by_an_int_only(times: Any) -> None:
    """Whatever may lose a fraction goes through Money.times, with a rounding."""
    with pytest.raises(TypeError):
        euros("1") * times


def test_ordered_within_its_currency() -> None:
    """By amount."""
    assert euros("1") < euros("2") <= euros("2") > euros("1.99") >= euros("-3")
    assert not euros("2") < euros("2")
    assert [euros("-1"), euros("0"), euros("3")] == sorted([euros("3"), euros("-1"), euros("0")])


def test_zero_positive_negative() -> None:
    """Zero is falsy, as everywhere in Python."""
    signs = [
        (money.is_negative, money.is_zero, money.is_positive, bool(money))
        for money in (euros("-1"), Money.zero("EUR"), euros("1"))
    ]

    assert [(True, False, False, True), (False, True, False, False), (False, False, True, True)] == signs


def test_the_total_of_nothing_is_nothing() -> None:
    """The currency has to be said, so an empty list has a total."""
    assert Money.zero("EUR") == Money.total([], "EUR")
    assert euros("6") == Money.total(iter([euros("1"), euros("2"), euros("3")]), EUR)


def test_times_rounds_the_exact_product_once() -> None:
    """A tax rate, a part of a month, a whole number."""
    assert euros("3.80") == euros("19.99").times(Decimal("0.19"), Rounding.HALF_UP)
    assert euros("5.48") == euros("10.00").times(Fraction(17, 31), Rounding.HALF_UP)
    assert euros("-5.49") == euros("-10.00").times(Fraction(17, 31), Rounding.UP)
    assert euros("30.00") == euros("10.00").times(3, Rounding.DOWN)
    with pytest.raises(InvalidInput, match="ratio: has the wrong type"):
        euros("10").times(0.5, Rounding.HALF_UP)  # type: ignore[arg-type]


def test_allocation_loses_nothing() -> None:
    """By ints, Decimals and Fractions, in any iterable."""
    assert (euros("0.34"), euros("0.33"), euros("0.33")) == euros("1").allocate([1, 1, 1])
    assert (euros("0.67"), euros("0.33")) == euros("1").allocate(iter([Fraction(2, 3), Fraction(1, 3)]))
    assert (euros("0.00"), euros("0.25"), euros("0.75")) == euros("1").allocate(
        [0, Decimal("0.25"), Decimal("0.75")]
    )


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ([], "required"),
        ([0, 0], "zero"),
        ([1, -1], "negative"),
        ([Decimal("-0.5"), 1], "negative"),
        ([0.5, 0.5], "invalid_type"),
        ([True, 1], "invalid_type"),
        (["1"], "invalid_type"),
    ],
)
def test_weights_that_say_nothing_are_refused(weights: Any, code: str) -> None:
    """None, all zero, negative, or inexact."""
    with pytest.raises(InvalidInput, match=r"^weights: ") as caught:
        euros("1").allocate(weights)

    assert code == caught.value.issues[0].code


def test_an_even_split_gives_the_first_parts_the_rest() -> None:
    """Also of a credit, in mirror image."""
    assert (euros("0.03"), euros("0.02")) == euros("0.05").split(2)
    assert (euros("-0.03"), euros("-0.02")) == euros("-0.05").split(2)


@pytest.mark.parametrize(
    ("parts", "code"), [(0, "zero"), (-1, "negative"), (1.0, "invalid_type"), (True, "invalid_type")]
)
def test_a_split_needs_at_least_one_part(parts: Any, code: str) -> None:
    """And a whole number of them."""
    with pytest.raises(InvalidInput, match=r"^parts: ") as caught:
        euros("1").split(parts)

    assert code == caught.value.issues[0].code


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1999, EUR), "19.99 EUR"),
        (Money(-5, EUR), "-0.05 EUR"),
        (Money(0, EUR), "0.00 EUR"),
        (Money(-1234, Currency.of("JPY")), "-1234 JPY"),
        (Money(1, Currency.of("KWD")), "0.001 KWD"),
        (Money(10**30, EUR), "1" + "0" * 28 + ".00 EUR"),
    ],
)
def test_reads_with_exactly_its_digits(money: Money, text: str) -> None:
    """As a text, as a Decimal, and as the code that makes it."""
    digits, code = text.split()

    assert text == str(money)
    assert Decimal(digits).as_tuple() == money.amount.as_tuple()
    assert f"Money.of({digits!r}, {code!r})" == repr(money)
    assert money == eval(repr(money))


def test_knows_its_exponent() -> None:
    """ISO's, as a plain int."""
    assert (2, 0) == (euros("1").exponent, Money.zero("JPY").exponent)


def test_immutable_and_hashable() -> None:
    """Equal amounts are one key; no field can be set."""
    money = euros("1.00")

    assert {money: "x"} == {Money(100, EUR): "x"}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        money.amount_minor = 2  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        (money + money).amount_minor = 2  # type: ignore[misc]


def test_copies_and_pickles() -> None:
    """Results of operators too, which skip the checks."""
    money = euros("1.00") + euros("2.00")

    assert money == pickle.loads(pickle.dumps(money)) == copy.deepcopy(money) == attrs.evolve(money)


def test_plain_data_and_back() -> None:
    """Minor units and the code, nothing else."""
    assert {"amount_minor": -1999, "currency": "EUR"} == euros("-19.99").to_dict()
    assert euros("-19.99") == Money.from_dict(euros("-19.99").to_dict())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [("amount_minor", "required"), ("currency", "required")]),
        (
            {"amount_minor": 1, "cvc": "123"},
            [("currency", "required"), ("data", "unknown_key")],
        ),
        ({"amount_minor": 1.0, "currency": "EUR"}, [("amount_minor", "invalid_type")]),
        ({"amount_minor": 1, "currency": "eur"}, [("currency", "unknown_value")]),
        ({"amount_minor": 1, "currency": None}, [("currency", "invalid_type")]),
        ([("amount_minor", 1)], [("data", "invalid_type")]),
    ],
)
def test_plain_data_is_read_strictly(data: Any, expected: list[tuple[str, str]]) -> None:
    """Every missing or unknown key is reported, and no value is repeated."""
    with pytest.raises(InvalidInput) as caught:
        Money.from_dict(data)

    assert expected == [(issue.field, issue.code) for issue in caught.value.issues]
    assert "123" not in str(caught.value)
    assert "cvc" not in str(caught.value)


def test_money_pads_like_any_text() -> None:
    """A format spec aligns the text of an amount, as tables need it."""
    price = Money.of("9.90", "EUR")

    assert "    9.90 EUR" == f"{price:>12}"
    assert "9.90 EUR" == f"{price}"


def test_minor_units_are_taken_as_they_are() -> None:
    """What a processor reports in minor units becomes an amount without any scaling."""
    assert Money.of("19.99", "EUR") == Money.of_minor(1999, "EUR")
    assert Money.of("1999", "JPY") == Money.of_minor(1999, Currency.of("JPY"))
    with pytest.raises(InvalidInput):
        Money.of_minor(19.99, "EUR")  # type: ignore[arg-type]
