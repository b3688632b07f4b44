"""
Numbers as callers hand them in, taken exactly or not at all.

A float has already lost what was meant, and ``True`` is not an amount: both
are refused. Hostile texts and exponents are refused before any big number is
built from them. The ambient decimal context is never asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import cast

from billing_core.issues import invalid

__all__ = ["common_scale", "exact_decimal", "exact_ratio"]

#: More digits than any amount of money has, in any currency, at any precision.
MAX_DIGITS = 100

_DECIMAL_TEXT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def exact_decimal(value: str | int | Decimal, field: str) -> tuple[int, int]:
    """
    A decimal number as ``(numerator, denominator)``, the denominator a power of ten.

    Args:
        value: an int; a finite Decimal; or a plain ASCII text such as
            ``"-19.99"``: no spaces, no grouping, no exponent, at most 100 characters.
        field: the name to blame.

    Raises:
        InvalidInput: ``invalid_type`` for a float or a bool, ``invalid_format``,
            ``too_long``, or ``out_of_range`` for an absurd exponent.

    >>> exact_decimal("19.99", "price")
    (1999, 100)
    """
    if type(value) is int:
        return value, 1
    if isinstance(value, str):
        return _from_text(value, field)
    if isinstance(value, Decimal):
        return _from_decimal(value, field)
    raise invalid(field, "invalid_type", expected="a text, an int or a Decimal; never a float")


def exact_ratio(value: int | Decimal | Fraction, field: str) -> tuple[int, int]:
    """
    A rational number as ``(numerator, denominator)``, the denominator positive.

    Raises:
        InvalidInput: as `exact_decimal`; a text is refused here.

    >>> exact_ratio(Fraction(1, 3), "share")
    (1, 3)
    """
    if type(value) is int:
        return value, 1
    if isinstance(value, Fraction):
        return value.numerator, value.denominator
    if isinstance(value, Decimal):
        return _from_decimal(value, field)
    raise invalid(field, "invalid_type", expected="an int, a Decimal or a Fraction; never a float")


def common_scale(values: Iterable[int | Decimal | Fraction], field: str) -> list[int]:
    """
    Integers in the same proportions as the given numbers.

    >>> common_scale([Decimal("0.5"), Fraction(1, 3)], "weights")
    [15, 10]
    """
    # Bytes are numbers to Python, and weights to nobody.
    if isinstance(values, bytes) or not isinstance(values, Iterable):
        raise invalid(field, "invalid_type", expected="numbers, such as a list")
    numbers = list(values)
    if all(type(number) is int for number in numbers):
        return cast("list[int]", numbers)
    ratios = [exact_ratio(number, field) for number in numbers]
    scale = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (scale // denominator) for numerator, denominator in ratios]


def _from_text(text: str, field: str) -> tuple[int, int]:
    if len(text) > MAX_DIGITS:
        raise invalid(field, "too_long", max_length=MAX_DIGITS)
    if not _DECIMAL_TEXT.fullmatch(text):
        raise invalid(field, "invalid_format", example="-1234.50")
    whole, _, fraction = text.partition(".")
    return int(whole + fraction), 10 ** len(fraction)


def _from_decimal(value: Decimal, field: str) -> tuple[int, int]:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):  # NaN and the infinities have a letter here
        raise invalid(field, "invalid_format", example="Decimal('-1234.50')")
    if not any(digits):
        return 0, 1
    if len(digits) + abs(exponent) > 2 * MAX_DIGITS:
        raise invalid(field, "out_of_range", min=f"-1e{MAX_DIGITS}", max=f"1e{MAX_DIGITS}")
    coefficient = int("".join(map(str, digits)))
    numerator = -coefficient if sign else coefficient
    return (numerator * 10**exponent, 1) if exponent >= 0 else (numerator, 10**-exponent)
