"""
Schedules as dateutil recurrences. Apart, because dateutil loads only when somebody asks for one.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, rruleset

from billing_core.values.interval import Interval, IntervalUnit

__all__ = ["recurrence"]

_FREQUENCIES: dict[IntervalUnit, Literal[0, 1, 2, 3]] = {
    IntervalUnit.DAY: DAILY,
    IntervalUnit.WEEK: WEEKLY,
    IntervalUnit.MONTH: MONTHLY,
    IntervalUnit.YEAR: YEARLY,
}


def recurrence(start: date, interval: Interval, day: int, anchor: date) -> rrule | rruleset:
    """
    The rule of whole intervals from ``start`` on, and the anchor where it is another day.

    Args:
        start: the first day of the rule.
        interval: the length of its periods.
        day: the day of the month to keep, for months and years.
        anchor: the first boundary of all.
    """
    parts: dict[str, Any] = {}
    if interval.unit in (IntervalUnit.MONTH, IntervalUnit.YEAR):
        # The last of the days up to the one wanted that this month has: RFC 5545 alone would skip the month.
        parts = {"bymonthday": range(min(day, 28), day + 1), "bysetpos": -1}
    if interval.unit is IntervalUnit.YEAR:
        parts["bymonth"] = start.month
    rule = rrule(_FREQUENCIES[interval.unit], dtstart=_midnight(start), interval=interval.count, **parts)
    if start == anchor:
        return rule
    both = rruleset()
    both.rdate(_midnight(anchor))
    both.rrule(rule)
    return both


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
