"""
Refunds started, carried on and settled: what the records look like afterwards.

Pure, and safe to repeat, like `billing_core.charging.settle`. A refund that
failed leaves the money here: if it was to go back by a decision about the
charge, that decision is open again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing_core.charging.attempt import AttentionDecision, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Applied, Draft
from billing_core.charging.refund import Refund, RefundEvent, RefundState
from billing_core.charging.steps import ResolveAction
from billing_core.events import EventType
from billing_core.gateways.results import ChargeNotFound, Outcome, RefundRequest, RefundResult
from billing_core.values.ids import derive_id, derive_key, derive_reference
from billing_core.values.money import Money

__all__ = ["refund_carried_on", "refund_failed", "refund_paid_out", "refund_started", "settle_refund"]

_EVENT_OF_STATE = {
    RefundState.OPEN: EventType.REFUND_NOT_ATTEMPTED,
    RefundState.SUCCEEDED: EventType.REFUND_SUCCEEDED,
    RefundState.DECLINED: EventType.REFUND_FAILED,
    RefundState.PENDING: EventType.REFUND_UNCERTAIN,
    RefundState.UNKNOWN: EventType.REFUND_UNCERTAIN,
    RefundState.HELD: EventType.REFUND_HELD,
}

_NO_NEWS = frozenset({Outcome.UNKNOWN, Outcome.NOT_ATTEMPTED})
_ENDS = frozenset({Outcome.SUCCEEDED, Outcome.DECLINED})


def refund_started(
    dossier: Dossier,
    attempt: ChargeAttempt,
    amount: Money,
    now: datetime,
    *,
    namespace: str,
    why: Mapping[str, Any],
) -> Applied:
    """
    The dossier with one more refund of a charge, decided and not sent yet.

    Id, reference and key follow from the namespace, the charge and the
    refund's number: decided again after a crash, it is the same refund.
    """
    number = attempt.refund_count + 1
    taken = attempt.orphan if attempt.orphan is not None else attempt.result
    refund = Refund(
        id=derive_id("ref", namespace, attempt.id, number),
        attempt_id=attempt.id,
        invoice_id=attempt.invoice_id,
        license_id=attempt.license_id,
        account_id=attempt.account_id,
        number=number,
        gateway_id=attempt.gateway_id,
        request=RefundRequest(
            amount=amount,
            charge_reference=attempt.request.reference,
            gateway_ref=taken.gateway_ref if taken is not None else None,
            reference=derive_reference(namespace, "refund", attempt.id, number),
            idempotency_key=derive_key(namespace, "refund", attempt.id, number),
        ),
        decided_at=now,
        look_at=now,
    )
    after = dossier.with_license(dossier.license.refund_decided())
    after = after.with_attempt(attempt.refund_decided()).with_refund(refund)
    return after, (_told(EventType.REFUND_STARTED, refund, {"attempt": attempt.number, **why}),)


def refund_carried_on(
    dossier: Dossier, refund: Refund, action: ResolveAction, now: datetime, why: Mapping[str, Any]
) -> Applied:
    """
    The dossier after a step about a refund: about to be sent, given up, or left to a person.

    Raises:
        TypeError: for a look-up, which only asks.
    """
    if action is ResolveAction.RESEND:
        sent = refund.sent(now)
        return dossier.with_refund(sent), (_told(EventType.REFUND_SENT, sent, why),)
    if action is ResolveAction.HOLD:
        held = refund.after(RefundEvent.GAVE_UP, now)
        return dossier.with_refund(held), (_told(EventType.REFUND_HELD, held, why),)
    if action is ResolveAction.VOID:
        void = refund.after(RefundEvent.NEVER_HAPPENED, now)
        return refund_failed(dossier, void, _told(EventType.REFUND_FAILED, void, why))
    raise TypeError(f"{action.value} asks the gateway; its answer is settled, not applied")


def settle_refund(
    dossier: Dossier,
    refund_id: str,
    answer: RefundResult | ChargeNotFound,
    now: datetime,
    *,
    is_look_up: bool = False,
) -> Applied:
    """
    The dossier after the gateway's answer to a refund or a look-up of one.

    Args:
        dossier: as it is now; it may have changed since the send.
        refund_id: the refund that was sent or looked up.
        answer: what the gateway said.
        now: when the answer arrived.
        is_look_up: whether the answer is to a question, not to a send.
    """
    refund = dossier.refund(refund_id)
    assert refund is not None, "a dossier holds every refund that may still be answered"
    if not refund.is_unresolved:
        return _settle_late(dossier, refund, answer)
    if refund.state is RefundState.HELD:
        return _note_for_person(dossier, refund, answer)
    if isinstance(answer, ChargeNotFound):
        looked = refund.looked_up_in_vain(now)
        return dossier.with_refund(looked), (_told(EventType.REFUND_LOOKED_UP, looked, {"found": False}),)
    if is_look_up and refund.is_surely_unsent and answer.outcome in _NO_NEWS:
        later = refund.looked_up_without_answer(now)
        return dossier.with_refund(later), (_told(EventType.REFUND_LOOKED_UP, later, {"found": False}),)
    answered = refund.answered(answer, now, is_look_up=is_look_up)
    if is_look_up and answered.state is refund.state:
        # Said once already; whoever is notified by events is not asked again with every look.
        return dossier.with_refund(answered), (_told(EventType.REFUND_LOOKED_UP, answered),)
    draft = _told(_EVENT_OF_STATE[answered.state], answered)
    if answered.state is RefundState.SUCCEEDED:
        return refund_paid_out(dossier, answered, draft)
    if answered.state is RefundState.DECLINED:
        return refund_failed(dossier, answered, draft)
    return dossier.with_refund(answered), (draft,)


def refund_paid_out(dossier: Dossier, refund: Refund, *drafts: Draft) -> Applied:
    """The dossier after money went back: its invoice says so, if it was paid with that money."""
    after = dossier.with_refund(refund)
    attempt, invoice = dossier.attempt(refund.attempt_id), dossier.invoice(refund.invoice_id)
    assert attempt is not None, "a refund in a dossier comes with its charge"
    assert invoice is not None, "a refund in a dossier comes with its invoice"
    if attempt.pays_its_invoice and invoice.refunded.currency == refund.claimed.currency:
        after = after.with_invoice(invoice.with_refund(refund.claimed))
    return after, drafts


def refund_failed(dossier: Dossier, refund: Refund, *drafts: Draft) -> Applied:
    """The dossier after a refund surely gave nothing back: a person who relied on it decides again."""
    after = dossier.with_refund(refund)
    attempt = dossier.attempt(refund.attempt_id)
    assert attempt is not None, "a refund in a dossier comes with its charge"
    if attempt.decision != AttentionDecision.REFUND:
        return after, drafts
    taken = attempt.orphan if attempt.orphan is not None else attempt.result
    assert taken is not None, "what is given back was captured"
    data = {"attempt": attempt.number, "amount": str(attempt.captured), "why": "refund_failed"}
    orphan = Draft(type=EventType.CHARGE_ORPHANED, invoice_id=attempt.invoice_id, data=data)
    return after.with_attempt(attempt.orphaned(taken)), (*drafts, orphan)


def _settle_late(dossier: Dossier, refund: Refund, answer: RefundResult | ChargeNotFound) -> Applied:
    if not isinstance(answer, RefundResult) or answer.outcome is not Outcome.SUCCEEDED:
        return dossier, ()
    # A person who voided a held refund knew of this very answer; or it was told as one made elsewhere.
    booked = {other.elsewhere_ref for other in dossier.refunds if other.elsewhere_ref is not None}
    is_known = refund.orphan is not None or answer == refund.result or answer.gateway_ref in booked
    if is_known or refund.state is RefundState.SUCCEEDED:
        return dossier, ()
    late = refund.orphaned(answer)
    data = {"why": refund.state.value}
    return dossier.with_refund(late), (_told(EventType.REFUND_ORPHANED, late, data),)


def _note_for_person(dossier: Dossier, refund: Refund, answer: RefundResult | ChargeNotFound) -> Applied:
    has_end = refund.result is not None and refund.result.outcome in _ENDS
    if not isinstance(answer, RefundResult) or answer.outcome not in _ENDS or has_end:
        return dossier, ()
    noted = refund.noted(answer)
    return dossier.with_refund(noted), (_told(EventType.REFUND_HELD, noted),)


def _told(type: str, refund: Refund, more: Mapping[str, Any] | None = None) -> Draft:
    data: dict[str, Any] = {
        "refund_id": refund.id,
        "refund": refund.number,
        "amount": str(refund.request.amount),
        "state": refund.state.value,
    }
    result = refund.result
    if result is not None and result.gateway_ref is not None:
        data["gateway_ref"] = result.gateway_ref
    if result is not None and result.detail is not None:
        data["detail"] = result.detail
    return Draft(type=type, invoice_id=refund.invoice_id, data={**data, **(more or {})})
