"""Any store for asyncio: each call runs in a worker thread, so the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.licenses.license import License
from billing_core.stores.port import (
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
from billing_core.values.typed import check_plain

__all__ = ["ThreadedStore"]


class ThreadedStore:
    """
    An `AsyncStore` over a `Store`.

    A call that is cancelled still runs to its end in its thread: what it
    commits, it commits whole.

    Args:
        store: safe to use from several threads at once, as the port demands.
    """

    def __init__(self, store: Store) -> None:
        check_plain(store, "store")
        self._store = store

    async def now(self) -> datetime:
        """The store's clock."""
        return await asyncio.to_thread(self._store.now)

    async def account(self, account_id: str, /) -> Account | None:
        """The account with this id."""
        return await asyncio.to_thread(self._store.account, account_id)

    async def license(self, license_id: str, /) -> License | None:
        """The license with this id."""
        return await asyncio.to_thread(self._store.license, license_id)

    async def invoice(self, invoice_id: str, /) -> Invoice | None:
        """The invoice with this id."""
        return await asyncio.to_thread(self._store.invoice, invoice_id)

    async def attempt(self, attempt_id: str, /) -> ChargeAttempt | None:
        """The attempt with this id."""
        return await asyncio.to_thread(self._store.attempt, attempt_id)

    async def refund(self, refund_id: str, /) -> Refund | None:
        """The refund with this id."""
        return await asyncio.to_thread(self._store.refund, refund_id)

    async def controls(self) -> Controls:
        """The record about the store as a whole."""
        return await asyncio.to_thread(self._store.controls)

    async def dossier(self, license_id: str, /) -> Dossier | None:
        """All that a decision about this license reads."""
        return await asyncio.to_thread(self._store.dossier, license_id)

    async def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        """Some licenses whose time has come, oldest first, leased to the caller."""
        return await asyncio.to_thread(self._store.claim_due, limit, lease, shard)

    async def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        """Carry out changes, each completely or not at all, in order."""
        return await asyncio.to_thread(self._store.commit, changes)

    async def wake_at(self, license_id: str, /) -> datetime | None:
        """When the license is looked at next."""
        return await asyncio.to_thread(self._store.wake_at, license_id)

    async def accounts(self, after: str | None, limit: int, /) -> Page[Account]:
        """Accounts by id."""
        return await asyncio.to_thread(self._store.accounts, after, limit)

    async def licenses(self, filter: LicenseFilter, after: str | None, limit: int, /) -> Page[License]:
        """Licenses by id."""
        return await asyncio.to_thread(self._store.licenses, filter, after, limit)

    async def invoices(self, filter: InvoiceFilter, after: str | None, limit: int, /) -> Page[Invoice]:
        """Invoices by id."""
        return await asyncio.to_thread(self._store.invoices, filter, after, limit)

    async def attempts(self, filter: AttemptFilter, after: str | None, limit: int, /) -> Page[ChargeAttempt]:
        """Attempts by id."""
        return await asyncio.to_thread(self._store.attempts, filter, after, limit)

    async def refunds(self, filter: RefundFilter, after: str | None, limit: int, /) -> Page[Refund]:
        """Refunds by id."""
        return await asyncio.to_thread(self._store.refunds, filter, after, limit)

    async def events(self, after: int, limit: int, /) -> tuple[Event, ...]:
        """Events after a sequence number, in commit order."""
        return await asyncio.to_thread(self._store.events, after, limit)
