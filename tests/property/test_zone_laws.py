"""Laws of local days, over every zone there is and every day it had."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

from hypothesis import example, given
from hypothesis import strategies as st

from billing_core.values.schedule import Interval, IntervalUnit, RenewalSchedule
from billing_core.values.zones import local_date, start_of, zone

DAY = timedelta(days=1)
NOT_ZONES = {"Factory", "localtime"}

zones = st.sampled_from(sorted(available_timezones() - NOT_ZONES)).map(zone)
days = st.dates(date(1840, 1, 1), date(2100, 12, 31))
instants = st.datetimes(datetime(1840, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
# Zones and days at which the clock did something rare, together with some at which it did nothing.
RARE = [
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Manila", date(1844, 12, 31)),
    ("America/Juneau", date(1867, 10, 19)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("America/Toronto", date(1919, 3, 31)),
    ("America/Havana", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
]
rare = st.sampled_from([(zone(name), day + n * DAY) for name, day in RARE for n in (-1, 0, 1)])
places = st.tuples(zones, days) | rare


@given(places)
def test_it_is_the_first_instant_whose_local_date_is_reached(place) -> None:
    """At it the wall clock shows the day, or a later one where the zone skipped it; never before."""
    where, day = place
    start = start_of(day, where).astimezone(UTC)

    assert start.astimezone(where).date() >= day
    for seconds in (1, 60, 3599, 3600, 7200, 86400, 2 * 86400):
        assert (start - timedelta(seconds=seconds)).astimezone(where).date() < day


@given(places)
def test_it_shows_the_local_clock(place) -> None:
    """Its wall clock and its offset are those of the zone at that instant."""
    where, day = place
    start = start_of(day, where)
    local = start.astimezone(UTC).astimezone(where)

    assert (local.replace(tzinfo=None), local.utcoffset()) == (start.replace(tzinfo=None), start.utcoffset())


@given(places)
def test_days_tile_time(place) -> None:
    """Each starts after the one before; only a day that the zone skipped has no instants."""
    where, day = place
    starts = [start_of(day + n * DAY, where) for n in range(4)]

    for n, (start, following) in enumerate(pairwise(starts)):
        exists = local_date(start, where) == day + n * DAY
        assert start < following if exists else start == following


@given(places, st.integers(-100_000, 100_000))
def test_an_instant_belongs_to_the_day_that_holds_it(place, seconds) -> None:
    """The inverse of start_of: start_of(day) <= at < start_of(day + 1)."""
    where, day = place
    at = start_of(day, where) + timedelta(seconds=seconds)
    found = local_date(at, where)

    assert start_of(found, where) <= at < start_of(found + DAY, where)


@given(zones, instants)
@example(zone("America/St_Johns"), datetime(2010, 11, 7, 2, 45, tzinfo=UTC))
def test_the_local_day_is_the_wall_clocks_except_where_it_ran_back(where, at) -> None:
    """It differs by the day that had begun already, for less than a day."""
    shown = at.astimezone(where).date()
    found = local_date(at, where)

    assert found == shown or (at + DAY).astimezone(where).date() >= found > shown


schedules = st.builds(
    RenewalSchedule,
    st.dates(date(1950, 1, 1), date(2050, 12, 31)),
    st.builds(Interval, st.sampled_from([IntervalUnit.MONTH, IntervalUnit.YEAR]), st.integers(1, 12)),
    st.none() | st.integers(1, 31),
)


@given(zones, schedules, st.integers(0, 24))
def test_billing_periods_tile_the_instants(where, schedule, n) -> None:
    """The instant at which one period ends is the one at which the next starts, and periods have length."""
    this, following = schedule.period(n), schedule.period(n + 1)
    end = start_of(this.end, where)

    assert end == start_of(following.start, where)
    assert n + 1 == schedule.index_at(max(local_date(end, where), this.end))
    # A first period of one day may be the day that a zone skipped.
    assert start_of(this.start, where) < end or this.days == 1
