"""When a declined charge is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.invoice import Invoice
from billing_core.charging.retry import next_retry_at, retry_times
from billing_core.gateways.results import ChargeResult
from billing_core.policy import BillingPolicy
from tests.charging_builders import JAN_31, PARIS, an_attempt, dossier_of, paris, sent

POLICY = BillingPolicy(retry_days=(1, 3, 5))
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)


def invoice() -> Invoice:
    return sent(dossier_of(), paris(JAN_31)).invoices[0]


def declined_at(sent_at: datetime, **changes: object) -> ChargeAttempt:
    return an_attempt(AttemptState.DECLINED, sent_at=sent_at, **changes)


def test_days_after_the_due_day() -> None:
    """At the first instant of local days, never n times 24 hours after the last try."""
    expected = (paris("2025-02-01"), paris("2025-02-03"), paris("2025-02-05"))
    assert expected == retry_times(invoice(), PARIS, POLICY)


def test_doubt_moves_all_of_them() -> None:
    """By just as long as nobody knew."""
    expected = tuple(paris(day, hours=7) for day in ("2025-02-01", "2025-02-03", "2025-02-05"))
    assert expected == retry_times(invoice(), PARIS, POLICY, timedelta(hours=7))


@pytest.mark.parametrize(
    ("tried", "expected"),
    [
        (paris(JAN_31), "2025-02-01"),
        (paris("2025-02-01") - TICK, "2025-02-01"),
        (paris("2025-02-01"), "2025-02-03"),
        (paris("2025-02-04"), "2025-02-05"),
        (paris("2025-02-05"), None),
        (paris("2025-03-05"), None),
    ],
)
def test_first_day_after_the_last_try(tried: datetime, expected: str | None) -> None:
    """A try at the very instant of a retry day has used it up."""
    actual = next_retry_at(invoice(), declined_at(tried), PARIS, POLICY)
    assert (paris(expected) if expected else None) == actual


@pytest.mark.parametrize(
    ("tried", "doubt_before", "own_doubt", "expected"),
    [
        # The first charge was in doubt for two days.
        (paris(JAN_31), 0, 2, "2025-02-03"),
        # The retry of day 1 was: the one of day 3 is made on day 5.
        (paris("2025-02-01"), 0, 2, "2025-02-05"),
        # The first charge was in doubt for two days, the retry of day 1 was made on day 3.
        (paris("2025-02-03"), 2, 0, "2025-02-05"),
        (paris("2025-02-03"), 2, 1, "2025-02-06"),
        (paris("2025-02-07"), 2, 1, None),
    ],
)
def test_doubt_stops_the_clock_of_the_plan(
    tried: datetime, doubt_before: int, own_doubt: int, expected: str | None
) -> None:
    """No retry is lost to it, and none is won."""
    last = declined_at(tried, uncertain_for=own_doubt * DAY)
    actual = next_retry_at(invoice(), last, PARIS, POLICY, (doubt_before + own_doubt) * DAY)
    assert (paris(expected) if expected else None) == actual


@pytest.mark.parametrize(
    ("not_before", "expected"),
    [(timedelta(hours=1), paris("2025-02-01")), (3 * DAY, paris(JAN_31, days=3, hours=1))],
)
def test_network_asks_to_wait(not_before: timedelta, expected: datetime) -> None:
    """Counted from the decline; a plan that waits longer stays."""
    result = ChargeResult.declined(Advice.RETRY_LATER, not_before=not_before)
    last = declined_at(paris(JAN_31), result=result)
    assert expected == next_retry_at(invoice(), last, PARIS, POLICY)


def test_no_retries() -> None:
    """A plan without days makes none."""
    assert next_retry_at(invoice(), declined_at(paris(JAN_31)), PARIS, BillingPolicy(retry_days=())) is None
