"""The traps of drivers and databases that the store in SQL has to step around."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import attrs
import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from billing_core.charging.attempt import AttemptEvent
from billing_core.contrib.sqlalchemy_store.due import due_licenses
from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.contrib.sqlalchemy_store.tables import licenses, metadata
from billing_core.contrib.sqlalchemy_store.transactions import configure_sqlite
from billing_core.contrib.sqlalchemy_store.writing import is_unique_violation
from billing_core.errors import InvariantViolated
from billing_core.stores.port import Guard, RecordKind, Shard, Wake
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, change, license
from tests.builders import event as told
from tests.contrib.store_helpers import bumped, charged, commit, store_account

DIALECTS = [sqlite.dialect(), postgresql.dialect(), mysql.dialect()]


def test_locking_rows_is_dropped_where_the_transaction_is_alone_anyway() -> None:
    """SQLite has no row locks; others claim past each other."""
    query = due_licenses(NOW, 10, Shard(1, 3))

    assert "FOR UPDATE" not in str(query.compile(dialect=sqlite.dialect()))
    assert str(query.compile(dialect=postgresql.dialect())).endswith("FOR UPDATE SKIP LOCKED")


def test_a_writing_transaction_is_alone_from_its_first_instant(sql_store: SqlStore) -> None:
    """The write lock is there before anything is read, and readers don't mind."""
    other = sqlite3.connect(str(sql_store.engine.url.database), timeout=0, isolation_level=None)
    tried: list[Any] = []

    def intrude(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:
        if statement.startswith("SELECT") and not tried:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            tried.append(other.execute("SELECT count(*) FROM billing_licenses").fetchone())

    event.listen(sql_store.engine, "before_cursor_execute", intrude)
    sql_store.claim_due(1, timedelta(minutes=1), Shard())
    other.close()

    assert [(1,)] == tried


def test_no_unique_index_has_a_condition() -> None:
    """Some databases would take it, and drop the condition without a word."""
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]

    assert indexes
    assert [] == [index.name for index in indexes if index.unique]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda it: it.name)
def test_the_tables_can_be_created_everywhere(dialect: Any) -> None:
    """One schema for all databases, and no index that means something else on one of them."""
    for table in metadata.sorted_tables:
        assert "CREATE TABLE billing_" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "WHERE" not in str(CreateIndex(index).compile(dialect=dialect))


def test_ids_sort_by_code_point_on_postgresql_too() -> None:
    """Its default order is that of the database's language."""
    assert 'id VARCHAR(255) COLLATE "C"' in str(CreateTable(licenses).compile(dialect=postgresql.dialect()))


def test_swaps_are_sent_one_by_one(sql_store: SqlStore) -> None:
    """The count of changed rows is not reliable for many at once; it decides, so it must be."""
    first, started = charged(sql_store)
    second = license("lic_2")
    commit(sql_store, change(second, reads=(store_account(),)))
    sent: list[tuple[bool, bool]] = []

    def note(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, executemany: bool) -> None:
        sent.append((executemany, "version" in statement and statement.startswith("UPDATE")))

    event.listen(sql_store.engine, "before_cursor_execute", note)
    settled = change(
        *(bumped(license()), bumped(second), first.paid(NOW), started.after(AttemptEvent.SUCCEEDED, NOW)),
        events=(told(), told("evt_2")),
        wakes=(Wake("lic_1", NOW), Wake("lic_2", NOW)),
    )
    commit(sql_store, settled)

    assert (False, True) in sent
    assert (True, False) in sent
    assert (True, True) not in sent


def test_a_swap_looks_at_the_version_itself(sql_store: SqlStore) -> None:
    """Whoever gets past the lock, and writes after the guards were read, is not overwritten."""

    def meddle(_c: Any, cursor: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:
        if statement.startswith("UPDATE billing_licenses SET paid_until"):
            cursor.connection.execute("UPDATE billing_licenses SET version = 9")

    event.listen(sql_store.engine, "before_cursor_execute", meddle)
    (result,) = sql_store.commit([change(bumped(license()))])

    assert Guard(RecordKind.LICENSE, "lic_1", 0) == result.conflict


def test_a_reading_transaction_has_one_view(sql_store: SqlStore) -> None:
    """What is committed between two statements of a read is not seen by the second one."""
    writer = SqlStore(sql_store.engine.url, clock=sql_store)
    versions = iter(range(2, 9))

    def interfere(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:
        if "FROM billing_accounts" in statement:
            version = next(versions)
            payer = attrs.evolve(store_account(), version=version)
            commit(writer, change(payer, attrs.evolve(license(), version=version)))

    event.listen(sql_store.engine, "before_cursor_execute", interfere)
    for expected in (1, 2, 3):
        found = sql_store.dossier("lic_1")
        assert found is not None
        assert (expected, expected) == (found.account.version, found.license.version)
    writer.close()


def test_every_connection_is_set_up(sql_store: SqlStore) -> None:
    """Readers don't wait, commits are on the disk, foreign keys hold, writers wait for half a minute."""
    for _ in range(2):
        with sql_store.engine.connect() as connection:
            pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
            assert ["wal", 2, 1, 30_000] == found
        sql_store.engine.dispose()


def test_an_engine_without_real_transactions_is_refused(sql_store: SqlStore) -> None:
    """The driver's own habits would give five reads five views."""
    naive = create_engine(sql_store.engine.url)
    careless = SqlStore(naive)

    with pytest.raises(InvariantViolated, match="configure_sqlite"):
        careless.license("lic_1")
    with pytest.raises(InvariantViolated, match="configure_sqlite"):
        careless.commit([change(bumped(license()))])
    naive.dispose()
    assert license() == sql_store.license("lic_1")


def test_a_host_can_set_its_own_engine_up(sql_store: SqlStore, clock: ManualClock) -> None:
    """Once is enough, and twice does no harm."""
    engine = create_engine(sql_store.engine.url)
    configure_sqlite(engine)
    configure_sqlite(engine)
    own = SqlStore(engine, clock=clock)
    commit(own, change(bumped(license())))

    assert 2 == getattr(sql_store.license("lic_1"), "version", None)
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "state", "expected"),
    [
        ("SQLITE_CONSTRAINT_UNIQUE", None, True),
        ("SQLITE_CONSTRAINT_PRIMARYKEY", None, True),
        ("SQLITE_CONSTRAINT_FOREIGNKEY", None, False),
        ("SQLITE_CONSTRAINT_NOTNULL", None, False),
        (None, "23505", True),
        (None, "23503", False),
        (None, None, False),
    ],
)
def test_taken_keys_are_told_from_other_failures(name: str | None, state: str | None, expected: bool) -> None:
    """By SQLite's name of the error, or by the standard's code."""
    original = sqlite3.IntegrityError()
    original.sqlite_errorname = name  # type: ignore[assignment]
    original.sqlstate = state  # type: ignore[attr-defined]

    assert expected == is_unique_violation(IntegrityError("", {}, original))


def test_a_busy_database_is_an_error_not_a_conflict(sql_store: SqlStore) -> None:
    """Whoever can't get the lock in time is told so, and nothing is written."""
    other = sqlite3.connect(str(sql_store.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    @event.listens_for(sql_store.engine, "checkout")
    def hurry(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 1")

    with pytest.raises(OperationalError, match="locked"):
        sql_store.commit([change(bumped(license()))])
    other.close()
    assert license() == sql_store.license("lic_1")
