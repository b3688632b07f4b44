"""
When renewals fall: always the anchor plus n intervals, never the last renewal plus one.

Counted from the original anchor, a month that is too short moves one boundary
and no later one: Jan 31, Feb 28, Mar 31. Counted from the previous renewal it
would be the 28th for ever.

The arithmetic is done by hand, on whole months since year 0: it is the inner
loop of every renewal run, preview and catch-up.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date
from typing import TYPE_CHECKING, final

import attrs

from billing_core.issues import invalid
from billing_core.values.interval import Interval, IntervalUnit
from billing_core.values.period import Period, check_day

if TYPE_CHECKING:
    from dateutil.rrule import rrule, rruleset

__all__ = ["Interval", "IntervalUnit", "Period", "RenewalSchedule"]

_LAST_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_PER_UNIT = {IntervalUnit.DAY: 1, IntervalUnit.WEEK: 7}
_MONTHS_PER_UNIT = {IntervalUnit.MONTH: 1, IntervalUnit.YEAR: 12}


@final
@attrs.frozen
class RenewalSchedule:
    """
    All period boundaries of a subscription, by number.

    Without `anchor_day` boundary n is the anchor plus n intervals, on the last
    day of a month that is too short.

    With `anchor_day`, boundary 0 is still the anchor, where service starts. The
    others fall on that day of the month, or on the month's last. Boundary 1 is
    the first such day after the anchor, which makes the first period a short
    one; whole intervals follow. An interval of months knows such a day in every
    month; an interval of years in the anchor's month of every year. An
    anchor that is such a day itself needs no short period: whole intervals follow at once.

    Attributes:
        anchor: the first day of service, a local date.
        interval: the length of a period.
        anchor_day: 1 to 31, for intervals of months and years; or None.

    Raises:
        InvalidInput: ``invalid_type``, ``out_of_range``, ``not_supported``.

    Source: the day that is kept and clamped is what Stripe (billing cycle
    anchor) and Kill Bill (bill cycle day) document.

    >>> monthly = RenewalSchedule(date(2025, 1, 31), Interval.monthly())
    >>> [str(monthly.boundary(n)) for n in range(4)]
    ['2025-01-31', '2025-02-28', '2025-03-31', '2025-04-30']
    >>> aligned = RenewalSchedule(date(2025, 1, 20), Interval.monthly(3), anchor_day=1)
    >>> [str(aligned.boundary(n)) for n in range(3)]
    ['2025-01-20', '2025-02-01', '2025-05-01']
    """

    anchor: date
    interval: Interval
    anchor_day: int | None = None
    # Derived, so that `boundary` is one multiplication: boundary n lies `n * _step` days or months after
    # `_origin`, the ordinal of a day or the number of a month, for every n from `_first` on.
    _in_every_month: bool = attrs.field(init=False, repr=False, eq=False)
    _in_days: bool = attrs.field(init=False, repr=False, eq=False)
    _step: int = attrs.field(init=False, repr=False, eq=False)
    _origin: int = attrs.field(init=False, repr=False, eq=False)
    _day: int = attrs.field(init=False, repr=False, eq=False)
    _first: int = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        anchor = check_day(self.anchor, "anchor")
        if not isinstance(self.interval, Interval):
            raise invalid("interval", "invalid_type", expected="an Interval")
        unit, count = self.interval.unit, self.interval.count
        in_days = unit in _DAYS_PER_UNIT
        _check_anchor_day(self.anchor_day, in_days=in_days)
        day = self.anchor_day or anchor.day
        first = 0
        if in_days:
            step, origin = count * _DAYS_PER_UNIT[unit], anchor.toordinal()
        else:
            step, origin = count * _MONTHS_PER_UNIT[unit], anchor.year * 12 + anchor.month - 1
            aligned = _clamped(origin, day).day
            if aligned != anchor.day:
                # Boundary 1 is the first such day after the anchor; the origin lies one interval before it.
                first = 1
                origin -= step
                if aligned < anchor.day:
                    origin += _MONTHS_PER_UNIT[unit]
        for name, value in (
            ("_in_every_month", not in_days and day <= 28),
            ("_in_days", in_days),
            ("_step", step),
            ("_origin", origin),
            ("_day", day),
            ("_first", first),
        ):
            object.__setattr__(self, name, value)

    def boundary(self, n: int) -> date:
        """
        The day on which period n starts, and period n - 1 ends.

        Args:
            n: 0 for the anchor, 1 for the first renewal, and so on.

        Raises:
            InvalidInput: ``invalid_type``, or ``out_of_range`` for a negative
                number or a day after the year 9999.

        >>> RenewalSchedule(date(2024, 2, 29), Interval.yearly()).boundary(4)
        datetime.date(2028, 2, 29)
        """
        if type(n) is not int or n < self._first:
            return self._anchor_at(n)
        place = self._origin + n * self._step
        try:
            if self._in_every_month:
                return date(place // 12, place % 12 + 1, self._day)
            return date.fromordinal(place) if self._in_days else _clamped(place, self._day)
        except (ValueError, OverflowError):
            raise invalid("n", "out_of_range", min=0, max=self.index_at(date.max)) from None

    def period(self, n: int) -> Period:
        """
        Period n, from boundary n up to and without boundary n + 1.

        Raises:
            InvalidInput: as `boundary`.
        """
        return Period(self.boundary(n), self.boundary(n + 1))

    def index_at(self, day: date) -> int:
        """
        The number of the period that this day belongs to: the inverse of `boundary`.

        Raises:
            InvalidInput: ``invalid_type``, or ``out_of_range`` for a day before the anchor.

        >>> RenewalSchedule(date(2025, 1, 31), Interval.monthly()).index_at(date(2025, 3, 30))
        1
        """
        if check_day(day, "day") < self.anchor:
            raise invalid("day", "out_of_range", min=self.anchor.isoformat(), max=date.max.isoformat())
        if self._in_days:
            return (day.toordinal() - self._origin) // self._step
        n = (day.year * 12 + day.month - 1 - self._origin) // self._step
        if n < self._first:
            return 0
        return n if self.boundary(n) <= day else n - 1

    def next_after(self, day: date) -> date:
        """
        The first boundary after this day. Before the anchor that is the anchor.

        Raises:
            InvalidInput: ``invalid_type``, or ``out_of_range`` past the year 9999.

        >>> RenewalSchedule(date(2025, 1, 31), Interval.monthly()).next_after(date(2025, 2, 28))
        datetime.date(2025, 3, 31)
        """
        if check_day(day, "day") < self.anchor:
            return self.anchor
        return self.boundary(self.index_at(day) + 1)

    def to_rrule(self) -> rrule | rruleset:
        """
        The same days as a dateutil recurrence, at midnight of naive local time.

        A plain monthly rule skips the months that are too short (RFC 5545); this
        one takes the last of the days that there are. A short first period
        makes it a set: the anchor, and the rule for the rest.

        >>> rule = RenewalSchedule(date(2025, 1, 31), Interval.monthly()).to_rrule()
        >>> [f"{at:%m-%d}" for at in rule[:3]]
        ['01-31', '02-28', '03-31']
        """
        from billing_core.values._recurrence import recurrence

        start = self.boundary(self._first)
        return recurrence(start, self.interval, self._day, self.anchor)

    def _anchor_at(self, n: int) -> date:
        if type(n) is not int:
            raise invalid("n", "invalid_type", expected="an int")
        if n < 0:
            raise invalid("n", "negative")
        return self.anchor


def _clamped(months: int, day: int) -> date:
    last = _LAST_DAYS[months % 12]
    if day > last:
        day = 29 if last == 28 and isleap(months // 12) else last
    return date(months // 12, months % 12 + 1, day)


def _check_anchor_day(anchor_day: int | None, *, in_days: bool) -> None:
    if anchor_day is None:
        return
    if type(anchor_day) is not int:
        raise invalid("anchor_day", "invalid_type", expected="an int")
    if not 1 <= anchor_day <= 31:
        raise invalid("anchor_day", "out_of_range", min=1, max=31)
    if in_days:
        raise invalid("anchor_day", "not_supported", reason="only months and years have a day of the month")
