"""
The books, checked: what must hold in every state of a store, whatever happened.

`check_invariants` is for tests, for the simulator, and for hosts who want to
look at their own data any day. It reads; it repairs nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import attrs

from billing_core.accounts.account import Account
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.invoice import Invoice, InvoiceStatus
from billing_core.errors import InvariantViolated
from billing_core.events import Event, fold, masked_state
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.license import License
from billing_core.records import Record
from billing_core.values.money import Money

__all__ = ["BillingState", "LedgerEntry", "Violation", "check_invariants"]


@attrs.frozen(kw_only=True)
class LedgerEntry:
    """
    Money that a processor says it captured, less what it gave back.

    Attributes:
        reference: the look-up reference of the charge.
        idempotency_key: the key it was captured under.
    """

    reference: str
    idempotency_key: str
    amount: Money


@attrs.frozen(kw_only=True)
class BillingState:
    """
    Everything in a store, and what the processors say.

    Attributes:
        ledger: what was captured; ``None`` leaves the comparison out.
        wakes: license id -> when it is looked at next; ``None`` leaves it out.
        now: the instant for which nothing may be forgotten.
    """

    accounts: tuple[Account, ...]
    licenses: tuple[License, ...]
    invoices: tuple[Invoice, ...]
    attempts: tuple[ChargeAttempt, ...]
    events: tuple[Event, ...] | None = None
    ledger: tuple[LedgerEntry, ...] | None = None
    wakes: dict[str, datetime | None] | None = None
    expected_wakes: dict[str, datetime | None] | None = None


@attrs.frozen
class Violation:
    """One thing that should not be: a stable rule name, the record, and what is wrong."""

    rule: str
    record_id: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.record_id}: {self.detail}"


def check_invariants(state: BillingState) -> tuple[Violation, ...]:
    """All violations of the books' rules; an empty tuple is the only good answer."""
    return tuple(violation for rule in _RULES for violation in rule(state))


def _one_success_per_invoice(state: BillingState) -> Iterator[Violation]:
    paid = Counter(a.invoice_id for a in state.attempts if a.state is AttemptState.SUCCEEDED)
    for invoice_id, count in paid.items():
        if count > 1:
            yield Violation("one_success_per_invoice", invoice_id, f"{count} successful attempts")


def _captures_within_amount_due(state: BillingState) -> Iterator[Violation]:
    """What was captured for an invoice never exceeds its amount due, but for recorded cases."""
    excused = {a.request.reference for a in state.attempts if a.needs_attention or a.decision is not None}
    due = {a.request.reference: a.request.amount for a in state.attempts}
    captured: dict[str, int] = defaultdict(int)
    for entry in state.ledger or ():
        captured[entry.reference] += entry.amount.amount_minor
    for reference, amount_minor in captured.items():
        if reference in due and reference not in excused and amount_minor > due[reference].amount_minor:
            detail = f"captured {amount_minor}, due {due[reference].amount_minor} minor units"
            yield Violation("captures_within_amount_due", reference, detail)


def _captures_are_recorded(state: BillingState) -> Iterator[Violation]:
    """Nothing charged is lost: each capture is a success, an orphan, or still being resolved."""
    if state.ledger is None:
        return
    by_key = {a.request.idempotency_key: a for a in state.attempts}
    for entry in state.ledger:
        attempt = by_key.get(entry.idempotency_key)
        if attempt is None:
            yield Violation("captures_are_recorded", entry.reference, "no attempt has this key")
        elif not (
            attempt.state is AttemptState.SUCCEEDED or attempt.is_unresolved or attempt.orphan is not None
        ) and attempt.decision is None:
            yield Violation("captures_are_recorded", attempt.id, f"captured, but {attempt.state.value}")
    captured = {entry.idempotency_key for entry in state.ledger}
    for attempt in state.attempts:
        is_paid = attempt.state is AttemptState.SUCCEEDED
        if is_paid and attempt.request.idempotency_key not in captured and attempt.decision is None:
            yield Violation("captures_are_recorded", attempt.id, "succeeded, but the processor captured nothing")


def _one_unresolved_per_license(state: BillingState) -> Iterator[Violation]:
    unresolved = Counter(a.license_id for a in state.attempts if a.is_unresolved)
    for license_id, count in unresolved.items():
        if count > 1:
            yield Violation("one_unresolved_per_license", license_id, f"{count} unresolved attempts")


def _one_live_invoice_per_period(state: BillingState) -> Iterator[Violation]:
    live = Counter(
        (i.license_id, i.key.term, i.key.index) for i in state.invoices if i.status is not InvoiceStatus.VOID
    )
    for (license_id, term, index), count in live.items():
        if count > 1:
            yield Violation("one_live_invoice_per_period", license_id, f"term {term}, index {index}: {count}")


def _numbers_are_gapless(state: BillingState) -> Iterator[Violation]:
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for invoice in state.invoices:
        numbers[invoice.seller_id, invoice.series].append(invoice.number or 0)
    for (seller_id, series), found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield Violation("numbers_are_gapless", f"{seller_id}/{series}", "numbers have gaps or repeats")


def _charge_rows_match_paid_invoices(state: BillingState) -> Iterator[Violation]:
    paid = {i.id: i for i in state.invoices if i.status is InvoiceStatus.PAID}
    rows = {
        row.source: (license_, row)
        for license_ in state.licenses
        for row in license_.coverage
        if row.why is CoverageKind.CHARGE
    }
    for invoice_id in paid.keys() - rows.keys():
        yield Violation("charge_rows_match_paid_invoices", invoice_id, "paid, but covers nothing")
    for source, (license_, row) in rows.items():
        invoice = paid.get(source or "")
        if invoice is None:
            yield Violation("charge_rows_match_paid_invoices", license_.id, f"{row.start} is covered by no paid invoice")
        elif row.period != invoice.period:
            yield Violation("charge_rows_match_paid_invoices", invoice.id, "its row covers other days")


def _rows_tile_time(state: BillingState) -> Iterator[Violation]:
    for license_ in state.licenses:
        rows = license_.coverage
        for earlier, later in zip(rows, rows[1:], strict=False):
            if earlier.end != later.start:
                yield Violation("rows_tile_time", license_.id, f"{earlier.end} is not {later.start}")


def _boundaries_follow_the_schedule(state: BillingState) -> Iterator[Violation]:
    for license_ in state.licenses:
        terms = {term.number: term for term in license_.terms}
        for row in license_.coverage:
            if not _is_on_schedule(row, terms[row.term].schedule.period(row.index) if row.index is not None else None):
                yield Violation("boundaries_follow_the_schedule", license_.id, f"row {row.start} to {row.end}")


def _is_on_schedule(row: CoverageRow, period: object) -> bool:
    return period is None or row.period == period


def _sums_add_up(state: BillingState) -> Iterator[Violation]:
    for invoice in state.invoices:
        if invoice.net + invoice.tax != invoice.total:
            yield Violation("sums_add_up", invoice.id, "lines and tax are not the total")
        if invoice.amount_due.is_negative or invoice.balance_used > invoice.total + invoice.carried_in:
            yield Violation("sums_add_up", invoice.id, "more credit was used than was owed")
    for account in state.accounts:
        if account.balance.is_negative:
            yield Violation("sums_add_up", account.id, "the balance is negative")


def _no_charge_on_a_frozen_card(state: BillingState) -> Iterator[Violation]:
    """After "never again", no attempt on the same saved card starts."""
    frozen: dict[str, datetime] = {}
    for attempt in sorted(state.attempts, key=lambda a: a.first_sent_at):
        frozen_at = frozen.get(attempt.card_id)
        if frozen_at is not None and attempt.first_sent_at > frozen_at:
            yield Violation("no_charge_on_a_frozen_card", attempt.id, "the card was frozen before")
        decline = attempt.result.decline if attempt.result is not None else None
        if decline is not None and decline.advice.freezes_card and attempt.resolved_at is not None:
            frozen.setdefault(attempt.card_id, attempt.resolved_at)


def _frozen_terms(state: BillingState) -> Iterator[Violation]:
    """The amount of every attempt is its invoice's amount due."""
    due = {invoice.id: invoice for invoice in state.invoices}
    for attempt in state.attempts:
        invoice = due.get(attempt.invoice_id)
        if invoice is None:
            yield Violation("frozen_terms", attempt.id, "its invoice does not exist")
        elif attempt.request.amount != invoice.amount_due + invoice.carried_out:
            yield Violation("frozen_terms", attempt.id, "another amount than its invoice's")


def _nothing_charged_early(state: BillingState) -> Iterator[Violation]:
    due_at = {invoice.id: invoice.due_at for invoice in state.invoices}
    for attempt in state.attempts:
        if attempt.invoice_id in due_at and attempt.first_sent_at < due_at[attempt.invoice_id]:
            yield Violation("nothing_charged_early", attempt.id, "sent before its invoice was due")


def _nothing_is_forgotten(state: BillingState) -> Iterator[Violation]:
    """A license with something to do is looked at no later than that."""
    for license_id, expected in (state.expected_wakes or {}).items():
        actual = (state.wakes or {}).get(license_id)
        if expected is not None and (actual is None or actual > expected):
            yield Violation("nothing_is_forgotten", license_id, f"due {expected}, looked at {actual}")


def _events_reproduce_the_books(state: BillingState) -> Iterator[Violation]:
    if state.events is None:
        return
    if [event.sequence for event in state.events] != list(range(1, len(state.events) + 1)):
        yield Violation("events_reproduce_the_books", "events", "the sequence has gaps or repeats")
    try:
        folded = fold(state.events)
    except InvariantViolated as error:
        yield Violation("events_reproduce_the_books", "events", str(error))
        return
    records: list[tuple[str, Record]] = [
        *(("account", account) for account in state.accounts),
        *(("license", license_) for license_ in state.licenses),
        *(("invoice", invoice) for invoice in state.invoices),
        *(("attempt", attempt) for attempt in state.attempts),
    ]
    expected = {(kind, masked_state(record)["id"]): masked_state(record) for kind, record in records}
    for key in expected.keys() | folded.keys():
        # The number is given inside the commit, after the event was written.
        stored, told = _without_number(expected.get(key)), _without_number(folded.get(key))
        if stored != told:
            yield Violation("events_reproduce_the_books", key[1], f"the events tell another {key[0]}")


def _without_number(record: dict[str, object] | None) -> dict[str, object] | None:
    return None if record is None else {key: value for key, value in record.items() if key != "number"}


def _every_change_has_an_actor(state: BillingState) -> Iterator[Violation]:
    owner_only = ("account.billing_info_updated", "card.added", "card.replaced", "card.removed", "license.started")
    for event in state.events or ():
        if event.type in owner_only and event.actor.role != "owner":
            yield Violation("every_change_has_an_actor", event.id, f"{event.type} by {event.actor.role}")


_RULES: tuple[Callable[[BillingState], Iterable[Violation]], ...] = (
    _one_success_per_invoice,
    _captures_within_amount_due,
    _captures_are_recorded,
    _one_unresolved_per_license,
    _one_live_invoice_per_period,
    _numbers_are_gapless,
    _charge_rows_match_paid_invoices,
    _rows_tile_time,
    _boundaries_follow_the_schedule,
    _sums_add_up,
    _no_charge_on_a_frozen_card,
    _frozen_terms,
    _nothing_charged_early,
    _nothing_is_forgotten,
    _events_reproduce_the_books,
    _every_change_has_an_actor,
)
