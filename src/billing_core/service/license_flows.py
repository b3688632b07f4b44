"""Commands on licenses and their invoices, as flows."""

from __future__ import annotations

from datetime import date, datetime

from billing_core.accounts.permissions import Permission, authorize
from billing_core.charging.apply import Draft, with_payment
from billing_core.charging.attempt import AttemptEvent, AttemptState, AttentionDecision, ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.seeking import with_nothing_found
from billing_core.charging.status import canceled_at
from billing_core.errors import Conflict, NotAllowed
from billing_core.events import EventType
from billing_core.issues import invalid
from billing_core.licenses.extension import Extension, check_extension, extension_end
from billing_core.licenses.license import Cancellation, License, PendingChange
from billing_core.licenses.plan import Plan, check_quantity
from billing_core.policy import OpenInvoiceRule
from billing_core.service.changes import Occasion, license_change
from billing_core.service.commands import (
    TRIES_MAX,
    By,
    change_license,
    load_account,
    load_attempt,
    load_invoice,
)
from billing_core.service.context import Context
from billing_core.service.forgetting import forget_settled
from billing_core.service.refund_flows import can_refund, refund_rest, see_to
from billing_core.service.requests import Commit, Flow, GetNow, LoadControls
from billing_core.stores.port import CommitResult
from billing_core.values.ids import check_id, derive_id
from billing_core.values.zones import local_date

__all__ = [
    "AttentionDecision",
    "cancel",
    "change_plan",
    "choose_plan",
    "grant_extension",
    "record_external_payment",
    "resolve_attention",
]


def choose_plan(
    context: Context,
    account_id: str,
    plan: Plan,
    by: By,
    *,
    quantity: int,
    start_on: date | None,
    anchor_day: int | None,
) -> Flow[License]:
    """See `Billing.choose_plan`."""
    check_quantity(quantity)
    for _ in range(TRIES_MAX):
        account = yield from load_account(account_id)
        role = authorize(by.actor, Permission.CHANGE_PLAN, account)
        by.ensure_saw("account", account)
        plan.ensure_currency(account.currency)
        now: datetime = yield GetNow()
        today = local_date(now, account.time_zone)
        if start_on is not None and start_on < today:
            raise invalid("start_on", "out_of_range", min=today.isoformat(), max="any later day")
        account.currency.ensure_active_on(today)
        controls: Controls = yield LoadControls()
        license = License.start(
            derive_id("lic", context.namespace, account_id, account.license_count, *_epoch_mark(controls)),
            account_id,
            plan,
            quantity=quantity,
            start_on=start_on if start_on is not None else today,
            time_zone=account.time_zone,
            started_at=now,
            anchor_day=anchor_day,
        ).started_in(controls.epoch)
        data = {"plan": plan.id, "plan_version": plan.version, "quantity": quantity}
        change, stepped = license_change(
            Occasion(namespace=context.namespace, at=now, actor=by.actor.ref(role), reason=by.reason),
            None,
            Dossier(account=account.with_license_counted(), license=license),
            (Draft(type=EventType.LICENSE_STARTED, data=data),),
            wake_at=now,
            account_before=account,
        )
        result: CommitResult = yield Commit(change)
        if result.ok:
            return stepped.license
    raise Conflict("account", account_id)


def _epoch_mark(controls: Controls) -> tuple[str, ...]:
    """What keeps a new license from the id, and so from the charges, of one that a restore made us forget."""
    return () if controls.epoch_began_at is None else (controls.epoch_began_at.isoformat(),)


def change_plan(
    context: Context, license_id: str, plan: Plan | None, by: By, *, quantity: int | None
) -> Flow[Dossier]:
    """See `Billing.change_plan`."""
    if plan is None and quantity is None:
        raise invalid("plan", "required")
    if quantity is not None:
        check_quantity(quantity)

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        if plan is not None:
            plan.ensure_currency(dossier.account.currency)
        if dossier.license.cancellation is not None:
            raise _canceled(dossier)
        invoice = dossier.open_invoice
        if invoice is not None and context.policy.open_invoice is OpenInvoiceRule.REFUSE:
            raise NotAllowed("invoice_open", {"invoice_id": invoice.id, "due_on": invoice.due_on.isoformat()})
        change = PendingChange(plan=plan, quantity=quantity, requested_at=now)
        changed = dossier.with_license(dossier.license.with_pending_change(change))
        data = {
            "plan": plan.id if plan is not None else dossier.license.plan.id,
            "quantity": quantity if quantity is not None else dossier.license.quantity,
            "from": _next_unbilled(dossier).isoformat(),
        }
        return changed, (Draft(type=EventType.PLAN_CHANGE_SCHEDULED, data=data),)

    return change_license(context, license_id, Permission.CHANGE_PLAN, by, decide)


def cancel(context: Context, license_id: str, by: By, *, at_period_end: bool) -> Flow[Dossier]:
    """See `Billing.cancel`."""

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        license = dossier.license
        _ensure_not_ended(dossier, now)
        if at_period_end and license.cancellation is not None:
            return dossier, ()
        # A period that is paid for runs to its end; one that nobody paid for ends at once.
        is_covered = at_period_end and now < license.due_at
        effective_on = license.paid_until if is_covered else None
        cancellation = Cancellation(requested_at=now, effective_on=effective_on, reason=by.reason)
        data = {"effective_on": effective_on.isoformat() if effective_on is not None else None}
        canceled = dossier.with_license(license.with_cancellation(cancellation))
        return canceled, (Draft(type=EventType.CANCELLATION_SCHEDULED, data=data),)

    return change_license(context, license_id, Permission.CHANGE_PLAN, by, decide)


def grant_extension(context: Context, license_id: str, by: By, *, days: int) -> Flow[Dossier]:
    """See `Billing.grant_extension`."""
    reason = by.reason
    assert reason is not None, "the surface demands one"

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        license = dossier.license
        _ensure_not_ended(dossier, now)
        check_extension(license.extensions, days, now, context.policy)
        extension = Extension(
            granted_at=now,
            until=extension_end(now, days, license.term.zone),
            days=days,
            granted_by=by.actor.id,
            reason=reason,
        )
        data = {"days": days, "until": extension.until.isoformat()}
        extended = dossier.with_license(license.with_extension(extension))
        return extended, (Draft(type=EventType.EXTENSION_GRANTED, data=data),)

    return change_license(context, license_id, Permission.GRANT_EXTENSION, by, decide)


def record_external_payment(context: Context, invoice_id: str, by: By, *, reference: str) -> Flow[Invoice]:
    """See `Billing.record_external_payment`."""
    check_id(reference, "reference")
    invoice = yield from load_invoice(invoice_id)
    if invoice.external_payment == reference:
        account = yield from load_account(invoice.account_id)
        authorize(by.actor, Permission.RECORD_PAYMENT, account)
        return invoice

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        current = dossier.invoice(invoice_id)
        by.ensure_saw("invoice", current if current is not None else invoice)
        if current is None or not current.is_open:
            raise NotAllowed("invoice_not_open", {"invoice_id": invoice_id})
        _ensure_resolved(dossier)
        return with_payment(dossier, current.paid(now, external_payment=reference))

    dossier = yield from change_license(
        context, invoice.license_id, Permission.RECORD_PAYMENT, by.with_any_version(), decide
    )
    paid = dossier.invoice(invoice_id)
    assert paid is not None, "it was paid just now"
    return paid


def resolve_attention(context: Context, attempt_id: str, decision: str, by: By) -> Flow[ChargeAttempt]:
    """See `Billing.resolve_attention`."""
    assert by.reason is not None, "the surface demands one"
    if decision not in set(AttentionDecision):
        raise invalid("decision", "unknown_value", allowed=", ".join(AttentionDecision))
    attempt = yield from load_attempt(attempt_id)

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        current = dossier.attempt(attempt_id)
        assert current is not None, "the dossier was loaded with this attempt"
        by.ensure_saw("attempt", current)
        if not current.needs_attention:
            raise NotAllowed("nothing_to_resolve", {"attempt_id": attempt_id, "state": current.state.value})
        data = {"attempt": current.number, "decision": decision, "state": current.state.value}
        resolved = Draft(type=EventType.ATTENTION_RESOLVED, invoice_id=current.invoice_id, data=data)
        if decision == AttentionDecision.ADOPT:
            after, drafts = _adopted(dossier, current, now)
        elif decision == AttentionDecision.REFUND and can_refund(dossier, current):
            given_up = _given_up(current, now).decided(decision)
            after, drafts = refund_rest(context, dossier.with_attempt(given_up), given_up, now)
        else:
            cleared = with_nothing_found(dossier, current)
            after, drafts = cleared.with_attempt(_given_up(current, now).decided(decision)), ()
        return after, (resolved, *drafts)

    dossier = yield from change_license(
        context,
        attempt.license_id,
        Permission.RESOLVE_ATTENTION,
        by.with_any_version(),
        decide,
        attempt_id=attempt_id,
    )
    settled = dossier.attempt(attempt_id)
    assert settled is not None, "it was decided just now"
    if not context.is_in_host_transaction:
        yield from forget_settled(context, attempt, dossier)
    refunds = [refund for refund in dossier.refunds_of(settled) if refund.is_unresolved]
    for refund in refunds:
        yield from see_to(context, refund)
    return settled if not refunds else (yield from load_attempt(attempt_id))


def _adopted(dossier: Dossier, attempt: ChargeAttempt, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
    """The money is the invoice's: it is paid by it, unless it was already (and the license had ended)."""
    if attempt.state is AttemptState.SUCCEEDED:
        return dossier.with_attempt(attempt.decided(AttentionDecision.ADOPT)), ()
    invoice = dossier.invoice(attempt.invoice_id)
    assert invoice is not None, "the dossier was loaded with this attempt's invoice"
    if not invoice.is_open:
        raise NotAllowed("invoice_not_open", {"invoice_id": invoice.id})
    is_held = attempt.state is AttemptState.HELD
    if not is_held:
        _ensure_resolved(dossier)
    paid, drafts = with_payment(dossier, invoice.paid(now))
    adopted = attempt.after(AttemptEvent.ADOPTED, now) if is_held else attempt
    return paid.with_attempt(adopted.decided(AttentionDecision.ADOPT)), drafts


def _given_up(attempt: ChargeAttempt, now: datetime) -> ChargeAttempt:
    is_held = attempt.state is AttemptState.HELD
    return attempt.after(AttemptEvent.NEVER_HAPPENED, now) if is_held else attempt


def _ensure_resolved(dossier: Dossier) -> None:
    attempt = dossier.unresolved_attempt
    if attempt is not None:
        raise NotAllowed("charge_unresolved", {"attempt": attempt.number, "state": attempt.state.value})


def _ensure_not_ended(dossier: Dossier, now: datetime) -> None:
    ended_at = canceled_at(dossier.license)
    if ended_at is not None and now >= ended_at:
        raise _canceled(dossier)


def _canceled(dossier: Dossier) -> NotAllowed:
    ended_at = canceled_at(dossier.license)
    assert ended_at is not None, "only a canceled license is refused so"
    return NotAllowed("license_canceled", {"license_id": dossier.license.id, "ends_at": ended_at.isoformat()})


def _next_unbilled(dossier: Dossier) -> date:
    invoice = dossier.open_invoice
    return invoice.period.end if invoice is not None else dossier.license.paid_until
