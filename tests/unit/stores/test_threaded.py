"""`ThreadedStore`: every method of the port, awaited, in a worker thread."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from billing_core.stores.memory import MemoryStore
from billing_core.stores.port import (
    AsyncStore,
    AttemptFilter,
    Change,
    CommitResult,
    InvoiceFilter,
    LicenseFilter,
    RefundFilter,
    Shard,
    Store,
    Wake,
)
from billing_core.stores.threaded import ThreadedStore
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, account, attempt, card, change, event, invoice, license, refund


def stocked() -> MemoryStore:
    """A store with one record of each kind."""
    store = MemoryStore(ManualClock(NOW))
    everything = change(
        account(cards=(card(),)),
        license(),
        invoice(),
        attempt(),
        refund(),
        events=(event(),),
        wakes=(Wake("lic_1", NOW),),
    )
    assert store.commit([everything])[0].ok
    return store


def test_every_read_gives_what_the_store_gives() -> None:
    """Each method of the port, with the same arguments."""
    store = stocked()
    calls: dict[str, tuple[Any, ...]] = {
        "now": (),
        "account": ("acc_1",),
        "license": ("lic_1",),
        "invoice": ("inv_1",),
        "attempt": ("att_1",),
        "refund": ("ref_1",),
        "controls": (),
        "dossier": ("lic_1",),
        "wake_at": ("lic_1",),
        "accounts": (None, 10),
        "licenses": (LicenseFilter(), None, 10),
        "invoices": (InvoiceFilter(), None, 10),
        "attempts": (AttemptFilter(), None, 10),
        "refunds": (RefundFilter(), None, 10),
        "events": (0, 10),
    }

    async def read() -> dict[str, Any]:
        threaded: AsyncStore = ThreadedStore(store)
        return {name: await getattr(threaded, name)(*arguments) for name, arguments in calls.items()}

    expected = {name: getattr(store, name)(*arguments) for name, arguments in calls.items()}
    assert expected == asyncio.run(read())
    methods = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if not name.startswith("_")}
    assert methods == {*calls, "commit", "claim_due"}


def test_commits_and_claims_reach_the_store() -> None:
    """What is awaited is done."""
    store = stocked()

    async def work() -> tuple[Sequence[CommitResult], list[str]]:
        threaded = ThreadedStore(store)
        results = await threaded.commit([Change(events=(event("evt_2"),))])
        claimed = await threaded.claim_due(5, timedelta(minutes=1), Shard())
        return results, [dossier.license.id for dossier in claimed]

    results, claimed = asyncio.run(work())
    assert [True] == [result.ok for result in results]
    assert ["lic_1"] == claimed
    assert 2 == len(store.events(0, 10))


def test_the_event_loop_goes_on_while_the_store_works() -> None:
    """A slow store blocks its own thread only."""
    let_go = threading.Event()

    class SlowClock:
        def now(self) -> datetime:
            assert let_go.wait(timeout=10)
            return NOW

    async def both() -> datetime:
        waiting = asyncio.create_task(ThreadedStore(MemoryStore(SlowClock())).now())
        await asyncio.sleep(0)
        let_go.set()
        return await waiting

    assert NOW == asyncio.run(both())
