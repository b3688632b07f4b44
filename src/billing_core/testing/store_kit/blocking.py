"""An asynchronous store, driven from plain threads: the checks are the same for both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from threading import Thread
from typing import Any, TypeVar, cast

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.licenses.license import License
from billing_core.stores.port import (
    AsyncStore,
    AttemptFilter,
    Change,
    CommitResult,
    InvoiceFilter,
    LicenseFilter,
    Page,
    RefundFilter,
    Shard,
    Store,
)

__all__ = ["BlockingStore", "LoopThread", "is_async"]

T = TypeVar("T")


def is_async(store: Store | AsyncStore) -> bool:
    """Whether the methods of a store have to be awaited."""
    return inspect.iscoroutinefunction(store.commit)


class LoopThread:
    """One event loop in a thread of its own, so that connections stay on the loop that opened them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="store-kit", daemon=True)
        self._thread.start()

    def result_of(self, call: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there, and wait for it here."""
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()

    def stop(self) -> None:
        """End the thread, and close the loop."""
        self.result_of(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class BlockingStore:
    """
    A `Store` over an `AsyncStore`.

    Args:
        store: all its methods run on the one loop.
        loop: that loop.
    """

    def __init__(self, store: Store | AsyncStore, loop: LoopThread) -> None:
        self._store = cast("AsyncStore", store)
        self._wait = loop.result_of

    def now(self) -> datetime:
        """The store's clock."""
        return self._wait(self._store.now())

    def account(self, account_id: str, /) -> Account | None:
        """The account with this id."""
        return self._wait(self._store.account(account_id))

    def license(self, license_id: str, /) -> License | None:
        """The license with this id."""
        return self._wait(self._store.license(license_id))

    def invoice(self, invoice_id: str, /) -> Invoice | None:
        """The invoice with this id."""
        return self._wait(self._store.invoice(invoice_id))

    def attempt(self, attempt_id: str, /) -> ChargeAttempt | None:
        """The attempt with this id."""
        return self._wait(self._store.attempt(attempt_id))

    def refund(self, refund_id: str, /) -> Refund | None:
        """The refund with this id."""
        return self._wait(self._store.refund(refund_id))

    def controls(self) -> Controls:
        """The record about the store as a whole."""
        return self._wait(self._store.controls())

    def dossier(self, license_id: str, /) -> Dossier | None:
        """All that a decision about this license reads."""
        return self._wait(self._store.dossier(license_id))

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        """Some licenses whose time has come, oldest first, leased to the caller."""
        return self._wait(self._store.claim_due(limit, lease, shard))

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        """Carry out changes, each completely or not at all, in order."""
        return self._wait(self._store.commit(changes))

    def wake_at(self, license_id: str, /) -> datetime | None:
        """When the license is looked at next."""
        return self._wait(self._store.wake_at(license_id))

    def accounts(self, after: str | None, limit: int, /) -> Page[Account]:
        """Accounts by id."""
        return self._wait(self._store.accounts(after, limit))

    def licenses(self, filter: LicenseFilter, after: str | None, limit: int, /) -> Page[License]:
        """Licenses by id."""
        return self._wait(self._store.licenses(filter, after, limit))

    def invoices(self, filter: InvoiceFilter, after: str | None, limit: int, /) -> Page[Invoice]:
        """Invoices by id."""
        return self._wait(self._store.invoices(filter, after, limit))

    def attempts(self, filter: AttemptFilter, after: str | None, limit: int, /) -> Page[ChargeAttempt]:
        """Attempts by id."""
        return self._wait(self._store.attempts(filter, after, limit))

    def refunds(self, filter: RefundFilter, after: str | None, limit: int, /) -> Page[Refund]:
        """Refunds by id."""
        return self._wait(self._store.refunds(filter, after, limit))

    def events(self, after: int, limit: int, /) -> tuple[Event, ...]:
        """Events after a sequence number, in commit order."""
        return self._wait(self._store.events(after, limit))
