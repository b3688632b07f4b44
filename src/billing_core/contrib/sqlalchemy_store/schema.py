"""The version of the tables, and how a database gets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from sqlalchemy import Connection, Engine, Table, insert, inspect, select, text, update
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from billing_core.contrib.sqlalchemy_store.tables import (
    card_uses,
    controls,
    meta,
    metadata,
    open_refunds,
    refunds,
)
from billing_core.contrib.sqlalchemy_store.transactions import OwnTransactions
from billing_core.errors import InvalidInput
from billing_core.issues import invalid

__all__ = ["EVENT_SEQUENCE", "MIGRATIONS", "SCHEMA_VERSION", "create_all", "upgrade"]

#: The version of the tables. A change of any of them raises it and adds a migration.
SCHEMA_VERSION = 4


def _created(*tables: Table) -> tuple[ExecutableDDLElement, ...]:
    """What creates new tables, in whatever SQL the database at hand speaks."""
    indexes = (index for table in tables for index in sorted(table.indexes, key=lambda it: str(it.name)))
    return (*map(CreateTable, tables), *map(CreateIndex, indexes))


Migrations: TypeAlias = Mapping[int, Sequence[str | ExecutableDDLElement]]

#: From a version to the statements that lead to the next one.
MIGRATIONS: Migrations = MappingProxyType(
    {
        1: _created(refunds, open_refunds),
        # Attempts that were made before are not among the uses of their cards.
        2: (
            *_created(controls, card_uses),
            "DROP INDEX billing_attempts_on_card",
            "ALTER TABLE billing_attempts DROP COLUMN declined_at",
        ),
        # Attempts that were made before are found by the processor's id once they change.
        3: (
            "ALTER TABLE billing_attempts ADD COLUMN gateway_ref VARCHAR(255)",
            "ALTER TABLE billing_attempts ADD COLUMN dispute VARCHAR(16)",
            "CREATE INDEX billing_attempts_at_gateway ON billing_attempts (gateway_ref, id)",
            "CREATE INDEX billing_attempts_disputed ON billing_attempts (dispute, id)",
        ),
    }
)

#: The name of the row that holds the sequence of the latest event.
EVENT_SEQUENCE = "event_sequence"

_VERSION = "schema_version"

_FIRST_ROWS = {_VERSION: SCHEMA_VERSION, EVENT_SEQUENCE: 0}


def create_all(connection: Connection) -> None:
    """Create the tables in a database that has none of them."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(meta), [{"name": name, "value": value} for name, value in _FIRST_ROWS.items()])


def upgrade(engine: Engine, migrations: Migrations = MIGRATIONS, target: int = SCHEMA_VERSION) -> None:
    """
    Bring an empty database, or one of an earlier version, to this release's tables.

    One transaction, so that a failure changes nothing, and nothing is done
    twice however many processes start at the same time.

    Raises:
        InvalidInput: ``not_supported`` - the tables come from a newer release,
            or from one so old that no way leads from it.
    """
    with OwnTransactions(engine).writing() as connection:
        if not inspect(connection).has_table(meta.name):
            create_all(connection)
        version = connection.execute(select(meta.c.value).where(meta.c.name == _VERSION)).scalar_one()
        while version != target:
            if version not in migrations:
                raise _no_way(version, target)
            for statement in migrations[version]:
                connection.execute(text(statement) if isinstance(statement, str) else statement)
            version += 1
        connection.execute(update(meta).where(meta.c.name == _VERSION).values(value=target))


def _no_way(found: int, target: int) -> InvalidInput:
    return invalid("schema_version", "not_supported", reason=f"found {found}, this release needs {target}")
