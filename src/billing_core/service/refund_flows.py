"""Commands that give money back, as flows: the decision is committed, then the refund is sent."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import attrs

from billing_core.accounts.permissions import Permission
from billing_core.charging.attempt import AttentionDecision, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Applied, Draft
from billing_core.charging.refund import Refund, RefundEvent, RefundState
from billing_core.charging.resolve_refund import refundable
from billing_core.charging.settle_refund import refund_failed, refund_paid_out, refund_started
from billing_core.charging.status import canceled_at
from billing_core.charging.told import book_refund, known_refund, why_not_booked
from billing_core.errors import CapabilityNotSupported, Conflict, NotAllowed
from billing_core.events import EventType
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.results import Outcome, RefundResult
from billing_core.gateways.webhooks import DisputeStatus, RefundDetails
from billing_core.issues import Choice, invalid
from billing_core.licenses.license import Cancellation
from billing_core.service.commands import By, change_license, load_invoice, load_refund
from billing_core.service.context import Context
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Flow, ListAttempts, LoadAttempt
from billing_core.stores.port import AttemptFilter, Page
from billing_core.values.money import Money

__all__ = [
    "RefundDecision",
    "can_refund",
    "record_external_refund",
    "refund",
    "refund_rest",
    "resolve_refund",
    "see_to",
]


class RefundDecision(Choice):
    """What a person may say about a refund that nobody else can resolve."""

    #: The money went back.
    CONFIRM = "confirm"
    #: Nothing went back.
    VOID = "void"


@attrs.frozen(kw_only=True)
class _Wish:
    """What is to be given back of which charge, and which version of what the caller saw."""

    attempt_id: str
    invoice_id: str | None
    amount: Money | None
    ends_license: bool


def refund(
    context: Context, charge_id: str, by: By, *, amount: Money | None, ends_license: bool
) -> Flow[Refund]:
    """See `Billing.refund`."""
    if amount is not None and not amount.is_positive:
        raise invalid("amount", "negative" if amount.is_negative else "zero")
    attempt = yield from _charge_named(charge_id)
    wish = _Wish(
        attempt_id=attempt.id,
        invoice_id=charge_id if charge_id != attempt.id else None,
        amount=amount,
        ends_license=ends_license,
    )

    def decide(dossier: Dossier, now: datetime) -> Applied:
        return _refund_decided(context, dossier, wish, by, now)

    dossier = yield from change_license(
        context, attempt.license_id, Permission.REFUND, by.with_any_version(), decide, attempt_id=attempt.id
    )
    charge = dossier.attempt(attempt.id)
    assert charge is not None, "it was decided about just now"
    started = dossier.refunds_of(charge)[-1]
    return (yield from see_to(context, started))


def see_to(context: Context, decided: Refund) -> Flow[Refund]:
    """
    Send a refund whose decision is committed; the refund as it stands then.

    Inside a transaction of the host's no gateway may be called: the next run sends it.
    """
    if context.is_in_host_transaction:
        return decided
    # The decision stands. If somebody keeps changing the license, the next run sees to it.
    with suppress(Conflict):
        yield from look_after(context, decided.license_id, refund_id=decided.id)
    return (yield from load_refund(decided.id))


def resolve_refund(context: Context, refund_id: str, decision: str, by: By) -> Flow[Refund]:
    """See `Billing.resolve_refund`."""
    if decision not in set(RefundDecision):
        raise invalid("decision", "unknown_value", allowed=", ".join(RefundDecision))
    known = yield from load_refund(refund_id)

    def decide(dossier: Dossier, now: datetime) -> Applied:
        current = dossier.refund(refund_id)
        assert current is not None, "the dossier was loaded with its charge"
        by.ensure_saw("refund", current)
        return _refund_resolved(dossier, current, RefundDecision(decision), now)

    dossier = yield from change_license(
        context,
        known.license_id,
        Permission.RESOLVE_ATTENTION,
        by.with_any_version(),
        decide,
        attempt_id=known.attempt_id,
    )
    resolved = dossier.refund(refund_id)
    assert resolved is not None, "it was decided just now"
    return resolved


def record_external_refund(
    context: Context, charge_id: str, by: By, *, amount: Money, gateway_ref: str
) -> Flow[Refund]:
    """See `Billing.record_external_refund`."""
    charge = yield from _charge_named(charge_id)
    told = RefundDetails(
        gateway_ref=gateway_ref,
        charge_ref=charge.charge_ref,
        charge_reference=charge.request.reference,
        amount=amount,
    )

    def decide(dossier: Dossier, now: datetime) -> Applied:
        current, invoice = dossier.attempt(charge.id), dossier.invoice(charge.invoice_id)
        assert current is not None, "the dossier was loaded with this attempt"
        assert invoice is not None, "the dossier was loaded with this attempt's invoice"
        by.ensure_saw(*(("attempt", current) if charge_id == charge.id else ("invoice", invoice)))
        if known_refund(dossier, current, told) is not None:
            return dossier, ()
        _ensure_bookable(dossier, current, told)
        return book_refund(dossier, current, told, now, namespace=context.namespace, notice_id=None)

    dossier = yield from change_license(
        context, charge.license_id, Permission.REFUND, by.with_any_version(), decide, attempt_id=charge.id
    )
    booked = known_refund(dossier, charge, told)
    assert booked is not None, "it was booked just now, or before"
    return booked


def can_refund(dossier: Dossier, attempt: ChargeAttempt) -> bool:
    """Whether there is something left of a charge that the processor can give back."""
    capabilities = dossier.capabilities(attempt.gateway_id)
    left = refundable(attempt, dossier.refunds_of(attempt))
    has_rest = left is not None and left.is_positive
    return has_rest and capabilities is not None and capabilities.supports(Operation.REFUND)


def refund_rest(context: Context, dossier: Dossier, attempt: ChargeAttempt, now: datetime) -> Applied:
    """The dossier with a refund of all that is left of a charge."""
    left = refundable(attempt, dossier.refunds_of(attempt))
    assert left is not None, "what a person decides to give back was captured"
    return refund_started(dossier, attempt, left, now, namespace=context.namespace, why={})


def _charge_named(charge_id: str) -> Flow[ChargeAttempt]:
    """The charge with this id, or the one that paid the invoice with this id."""
    known: ChargeAttempt | None = yield LoadAttempt(charge_id)
    return known if known is not None else (yield from _charge_that_paid(charge_id))


def _ensure_bookable(dossier: Dossier, attempt: ChargeAttempt, told: RefundDetails) -> None:
    why = why_not_booked(dossier, attempt, told)
    if why == "other_currency":
        raise invalid("amount", "mismatch", other="the currency of the charge")
    if why is not None:
        raise NotAllowed("refund_not_booked", {"attempt_id": attempt.id, "why": why})


def _charge_that_paid(invoice_id: str) -> Flow[ChargeAttempt]:
    invoice = yield from load_invoice(invoice_id)
    page: Page[ChargeAttempt] = yield ListAttempts(AttemptFilter(invoice_id=invoice.id))
    for attempt in page.items:
        if attempt.pays_its_invoice:
            return attempt
    # Nothing was due, or somebody paid by other means.
    raise NotAllowed("nothing_to_refund", {"invoice_id": invoice_id, "state": invoice.status.value})


def _refund_decided(context: Context, dossier: Dossier, wish: _Wish, by: By, now: datetime) -> Applied:
    attempt = dossier.attempt(wish.attempt_id)
    invoice = dossier.invoice(attempt.invoice_id) if attempt is not None else None
    assert attempt is not None, "the dossier was loaded with this attempt"
    assert invoice is not None, "the dossier was loaded with this attempt's invoice"
    by.ensure_saw(*(("attempt", attempt) if wish.invoice_id is None else ("invoice", invoice)))
    amount = _checked_amount(dossier, attempt, wish.amount)
    if not can_refund(dossier, attempt):
        raise CapabilityNotSupported("refund")
    after, drafts = refund_started(dossier, attempt, amount, now, namespace=context.namespace, why={})
    if not wish.ends_license:
        return after, drafts
    ended, ending = _ended(after, by, now)
    return ended, (*drafts, *ending)


def _checked_amount(dossier: Dossier, attempt: ChargeAttempt, wanted: Money | None) -> Money:
    if attempt.needs_attention:
        raise NotAllowed("charge_needs_attention", {"attempt_id": attempt.id})
    refunds = dossier.refunds_of(attempt)
    for earlier in refunds:
        if earlier.is_unresolved or earlier.needs_attention:
            raise NotAllowed("refund_unresolved", {"refund_id": earlier.id, "state": earlier.state.value})
    left = refundable(attempt, refunds)
    gave_back_by_hand = attempt.decision == AttentionDecision.REFUND
    dispute = next((it for it in attempt.disputes if it.status is not DisputeStatus.WON), None)
    if left is not None and dispute is not None and (left.is_zero or (wanted is not None and wanted > left)):
        raise NotAllowed(
            "charge_disputed",
            {
                "attempt_id": attempt.id,
                "dispute": dispute.gateway_ref,
                "status": dispute.status.value,
                "left": str(left),
            },
        )
    if left is None or left.is_zero or gave_back_by_hand or not attempt.pays_its_invoice:
        about = {"invoice_id": attempt.invoice_id, "state": attempt.state.value}
        raise NotAllowed("nothing_to_refund", about)
    if wanted is None:
        return left
    if wanted.currency != left.currency:
        raise invalid("amount", "mismatch", other="the currency of the charge")
    if wanted > left:
        raise NotAllowed("over_refund", {"attempt_id": attempt.id, "left": str(left)})
    return wanted


def _ended(dossier: Dossier, by: By, now: datetime) -> Applied:
    """The license ends at once, unless it has: what was given back is not covered any more."""
    ended_at = canceled_at(dossier.license)
    if ended_at is not None and now >= ended_at:
        return dossier, ()
    cancellation = Cancellation(requested_at=now, effective_on=None, reason=by.reason)
    draft = Draft(type=EventType.CANCELLATION_SCHEDULED, data={"effective_on": None})
    return dossier.with_license(dossier.license.with_cancellation(cancellation)), (draft,)


def _is_made(result: RefundResult | None) -> bool:
    return result is not None and result.outcome is Outcome.SUCCEEDED


def _refund_resolved(dossier: Dossier, refund: Refund, decision: RefundDecision, now: datetime) -> Applied:
    if not refund.needs_attention:
        raise NotAllowed("refund_settled", {"refund_id": refund.id, "state": refund.state.value})
    data = {"refund_id": refund.id, "decision": decision.value, "state": refund.state.value}
    told = Draft(type=EventType.REFUND_RESOLVED, invoice_id=refund.invoice_id, data=data)
    is_held = refund.state is RefundState.HELD
    if decision is RefundDecision.CONFIRM:
        confirmed = refund.after(RefundEvent.CONFIRMED, now) if is_held else refund
        return refund_paid_out(dossier, confirmed.decided(decision), told)
    if not is_held or _is_made(refund.result):
        # The processor says that the money is gone, or another amount of it.
        raise NotAllowed("refund_happened", {"refund_id": refund.id})
    return refund_failed(dossier, refund.after(RefundEvent.NEVER_HAPPENED, now).decided(decision), told)
