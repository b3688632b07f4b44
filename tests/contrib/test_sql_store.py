"""How the store in SQL keeps things, is opened, and works within a transaction of the host."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from billing_core.advice import Advice
from billing_core.contrib.clock import SystemClock
from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.contrib.sqlalchemy_store.tables import accounts, attempts
from billing_core.errors import InvalidInput, InvariantViolated
from billing_core.gateways.results import ChargeResult
from billing_core.stores.port import Change, Shard, Wake
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, account, attempt, change, invoice, license
from tests.builders import event as told
from tests.contrib.store_helpers import bumped, charged, commit, contents, dump


def test_tokens_are_in_bodies_of_records_only(sql_store: SqlStore) -> None:
    """The host's own store keeps them, once in the account and once in the frozen request."""
    _, started = charged(sql_store)
    result = ChargeResult.declined(Advice.NEW_CARD)
    commit(sql_store, change(started.answered(result, NOW), events=(told(),)))
    holding = {
        (table, column)
        for table, rows in dump(sql_store.engine).items()
        for row in rows
        for column, value in enumerate(row)
        if "tok_card_1" in str(value)
    }

    bodies = {(table.name, list(table.columns).index(table.c.body)) for table in (accounts, attempts)}
    assert bodies == holding


def test_instants_are_stored_as_whole_microseconds(sql_store: SqlStore) -> None:
    """Exact to the last digit that a datetime has, before and after 1970, and sorted as numbers."""
    query = text("SELECT wake_at FROM billing_licenses")
    for at, expected in [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 253_402_300_799_999_999),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
    ]:
        commit(sql_store, Change(wakes=(Wake("lic_1", at),)))
        with sql_store.engine.connect() as connection:
            assert expected == connection.execute(query).scalar()
        assert at == sql_store.wake_at("lic_1")


def test_texts_of_the_world_are_stored_as_ascii(sql_store: SqlStore) -> None:
    """No encoding of a database or a connection can spoil a body."""
    commit(sql_store, change(account("acc_2", name="Æther 株式会社 🚀")))
    with sql_store.engine.connect() as connection:
        body = connection.execute(text("SELECT body FROM billing_accounts WHERE id = 'acc_2'")).scalar_one()

    assert body.isascii()
    assert "Æther 株式会社 🚀" == getattr(sql_store.account("acc_2"), "name", None)


# -- opening ---------------------------------------------------------------------------------------


def test_what_is_committed_is_there_when_opened_again(sql_store: SqlStore, clock: ManualClock) -> None:
    """Closing and opening changes nothing."""
    charged(sql_store)
    before = contents(sql_store)
    sql_store.close()
    again = SqlStore.open(sql_store.engine.url, clock=clock)

    assert before == contents(again)
    again.close()


def test_a_database_in_memory_is_shared_by_threads_and_ends_with_its_store() -> None:
    """Each store has its own."""
    first, second = SqlStore.open("sqlite://"), SqlStore.open("sqlite:///:memory:")
    commit(first, change(account()))

    assert (account(), None) == (first.account("acc_1"), second.account("acc_1"))
    first.close()
    second.close()


def test_the_computers_clock_is_the_default() -> None:
    """In UTC."""
    store = SqlStore.open("sqlite://")
    before = datetime.now(UTC)

    assert before <= store.now() <= datetime.now(UTC)
    assert timedelta(0) == SystemClock().now().utcoffset()
    store.close()


def test_importing_the_library_loads_no_database() -> None:
    """SQLAlchemy is there for those who ask for it."""
    code = (
        "import sys, billing_core, billing_core.stores.threaded, billing_core.stores.memory, "
        "billing_core.contrib.clock; sys.exit('sqlalchemy' in sys.modules)"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


# -- within the host's own transaction ----------------------------------------------------------------


def test_commands_stand_or_fall_with_the_hosts_transaction(sql_store: SqlStore) -> None:
    """What the store did is undone when the host rolls back, and stays when it commits."""
    before = dump(sql_store.engine)
    with sql_store.engine.connect() as connection:
        with connection.begin() as transaction:
            commit(sql_store.using(connection), small_change())
            assert 2 == getattr(sql_store.using(connection).license("lic_1"), "version", None)
            transaction.rollback()
        assert before == dump(sql_store.engine)
        with connection.begin():
            commit(sql_store.using(connection), small_change())

    assert 2 == getattr(sql_store.license("lic_1"), "version", None)


def small_change() -> Change:
    """A change of the default license with an event."""
    return change(bumped(license()), invoice(), events=(told(),), wakes=(Wake("lic_1", NOW),))


def test_a_failure_inside_leaves_the_hosts_own_work(sql_store: SqlStore) -> None:
    """Conflicts and exceptions of the store take back the store's part only."""
    with sql_store.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE host (note TEXT)")
        connection.exec_driver_sql("INSERT INTO host VALUES ('mine')")
        bound = sql_store.using(connection)
        (refused,) = bound.commit([change(attrs.evolve(license(), version=9))])
        lost = attempt(account_id="nobody")
        with pytest.raises(IntegrityError):
            bound.commit([change(account("acc_2")), change(invoice(), lost, reads=(license(),))])
        commit(bound, small_change())

    assert not refused.ok
    assert None is sql_store.account("acc_2")
    assert [1] == [it.number for it in sql_store.dossier("lic_1").invoices]  # type: ignore[union-attr]
    with sql_store.engine.connect() as connection:
        assert [("mine",)] == [tuple(row) for row in connection.exec_driver_sql("SELECT note FROM host")]


def test_a_failure_after_a_refusal_leaves_nothing_either(sql_store: SqlStore) -> None:
    """Also when the changes before it were carried out one by one."""
    before = dump(sql_store.engine)
    twin = change(invoice("inv_2", revision=1), reads=(bumped(license()),))
    lost = invoice("inv_3", index=3, account_id="nobody")
    with sql_store.engine.begin() as connection, pytest.raises(IntegrityError, match="FOREIGN KEY"):
        sql_store.using(connection).commit([small_change(), twin, change(lost, reads=(bumped(license()),))])

    assert before == dump(sql_store.engine)


def test_hosts_that_write_at_the_same_time_wait_for_each_other(sql_store: SqlStore) -> None:
    """A transaction that begins without the write lock takes it before it reads."""

    def write(name: str) -> None:
        for round_ in range(50):
            with sql_store.engine.begin() as connection:
                commit(sql_store.using(connection), Change(events=(told(f"{name}_{round_}"),)))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, "a"), pool.submit(write, "b")]:
            done.result(timeout=60)
    assert list(range(1, 101)) == [it.sequence for it in sql_store.events(0, 200)]


def test_work_can_be_claimed_within_the_hosts_transaction(sql_store: SqlStore) -> None:
    """A lease that is rolled back was never taken."""
    commit(sql_store, Change(wakes=(Wake("lic_1", NOW),)))
    for _ in range(2):
        with sql_store.engine.connect() as connection, connection.begin() as transaction:
            claimed = sql_store.using(connection).claim_due(5, timedelta(hours=1), Shard())
            assert ["lic_1"] == [dossier.license.id for dossier in claimed]
            transaction.rollback()


@pytest.mark.parametrize("connection", [None, 5, "postgresql://host", object()])
def test_using_needs_a_connection(sql_store: SqlStore, connection: Any) -> None:
    """Whatever else a host holds is refused by name."""
    with pytest.raises(InvalidInput, match="connection: has the wrong type; expected Connection"):
        sql_store.using(connection)


def test_using_needs_a_transaction(sql_store: SqlStore) -> None:
    """Without one, the store's work would be nobody's."""
    with sql_store.engine.connect() as connection, pytest.raises(InvalidInput):
        sql_store.using(connection)


def test_a_hosts_connection_without_real_transactions_is_refused(sql_store: SqlStore) -> None:
    """The driver begins nothing for a read."""
    naive = create_engine(sql_store.engine.url)
    with naive.begin() as connection, pytest.raises(InvariantViolated):
        sql_store.using(connection).license("lic_1")
    naive.dispose()
