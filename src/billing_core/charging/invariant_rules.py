"""
The rules that `check_invariants` applies, one function each.

A rule yields (record id, what is wrong) and is known by its function's name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise

from billing_core.charging.attempt import AttemptState
from billing_core.charging.invariant_rules_for_cards import (
    Findings,
    card_uses_are_counted,
    network_limits_are_kept,
    no_charge_on_a_frozen_card,
)
from billing_core.charging.invariants import BillingState
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.ledgers import accounts_for_money, keys_with_a_person
from billing_core.charging.refund_rules import REFUND_RULES
from billing_core.charging.status import canceled_at
from billing_core.errors import InvariantViolated
from billing_core.events import EventType, fold, masked_state
from billing_core.licenses.coverage import CoverageKind
from billing_core.records import Record

__all__ = ["RULES"]

_OWNER_ONLY = frozenset(
    {
        EventType.BILLING_INFO_UPDATED,
        EventType.CARD_ADDED,
        EventType.CARD_REPLACED,
        EventType.CARD_REMOVED,
        EventType.CARD_MADE_DEFAULT,
        EventType.LICENSE_STARTED,
        EventType.OWNERSHIP_TRANSFERRED,
    }
)

#: From the intent on, money may have moved; an answer that is one ends the doubt.
_DOUBT_BEGINS = frozenset(
    {
        EventType.CHARGE_STARTED,
        EventType.CHARGE_SOUGHT,
        EventType.CHARGE_CONFIRMING,
        EventType.CHARGE_RESENT,
        EventType.CHARGE_UNCERTAIN,
    }
)
_DOUBT_ENDS = frozenset(
    {
        EventType.CHARGE_SUCCEEDED,
        EventType.CHARGE_DECLINED,
        EventType.CHARGE_REQUIRES_ACTION,
        EventType.CHARGE_VOIDED,
        EventType.ATTENTION_RESOLVED,
    }
)
_ORPHAN_DECIDED = frozenset({EventType.ATTENTION_RESOLVED, EventType.REFUND_STARTED})


# -- money ---------------------------------------------------------------------


def one_success_per_invoice(state: BillingState) -> Findings:
    """No invoice is paid by two attempts."""
    paid = Counter(a.invoice_id for a in state.attempts if a.state is AttemptState.SUCCEEDED)
    for invoice_id, count in paid.items():
        if count > 1:
            yield invoice_id, f"{count} successful attempts"


def captures_within_amount_due(state: BillingState) -> Findings:
    """What was captured for an invoice never exceeds its amount due, but for what a person decides."""
    decided = keys_with_a_person(state.attempts)
    due = {a.request.reference: a.request.amount.amount_minor for a in state.attempts}
    captured: dict[str, int] = defaultdict(int)
    for entry in state.ledger or ():
        if entry.idempotency_key not in decided:
            captured[entry.reference] += entry.amount.amount_minor
    for reference in captured.keys() & due.keys():
        if captured[reference] > due[reference]:
            yield reference, f"captured {captured[reference]}, due {due[reference]} minor units"


def captures_are_recorded(state: BillingState) -> Findings:
    """Nothing charged is lost: each capture is a success, an orphan, or still being resolved."""
    by_key = {a.request.idempotency_key: a for a in state.attempts}
    for entry in state.ledger or ():
        attempt = by_key.get(entry.idempotency_key)
        if attempt is None:
            yield entry.reference, "no attempt has this key"
        elif not accounts_for_money(attempt):
            yield attempt.id, f"captured, but {attempt.state.value}"


def successes_are_captured(state: BillingState) -> Findings:
    """Nothing is booked as paid that the processor did not capture, unless a person decided so."""
    if state.ledger is None:
        return
    captured = {entry.idempotency_key for entry in state.ledger}
    for attempt in state.attempts:
        is_paid = attempt.state is AttemptState.SUCCEEDED and attempt.decision is None
        if is_paid and attempt.request.idempotency_key not in captured:
            yield attempt.id, "succeeded, but the processor captured nothing"


def frozen_terms(state: BillingState) -> Findings:
    """The amount of every attempt is its invoice's amount due."""
    invoices = {invoice.id: invoice for invoice in state.invoices}
    for attempt in state.attempts:
        invoice = invoices.get(attempt.invoice_id)
        if invoice is None:
            yield attempt.id, "its invoice does not exist"
        elif attempt.request.amount != invoice.amount_due + invoice.carried_out:
            yield attempt.id, "another amount than its invoice's"


def sums_add_up(state: BillingState) -> Findings:
    """No balance is negative, and no invoice uses more credit than it is worth."""
    for invoice in state.invoices:
        if invoice.balance_used > invoice.total + invoice.carried_in:
            yield invoice.id, "more credit was used than was owed"
    for account in state.accounts:
        if account.balance.is_negative:
            yield account.id, "the balance is negative"


# -- one of each -----------------------------------------------------------------


def one_unresolved_per_license(state: BillingState) -> Findings:
    """An unresolved attempt blocks every other charge."""
    unresolved = Counter(a.license_id for a in state.attempts if a.is_unresolved)
    for license_id, count in unresolved.items():
        if count > 1:
            yield license_id, f"{count} unresolved attempts"


def one_live_invoice_per_period(state: BillingState) -> Findings:
    """A period is not billed twice."""
    live = Counter(
        (i.license_id, i.key.term, i.key.index) for i in state.invoices if i.status is not InvoiceStatus.VOID
    )
    for (license_id, term, index), count in live.items():
        if count > 1:
            yield license_id, f"term {term}, index {index}: {count} invoices"


def numbers_are_gapless(state: BillingState) -> Findings:
    """Invoice numbers run from 1 without gaps, per seller and series."""
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for invoice in state.invoices:
        numbers[invoice.seller_id, invoice.series].append(invoice.number or 0)
    for (seller_id, series), found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"{seller_id}/{series}", "numbers have gaps or repeats"


# -- time --------------------------------------------------------------------------


def charge_rows_match_paid_invoices(state: BillingState) -> Findings:
    """A charge row exists exactly for each paid invoice, with that invoice's period."""
    paid = {i.id: i for i in state.invoices if i.status is InvoiceStatus.PAID}
    rows = [
        (license_.id, row)
        for license_ in state.licenses
        for row in license_.coverage
        if row.why is CoverageKind.CHARGE
    ]
    for invoice_id in paid.keys() - {row.source for _, row in rows}:
        yield invoice_id, "paid, but covers nothing"
    for license_id, row in rows:
        invoice = paid.get(row.source or "")
        if invoice is None:
            yield license_id, f"{row.start} is covered by no paid invoice"
        elif row.period != invoice.period:
            yield invoice.id, "its row covers other days"


def rows_tile_time(state: BillingState) -> Findings:
    """Coverage rows follow each other without gap or overlap; a gap is an explicit lapse."""
    for license_ in state.licenses:
        for earlier, later in pairwise(license_.coverage):
            if earlier.end != later.start:
                yield license_.id, f"a row ends on {earlier.end}, the next starts on {later.start}"


def boundaries_follow_the_schedule(state: BillingState) -> Findings:
    """Within a term every period boundary is the anchor plus n intervals."""
    for license_ in state.licenses:
        terms = {term.number: term for term in license_.terms}
        for row in license_.coverage:
            if row.index is not None and terms[row.term].schedule.period(row.index) != row.period:
                yield license_.id, f"the row from {row.start} to {row.end} is off its schedule"


def nothing_charged_early(state: BillingState) -> Findings:
    """No attempt is sent before its invoice is due."""
    due_at = {invoice.id: invoice.due_at for invoice in state.invoices}
    for attempt in state.attempts:
        if attempt.invoice_id in due_at and attempt.first_sent_at < due_at[attempt.invoice_id]:
            yield attempt.id, "sent before its invoice was due"


def nothing_is_forgotten(state: BillingState) -> Findings:
    """A license with something to do is looked at no later than that."""
    for license_id, expected in state.expected_wakes.items():
        actual = state.wakes.get(license_id)
        if expected is not None and (actual is None or actual > expected):
            yield license_id, f"due {expected}, looked at {actual}"


# -- ends, and uncertainty ------------------------------------------------------


def canceled_stays_canceled(state: BillingState) -> Findings:
    """Once a license has ended, no charge starts for it."""
    ended = {license_.id: canceled_at(license_) for license_ in state.licenses}
    for attempt in state.attempts:
        ended_at = ended.get(attempt.license_id)
        if ended_at is not None and attempt.first_sent_at > ended_at:
            yield attempt.id, f"started after the end at {ended_at}"


def expired_only_when_certain(state: BillingState) -> Findings:
    """No license is put on record as expired while nobody knew whether it was paid."""
    doubted: set[str | None] = set()
    for event in state.events or ():
        if event.type in _DOUBT_BEGINS:
            doubted.add(event.license_id)
        elif event.type in _DOUBT_ENDS:
            doubted.discard(event.license_id)
        elif event.type == EventType.LICENSE_EXPIRED and event.license_id in doubted:
            yield event.license_id or "", f"expired at {event.at}"


# -- the record ------------------------------------------------------------------------


def one_alert_per_orphan(state: BillingState) -> Findings:
    """Money without a place is announced exactly once, and again if what was decided about it failed."""
    if state.events is None:
        return
    asked: Counter[tuple[str | None, object]] = Counter()
    for event in state.events:
        place = (event.invoice_id, event.data.get("attempt"))
        if event.type == EventType.CHARGE_ORPHANED:
            asked[place] += 1
        elif event.type in _ORPHAN_DECIDED and place in asked:
            asked[place] = 0
    for attempt in state.attempts:
        since_decision = asked.get((attempt.invoice_id, attempt.number))
        if since_decision != (None if attempt.orphan is None else int(attempt.decision is None)):
            yield attempt.id, f"{since_decision or 0} alerts"


def owners_decide(state: BillingState) -> Findings:
    """Only an owner causes a change of card, plan or billing information."""
    for event in state.events or ():
        if event.type in _OWNER_ONLY and event.actor.role != "owner":
            yield event.id, f"{event.type} by {event.actor.role}"


def events_are_numbered(state: BillingState) -> Findings:
    """Events have consecutive numbers, in commit order."""
    if state.events is not None:
        numbers = [event.sequence for event in state.events]
        if numbers != list(range(1, len(numbers) + 1)):
            yield "events", "the sequence has gaps or repeats"


def events_reproduce_the_books(state: BillingState) -> Findings:
    """Folding the events gives every record as it is, without personal data."""
    if state.events is None:
        return
    try:
        told = fold(state.events)
    except InvariantViolated as error:
        yield "events", str(error)
        return
    records: list[tuple[str, Record]] = [
        *(("account", account) for account in state.accounts),
        *(("license", license_) for license_ in state.licenses),
        *(("invoice", invoice) for invoice in state.invoices),
        *(("attempt", attempt) for attempt in state.attempts),
        *(("refund", refund) for refund in state.refunds),
        *(("controls", controls) for controls in (state.controls,) if controls.version),
    ]
    stored = {(kind, masked["id"]): masked for kind, record in records for masked in [masked_state(record)]}
    for key in sorted(stored.keys() | told.keys()):
        if _without_number(stored.get(key)) != _without_number(told.get(key)):
            yield key[1], f"the events tell another {key[0]}"


def _without_number(record: dict[str, object] | None) -> dict[str, object] | None:
    # An invoice's number is given inside the commit, after its event was written.
    return None if record is None else {key: value for key, value in record.items() if key != "number"}


RULES: tuple[Callable[[BillingState], Findings], ...] = (
    one_success_per_invoice,
    captures_within_amount_due,
    captures_are_recorded,
    successes_are_captured,
    frozen_terms,
    sums_add_up,
    one_unresolved_per_license,
    one_live_invoice_per_period,
    numbers_are_gapless,
    charge_rows_match_paid_invoices,
    rows_tile_time,
    boundaries_follow_the_schedule,
    nothing_charged_early,
    nothing_is_forgotten,
    no_charge_on_a_frozen_card,
    network_limits_are_kept,
    card_uses_are_counted,
    canceled_stays_canceled,
    expired_only_when_certain,
    one_alert_per_orphan,
    owners_decide,
    events_are_numbered,
    events_reproduce_the_books,
    *REFUND_RULES,
)
