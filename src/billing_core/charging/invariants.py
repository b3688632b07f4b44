"""
The books, checked: what must hold in every state of a store, whatever happened.

`check_invariants` is for tests, for the simulator, and for hosts who want to
look at their own data any day. It reads; it repairs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.licenses.license import License
from billing_core.values.money import Money
from billing_core.values.texts import Id, Text, Word
from billing_core.values.typed import Typed, check_instance

__all__ = ["BillingState", "LedgerEntry", "Violation", "check_invariants"]


@attrs.frozen(kw_only=True)
class LedgerEntry(Typed):
    """
    Money that a processor says it captured, less what it gave back; or that it gave back.

    Attributes:
        reference: the look-up reference of the charge, or of the refund.
        idempotency_key: the key it was captured, or given back, under. For a refund
            that was made elsewhere, without a key: the processor's id of it.
    """

    reference: Id
    idempotency_key: Id
    amount: Money


@attrs.frozen(kw_only=True)
class BillingState(Typed):
    """
    Everything in a store, and what the processors say.

    Attributes:
        controls: what holds for the whole store.
        events: all events in commit order; ``None`` leaves them out.
        ledger: what was captured, less what was given back; ``None`` leaves the comparison out.
        refund_ledger: what was given back, one entry per refund; ``None`` leaves the comparison out.
        wakes: license id -> when it is looked at next.
        expected_wakes: license id -> when it must be looked at, at the latest;
            ``None`` as a value for never.
    """

    accounts: tuple[Account, ...] = ()
    licenses: tuple[License, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    attempts: tuple[ChargeAttempt, ...] = ()
    refunds: tuple[Refund, ...] = ()
    controls: Controls = Controls()
    events: tuple[Event, ...] | None = None
    ledger: tuple[LedgerEntry, ...] | None = None
    refund_ledger: tuple[LedgerEntry, ...] | None = None
    wakes: Mapping[Id, datetime | None] = attrs.field(factory=dict)
    expected_wakes: Mapping[Id, datetime | None] = attrs.field(factory=dict)


@attrs.frozen
class Violation(Typed):
    """One thing that should not be: a stable rule name, the record, and what is wrong."""

    rule: Word
    record_id: Id
    detail: Text

    def __str__(self) -> str:
        return f"{self.rule}: {self.record_id}: {self.detail}"


def check_invariants(state: BillingState) -> tuple[Violation, ...]:
    """
    All violations of the books' rules; an empty tuple is the only good answer.

    Raises:
        InvalidInput: ``invalid_type``.

    >>> check_invariants(BillingState())
    ()
    """
    from billing_core.charging.invariant_rules import RULES

    check_instance(state, BillingState, "state")
    return tuple(
        Violation(rule.__name__, record_id, detail) for rule in RULES for record_id, detail in rule(state)
    )
