"""The clock of tests and demos."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from billing_core.errors import InvalidInput
from billing_core.testing import ManualClock


def test_stands_still_until_told() -> None:
    """Asking for the time does not move it."""
    clock = ManualClock("2025-01-31T09:00+01:00")
    assert clock.now() == clock.now() == datetime(2025, 1, 31, 8, tzinfo=UTC)


def test_advances_by_elapsed_time() -> None:
    """All units add up."""
    clock = ManualClock(datetime(2025, 1, 31, 8, tzinfo=UTC))
    clock.advance(days=1, hours=2, minutes=3, seconds=4.5)
    assert datetime(2025, 2, 1, 10, 3, 4, 500_000, tzinfo=UTC) == clock.now()


def test_jumps_both_ways() -> None:
    """A clock that is set back is a test of its own."""
    clock = ManualClock("2025-01-31T09:00+01:00")
    clock.set(datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=9))))
    assert datetime(2023, 12, 31, 15, tzinfo=UTC) == clock.now()
    clock.set("2026-01-01T00:00Z")
    assert datetime(2026, 1, 1, tzinfo=UTC) == clock.now()


@pytest.mark.parametrize("wrong", ["yesterday", "", "4242 4242 4242 4242"])
def test_a_text_that_is_no_time_is_refused(wrong: str) -> None:
    """And is not repeated."""
    with pytest.raises(InvalidInput, match="at: does not have the right form") as caught:
        ManualClock(wrong)
    assert "4242" not in repr(caught.value)


@pytest.mark.parametrize("wrong", ["2025-01-31T09:00", datetime(2025, 1, 31)])  # noqa: DTZ001 - naive on purpose
def test_naive_time_is_refused(wrong: datetime | str) -> None:
    """Every instant is aware."""
    with pytest.raises(InvalidInput, match="at: must be an aware datetime"):
        ManualClock(wrong)
    with pytest.raises(InvalidInput):
        ManualClock("2025-01-31T09:00Z").set(wrong)
