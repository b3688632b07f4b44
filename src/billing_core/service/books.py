"""All that a store holds, gathered for `check_invariants`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from billing_core.charging.invariants import BillingState, LedgerEntry
from billing_core.charging.next_step import next_step
from billing_core.charging.steps import Wait
from billing_core.events import Event
from billing_core.service.context import Context
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, Page, Store

__all__ = ["gather"]

T = TypeVar("T")

_PAGE = 500


def gather(context: Context, store: Store, ledger: Iterable[LedgerEntry] | None) -> BillingState:
    """
    Everything in a store at one go; for small stores, samples and tests.

    Args:
        ledger: what the processors say was captured; ``None`` to leave it out.
    """
    now = store.now()
    licenses = tuple(_all(lambda after: store.licenses(LicenseFilter(), after, _PAGE)))
    expected = {}
    for license_ in licenses:
        dossier = store.dossier(license_.id)
        assert dossier is not None
        step = next_step(dossier.with_gateways(context.gateways), now, context.policy)
        expected[license_.id] = step.until if isinstance(step, Wait) else now
    return BillingState(
        accounts=tuple(_all(lambda after: store.accounts(after, _PAGE))),
        licenses=licenses,
        invoices=tuple(_all(lambda after: store.invoices(InvoiceFilter(), after, _PAGE))),
        attempts=tuple(_all(lambda after: store.attempts(AttemptFilter(), after, _PAGE))),
        events=tuple(_events(store)),
        ledger=tuple(ledger) if ledger is not None else None,
        wakes={license_.id: store.wake_at(license_.id) for license_ in licenses},
        expected_wakes=expected,
    )


def _all(read: Callable[[str | None], Page[T]]) -> Iterator[T]:
    after: str | None = None
    while True:
        page = read(after)
        yield from page.items
        after = page.next
        if after is None:
            return


def _events(store: Store) -> Iterator[Event]:
    after = 0
    while True:
        events = store.events(after, _PAGE)
        if not events:
            return
        yield from events
        after = events[-1].sequence
