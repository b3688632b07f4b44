"""
Commits of renewals on a SQLite file, against plain sqlite3 doing the same writes.

A renewal is two commits: the intent (an invoice and its attempt) and the
outcome (license, invoice, attempt, wake-up), each with its event. A batch puts the same
commit of several licenses into one transaction. The records are ready before
the time is taken.

The plain side replays the very INSERTs, UPDATEs and DELETEs that the store has
sent, values ready, on a database set up alike: no guards read, no savepoints,
no records turned into JSON. So the ratio is the whole price of the store.

python bench/store.py
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import attrs
from sqlalchemy import event as sa_event

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from billing_core.charging.attempt import AttemptEvent
from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.stores.port import Change, Shard, Wake
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, account, attempt, card, change, event, invoice, license

LICENSES = 200
ROUNDS = 7
Sent = tuple[str, Any, bool]


def main() -> int:
    print(f"{LICENSES} renewals, median of {ROUNDS} rounds, in microseconds a renewal (two commits)")
    print("batch      store    plain sqlite3   ratio   renewals/s")
    for batch in (1, 10, 100):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                spent, sent = _run_store(Path(folder) / "store.db", batch)
                ours.append(spent)
                theirs.append(_run_plain(Path(folder), sent))
        store, plain = (median(times) / LICENSES * 1e6 for times in (ours, theirs))
        print(f"{batch:>5} {store:>10.0f} {plain:>16.0f} {store / plain:>7.1f} {1e6 / store:>12.0f}")
    with tempfile.TemporaryDirectory() as folder:
        print(
            f"claim of 100 due licenses with their dossiers: {_claims(Path(folder)) * 1e4:.0f} us a license"
        )
    return 0


def _batched(changes: Sequence[Change], size: int) -> list[list[Change]]:
    rest = iter(changes)
    return list(iter(lambda: list(islice(rest, size)), []))


def _prepared(store: SqlStore) -> tuple[list[Change], list[Change]]:
    """A store with licenses, and the two changes of each one's renewal."""
    payer = account(cards=(card(),), default_card_id="card_1")
    sold = [license(f"lic_{number:04d}") for number in range(LICENSES)]
    store.commit([change(payer, *sold, wakes=tuple(Wake(it.id, NOW) for it in sold))])
    intents, outcomes = [], []
    for it in sold:
        unpaid = invoice(f"inv_{it.id}", of=it)
        tried = attempt(f"att_{it.id}", at=unpaid)
        started, ended = event(f"evt_{it.id}a", license_id=it.id), event(f"evt_{it.id}b", license_id=it.id)
        soon, later = (Wake(it.id, NOW + timedelta(hours=hours)) for hours in (1, 720))
        renewed = attrs.evolve(it, version=2)
        paid = unpaid.paid(NOW)
        succeeded = tried.after(AttemptEvent.SUCCEEDED, NOW)
        intents.append(change(unpaid, tried, reads=(payer, it), events=(started,), wakes=(soon,)))
        outcomes.append(change(renewed, paid, succeeded, reads=(payer,), events=(ended,), wakes=(later,)))
    return intents, outcomes


def _run_store(path: Path, batch: int) -> tuple[float, list[list[Sent]]]:
    store = SqlStore.open(f"sqlite:///{path}", clock=ManualClock(NOW))
    prepared = _prepared(store)
    transactions: list[Sequence[Change]] = [part for changes in prepared for part in _batched(changes, batch)]
    start = perf_counter()
    results = [result for part in transactions for result in store.commit(part)]
    spent = perf_counter() - start
    assert all(result.ok for result in results)
    store.close()
    return spent, _recorded(path.with_name("recorded.db"), batch)


def _recorded(path: Path, batch: int) -> list[list[Sent]]:
    """What the store sends for the same work, outside the time that is taken."""
    store = SqlStore.open(f"sqlite:///{path}", clock=ManualClock(NOW))
    prepared = _prepared(store)
    sent: list[list[Sent]] = []

    def note(_c: Any, _cur: Any, statement: str, values: Any, _ctx: Any, many: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            sent[-1].append((statement, values, many))

    sa_event.listen(store.engine, "before_cursor_execute", note)
    for changes in prepared:
        for part in _batched(changes, batch):
            sent.append([])
            store.commit(part)
    store.close()
    return sent


def _run_plain(folder: Path, sent: list[list[Sent]]) -> float:
    store = SqlStore.open(f"sqlite:///{folder}/plain.db", clock=ManualClock(NOW))
    _prepared(store)
    store.close()
    connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    start = perf_counter()
    for transaction in sent:
        connection.execute("BEGIN IMMEDIATE")
        for statement, values, many in transaction:
            (connection.executemany if many else connection.execute)(statement, values)
        connection.execute("COMMIT")
    spent = perf_counter() - start
    connection.close()
    return spent


def _claims(folder: Path) -> float:
    store = SqlStore.open(f"sqlite:///{folder}/claims.db", clock=ManualClock(NOW))
    _prepared(store)
    times = []
    for _ in range(2):
        start = perf_counter()
        assert len(store.claim_due(100, timedelta(hours=1), Shard())) == 100
        times.append(perf_counter() - start)
    store.close()
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
