"""The version of the tables: created once, brought forward in one step, never guessed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from billing_core.contrib.sqlalchemy_store.schema import SCHEMA_VERSION, upgrade
from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.contrib.sqlalchemy_store.tables import metadata
from billing_core.contrib.sqlalchemy_store.transactions import open_engine
from billing_core.errors import InvalidInput
from tests.builders import account, change
from tests.contrib.store_helpers import commit, dump


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    made = open_engine(f"sqlite:///{tmp_path}/billing.db")
    yield made
    made.dispose()


def version(engine: Engine) -> int:
    """The version that the database says it has."""
    with engine.connect() as connection:
        query = text("SELECT value FROM billing_meta WHERE name = 'schema_version'")
        return int(connection.execute(query).scalar_one())


def test_an_empty_database_gets_all_tables(engine: Engine) -> None:
    """With the version and the counter of events."""
    upgrade(engine)

    assert sorted(metadata.tables) == inspect(engine).get_table_names()
    expected = [("event_sequence", 0), ("schema_version", SCHEMA_VERSION)]
    assert expected == dump(engine)["billing_meta"]


def test_a_store_without_tables_says_how_to_get_them(engine: Engine) -> None:
    """Whatever is asked of it first; an error of another kind is told as it is."""
    store = SqlStore(engine)
    with pytest.raises(InvalidInput, match=r"the tables are missing; SqlStore.open\(url\)"):
        store.account("acc_1")
    with pytest.raises(InvalidInput, match="the tables are missing"):
        commit(store, change(account()))
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE billing_controls")
    with pytest.raises(OperationalError, match="billing_controls"):
        store.controls()


def test_the_hosts_own_tables_stay(engine: Engine) -> None:
    """The tables live beside those of the host."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE accounts (id INTEGER)")
    upgrade(engine)

    assert "accounts" in inspect(engine).get_table_names()


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    """Every start of every process may do it."""
    upgrade(engine)
    commit(SqlStore(engine), change(account()))
    before = dump(engine)
    upgrade(engine)

    assert before == dump(engine)


def test_an_earlier_version_is_brought_forward(engine: Engine) -> None:
    """Step by step, in one transaction."""
    upgrade(engine)
    steps = {
        SCHEMA_VERSION: ["CREATE TABLE billing_notes (body TEXT)", "INSERT INTO billing_notes VALUES ('on')"],
        SCHEMA_VERSION + 1: ["UPDATE billing_notes SET body = body || ' and on'"],
    }
    upgrade(engine, steps, target=SCHEMA_VERSION + 2)

    assert SCHEMA_VERSION + 2 == version(engine)
    with engine.connect() as connection:
        assert "on and on" == connection.execute(text("SELECT body FROM billing_notes")).scalar()


def test_the_first_tables_are_brought_to_todays(engine: Engine) -> None:
    """What migrations make is what a new database gets: the same tables, columns, keys and indexes."""
    upgrade(engine)
    expected = structure(engine)
    with engine.begin() as connection:
        for table in ("billing_open_refunds", "billing_refunds", "billing_card_uses", "billing_controls"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        for name, column in (("at_gateway", "gateway_ref"), ("disputed", "dispute")):
            connection.exec_driver_sql(f"DROP INDEX billing_attempts_{name}")
            connection.exec_driver_sql(f"ALTER TABLE billing_attempts DROP COLUMN {column}")
        connection.exec_driver_sql("ALTER TABLE billing_attempts ADD COLUMN declined_at BIGINT")
        connection.exec_driver_sql(
            "CREATE INDEX billing_attempts_on_card ON billing_attempts (fingerprint, declined_at)"
        )
        connection.exec_driver_sql("UPDATE billing_meta SET value = 1 WHERE name = 'schema_version'")
    upgrade(engine)

    assert SCHEMA_VERSION == version(engine)
    assert expected == structure(engine)


def structure(engine: Engine) -> dict[str, Any]:
    """Every table, as the database describes it."""
    seen = inspect(engine)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(table)],
            seen.get_pk_constraint(table)["constrained_columns"],
            sorted(unique["column_names"] for unique in seen.get_unique_constraints(table)),
            sorted((index["name"] or "", index["column_names"]) for index in seen.get_indexes(table)),
            sorted(key["referred_table"] for key in seen.get_foreign_keys(table)),
        )
        for table in seen.get_table_names()
    }


def test_a_migration_that_fails_changes_nothing(engine: Engine) -> None:
    """Neither the tables nor the version."""
    upgrade(engine)
    steps = {
        SCHEMA_VERSION: ["CREATE TABLE billing_notes (body TEXT)"],
        SCHEMA_VERSION + 1: ["UPDATE nothing SET x = 1"],
    }
    with pytest.raises(OperationalError):
        upgrade(engine, steps, target=SCHEMA_VERSION + 2)

    assert SCHEMA_VERSION == version(engine)
    assert "billing_notes" not in inspect(engine).get_table_names()


@pytest.mark.parametrize("found", [0, SCHEMA_VERSION + 1])
def test_a_version_without_a_way_is_refused(engine: Engine, found: int) -> None:
    """A newer release's tables, or forgotten ones, are left alone."""
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE billing_meta SET value = :v WHERE name = 'schema_version'"), {"v": found}
        )
    before = dump(engine)

    with pytest.raises(InvalidInput, match="schema_version"):
        SqlStore.open(engine.url)
    assert before == dump(engine)


def test_processes_that_start_together_create_the_tables_once(tmp_path: Path) -> None:
    """Each waits for the first one and finds its work."""
    url = f"sqlite:///{tmp_path}/billing.db"
    code = (
        "import sys; from billing_core.contrib.sqlalchemy_store.store import SqlStore; "
        "print('ready', flush=True); sys.stdin.readline(); SqlStore.open(sys.argv[1]).account('x')"
    )
    command = [sys.executable, "-c", code, url]
    with ExitStack() as stack:
        children = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            for _ in range(3)
        ]
        assert [b"ready\n"] * 3 == [child.stdout.readline() for child in children if child.stdout]
        for child in children:
            assert child.stdin is not None
            child.stdin.write(b"go\n")
            child.stdin.close()
        assert [0] * 3 == [child.wait(timeout=60) for child in children]

    store = SqlStore.open(url)
    commit(store, change(account()))
    store.close()


def test_an_opener_waits_for_whoever_writes_before_the_switch_to_wal(tmp_path: Path) -> None:
    """SQLite itself does not wait there; two first openers at the same time would fail by chance."""
    path = tmp_path / "billing.db"
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    first.execute("CREATE TABLE host (note TEXT)")
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"), closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")

    done = Timer(0.2, lambda: first.execute("COMMIT"))
    done.start()
    store = SqlStore.open(f"sqlite:///{path}")
    done.join()
    commit(store, change(account()))
    store.close()
    first.close()


def test_a_file_that_is_no_database_is_refused_at_once(tmp_path: Path) -> None:
    """Waiting would not help."""
    (tmp_path / "billing.db").write_text("something else " * 100)

    with pytest.raises(DatabaseError, match="not a database"):
        SqlStore.open(f"sqlite:///{tmp_path}/billing.db")
