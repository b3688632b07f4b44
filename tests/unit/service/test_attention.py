"""What only a person can decide: held charges, late money, money after a cancellation."""

from __future__ import annotations

from datetime import date

import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.status import LicenseStatus
from billing_core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from billing_core.gateways.capabilities import Capabilities, Operation
from billing_core.gateways.results import ChargeResult, Outcome
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.service.calls import Send
from billing_core.service.renewal_flow import look_after
from billing_core.testing import ScriptedGateway
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, NO_KEYS, PRICE, SYSTEM, Hand, Stage, paid_periods, states

WITHOUT_REFUNDS = Capabilities(operations=frozenset(Operation) - {Operation.REFUND})
DIFFERENT = Money.of("1.00", "EUR")


def _held() -> tuple[Stage, str, str]:
    """A license whose charge captured another amount than asked for."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_captures(DIFFERENT)
    stage.billing.run_due()
    return stage, license.id, stage.attempt(license.id).id


def test_held_charge_needs_attention() -> None:
    """Another amount than asked for: held, listed, alerted once, and nothing else is charged or expires."""
    stage, license_id, attempt_id = _held()
    stage.run_until_calm(days=30)
    assert [attempt_id] == [attempt.id for attempt in stage.billing.needs_attention().items]
    assert 1 == stage.event_types()["charge.held"]
    assert 1 == stage.gateway.sends
    assert LicenseStatus.PAST_DUE is stage.billing.license_view(license_id).status


def test_adopted_held_charge_pays_the_invoice() -> None:
    """Adopt: the money is this invoice's."""
    stage, license_id, attempt_id = _held()
    decided = stage.billing.resolve_attention(attempt_id, "adopt", actor=SYSTEM, reason="bank fee")
    assert (AttemptState.SUCCEEDED, "adopt", False) == (
        decided.state,
        decided.decision,
        decided.needs_attention,
    )
    assert [date(2025, 1, 31)] == paid_periods(stage.license(license_id))
    assert () == stage.billing.needs_attention().items
    stage.ensure_sound()


@pytest.mark.parametrize("decision", ["void", "refund"])
def test_voided_held_charge_is_charged_again(decision: str) -> None:
    """Void and refunded: no money stayed, so the invoice is charged again under a new key."""
    stage, license_id, attempt_id = _held()
    decided = stage.billing.resolve_attention(attempt_id, decision, actor=SYSTEM, reason="wrong amount")
    assert (AttemptState.VOID, decision) == (decided.state, decided.decision)
    stage.billing.run_due()
    assert [AttemptState.VOID, AttemptState.SUCCEEDED] == states(stage.attempts(license_id))
    assert [DIFFERENT, PRICE] == [capture.amount for capture in stage.gateway.captures]
    assert ([DIFFERENT] if decision == "refund" else []) == [
        entry.amount for entry in stage.gateway.refund_ledger()
    ]
    stage.ensure_sound()


def test_decision_is_made_once() -> None:
    """A second decision is refused, and so is one about a charge that needs none."""
    stage, _, attempt_id = _held()
    stage.billing.resolve_attention(attempt_id, "adopt", actor=SYSTEM, reason="bank fee")
    before = stage.contents()
    with pytest.raises(NotAllowed, match="nothing_to_resolve"):
        stage.billing.resolve_attention(attempt_id, "void", actor=SYSTEM, reason="other")
    assert before == stage.contents()


def test_decision_is_checked() -> None:
    """Unknown decisions, missing reasons, unknown attempts and old versions change nothing."""
    stage, _, attempt_id = _held()
    before = stage.contents()
    billing = stage.billing
    with pytest.raises(InvalidInput, match="decision: is not a known value"):
        billing.resolve_attention(attempt_id, "keep", actor=SYSTEM, reason="x y")
    with pytest.raises(InvalidInput, match="reason: is required"):
        billing.resolve_attention(attempt_id, "void", actor=SYSTEM, reason="")
    with pytest.raises(InvalidInput, match="reason: is required"):
        billing.resolve_attention(attempt_id, "void", actor=SYSTEM, reason=None)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        billing.resolve_attention("att_none", "void", actor=SYSTEM, reason="x y")
    with pytest.raises(Conflict):
        billing.resolve_attention(attempt_id, "void", actor=SYSTEM, reason="x y", expect_version=1)
    assert before == stage.contents()


def _voided_then_captured() -> tuple[Stage, str, str]:
    """The first request gets lost, is proved not to have happened, and is captured years later after all."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_request_is_lost()
    resends, stage.gateway.charge = stage.gateway.charge, _lost
    stage.run_until_calm(days=0)
    first = stage.attempts(license.id)[0]
    assert AttemptState.VOID is first.state
    stage.gateway.charge = resends
    return stage, license.id, first.id


def _lost(request: object) -> ChargeResult:
    raise TimeoutError("lost")


def _arrives(stage: Stage, attempt_id: str) -> tuple[str, ...]:
    """The old request takes effect, and the processor tells."""
    attempt = next(a for a in stage.billing.attempts().items if a.id == attempt_id)
    stage.gateway._approve(attempt.request)
    return stage.billing.handle_webhook(*stage.gateway.notice(attempt.request.reference))


def test_late_success_after_the_retry_is_an_orphan() -> None:
    """Captured for a VOID attempt when another one has paid: one alert, one decision, no coverage."""
    stage, license_id, first_id = _voided_then_captured()
    stage.gateway._script.clear()
    stage.run_until_calm(days=3)
    assert AttemptState.SUCCEEDED is stage.attempts(license_id)[-1].state
    stage.clock.advance(days=900)
    assert (license_id,) == _arrives(stage, first_id)
    assert () == stage.billing.handle_webhook(
        *stage.gateway.notice(stage.attempts(license_id)[0].request.reference)
    )
    assert [first_id] == [attempt.id for attempt in stage.billing.needs_attention().items]
    assert 1 == stage.event_types()["charge.orphaned"]
    assert 1 == len(paid_periods(stage.license(license_id)))
    with pytest.raises(NotAllowed, match="invoice_not_open"):
        stage.billing.resolve_attention(first_id, "adopt", actor=SYSTEM, reason="keep it")
    stage.billing.resolve_attention(first_id, "refund", actor=SYSTEM, reason="gave it back")
    assert () == stage.billing.needs_attention().items


def _captured_while_the_invoice_is_open() -> tuple[Stage, str, str]:
    """A charge that was voided is captured after all, before anything else was charged."""
    stage = Stage()
    license = stage.subscribe()
    card_id = stage.billing.account(license.account_id).cards[0].id
    stage.gateway.next_request_is_lost()
    stage.billing.run_due()
    charge, stage.gateway.charge = stage.gateway.charge, _lost
    stage.billing.remove_card(license.account_id, card_id, actor=ADA)
    stage.run_until_calm(days=1)
    stage.gateway.charge = charge
    first = stage.attempt(license.id)
    assert AttemptState.VOID is first.state
    assert (license.id,) == _arrives(stage, first.id)
    return stage, license.id, first.id


def test_late_success_while_the_invoice_is_open_can_be_adopted() -> None:
    """Adopting it pays the invoice, and nothing is charged after that."""
    stage, license_id, first_id = _captured_while_the_invoice_is_open()
    decided = stage.billing.resolve_attention(first_id, "adopt", actor=SYSTEM, reason="arrived late")
    assert (AttemptState.VOID, "adopt") == (decided.state, decided.decision)
    assert [date(2025, 1, 31)] == paid_periods(stage.license(license_id))
    assert InvoiceStatus.PAID is stage.billing.invoices().items[0].status
    stage.add_card(stage.license(license_id).account_id)
    stage.billing.run_due()
    assert 1 == len(stage.gateway.captures)
    stage.ensure_sound()


def test_nothing_is_charged_while_money_for_the_invoice_waits_for_a_decision() -> None:
    """A new card is not charged for an invoice whose money has arrived; a decision goes first."""
    stage, license_id, first_id = _captured_while_the_invoice_is_open()
    stage.add_card(stage.license(license_id).account_id)
    stage.billing.run_due()
    assert 1 == len(stage.gateway.captures)
    stage.billing.resolve_attention(first_id, "refund", actor=SYSTEM, reason="gave it back")
    stage.billing.run_due()
    assert 2 == len(stage.gateway.captures)


def test_orphan_is_not_adopted_while_another_charge_is_unresolved() -> None:
    """Two sums for one invoice: first the one that is under way must be known."""
    stage, license_id, first_id = _voided_then_captured()
    second = stage.attempts(license_id)[-1]
    assert second.is_unresolved
    attempt = next(a for a in stage.billing.attempts().items if a.id == first_id)
    stage.gateway._approve(attempt.request)
    # The notice is taken to be about the unresolved attempt; the old one is seen by a second notice, later.
    dossier = stage.billing.dossier(license_id)
    orphaned = dossier.attempt(first_id)
    assert orphaned is not None
    _store_orphan(stage, license_id, first_id)
    with pytest.raises(NotAllowed, match="charge_unresolved"):
        stage.billing.resolve_attention(first_id, "adopt", actor=SYSTEM, reason="arrived late")


def _store_orphan(stage: Stage, license_id: str, attempt_id: str) -> None:
    """The late answer of a send reaches a worker that was asleep."""
    from billing_core.accounts.permissions import Role
    from billing_core.charging.settle import settle
    from billing_core.events import ActorRef
    from billing_core.service.changes import Occasion, license_change

    dossier = stage.billing.dossier(license_id)
    now = stage.clock.now()
    attempt = dossier.attempt(attempt_id)
    assert attempt is not None
    after, drafts = settle(dossier, attempt_id, ChargeResult.succeeded(PRICE), now, stage.policy)
    actor = ActorRef(kind="system", id="late", role=Role.SYSTEM.value)
    change, _ = license_change(
        Occasion(namespace="test", at=now, actor=actor), dossier, after, drafts, wake_at=now
    )
    assert stage.store.commit([change])[0].ok


@pytest.mark.parametrize("rule", CancelUncertain)
def test_canceled_while_uncertain(rule: CancelUncertain) -> None:
    """Money taken by a charge nobody knew about: honoured, or for a person to give back by hand."""
    stage = Stage(BillingPolicy(cancel_uncertain=rule), gateway=ScriptedGateway(WITHOUT_REFUNDS))
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    stage.billing.cancel(license.id, actor=ADA, at_period_end=False, reason="too dear")
    stage.run_until_calm(days=2)
    assert LicenseStatus.CANCELED is stage.billing.license_view(license.id).status
    assert AttemptState.SUCCEEDED is stage.attempt(license.id).state
    waiting = stage.billing.needs_attention().items
    assert (1 if rule is CancelUncertain.REFUND else 0) == len(waiting)
    for attempt in waiting:
        stage.billing.resolve_attention(attempt.id, "adopt", actor=SYSTEM, reason="customer came back")
    assert () == stage.billing.needs_attention().items
    assert LicenseStatus.CANCELED is stage.billing.license_view(license.id).status
    stage.ensure_sound()


def test_money_that_a_person_gave_back() -> None:
    """Where no gateway can, the person has seen to it: that is put on record, and nothing is sent."""
    stage = Stage(gateway=ScriptedGateway(WITHOUT_REFUNDS))
    license = stage.subscribe()
    stage.gateway.next_charge_captures(DIFFERENT)
    stage.billing.run_due()
    held = stage.attempt(license.id)
    decided = stage.billing.resolve_attention(held.id, "refund", actor=SYSTEM, reason="by bank transfer")
    assert (AttemptState.VOID, "refund") == (decided.state, decided.decision)
    assert ((), 0) == (stage.billing.refunds().items, stage.gateway.refund_sends)
    stage.ensure_sound()


def test_gateway_that_can_tell_nothing() -> None:
    """Without keys and without look-up, an unknown charge goes to a person, and is never repeated."""
    stage = Stage(gateway=ScriptedGateway(NO_KEYS))
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.run_until_calm(days=3)
    assert 1 == stage.gateway.sends
    assert AttemptState.HELD is stage.attempt(license.id).state
    stage.billing.resolve_attention(
        stage.attempt(license.id).id, "adopt", actor=SYSTEM, reason="seen at the bank"
    )
    assert [date(2025, 1, 31)] == paid_periods(stage.license(license.id))
    stage.ensure_sound()


@pytest.mark.parametrize("advice", [None, Advice.RETRY_LATER])
def test_reply_that_comes_after_the_charge_was_held(advice: Advice | None) -> None:
    """It is not lost: the person who decides finds on file what the processor said in the end."""
    stage = Stage(gateway=ScriptedGateway(NO_KEYS))
    license = stage.subscribe()
    if advice is not None:
        stage.gateway.next_charge_declines(advice)
    hand = Hand(stage, look_after(stage.context, license.id))
    hand.until(Send)
    hand.step()
    stage.clock.advance(minutes=30)
    stage.billing.run_due()
    assert AttemptState.HELD is stage.attempt(license.id).state
    hand.finish()
    (held,) = stage.billing.needs_attention().items
    assert held.result is not None
    assert (Outcome.SUCCEEDED if advice is None else Outcome.DECLINED) is held.result.outcome
    decision = "adopt" if advice is None else "void"
    stage.billing.resolve_attention(held.id, decision, actor=SYSTEM, reason="as the processor said")
    stage.billing.run_due()
    assert 1 == len(stage.gateway.captures) == len(paid_periods(stage.license(license.id)))
    stage.ensure_sound()
