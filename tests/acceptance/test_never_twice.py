"""Never a double charge: whatever coincides, whatever gets lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from billing_core import Billing, NotAllowed, WebhookRejected
from tests.acceptance.story import Story

RENEWAL = "2025-02-28T00:00+01:00"


class PowerCut(SystemExit):
    """The process is gone: nothing catches it, nothing cleans up."""


def test_a_run_a_webhook_and_a_request_during_one_charge(story: Story) -> None:
    """While the processor thinks, another worker runs, a notice comes in and the owner clicks: one charge."""
    story.on(RENEWAL)
    other = story.another_worker()
    asked, may_answer = Event(), Event()

    def think() -> None:
        asked.set()
        assert may_answer.wait(30)

    story.processor.while_charging = think
    with ThreadPoolExecutor(1) as pool:
        night = pool.submit(story.billing.run_due)
        assert asked.wait(30)
        story.processor.while_charging = lambda: None
        reference = story.processor.charges[-1].reference
        assert 0 == other.run_due().charges
        body, headers = story.processor.notice(reference)
        other.handle_webhook(body, headers)
        assert () == other.run_license(story.license.id, actor=story.owner).errors
        assert 0 == other.run_due().charges
        may_answer.set()
        assert () == night.result(30).failures
    other.run_due()
    assert ["59.97 EUR", "59.97 EUR"] == story.captured
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)
    assert 2 == len(story.billing.invoices().items)


@pytest.mark.parametrize("number", range(3))
def test_eight_workers_at_the_same_moment(number: int, story: Story) -> None:
    """Runs and requests of eight processes, released together: whoever comes second finds it done."""
    story.on(RENEWAL)
    workers = [story.another_worker() for _ in range(8)]
    together = Barrier(len(workers))

    def work(worker: Billing, is_request: bool) -> None:
        together.wait(30)
        if is_request:
            worker.run_license(story.license.id, actor=story.owner)
        else:
            worker.run_due()

    with ThreadPoolExecutor(len(workers)) as pool:
        done = [pool.submit(work, worker, place % 2 == 0) for place, worker in enumerate(workers)]
        for result in done:
            result.result(60)
    assert ["59.97 EUR", "59.97 EUR"] == story.captured
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_a_card_update_during_a_charge_does_not_charge_the_new_card_too(story: Story) -> None:
    """The charge that is under way keeps its card; the new card waits for the next period."""
    story.on(RENEWAL)
    old = story.account.cards[0]

    def enter_card() -> None:
        story.processor.while_charging = lambda: None
        story.owner_enters_card("1881", replace=old)
        story.another_worker().run_due()

    story.processor.while_charging = enter_card
    story.nightly_run()
    assert ["59.97 EUR", "59.97 EUR"] == story.captured
    assert old.token == story.processor.charges[-1].card
    story.on("2025-03-31T00:00+02:00").nightly_run()
    assert story.account.cards[0].token == story.processor.charges[-1].card
    assert 3 == len(story.captured)


def test_a_lost_answer_is_looked_up_and_never_charged_again(story: Story) -> None:
    """The money was taken, the answer never came: minutes later the processor is asked what became of it."""
    story.processor.next_response_is_lost()
    story.on(RENEWAL).billing.run_due()
    assert ("invoice.issued", "charge.started", "charge.uncertain") == story.happened()
    assert ("past_due", "full") == story.standing
    story.clock.advance(minutes=30)
    story.nightly_run()
    assert ("charge.succeeded", "invoice.paid", "license.renewed") == story.happened()
    assert 2 == len(story.processor.charges)
    assert 1 <= len(story.processor.look_ups)
    assert ["59.97 EUR", "59.97 EUR"] == story.captured
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_a_lost_request_is_sent_again_under_its_own_key(story: Story) -> None:
    """The processor has heard of nothing: the very same request goes out once more, and is charged once."""
    story.processor.next_request_is_lost()
    story.on(RENEWAL).billing.run_due()
    story.clock.advance(minutes=30)
    story.nightly_run()
    story.clock.advance(hours=6)
    story.nightly_run()
    first, again = story.processor.charges[1:]
    assert first == again
    assert ["59.97 EUR", "59.97 EUR"] == story.captured
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_a_crash_after_the_money_moved(story: Story) -> None:
    """The process dies between the processor's answer and our commit: a later run finds the charge."""

    def power_cut() -> None:
        story.processor.before_answering = lambda: None
        raise PowerCut

    story.on(RENEWAL).processor.before_answering = power_cut
    with pytest.raises(PowerCut):
        story.billing.run_license(story.license.id)
    assert ("invoice.issued", "charge.started") == story.happened()
    story.billing = story.another_worker()
    assert 0 == story.nightly_run().charges
    story.clock.advance(minutes=30)
    story.nightly_run()
    assert ["59.97 EUR", "59.97 EUR"] == story.captured
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_a_license_does_not_expire_while_nobody_knows_whether_it_was_paid(story: Story) -> None:
    """No harm to the customer from our ignorance: grace goes on by the time that the answer took."""
    story.processor.next_response_is_lost()
    story.processor.look_up_is_down = True
    story.on(RENEWAL).billing.run_due()
    story.on("2025-03-07T00:00+01:00").billing.run_due()
    assert ("past_due", "full") == story.standing
    story.processor.look_up_is_down = False
    story.clock.advance(days=1)
    story.nightly_run()
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)
    assert ["59.97 EUR", "59.97 EUR"] == story.captured


def test_while_the_outcome_is_unknown_no_other_charge_starts(story: Story) -> None:
    """Not by a new card, not by a request, not by a payment from elsewhere."""
    story.processor.next_response_is_lost()
    story.on(RENEWAL).billing.run_due()
    (open_invoice,) = [invoice for invoice in story.billing.invoices().items if invoice.is_open]
    story.owner_enters_card("1881", replace=story.account.cards[0])
    story.billing.run_license(story.license.id, actor=story.owner)
    with pytest.raises(NotAllowed, match="charge_unresolved"):
        story.billing.record_external_payment(open_invoice.id, reference="bank-1", actor=story.vendor)
    assert 2 == len(story.processor.charges)
    story.clock.advance(minutes=30)
    story.nightly_run()
    assert ["59.97 EUR", "59.97 EUR"] == story.captured


def test_a_notice_is_a_hint_and_a_forged_one_is_refused(story: Story) -> None:
    """The body of a webhook is never believed; without the processor's signature it is not even read."""
    story.processor.next_response_is_lost()
    story.on(RENEWAL).billing.run_due()
    reference = story.processor.charges[-1].reference
    body, headers = story.processor.notice(reference)
    with pytest.raises(WebhookRejected):
        story.billing.handle_webhook(body + b" ", headers)
    story.happened()
    assert (story.license.id,) == story.billing.handle_webhook(body, headers)
    assert ("charge.noticed",) == story.happened()
    assert ("past_due", "full") == story.standing
    story.billing.run_license(story.license.id)
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)
    assert () == story.billing.handle_webhook(body, headers)
    body, headers = story.processor.notice("an-unknown-reference", "evt_2")
    assert () == story.billing.handle_webhook(body, headers)


def test_the_same_night_again_and_again(story: Story) -> None:
    """A cron job that starts every minute for two hours does what one would have done."""
    story.on(RENEWAL)
    for _ in range(120):
        story.nightly_run()
        story.clock.advance(minutes=1)
    assert ["59.97 EUR", "59.97 EUR"] == story.captured


def test_a_restored_backup_does_not_charge_again(story: Story) -> None:
    """Yesterday's database decides as it did, under the same keys: the processor knows the charge."""
    backup = story.backup()
    story.on(RENEWAL).nightly_run()
    story.restore(backup)
    assert "2025-02-28" == story.paid_until
    story.nightly_run()
    first, again = story.processor.charges[1:]
    assert first == again
    assert ["59.97 EUR", "59.97 EUR"] == story.captured
    assert ("active", "2025-03-31") == (story.standing[0], story.paid_until)


def test_an_environment_never_uses_the_keys_of_another(story: Story) -> None:
    """A copy of the database, run as staging, can't pass for production at the processor."""
    staging = story.another_worker(namespace="staging")
    story.on(RENEWAL)
    staging.run_license(story.license.id)
    first, staged = story.processor.charges
    assert not {first.idempotency_key, first.reference} & {staged.idempotency_key, staged.reference}


def test_the_processor_and_the_books_agree_to_the_cent(story: Story) -> None:
    """A lost answer in February, a lost request in March: two renewals, two captures."""
    story.processor.next_response_is_lost()
    story.on(RENEWAL).billing.run_due()
    story.lives_until("2025-03-30")
    story.processor.next_request_is_lost()
    for _ in range(10):
        story.clock.advance(hours=7)
        story.billing.run_due()
    paid = [
        invoice.amount_due for invoice in story.billing.invoices().items if invoice.status.value == "paid"
    ]
    assert ["59.97 EUR"] * 3 == list(map(str, paid)) == story.captured
