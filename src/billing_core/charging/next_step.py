"""
The one decision: what is the next thing to do for this license?

`next_step` reads a dossier and an instant, and does nothing else. Every
trigger - the nightly run, a webhook, a card update, an extension, a request -
only makes it look again, so two triggers can't become two charges.

The order of the questions is the order of precedence:

1. Is there money to give back? That waits for nothing; only a new charge of its own invoice waits for it.
2. Is a charge unresolved? Then that comes before every other matter of money.
3. Has the license ended, or does it rest?
4. Is it due? Then bill, charge, retry, or wait for the owner.
5. Is there something to announce?
6. Otherwise: until when is there nothing to do?
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.chance import GATEWAY_AGAIN, Chance, charging_chance
from billing_core.charging.changes import changed_term
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.notices import due_notices, end_of_card, notice_times
from billing_core.charging.refund import RefundState
from billing_core.charging.resolve import resolution, resolution_times
from billing_core.charging.resolve_refund import next_refund_step, refund_times
from billing_core.charging.seeking import card_to_seek_with, may_have_forgotten, must_seek
from billing_core.charging.status import LicenseStatus, canceled_at, expires_at, status_at
from billing_core.charging.steps import (
    Because,
    CarryOver,
    ChargeInvoice,
    IssueInvoice,
    RecordCancellation,
    RecordExpiry,
    SeekCharge,
    SkipPeriods,
    StartTerm,
    Step,
    VoidInvoice,
    Wait,
)
from billing_core.licenses.coverage import CoverageKind
from billing_core.policy import BillingPolicy, CatchUp, TrialEnd
from billing_core.values.typed import check_instance
from billing_core.values.zones import in_utc

__all__ = ["next_step"]


def next_step(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Step:
    """
    The next thing to do for one license.

    The same inputs always give the same step. Performing the step and asking
    again leads, after a few steps, to a `Wait`.

    Args:
        dossier: all that is known about the license.
        now: the instant at which to decide.
        policy: the vendor's choices.

    Raises:
        InvalidInput: ``invalid_type``, or ``now`` is naive.
    """
    check_instance(dossier, Dossier, "dossier")
    check_instance(policy, BillingPolicy, "policy")
    now = in_utc(now)
    refund = next_refund_step(dossier, now, policy)
    if refund is not None:
        return refund
    attempt = dossier.unresolved_attempt
    if attempt is not None:
        return _while_unresolved(dossier, attempt, now, policy)
    status = status_at(dossier, now, policy)
    if status is LicenseStatus.CANCELED:
        return _when_canceled(dossier, now)
    if status is LicenseStatus.PAUSED:
        return _idle(dossier, now, policy, Because("paused"))
    if now >= dossier.license.due_at:
        return _when_due(dossier, now, policy, status)
    because = Because("covered", {"paid_until": dossier.license.paid_until.isoformat()})
    return _announcement(dossier, now, policy) or _idle(dossier, now, policy, because)


def _while_unresolved(dossier: Dossier, attempt: ChargeAttempt, now: datetime, policy: BillingPolicy) -> Step:
    """Nothing else that moves money; but the owner is told, and grace runs where surely no money moved."""
    facts: dict[str, object] = {"state": attempt.state.value, "attempt": attempt.number}
    is_given = dossier.capabilities(attempt.gateway_id) is not None
    because = Because("charge_unresolved", facts)
    if not is_given and attempt.state is not AttemptState.HELD:
        because = Because("gateway_not_given", {**facts, "gateway_id": attempt.gateway_id})
    asks_cardholder = attempt.state is AttemptState.REQUIRES_ACTION
    return (
        resolution(dossier, attempt, now)
        or _cancellation_to_record(dossier, now)
        or (_expiry_to_record(dossier, now, policy) if asks_cardholder else None)
        or _announcement(dossier, now, policy)
        or _idle(dossier, now, policy, because)
    )


def _when_canceled(dossier: Dossier, now: datetime) -> Step:
    ended = _cancellation_to_record(dossier, now)
    if ended is not None:
        return ended
    invoice = dossier.open_invoice
    if invoice is not None:
        return VoidInvoice(because=Because("license_canceled"), invoice_id=invoice.id)
    times = (*refund_times(dossier), *_gateway_times(dossier, now))
    return Wait(because=Because("license_canceled"), until=min(times, default=None))


def _when_due(dossier: Dossier, now: datetime, policy: BillingPolicy, status: LicenseStatus) -> Step:
    invoice = dossier.open_invoice
    if invoice is None and dossier.license.pending_change is not None:
        return _change_term(dossier)
    forgotten = _perhaps_forgotten(dossier, invoice)
    if forgotten is not None:
        return forgotten
    overdue = (dossier.today(now) - dossier.license.paid_until).days
    if status is LicenseStatus.EXPIRED and overdue > policy.catch_up_days_max:
        facts = {"days": overdue, "days_max": policy.catch_up_days_max}
        return _unpaid(dossier, now, policy, Chance(because=Because("catch_up_limit", facts)))
    chance = charging_chance(dossier, invoice, now, policy)
    if status is LicenseStatus.EXPIRED and chance.is_now and _must_skip(dossier, now, policy):
        if invoice is None and chance.card is not None and may_have_forgotten(dossier):
            # By the books of before the restore nobody has paid: that is looked for before it lapses.
            return _issue(dossier)
        return _skip_periods(dossier, invoice, now, policy)
    if invoice is None and (chance.is_now or _is_owed(dossier, now, policy, status)):
        return _issue(dossier)
    if invoice is not None and chance.card is not None:
        return _charge(dossier, invoice, chance)
    return _unpaid(dossier, now, policy, chance)


def _perhaps_forgotten(dossier: Dossier, invoice: Invoice | None) -> SeekCharge | None:
    """After a restore, what may have been charged already is looked for, whether or not it can be charged."""
    card = card_to_seek_with(dossier)
    if invoice is None or card is None or not must_seek(dossier, invoice):
        return None
    because = Because("restored", {"epoch": dossier.controls.epoch})
    return SeekCharge(because=because, invoice_id=invoice.id, card_id=card.id)


def _unpaid(dossier: Dossier, now: datetime, policy: BillingPolicy, chance: Chance) -> Step:
    return (
        (None if chance.is_spacing else _expiry_to_record(dossier, now, policy))
        or _announcement(dossier, now, policy)
        or _idle(dossier, now, policy, chance.because, chance.at)
    )


def _change_term(dossier: Dossier) -> StartTerm:
    change = dossier.license.pending_change
    assert change is not None
    term = changed_term(dossier.license, change)
    because = Because("change_at_boundary", {"plan": term.plan.id, "zone": term.zone})
    return StartTerm(because=because, term=term)


def _issue(dossier: Dossier) -> IssueInvoice:
    license = dossier.license
    period = license.next_period
    because = Because("period_due", {"due_on": period.start.isoformat(), "period": str(period)})
    return IssueInvoice(because=because, term=license.term.number, index=license.next_index, period=period)


def _is_owed(dossier: Dossier, now: datetime, policy: BillingPolicy, status: LicenseStatus) -> bool:
    """Whether a due period is billed even if nothing can be charged right now."""
    license = dossier.license
    if dossier.today(now) >= license.next_period.end and status is LicenseStatus.EXPIRED:
        # The period is over and nobody was served: there is nothing to ask money for.
        return False
    last = license.last_row
    ended_trial = last is not None and last.why is CoverageKind.TRIAL
    return not (ended_trial and policy.trial_end is TrialEnd.EXPIRE)


def _charge(dossier: Dossier, invoice: Invoice, chance: Chance) -> Step:
    assert chance.card is not None
    capabilities = dossier.capabilities(chance.card.gateway_id)
    if capabilities is not None and capabilities.is_below_minimum(invoice.amount_due):
        facts = {"amount_due": str(invoice.amount_due)}
        return CarryOver(because=Because("below_gateway_minimum", facts), invoice_id=invoice.id)
    return ChargeInvoice(because=chance.because, invoice_id=invoice.id, card_id=chance.card.id)


def _must_skip(dossier: Dossier, now: datetime, policy: BillingPolicy) -> bool:
    """
    Whether an expired license that can be charged again leaves whole periods behind.

    Nothing lapses unless a charge can follow: a license without a usable card
    just stays expired, however many periods pass.
    """
    is_over = dossier.today(now) >= dossier.license.next_period.end
    return is_over and policy.catch_up is not CatchUp.BILL_EACH


def _skip_periods(
    dossier: Dossier, invoice: Invoice | None, now: datetime, policy: BillingPolicy
) -> SkipPeriods:
    license, today = dossier.license, dossier.today(now)
    if policy.catch_up is CatchUp.RESTART:
        until, rule = today, "restart"
    else:
        until, rule = _current_boundary(dossier, today), "periods_without_service"
    because = Because(rule, {"from": license.paid_until.isoformat(), "until": until.isoformat()})
    return SkipPeriods(because=because, until=until, invoice_id=invoice.id if invoice is not None else None)


def _current_boundary(dossier: Dossier, today: date) -> date:
    """The start of the period that today lies in."""
    schedule = dossier.license.term.schedule
    return schedule.boundary(schedule.index_at(today))


def _cancellation_to_record(dossier: Dossier, now: datetime) -> RecordCancellation | None:
    ended_at = canceled_at(dossier.license)
    if ended_at is None or now < ended_at or "canceled" in dossier.license.notices:
        return None
    return RecordCancellation(because=Because("cancellation_effective"), key="canceled")


def _expiry_to_record(dossier: Dossier, now: datetime, policy: BillingPolicy) -> RecordExpiry | None:
    license = dossier.license
    key = f"expired:{license.paid_until.isoformat()}"
    last = license.last_row
    was_expired_before = last is not None and last.why is CoverageKind.LAPSE
    if key in license.notices or was_expired_before or now < expires_at(dossier, now, policy):
        return None
    return RecordExpiry(because=Because("grace_over", {"due_on": license.paid_until.isoformat()}), key=key)


def _announcement(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Step | None:
    return next(due_notices(dossier, now, policy), None)


def _idle(
    dossier: Dossier,
    now: datetime,
    policy: BillingPolicy,
    because: Because,
    chance_at: datetime | None = None,
) -> Wait:
    """Nothing to do until the earliest instant at which one of the questions gets another answer."""
    times = (*_turning_points(dossier, now, policy), chance_at)
    return Wait(because=because, until=min((at for at in times if at is not None and at > now), default=None))


def _turning_points(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[datetime | None]:
    license, attempt = dossier.license, dossier.unresolved_attempt
    yield license.due_at
    yield canceled_at(license)
    yield from notice_times(dossier, now, policy)
    yield from refund_times(dossier)
    yield from _gateway_times(dossier, now)
    if license.pause is not None:
        yield license.term.start_of(license.pause.start)
        yield license.term.start_of(license.pause.until) if license.pause.until is not None else None
    if attempt is not None:
        times, card = resolution_times(dossier, attempt), dossier.account.default_card
        yield from times
        if times and card is not None:
            # From then on the charge is not wanted any more.
            yield end_of_card(card, license)
    if not dossier.is_in_doubt:
        # While a charge is uncertain the license can't expire; the look-up comes first.
        yield expires_at(dossier, now, policy)


def _gateway_times(dossier: Dossier, now: datetime) -> Iterator[datetime]:
    """When to look whether a gateway, without which nothing can be found out, is given by then."""
    attempt = dossier.unresolved_attempt
    waiting = {
        refund.gateway_id for refund in dossier.unresolved_refunds if refund.state is not RefundState.HELD
    }
    if attempt is not None and attempt.state is not AttemptState.HELD:
        waiting.add(attempt.gateway_id)
    if any(dossier.capabilities(gateway_id) is None for gateway_id in waiting):
        yield now + GATEWAY_AGAIN
