"""
With a valid card on file, the account is charged automatically.

Monthly or annually by plan, **on the renewal date**.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from billing_core import AttemptFilter, Money, Plan
from tests.acceptance.story import MONTHLY, YEARLY, Story

PER_ACCOUNT = Plan.monthly("flat", price=Money.of("49.00", "EUR"))


def renewal_days(story: Story) -> list[str]:
    """The local days on which the customer was charged, oldest first."""
    attempts = story.billing.attempts(AttemptFilter()).items
    return sorted(
        story.billing.dossier(story.license.id).today(a.first_sent_at).isoformat() for a in attempts
    )


def test_the_renewal_is_charged_at_the_first_instant_of_its_day_and_not_before(story: Story) -> None:
    """Half a minute before midnight in Paris there is nothing to do; at midnight the card is charged."""
    story.on("2025-02-27T23:59:30+01:00").nightly_run()
    assert ["59.97 EUR"] == story.captured
    assert ("active", "full") == story.standing
    story.happened()
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.nightly_run()
    assert (
        "invoice.issued",
        "charge.started",
        "charge.succeeded",
        "invoice.paid",
        "license.renewed",
    ) == story.happened()
    assert ["59.97 EUR", "59.97 EUR"] == story.captured
    assert "2025-03-31" == story.paid_until


def test_the_owner_is_told_a_week_ahead(story: Story) -> None:
    """Once, seven local days before the renewal."""
    story.on("2025-02-20T23:59+01:00").nightly_run()
    assert () == story.happened()
    story.on("2025-02-21T00:00+01:00").nightly_run()
    story.on("2025-02-22T00:00+01:00").nightly_run()
    (notice,) = story.events()
    assert ("notice.renewal_coming", "2025-02-28") == (notice.type, notice.data["due_on"])


def test_fourteen_months_from_31_january_never_drift(tell: Callable[..., Story]) -> None:
    """Short months renew on their last day, and the 31st comes back; through leap day and clock changes."""
    story = tell(at="2024-01-31T09:00+01:00").signs_up()
    story.lives_until("2025-03-31")
    assert [
        "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31",
        "2024-08-31", "2024-09-30", "2024-10-31", "2024-11-30", "2024-12-31", "2025-01-31", "2025-02-28",
        "2025-03-31",
    ] == renewal_days(story)  # fmt: skip
    assert ["59.97 EUR"] * 15 == story.captured
    assert ("active", "2025-04-30") == (story.standing[0], story.paid_until)


@pytest.mark.parametrize(
    ("anchor", "renewals"),
    [
        ("2024-02-29", ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2024-06-30", ["2024-06-30", "2025-06-30", "2026-06-30", "2027-06-30", "2028-06-30"]),
    ],
)
def test_a_yearly_plan_renews_once_a_year(
    anchor: str, renewals: list[str], tell: Callable[..., Story]
) -> None:
    """On its date; who signed up on a leap day renews on 28 February, and on the 29th when there is one."""
    story = tell(at=f"{anchor}T09:00+01:00").signs_up(YEARLY)
    for day in renewals[1:]:
        eve = date.fromordinal(date.fromisoformat(day).toordinal() - 1)
        story.on(f"{eve}T12:00+00:00").nightly_run()
        story.on(f"{day}T12:00+00:00").nightly_run()
    assert renewals == renewal_days(story)
    assert ["597.00 EUR"] * 5 == story.captured


@pytest.mark.parametrize(
    ("zone", "before", "midnight"),
    [
        ("Europe/Paris", "2025-03-30T22:59:59+01:00", "2025-03-31T00:00+02:00"),
        ("America/New_York", "2025-03-31T03:59:59+00:00", "2025-03-31T04:00+00:00"),
        ("America/Santiago", "2025-03-31T02:59:59+00:00", "2025-03-31T03:00+00:00"),
        ("Asia/Kolkata", "2025-03-30T18:29:59+00:00", "2025-03-30T18:30+00:00"),
        ("Asia/Kathmandu", "2025-03-30T18:14:59+00:00", "2025-03-30T18:15+00:00"),
        ("Pacific/Auckland", "2025-03-30T10:59:59+00:00", "2025-03-30T11:00+00:00"),
        ("Pacific/Kiritimati", "2025-03-30T09:59:59+00:00", "2025-03-30T10:00+00:00"),
    ],
)
def test_the_day_begins_where_the_customer_lives(
    zone: str, before: str, midnight: str, tell: Callable[..., Story]
) -> None:
    """31 March starts at another instant in each zone; the renewal waits for exactly that one."""
    story = tell(at="2025-01-31T09:00+00:00", time_zone=zone).signs_up()
    story.on("2025-02-28T12:00+00:00").nightly_run()
    assert "2025-03-31" == story.paid_until
    story.on(before).nightly_run()
    assert 2 == len(story.captured)
    story.on(midnight).nightly_run()
    assert 3 == len(story.captured)
    assert "2025-04-30" == story.paid_until


@pytest.mark.parametrize(
    ("zone", "started", "renews"),
    [
        # In Cairo, midnight of 26 April 2024 did not exist: clocks went from 23:59:59 to 01:00.
        ("Africa/Cairo", "2024-03-26T09:00+02:00", "2024-04-25T22:00+00:00"),
        # In Havana, midnight of 3 November 2024 came twice: clocks went from 01:00 back to 00:00.
        ("America/Havana", "2024-10-03T09:00-04:00", "2024-11-03T04:00+00:00"),
    ],
)
def test_a_midnight_that_is_skipped_or_comes_twice(
    zone: str, started: str, renews: str, tell: Callable[..., Story]
) -> None:
    """The day starts at its first instant, whatever the clocks show then."""
    story = tell(at=started, time_zone=zone).signs_up()
    assert datetime.fromisoformat(renews) == story.view.due_at
    story.on(renews).clock.advance(seconds=-1)
    story.nightly_run()
    assert 1 == len(story.captured)
    story.on(renews).nightly_run()
    assert 2 == len(story.captured)


def test_the_price_is_per_seat_or_flat(tell: Callable[..., Story]) -> None:
    """Seats multiply a price per seat; a flat price stays."""
    assert ["199.90 EUR"] == tell().signs_up(MONTHLY, quantity=10).captured
    assert ["49.00 EUR"] == tell().signs_up(PER_ACCOUNT, quantity=10).captured


def test_a_cron_job_that_was_down_for_a_week_loses_nothing(story: Story) -> None:
    """The renewal is late, its period is not."""
    story.on("2025-03-06T03:00+01:00").nightly_run()
    assert ("charge", "2025-02-28", "2025-03-31") == story.coverage[-1]
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_the_preview_is_what_then_happens(story: Story) -> None:
    """The page that says when the next charge will be, and how much, is right."""
    assert ("2025-02-28", "59.97 EUR") == (str(story.view.next_charge_on), str(story.view.next_charge_amount))
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ("2025-02-28", "59.97 EUR") == (renewal_days(story)[-1], story.captured[-1])
