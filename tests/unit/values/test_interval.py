"""Intervals: so many days, weeks, months or years."""

from typing import Any

import pytest
from dateutil.relativedelta import MO, relativedelta

from billing_core.errors import InvalidInput
from billing_core.values.interval import MAX_COUNT, Interval, IntervalUnit


def test_every_way_to_say_it() -> None:
    """By name, by position, by keyword; a unit's name will do."""
    assert (
        Interval(IntervalUnit.MONTH, 1)
        == Interval.monthly()
        == Interval("month")
        == Interval(unit="month", count=1)
    )
    assert Interval(IntervalUnit.YEAR, 2) == Interval.yearly(2)
    assert Interval(IntervalUnit.WEEK, 3) == Interval.weekly(3)
    assert Interval(IntervalUnit.DAY, MAX_COUNT) == Interval.daily(MAX_COUNT)
    assert IntervalUnit.MONTH is Interval("month").unit


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        (("quarter", 1), "unit", "unknown_value"),
        ((None, 1), "unit", "unknown_value"),
        (("month", 1.0), "count", "invalid_type"),
        (("month", True), "count", "invalid_type"),
        (("month", 0), "count", "out_of_range"),
        (("month", -1), "count", "out_of_range"),
        (("month", MAX_COUNT + 1), "count", "out_of_range"),
    ],
)
def test_what_is_no_interval_is_refused(arguments: tuple[Any, ...], field: str, code: str) -> None:
    """By field and code."""
    with pytest.raises(InvalidInput) as caught:
        Interval(*arguments)

    assert [(field, code)] == [(issue.field, issue.code) for issue in caught.value.issues]


@pytest.mark.parametrize(
    ("interval", "delta"),
    [
        (Interval.daily(10), relativedelta(days=10)),
        (Interval.weekly(2), relativedelta(days=14)),
        (Interval.monthly(3), relativedelta(months=3)),
        (Interval.monthly(18), relativedelta(years=1, months=6)),
        (Interval.yearly(2), relativedelta(years=2)),
    ],
)
def test_to_dateutil_and_back(interval: Interval, delta: relativedelta) -> None:
    """The same length in both."""
    assert delta == interval.to_relativedelta()
    assert interval == Interval.from_relativedelta(delta)


def test_from_dateutil_takes_the_largest_unit() -> None:
    """Twelve months are a year to dateutil, and seven days a week to us."""
    assert Interval.yearly() == Interval.from_relativedelta(Interval.monthly(12).to_relativedelta())
    assert Interval.weekly() == Interval.from_relativedelta(Interval.daily(7).to_relativedelta())


@pytest.mark.parametrize(
    "delta",
    [
        relativedelta(),
        relativedelta(months=1, days=1),
        relativedelta(hours=36),
        relativedelta(months=1, hours=1),
        relativedelta(month=1),
        relativedelta(months=1, day=31),
        relativedelta(months=1, weekday=MO),
        relativedelta(days=1.5),  # type: ignore[arg-type]
        relativedelta(days=2.0),  # type: ignore[arg-type]
    ],
)
def test_a_delta_that_is_no_single_length_is_refused(delta: relativedelta) -> None:
    """Mixed units, times of day, absolute parts, fractions, nothing."""
    with pytest.raises(InvalidInput, match="delta: is not supported"):
        Interval.from_relativedelta(delta)


def test_a_delta_backwards_is_refused() -> None:
    """Renewals only go on."""
    with pytest.raises(InvalidInput, match="count: must be between"):
        Interval.from_relativedelta(relativedelta(months=-1))


def test_only_a_relativedelta_is_a_delta() -> None:
    """A timedelta knows no months."""
    with pytest.raises(InvalidInput, match="delta: has the wrong type"):
        Interval.from_relativedelta(30)  # type: ignore[arg-type]
