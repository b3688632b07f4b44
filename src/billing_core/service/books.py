"""All that a store holds, gathered for `check_invariants`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from billing_core.charging.invariants import BillingState, LedgerEntry
from billing_core.charging.next_step import next_step
from billing_core.charging.steps import Wait
from billing_core.events import Event
from billing_core.licenses.license import License
from billing_core.service.commands import load_dossier
from billing_core.service.context import Context
from billing_core.service.requests import (
    Flow,
    GetNow,
    GetWakeAt,
    ListAccounts,
    ListAttempts,
    ListEvents,
    ListInvoices,
    ListLicenses,
    ListRefunds,
    LoadControls,
    Request,
)
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, Page, RefundFilter

__all__ = ["all_pages", "gather"]

T = TypeVar("T")


def gather(
    context: Context,
    ledger: Iterable[LedgerEntry] | None,
    refund_ledger: Iterable[LedgerEntry] | None = None,
) -> Flow[BillingState]:
    """
    Everything in a store at one go; for small stores, samples and tests.

    Args:
        context: the host's choices.
        ledger: what the processors say was captured; ``None`` to leave it out.
        refund_ledger: what they say they gave back; ``None`` to leave it out.
    """
    now: datetime = yield GetNow()
    licenses: tuple[License, ...] = yield from all_pages(lambda after: ListLicenses(LicenseFilter(), after))
    wakes: dict[str, datetime | None] = {}
    expected: dict[str, datetime | None] = {}
    for license in licenses:
        dossier = yield from load_dossier(context, license.id)
        step = next_step(dossier, now, context.policy)
        expected[license.id] = step.until if isinstance(step, Wait) else now
        wakes[license.id] = yield GetWakeAt(license.id)
    return BillingState(
        accounts=(yield from all_pages(ListAccounts)),
        licenses=licenses,
        invoices=(yield from all_pages(lambda after: ListInvoices(InvoiceFilter(), after))),
        attempts=(yield from all_pages(lambda after: ListAttempts(AttemptFilter(), after))),
        refunds=(yield from all_pages(lambda after: ListRefunds(RefundFilter(), after))),
        controls=(yield LoadControls()),
        events=(yield from _events()),
        ledger=tuple(ledger) if ledger is not None else None,
        refund_ledger=tuple(refund_ledger) if refund_ledger is not None else None,
        wakes=wakes,
        expected_wakes=expected,
    )


def all_pages(page_after: Callable[[str | None], Request]) -> Flow[tuple[T, ...]]:
    """The items of all pages, asked for one after another."""
    found: list[T] = []
    after: str | None = None
    while True:
        page: Page[T] = yield page_after(after)
        found.extend(page.items)
        after = page.next
        if after is None:
            return tuple(found)


def _events() -> Flow[tuple[Event, ...]]:
    found: list[Event] = []
    while True:
        events: tuple[Event, ...] = yield ListEvents(len(found))
        if not events:
            return tuple(found)
        found.extend(events)
