"""Laws of rounding and of apportioning."""

import decimal
from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from billing_core.values.rounding import Rounding, apportion, divide, divide_exactly, round_to_multiple

ORACLES = {
    Rounding.UP: decimal.ROUND_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.CEILING: decimal.ROUND_CEILING,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.UP_05: decimal.ROUND_05UP,
}
MIRROR = {
    Rounding.CEILING: Rounding.FLOOR,
    Rounding.FLOOR: Rounding.CEILING,
    Rounding.HALF_CEILING: Rounding.HALF_FLOOR,
    Rounding.HALF_FLOOR: Rounding.HALF_CEILING,
}

# Small numbers meet ties and sign changes; large ones meet every word size.
integers = st.integers(-120, 120) | st.integers(-(10**30), 10**30)
denominators = st.integers(1, 40) | st.integers(1, 10**20)
weights = st.lists(st.integers(0, 9) | st.integers(0, 10**12), min_size=1, max_size=12).filter(any)


@given(integers, st.integers(0, 6), st.sampled_from(list(ORACLES)))
def test_rounds_as_decimal_does(numerator: int, digits: int, rounding: Rounding) -> None:
    """The eight modes of `decimal` are its own."""
    exact = Decimal(numerator).scaleb(-digits, Context(prec=60))
    oracle = exact.quantize(Decimal(1), ORACLES[rounding], Context(prec=60))

    assert int(oracle) == divide(numerator, 10**digits, rounding)


@given(integers, denominators, st.sampled_from(Rounding))
def test_never_off_by_a_whole_unit(numerator: int, denominator: int, rounding: Rounding) -> None:
    """And by no more than a half where the nearest wins."""
    exact = Fraction(numerator, denominator)
    error = abs(divide(numerator, denominator, rounding) - exact)

    assert error < 1
    if rounding.value.startswith("half_"):
        assert error <= Fraction(1, 2)
    assert (exact.numerator if exact.denominator == 1 else None) == divide_exactly(numerator, denominator)


@given(integers, denominators, st.sampled_from(Rounding))
def test_mirror_image(numerator: int, denominator: int, rounding: Rounding) -> None:
    """A credit rounds as the mirror of its charge; only what looks at the sign changes its name."""
    mirrored = divide(-numerator, denominator, MIRROR.get(rounding, rounding))

    assert (
        -divide(numerator, denominator, rounding)
        == mirrored
        == divide(numerator, -denominator, MIRROR.get(rounding, rounding))
    )


@given(integers, denominators, st.integers(1, 1000), st.sampled_from(Rounding))
def test_only_the_ratio_counts(numerator: int, denominator: int, scale: int, rounding: Rounding) -> None:
    """2/4 rounds as 1/2 does."""
    assert divide(numerator, denominator, rounding) == divide(
        numerator * scale, denominator * scale, rounding
    )


@given(integers, st.integers(1, 1000), st.sampled_from(Rounding))
def test_multiples_stay(value: int, multiple: int, rounding: Rounding) -> None:
    """The result is a multiple, less than one away, and rounds to itself."""
    rounded = round_to_multiple(value, multiple, rounding)

    assert 0 == rounded % multiple
    assert abs(rounded - value) < multiple
    assert rounded == round_to_multiple(rounded, multiple, rounding)


@given(integers, weights)
@example(3, [1] * 12)  # where a running remainder gives 2 to a share of a quarter
@example(100, [100, 3, 1, 33, 99])
def test_apportioning_is_fair(total: int, weights: Sequence[int]) -> None:
    """Nothing is lost, shares are cut or filled to a unit, the largest remainders win, then the earlier."""
    parts = apportion(abs(total), weights)
    shares = [Fraction(abs(total) * weight, sum(weights)) for weight in weights]
    remainders = [share - share.__floor__() for share in shares]
    extra = [part - share.__floor__() for part, share in zip(parts, shares, strict=True)]

    assert abs(total) == sum(parts)
    assert set(extra) <= {0, 1}
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    assert [1] * sum(extra) == [extra[index] for index in order[: sum(extra)]]
    assert all(extra[index] == 0 for index, remainder in enumerate(remainders) if remainder == 0)


@given(integers, weights, st.integers(1, 1000))
def test_apportioning_mirrors_and_scales(total: int, weights: Sequence[int], scale: int) -> None:
    """A refund undoes a charge part by part; only the proportions of the weights count; zero gets zero."""
    parts = apportion(total, weights)

    assert parts == tuple(-part for part in apportion(-total, weights))
    assert parts == apportion(total, [weight * scale for weight in weights])
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
