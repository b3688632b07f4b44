"""
Where an exact result is made whole: the only integer divisions of money.

Everything that can lose a fraction of a minor unit comes through here, and has
to say how. Nothing here has a default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from billing_core.issues import Choice, invalid

__all__ = ["Rounding", "apportion", "divide", "divide_exactly", "round_to_multiple"]


class Rounding(Choice):
    """
    How a fraction is made whole. The names mean what they mean in `decimal`.

    ``UP`` and ``DOWN`` are away from and towards *zero*, so a credit is the
    mirror of its charge; ``CEILING`` and ``FLOOR`` are towards plus and minus
    infinity. Other libraries use the same words otherwise: ``up`` of dinero.js
    is `CEILING` here, and its ``halfUp`` is `HALF_CEILING`.

    The last three are not in `decimal`: books that were kept with them must
    stay reproducible.
    """

    UP = "up"
    DOWN = "down"
    CEILING = "ceiling"
    FLOOR = "floor"
    HALF_UP = "half_up"
    HALF_DOWN = "half_down"
    HALF_EVEN = "half_even"
    UP_05 = "up_05"  # decimal's ROUND_05UP, which is no Python name
    HALF_ODD = "half_odd"
    HALF_CEILING = "half_ceiling"
    HALF_FLOOR = "half_floor"


def _away_from_zero(floor: int) -> bool:
    return floor >= 0


def _towards_zero(floor: int) -> bool:
    return floor < 0


def _up(_: int) -> bool:
    return True


def _down(_: int) -> bool:
    return False


def _to_even(floor: int) -> bool:
    return floor % 2 == 1


def _to_odd(floor: int) -> bool:
    return floor % 2 == 0


def _away_from_zero_or_five(floor: int) -> bool:
    # Looks at the last digit after the cut towards zero: 0 and 5 are left, all others are kept.
    return floor % 5 == 0 if floor >= 0 else (floor + 1) % 5 != 0


# What lies strictly between two integers goes up to the higher one, or down to its floor. A rule says whether
# the nearer one wins, and which one wins by the floor alone: always, or then only on a tie.
_RULES: Mapping[Rounding, tuple[bool, Callable[[int], bool]]] = MappingProxyType(
    {
        Rounding.UP: (False, _away_from_zero),
        Rounding.DOWN: (False, _towards_zero),
        Rounding.CEILING: (False, _up),
        Rounding.FLOOR: (False, _down),
        Rounding.UP_05: (False, _away_from_zero_or_five),
        Rounding.HALF_UP: (True, _away_from_zero),
        Rounding.HALF_DOWN: (True, _towards_zero),
        Rounding.HALF_EVEN: (True, _to_even),
        Rounding.HALF_ODD: (True, _to_odd),
        Rounding.HALF_CEILING: (True, _up),
        Rounding.HALF_FLOOR: (True, _down),
    }
)


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """
    The exact quotient, rounded once to an integer.

    Args:
        numerator: any integer.
        denominator: any integer but zero; its sign counts.
        rounding: how a fraction is made whole.

    Raises:
        InvalidInput: ``zero`` for a denominator of zero, ``invalid_type`` for
            a rounding that is not a `Rounding`.

    Source: the General Decimal Arithmetic Specification, "Rounding"
    (https://speleotrove.com/decimal/damodel.html).

    >>> divide(-5, 2, Rounding.HALF_UP), divide(-5, 2, Rounding.HALF_CEILING)
    (-3, -2)
    """
    if type(rounding) is not Rounding:
        raise invalid("rounding", "invalid_type", expected="a Rounding")
    if denominator <= 0:
        if denominator == 0:
            raise invalid("denominator", "zero")
        numerator, denominator = -numerator, -denominator
    floor, remainder = divmod(numerator, denominator)
    if remainder == 0:
        return floor
    nearest, goes_up = _RULES[rounding]
    if nearest and 2 * remainder != denominator:
        return floor + (2 * remainder > denominator)
    return floor + goes_up(floor)


def divide_exactly(numerator: int, denominator: int) -> int | None:
    """
    The quotient if it is an integer, else None. The denominator is not zero.

    >>> divide_exactly(6, 3), divide_exactly(7, 3)
    (2, None)
    """
    quotient, remainder = divmod(numerator, denominator)
    return None if remainder else quotient


def round_to_multiple(value: int, multiple: int, rounding: Rounding) -> int:
    """
    The multiple of ``multiple`` that ``value`` rounds to.

    For totals paid in cash: Swiss francs are rounded to 5 minor units.

    Raises:
        InvalidInput: ``zero`` if the multiple is zero.

    >>> round_to_multiple(1283, 5, Rounding.HALF_UP)
    1285
    """
    return divide(value, multiple, rounding) * multiple


def apportion(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """
    Split a whole number by weights, losing nothing: the largest-remainder method.

    Every part is the floor or the ceiling of its exact share, taken away from
    zero in mirror image for a negative total, so that a refund undoes a charge
    line by line. What is left after the floors goes, one unit each, to the
    largest remainders; of equal remainders, to the earlier. A weight of zero
    gets zero.

    Args:
        total: any integer.
        weights: at least one, none negative, not all zero.

    Source: M. Balinski and H. P. Young, *Fair Representation* (1982), on
    Hamilton's method and the quota rule.

    >>> apportion(100, [1, 1, 1]), apportion(-5, [7, 3])
    ((34, 33, 33), (-4, -1))
    """
    if total < 0:
        return tuple([-part for part in apportion(-total, weights)])
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    if left:
        remainders = [total * weight % whole for weight in weights]
        # The sort is stable, also in reverse: equal remainders keep the order of the weights.
        by_remainder = sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)
        for index in by_remainder[:left]:
            parts[index] += 1
    return tuple(parts)
