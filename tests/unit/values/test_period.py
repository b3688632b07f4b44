"""Periods: half-open spans of days."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from billing_core.errors import InvalidInput
from billing_core.values.period import Period

FEBRUARY = Period(date(2024, 2, 1), date(2024, 3, 1))


def test_days_from_the_first_up_to_and_without_the_last() -> None:
    """Leap days count."""
    assert 29 == FEBRUARY.days
    assert FEBRUARY.contains(date(2024, 2, 1))
    assert date(2024, 2, 29) in FEBRUARY
    assert date(2024, 3, 1) not in FEBRUARY
    assert date(2024, 1, 31) not in FEBRUARY
    assert "2024-02-01/2024-03-01" == str(FEBRUARY)


def test_by_position_or_by_name() -> None:
    """And equal if their days are."""
    assert FEBRUARY == Period(start=date(2024, 2, 1), end=date(2024, 3, 1))
    assert 1 == len({FEBRUARY, Period(date(2024, 2, 1), date(2024, 3, 1))})


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2024, 1, 1), date(2024, 2, 1), False),
        (date(2024, 1, 1), date(2024, 2, 2), True),
        (date(2024, 2, 10), date(2024, 2, 11), True),
        (date(2024, 2, 29), date(2024, 4, 1), True),
        (date(2024, 3, 1), date(2024, 4, 1), False),
    ],
)
def test_periods_that_touch_do_not_overlap(start: date, end: date, *, expected: bool) -> None:
    """From either side."""
    other = Period(start, end)

    assert (expected, expected) == (FEBRUARY.overlaps(other), other.overlaps(FEBRUARY))


@pytest.mark.parametrize("end", [date(2024, 2, 1), date(2024, 1, 31)])
def test_a_period_is_not_empty(end: date) -> None:
    """Nor backwards."""
    with pytest.raises(InvalidInput, match="end: does not agree with start"):
        Period(date(2024, 2, 1), end)


@pytest.mark.parametrize(
    "day",
    [datetime.fromisoformat("2024-02-01"), datetime(2024, 2, 1, tzinfo=UTC), "2024-02-01", None, 20240201],
)
def test_a_day_is_a_date_without_time(day: Any) -> None:
    """A datetime inherits from date, but which day it means depends on a zone."""
    with pytest.raises(InvalidInput, match="start: has the wrong type"):
        Period(day, date(2030, 1, 1))
    with pytest.raises(InvalidInput, match="end: has the wrong type"):
        Period(date(2000, 1, 1), day)
    with pytest.raises(InvalidInput, match="day: has the wrong type"):
        FEBRUARY.__contains__(day)
