"""Zones: local days as instants, where the clock jumps too."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing_core.errors import InvalidInput
from billing_core.values.zones import ensure_aware, in_utc, local_date, start_of, zone

# zone, day, its first instant as the local clock shows it, and why
STARTS = [
    ("Europe/Paris", "2026-06-01", "2026-06-01T00:00:00+02:00", "an ordinary day"),
    ("UTC", "2026-06-01", "2026-06-01T00:00:00+00:00", "no clock changes at all"),
    ("Asia/Kathmandu", "2026-06-01", "2026-06-01T00:00:00+05:45", "an offset with minutes"),
    ("Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00", "midnight is skipped"),
    ("Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00", "midnight is skipped"),
    ("America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00", "midnight is skipped"),
    ("America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00", "midnight is skipped"),
    ("America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00", "midnight comes twice"),
    ("Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00+00:00", "midnight comes twice"),
    ("America/St_Johns", "2010-11-07", "2010-11-07T00:00:00-02:30", "turned back to the day before"),
    ("America/Toronto", "1919-03-31", "1919-03-31T00:30:00-04:00", "the jump starts before midnight"),
    ("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", "the day was skipped"),
    ("Pacific/Apia", "2011-12-31", "2011-12-31T00:00:00+14:00", "the day after it"),
    ("Asia/Tokyo", "0001-01-01", "0001-01-01T00:00:00+09:18:59", "the first day there is"),
    ("America/New_York", "9999-12-31", "9999-12-31T00:00:00-05:00", "the last one"),
]


@pytest.mark.parametrize(("name", "day", "expected", "why"), STARTS)
def test_the_first_instant_of_a_local_day(name: str, day: str, expected: str, why: str) -> None:
    """Through gaps, folds and skipped days; the zone by name or as an object."""
    start = start_of(date.fromisoformat(day), name)

    assert expected == start.isoformat(), why
    assert start == start_of(date.fromisoformat(day), ZoneInfo(name))


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the machine's zone can't be set there")
@pytest.mark.parametrize("machine", ["Asia/Tokyo", "America/Los_Angeles"])
def test_it_does_not_depend_on_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    """Wherever the gap in the clock is searched for."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", machine)
        time.tzset()
        starts = [start_of(date.fromisoformat(day), ZoneInfo(name)) for name, day, _, _ in STARTS]
    time.tzset()

    assert [expected for _, _, expected, _ in STARTS] == [start.isoformat() for start in starts]


@pytest.mark.parametrize(("name", "day"), [(name, day) for name, day, _, _ in STARTS[:12]])
def test_it_is_the_first_one(name: str, day: str) -> None:
    """A second before, it is not that day yet."""
    start = start_of(date.fromisoformat(day), name)

    assert local_date(start, name) >= date.fromisoformat(day)
    assert local_date(start - timedelta(seconds=1), name) < date.fromisoformat(day)


def test_it_compares_exactly_where_midnight_comes_twice() -> None:
    """Equal to the same instant in UTC, and to no other; with the zone attached it would equal none."""
    start = start_of(date(2026, 11, 1), "America/Havana")

    assert datetime(2026, 11, 1, 4, tzinfo=UTC) == start
    assert hash(datetime(2026, 11, 1, 4, tzinfo=UTC)) == hash(start)
    assert datetime(2026, 11, 1, 5, tzinfo=UTC) - start == timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "name", "expected"),
    [
        ("2026-01-01T04:59:59+00:00", "America/New_York", "2025-12-31"),
        ("2026-01-01T05:00:00+00:00", "America/New_York", "2026-01-01"),
        ("2026-01-01T05:00:00+13:00", "UTC", "2025-12-31"),
        ("2011-12-30T09:59:59+00:00", "Pacific/Apia", "2011-12-29"),
        ("2011-12-30T10:00:00+00:00", "Pacific/Apia", "2011-12-31"),
        # The 7th began, and a minute later the clock was turned back to 23:01 on the 6th.
        ("2010-11-07T02:29:59+00:00", "America/St_Johns", "2010-11-06"),
        ("2010-11-07T02:30:00+00:00", "America/St_Johns", "2010-11-07"),
        ("2010-11-07T02:45:00+00:00", "America/St_Johns", "2010-11-07"),
        ("2010-11-07T03:30:00+00:00", "America/St_Johns", "2010-11-07"),
    ],
)
def test_the_local_day_of_an_instant(at: str, name: str, expected: str) -> None:
    """A day that has begun doesn't end before the next one begins."""
    assert date.fromisoformat(expected) == local_date(datetime.fromisoformat(at), name)


def test_an_instant_that_carries_the_zone_itself_is_taken_as_the_instant_it_is() -> None:
    """Python compares such datetimes by the wall clock; here they are instants."""
    second_2330 = datetime(2010, 11, 6, 23, 30, fold=1, tzinfo=ZoneInfo("America/St_Johns"))

    assert date(2010, 11, 7) == local_date(second_2330, "America/St_Johns")


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_calendar_has_ends(at: datetime) -> None:
    """Out of range is an input error, not an overflow."""
    with pytest.raises(InvalidInput, match="at: must be between 0001-01-02 and 9999-12-30"):
        local_date(at, "America/New_York" if at.year == 1 else "Asia/Tokyo")


def test_the_last_day_has_no_end() -> None:
    """Which day comes next can't be asked on the last one."""
    with pytest.raises(InvalidInput, match="at: must be between"):
        local_date(datetime.max.replace(tzinfo=UTC), "UTC")


@pytest.mark.parametrize(
    "name", ["Europe/Paris", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "EST5EDT"]
)
def test_a_zone_by_its_iana_name(name: str) -> None:
    """As the tz database writes it."""
    assert name == zone(name).key


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Europe/Atlantis",
        "Europe",
        "Europe/Paris/",
        "../Europe/Paris",
        "Europe/../Europe/Paris",
        "/usr/share/zoneinfo/Europe/Paris",
        "/etc/passwd",
        "C:\\Windows",
        "Europe/Paris\x00",
        "Europe/Paris\n",
        "posix/Europe/Paris",
        "right/Europe/Paris",
        "localtime",
        "posixrules",
        "Factory",
        "tzdata.zi",
        "zone.tab",
        "+02:00",
        "Ευρώπη/Αθήνα",
        "A" * 1_000_000,
    ],
)
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    """Paths, folders, files beside the zones, leap-second clocks, and what only one machine knows."""
    with pytest.raises(InvalidInput) as caught:
        zone(name)

    assert [("time_zone", "unknown_value")] == [(issue.field, issue.code) for issue in caught.value.issues]


@pytest.mark.parametrize("name", [None, 2, b"UTC", UTC])
def test_only_a_text_names_a_zone(name: Any) -> None:
    """A fixed offset is no zone: it knows no summer."""
    with pytest.raises(InvalidInput, match="time_zone: has the wrong type"):
        start_of(date(2026, 1, 1), name)


def test_only_a_date_has_a_start() -> None:
    """A datetime must be made a local date first."""
    with pytest.raises(InvalidInput, match="day: has the wrong type"):
        start_of(datetime(2026, 1, 1, tzinfo=UTC), "UTC")


def test_an_aware_datetime_passes() -> None:
    """As the object it is."""
    at = datetime(2026, 1, 1, tzinfo=UTC)

    assert at is ensure_aware(at)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime.fromisoformat("2026-01-01"), "naive_datetime"),
        (date(2026, 1, 1), "invalid_type"),
        ("2026-01-01T00:00Z", "invalid_type"),
    ],
)
def test_what_is_no_instant_is_refused(at: Any, code: str) -> None:
    """Naive datetimes above all, under the name that the caller gives."""
    with pytest.raises(InvalidInput, match=r"^issued_at: ") as caught:
        ensure_aware(at, "issued_at")

    assert code == caught.value.issues[0].code
    with pytest.raises(InvalidInput, match=r"^at: "):
        local_date(at, "UTC")


def test_an_instant_in_utc_is_the_same_instant() -> None:
    """Whatever zone it comes in; one that is in UTC is given back as it is, and a naive one is refused."""
    at = datetime(2025, 1, 31, 12, tzinfo=UTC)
    assert at is in_utc(at)
    there = at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert (at, UTC) == (in_utc(there), in_utc(there).tzinfo)
    with pytest.raises(InvalidInput, match="paid_at"):
        in_utc(at.replace(tzinfo=None), "paid_at")
