"""Giving money back: who may, how much, what follows from each answer, and that it happens once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.permissions import Actor
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.next_step import next_step
from billing_core.charging.refund import RefundState
from billing_core.charging.status import LicenseStatus
from billing_core.charging.steps import Wait
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.errors import (
    CapabilityNotSupported,
    Conflict,
    GatewayConfigError,
    InvalidInput,
    NotAllowed,
    NotFound,
    PermissionDenied,
)
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.results import RefundRequest, RefundResult
from billing_core.gateways.webhooks import WebhookNotice
from billing_core.licenses.license import License
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.service import refund_flows
from billing_core.service.calls import LookUpRefund, Send, SendRefund
from billing_core.service.commands import By
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Commit
from billing_core.service.webhook_flow import wake_by_notice
from billing_core.stores.port import CommitResult, Guard, RecordKind, RefundFilter
from billing_core.testing import ScriptedGateway
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, BOB, EVE, KEYED, NO_KEYS, PRICE, SAM, SYSTEM, Hand, Stage

TEN = Money.of("10.00", "EUR")
WHY = "as promised on the phone"


def given_back(stage: Stage) -> list[Money]:
    """What the processor really gave back."""
    return [entry.amount for entry in stage.gateway.refund_ledger()]


# -- what it does ----------------------------------------------------------------


def test_a_whole_charge_goes_back() -> None:
    """By the id of its invoice: money only; the period that was paid stays covered."""
    stage = Stage()
    license, invoice, attempt = stage.paid()
    refund = stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert (RefundState.SUCCEEDED, PRICE, 1) == (refund.state, refund.request.amount, refund.number)
    assert [PRICE] == given_back(stage)
    (shown,) = stage.billing.invoices().items
    assert (PRICE, "paid", invoice.version + 1) == (shown.refunded, shown.status.value, shown.version)
    assert license.paid_until == stage.license(license.id).paid_until
    assert LicenseStatus.ACTIVE is stage.billing.license_view(license.id).status
    assert (refund,) == stage.refunds(attempt.id)
    stage.ensure_sound()


def test_parts_go_back_until_nothing_is_left() -> None:
    """Never more than was captured, whoever asks how often."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    with pytest.raises(NotAllowed, match="over_refund") as refused:
        stage.billing.refund(invoice.id, PRICE, actor=SYSTEM, reason=WHY)
    assert {"attempt_id": attempt.id, "left": str(PRICE - TEN)} == refused.value.params
    rest = stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert PRICE - TEN == rest.request.amount
    with pytest.raises(NotAllowed, match="nothing_to_refund"):
        stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert [TEN, PRICE - TEN] == given_back(stage)
    stage.ensure_sound()


def test_refunds_on_several_pages_are_all_counted() -> None:
    """However many a charge has, and however a store pages them."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    pages = stage.store.refunds
    stage.store.refunds = lambda which, after, limit: pages(which, after, 1)  # type: ignore[method-assign]
    for _ in range(3):
        stage.billing.refund(attempt.id, TEN, actor=SYSTEM, reason=WHY)
    with pytest.raises(NotAllowed, match="over_refund") as refused:
        stage.billing.refund(invoice.id, PRICE, actor=SYSTEM, reason=WHY)
    assert str(PRICE - 3 * TEN) == refused.value.params["left"]


def test_a_refund_may_end_the_license() -> None:
    """In the same commit, with its own event; without it the license renews as ever."""
    stage = Stage()
    license, invoice, _ = stage.paid()
    stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY, ends_license=True)
    assert LicenseStatus.CANCELED is stage.billing.license_view(license.id).status
    cancellation = stage.license(license.id).cancellation
    assert cancellation is not None
    assert WHY == cancellation.reason
    stage.run_until_calm(days=60)
    assert 1 == len(stage.gateway.captures)
    assert 1 == stage.event_types()["license.canceled"]
    stage.ensure_sound()


def test_a_license_that_ended_stays_ended() -> None:
    """Its money may still go back; its end is not decided again."""
    stage = Stage()
    license, invoice, _ = stage.paid()
    stage.billing.cancel(license.id, actor=ADA, at_period_end=False)
    before = stage.license(license.id).cancellation
    stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY, ends_license=True)
    assert before == stage.license(license.id).cancellation


def test_the_events_tell_it_all() -> None:
    """Who, why, how much; and folding them gives the records."""
    stage = Stage()
    _, invoice, _ = stage.paid()
    before = len(stage.billing.events())
    refund = stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    started, sent, succeeded = stage.billing.events(after=before)
    assert ["refund.started", "refund.sent", "refund.succeeded"] == [
        event.type for event in (started, sent, succeeded)
    ]
    assert (WHY, "jobs", invoice.id) == (started.reason, started.actor.id, started.invoice_id)
    assert {refund.id} == {event.data["refund_id"] for event in (started, sent, succeeded)}
    assert "10.00 EUR" == succeeded.data["amount"]


# -- who may, and what is refused --------------------------------------------------


@pytest.mark.parametrize("actor", [ADA, BOB, EVE, SAM, Actor.member("stranger")], ids=lambda actor: actor.id)
def test_no_person_may(actor: Actor) -> None:
    """Neither the owner nor support; the vendor's back office does. Asking changes nothing."""
    stage = Stage()
    _, invoice, _ = stage.paid()
    before = stage.contents()
    with pytest.raises(PermissionDenied):
        stage.billing.refund(invoice.id, actor=actor, reason=WHY)
    assert before == stage.contents()


def test_what_is_asked_for_is_checked() -> None:
    """Nothing, less than nothing, another currency, no reason, an old version, an unknown id."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    refund: Any = stage.billing.refund
    before = stage.contents()
    for amount, code in (
        (Money.of(0, "EUR"), "amount: must not be zero"),
        (Money.of(-1, "EUR"), "amount: must not be negative"),
        (Money.of(1, "USD"), "amount: does not agree"),
    ):
        with pytest.raises(InvalidInput, match=code):
            refund(invoice.id, amount, actor=SYSTEM, reason=WHY)
    with pytest.raises(InvalidInput, match="reason: is required"):
        refund(invoice.id, actor=SYSTEM, reason=None)
    with pytest.raises(NotFound, match="invoice"):
        refund("inv_none", actor=SYSTEM, reason=WHY)
    with pytest.raises(Conflict, match="invoice"):
        refund(invoice.id, actor=SYSTEM, reason=WHY, expect_version=7)
    with pytest.raises(Conflict, match="attempt"):
        refund(attempt.id, actor=SYSTEM, reason=WHY, expect_version=7)
    assert before == stage.contents()


def test_a_charge_that_took_nothing_gives_nothing_back() -> None:
    """Declined, or paid by other means: there is nothing at the processor."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    (invoice,) = stage.billing.invoices().items
    with pytest.raises(NotAllowed, match="nothing_to_refund"):
        stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    with pytest.raises(NotAllowed, match="nothing_to_refund"):
        stage.billing.refund(stage.attempt(license.id).id, actor=SYSTEM, reason=WHY)


def test_a_held_charge_is_decided_otherwise() -> None:
    """First a person says whose money it is."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_captures(TEN)
    stage.billing.run_due()
    with pytest.raises(NotAllowed, match="charge_needs_attention"):
        stage.billing.refund(stage.attempt(license.id).id, actor=SYSTEM, reason=WHY)


def test_a_gateway_that_gives_nothing_back() -> None:
    """Nothing is put on record that nobody could send."""
    stage = Stage(gateway=ScriptedGateway(KEYED))
    _, invoice, _ = stage.paid()
    with pytest.raises(CapabilityNotSupported, match="refund"):
        stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert () == stage.billing.refunds().items


def test_an_unsettled_refund_blocks_the_next_one_but_no_charge() -> None:
    """While nobody knows, nothing more goes back; the license renews meanwhile."""
    stage = Stage()
    license, invoice, _ = stage.paid()
    stage.gateway.next_refund_gives(RefundResult.pending(gateway_ref="re_9"))
    refund = stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    assert RefundState.PENDING is refund.state
    with pytest.raises(NotAllowed, match="refund_unresolved"):
        stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    stage.run_until_calm(days=30)
    assert 2 == len(stage.gateway.captures)
    stage.gateway.pending_refund_settles(refund.request.reference)
    stage.run_until_calm(days=2)
    assert [TEN] == given_back(stage)
    (shown,) = (it for it in stage.billing.invoices().items if it.id == invoice.id)
    assert TEN == shown.refunded
    assert LicenseStatus.ACTIVE is stage.billing.license_view(license.id).status
    stage.ensure_sound()


# -- answers -----------------------------------------------------------------------


def test_a_refusal_is_an_answer() -> None:
    """Nothing went back, and somebody hears of it; the next refund has another key."""
    stage = Stage()
    _, invoice, _ = stage.paid()
    stage.gateway.next_refund_is_refused("account_closed")
    first = stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert RefundState.DECLINED is first.state
    (failed,) = (event for event in stage.billing.events() if event.type == "refund.failed")
    assert ("account_closed", "declined") == (failed.data["detail"], failed.data["state"])
    second = stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert (RefundState.SUCCEEDED, 2) == (second.state, second.number)
    assert first.request.idempotency_key != second.request.idempotency_key
    stage.ensure_sound()


@pytest.mark.parametrize("error", [TimeoutError(), ValueError("bad json"), ConnectionResetError()])
def test_a_lost_answer_is_looked_up(error: Exception) -> None:
    """Whatever escapes the adapter is in doubt, not failed; the look-up tells, and it goes back once."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    stage.gateway.next_refund_raises(error)
    refund = stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert RefundState.UNKNOWN is refund.state
    stage.run_until_calm(days=1)
    assert [RefundState.SUCCEEDED] == [it.state for it in stage.refunds(attempt.id)]
    assert [PRICE] == given_back(stage)
    stage.ensure_sound()


def test_wrong_credentials_send_nothing() -> None:
    """The refund waits, and is sent once they are right."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    stage.gateway.next_refund_raises(GatewayConfigError("bad key"))
    refund = stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert (RefundState.OPEN, True) == (refund.state, refund.is_surely_unsent)
    stage.run_until_calm(days=0)
    assert RefundState.SUCCEEDED is stage.refunds(attempt.id)[0].state
    assert [PRICE] == given_back(stage)


def test_another_amount_is_for_a_person() -> None:
    """The processor gave back something else: held, and one who looked confirms it."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    stage.gateway.next_refund_gives(RefundResult.succeeded(Money.of("1.00", "EUR")))
    refund = stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    assert (RefundState.HELD, True) == (refund.state, refund.needs_attention)
    stage.run_until_calm(days=20)
    assert [refund] == [*stage.billing.refunds(RefundFilter(needs_attention=True)).items]
    with pytest.raises(NotAllowed, match="refund_unresolved"):
        stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    confirmed = stage.billing.resolve_refund(refund.id, "confirm", actor=SYSTEM, reason="seen at the bank")
    assert (RefundState.SUCCEEDED, "confirm") == (confirmed.state, confirmed.decision)
    (shown, *_) = (it for it in stage.billing.invoices().items if it.id == invoice.id)
    assert Money.of("1.00", "EUR") == shown.refunded
    assert PRICE - shown.refunded == stage.billing.refund(attempt.id, actor=SYSTEM, reason=WHY).request.amount


def test_a_person_says_that_nothing_went_back() -> None:
    """Void: the money is here, and may go back after all by another refund."""
    stage = Stage(gateway=ScriptedGateway(_without_look_up(GatewayGrade.NONE)))
    _, invoice, _ = stage.paid()
    stage.gateway.next_refund_request_is_lost()
    refund = stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    stage.run_until_calm(days=1)
    void = stage.billing.resolve_refund(refund.id, "void", actor=SYSTEM, reason="the bank saw nothing")
    assert (RefundState.VOID, "void", False) == (void.state, void.decision, void.needs_attention)
    stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert [PRICE] == given_back(stage)
    stage.ensure_sound()


def test_a_decision_about_a_refund_is_checked() -> None:
    """Unknown decisions, missing reasons, wrong actors, old versions, and refunds that need none."""
    stage = Stage()
    _, invoice, _ = stage.paid()
    stage.gateway.next_refund_gives(RefundResult.succeeded(Money.of("1.00", "EUR")))
    refund = stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    resolve: Any = stage.billing.resolve_refund
    before = stage.contents()
    with pytest.raises(InvalidInput, match="decision: is not a known value"):
        resolve(refund.id, "keep", actor=SYSTEM, reason=WHY)
    with pytest.raises(InvalidInput, match="reason: is required"):
        resolve(refund.id, "void", actor=SYSTEM, reason=None)
    with pytest.raises(NotFound):
        resolve("ref_none", "void", actor=SYSTEM, reason=WHY)
    with pytest.raises(PermissionDenied):
        resolve(refund.id, "void", actor=ADA, reason=WHY)
    with pytest.raises(Conflict):
        resolve(refund.id, "void", actor=SYSTEM, reason=WHY, expect_version=1)
    assert before == stage.contents()
    resolve(refund.id, "confirm", actor=SYSTEM, reason=WHY)
    with pytest.raises(NotAllowed, match="refund_settled"):
        resolve(refund.id, "confirm", actor=SYSTEM, reason=WHY)


# -- gateways of lesser grades --------------------------------------------------------


def _without_look_up(grade: GatewayGrade) -> Capabilities:
    base = KEYED if grade is GatewayGrade.KEYED else NO_KEYS
    return attrs.evolve(base, operations=frozenset({Operation.CARD_SETUP, Operation.REFUND}))


def test_keys_without_look_up_repeat_the_refund() -> None:
    """Inside the window the same key gives the same answer; money goes back once."""
    stage = Stage(gateway=ScriptedGateway(_without_look_up(GatewayGrade.KEYED)))
    _, invoice, attempt = stage.paid()
    stage.gateway.next_refund_response_is_lost()
    stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    stage.run_until_calm(days=1)
    assert RefundState.SUCCEEDED is stage.refunds(attempt.id)[0].state
    assert (2, [PRICE]) == (stage.gateway.refund_sends, given_back(stage))
    stage.ensure_sound()


def test_a_gateway_that_can_tell_nothing_leaves_it_to_a_person() -> None:
    """One send; what stays unknown is never repeated."""
    stage = Stage(gateway=ScriptedGateway(_without_look_up(GatewayGrade.NONE)))
    _, invoice, attempt = stage.paid()
    stage.gateway.next_refund_response_is_lost()
    stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    stage.run_until_calm(days=3)
    (held,) = stage.refunds(attempt.id)
    assert (RefundState.HELD, 1) == (held.state, stage.gateway.refund_sends)
    assert not stage.billing.handle_webhook(*stage.gateway.notice(held.request.reference))
    stage.billing.resolve_refund(held.id, "confirm", actor=SYSTEM, reason="seen at the bank")
    stage.ensure_sound()


def test_a_processor_that_never_answers_is_asked_for_a_week() -> None:
    """Then a person looks; nothing is guessed."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    stage.gateway.next_refund_response_is_lost()
    stage.gateway.find_refund = _unreachable
    stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    stage.run_until_calm(days=20)
    assert RefundState.HELD is stage.refunds(attempt.id)[0].state
    assert 1 == stage.event_types()["refund.held"]


def _unreachable(request: object) -> RefundResult:
    raise TimeoutError


def test_a_processor_that_takes_no_refund_is_given_up_after_a_month() -> None:
    """Surely nothing went back: the refund failed, and somebody hears of it."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    stage.gateway.refund = lambda request: RefundResult.not_attempted("http_429")
    stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    stage.run_until_calm(days=40)
    (void,) = stage.refunds(attempt.id)
    assert (RefundState.VOID, 30) == (void.state, void.sends_not_attempted)
    assert 1 == stage.event_types()["refund.failed"]
    stage.ensure_sound()


# -- decisions about charges give money back -------------------------------------------


def test_a_held_charge_goes_back_by_the_gateway() -> None:
    """The other amount that was captured is given back, exactly that; the invoice is charged again."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_captures(TEN)
    stage.billing.run_due()
    held = stage.attempt(license.id)
    decided = stage.billing.resolve_attention(held.id, "refund", actor=SYSTEM, reason="wrong amount")
    assert (AttemptState.VOID, "refund", False) == (
        decided.state,
        decided.decision,
        decided.needs_attention,
    )
    assert [TEN] == given_back(stage)
    stage.billing.run_due()
    assert [TEN, PRICE] == [capture.amount for capture in stage.gateway.captures]
    assert [Money.zero(PRICE.currency)] == [it.refunded for it in stage.billing.invoices().items]
    stage.ensure_sound()


def test_a_refused_refund_opens_the_decision_again() -> None:
    """The money is still here: it waits for a person, announced each time, and can go back later."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_captures(TEN)
    stage.billing.run_due()
    held = stage.attempt(license.id)
    stage.gateway.next_refund_is_refused()
    decided = stage.billing.resolve_attention(held.id, "refund", actor=SYSTEM, reason="wrong amount")
    assert (AttemptState.VOID, None, True) == (decided.state, decided.decision, decided.needs_attention)
    assert [held.id] == [it.id for it in stage.billing.needs_attention().items]
    stage.gateway.next_refund_is_refused()
    stage.billing.resolve_attention(held.id, "refund", actor=SYSTEM, reason="once more")
    assert 2 == stage.event_types()["charge.orphaned"]
    stage.ensure_sound()
    stage.billing.resolve_attention(held.id, "refund", actor=SYSTEM, reason="and once more")
    assert [TEN] == given_back(stage)
    assert () == stage.billing.needs_attention().items
    stage.ensure_sound()


def _gives_back_in_doubt(stage: Stage) -> tuple[License, ChargeAttempt]:
    """Too little was captured, a person gives it back, and nobody knows whether that went through."""
    license = stage.subscribe()
    stage.gateway.next_charge_captures(TEN)
    stage.billing.run_due()
    held = stage.attempt(license.id)
    stage.billing.resolve_attention(held.id, "refund", actor=SYSTEM, reason="wrong amount")
    assert stage.refunds(held.id)[-1].is_unresolved
    return license, held


def _waits_because(stage: Stage, license: License) -> str:
    stage.billing.run_due()
    dossier = stage.billing.dossier(license.id)
    step = next_step(dossier, stage.clock.now(), stage.policy)
    assert isinstance(step, Wait)
    return step.because.rule


def test_a_charge_waits_for_the_refund_of_the_one_before() -> None:
    """Until it is known that the money went back; then the invoice is charged again, by itself."""
    stage = Stage()
    stage.gateway.next_refund_response_is_lost()
    license, held = _gives_back_in_doubt(stage)
    assert ("refund_unresolved", 1) == (_waits_because(stage, license), stage.gateway.sends)
    stage.run_until_calm(days=0)
    assert RefundState.SUCCEEDED is stage.refunds(held.id)[-1].state
    assert [TEN, PRICE] == [capture.amount for capture in stage.gateway.captures]
    assert LicenseStatus.ACTIVE is stage.billing.license_view(license.id).status
    stage.ensure_sound()


def test_a_refund_that_never_happened_keeps_the_money_undecided() -> None:
    """The money is still here: it is with a person again before anything else is charged."""
    stage = Stage()
    stage.gateway.next_refund_request_is_lost()
    license, held = _gives_back_in_doubt(stage)
    send = stage.gateway.refund
    stage.gateway.refund = _never_arrives
    stage.run_until_calm(days=0)
    assert RefundState.VOID is stage.refunds(held.id)[-1].state
    assert ("late_money_undecided", 1) == (_waits_because(stage, license), stage.gateway.sends)
    stage.gateway.refund = send
    stage.billing.resolve_attention(held.id, "refund", actor=SYSTEM, reason="once more")
    stage.billing.run_due()
    assert [TEN, PRICE] == [capture.amount for capture in stage.gateway.captures]
    stage.ensure_sound()


def _never_arrives(_: RefundRequest) -> RefundResult:
    raise TimeoutError("lost")


def test_waiting_for_a_refund_costs_the_customer_nothing() -> None:
    """A processor that takes weeks: meanwhile the license does not expire, and grace goes on after it."""
    stage = Stage()
    stage.gateway.next_refund_gives(RefundResult.pending(gateway_ref="re_9"))
    license, held = _gives_back_in_doubt(stage)
    find = stage.gateway.find_refund
    stage.gateway.find_refund = lambda _: RefundResult.pending()
    for _ in range(30):
        assert "refund_unresolved" == _waits_because(stage, license)
        stage.clock.advance(days=1)
    assert LicenseStatus.PAST_DUE is stage.billing.license_view(license.id).status
    stage.gateway.find_refund = lambda _: RefundResult.succeeded(TEN)
    stage.gateway.next_charge_declines(Advice.NEW_CARD)
    stage.billing.run_due()
    stage.gateway.find_refund = find
    assert RefundState.SUCCEEDED is stage.refunds(held.id)[-1].state
    assert LicenseStatus.PAST_DUE is stage.billing.license_view(license.id).status
    stage.run_until_calm(days=stage.policy.grace_days + 2)
    assert LicenseStatus.EXPIRED is stage.billing.license_view(license.id).status
    assert 1 == stage.event_types()["license.expired"]


def test_a_person_is_asked_again_when_a_person_finds_that_nothing_went_back() -> None:
    """Decided twice, and both refunds prove never to have happened: the money is announced both times."""
    stage = Stage(gateway=ScriptedGateway(_without_look_up(GatewayGrade.NONE)))
    license = stage.subscribe()
    stage.gateway.next_charge_captures(TEN)
    stage.billing.run_due()
    held = stage.attempt(license.id)
    for count in (1, 2):
        stage.gateway.next_refund_request_is_lost()
        stage.billing.resolve_attention(held.id, "refund", actor=SYSTEM, reason="wrong amount")
        stage.run_until_calm(days=0)
        refund = stage.refunds(held.id)[-1]
        assert RefundState.HELD is refund.state
        stage.billing.resolve_refund(refund.id, "void", actor=SYSTEM, reason="nothing went back")
        assert count == stage.event_types()["charge.orphaned"]
        stage.ensure_sound()
    assert [held.id] == [it.id for it in stage.billing.needs_attention().items]


def _canceled_in_doubt(rule: CancelUncertain = CancelUncertain.REFUND) -> tuple[Stage, str]:
    stage = Stage(BillingPolicy(cancel_uncertain=rule))
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    stage.billing.cancel(license.id, actor=ADA, at_period_end=False, reason="too dear")
    return stage, license.id


def test_the_policy_gives_back_what_was_taken_after_the_end() -> None:
    """By itself and once; the license stays canceled, and nobody has to decide."""
    stage, license_id = _canceled_in_doubt()
    stage.run_until_calm(days=40)
    assert [PRICE] == given_back(stage)
    attempt = stage.attempt(license_id)
    assert (AttemptState.SUCCEEDED, "refund", 1) == (attempt.state, attempt.decision, attempt.refund_count)
    assert [PRICE] == [it.refunded for it in stage.billing.invoices().items]
    assert 1 == stage.event_types()["charge.orphaned"]
    assert () == stage.billing.needs_attention().items
    assert LicenseStatus.CANCELED is stage.billing.license_view(license_id).status
    stage.ensure_sound()


def test_a_refused_refund_of_the_policy_is_for_a_person() -> None:
    """It is not tried for ever."""
    stage, license_id = _canceled_in_doubt()
    stage.gateway.next_refund_is_refused()
    stage.run_until_calm(days=40)
    assert 1 == stage.gateway.refund_sends
    assert ["canceled", "refund_failed"] == [
        event.data["why"] for event in stage.billing.events() if event.type == "charge.orphaned"
    ]
    (waiting,) = stage.billing.needs_attention().items
    stage.billing.resolve_attention(waiting.id, "refund", actor=SYSTEM, reason="the account is open again")
    assert [PRICE] == given_back(stage)
    assert AttemptState.SUCCEEDED is stage.attempt(license_id).state
    stage.ensure_sound()


@pytest.mark.parametrize("rule", CancelUncertain)
def test_late_money_for_a_license_that_ended(rule: CancelUncertain) -> None:
    """Captured for a charge that was given up: it goes back if the policy says so, or waits for a person."""
    stage = Stage(BillingPolicy(cancel_uncertain=rule))
    license = stage.subscribe()
    stage.gateway.next_charge_requires_action()
    stage.billing.run_due()
    attempt = stage.attempt(license.id)
    stage.billing.cancel(license.id, actor=ADA, at_period_end=False, reason="too dear")
    stage.run_until_calm(days=2)
    assert AttemptState.DECLINED is stage.attempt(license.id).state
    stage.gateway._approve(attempt.request)
    assert (license.id,) == stage.billing.handle_webhook(*stage.gateway.notice(attempt.request.reference))
    stage.run_until_calm(days=2)
    expected = [PRICE] if rule is CancelUncertain.REFUND else []
    assert expected == given_back(stage)
    assert bool(expected) is (() == stage.billing.needs_attention().items)
    assert LicenseStatus.CANCELED is stage.billing.license_view(license.id).status
    stage.ensure_sound()


# -- notices --------------------------------------------------------------------------


@pytest.mark.parametrize("names", ["refund", "charge"])
def test_a_notice_wakes_a_refund(names: str) -> None:
    """By its own reference or its charge's; the processor is asked, the notice is not believed."""
    stage = Stage()
    license, invoice, attempt = stage.paid()
    stage.gateway.next_refund_gives(RefundResult.pending())
    refund = stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    stage.clock.advance(minutes=10)
    stage.billing.run_due()
    stage.gateway.pending_refund_settles(refund.request.reference)
    reference = refund.request.reference if names == "refund" else attempt.request.reference
    assert (license.id,) == stage.billing.handle_webhook(*stage.gateway.notice(reference))
    assert (license.id,) == stage.billing.handle_webhook(*stage.gateway.notice(reference, "evt_2"))
    assert 1 == stage.event_types()["refund.noticed"]
    stage.billing.run_due()
    assert RefundState.SUCCEEDED is stage.refunds(attempt.id)[0].state
    assert () == stage.billing.handle_webhook(*stage.gateway.notice(reference))
    stage.ensure_sound()


def _given_up() -> tuple[Stage, str, str]:
    """A refund that got lost, was proved not to have happened, and happens after all."""
    stage = Stage()
    license, invoice, attempt = stage.paid()
    stage.gateway.next_refund_request_is_lost()
    refund = stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    sends, stage.gateway.refund = stage.gateway.refund, _unreachable
    stage.run_until_calm(days=2)
    assert RefundState.VOID is stage.refunds(attempt.id)[0].state
    stage.gateway.refund = sends
    assert () == stage.billing.handle_webhook(*stage.gateway.notice(refund.request.reference))
    stage.gateway._give_back(refund.request)
    return stage, license.id, refund.id


def test_money_that_went_back_after_all_is_announced_once() -> None:
    """It counts against the charge at once, and a person takes note of it."""
    stage, license_id, refund_id = _given_up()
    (late,) = (it for it in stage.billing.refunds().items if it.id == refund_id)
    notice = stage.gateway.notice(late.request.reference)
    assert (license_id,) == stage.billing.handle_webhook(*notice)
    assert () == stage.billing.handle_webhook(*notice)
    assert 1 == stage.event_types()["refund.orphaned"]
    (waiting,) = stage.billing.refunds(RefundFilter(needs_attention=True)).items
    assert (refund_id, TEN) == (waiting.id, waiting.claimed)
    with pytest.raises(NotAllowed, match="refund_happened"):
        stage.billing.resolve_refund(refund_id, "void", actor=SYSTEM, reason=WHY)
    stage.billing.resolve_refund(refund_id, "confirm", actor=SYSTEM, reason=WHY)
    assert [TEN] == [it.refunded for it in stage.billing.invoices().items]
    rest = stage.billing.refund(late.attempt_id, actor=SYSTEM, reason=WHY)
    assert PRICE - TEN == rest.request.amount
    stage.ensure_sound()


def test_a_held_refund_learns_how_it_ended() -> None:
    """The person who decides finds on file what the processor said in the end, told once."""
    stage = Stage(gateway=ScriptedGateway(_without_look_up(GatewayGrade.NONE)))
    _, invoice, attempt = stage.paid()
    by = By(actor=SYSTEM, reason=WHY)
    flow = refund_flows.refund(stage.context, invoice.id, by, amount=None, ends_license=False)
    hand = Hand(stage, flow)
    hand.until(SendRefund)
    hand.step()
    stage.clock.advance(minutes=30)
    stage.billing.run_due()
    assert RefundState.HELD is stage.refunds(attempt.id)[0].state
    held = hand.finish()
    assert held.result is not None
    assert PRICE == held.result.amount
    assert 2 == stage.event_types()["refund.held"]
    with pytest.raises(NotAllowed, match="refund_happened"):
        stage.billing.resolve_refund(held.id, "void", actor=SYSTEM, reason=WHY)
    stage.ensure_sound()


def test_a_notice_that_keeps_losing_races_wakes_nothing() -> None:
    """It is only a hint; the refund is looked at in its time."""
    stage = Stage()
    _, invoice, _ = stage.paid()
    stage.gateway.next_refund_gives(RefundResult.pending())
    refund = stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    notice = WebhookNotice(id="evt_1", references=(refund.request.reference,))
    hand = Hand(stage, wake_by_notice(stage.context, notice))
    while not hand.is_done:
        if isinstance(hand.request, Commit):
            hand.answer(CommitResult(conflict=Guard(RecordKind.REFUND, refund.id, 1)))
        else:
            hand.step()
    assert () == hand.result
    assert 0 == stage.event_types()["refund.noticed"]


def test_a_processor_that_can_not_be_asked_after_a_restore() -> None:
    """A week of look-ups without an answer: a person decides, and nothing was sent."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    stage.billing.begin_restore_epoch("backup-1", actor=SYSTEM)
    stage.gateway.find_refund = _unreachable
    stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    stage.run_until_calm(days=12)
    assert (RefundState.HELD, 0) == (stage.refunds(attempt.id)[0].state, stage.gateway.refund_sends)


# -- races ------------------------------------------------------------------------------


def test_two_refunds_at_once_are_one() -> None:
    """Both read the same charge; one is committed, and the other finds nothing left."""
    stage = Stage()
    _, invoice, _ = stage.paid()
    by = By(actor=SYSTEM, reason=WHY)
    flow = refund_flows.refund(stage.context, invoice.id, by, amount=None, ends_license=False)
    slow = Hand(stage, flow)
    slow.until(Commit)
    stage.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    with pytest.raises(NotAllowed, match="nothing_to_refund"):
        slow.finish()
    assert [PRICE] == given_back(stage)
    stage.ensure_sound()


def test_a_slow_commit_does_not_forget_a_refund_that_was_started_meanwhile() -> None:
    """A worker that knows nothing of a refund of an earlier charge does not decide when to look next."""
    stage = Stage()
    license, invoice, attempt = stage.paid()
    stage.clock.set(license.due_at)
    slow = Hand(stage, look_after(stage.context, license.id))
    slow.until(Send)
    slow.step()
    slow.until(Commit)
    stage.gateway.next_refund_request_is_lost()
    refund = stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    assert RefundState.UNKNOWN is refund.state
    slow.finish()
    looked_at = stage.store.wake_at(license.id)
    assert looked_at is not None
    assert refund.look_at == looked_at
    stage.run_until_calm(days=2)
    assert [RefundState.SUCCEEDED] == [it.state for it in stage.refunds(attempt.id)]
    stage.ensure_sound()


def test_a_worker_and_the_command_send_it_once() -> None:
    """The nightly run comes in between: it leaves a refund alone that is under way."""
    stage = Stage()
    _, invoice, _ = stage.paid()
    by = By(actor=SYSTEM, reason=WHY)
    hand = Hand(stage, refund_flows.refund(stage.context, invoice.id, by, amount=TEN, ends_license=False))
    hand.until(SendRefund)
    stage.billing.run_due()
    assert RefundState.SUCCEEDED is hand.finish().state
    assert (1, [TEN]) == (stage.gateway.refund_sends, given_back(stage))


def test_a_worker_that_was_held_up_does_not_send() -> None:
    """A minute after its commit the send is left to another one."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    by = By(actor=SYSTEM, reason=WHY)
    hand = Hand(stage, refund_flows.refund(stage.context, invoice.id, by, amount=TEN, ends_license=False))
    hand.until(SendRefund)
    stage.clock.advance(minutes=2)
    assert RefundState.OPEN is hand.finish().state
    assert 0 == stage.gateway.refund_sends
    stage.run_until_calm(days=1)
    assert RefundState.SUCCEEDED is stage.refunds(attempt.id)[0].state
    assert [TEN] == given_back(stage)


def test_an_old_look_up_proves_nothing() -> None:
    """What was not found a while ago may have happened since."""
    stage = Stage()
    license, invoice, attempt = stage.paid()
    stage.gateway.next_refund_request_is_lost()
    stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    stage.clock.advance(minutes=6)
    hand = Hand(stage, look_after(stage.context, license.id))
    hand.until(LookUpRefund)
    hand.step()
    stage.clock.advance(minutes=5)
    hand.finish()
    (refund,) = stage.refunds(attempt.id)
    assert (RefundState.UNKNOWN, None) == (refund.state, refund.not_found_at)


def test_a_refund_that_keeps_losing_races_is_left_to_the_next_run() -> None:
    """The decision stands; the command does not fail after it."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    by = By(actor=SYSTEM, reason=WHY)
    hand = Hand(stage, refund_flows.refund(stage.context, invoice.id, by, amount=TEN, ends_license=False))
    hand.until(Commit)
    hand.step()
    while not hand.is_done:
        if isinstance(hand.request, Commit):
            hand.answer(CommitResult(conflict=Guard(RecordKind.LICENSE, "lic_1", 1)))
        else:
            hand.step()
    assert (RefundState.OPEN, 0) == (hand.result.state, hand.result.sends)
    stage.billing.run_due()
    assert RefundState.SUCCEEDED is stage.refunds(attempt.id)[0].state


def test_in_a_transaction_of_the_hosts_it_is_only_decided() -> None:
    """No gateway is called before the host has committed; the next run sends it."""
    stage = Stage()
    store = SqlStore.open("sqlite://", clock=stage.clock)
    stage.store = store  # type: ignore[assignment]
    stage.billing = stage.worker()
    _, invoice, attempt = stage.paid()
    with store.engine.begin() as connection:
        refund = stage.billing.using(connection).refund(invoice.id, actor=SYSTEM, reason=WHY)
        assert (RefundState.OPEN, 0) == (refund.state, stage.gateway.refund_sends)
    stage.billing.run_due()
    assert RefundState.SUCCEEDED is stage.refunds(attempt.id)[0].state
    stage.ensure_sound()
    store.close()


def test_after_a_restore_a_refund_is_looked_for_before_it_is_sent() -> None:
    """The backup may have forgotten the very same refund: same charge, same number, same key."""
    stage = Stage()
    _, invoice, attempt = stage.paid()
    lost = stage.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    restored = Stage(gateway=ScriptedGateway())
    _, invoice, attempt = restored.paid()
    restored.billing.begin_restore_epoch("backup-1", actor=SYSTEM)
    given = restored.gateway._give_back(lost.request)
    find, restored.gateway.find_refund = restored.gateway.find_refund, _unreachable
    refund = restored.billing.refund(invoice.id, TEN, actor=SYSTEM, reason=WHY)
    assert lost.request.idempotency_key == refund.request.idempotency_key
    assert (RefundState.OPEN, 0, 0) == (refund.state, refund.sends, restored.gateway.refund_sends)
    restored.gateway.find_refund = find
    restored.run_until_calm(days=0)
    (found,) = restored.refunds(attempt.id)
    assert (RefundState.SUCCEEDED, 0, given) == (found.state, restored.gateway.refund_sends, found.result)
    second = restored.billing.refund(invoice.id, actor=SYSTEM, reason=WHY)
    assert RefundState.OPEN is second.state
    restored.run_until_calm(days=0)
    assert [TEN, PRICE - TEN] == given_back(restored)
    restored.ensure_sound()


def test_a_decided_refund_makes_its_license_due() -> None:
    """Whoever dies right after the decision leaves nothing behind that is forgotten."""
    stage = Stage()
    license, invoice, _ = stage.paid()
    by = By(actor=SYSTEM, reason=WHY)
    hand = Hand(stage, refund_flows.refund(stage.context, invoice.id, by, amount=TEN, ends_license=False))
    hand.until(Commit)
    hand.step()
    assert stage.clock.now() == stage.store.wake_at(license.id)
    hand.until(SendRefund)
    stage.billing.run_due()
    wake = stage.store.wake_at(license.id)
    assert wake is not None
    assert stage.clock.now() < wake <= stage.clock.now() + timedelta(minutes=2)


def test_a_decision_in_a_transaction_of_the_hosts_gives_back_later() -> None:
    """It is on record with what the host writes; the gateway hears of it from the next run."""
    stage = Stage()
    store = SqlStore.open("sqlite://", clock=stage.clock)
    stage.store = store  # type: ignore[assignment]
    stage.billing = stage.worker()
    license = stage.subscribe()
    stage.gateway.next_charge_captures(TEN)
    stage.billing.run_due()
    held = stage.attempt(license.id)
    with store.engine.begin() as connection:
        inside = stage.billing.using(connection)
        decided = inside.resolve_attention(held.id, "refund", actor=SYSTEM, reason="wrong amount")
        assert (AttemptState.VOID, "refund", 0) == (
            decided.state,
            decided.decision,
            stage.gateway.refund_sends,
        )
    stage.billing.run_due()
    assert [TEN] == given_back(stage)
    stage.ensure_sound()
    store.close()
