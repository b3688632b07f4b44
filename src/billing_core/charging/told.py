"""
What a processor tells of money that others moved, in the books: refunds made elsewhere, and disputes.

Pure, and safe to repeat, like `billing_core.charging.settle`. Nothing here
pays an invoice, and nothing sends anything.
"""

from __future__ import annotations

from datetime import datetime

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dispute import Dispute, DisputeStep
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Applied, Draft
from billing_core.charging.refund import Refund, RefundState
from billing_core.charging.settle_refund import refund_paid_out
from billing_core.events import EventType
from billing_core.gateways.results import RefundRequest, RefundResult
from billing_core.gateways.webhooks import DisputeDetails, DisputeStatus, RefundDetails
from billing_core.values.ids import derive_id, derive_key, derive_reference
from billing_core.values.money import Money

__all__ = ["book_refund", "known_refund", "put_dispute", "why_not_booked"]

_EVENT_OF_STATUS = {
    DisputeStatus.OPENED: EventType.DISPUTE_OPENED,
    DisputeStatus.WON: EventType.DISPUTE_WON,
    DisputeStatus.LOST: EventType.DISPUTE_LOST,
}


def known_refund(dossier: Dossier, attempt: ChargeAttempt, told: RefundDetails) -> Refund | None:
    """The refund on file that is told of: by the processor's id of it, or by our reference."""
    for refund in dossier.refunds_of(attempt):
        results = (refund.result, refund.orphan)
        refs = {result.gateway_ref for result in results if result is not None}
        if told.gateway_ref in refs or told.reference == refund.request.reference:
            return refund
    return None


def why_not_booked(dossier: Dossier, attempt: ChargeAttempt, told: RefundDetails) -> str | None:
    """
    Why a refund that is not on file can't be booked, so that a person has to look; ``None`` if it can.

    Where one of our own is not settled, and the processor does not say whose
    this is, it may be that very one.
    """
    refunds, captured = dossier.refunds_of(attempt), attempt.captured
    if captured is None:
        return "charge_not_captured"
    if told.amount.currency != captured.currency:
        return "other_currency"
    if any(it.is_unresolved and not it.is_surely_unsent for it in refunds):
        return "refund_unresolved"
    # What a dispute holds is no reason: it went back besides, and the books say so.
    claimed = Money.total((it.claimed for it in refunds), captured.currency)
    return "more_than_was_captured" if claimed + told.amount > captured else None


def book_refund(
    dossier: Dossier,
    attempt: ChargeAttempt,
    told: RefundDetails,
    now: datetime,
    *,
    namespace: str,
    notice_id: str | None,
) -> Applied:
    """
    The dossier with a refund that somebody made elsewhere, and that has happened.

    It takes its place among the charge's refunds, so that what is left to give
    back stays right. Its id follows from the processor's id of it.
    """
    name = (namespace, "elsewhere", attempt.id, told.gateway_ref)
    refund = Refund(
        id=derive_id("ref", *name),
        attempt_id=attempt.id,
        invoice_id=attempt.invoice_id,
        license_id=attempt.license_id,
        account_id=attempt.account_id,
        number=attempt.refund_count + 1,
        gateway_id=attempt.gateway_id,
        request=RefundRequest(
            amount=told.amount,
            charge_reference=attempt.request.reference,
            gateway_ref=attempt.charge_ref,
            reference=derive_reference(*name),
            idempotency_key=derive_key(*name),
        ),
        state=RefundState.SUCCEEDED,
        decided_at=now,
        resolved_at=now,
        result=RefundResult.succeeded(told.amount, gateway_ref=told.gateway_ref),
        elsewhere_ref=told.gateway_ref,
    )
    data = {
        "refund_id": refund.id,
        "refund": refund.number,
        "attempt": attempt.number,
        "amount": str(told.amount),
        "gateway_ref": told.gateway_ref,
        "notice": notice_id,
    }
    draft = Draft(type=EventType.REFUND_MADE_ELSEWHERE, invoice_id=attempt.invoice_id, data=data)
    return refund_paid_out(dossier.with_attempt(attempt.refund_decided()), refund, draft)


def put_dispute(
    dossier: Dossier,
    attempt: ChargeAttempt,
    told: DisputeDetails,
    now: datetime,
    *,
    notice_id: str,
    is_confirmed: bool,
) -> Applied:
    """
    The dossier with what is told of a dispute; the same one if that is no news.

    The license stays as it is: what to do about its owner is for whoever
    listens to the event. What the dispute holds is not given back as well.
    """
    step = DisputeStep(status=told.status, at=now, notice_id=notice_id, is_confirmed=is_confirmed)
    before = next((it for it in attempt.disputes if it.gateway_ref == told.gateway_ref), None)
    after = before.told(told, step) if before is not None else Dispute.first_told(told, step)
    if after is before:
        return dossier, ()
    moved = before is None or before.status is not after.status
    data = {
        "attempt_id": attempt.id,
        "dispute": after.gateway_ref,
        "status": after.status.value,
        "amount": str(after.amount),
        "captured": str(attempt.captured) if attempt.captured is not None else None,
        "reason": after.reason,
        "respond_by": after.respond_by.isoformat() if after.respond_by is not None else None,
        "confirmed": is_confirmed,
        "notice": notice_id,
    }
    type_ = _EVENT_OF_STATUS[after.status] if moved else EventType.DISPUTE_CHANGED
    return dossier.with_attempt(attempt.with_dispute(after)), (
        Draft(type=type_, invoice_id=attempt.invoice_id, data=data),
    )
