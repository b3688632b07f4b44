"""Extensions: their end, their limits, and that they are nothing but access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from billing_core.errors import InvalidInput, NotAllowed
from billing_core.licenses.extension import Extension, check_extension, extension_end
from billing_core.policy import BillingPolicy
from tests.charging_builders import PARIS, at, license_of

NOW = at("2025-03-10 08:15")
POLICY = BillingPolicy(extension_days_max=14, extension_days_per_year_max=30)


def granted(at_: datetime, days: int) -> Extension:
    return Extension(
        granted_at=at_, until=at_ + timedelta(days=days), days=days, granted_by="sam", reason="lost card"
    )


def test_active_from_the_grant_until_its_end() -> None:
    """The end is exclusive."""
    extension = granted(NOW, 1)
    tick = timedelta(microseconds=1)
    instants = [NOW - tick, NOW, extension.until - tick, extension.until]
    assert [False, True, True, False] == [extension.is_active_at(instant) for instant in instants]


@pytest.mark.parametrize(
    ("now", "days", "zone", "end"),
    [
        ("2025-03-10T09:15:00+01:00", 3, PARIS, "2025-03-13T09:15:00+01:00"),
        # Over a change of the clocks it is the same time of day.
        ("2025-03-29T09:00:00+01:00", 1, PARIS, "2025-03-30T09:00:00+02:00"),
        ("2025-10-25T09:00:00+02:00", 1, PARIS, "2025-10-26T09:00:00+01:00"),
        # 02:30 does not exist that night: the instant that it would have been.
        ("2025-03-29T02:30:00+01:00", 1, PARIS, "2025-03-30T03:30:00+02:00"),
        # It comes twice that night: the first one.
        ("2025-10-25T02:30:00+02:00", 1, PARIS, "2025-10-26T02:30:00+02:00"),
        ("2026-04-23T00:30:00+02:00", 1, "Africa/Cairo", "2026-04-24T01:30:00+03:00"),
    ],
)
def test_end_is_the_same_time_of_day(now: str, days: int, zone: str, end: str) -> None:
    """Some local days later, whatever the clocks do."""
    assert end == extension_end(datetime.fromisoformat(now), days, zone).isoformat()


def test_end_carries_a_fixed_offset() -> None:
    """So that it compares as an instant with whatever clock the host has."""
    end = extension_end(datetime(2025, 10, 25, 2, 30, tzinfo=ZoneInfo(PARIS)), 1, PARIS)
    assert end < datetime(2025, 10, 26, 2, 30, fold=1, tzinfo=ZoneInfo(PARIS))
    assert datetime(2025, 10, 26, 0, 30, tzinfo=UTC) == end


@pytest.mark.parametrize("days", [1, 14])
def test_within_the_limits(days: int) -> None:
    """From a day to the longest."""
    check_extension((), days, NOW, POLICY)


@pytest.mark.parametrize(("days", "code"), [(0, "out_of_range"), (15, "out_of_range"), (-1, "out_of_range")])
def test_too_long_or_none_at_all(days: int, code: str) -> None:
    """One extension has a limit of its own."""
    with pytest.raises(InvalidInput) as refused:
        check_extension((), days, NOW, POLICY)
    assert [code] == [issue.code for issue in refused.value.issues]


@pytest.mark.parametrize("days", [1.0, "1", True, None])
def test_days_are_whole_numbers(days: object) -> None:
    """Nothing that only looks like one."""
    with pytest.raises(InvalidInput, match="days"):
        check_extension((), days, NOW, POLICY)  # type: ignore[arg-type]


def test_days_of_a_year_are_limited() -> None:
    """All that were granted within 365 days count together, ended or not."""
    history = [granted(NOW - timedelta(days=364), 14), granted(NOW - timedelta(days=100), 10)]
    check_extension(history, 6, NOW, POLICY)
    with pytest.raises(NotAllowed) as refused:
        check_extension(history, 7, NOW, POLICY)
    assert ("extension_limit", {"days_used": 24, "days_per_year_max": 30}) == (
        refused.value.code,
        refused.value.params,
    )


def test_year_rolls() -> None:
    """What was granted exactly 365 days ago counts no more."""
    year_ago = NOW - timedelta(days=365)
    check_extension([granted(year_ago, 14)] * 3, 14, NOW, POLICY)
    with pytest.raises(NotAllowed):
        check_extension([granted(year_ago + timedelta(microseconds=1), 14)] * 2, 14, NOW, POLICY)


def test_extension_moves_no_date() -> None:
    """Paid time, terms and what is due stay what they are."""
    license = license_of()
    extended = license.with_extension(granted(NOW, 3))
    assert (license.paid_until, license.terms, license.due_at, license.coverage) == (
        extended.paid_until,
        extended.terms,
        extended.due_at,
        extended.coverage,
    )
