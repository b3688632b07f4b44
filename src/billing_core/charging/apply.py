"""
Carrying out a step on the dossier: what the records look like afterwards.

Pure: nothing is stored and nobody is called. A charge is *opened* here - its
attempt, its frozen request and its key - and sent only after the result of
this was committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import singledispatch
from typing import Any

import attrs

from billing_core.charging.attempt import AttemptEvent, AttentionDecision, ChargeAttempt
from billing_core.charging.changes import restarted_term
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Applied, Draft
from billing_core.charging.invoice import Invoice, InvoiceKey, InvoiceLine
from billing_core.charging.opening import attempt_at
from billing_core.charging.seeking import with_nothing_found
from billing_core.charging.settle_refund import refund_carried_on, refund_started
from billing_core.charging.steps import (
    CarryOver,
    ChargeInvoice,
    IssueInvoice,
    Notify,
    RecordCancellation,
    RecordExpiry,
    ResolveAction,
    ResolveCharge,
    ResolveRefund,
    SeekCharge,
    SkipPeriods,
    StartRefund,
    StartTerm,
    Step,
    VoidInvoice,
)
from billing_core.charging.taxes import NO_TAX, TaxAssessment
from billing_core.events import EventType
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.license import License, NoticeKind, Term
from billing_core.policy import BillingPolicy, CatchUp
from billing_core.values.ids import derive_id
from billing_core.values.money import Money
from billing_core.values.schedule import Period

__all__ = ["Applied", "Draft", "Making", "apply_step", "with_payment"]


@attrs.frozen(kw_only=True)
class Making:
    """
    What the making of records needs besides the dossier.

    Attributes:
        namespace: unique per environment; every id and key derives from it, so
            that a copied or restored database can't repeat a charge under another key.
        policy: the vendor's choices.
        tax: the assessment for the invoice at hand.
    """

    namespace: str
    policy: BillingPolicy
    tax: TaxAssessment = NO_TAX


_NOTICE_EVENTS = {
    NoticeKind.RENEWAL_COMING: EventType.NOTICE_RENEWAL_COMING,
    NoticeKind.CARD_MISSING: EventType.NOTICE_CARD_MISSING,
    NoticeKind.CARD_EXPIRING: EventType.NOTICE_CARD_EXPIRING,
    NoticeKind.EXTENSION_ENDING: EventType.NOTICE_EXTENSION_ENDING,
}


@singledispatch
def apply_step(step: Step, dossier: Dossier, now: datetime, making: Making) -> Applied:
    """
    The dossier after a step, with the events that tell of it.

    Raises:
        TypeError: for a `Wait`, which does nothing, and a look-up, which only asks.
        InvariantViolated: the dossier is not the one that the step was decided for.
    """
    raise TypeError(f"a {step.kind.value} step changes nothing on file")


@apply_step.register
def _(step: IssueInvoice, dossier: Dossier, now: datetime, making: Making) -> Applied:
    account, license = dossier.account, dossier.license
    term = license.term
    earlier = [i for i in dossier.invoices if (i.key.term, i.key.index) == (step.term, step.index)]
    key = InvoiceKey(license.id, step.term, step.index, len(earlier))
    line = _line(term, step.period)
    carried_in = license.carried if license.carried is not None else Money.zero(account.currency)
    tax = Money.total((tax_line.amount for tax_line in making.tax.lines), account.currency)
    balance_used = min(account.balance, line.amount + tax + carried_in)
    invoice = Invoice(
        id=derive_id("inv", making.namespace, str(key)),
        key=key,
        account_id=account.id,
        license_id=license.id,
        seller_id=account.seller_id,
        series=making.policy.invoice_series,
        period=step.period,
        lines=(line,),
        tax_lines=making.tax.lines,
        carried_in=carried_in,
        balance_used=balance_used,
        carried_out=Money.zero(account.currency),
        issued_at=now,
        due_on=step.period.start,
        due_at=term.start_of(step.period.start),
        billing_snapshot=account.billing_info,
        treatment=making.tax.treatment,
        notes=making.tax.notes,
    )
    after = dossier.with_invoice(invoice)
    if not balance_used.is_zero:
        after = after.with_account(account.with_balance(account.balance - balance_used))
    if not carried_in.is_zero:
        after = after.with_license(license.with_carried(None))
    data = {**_about(invoice), **_why(step), "total": str(invoice.total)}
    issued = Draft(type=EventType.INVOICE_ISSUED, invoice_id=invoice.id, data=data)
    if not invoice.amount_due.is_zero:
        return after, (issued,)
    paid, drafts = with_payment(after, invoice.paid(now))
    return paid, (issued, *drafts)


@apply_step.register
def _(step: ChargeInvoice, dossier: Dossier, now: datetime, making: Making) -> Applied:
    invoice = dossier.invoice(step.invoice_id)
    assert invoice is not None
    card = dossier.account.card(step.card_id)
    attempt = attempt_at(dossier, invoice, card, now, making.namespace)
    data = {**_about(invoice), "attempt": attempt.number, **_why(step), "card": card.label}
    return _drafted(dossier, attempt, EventType.CHARGE_STARTED, data)


@apply_step.register
def _(step: SeekCharge, dossier: Dossier, now: datetime, making: Making) -> Applied:
    invoice = dossier.invoice(step.invoice_id)
    assert invoice is not None
    card = dossier.account.card(step.card_id)
    attempt = attempt_at(dossier, invoice, card, now, making.namespace, sends=0)
    data = {**_about(invoice), "attempt": attempt.number, **_why(step)}
    return _drafted(dossier, attempt, EventType.CHARGE_SOUGHT, data)


@apply_step.register
def _(step: CarryOver, dossier: Dossier, now: datetime, making: Making) -> Applied:
    invoice = dossier.invoice(step.invoice_id)
    assert invoice is not None
    carried = invoice.amount_due
    paid, drafts = with_payment(dossier, invoice.carried_over(now))
    return paid.with_license(paid.license.with_carried(carried)), drafts


@apply_step.register
def _(step: ResolveCharge, dossier: Dossier, now: datetime, making: Making) -> Applied:
    attempt = dossier.attempt(step.attempt_id)
    assert attempt is not None
    because = {"attempt": attempt.number, **_why(step)}
    if step.action is ResolveAction.RESEND:
        return _drafted(dossier, attempt.resent(now), EventType.CHARGE_RESENT, because)
    if step.action is ResolveAction.CONFIRM:
        return _drafted(dossier, attempt.confirming(now), EventType.CHARGE_CONFIRMING, because)
    if step.action is ResolveAction.CANCEL:
        return _drafted(dossier, attempt.called_off(now), EventType.CHARGE_CALLED_OFF, because)
    if step.action is ResolveAction.VOID:
        voided = attempt.after(AttemptEvent.NEVER_HAPPENED, now)
        after = with_nothing_found(dossier, attempt)
        return _drafted(after, voided, EventType.CHARGE_VOIDED, because)
    if step.action is ResolveAction.HOLD:
        return _drafted(dossier, attempt.after(AttemptEvent.GAVE_UP, now), EventType.CHARGE_HELD, because)
    if step.action is ResolveAction.END_ACTION:
        ended = attempt.after(AttemptEvent.ACTION_ENDED, now)
        return _drafted(dossier, ended, EventType.CHARGE_DECLINED, {**because, "advice": "authenticate"})
    raise TypeError(f"{step.action.value} asks the gateway; its answer is settled, not applied")


@apply_step.register
def _(step: StartRefund, dossier: Dossier, now: datetime, making: Making) -> Applied:
    attempt = dossier.attempt(step.attempt_id)
    assert attempt is not None
    decided = attempt.decided(AttentionDecision.REFUND)
    return refund_started(dossier, decided, step.amount, now, namespace=making.namespace, why=_why(step))


@apply_step.register
def _(step: ResolveRefund, dossier: Dossier, now: datetime, making: Making) -> Applied:
    refund = dossier.refund(step.refund_id)
    assert refund is not None
    return refund_carried_on(dossier, refund, step.action, now, _why(step))


@apply_step.register
def _(step: SkipPeriods, dossier: Dossier, now: datetime, making: Making) -> Applied:
    after: Dossier = dossier
    drafts: tuple[Draft, ...] = ()
    if step.invoice_id is not None:
        after, drafts = _voided(dossier, step.invoice_id, step)
    license = after.license
    row = CoverageRow(
        start=license.paid_until, end=step.until, why=CoverageKind.LAPSE, term=license.term.number
    )
    lapsed = license.with_row(row)
    if making.policy.catch_up is CatchUp.RESTART:
        lapsed = lapsed.with_term(restarted_term(lapsed))
    data = {"from": row.start.isoformat(), "until": row.end.isoformat(), **_why(step)}
    return after.with_license(lapsed), (*drafts, Draft(type=EventType.PERIODS_LAPSED, data=data))


@apply_step.register
def _(step: StartTerm, dossier: Dossier, now: datetime, making: Making) -> Applied:
    term = step.term
    data = {
        "term": term.number,
        "start": term.start.isoformat(),
        "plan": term.plan.id,
        "plan_version": term.plan.version,
        "quantity": term.quantity,
        "zone": term.zone,
        **_why(step),
    }
    changed = dossier.with_license(dossier.license.with_term(term).without_pending_change())
    return changed, (Draft(type=EventType.TERM_STARTED, data=data),)


@apply_step.register
def _(step: VoidInvoice, dossier: Dossier, now: datetime, making: Making) -> Applied:
    return _voided(dossier, step.invoice_id, step)


@apply_step.register
def _(step: Notify, dossier: Dossier, now: datetime, making: Making) -> Applied:
    noticed = dossier.with_license(dossier.license.with_notice(step.key))
    return noticed, (Draft(type=_NOTICE_EVENTS[step.notice], data=step.data),)


@apply_step.register
def _(step: RecordExpiry, dossier: Dossier, now: datetime, making: Making) -> Applied:
    expired = dossier.with_license(dossier.license.with_notice(step.key))
    data = {"paid_until": dossier.license.paid_until.isoformat(), **_why(step)}
    return expired, (Draft(type=EventType.LICENSE_EXPIRED, data=data),)


@apply_step.register
def _(step: RecordCancellation, dossier: Dossier, now: datetime, making: Making) -> Applied:
    ended = dossier.with_license(dossier.license.with_notice(step.key))
    data = {"paid_until": dossier.license.paid_until.isoformat()}
    return ended, (Draft(type=EventType.LICENSE_CANCELED, data=data),)


def with_payment(dossier: Dossier, paid: Invoice) -> Applied:
    """The dossier after an invoice was paid: its period is covered, from the anchor, not from today."""
    row = CoverageRow(
        start=paid.period.start,
        end=paid.period.end,
        why=CoverageKind.CHARGE,
        term=paid.key.term,
        index=paid.key.index,
        source=paid.id,
    )
    license: License = dossier.license.with_row(row)
    after = dossier.with_invoice(paid).with_license(license)
    data = {"paid_until": license.paid_until.isoformat(), "period": str(paid.period)}
    return after, (
        Draft(type=EventType.INVOICE_PAID, invoice_id=paid.id, data=_about(paid)),
        Draft(type=EventType.LICENSE_RENEWED, invoice_id=paid.id, data=data),
    )


def _line(term: Term, period: Period) -> InvoiceLine:
    plan = term.plan
    return InvoiceLine(
        description=plan.name,
        quantity=plan.billed_quantity(term.quantity),
        unit_price=plan.unit_price,
        amount=plan.price_for(term.quantity),
        period=period,
    )


def _voided(dossier: Dossier, invoice_id: str, step: Step) -> Applied:
    invoice = dossier.invoice(invoice_id)
    assert invoice is not None
    after = dossier.with_invoice(invoice.voided())
    if not invoice.balance_used.is_zero:
        account = after.account
        after = after.with_account(account.with_balance(account.balance + invoice.balance_used))
    if not invoice.carried_in.is_zero:
        after = after.with_license(after.license.with_carried(invoice.carried_in))
    data = {**_about(invoice), **_why(step)}
    return after, (Draft(type=EventType.INVOICE_VOIDED, invoice_id=invoice.id, data=data),)


def _drafted(dossier: Dossier, attempt: ChargeAttempt, type: str, data: Mapping[str, Any]) -> Applied:
    return dossier.with_attempt(attempt), (Draft(type=type, invoice_id=attempt.invoice_id, data=data),)


def _why(step: Step) -> dict[str, Any]:
    """The rule that led to a step, as a code, and apart from it what the rule looked at."""
    return {"because": step.because.rule, "facts": dict(step.because.facts)}


def _about(invoice: Invoice) -> dict[str, Any]:
    return {
        "amount_due": str(invoice.amount_due),
        "due_on": invoice.due_on.isoformat(),
        "period": str(invoice.period),
    }
