"""Support grants a temporary extension so that the owner can log in and update the card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from billing_core import Advice, BillingPolicy, InvalidInput, NotAllowed, PermissionDenied
from tests.acceptance.story import Story


@pytest.fixture
def locked_out(story: Story) -> Story:
    """The card was refused on 28 February; the license expired on 7 March."""
    story.processor.card_declines(story.account.cards[0].token, Advice.NEW_CARD)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.on("2025-03-07T00:00+01:00").nightly_run()
    assert ("expired", "billing_only") == story.standing
    story.happened()
    return story


def test_it_opens_the_door_for_some_days_and_ends_by_itself(locked_out: Story) -> None:
    """Full access until the same time of day, five days later; then the door closes, whoever runs what."""
    story = locked_out.on("2025-03-10T15:30+01:00")
    story.billing.grant_extension(
        story.license.id, days=5, actor=story.support, reason="new card is in the post"
    )
    assert ("expired", "full") == story.standing
    assert datetime.fromisoformat("2025-03-15T15:30+01:00") == story.view.extended_until
    story.on("2025-03-15T15:29:59+01:00")
    assert ("expired", "full") == story.standing
    story.on("2025-03-15T15:30+01:00")
    assert ("expired", "billing_only") == story.standing
    assert None is story.view.extended_until


def test_it_names_its_author_and_its_reason(locked_out: Story) -> None:
    """Who granted it, when, for how long and why: in the license and in the audit log."""
    story = locked_out.on("2025-03-10T15:30+01:00")
    story.billing.grant_extension(
        story.license.id, days=5, actor=story.support, reason="new card is in the post"
    )
    (extension,) = story.license.extensions
    assert ("sam", "new card is in the post", 5) == (extension.granted_by, extension.reason, extension.days)
    (event,) = story.events()
    assert ("license.extension_granted", "sam", "support", "new card is in the post", 5) == (
        event.type,
        event.actor.id,
        event.actor.role,
        event.reason,
        event.data["days"],
    )


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_there_is_none(reason: str, locked_out: Story) -> None:
    """An empty reason is no reason."""
    with pytest.raises(InvalidInput):
        locked_out.billing.grant_extension(
            locked_out.license.id, days=5, actor=locked_out.support, reason=reason
        )
    assert () == locked_out.happened()


def test_it_moves_no_date_and_forgives_no_debt(locked_out: Story) -> None:
    """What is owed, for which days, and when it would have been charged: all as before."""
    story = locked_out.on("2025-03-10T15:30+01:00")
    owed = story.view.amount_due, story.view.paid_until, story.view.due_at, story.coverage
    story.billing.grant_extension(
        story.license.id, days=5, actor=story.support, reason="new card is in the post"
    )
    story.nightly_run()
    assert owed == (story.view.amount_due, story.view.paid_until, story.view.due_at, story.coverage)
    assert ["59.97 EUR"] == story.captured
    assert 2 == len(story.processor.charges)


def test_it_stops_no_retry(story: Story) -> None:
    """The card had no money on the renewal date; the retries go on behind the extension."""
    for _ in range(2):
        story.processor.next_charge_declines(Advice.RETRY_LATER)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.billing.grant_extension(
        story.license.id, days=14, actor=story.support, reason="bank is looking into it"
    )
    story.on("2025-03-01T00:00+01:00").nightly_run()
    story.on("2025-03-03T00:00+01:00").nightly_run()
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_while_it_runs_the_owner_can_update_the_card_and_is_charged(locked_out: Story) -> None:
    """That is what it is for: the owner logs in and enters a card, and the original period is paid."""
    story = locked_out.on("2025-03-10T15:30+01:00")
    story.billing.grant_extension(
        story.license.id, days=5, actor=story.support, reason="new card is in the post"
    )
    story.on("2025-03-12T10:00+01:00").owner_enters_card("1881", replace=story.account.cards[0])
    story.billing.run_license(story.license.id, actor=story.owner)
    assert ("active", "full") == story.standing
    assert ("charge", "2025-02-28", "2025-03-31") == story.coverage[-1]
    story.on("2025-03-15T15:30+01:00")
    assert ("active", "full") == story.standing


def test_the_owner_is_told_before_it_ends(locked_out: Story) -> None:
    """One day ahead, once, while nothing is paid."""
    story = locked_out.on("2025-03-10T15:30+01:00")
    story.billing.grant_extension(
        story.license.id, days=5, actor=story.support, reason="new card is in the post"
    )
    story.nightly_run()
    story.on("2025-03-14T15:30+01:00").nightly_run()
    story.on("2025-03-15T09:00+01:00").nightly_run()
    assert ("license.extension_granted", "notice.extension_ending") == story.happened()


def test_support_can_not_go_on_for_ever(tell: Callable[..., Story]) -> None:
    """So many days at once, so many within a year; a year later there are new ones."""
    policy = BillingPolicy(extension_days_max=10, extension_days_per_year_max=15)
    story = tell(policy=policy).signs_up()
    story.on("2025-03-10T12:00+01:00")

    def grant(days: int) -> None:
        story.billing.grant_extension(
            story.license.id, days=days, actor=story.support, reason="still no card"
        )

    for wrong in (0, -1, 11):
        with pytest.raises(InvalidInput):
            grant(wrong)
    grant(10)
    story.on("2025-06-01T12:00+02:00")
    with pytest.raises(NotAllowed, match="extension_limit") as refused:
        grant(6)
    assert {"days_used": 10, "days_per_year_max": 15} == refused.value.params
    grant(5)
    story.on("2026-03-10T12:00+01:00")
    grant(10)


def test_only_support_grants_it(story: Story) -> None:
    """Not the owner, not the vendor's automation, not a stranger."""
    for who in (story.owner, story.admin, story.agent, story.stranger, story.vendor):
        with pytest.raises(PermissionDenied):
            story.billing.grant_extension(story.license.id, days=5, actor=who, reason="please")
    assert () == story.license.extensions


def test_a_canceled_license_is_not_extended(story: Story) -> None:
    """What the owner ended stays ended."""
    story.billing.cancel(story.license.id, actor=story.owner, at_period_end=False)
    with pytest.raises(NotAllowed, match="license_canceled"):
        story.billing.grant_extension(story.license.id, days=5, actor=story.support, reason="come back")
    assert ("canceled", "none") == story.standing
