"""Once the card is updated the system charges again by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from billing_core import Advice, BillingPolicy, CatchUp
from tests.acceptance.story import Story


@pytest.fixture
def unpaid(story: Story) -> Story:
    """The card was refused on 28 February."""
    story.processor.card_declines(story.account.cards[0].token, Advice.NEW_CARD)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert ("past_due", "full") == story.standing
    story.happened()
    return story


PAID = ("charge.started", "charge.succeeded", "invoice.paid", "license.renewed")


def test_by_the_next_run_whenever_that_is(unpaid: Story) -> None:
    """Nobody has to ask for it: the new card makes the license due, and any run charges it."""
    story = unpaid.on("2025-03-05T12:00+01:00")
    story.owner_enters_card("1881", replace=story.account.cards[0])
    assert ("card.setup_begun", "card.replaced") == story.happened()
    story.on("2025-03-05T12:05+01:00").nightly_run()
    assert PAID == story.happened()
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_or_within_the_request(unpaid: Story) -> None:
    """The host charges before the page is shown again; the run that follows finds nothing to do."""
    story = unpaid.on("2025-03-05T12:00+01:00")
    story.owner_enters_card("1881", replace=story.account.cards[0])
    story.happened()
    story.billing.run_license(story.license.id, actor=story.owner)
    assert PAID == story.happened()
    assert 0 == story.nightly_run().charges
    assert ("active", "full") == story.standing


def test_the_original_invoice_is_charged_for_its_original_amount_and_days(unpaid: Story) -> None:
    """Not a new invoice, not a new period, not a new price: five days late, and the dates stay."""
    story = unpaid.on("2025-03-05T12:00+01:00")
    (open_invoice,) = [invoice for invoice in story.billing.invoices().items if invoice.is_open]
    story.owner_enters_card("1881", replace=story.account.cards[0])
    story.nightly_run()
    first, again = story.processor.charges[-2:]
    assert (first.reference, first.amount) == (again.reference, again.amount)
    assert first.idempotency_key != again.idempotency_key
    invoices = {invoice.id: invoice for invoice in story.billing.invoices().items}
    assert 2 == len(invoices)
    assert "paid" == invoices[open_invoice.id].status.value
    story.on("2025-03-31T00:00+02:00").nightly_run()
    assert (
        ("charge", "2025-01-31", "2025-02-28"),
        ("charge", "2025-02-28", "2025-03-31"),
        ("charge", "2025-03-31", "2025-04-30"),
    ) == story.coverage


def test_also_after_the_license_has_expired(unpaid: Story) -> None:
    """Locked out on 7 March, back on the 12th at the moment the new card is charged."""
    story = unpaid.on("2025-03-12T10:00+01:00")
    story.nightly_run()
    assert ("expired", "billing_only") == story.standing
    story.owner_enters_card("1881", replace=story.account.cards[0])
    story.billing.run_license(story.license.id, actor=story.owner)
    assert ("active", "full") == story.standing
    assert ("charge", "2025-02-28", "2025-03-31") == story.coverage[-1]


def test_also_by_another_card_on_file(unpaid: Story) -> None:
    """Choosing the other card as the default is a card update like any other."""
    story = unpaid.on("2025-03-05T12:00+01:00")
    other = story.owner_enters_card("1881", make_default=False)
    assert 0 == story.nightly_run().charges
    story.billing.set_default_card(story.account.id, other.id, actor=story.owner)
    assert 1 == story.nightly_run().charges
    assert ("active", "full") == story.standing


def test_a_new_card_that_is_refused_too_changes_nothing(unpaid: Story) -> None:
    """The debt stays what it was, and the next card may pay it."""
    story = unpaid.on("2025-03-05T12:00+01:00")
    story.processor.next_charge_declines(Advice.NEW_CARD)
    second = story.owner_enters_card("1881", replace=story.account.cards[0])
    story.nightly_run()
    assert ("past_due", "59.97 EUR") == (story.standing[0], str(story.view.amount_due))
    story.owner_enters_card("0005", replace=second)
    story.nightly_run()
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)
    assert ["59.97 EUR", "59.97 EUR"] == story.captured


def test_a_blocked_card_stays_blocked_however_often_it_is_entered(story: Story) -> None:
    """The issuer said never again: the same card, typed once more, is the same card."""
    (blocked,) = story.account.cards
    story.processor.card_declines(blocked.token, Advice.NEVER)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    assert "card_frozen" == story.view.because.rule
    same = story.on("2025-03-01T12:00+01:00").owner_enters_card("4242", replace=blocked)
    assert 0 == story.nightly_run().charges
    assert ("past_due", "card_frozen") == (story.standing[0], story.view.because.rule)
    story.on("2025-03-02T12:00+01:00").owner_enters_card("1881", replace=same)
    story.nightly_run()
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


@pytest.mark.parametrize(
    ("catch_up", "captured", "coverage", "then"),
    [
        (
            CatchUp.BILL_CURRENT,
            1,
            [("lapse", "2025-02-28", "2025-05-31"), ("charge", "2025-05-31", "2025-06-30")],
            "2025-06-30",
        ),
        (
            CatchUp.BILL_EACH,
            4,
            [
                ("charge", "2025-02-28", "2025-03-31"),
                ("charge", "2025-03-31", "2025-04-30"),
                ("charge", "2025-04-30", "2025-05-31"),
                ("charge", "2025-05-31", "2025-06-30"),
            ],
            "2025-06-30",
        ),
        (
            CatchUp.RESTART,
            1,
            [("lapse", "2025-02-28", "2025-06-12"), ("charge", "2025-06-12", "2025-07-12")],
            "2025-07-12",
        ),
    ],
)
def test_back_after_months(
    catch_up: CatchUp,
    captured: int,
    coverage: list[tuple[str, str, str]],
    then: str,
    tell: Callable[..., Story],
) -> None:
    """A new card on 12 June: by policy the current period, each missed one, or a fresh start is billed."""
    story = tell(policy=BillingPolicy(grace_days=7, catch_up=catch_up)).signs_up()
    story.processor.card_declines(story.account.cards[0].token, Advice.NEW_CARD)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.lives_until("2025-06-12")
    assert ("expired", "billing_only") == story.standing
    story.on("2025-06-12T15:00+02:00").owner_enters_card("1881", replace=story.account.cards[0])
    story.billing.run_license(story.license.id, actor=story.owner)
    assert ("active", "full") == story.standing
    assert ["59.97 EUR"] * (1 + captured) == story.captured
    assert (("charge", "2025-01-31", "2025-02-28"), *coverage) == story.coverage
    assert then == story.paid_until


def test_too_late_is_too_late(tell: Callable[..., Story]) -> None:
    """Longer away than the policy's limit: nothing is charged by itself, also not on a new card."""
    story = tell(policy=BillingPolicy(catch_up_days_max=60)).signs_up()
    story.processor.card_declines(story.account.cards[0].token, Advice.NEW_CARD)
    story.on("2025-02-28T00:00+01:00").nightly_run()
    story.on("2025-05-30T12:00+02:00").owner_enters_card("1881", replace=story.account.cards[0])
    assert 0 == story.nightly_run().charges
    assert ("expired", "catch_up_limit") == (story.standing[0], story.view.because.rule)
