"""The rules of `check_invariants` about money that goes back; see `billing_core.charging.invariant_rules`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import TypeAlias

from billing_core.charging.invariants import BillingState
from billing_core.charging.refund import Refund, RefundState
from billing_core.events import EventType
from billing_core.values.money import Money

__all__ = ["REFUND_RULES"]

Findings: TypeAlias = Iterator[tuple[str, str]]


def refunds_within_captures(state: BillingState) -> Findings:
    """No more goes back than was taken: what went back, and what may have, is never given back again."""
    charges = {attempt.id: attempt for attempt in state.attempts}
    for attempt_id, refunds in _by_charge(state).items():
        charge = charges.get(attempt_id)
        if charge is None:
            yield attempt_id, "refunded, but there is no such charge"
        elif charge.captured is None:
            yield attempt_id, "refunded, but nothing is known to have been captured"
        elif any(refund.orphan is not None for refund in refunds):
            # Loud already: money went back after it was proved not to have, and a person takes note.
            continue
        elif Money.total((r.claimed for r in refunds), charge.captured.currency) > charge.captured:
            yield attempt_id, f"more than the captured {charge.captured} was given back"


def refunds_are_numbered(state: BillingState) -> Findings:
    """The refunds of a charge are numbered from 1 without gaps, and the charge has counted them."""
    refunds = _by_charge(state)
    for attempt in state.attempts:
        numbers = sorted(refund.number for refund in refunds.get(attempt.id, ()))
        if numbers != list(range(1, attempt.refund_count + 1)):
            yield attempt.id, f"counted {attempt.refund_count} refunds, found {numbers}"


def one_unresolved_refund_per_charge(state: BillingState) -> Findings:
    """A refund that is not settled blocks every other one of its charge."""
    unresolved = Counter(refund.attempt_id for refund in state.refunds if refund.is_unresolved)
    for attempt_id, count in unresolved.items():
        if count > 1:
            yield attempt_id, f"{count} unresolved refunds"


def refunds_are_recorded(state: BillingState) -> Findings:
    """What the processor gave back is a refund on file, over that amount, that does not deny it."""
    by_key = {refund.ledger_key: refund for refund in state.refunds}
    for entry in state.refund_ledger or ():
        refund = by_key.get(entry.idempotency_key)
        if refund is None:
            yield entry.reference, "no refund has this key"
        elif refund.claimed.is_zero and refund.decision is None:
            yield refund.id, f"given back, but {refund.state.value}"
        elif entry.amount != refund.request.amount and not (refund.needs_attention or refund.decision):
            yield refund.id, f"gave back {entry.amount}, asked for {refund.request.amount}"


def refunds_happened(state: BillingState) -> Findings:
    """Nothing is booked as given back that the processor did not give, unless a person says so."""
    if state.refund_ledger is None:
        return
    given_back = Counter(entry.idempotency_key for entry in state.refund_ledger)
    for refund in state.refunds:
        count = given_back[refund.ledger_key]
        if refund.state is RefundState.SUCCEEDED and refund.decision is None and count == 0:
            yield refund.id, "succeeded, but the processor gave nothing back"
        if count > 1:
            yield refund.id, f"given back {count} times"


def invoices_show_refunds(state: BillingState) -> Findings:
    """An invoice says how much of what paid it went back."""
    charges = {attempt.id: attempt for attempt in state.attempts}
    back: dict[str, list[Money]] = defaultdict(list)
    for refund in state.refunds:
        charge = charges.get(refund.attempt_id)
        went_back = refund.state is RefundState.SUCCEEDED or (
            refund.orphan is not None and refund.decision is not None
        )
        if went_back and charge is not None and charge.pays_its_invoice:
            back[refund.invoice_id].append(refund.claimed)
    for invoice in state.invoices:
        currency = invoice.refunded.currency
        expected = Money.total((m for m in back[invoice.id] if m.currency == currency), currency)
        if invoice.refunded != expected:
            yield invoice.id, f"shows {invoice.refunded} refunded, its refunds are {expected}"


def one_alert_per_refund_orphan(state: BillingState) -> Findings:
    """Money that went back after all is announced exactly once."""
    if state.events is None:
        return
    alerts = Counter(
        event.data.get("refund_id") for event in state.events if event.type == EventType.REFUND_ORPHANED
    )
    for refund in state.refunds:
        if alerts[refund.id] != int(refund.orphan is not None):
            yield refund.id, f"{alerts[refund.id]} alerts"


def _by_charge(state: BillingState) -> dict[str, list[Refund]]:
    found: dict[str, list[Refund]] = defaultdict(list)
    for refund in state.refunds:
        found[refund.attempt_id].append(refund)
    return found


REFUND_RULES: tuple[Callable[[BillingState], Findings], ...] = (
    refunds_within_captures,
    refunds_are_numbered,
    one_unresolved_refund_per_charge,
    refunds_are_recorded,
    refunds_happened,
    invoices_show_refunds,
    one_alert_per_refund_orphan,
)
