"""Schedules: the anchor plus n intervals."""

import copy
import pickle
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import attrs
import pytest
from dateutil.rrule import rrule, rruleset

from billing_core.errors import InvalidInput
from billing_core.values.schedule import Interval, Period, RenewalSchedule


def days(schedule: RenewalSchedule, count: int) -> list[str]:
    """The first boundaries, as texts."""
    return [schedule.boundary(n).isoformat() for n in range(count)]


def test_month_ends_come_back() -> None:
    """A short month moves one boundary and no later one."""
    schedule = RenewalSchedule(date(2024, 1, 31), Interval.monthly())

    assert ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"] == days(schedule, 4)


def test_the_leap_day_comes_back() -> None:
    """Feb 29 is Feb 28 in common years, 1900 and 2100 among them."""
    schedule = RenewalSchedule(date(2096, 2, 29), Interval.yearly())

    assert ["2096-02-29", "2097-02-28", "2098-02-28", "2099-02-28", "2100-02-28"] == days(schedule, 5)
    assert date(2104, 2, 29) == schedule.boundary(8)


def test_days_and_weeks_are_counted() -> None:
    """Through short months, without regard to them."""
    assert ["2024-02-27", "2024-03-01", "2024-03-04"] == days(
        RenewalSchedule(date(2024, 2, 27), Interval.daily(3)), 3
    )
    assert ["2024-02-27", "2024-03-12"] == days(RenewalSchedule(date(2024, 2, 27), Interval.weekly(2)), 2)


@pytest.mark.parametrize(
    ("anchor", "interval", "anchor_day", "expected"),
    [
        # the first such day is later in the anchor's month, or in the next one
        ("2025-01-10", Interval.monthly(), 15, ["2025-01-10", "2025-01-15", "2025-02-15"]),
        ("2025-01-20", Interval.monthly(), 15, ["2025-01-20", "2025-02-15", "2025-03-15"]),
        ("2025-12-20", Interval.monthly(), 1, ["2025-12-20", "2026-01-01", "2026-02-01"]),
        # clamped to the end of the month, and back
        ("2025-02-10", Interval.monthly(), 31, ["2025-02-10", "2025-02-28", "2025-03-31", "2025-04-30"]),
        # the anchor is such a day, as it is or clamped: no short period
        ("2025-01-15", Interval.monthly(), 15, ["2025-01-15", "2025-02-15"]),
        ("2025-02-28", Interval.monthly(), 31, ["2025-02-28", "2025-03-31"]),
        ("2024-01-01", Interval.monthly(3), 1, ["2024-01-01", "2024-04-01"]),
        # a quarter waits for the first such day only, then for whole quarters
        ("2025-01-20", Interval.monthly(3), 1, ["2025-01-20", "2025-02-01", "2025-05-01"]),
        # a year keeps the anchor's month
        ("2012-02-16", Interval.yearly(), 14, ["2012-02-16", "2013-02-14", "2014-02-14"]),
        ("2012-02-16", Interval.yearly(), 20, ["2012-02-16", "2012-02-20", "2013-02-20"]),
        ("2023-02-28", Interval.yearly(), 29, ["2023-02-28", "2024-02-29", "2025-02-28"]),
        ("2012-02-16", Interval.yearly(2), 14, ["2012-02-16", "2013-02-14", "2015-02-14"]),
    ],
)
def test_an_anchor_day_makes_the_first_period_short(
    anchor: str, interval: Interval, anchor_day: int, expected: list[str]
) -> None:
    """Service starts at the anchor; renewals fall on the anchor day."""
    schedule = RenewalSchedule(date.fromisoformat(anchor), interval, anchor_day)

    assert expected == days(schedule, len(expected))


def test_periods_and_their_numbers() -> None:
    """period, index_at and next_after tell the same story."""
    schedule = RenewalSchedule(date(2025, 1, 20), Interval.monthly(), anchor_day=31)
    january = Period(date(2025, 1, 20), date(2025, 1, 31))

    assert january == schedule.period(0)
    assert Period(date(2025, 1, 31), date(2025, 2, 28)) == schedule.period(1)
    assert [0, 0, 1, 1, 2] == [
        schedule.index_at(date.fromisoformat(day))
        for day in ("2025-01-20", "2025-01-30", "2025-01-31", "2025-02-27", "2025-02-28")
    ]
    assert [date(2025, 1, 20), date(2025, 1, 31), date(2025, 2, 28)] == [
        schedule.next_after(date.fromisoformat(day)) for day in ("2024-12-01", "2025-01-20", "2025-01-31")
    ]


def test_a_day_before_the_anchor_is_in_no_period() -> None:
    """It has no number."""
    with pytest.raises(InvalidInput, match="day: must be between 2025-01-20 and 9999-12-31"):
        RenewalSchedule(date(2025, 1, 20), Interval.monthly()).index_at(date(2025, 1, 19))


@pytest.mark.parametrize(
    "schedule",
    [
        RenewalSchedule(date(2025, 1, 31), Interval.monthly()),
        RenewalSchedule(date(2025, 1, 31), Interval.yearly(7)),
        RenewalSchedule(date(2025, 1, 31), Interval.daily()),
        RenewalSchedule(date(2025, 1, 20), Interval.monthly(), 15),
    ],
)
def test_the_calendar_ends(schedule: RenewalSchedule) -> None:
    """The last boundary is named by the error for the first that is not there."""
    last = schedule.index_at(date.max)

    assert schedule.boundary(last) <= date.max
    for n in (last + 1, 10**9, 10**30):
        with pytest.raises(InvalidInput, match=f"n: must be between 0 and {last}"):
            schedule.boundary(n)
    with pytest.raises(InvalidInput, match="n: must be between"):
        schedule.period(last)
    with pytest.raises(InvalidInput, match="n: must be between"):
        schedule.next_after(date.max)


@pytest.mark.parametrize("anchor_day", [None, 15])
@pytest.mark.parametrize(
    ("n", "code"), [(-1, "negative"), (1.0, "invalid_type"), (True, "invalid_type"), ("1", "invalid_type")]
)
def test_a_boundary_has_a_number_from_zero_on(n: Any, code: str, anchor_day: int | None) -> None:
    """There is none before the anchor."""
    with pytest.raises(InvalidInput, match=r"^n: ") as caught:
        RenewalSchedule(date(2025, 1, 20), Interval.monthly(), anchor_day).boundary(n)

    assert code == caught.value.issues[0].code


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        ((datetime(2025, 1, 1, tzinfo=UTC), Interval.monthly()), "anchor", "invalid_type"),
        (("2025-01-01", Interval.monthly()), "anchor", "invalid_type"),
        ((date(2025, 1, 1), "month"), "interval", "invalid_type"),
        ((date(2025, 1, 1), Interval.monthly(), 0), "anchor_day", "out_of_range"),
        ((date(2025, 1, 1), Interval.monthly(), 32), "anchor_day", "out_of_range"),
        ((date(2025, 1, 1), Interval.monthly(), True), "anchor_day", "invalid_type"),
        ((date(2025, 1, 1), Interval.monthly(), "15"), "anchor_day", "invalid_type"),
        ((date(2025, 1, 1), Interval.weekly(), 1), "anchor_day", "not_supported"),
        ((date(2025, 1, 1), Interval.daily(), 1), "anchor_day", "not_supported"),
    ],
)
def test_what_is_no_schedule_is_refused(arguments: tuple[Any, ...], field: str, code: str) -> None:
    """By field and code."""
    with pytest.raises(InvalidInput) as caught:
        RenewalSchedule(*arguments)

    assert [(field, code)] == [(issue.field, issue.code) for issue in caught.value.issues]


@pytest.mark.parametrize("day", [datetime(2025, 2, 1, tzinfo=UTC), "2025-02-01", None])
def test_a_day_is_a_date_without_time(day: Any) -> None:
    """Instants go through local_date first."""
    schedule = RenewalSchedule(date(2025, 1, 1), Interval.monthly())

    with pytest.raises(InvalidInput, match="day: has the wrong type"):
        schedule.index_at(day)
    with pytest.raises(InvalidInput, match="day: has the wrong type"):
        schedule.next_after(day)


def test_a_value_like_any_other() -> None:
    """Equal, hashable, copied, pickled and shown by its three facts."""
    schedule = RenewalSchedule(anchor=date(2025, 1, 31), interval=Interval.monthly(), anchor_day=None)

    assert schedule == RenewalSchedule(date(2025, 1, 31), Interval.monthly())
    assert 1 == len({schedule, copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule))})
    assert date(2025, 2, 28) == pickle.loads(pickle.dumps(schedule)).boundary(1)
    assert date(2025, 2, 15) == attrs.evolve(schedule, anchor_day=15).boundary(1)
    assert (
        "RenewalSchedule(anchor=datetime.date(2025, 1, 31), "
        "interval=Interval(unit=<IntervalUnit.MONTH: 'month'>, count=1), anchor_day=None)"
    ) == repr(schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        RenewalSchedule(date(2024, 1, 31), Interval.monthly()),
        RenewalSchedule(date(2024, 1, 30), Interval.monthly(5)),
        RenewalSchedule(date(2024, 1, 15), Interval.monthly()),
        RenewalSchedule(date(2024, 2, 29), Interval.yearly()),
        RenewalSchedule(date(2024, 4, 30), Interval.yearly(3)),
        RenewalSchedule(date(2024, 1, 31), Interval.weekly(2)),
        RenewalSchedule(date(2024, 1, 31), Interval.daily(10)),
        RenewalSchedule(date(2024, 2, 10), Interval.monthly(), 31),
        RenewalSchedule(date(2024, 2, 28), Interval.monthly(), 31),
        RenewalSchedule(date(2024, 2, 16), Interval.yearly(), 14),
    ],
)
def test_a_recurrence_rule_gives_the_same_days(schedule: RenewalSchedule) -> None:
    """Month ends, leap days and short first periods included."""
    rule = schedule.to_rrule()

    assert [schedule.boundary(n) for n in range(40)] == [at.date() for at in islice(rule, 40)]
    assert {(0, 0, None)} == {(at.hour, at.minute, at.tzinfo) for at in islice(rule, 3)}


@pytest.mark.parametrize(
    ("schedule", "kind"),
    [
        (RenewalSchedule(date(2024, 1, 31), Interval.daily()), rrule),
        (RenewalSchedule(date(2024, 1, 31), Interval.monthly()), rrule),
        (RenewalSchedule(date(2024, 1, 31), Interval.monthly(), 31), rrule),
        (RenewalSchedule(date(2024, 2, 10), Interval.monthly(), 31), rruleset),
    ],
)
def test_only_a_short_first_period_needs_a_set(schedule: RenewalSchedule, kind: type) -> None:
    """A plain rule can be written as one line of a calendar."""
    assert kind is type(schedule.to_rrule())
