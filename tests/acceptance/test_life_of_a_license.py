"""Other turns of a license's life: cancellation, import, another zone, another plan, two licenses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from billing_core import (
    Advice,
    CardDetails,
    CardExpiry,
    CardToken,
    InvalidInput,
    Money,
    NotAllowed,
    PermissionDenied,
    Plan,
)
from tests.acceptance.story import BILLING_FORM, MONTHLY, YEARLY, Story

BIGGER = Plan.monthly("business", price_per_seat=Money.of("39.00", "EUR"))


# -- cancellation ---------------------------------------------------------------------------


def test_canceled_at_the_end_of_the_period(story: Story) -> None:
    """What is paid for is served to its last second; then it ends, and nothing is charged any more."""
    story.on("2025-02-10T09:00+01:00").billing.cancel(
        story.license.id, actor=story.owner, reason="we move on"
    )
    assert ("active", "full") == story.standing
    assert None is story.view.next_charge_on
    story.on("2025-02-27T23:59:59+01:00").nightly_run()
    assert ("active", "full") == story.standing
    story.on("2025-02-28T00:00+01:00")
    assert ("canceled", "none") == story.standing
    story.nightly_run()
    scheduled, canceled = story.events()
    assert ("license.cancellation_scheduled", "ada", "we move on") == (
        scheduled.type,
        scheduled.actor.id,
        scheduled.reason,
    )
    assert "license.canceled" == canceled.type
    assert ["59.97 EUR"] == story.captured


def test_a_canceled_license_stays_canceled(story: Story) -> None:
    """No card update, no run and no change brings it back; a new license does."""
    story.billing.cancel(story.license.id, actor=story.owner, at_period_end=False)
    story.owner_enters_card("1881", replace=story.account.cards[0])
    story.on("2025-03-10T09:00+01:00").nightly_run()
    with pytest.raises(NotAllowed, match="license_canceled"):
        story.billing.change_plan(story.license.id, BIGGER, actor=story.owner)
    assert ("canceled", "none") == story.standing
    assert ["59.97 EUR"] == story.captured
    story.owner_chooses(MONTHLY)
    assert ("active", "2025-04-10") == (story.standing[0], story.paid_until)


def test_canceling_an_unpaid_license_ends_it_and_its_debt(story: Story) -> None:
    """Nobody was served for money: the open invoice is void, and no new card is charged for it."""
    story.processor.card_declines(story.account.cards[0].token, Advice.NEW_CARD)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.on("2025-03-03T09:00+01:00").billing.cancel(story.license.id, actor=story.owner)
    story.nightly_run()
    assert ("canceled", "none") == story.standing
    statuses = sorted(invoice.status.value for invoice in story.billing.invoices().items)
    assert ["paid", "void"] == statuses
    story.owner_enters_card("1881", replace=story.account.cards[0])
    assert 0 == story.nightly_run().charges


# -- moving in ------------------------------------------------------------------------------


def moved_in(story: Story) -> None:
    """A customer of the old system, paid until 15 March, with the card's token."""
    card = CardDetails(
        token=CardToken("tok_old_system"), brand="visa", last4="4242", expires=CardExpiry(2030, 12)
    )
    account = story.billing.import_account(
        "Ada Ltd",
        external_id="crm-7",
        currency="EUR",
        time_zone="Europe/Paris",
        owner="ada",
        billing_info=BILLING_FORM,
        card=card,
        customer_ref="cus_7",
        actor=story.vendor,
    )
    license = story.billing.import_license(
        account.id,
        MONTHLY,
        external_id="sub-7",
        anchor=date(2024, 9, 15),
        paid_until=date(2025, 3, 15),
        quantity=3,
        actor=story.vendor,
    )
    story._account_id, story._license_id = account.id, license.id


def test_a_customer_moves_in_in_the_middle_of_a_period(tell: Callable[..., Story]) -> None:
    """Nothing is charged before what they paid elsewhere runs out; then on the old day, to the old card."""
    story = tell(at="2025-03-03T09:00+01:00")
    moved_in(story)
    assert ("active", "full") == story.standing
    story.on("2025-03-14T23:59:59+01:00").nightly_run()
    assert [] == story.captured
    story.on("2025-03-15T00:00+01:00").nightly_run()
    assert ["59.97 EUR"] == story.captured
    assert ("tok_old_system", "cus_7") == (
        story.processor.charges[0].card.value,
        story.processor.charges[0].customer_ref,
    )
    assert (
        ("imported", "2025-02-15", "2025-03-15"),
        ("charge", "2025-03-15", "2025-04-15"),
    ) == story.coverage


def test_moving_in_twice_moves_in_once(tell: Callable[..., Story]) -> None:
    """The import may be repeated as a whole, before and after the first renewal here."""
    story = tell(at="2025-03-03T09:00+01:00")
    moved_in(story)
    moved_in(story)
    story.on("2025-03-15T00:00+01:00").nightly_run()
    moved_in(story)
    story.nightly_run()
    assert (1, 1) == (len(story.billing.accounts().items), len(story.billing.licenses().items))
    assert ["59.97 EUR"] == story.captured


def test_an_import_that_would_shift_the_dates_is_refused(story: Story) -> None:
    """What was paid elsewhere must end on a boundary; the message names the nearest ones."""
    with pytest.raises(InvalidInput, match="2025-02-15 or 2025-03-15"):
        story.billing.import_license(
            story.account.id,
            MONTHLY,
            external_id="sub-8",
            anchor=date(2024, 9, 15),
            paid_until=date(2025, 3, 1),
            actor=story.vendor,
        )
    with pytest.raises(PermissionDenied):
        story.billing.import_license(
            story.account.id,
            MONTHLY,
            external_id="sub-8",
            anchor=date(2024, 9, 15),
            paid_until=date(2025, 3, 15),
            actor=story.owner,
        )


# -- another zone, another plan -------------------------------------------------------------------


def test_a_customer_moves_to_another_time_zone(story: Story) -> None:
    """What is paid for ends where the customer lives now: a few hours more, and no day billed twice."""
    story.on("2025-02-10T09:00+01:00").billing.change_time_zone(
        story.account.id, "America/New_York", actor=story.owner
    )
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ("active", "full", 1) == (*story.standing, len(story.captured))
    story.on("2025-02-27T23:59:59-05:00").nightly_run()
    assert ("active", "full", 1) == (*story.standing, len(story.captured))
    story.on("2025-02-28T00:00-05:00").nightly_run()
    assert ("active", "full", 2) == (*story.standing, len(story.captured))
    story.on("2025-03-31T00:00-04:00").nightly_run()
    assert (
        ("charge", "2025-01-31", "2025-02-28"),
        ("charge", "2025-02-28", "2025-03-31"),
        ("charge", "2025-03-31", "2025-04-30"),
    ) == story.coverage


def test_a_customer_moves_east_where_the_day_has_begun_already(story: Story) -> None:
    """The paid period is served to its end in the old zone before the new one takes over."""
    story.on("2025-02-10T09:00+01:00").billing.change_time_zone(
        story.account.id, "Asia/Tokyo", actor=story.owner
    )
    story.on("2025-02-27T23:59:59+01:00").nightly_run()
    assert ("active", "full", 1) == (*story.standing, len(story.captured))
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ("active", "full", 2) == (*story.standing, len(story.captured))
    story.on("2025-03-31T00:00+09:00").nightly_run()
    assert (3, "2025-04-30") == (len(story.captured), story.paid_until)


def test_another_plan_and_other_seats_count_from_the_next_period_on(story: Story) -> None:
    """Chosen in mid-period, billed at the boundary: the dates stay, the price is the new one."""
    story.on("2025-02-10T09:00+01:00").billing.change_plan(
        story.license.id, BIGGER, quantity=2, actor=story.owner
    )
    assert "78.00 EUR" == str(story.view.next_charge_amount)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ["59.97 EUR", "78.00 EUR"] == story.captured
    assert "2025-03-31" == story.paid_until


def test_from_monthly_to_yearly(story: Story) -> None:
    """The year begins where the last paid month ends."""
    story.billing.change_plan(story.license.id, YEARLY, actor=story.owner)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.on("2026-02-28T00:00+01:00").nightly_run()
    assert ["59.97 EUR", "597.00 EUR", "597.00 EUR"] == story.captured
    assert (
        ("charge", "2025-01-31", "2025-02-28"),
        ("charge", "2025-02-28", "2026-02-28"),
        ("charge", "2026-02-28", "2027-02-28"),
    ) == story.coverage


def test_to_yearly_and_back_to_the_agreed_day(story: Story) -> None:
    """Renewed on 28 February for two years; monthly again, it is the 31st as agreed in the beginning."""
    story.billing.change_plan(story.license.id, YEARLY, actor=story.owner)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.billing.change_plan(story.license.id, MONTHLY, actor=story.owner)
    story.on("2026-02-28T00:00+01:00").nightly_run()
    assert "2026-03-31" == story.paid_until
    assert ["59.97 EUR", "597.00 EUR", "59.97 EUR"] == story.captured


# -- two licenses of one account ---------------------------------------------------------------------


def test_two_licenses_renew_each_on_its_own_day(story: Story) -> None:
    """One account, one card, two renewal dates."""
    first = story.license
    story.on("2025-02-10T09:00+01:00").owner_chooses(BIGGER, quantity=1)
    second = story.license
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.on("2025-03-10T00:00+01:00").nightly_run()
    paid_until = [str(story.billing.license_view(each.id).paid_until) for each in (first, second)]
    assert ["2025-03-31", "2025-04-10"] == paid_until
    assert ["59.97 EUR", "39.00 EUR", "59.97 EUR", "39.00 EUR"] == story.captured


def test_one_new_card_pays_for_both(story: Story) -> None:
    """The card fails on both; one card update wakes both, and each is charged once."""
    story.owner_chooses(BIGGER, quantity=1)
    story.processor.card_declines(story.account.cards[0].token, Advice.NEW_CARD)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    ids = [license.id for license in story.billing.licenses().items]
    assert ["past_due"] * 2 == [story.billing.license_view(id).status.value for id in ids]
    story.on("2025-03-02T12:00+01:00").owner_enters_card("1881", replace=story.account.cards[0])
    assert 2 == story.nightly_run().charges
    assert ["active"] * 2 == [story.billing.license_view(id).status.value for id in ids]
    assert sorted(["59.97 EUR", "39.00 EUR"] * 2) == sorted(story.captured)


def test_a_card_that_is_blocked_for_one_is_blocked_for_both(story: Story) -> None:
    """The issuer said never again: ten days later the second license does not try its luck."""
    story.on("2025-02-10T09:00+01:00").owner_chooses(BIGGER, quantity=1)
    story.processor.card_declines(story.account.cards[0].token, Advice.NEVER)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.on("2025-03-10T00:00+01:00").nightly_run()
    assert ("past_due", "card_frozen") == (story.standing[0], story.view.because.rule)
    assert 3 == len(story.processor.charges)
