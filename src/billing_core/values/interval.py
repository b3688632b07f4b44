"""
How long a billing period is: so many days, weeks, months or years.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import attrs

from billing_core.issues import Choice, invalid

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

__all__ = ["MAX_COUNT", "Interval", "IntervalUnit"]

#: A century of days. A longer interval is a slip of the keyboard, not a plan.
MAX_COUNT = 36_525


class IntervalUnit(Choice):
    """What an interval is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


def _unit(value: IntervalUnit | str) -> IntervalUnit:
    try:
        return IntervalUnit(value)
    except ValueError:
        raise invalid("unit", "unknown_value", allowed=", ".join(IntervalUnit)) from None


@final
@attrs.frozen
class Interval:
    """
    The length of one billing period. How many days that is depends on where it starts.

    Attributes:
        unit: day, week, month or year; its name will do.
        count: how many of them, 1 to 36525.

    Raises:
        InvalidInput: ``unknown_value``, ``invalid_type``, ``out_of_range``.

    >>> Interval.monthly(3)
    Interval(unit=<IntervalUnit.MONTH: 'month'>, count=3)
    """

    unit: IntervalUnit = attrs.field(converter=_unit)
    count: int = 1

    def __attrs_post_init__(self) -> None:
        if type(self.count) is not int:
            raise invalid("count", "invalid_type", expected="an int")
        if not 1 <= self.count <= MAX_COUNT:
            raise invalid("count", "out_of_range", min=1, max=MAX_COUNT)

    @classmethod
    def daily(cls, count: int = 1) -> Interval:
        """Every day, or every ``count`` days."""
        return cls(IntervalUnit.DAY, count)

    @classmethod
    def weekly(cls, count: int = 1) -> Interval:
        """Every week, or every ``count`` weeks."""
        return cls(IntervalUnit.WEEK, count)

    @classmethod
    def monthly(cls, count: int = 1) -> Interval:
        """Every month, or every ``count`` months: 3 for a quarter."""
        return cls(IntervalUnit.MONTH, count)

    @classmethod
    def yearly(cls, count: int = 1) -> Interval:
        """Every year, or every ``count`` years."""
        return cls(IntervalUnit.YEAR, count)

    @classmethod
    def from_relativedelta(cls, delta: relativedelta) -> Interval:
        """
        The interval that a dateutil delta stands for, in the largest unit that fits.

        dateutil itself turns 12 months into a year, and weeks into days; so the
        way there and back may change the unit, never the length.

        Raises:
            InvalidInput: ``not_supported`` for a delta that is not a positive,
                whole number of days or of months: mixed units, hours,
                absolute parts such as ``day=31``.

        >>> from dateutil.relativedelta import relativedelta
        >>> Interval.from_relativedelta(relativedelta(months=+6)) == Interval.monthly(6)
        True
        """
        from dateutil.relativedelta import relativedelta

        if not isinstance(delta, relativedelta):
            raise invalid("delta", "invalid_type", expected="a dateutil relativedelta")
        months, days = delta.years * 12 + delta.months, delta.days
        if months and delta == relativedelta(months=months):
            return cls.monthly(months) if months % 12 else cls.yearly(months // 12)
        if days and delta == relativedelta(days=days) and type(days) is int:
            return cls.daily(days) if days % 7 else cls.weekly(days // 7)
        raise invalid("delta", "not_supported", reason="give whole days, weeks, months or years, of one kind")

    def to_relativedelta(self) -> relativedelta:
        """
        The same length for dateutil.

        >>> Interval.yearly().to_relativedelta()
        relativedelta(years=+1)
        """
        from dateutil.relativedelta import relativedelta

        if self.unit is IntervalUnit.DAY:
            return relativedelta(days=self.count)
        if self.unit is IntervalUnit.WEEK:
            return relativedelta(weeks=self.count)
        if self.unit is IntervalUnit.MONTH:
            return relativedelta(months=self.count)
        return relativedelta(years=self.count)
