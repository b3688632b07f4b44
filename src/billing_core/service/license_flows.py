"""Commands on licenses and their invoices, as flows."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum


from billing_core.accounts.permissions import Actor, Permission, authorize
from billing_core.charging.apply import Draft, with_payment
from billing_core.charging.attempt import AttemptEvent, AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.status import canceled_at
from billing_core.errors import Conflict, NotAllowed, NotFound
from billing_core.events import EventType
from billing_core.identity.text import free_text
from billing_core.issues import invalid
from billing_core.licenses.extension import Extension, check_extension, extension_end
from billing_core.licenses.license import Cancellation, License, PendingChange
from billing_core.licenses.plan import Plan, check_quantity
from billing_core.policy import OpenInvoiceRule
from billing_core.service.changes import Occasion, license_change
from billing_core.service.commands import change_license, checked_reason, load_account
from billing_core.service.context import Context
from billing_core.service.requests import Commit, Flow, GetNow, LoadAttempt, LoadInvoice
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

_TRIES_MAX = 20


def choose_plan(
    context: Context,
    account_id: str,
    plan: Plan,
    *,
    quantity: int,
    start_on: date | None,
    anchor_day: int | None,
    actor: Actor,
    reason: str | None,
) -> Flow[License]:
    """See `Billing.choose_plan`."""
    said = checked_reason(reason)
    check_quantity(quantity)
    for _ in range(_TRIES_MAX):
        account = yield from load_account(account_id)
        role = authorize(actor, Permission.CHANGE_PLAN, account)
        plan.ensure_currency(account.currency)
        now: datetime = yield GetNow()
        today = local_date(now, account.time_zone)
        if start_on is not None and start_on < today:
            raise invalid("start_on", "out_of_range", min=today.isoformat(), max="any later day")
        account.currency.ensure_active_on(today)
        license_ = License.start(
            derive_id("lic", context.namespace, account_id, account.license_count),
            account_id,
            plan,
            quantity=quantity,
            start_on=start_on if start_on is not None else today,
            time_zone=account.time_zone,
            started_at=now,
            anchor_day=anchor_day,
        )
        occasion = Occasion(namespace=context.namespace, at=now, actor=actor.ref(role), reason=said)
        data = {"plan": plan.id, "plan_version": plan.version, "quantity": quantity}
        dossier = Dossier(account=account.with_license_counted(), license=license_)
        change, stepped = license_change(
            occasion,
            None,
            dossier,
            (Draft(type=EventType.LICENSE_STARTED, data=data),),
            wake_at=now,
            account_before=account,
        )
        result: CommitResult = yield Commit(change)
        if result.ok:
            return stepped.license
    raise Conflict("account", account_id)


def change_plan(
    context: Context,
    license_id: str,
    plan: Plan | None,
    *,
    quantity: int | None,
    actor: Actor,
    reason: str | None,
    expect_version: int | None,
) -> Flow[Dossier]:
    """See `Billing.change_plan`."""
    if plan is None and quantity is None:
        raise invalid("plan", "required")
    if quantity is not None:
        check_quantity(quantity)

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        if plan is not None:
            plan.ensure_currency(dossier.account.currency)
        _ensure_not_ended(dossier, now)
        invoice = dossier.open_invoice
        if invoice is not None and context.policy.open_invoice is OpenInvoiceRule.REFUSE:
            raise NotAllowed("invoice_open", {"invoice_id": invoice.id, "due_on": invoice.due_on})
        change = PendingChange(plan=plan, quantity=quantity, requested_at=now)
        changed = dossier.with_license(dossier.license.with_pending_change(change))
        data = {
            "plan": plan.id if plan is not None else dossier.license.plan.id,
            "quantity": quantity if quantity is not None else dossier.license.quantity,
            "from": _next_unbilled(dossier).isoformat(),
        }
        return changed, (Draft(type=EventType.PLAN_CHANGE_SCHEDULED, data=data),)

    return change_license(
        context, license_id, Permission.CHANGE_PLAN, decide, actor=actor, reason=reason, expect_version=expect_version
    )


def cancel(
    context: Context,
    license_id: str,
    *,
    at_period_end: bool,
    actor: Actor,
    reason: str | None,
    expect_version: int | None,
) -> Flow[Dossier]:
    """See `Billing.cancel`."""
    said = checked_reason(reason)

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        license_ = dossier.license
        _ensure_not_ended(dossier, now)
        # A period that is being paid for runs to its end; one that nobody paid for ends at once.
        is_covered = at_period_end and now < license_.due_at
        effective_on = license_.paid_until if is_covered else None
        cancellation = Cancellation(requested_at=now, effective_on=effective_on, reason=said)
        data = {"effective_on": effective_on.isoformat() if effective_on is not None else None}
        canceled = dossier.with_license(license_.with_cancellation(cancellation))
        return canceled, (Draft(type=EventType.CANCELLATION_SCHEDULED, data=data),)

    return change_license(
        context, license_id, Permission.CHANGE_PLAN, decide, actor=actor, reason=reason, expect_version=expect_version
    )


def grant_extension(
    context: Context,
    license_id: str,
    *,
    days: int,
    actor: Actor,
    reason: str,
    expect_version: int | None,
) -> Flow[Dossier]:
    """See `Billing.grant_extension`."""
    why = free_text("reason", reason)

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        license_ = dossier.license
        _ensure_not_ended(dossier, now)
        check_extension(license_.extensions, days, now, context.policy)
        extension = Extension(
            granted_at=now,
            until=extension_end(now, days, license_.term.zone),
            days=days,
            granted_by=actor.id,
            reason=why,
        )
        data = {"days": days, "until": extension.until.isoformat()}
        extended = dossier.with_license(license_.with_extension(extension))
        return extended, (Draft(type=EventType.EXTENSION_GRANTED, data=data),)

    return change_license(
        context,
        license_id,
        Permission.GRANT_EXTENSION,
        decide,
        actor=actor,
        reason=why,
        expect_version=expect_version,
    )


def record_external_payment(
    context: Context, invoice_id: str, *, reference: str, actor: Actor, reason: str | None
) -> Flow[Invoice]:
    """See `Billing.record_external_payment`."""
    check_id(reference, "reference")
    invoice: Invoice | None = yield LoadInvoice(invoice_id)
    if invoice is None:
        raise NotFound("invoice", invoice_id)
    if invoice.external_payment == reference:
        account = yield from load_account(invoice.account_id)
        authorize(actor, Permission.RECORD_PAYMENT, account)
        return invoice

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        current = dossier.invoice(invoice_id)
        if current is None or not current.is_open:
            raise NotAllowed("invoice_not_open", {"invoice_id": invoice_id})
        attempt = dossier.unresolved_attempt
        if attempt is not None:
            raise NotAllowed("charge_unresolved", {"attempt": attempt.number, "state": attempt.state.value})
        return with_payment(dossier, current.paid(now, external_payment=reference))

    dossier = yield from change_license(
        context,
        invoice.license_id,
        Permission.RECORD_PAYMENT,
        decide,
        actor=actor,
        reason=reason,
        expect_version=None,
    )
    paid = dossier.invoice(invoice_id)
    assert paid is not None
    return paid


class AttentionDecision(StrEnum):
    """What a person may decide about a charge that nobody else can resolve."""

    ADOPT = "adopt"
    #: No money moved, or none of it stayed.
    VOID = "void"
    #: The person gave the money back at the processor.
    REFUNDED = "refunded"


def resolve_attention(
    context: Context, attempt_id: str, decision: str, *, actor: Actor, reason: str
) -> Flow[ChargeAttempt]:
    """See `Billing.resolve_attention`."""
    why = free_text("reason", reason)
    if decision not in set(AttentionDecision):
        raise invalid("decision", "unknown_value", allowed=", ".join(AttentionDecision))
    attempt: ChargeAttempt | None = yield LoadAttempt(attempt_id)
    if attempt is None:
        raise NotFound("attempt", attempt_id)

    def decide(dossier: Dossier, now: datetime) -> tuple[Dossier, tuple[Draft, ...]]:
        current = dossier.attempt(attempt_id)
        assert current is not None, "the dossier was loaded with this attempt"
        if not current.needs_attention:
            raise NotAllowed("nothing_to_resolve", {"attempt_id": attempt_id, "state": current.state.value})
        data = {"attempt": current.number, "decision": decision, "state": current.state.value}
        resolved = Draft(type=EventType.ATTENTION_RESOLVED, invoice_id=current.invoice_id, data=data)
        if current.state is not AttemptState.HELD:
            return dossier.with_attempt(current.decided(decision)), (resolved,)
        if decision != AttentionDecision.ADOPT:
            return dossier.with_attempt(
                current.after(AttemptEvent.NEVER_HAPPENED, now).decided(decision)
            ), (resolved,)
        invoice = dossier.invoice(current.invoice_id)
        assert invoice is not None, "an unresolved attempt keeps its invoice in the dossier"
        paid, drafts = with_payment(dossier, invoice.paid(now))
        adopted = current.after(AttemptEvent.ADOPTED, now).decided(decision)
        return paid.with_attempt(adopted), (resolved, *drafts)

    dossier = yield from change_license(
        context,
        attempt.license_id,
        Permission.RESOLVE_ATTENTION,
        decide,
        actor=actor,
        reason=why,
        expect_version=None,
        attempt_id=attempt_id,
    )
    settled = dossier.attempt(attempt_id)
    assert settled is not None
    return settled


def _ensure_not_ended(dossier: Dossier, now: datetime) -> None:
    ended_at = canceled_at(dossier.license)
    if ended_at is not None:
        raise NotAllowed("license_canceled", {"license_id": dossier.license.id, "ends_at": ended_at.isoformat()})


def _next_unbilled(dossier: Dossier) -> date:
    invoice = dossier.open_invoice
    return invoice.period.end if invoice is not None else dossier.license.paid_until


