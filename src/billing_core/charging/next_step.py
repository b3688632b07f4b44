"""
The one decision: what is the next thing to do for this license?

`next_step` reads a dossier and an instant, and does nothing else. Every
trigger - the nightly run, a webhook, a card update, an extension, a request -
only makes it look again, so two triggers can't become two charges.

The order of the questions is the order of precedence:

1. Is a charge unresolved? Then that comes before every other matter of money.
2. Has the license ended, or does it rest?
3. Is it due? Then bill, charge, retry, or wait for the owner.
4. Is there something to announce?
5. Otherwise: until when is there nothing to do?
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.notices import due_notices, notice_times
from billing_core.charging.resolve import resolution, resolution_time
from billing_core.charging.retry import next_retry_at
from billing_core.charging.status import LicenseStatus, canceled_at, expires_at, status_at
from billing_core.charging.steps import (
    Because,
    CarryOver,
    ChargeInvoice,
    IssueInvoice,
    RecordCancellation,
    RecordExpiry,
    SkipPeriods,
    StartTerm,
    Step,
    VoidInvoice,
    Wait,
)
from billing_core.gateways.capabilities import RetryOwner
from billing_core.gateways.declines import earliest_attempt_at
from billing_core.licenses.coverage import CoverageKind
from billing_core.licenses.license import Term
from billing_core.policy import BillingPolicy, CatchUp, TrialEnd
from billing_core.values.schedule import Interval, IntervalUnit, RenewalSchedule
from billing_core.values.zones import ensure_aware, start_of

__all__ = ["next_step"]


@attrs.frozen
class _ChargeChance:
    """Whether an invoice may be charged: now, at an instant, or not before something changes."""

    card: SavedCard | None
    because: Because
    at: datetime | None = None

    @property
    def is_now(self) -> bool:
        return self.card is not None


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
        InvalidInput: ``now`` is naive.
    """
    ensure_aware(now)
    attempt = dossier.unresolved_attempt
    if attempt is not None:
        return _while_unresolved(dossier, attempt, now, policy)
    status = status_at(dossier, now, policy)
    if status is LicenseStatus.CANCELED:
        return _when_canceled(dossier, now)
    if status is LicenseStatus.PAUSED:
        return Wait(because=Because("paused"), until=_end_of_pause(dossier))
    if now >= dossier.license.due_at:
        return _when_due(dossier, now, policy, status)
    return _announcement(dossier, now, policy) or _idle(
        dossier, now, policy, Because("covered", _paid(dossier))
    )


def _while_unresolved(dossier: Dossier, attempt: ChargeAttempt, now: datetime, policy: BillingPolicy) -> Step:
    """Nothing else that moves money; but the owner is told, and grace runs where surely no money moved."""
    step = resolution(dossier, attempt, now)
    if step is not None:
        return step
    because = Because("charge_unresolved", {"state": attempt.state.value, "attempt": attempt.number})
    ended = _cancellation_to_record(dossier, now)
    if ended is not None:
        return ended
    if attempt.state is AttemptState.REQUIRES_ACTION:
        expiry = _expiry_to_record(dossier, now, policy)
        if expiry is not None:
            return expiry
    return _announcement(dossier, now, policy) or _idle(dossier, now, policy, because)


def _when_canceled(dossier: Dossier, now: datetime) -> Step:
    ended = _cancellation_to_record(dossier, now)
    if ended is not None:
        return ended
    invoice = dossier.open_invoice
    if invoice is not None:
        return VoidInvoice(because=Because("license_canceled"), invoice_id=invoice.id)
    return Wait(because=Because("license_canceled"), until=None)


def _when_due(dossier: Dossier, now: datetime, policy: BillingPolicy, status: LicenseStatus) -> Step:
    invoice = dossier.open_invoice
    if invoice is None and dossier.license.pending_change is not None:
        return _change_plan(dossier)
    chance = _chance(dossier, invoice, now, policy)
    if status is LicenseStatus.EXPIRED:
        step = _catch_up(dossier, invoice, chance, now, policy)
        if step is not None:
            return step
    if invoice is None and _may_issue(dossier, chance, now, policy, status):
        return _issue(dossier)
    if invoice is not None and chance.card is not None:
        return _charge(dossier, invoice, chance.card, chance.because)
    return (
        _expiry_to_record(dossier, now, policy)
        or _announcement(dossier, now, policy)
        or _idle(dossier, now, policy, chance.because, chance.at)
    )


def _issue(dossier: Dossier) -> IssueInvoice:
    license = dossier.license
    period = license.next_period
    because = Because("period_due", {"due_on": period.start.isoformat(), "period": str(period)})
    return IssueInvoice(because=because, term=license.term.number, index=license.next_index, period=period)


def _may_issue(
    dossier: Dossier, chance: _ChargeChance, now: datetime, policy: BillingPolicy, status: LicenseStatus
) -> bool:
    """Whether a due period is billed even if nothing can be charged right now."""
    license = dossier.license
    if chance.is_now:
        return True
    if dossier.today(now) >= license.next_period.end and status is LicenseStatus.EXPIRED:
        # The period is over and nobody was served: there is nothing to ask money for.
        return False
    last = license.last_row
    ended_trial = last is not None and last.why is CoverageKind.TRIAL
    return not (ended_trial and policy.trial_end is TrialEnd.EXPIRE)


def _charge(dossier: Dossier, invoice: Invoice, card: SavedCard, because: Because) -> Step:
    capabilities = dossier.capabilities(card.gateway_id)
    if capabilities is not None and capabilities.is_below_minimum(invoice.amount_due):
        facts = {"amount_due": str(invoice.amount_due)}
        return CarryOver(because=Because("below_gateway_minimum", facts), invoice_id=invoice.id)
    return ChargeInvoice(because=because, invoice_id=invoice.id, card_id=card.id)


def _chance(dossier: Dossier, invoice: Invoice | None, now: datetime, policy: BillingPolicy) -> _ChargeChance:
    """Whether the invoice - or the one that would be issued - can be charged now."""
    card = dossier.account.default_card
    today = dossier.today(now)
    if card is None:
        return _ChargeChance(None, Because("no_card"))
    if card.frozen_because is not None:
        return _ChargeChance(None, Because("card_frozen", {"advice": card.frozen_because.value}))
    if card.is_expired_on(today):
        return _ChargeChance(None, Because("card_expired", {"expires": str(card.expires)}))
    capabilities = dossier.capabilities(card.gateway_id)
    if capabilities is None:
        return _ChargeChance(None, Because("gateway_not_given", {"gateway_id": card.gateway_id}))
    if not capabilities.accepts_currency(dossier.account.currency.code):
        return _ChargeChance(None, Because("currency_not_supported", {"gateway_id": card.gateway_id}))
    limited_until = earliest_attempt_at(card.brand, dossier.declined_on(card))
    if limited_until is not None and limited_until > now:
        return _ChargeChance(None, Because("network_limit", {"brand": card.brand}), limited_until)
    attempts = dossier.attempts_of(invoice) if invoice is not None else ()
    if invoice is None or not attempts:
        return _ChargeChance(card, Because("renewal_due"))
    return _retry_chance(dossier, invoice, attempts[-1], card, now, policy)


def _retry_chance(
    dossier: Dossier,
    invoice: Invoice,
    last: ChargeAttempt,
    card: SavedCard,
    now: datetime,
    policy: BillingPolicy,
) -> _ChargeChance:
    if last.card_id != card.id:
        return _ChargeChance(card, Because("card_changed", {"due_on": invoice.due_on.isoformat()}))
    if last.state is AttemptState.VOID:
        return _ChargeChance(card, Because("earlier_attempt_never_happened", {"attempt": last.number}))
    decline = last.result.decline if last.result is not None else None
    advice = decline.advice if decline is not None else None
    capabilities = dossier.capabilities(card.gateway_id)
    if capabilities is not None and capabilities.retry_owner is RetryOwner.GATEWAY:
        return _ChargeChance(None, Because("gateway_owns_retries"))
    if advice is None or not advice.retries_same_card:
        return _ChargeChance(None, Because("new_card_needed", {"advice": advice.value if advice else "none"}))
    zone = dossier.license.term.zone
    retry_at = next_retry_at(invoice, last, zone, policy, dossier.uncertain_time(now))
    if retry_at is None:
        return _ChargeChance(None, Because("retries_exhausted", {"attempts": last.number}))
    if now < retry_at:
        return _ChargeChance(None, Because("retry_planned", {"attempts": last.number}), retry_at)
    return _ChargeChance(card, Because("retry_day", {"due_on": invoice.due_on.isoformat()}))


def _catch_up(
    dossier: Dossier, invoice: Invoice | None, chance: _ChargeChance, now: datetime, policy: BillingPolicy
) -> Step | None:
    """
    An expired license that can be charged again, after one or more periods went by.

    Nothing lapses unless a charge can follow: a license without a usable card
    just stays expired, however many periods pass.
    """
    license, today = dossier.license, dossier.today(now)
    overdue = (today - license.paid_until).days
    if overdue > policy.catch_up_days_max:
        facts = {"days": overdue, "days_max": policy.catch_up_days_max}
        return _expiry_to_record(dossier, now, policy) or Wait(
            because=Because("catch_up_limit", facts), until=None
        )
    if not chance.is_now or today < license.next_period.end or policy.catch_up is CatchUp.BILL_EACH:
        return None
    if policy.catch_up is CatchUp.RESTART:
        until, rule = today, "restart"
    else:
        until, rule = _current_boundary(dossier, today), "periods_without_service"
    because = Because(rule, {"from": license.paid_until.isoformat(), "until": until.isoformat()})
    return SkipPeriods(because=because, until=until, invoice_id=invoice.id if invoice is not None else None)


def _current_boundary(dossier: Dossier, today: date) -> date:
    """The start of the period that today lies in."""
    schedule = dossier.license.term_on(today).schedule
    return schedule.boundary(schedule.index_at(today))


def _change_plan(dossier: Dossier) -> StartTerm:
    """The pending change becomes a term of its own at the boundary that is due."""
    license = dossier.license
    change = license.pending_change
    assert change is not None
    old = license.term
    plan = change.plan if change.plan is not None else old.plan
    keeps_interval = plan.interval == old.plan.interval
    term = Term(
        number=license.terms[-1].number + 1,
        schedule=old.schedule if keeps_interval else _schedule_from(license.paid_until, plan.interval, old),
        first_index=license.next_index if keeps_interval else 0,
        zone=change.zone if change.zone is not None else old.zone,
        plan=plan,
        quantity=change.quantity if change.quantity is not None else old.quantity,
    )
    return StartTerm(because=Because("change_at_boundary", {"plan": plan.id, "zone": term.zone}), term=term)


def _schedule_from(start: date, interval: Interval, old: Term) -> RenewalSchedule:
    """Another interval from a boundary on; the day of the month that was agreed stays."""
    by_month = {IntervalUnit.MONTH, IntervalUnit.YEAR}
    if interval.unit not in by_month or old.schedule.interval.unit not in by_month:
        return RenewalSchedule(start, interval)
    agreed_day = old.schedule.anchor_day or old.schedule.anchor.day
    return RenewalSchedule(start, interval, agreed_day if agreed_day != start.day else None)


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
    return next(iter(due_notices(dossier, now, policy)), None)


def _idle(
    dossier: Dossier,
    now: datetime,
    policy: BillingPolicy,
    because: Because,
    chance_at: datetime | None = None,
) -> Wait:
    """Nothing to do until the earliest instant at which one of the questions gets another answer."""
    times = [at for at in _future_times(dossier, now, policy) if at > now]
    if chance_at is not None:
        times.append(chance_at)
    return Wait(because=because, until=min(times, default=None))


def _future_times(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[datetime]:
    license = dossier.license
    yield license.due_at
    yield from notice_times(dossier, now, policy)
    ended_at = canceled_at(license)
    if ended_at is not None:
        yield ended_at
    attempt = dossier.unresolved_attempt
    if attempt is not None:
        looks_at = resolution_time(dossier, attempt)
        if looks_at is not None:
            yield looks_at
    if license.pause is not None:
        yield license.term.start_of(license.pause.start)
    if attempt is None or not attempt.is_uncertain:
        # While a charge is uncertain the license can't expire; the look-up comes first.
        yield expires_at(dossier, now, policy)


def _end_of_pause(dossier: Dossier) -> datetime | None:
    pause = dossier.license.pause
    if pause is None or pause.until is None:
        return None
    return start_of(pause.until, dossier.license.term.zone)


def _paid(dossier: Dossier) -> dict[str, str]:
    return {"paid_until": dossier.license.paid_until.isoformat()}
