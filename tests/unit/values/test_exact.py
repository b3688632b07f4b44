"""Numbers of callers are taken exactly, or refused."""

from decimal import Decimal
from fractions import Fraction
from time import perf_counter
from typing import Any

import pytest

from billing_core.errors import InvalidInput
from billing_core.values.exact import common_scale, exact_decimal, exact_ratio


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("19.99", (1999, 100)),
        ("-0.5", (-5, 10)),
        ("+7", (7, 1)),
        ("007", (7, 1)),
        ("1.00", (100, 100)),
        (12, (12, 1)),
        (-(10**50), (-(10**50), 1)),
        (Decimal("19.99"), (1999, 100)),
        (Decimal("-1E+3"), (-1000, 1)),
        (Decimal("-0"), (0, 1)),
        (Decimal("0E-999999"), (0, 1)),
    ],
)
def test_a_decimal_is_taken_exactly(value: Any, expected: tuple[int, int]) -> None:
    """Texts, ints and Decimals become a numerator over a power of ten."""
    assert expected == exact_decimal(value, "amount")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1.",
        ".5",
        "1e3",
        "1,50",
        "1 000",
        "1_000",
        "--1",
        "NaN",
        "inf",
        "0x1",
        "1.2.3",
        "19.99\n",
        "१२",
        "１２",
        "²",
        "1\x00",
    ],
)
def test_a_text_that_is_no_plain_decimal_is_refused(text: str) -> None:
    """No exponents, groups, spaces, signs twice, or digits of other scripts."""
    with pytest.raises(InvalidInput, match="amount: does not have the right form"):
        exact_decimal(text, "amount")


@pytest.mark.parametrize("value", [1.5, True, None, b"1", [], 1 + 0j, Fraction(1, 3)])
def test_what_is_no_decimal_number_is_refused(value: Any) -> None:
    """A float has lost digits already; a bool is no amount."""
    with pytest.raises(InvalidInput) as caught:
        exact_decimal(value, "amount")

    assert "invalid_type" == caught.value.issues[0].code


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")]
)
def test_not_a_number_and_infinity_are_refused(value: Decimal) -> None:
    """Decimal's special values are no amounts."""
    with pytest.raises(InvalidInput, match="does not have the right form"):
        exact_decimal(value, "amount")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("9" * 1_000_000, "too_long"),
        ("1e999999999", "invalid_format"),
        (Decimal("1e999999999"), "out_of_range"),
        (Decimal("1e-999999999"), "out_of_range"),
        (Decimal("9" * 5000), "out_of_range"),
    ],
)
def test_a_hostile_number_is_refused_at_once(value: Any, code: str) -> None:
    """No huge integer is ever built from a text or an exponent; the value isn't repeated."""
    start = perf_counter()
    with pytest.raises(InvalidInput) as caught:
        exact_decimal(value, "amount")

    assert code == caught.value.issues[0].code
    assert perf_counter() - start < 0.5
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "expected"), [(3, (3, 1)), (Fraction(-1, 3), (-1, 3)), (Decimal("0.19"), (19, 100))]
)
def test_a_ratio_is_taken_exactly(value: Any, expected: tuple[int, int]) -> None:
    """Ints, Fractions and Decimals become a ratio."""
    assert expected == exact_ratio(value, "ratio")


@pytest.mark.parametrize("value", ["1", 0.19, True, None])
def test_what_is_no_exact_ratio_is_refused(value: Any) -> None:
    """A text is no ratio, and neither is a float."""
    with pytest.raises(InvalidInput, match="ratio: has the wrong type"):
        exact_ratio(value, "ratio")


def test_mixed_weights_find_a_common_scale() -> None:
    """The integers are in the proportions of the numbers."""
    halves, thirds, ones = common_scale([Decimal("0.5"), Fraction(1, 3), 1], "weights")

    assert (Fraction(3, 2), Fraction(1, 2)) == (Fraction(halves, thirds), Fraction(halves, ones))
