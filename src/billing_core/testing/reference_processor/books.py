"""
The processor's books: one SQLite file, which other processes may read.

Everything that the processor knows is in it, so that a killed processor loses
nothing, and a test reads the truth without asking the interface under test.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from os import PathLike
from threading import RLock

import attrs

from billing_core.charging.invariants import LedgerEntry
from billing_core.testing.clock import ManualClock
from billing_core.values.currency import Currency
from billing_core.values.money import Money
from billing_core.values.texts import Id, Word
from billing_core.values.typed import Typed

__all__ = ["Books", "LedgerClock", "ProcessorEntry", "at_text", "ledger_entries", "read_ledger"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), now TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (
    idempotency_key TEXT PRIMARY KEY, asked TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS charges (
    number INTEGER PRIMARY KEY, status TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    captured INTEGER NOT NULL, refunded INTEGER NOT NULL, card TEXT NOT NULL, customer TEXT,
    reference TEXT NOT NULL, idempotency_key TEXT NOT NULL, decline TEXT, created_at TEXT NOT NULL,
    captured_at TEXT);
CREATE INDEX IF NOT EXISTS charges_by_key ON charges (idempotency_key);
CREATE INDEX IF NOT EXISTS charges_by_reference ON charges (reference);
CREATE TABLE IF NOT EXISTS refunds (
    number INTEGER PRIMARY KEY, charge INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    reference TEXT NOT NULL, idempotency_key TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refunds_by_key ON refunds (idempotency_key);
CREATE TABLE IF NOT EXISTS cards (
    number INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, behavior TEXT NOT NULL,
    last4 TEXT NOT NULL, expires TEXT NOT NULL, detached INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    number INTEGER PRIMARY KEY, status TEXT NOT NULL, customer TEXT NOT NULL, card TEXT,
    expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notices (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, reference TEXT, about TEXT NOT NULL,
    created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS disputes (
    number INTEGER PRIMARY KEY, charge INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    status TEXT NOT NULL, reason TEXT NOT NULL, respond_by TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ledger (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, charge TEXT NOT NULL, amount INTEGER NOT NULL,
    currency TEXT NOT NULL, reference TEXT NOT NULL, idempotency_key TEXT NOT NULL, card TEXT NOT NULL,
    at TEXT NOT NULL);
"""


@attrs.frozen(kw_only=True)
class ProcessorEntry(Typed):
    """
    One movement of money at the processor.

    Attributes:
        kind: ``charge`` or ``refund``.
        gateway_ref: the processor's id of the charge.
        amount: what was captured, or given back; always positive.
        reference: the charge's look-up reference.
        idempotency_key: the key of the charge, also for its refunds.
    """

    kind: Word
    gateway_ref: Id
    amount: Money
    reference: Id
    idempotency_key: Id
    card: Id
    at: datetime


class Books:
    """
    The connection of one processor to its file.

    Args:
        path: the file; ``":memory:"`` for books that end with the processor.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._lock = RLock()
        # One connection for all threads, behind the lock: a process has one till, as well.
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def entries(self) -> tuple[ProcessorEntry, ...]:
        """The ledger, oldest first."""
        with self._lock:
            return _entries(self._db)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()


class LedgerClock:
    """
    A processor's time, kept in its file: it stands still, and is the same in every process, until it is set.

    Args:
        path: the ledger's file.
        start: an aware datetime, or ISO 8601 text with an offset; not used if the file has a time already.
    """

    def __init__(self, path: str | PathLike[str], start: datetime | str) -> None:
        self._path = path
        with closing(self._open()) as db:
            db.executescript(_SCHEMA)
            db.execute("INSERT OR IGNORE INTO clock VALUES (1, ?)", (at_text(ManualClock(start).now()),))

    def now(self) -> datetime:
        """The current instant."""
        with closing(self._open()) as db:
            (text,) = db.execute("SELECT now FROM clock").fetchone()
        return datetime.fromisoformat(text)

    def set(self, at: datetime | str) -> None:
        """Jump to an instant, forwards or back."""
        with closing(self._open()) as db:
            db.execute("UPDATE clock SET now = ?", (at_text(ManualClock(at).now()),))

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30, isolation_level=None)


def at_text(at: datetime) -> str:
    """An instant as the books write it: in UTC, so that texts sort as instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read_ledger(path: str | PathLike[str]) -> tuple[ProcessorEntry, ...]:
    """
    All money that moved at a processor, from its file; the processor may be running, or dead.

    Returns:
        The entries, oldest first.
    """
    with closing(sqlite3.connect(path, timeout=30)) as db:
        db.row_factory = sqlite3.Row
        return _entries(db)


def ledger_entries(entries: tuple[ProcessorEntry, ...]) -> tuple[LedgerEntry, ...]:
    """The same money, less what was given back, one entry a charge: what `Billing.books` compares with."""
    captured: dict[str, LedgerEntry] = {}
    for entry in entries:
        known = captured.get(entry.gateway_ref)
        amount = entry.amount if known is None else known.amount - entry.amount
        captured[entry.gateway_ref] = LedgerEntry(
            reference=entry.reference, idempotency_key=entry.idempotency_key, amount=amount
        )
    return tuple(captured.values())


def _entries(db: sqlite3.Connection) -> tuple[ProcessorEntry, ...]:
    return tuple(
        ProcessorEntry(
            kind=row["kind"],
            gateway_ref=row["charge"],
            amount=Money(row["amount"], Currency.of(row["currency"])),
            reference=row["reference"],
            idempotency_key=row["idempotency_key"],
            card=row["card"],
            at=datetime.fromisoformat(row["at"]),
        )
        for row in db.execute("SELECT * FROM ledger ORDER BY number")
    )
