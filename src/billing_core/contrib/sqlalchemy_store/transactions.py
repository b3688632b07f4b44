"""
How a store's methods become transactions, and SQLite's get real ones.

The standard driver of SQLite begins transactions by rules of its own: none for
reads, so that five reads see five states, and a late one for writes, which
then may fail instead of waiting. `configure_sqlite` takes that over: every
transaction begins at once, and a writing one holds the write lock from its first instant.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic, sleep
from typing import Any, Protocol

import attrs
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import QueuePool

from billing_core.errors import InvariantViolated
from billing_core.issues import invalid

__all__ = ["HostTransaction", "OwnTransactions", "Transactions", "configure_sqlite", "open_engine"]

#: How long a writer waits for another one, in seconds.
_BUSY_TIMEOUT = 30

#: Without it there are no tables at all.
_FIRST_TABLE = "billing_meta"

#: The execution option that marks an engine whose transactions write.
_WRITES = "billing_core_writes"


class Transactions(Protocol):
    """Where a store's method gets its transaction from."""

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent view."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """All or nothing."""
        ...


class OwnTransactions:
    """Each method has a transaction of its own, committed when the method returns."""

    def __init__(self, engine: Engine) -> None:
        self._readers = engine
        self._writers = engine.execution_options(**{_WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view."""
        with _told_if_tables_are_missing(self._readers), self._readers.begin() as connection:
            _ensure_begun(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing; durable on return."""
        with _told_if_tables_are_missing(self._readers), self._writers.begin() as connection:
            _ensure_begun(connection)
            yield connection


@contextmanager
def _told_if_tables_are_missing(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (OperationalError, ProgrammingError):
        if inspect(engine).has_table(_FIRST_TABLE):
            raise
        reason = "the tables are missing; SqlStore.open(url), or upgrade(engine), creates them"
        raise invalid("schema_version", "not_supported", reason=reason) from None


@attrs.frozen
class HostTransaction:
    """All methods work within the transaction that the host has begun, and will end."""

    connection: Connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What the host's transaction sees."""
        _ensure_begun(self.connection)
        yield self.connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing, within the host's transaction."""
        _ensure_begun(self.connection)
        with self.connection.begin_nested():
            yield self.connection


def open_engine(url: str | URL) -> Engine:
    """
    An engine for a URL, set up for the store if it is SQLite.

    A database in memory has exactly one connection, lent to one thread at a time.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed)
    # One connection for all threads is what keeps a database in memory alive. A pool that lends
    # it twice at a time (StaticPool) would let one thread commit what another one has half done.
    single: dict[str, Any] = {
        "poolclass": QueuePool,
        "pool_size": 1,
        "max_overflow": 0,
        "pool_timeout": _BUSY_TIMEOUT,
        "connect_args": {"check_same_thread": False},
    }
    engine = create_engine(parsed, **(single if _is_in_memory(parsed) else {}))
    configure_sqlite(engine)
    return engine


def configure_sqlite(engine: Engine) -> None:
    """
    Give an engine on SQLite real transactions, durable commits and foreign keys.

    For a host that makes its own engine: call it before the first connection. It
    concerns everything that runs on this engine. Calling it again changes nothing.
    """
    if not event.contains(engine, "begin", _on_begin):
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def _is_in_memory(url: URL) -> bool:
    return url.database in {None, "", ":memory:"} or "mode=memory" in str(url)


def _on_connect(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver shall begin nothing by itself
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT * 1000}")
    # Readers don't wait for writers, and a commit is on the disk when it returns.
    # In batches FULL costs nothing that could be measured; less could lose what was acknowledged.
    _switch_to_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _switch_to_wal(cursor: sqlite3.Cursor) -> None:
    # While somebody else writes to a database that is not switched yet (a first opener, mostly),
    # SQLite refuses at once, whatever the busy timeout says. Once switched, this does nothing.
    deadline = monotonic() + _BUSY_TIMEOUT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(0.01)
        else:
            return


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _ensure_begun(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        raise InvariantViolated(
            "this engine does not begin its SQLite transactions: "
            "open the store by its URL, or call configure_sqlite(engine) before its first connection"
        )
