"""How often the networks let a declining card be tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from billing_core.gateways.network_limits import (
    ATTEMPT_LIMITS,
    LONGEST_WINDOW,
    AttemptLimit,
    earliest_attempt_at,
)

START = datetime(2025, 1, 31, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_the_published_limits() -> None:
    """Visa's by acquirers, Mastercard's own; each in its window."""
    assert (AttemptLimit(15, 30 * DAY),) == ATTEMPT_LIMITS["visa"]
    assert (AttemptLimit(10, 24 * HOUR), AttemptLimit(35, 30 * DAY)) == ATTEMPT_LIMITS["mastercard"]
    assert 30 * DAY == LONGEST_WINDOW


@pytest.mark.parametrize(
    ("brand", "step", "count", "expected"),
    [
        ("visa", DAY, 0, None),
        ("visa", DAY, 14, None),
        ("visa", DAY, 15, START + 30 * DAY),
        ("visa", DAY, 16, START + 31 * DAY),
        ("some_bank", DAY, 14, None),
        ("some_bank", DAY, 15, START + 30 * DAY),
        ("mastercard", HOUR, 9, None),
        ("mastercard", HOUR, 10, START + DAY),
        ("mastercard", HOUR, 11, START + DAY + HOUR),
        ("mastercard", HOUR, 35, START + 30 * DAY),
        ("mastercard", timedelta(0), 10, START + DAY),
    ],
)
def test_the_next_attempt_waits_for_the_oldest_that_counts(
    brand: str, step: timedelta, count: int, expected: datetime | None
) -> None:
    """Where two limits apply, for the later one; a network that is not listed has Visa's."""
    tries = [START + n * step for n in range(count)]
    assert expected == earliest_attempt_at(brand, tries)
    assert expected == earliest_attempt_at(brand, reversed(tries))


def test_what_comes_out_keeps_the_limit() -> None:
    """At that instant fewer declines than the limit's count lie in its window; a moment earlier, as many."""
    tries = [START + n * HOUR for n in range(40)]
    (daily, monthly) = ATTEMPT_LIMITS["mastercard"]
    at = earliest_attempt_at("mastercard", tries)
    assert at is not None
    inside = {limit: sum(at - limit.window < one for one in tries) for limit in (daily, monthly)}
    assert (0, 34) == (inside[daily], inside[monthly])
