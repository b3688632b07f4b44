"""The report of a played cycle, as JSON-able data: nothing in it depends on where or when it was played."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import attrs

from billing_core import (
    Billing,
    Event,
    EventType,
    Invoice,
    InvoiceStatus,
    LedgerEntry,
    License,
    Money,
    check_invariants,
)
from billing_core.contrib.demo.customers import Customer
from billing_core.contrib.demo.stories import STORIES, happened_in_order
from billing_core.contrib.demo.telling import tell
from billing_core.contrib.demo.world import Memory

__all__ = ["BadRow", "Cast", "is_good", "report_on"]

_TOTALS = {
    "renewals": EventType.LICENSE_RENEWED,
    "charges": EventType.CHARGE_SUCCEEDED,
    "declines": EventType.CHARGE_DECLINED,
    "lost_answers": EventType.CHARGE_UNCERTAIN,
    "confirmations_asked": EventType.CHARGE_REQUIRES_ACTION,
    "expiries": EventType.LICENSE_EXPIRED,
    "extensions": EventType.EXTENSION_GRANTED,
    "cards_replaced": EventType.CARD_REPLACED,
    "cancellations": EventType.LICENSE_CANCELED,
}


@attrs.frozen(kw_only=True)
class BadRow:
    """One row of the file with what is wrong with it."""

    line: int
    external_id: str
    problems: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Cast:
    """
    Who was read from the file.

    Attributes:
        customers: the rows that can be billed.
        bad_rows: those with mistakes.
        warnings: remarks on rows that can be billed all the same.
        hero: whose story is told in full.
    """

    customers: tuple[Customer, ...]
    bad_rows: tuple[BadRow, ...]
    warnings: int

    @property
    def countries(self) -> set[str]:
        """Where they live."""
        return {customer.form["country"] for customer in self.customers}

    @property
    def currencies(self) -> set[str]:
        """What they pay in."""
        return {customer.currency for customer in self.customers}

    @property
    def hero(self) -> Customer | None:
        """The customer in trouble."""
        return next((customer for customer in self.customers if customer.story == "troubled"), None)


def report_on(
    billing: Billing,
    ledger: Iterable[LedgerEntry],
    cast: Cast,
    memory: Memory,
    today: date,
) -> dict[str, Any]:
    """
    What happened, what was charged, and whether the books are right.

    Args:
        billing: the books.
        ledger: what the processor says it captured.
        cast: the customers.
        memory: what people saw.
        today: the day after the last one that was played.
    """
    books = billing.books(ledger)
    events = books.events or ()
    kinds = Counter(event.type for event in events)
    hero = cast.hero
    return {
        "rows": {"good": len(cast.customers), "bad": len(cast.bad_rows), "warnings": cast.warnings},
        "bad_rows": [attrs.asdict(row) for row in cast.bad_rows],
        "countries": len(cast.countries),
        "currencies": len(cast.currencies),
        "hero": {"name": hero.name, "time_zone": hero.time_zone} if hero is not None else None,
        "timeline": list(tell(events, memory.diary, hero)) if hero is not None else [],
        "refused": [{"who": who, "what": what, "why": why} for who, what, why in memory.refused],
        "stories": list(_stories(events, cast.customers, today)),
        "totals": {name: kinds[event] for name, event in _TOTALS.items()},
        "events": len(events),
        "amounts": _amounts(books.invoices),
        "status": _statuses(billing, books.licenses),
        "violations": [str(violation) for violation in check_invariants(books)],
    }


def is_good(report: Mapping[str, Any]) -> bool:
    """Whether the books are right and every story that is over happened as it is told."""
    return not report["violations"] and not any(story["state"] == "DIFFERENT" for story in report["stories"])


def _stories(events: Iterable[Event], customers: Iterable[Customer], today: date) -> Iterator[dict[str, str]]:
    happened: dict[str | None, list[str]] = defaultdict(list)
    for event in events:
        happened[event.account_id].append(event.type)
    for customer in customers:
        story = STORIES.get(customer.story)
        if story is not None:
            state = "not yet over" if today < story.told_by(customer) else "DIFFERENT"
            if happened_in_order(story.events, happened[customer.external_id]):
                state = "as told"
            yield {"customer": customer.name, "story": story.told, "state": state}


def _amounts(invoices: Iterable[Invoice]) -> dict[str, dict[str, Any]]:
    """What was charged, per currency."""
    paid: dict[str, list[Money]] = defaultdict(list)
    for invoice in invoices:
        if invoice.status is InvoiceStatus.PAID:
            paid[invoice.amount_due.currency.code].append(invoice.amount_due)
    return {
        code: {"invoices": len(amounts), "amount": str(sum(amounts, Money.zero(code)).amount)}
        for code, amounts in sorted(paid.items())
    }


def _statuses(billing: Billing, licenses: Iterable[License]) -> dict[str, int]:
    statuses = Counter(billing.license_view(license.id).status.value for license in licenses)
    return dict(sorted(statuses.items()))
