"""Laws of schedules, with dateutil and whenever as oracles."""

from datetime import date, timedelta
from itertools import islice

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from whenever import Date

from billing_core.values.schedule import Interval, IntervalUnit, RenewalSchedule

DAY = timedelta(days=1)
CALENDAR_UNITS = (IntervalUnit.MONTH, IntervalUnit.YEAR)

anchors = st.dates(date(1896, 1, 1), date(2199, 12, 31))
# Day and week intervals of any length; months and years up to a few decades in all.
day_intervals = st.builds(
    Interval, st.sampled_from([IntervalUnit.DAY, IntervalUnit.WEEK]), st.integers(1, 400)
)
calendar_intervals = st.builds(Interval, st.sampled_from(CALENDAR_UNITS), st.integers(1, 30))
plain = st.builds(RenewalSchedule, anchors, day_intervals | calendar_intervals)
aligned = st.builds(RenewalSchedule, anchors, calendar_intervals, st.integers(1, 31))
schedules = plain | aligned
numbers = st.integers(0, 60)


@given(schedules, numbers)
def test_periods_tile_time(schedule, n) -> None:
    """No gap, no overlap, no empty period, from the anchor on."""
    this, following = schedule.period(n), schedule.period(n + 1)

    assert this.start < this.end == following.start
    assert not this.overlaps(following)
    assert schedule.anchor == schedule.boundary(0)


@given(schedules, numbers, st.data())
def test_index_at_is_the_inverse_of_boundary(schedule, n, data) -> None:
    """Every day of period n is in period n, its first and its last included."""
    period = schedule.period(n)
    day = period.start + data.draw(st.integers(0, period.days - 1)) * DAY

    assert (
        n == schedule.index_at(period.start) == schedule.index_at(day) == schedule.index_at(period.end - DAY)
    )
    assert n + 1 == schedule.index_at(period.end)
    assert period.end == schedule.next_after(day)


@given(schedules, st.integers(1, 1000))
def test_before_the_anchor_the_anchor_is_next(schedule, days) -> None:
    """Whatever comes after it."""
    assert schedule.anchor == schedule.next_after(schedule.anchor - days * DAY)


@given(plain, numbers)
def test_boundaries_are_those_of_dateutil(schedule, n) -> None:
    """The anchor plus n times the interval, clamped: never the sum of n additions."""
    assert schedule.anchor + schedule.interval.to_relativedelta() * n == schedule.boundary(n)


@given(plain, numbers)
def test_boundaries_are_those_of_whenever(schedule, n) -> None:
    """A second implementation, in Rust, that shares no code with the first."""
    start = Date(schedule.anchor.year, schedule.anchor.month, schedule.anchor.day)
    count = schedule.interval.count * n
    oracle = start.add(**{f"{schedule.interval.unit}s": count})

    assert str(oracle) == schedule.boundary(n).isoformat()


def is_such_a_day(schedule: RenewalSchedule, day: date) -> bool:
    """Whether it is the anchor day, or the last of a month without it; of a year, in the anchor's month."""
    wanted = day + relativedelta(day=schedule.anchor_day)
    right_month = schedule.interval.unit is IntervalUnit.MONTH or day.month == schedule.anchor.month
    return day == wanted and right_month


@given(aligned)
def test_the_first_aligned_boundary_is_the_first_such_day(schedule) -> None:
    """Found by looking at one day after the other; none is needed where the anchor is one."""
    first = schedule.anchor + DAY
    while not is_such_a_day(schedule, first):
        first += DAY
    if is_such_a_day(schedule, schedule.anchor):
        first = (
            schedule.anchor + schedule.interval.to_relativedelta() + relativedelta(day=schedule.anchor_day)
        )

    assert first == schedule.boundary(1)


@given(aligned, st.integers(1, 60))
def test_whole_intervals_follow_the_first_aligned_boundary(schedule, n) -> None:
    """Each on the anchor day or on the last of its month."""
    expected = schedule.boundary(1) + schedule.interval.to_relativedelta() * (n - 1)

    assert expected + relativedelta(day=schedule.anchor_day) == schedule.boundary(n)


@given(plain.filter(lambda schedule: schedule.interval.unit in CALENDAR_UNITS), numbers)
def test_the_anchors_own_day_aligns_nothing(schedule, n) -> None:
    """An anchor day that the anchor has already changes nothing."""
    same = RenewalSchedule(schedule.anchor, schedule.interval, schedule.anchor.day)

    assert schedule.boundary(n) == same.boundary(n)


@given(day_intervals | calendar_intervals, anchors, numbers)
def test_the_way_to_dateutil_and_back_keeps_the_days(interval, anchor, n) -> None:
    """The unit may change, the boundaries don't."""
    back = Interval.from_relativedelta(interval.to_relativedelta())

    assert RenewalSchedule(anchor, interval).boundary(n) == RenewalSchedule(anchor, back).boundary(n)
    assert back == Interval.from_relativedelta(back.to_relativedelta())


@given(schedules)
def test_a_recurrence_rule_has_the_same_days(schedule) -> None:
    """Also where RFC 5545 would skip a month."""
    assert [schedule.boundary(n) for n in range(8)] == [at.date() for at in islice(schedule.to_rrule(), 8)]
