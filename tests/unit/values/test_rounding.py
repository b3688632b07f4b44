"""Rounding: exact integer division, one mode at a time."""

import pytest

from billing_core.errors import InvalidInput
from billing_core.values.rounding import Rounding, apportion, divide, divide_exactly, round_to_multiple

# -2.6 -2.5 -2.4 -0.5 0.5 1.5 2.4 2.5 2.6, as tenths
TENTHS = (-26, -25, -24, -5, 5, 15, 24, 25, 26)
EXPECTED = {
    Rounding.UP: (-3, -3, -3, -1, 1, 2, 3, 3, 3),
    Rounding.DOWN: (-2, -2, -2, 0, 0, 1, 2, 2, 2),
    Rounding.CEILING: (-2, -2, -2, 0, 1, 2, 3, 3, 3),
    Rounding.FLOOR: (-3, -3, -3, -1, 0, 1, 2, 2, 2),
    Rounding.HALF_UP: (-3, -3, -2, -1, 1, 2, 2, 3, 3),
    Rounding.HALF_DOWN: (-3, -2, -2, 0, 0, 1, 2, 2, 3),
    Rounding.HALF_EVEN: (-3, -2, -2, 0, 0, 2, 2, 2, 3),
    Rounding.HALF_ODD: (-3, -3, -2, -1, 1, 1, 2, 3, 3),
    Rounding.HALF_CEILING: (-3, -2, -2, 0, 1, 2, 2, 3, 3),
    Rounding.HALF_FLOOR: (-3, -3, -2, -1, 0, 1, 2, 2, 3),
    Rounding.UP_05: (-2, -2, -2, -1, 1, 1, 2, 2, 2),
}


@pytest.mark.parametrize("rounding", Rounding)
def test_every_mode_on_both_sides_of_zero_and_of_the_middle(rounding: Rounding) -> None:
    """Each mode makes a fraction whole as its name says."""
    assert EXPECTED[rounding] == tuple(divide(tenths, 10, rounding) for tenths in TENTHS)


@pytest.mark.parametrize("rounding", Rounding)
def test_a_whole_quotient_is_left_alone(rounding: Rounding) -> None:
    """Nothing is rounded where nothing is lost."""
    assert (-4, 0, 4) == tuple(divide(n, 3, rounding) for n in (-12, 0, 12))


def test_up_05_keeps_all_last_digits_but_zero_and_five() -> None:
    """UP_05 goes away from zero only from a last digit of 0 or 5."""
    expected = (1, 1, 4, 6, 9, 11, -1, -1, -4, -6)

    assert expected == tuple(
        divide(tenths, 10, Rounding.UP_05) for tenths in (1, 11, 41, 51, 99, 101, -1, -11, -41, -51)
    )


def test_the_sign_of_the_denominator_counts() -> None:
    """5 / -2 is -2.5."""
    assert -3 == divide(5, -2, Rounding.HALF_UP)


def test_division_by_zero_is_an_input_error() -> None:
    """A denominator of zero is refused by name."""
    with pytest.raises(InvalidInput, match="denominator: must not be zero"):
        divide(1, 0, Rounding.UP)


@pytest.mark.parametrize("rounding", ["half_up", None, "ROUND_HALF_UP"])
def test_only_a_member_of_the_enum_is_a_rounding(rounding: object) -> None:
    """A text is no rounding, not even the right one: a typo must not pass."""
    with pytest.raises(InvalidInput, match="rounding: has the wrong type"):
        divide(1, 2, rounding)  # type: ignore[arg-type]


def test_an_exact_quotient_or_none() -> None:
    """divide_exactly never loses anything."""
    assert (-2, None) == (divide_exactly(-6, 3), divide_exactly(-7, 3))


def test_cash_totals_round_to_their_coin() -> None:
    """12.82 and 12.83 francs are paid as 12.80 and 12.85."""
    assert (1280, 1285, -1285) == tuple(
        round_to_multiple(minor, 5, Rounding.HALF_UP) for minor in (1282, 1283, -1283)
    )


def test_of_equal_remainders_the_earlier_gets_the_unit() -> None:
    """Ties go in order, for refunds too."""
    assert ((1, 1, 0), (-1, -1, 0)) == (apportion(2, [1, 1, 1]), apportion(-2, [1, 1, 1]))


def test_the_largest_remainder_gets_the_unit_not_the_largest_weight() -> None:
    """7 over 2:1:1 is 3.5, 1.75, 1.75: the small ones are nearer to their next unit."""
    assert (3, 2, 2) == apportion(7, [2, 1, 1])
