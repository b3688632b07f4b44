"""
A span of whole local days, from its first day up to and without its last.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import final

import attrs

from billing_core.issues import invalid

__all__ = ["Period", "check_day"]


def check_day(value: date, field: str) -> date:
    """
    Refuse whatever is not a plain date. A datetime is one by inheritance only:
    which day it means depends on a zone.

    Raises:
        InvalidInput: ``invalid_type``.
    """
    if isinstance(value, datetime) or not isinstance(value, date):
        raise invalid(field, "invalid_type", expected="a date without time")
    return value


@final
@attrs.frozen
class Period:
    """
    The days from ``start`` up to, and without, ``end``. Never empty.

    Half-open periods tile time: where one ends the next starts, and no day is
    billed twice or not at all.

    Attributes:
        start: the first day.
        end: the day after the last.

    Raises:
        InvalidInput: ``invalid_type``; ``mismatch`` unless the end is after the start.

    >>> february = Period(date(2024, 2, 1), date(2024, 3, 1))
    >>> february.days, date(2024, 2, 29) in february, date(2024, 3, 1) in february
    (29, True, False)
    """

    start: date
    end: date

    def __attrs_post_init__(self) -> None:
        if check_day(self.end, "end") <= check_day(self.start, "start"):
            raise invalid("end", "mismatch", other="start: a period ends after it starts")

    @property
    def days(self) -> int:
        """How many days it has, at least 1."""
        return (self.end - self.start).days

    def contains(self, day: date) -> bool:
        """
        Whether this day belongs to it.

        Raises:
            InvalidInput: ``invalid_type`` for a datetime.
        """
        return self.start <= check_day(day, "day") < self.end

    def overlaps(self, other: Period) -> bool:
        """
        Whether the two share a day. Periods that only touch do not.

        >>> january = Period(date(2024, 1, 1), date(2024, 2, 1))
        >>> january.overlaps(Period(date(2024, 2, 1), date(2024, 3, 1)))
        False
        """
        return self.start < other.end and other.start < self.end

    __contains__ = contains

    def __str__(self) -> str:
        return f"{self.start.isoformat()}/{self.end.isoformat()}"
