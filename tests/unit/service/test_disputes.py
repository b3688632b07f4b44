"""Disputes: on record with their charge, in whatever order they come; what they hold is not given back."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from billing_core.charging.refund import RefundState
from billing_core.charging.status import LicenseStatus
from billing_core.errors import Conflict, NotAllowed
from billing_core.events import EventType
from billing_core.gateways.results import ChargeResult, RefundResult
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.service.calls import DescribeDispute
from billing_core.service.requests import Commit
from billing_core.stores.port import AttemptFilter
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, PRICE, SYSTEM, Stage
from tests.unit.service.told import last, listen, mute, other, ref, refuse_all, tell, unmatched

TEN = Money.of("10.00", "EUR")
WHY = "as promised on the phone"
OPENED, WON, LOST = DisputeStatus.OPENED, DisputeStatus.WON, DisputeStatus.LOST


def disputed(stage: Stage, amount: Money | None = None) -> tuple[Any, Any]:
    """A paid charge, and the dispute of it, told once."""
    _, _, attempt = stage.paid()
    told = stage.gateway.cardholder_disputes(ref(attempt), amount)
    assert (attempt.license_id,) == tell(stage, "evt_opened", dispute=told)
    return attempt, told


def statuses(stage: Stage) -> list[DisputeStatus]:
    """Where each dispute stands."""
    return [dispute.status for attempt in stage.billing.attempts().items for dispute in attempt.disputes]


def test_a_dispute_is_on_record_with_its_charge() -> None:
    """With all that is told of it; license, access and invoice stay as they are."""
    stage = Stage()
    license, invoice, attempt = stage.paid()
    respond_by = stage.clock.now() + timedelta(days=7)
    told = stage.gateway.cardholder_disputes(ref(attempt), respond_by=respond_by)
    assert (license.id,) == tell(stage, dispute=told)

    (dispute,) = stage.attempt(license.id).disputes
    assert (told.gateway_ref, OPENED, PRICE, "fraudulent", respond_by) == (
        dispute.gateway_ref,
        dispute.status,
        dispute.amount,
        dispute.reason,
        dispute.respond_by,
    )
    assert [(OPENED, "evt_1", True)] == [
        (step.status, step.notice_id, step.is_confirmed) for step in dispute.history
    ]
    assert LicenseStatus.ACTIVE is stage.billing.license_view(license.id).status
    assert (invoice,) == stage.billing.invoices().items
    event = last(stage, EventType.DISPUTE_OPENED)
    assert (invoice.id, str(PRICE), str(PRICE), respond_by.isoformat(), True) == (
        event.invoice_id,
        *(event.data[key] for key in ("amount", "captured", "respond_by", "confirmed")),
    )
    stage.ensure_sound()


def test_it_is_won_or_lost() -> None:
    """Each step is an event of its own, and stays in its history."""
    for end, type_ in ((WON, EventType.DISPUTE_WON), (LOST, EventType.DISPUTE_LOST)):
        stage = Stage()
        _, told = disputed(stage)
        stage.gateway.dispute_becomes(told.gateway_ref, end)
        tell(stage, "evt_end", dispute=told)
        (attempt,) = stage.billing.attempts().items
        assert [OPENED, end] == [step.status for step in attempt.disputes[0].history]
        assert 1 == stage.event_types()[type_]
        stage.ensure_sound()


def test_disputes_are_listed_by_where_they_stand() -> None:
    """For support: what is open, by when it must be answered."""
    stage = Stage()
    attempt, told = disputed(stage)
    assert [attempt.id] == [it.id for it in stage.billing.attempts(AttemptFilter(dispute=OPENED)).items]
    stage.gateway.dispute_becomes(told.gateway_ref, WON)
    tell(stage, dispute=told)
    assert () == stage.billing.attempts(AttemptFilter(dispute=OPENED)).items
    assert 1 == len(stage.billing.attempts(AttemptFilter(dispute=WON)).items)


# -- order, repeats, races ----------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations((OPENED, WON, LOST))), ids="-".join)
def test_notices_in_any_order_come_to_the_same(order: tuple[DisputeStatus, ...]) -> None:
    """Nobody can be asked: an end is never taken back by an older notice, and a loss stays one."""
    stage = mute()
    _, _, attempt = stage.paid()
    told = DisputeDetails(gateway_ref="dp_1", charge_ref=ref(attempt), status=OPENED, amount=PRICE)
    for number, status in enumerate(order):
        tell(stage, f"evt_{number}", dispute=other(told, status=status))
    assert [LOST] == statuses(stage)
    stage.ensure_sound()


def test_a_processor_that_can_be_asked_has_the_last_word() -> None:
    """Won after all, or opened again: as the processor says now, whatever the notice says."""
    stage = Stage()
    _, told = disputed(stage)
    for status in (LOST, WON, OPENED):
        stage.gateway.dispute_becomes(told.gateway_ref, status)
        tell(stage, f"evt_{status}", dispute=other(told, status=WON))
        assert [status] == statuses(stage)
    stage.ensure_sound()


def test_a_repeat_writes_nothing() -> None:
    """Duplicates, and older notices of a dispute that has moved on."""
    stage = Stage()
    _, told = disputed(stage)
    before = stage.contents()
    assert [(), ()] == [tell(stage, notice_id, dispute=told) for notice_id in ("evt_opened", "evt_2")]
    assert before == stage.contents()


def test_news_that_moves_nothing_is_told_as_such() -> None:
    """More time to answer, or another amount."""
    stage = mute()
    _, _, attempt = stage.paid()
    told = DisputeDetails(gateway_ref="dp_1", charge_ref=ref(attempt), status=OPENED, amount=TEN)
    tell(stage, dispute=told)
    tell(stage, "evt_2", dispute=other(told, amount=PRICE, reason="general"))
    assert (1, 1) == tuple(
        stage.event_types()[type_] for type_ in (EventType.DISPUTE_OPENED, EventType.DISPUTE_CHANGED)
    )
    assert False is last(stage, EventType.DISPUTE_CHANGED).data["confirmed"]


def test_two_workers_with_one_notice() -> None:
    """One commits; the other asks again after it has read what is new, and finds it told."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = stage.gateway.cardholder_disputes(ref(attempt))
    first, second = listen(stage, dispute=told), listen(stage, dispute=told)
    for hand in (first, second):
        hand.until(Commit)
    stage.gateway.dispute_becomes(told.gateway_ref, LOST)
    assert 1 == len(first.finish())
    assert [OPENED] == statuses(stage)
    assert 1 == len(second.finish())
    assert [LOST] == statuses(stage)
    stage.ensure_sound()


def test_a_slow_worker_does_not_take_back_what_a_fast_one_wrote() -> None:
    """Its answer is older than the record that it would change: it fails its guard, and asks again."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = stage.gateway.cardholder_disputes(ref(attempt))
    slow = listen(stage, dispute=told)
    slow.until(Commit)
    stage.gateway.dispute_becomes(told.gateway_ref, LOST)
    tell(stage, "evt_lost", dispute=told)
    assert () == slow.finish()
    assert [LOST] == statuses(stage)


def test_a_license_that_never_rests() -> None:
    """After many lost races it is given up, and told again by the processor."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = stage.gateway.cardholder_disputes(ref(attempt))
    with pytest.raises(Conflict):
        refuse_all(listen(stage, dispute=told))


def test_years_later() -> None:
    """A dispute of a charge that nobody remembers."""
    stage = Stage()
    license, _, attempt = stage.paid()
    stage.run_until_calm(days=800)
    told = stage.gateway.cardholder_disputes(ref(attempt))
    assert (license.id,) == tell(stage, dispute=told)
    assert [OPENED] == statuses(stage)
    stage.ensure_sound()


def test_an_unknown_charge_is_kept() -> None:
    """Once for each status, as an event for a person."""
    stage = mute()
    stage.paid()
    told = DisputeDetails(gateway_ref="dp_9", charge_ref="ch_77", status=OPENED, amount=PRICE)
    for status in (OPENED, OPENED, LOST):
        assert () == tell(stage, dispute=other(told, status=status))
    assert [("dp_9", "charge_unknown")] * 2 == unmatched(stage)
    assert "dispute" == last(stage, EventType.WEBHOOK_UNMATCHED).data["kind"]
    assert [] == statuses(stage)


def test_another_gateways_charge_of_that_name() -> None:
    """Is not disputed."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = DisputeDetails(gateway_ref="dp_9", charge_ref=ref(attempt), status=OPENED, amount=PRICE)
    assert () == listen(stage, "second", dispute=told).finish()
    assert [] == statuses(stage)


def test_a_dispute_that_the_processor_does_not_know() -> None:
    """Is not believed."""
    stage = Stage()
    _, _, attempt = stage.paid()
    told = DisputeDetails(gateway_ref="dp_9", charge_ref=ref(attempt), status=OPENED, amount=PRICE)
    hand = listen(stage, dispute=told)
    hand.until(DescribeDispute)
    assert () == hand.finish()
    assert [("dp_9", "not_confirmed")] == unmatched(stage)


def test_a_charge_that_nobody_remembers_taking() -> None:
    """It was uncertain when it was disputed: the dispute waits with it, and outlives its answer."""
    stage = mute()
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    reference = stage.attempt(license.id).request.reference
    told = DisputeDetails(gateway_ref="dp_1", charge_reference=reference, status=OPENED, amount=PRICE)
    assert (license.id,) == tell(stage, references=(reference,), dispute=told)
    assert None is last(stage, EventType.DISPUTE_OPENED).data["captured"]
    stage.billing.run_due()
    assert (PRICE, [OPENED]) == (stage.attempt(license.id).captured, statuses(stage))
    with pytest.raises(NotAllowed, match="charge_disputed"):
        stage.billing.refund(stage.attempt(license.id).id, actor=SYSTEM, reason=WHY)
    stage.ensure_sound()


# -- money ---------------------------------------------------------------------------


@pytest.mark.parametrize("end", [None, LOST], ids=["open", "lost"])
@pytest.mark.parametrize("amount", [None, TEN])
def test_what_a_dispute_holds_is_not_given_back(end: DisputeStatus | None, amount: Money | None) -> None:
    """The money is with the cardholder's bank already; the error says so."""
    stage = Stage()
    attempt, told = disputed(stage)
    if end is not None:
        stage.gateway.dispute_becomes(told.gateway_ref, end)
        tell(stage, dispute=told)
    with pytest.raises(NotAllowed, match="charge_disputed") as caught:
        stage.billing.refund(attempt.id, amount, actor=SYSTEM, reason=WHY)
    assert (attempt.id, told.gateway_ref, (end or OPENED).value, "0.00 EUR") == tuple(
        caught.value.params[key] for key in ("attempt_id", "dispute", "status", "left")
    )
    assert () == stage.gateway.refund_ledger()


def test_once_it_is_won_the_money_can_go_back() -> None:
    """By a command, as ever."""
    stage = Stage()
    attempt, told = disputed(stage)
    stage.gateway.dispute_becomes(told.gateway_ref, WON)
    tell(stage, dispute=told)
    assert RefundState.SUCCEEDED is stage.billing.refund(attempt.id, actor=SYSTEM, reason=WHY).state
    stage.ensure_sound()


def test_the_rest_of_a_charge_can_go_back() -> None:
    """What a partial dispute leaves, and no more."""
    stage = Stage()
    attempt, _ = disputed(stage, TEN)
    with pytest.raises(NotAllowed, match="charge_disputed"):
        stage.billing.refund(attempt.id, PRICE, actor=SYSTEM, reason=WHY)
    assert PRICE - TEN == stage.billing.refund(attempt.id, actor=SYSTEM, reason=WHY).request.amount
    stage.ensure_sound()


def test_a_dispute_in_another_currency_holds_it_all() -> None:
    """Nobody knows how much of the charge it is."""
    stage = Stage()
    attempt, _ = disputed(stage, Money.of("9.00", "USD"))
    with pytest.raises(NotAllowed, match="charge_disputed"):
        stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)


def test_disputes_and_refunds_that_are_more_than_was_taken() -> None:
    """First half of it goes back, then all of it is disputed: nothing is left, and nothing is negative."""
    stage = Stage()
    _, _, attempt = stage.paid()
    stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    for amount in (PRICE, PRICE + TEN):
        tell(stage, dispute=stage.gateway.cardholder_disputes(ref(attempt), amount))
    with pytest.raises(NotAllowed, match="charge_disputed"):
        stage.billing.refund(attempt.id, actor=SYSTEM, reason=WHY)
    stage.ensure_sound()


def test_a_refund_and_a_dispute_meet() -> None:
    """Whoever commits second decides again: the refund was decided before, and is not sent any more."""
    stage = Stage()
    _, _, attempt = stage.paid()
    stage.gateway.next_refund_gives(RefundResult.not_attempted())
    refund = stage.billing.refund(attempt.id, actor=SYSTEM, reason=WHY)
    assert RefundState.OPEN is refund.state
    tell(stage, dispute=stage.gateway.cardholder_disputes(ref(attempt)))
    stage.clock.advance(minutes=6)
    stage.billing.run_due()
    (given_up,) = stage.refunds(attempt.id)
    assert (RefundState.VOID, "charge_disputed") == (
        given_up.state,
        last(stage, EventType.REFUND_FAILED).data["because"],
    )
    assert () == stage.gateway.refund_ledger()
    stage.ensure_sound()


def test_a_refund_that_may_have_happened_is_not_sent_again() -> None:
    """It is looked for; when it is not found, a person decides."""
    stage = Stage()
    _, _, attempt = stage.paid()
    stage.gateway.next_refund_request_is_lost()
    stage.billing.refund(attempt.id, actor=SYSTEM, reason=WHY)
    tell(stage, dispute=stage.gateway.cardholder_disputes(ref(attempt)))
    stage.run_until_calm(days=3)
    (held,) = stage.refunds(attempt.id)
    assert (RefundState.HELD, 1) == (held.state, stage.gateway.refund_sends)
    assert "charge_disputed" == last(stage, EventType.REFUND_HELD).data["because"]


def test_a_refund_of_the_undisputed_rest_goes_on() -> None:
    """It was decided before the dispute, and there is enough left for it."""
    stage = Stage()
    _, _, attempt = stage.paid()
    stage.gateway.next_refund_gives(RefundResult.not_attempted())
    stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    tell(stage, dispute=stage.gateway.cardholder_disputes(ref(attempt), TEN))
    stage.clock.advance(minutes=6)
    stage.billing.run_due()
    assert RefundState.SUCCEEDED is stage.refunds(attempt.id)[0].state
    stage.ensure_sound()


def test_a_refund_elsewhere_is_booked_while_a_dispute_is_open() -> None:
    """It has happened: the books say so, and the vendor learns that the money went twice."""
    stage = Stage()
    attempt, _ = disputed(stage)
    assert 1 == len(tell(stage, refund=stage.gateway.refund_elsewhere(ref(attempt), PRICE)))
    assert [PRICE] == [it.claimed for it in stage.refunds(attempt.id)]
    stage.ensure_sound()


def test_money_for_an_ended_license_is_not_given_back_twice() -> None:
    """The policy would give it back, but the cardholder's bank was faster."""
    stage = mute(policy=BillingPolicy(cancel_uncertain=CancelUncertain.REFUND))
    license = stage.subscribe()
    stage.gateway.next_charge_gives(ChargeResult.pending())
    stage.billing.run_due()
    reference = stage.attempt(license.id).request.reference
    stage.billing.cancel(license.id, at_period_end=False, actor=ADA)
    told = DisputeDetails(gateway_ref="dp_1", charge_reference=reference, status=OPENED, amount=PRICE)
    tell(stage, dispute=told)
    stage.gateway.pending_charge_settles(reference, ChargeResult.succeeded(PRICE))
    stage.run_until_calm(days=2)
    assert () == stage.gateway.refund_ledger()
    stage.ensure_sound()


def test_a_dispute_pays_nothing_and_ends_nothing() -> None:
    """The next period is charged as ever: what to do about the owner is the vendor's decision."""
    stage = Stage()
    disputed(stage)
    stage.run_until_calm(days=35)
    assert 2 == len(stage.gateway.captures)
    assert [OPENED] == statuses(stage)
    stage.ensure_sound()
