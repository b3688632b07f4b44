"""A failed renewal ends in license expiry and service disruption."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from billing_core import Advice, BillingPolicy, ExpiredAccess
from tests.acceptance.story import Story


def test_from_the_failed_charge_to_the_locked_door(story: Story) -> None:
    """Past due with full access for seven local days; then expired, with the billing pages only."""
    story.processor.card_declines(story.account.cards[0].token, Advice.NEW_CARD)
    story.on("2025-02-27T23:59:59+01:00")
    assert ("active", "full") == story.standing
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ("past_due", "full") == story.standing
    assert ("59.97 EUR", "2025-03-07T00:00:00+01:00") == (
        str(story.view.amount_due),
        story.view.expires_at.isoformat() if story.view.expires_at else None,
    )
    story.on("2025-03-06T23:59:59+01:00")
    assert ("past_due", "full") == story.standing
    story.on("2025-03-07T00:00+01:00")
    assert ("expired", "billing_only") == story.standing
    story.nightly_run()
    assert ("invoice.issued", "charge.started", "charge.declined", "license.expired") == story.happened()
    assert ["59.97 EUR"] == story.captured
    assert "2025-02-28" == story.paid_until


def test_expiry_needs_nobody_to_run(story: Story) -> None:
    """If every job of the vendor stands still, access ends all the same, at the same instant."""
    story.on("2025-03-06T23:59:59+01:00")
    assert ("past_due", "full") == story.standing
    story.on("2025-03-07T00:00+01:00")
    assert ("expired", "billing_only") == story.standing
    assert () == story.happened()


def test_a_vendor_may_close_the_door_altogether(tell: Callable[..., Story]) -> None:
    """The policy says what an expired license still allows, and how long the grace is."""
    policy = BillingPolicy(grace_days=0, expired_access=ExpiredAccess.NONE)
    story = tell(policy=policy).signs_up()
    story.processor.card_declines(story.account.cards[0].token, Advice.NEW_CARD)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ("expired", "none") == story.standing


def test_a_passing_problem_is_retried_on_days_counted_from_the_due_date(story: Story) -> None:
    """1, 3 and 5 days after the renewal date; the third retry pays for the original period."""
    for _ in range(3):
        story.processor.next_charge_declines(Advice.RETRY_LATER, gateway_code="insufficient_funds")
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.lives_until("2025-03-07")
    tried = [event.at.date().isoformat() for event in story.events() if event.type == "charge.started"]
    # At noon in London of each day; the first one at midnight in Paris is still the evening before in UTC.
    assert ["2025-02-27", "2025-03-01", "2025-03-03", "2025-03-05"] == tried
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)
    assert ["59.97 EUR", "59.97 EUR"] == story.captured


def test_retries_end_and_then_the_license_expires(story: Story) -> None:
    """Four tries in all; afterwards nothing is tried on that card any more."""
    story.processor.card_declines(story.account.cards[0].token, Advice.RETRY_LATER)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.lives_until("2025-03-20")
    assert 4 == story.happened().count("charge.declined")
    assert ("expired", "billing_only") == story.standing
    assert "retries_exhausted" == story.view.because.rule


@pytest.mark.parametrize(
    "advice", [Advice.NEW_CARD, Advice.STOP_RECURRING, Advice.NEVER, Advice.AUTHENTICATE]
)
def test_a_card_that_will_not_work_is_not_tried_again(advice: Advice, story: Story) -> None:
    """Where the issuer says that another try is useless or forbidden, there is none."""
    story.processor.card_declines(story.account.cards[0].token, advice)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.lives_until("2025-03-20")
    assert 2 == len(story.processor.charges)
    assert ("expired", "billing_only") == story.standing


def test_an_expired_card_is_not_charged_and_the_owner_knew_before(tell: Callable[..., Story]) -> None:
    """Valid through the last instant of its month; announced a week ahead, and not sent at all."""
    story = tell().signs_up(expires="2025-02")
    story.on("2025-02-28T23:59+01:00").nightly_run()
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)
    story.happened()
    story.on("2025-03-24T00:00+01:00").nightly_run()
    (notice,) = story.events()
    assert ("notice.card_expiring", "2025-02", "4242") == (
        notice.type,
        notice.data["expires"],
        notice.data["last4"],
    )
    story.on("2025-03-31T00:00+02:00").nightly_run()
    assert 2 == len(story.processor.charges)
    assert ("past_due", "card_expired") == (story.standing[0], story.view.because.rule)
    story.on("2025-04-07T00:00+02:00")
    assert ("expired", "billing_only") == story.standing


def test_the_bank_wants_the_owner_to_confirm(story: Story) -> None:
    """The owner confirms on the bank's page; the processor's notice wakes the license."""
    story.processor.next_charge_requires_action()
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ("invoice.issued", "charge.started", "charge.requires_action") == story.happened()
    assert ("past_due", "full") == story.standing
    reference = story.processor.charges[-1].reference
    story.on("2025-02-28T08:00+01:00").processor.cardholder_confirms(reference)
    body, headers = story.processor.notice(reference)
    assert (story.license.id,) == story.billing.handle_webhook(body, headers)
    story.billing.run_license(story.license.id)
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_the_owner_is_asked_once_to_confirm(story: Story) -> None:
    """However often the processor is asked meanwhile; after a day the charge is over, and told so once."""
    story.processor.next_charge_requires_action()
    story.on("2025-02-28T00:00+01:00").nightly_run()
    for _ in range(16):
        story.clock.advance(hours=3)
        story.nightly_run()
    told = [name for name in story.happened() if name != "charge.looked_up"]
    ended = ["charge.called_off", "charge.declined"]
    assert ["invoice.issued", "charge.started", "charge.requires_action", *ended] == told
    assert ("past_due", "new_card_needed") == (story.standing[0], story.view.because.rule)


def test_one_customers_trouble_is_nobody_elses(story: Story) -> None:
    """The nightly run goes on with the others when one charge fails in an unknown way."""
    other = story.billing.open_account(
        "Another", currency="EUR", time_zone="Europe/Paris", actor=story.stranger
    )
    setup = story.billing.begin_card_setup(other.id, return_url="https://host.example", actor=story.stranger)
    story.processor.customer_enters_card(setup.id)
    story.billing.complete_card_setup(other.id, setup.id, actor=story.stranger)
    license = story.billing.choose_plan(other.id, story.license.plan, actor=story.stranger)
    story.billing.run_license(license.id)
    story.processor.next_charge_raises(RuntimeError("the adapter has a bug"))
    story.on("2025-02-28T00:00+01:00").billing.run_due()
    standings = {story.billing.license_view(id).status.value for id in (story.license.id, license.id)}
    assert {"active", "past_due"} == standings
    story.on("2025-03-01T12:00+01:00").nightly_run()
    assert sorted(["59.97 EUR", "19.99 EUR"] * 2) == sorted(story.captured)
