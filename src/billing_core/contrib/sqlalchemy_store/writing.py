"""
Carrying out changes: each in a savepoint of one transaction, whole or not at all.

Written records are compared and swapped - ``UPDATE … WHERE id = ? AND version = ?``,
and the count of rows says whether it was so. Records that the decision only
read are read again. Whatever a key forbids is found out by trying.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import attrs
from sqlalchemy import Connection, Insert, Table, Update, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from billing_core.charging.attempt import TRANSITIONS
from billing_core.charging.invoice import Invoice, InvoiceStatus
from billing_core.contrib.sqlalchemy_store.counters import Counters
from billing_core.contrib.sqlalchemy_store.rows import MUTABLE, TABLES, event_row, row_of
from billing_core.contrib.sqlalchemy_store.tables import (
    attempts,
    events,
    invoices,
    licenses,
    live_invoices,
    open_attempts,
)
from billing_core.events import Event
from billing_core.stores.port import Change, CommitResult, Guard, RecordKind
from billing_core.stores.rules import AnyRecord, ensure_sound, event_guard, wake_guard

__all__ = ["commit_changes", "is_unique_violation"]

_UNRESOLVED = [state.value for state, moves in TRANSITIONS.items() if moves]

_SQLITE_UNIQUE = frozenset({"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"})
_SQLSTATE_UNIQUE = "23505"


def _compare_and_swap(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("old_id"), table.c.version == bindparam("old_version"))


_INSERTS: Mapping[RecordKind, Insert] = {kind: insert(table) for kind, table in TABLES.items()}
_UPDATES: Mapping[RecordKind, Update] = {
    **{kind: _compare_and_swap(table) for kind, table in TABLES.items()},
    # What is final stays final: see `billing_core.stores.rules.may_follow`.
    RecordKind.INVOICE: _compare_and_swap(invoices).where(
        invoices.c.status != InvoiceStatus.VOID.value, invoices.c.number == bindparam("old_number")
    ),
}
_UPDATE_UNRESOLVED = _compare_and_swap(attempts).where(attempts.c.state.in_(_UNRESOLVED))

_TAKE_PERIOD = insert(live_invoices)
_GIVE_PERIOD_BACK = delete(live_invoices).where(live_invoices.c.invoice_id == bindparam("of_invoice"))
_TAKE_LICENSE = insert(open_attempts)
_GIVE_LICENSE_BACK = delete(open_attempts).where(open_attempts.c.attempt_id == bindparam("of_attempt"))

_KNOWN_NUMBER = select(invoices.c.number).where(invoices.c.id == bindparam("of_invoice"))
_ADD_EVENT = insert(events)
_WAKE = (
    update(licenses)
    .where(licenses.c.id == bindparam("of_license"))
    .values(wake_at=bindparam("at"), leased_until=None)
)
# What is due already keeps its place in the line.
_WAKE_ACCOUNT = (
    update(licenses)
    .where(
        licenses.c.account_id == bindparam("of_account"),
        or_(licenses.c.wake_at.is_(None), licenses.c.wake_at > bindparam("due")),
    )
    .values(wake_at=bindparam("at"))
)


class _Refused(Exception):
    """A change can't be carried out; ``key``: whatever its guard's version is, a key forbids it."""

    def __init__(self, guard: Guard, *, key: bool = False) -> None:
        super().__init__(guard)
        self.guard = guard
        self.key = key


def commit_changes(
    connection: Connection, changes: Sequence[Change], now: datetime
) -> tuple[CommitResult, ...]:
    """
    Carry out changes in order, within the transaction of the connection.

    Raises:
        InvariantViolated: a change breaks the port's contract. Whatever is
            raised here, the caller must roll the transaction back.
    """
    ensure_sound(changes)
    counters = Counters(connection)
    results = tuple(_commit(connection, counters, change, now) for change in changes)
    counters.save()
    return results


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a key was taken already; a missing foreign key or value is another matter, and a bug."""
    name = getattr(error.orig, "sqlite_errorname", None)
    state = getattr(error.orig, "sqlstate", None)
    return name in _SQLITE_UNIQUE or state == _SQLSTATE_UNIQUE


def _commit(connection: Connection, counters: Counters, change: Change, now: datetime) -> CommitResult:
    mark = counters.mark()
    try:
        with connection.begin_nested():
            return _carry_out(connection, counters, change, now)
    except _Refused as refused:
        counters.rewind(mark)
        return _conflict(connection, refused)


def _carry_out(connection: Connection, counters: Counters, change: Change, now: datetime) -> CommitResult:
    _check_unwritten(connection, change)
    numbered = attrs.evolve(
        change, invoices=tuple(_numbered(connection, counters, invoice) for invoice in change.invoices)
    )
    for kind, record in numbered.writes:
        _write(connection, kind, record)
    _move_slots(connection, change)
    placed = tuple(event.at_sequence(counters.next_sequence()) for event in change.events)
    _add_events(connection, placed)
    _wake(connection, change, now)
    return CommitResult(invoices=numbered.invoices, events=placed)


def _conflict(connection: Connection, refused: _Refused) -> CommitResult:
    guard = refused.guard
    if refused.key:
        return CommitResult(conflict=guard)
    found = _versions(connection, guard.kind, [guard.id]).get(guard.id, 0)
    if found == guard.version:
        # Not the version, then: a unique key, or a rule about what is final.
        return CommitResult(conflict=Guard(guard.kind, guard.id, 0))
    return CommitResult(conflict=guard, actual_version=found)


# -- records ----------------------------------------------------------------------


def _check_unwritten(connection: Connection, change: Change) -> None:
    """Writing checks the version of what is written; the rest is read again."""
    written = {(kind, record.id) for kind, record in change.writes}
    read = [guard for guard in change.guards if (guard.kind, guard.id) not in written]
    for kind, group in groupby(sorted(read, key=lambda guard: guard.kind), key=lambda guard: guard.kind):
        guards = list(group)
        found = _versions(connection, kind, [guard.id for guard in guards])
        for guard in guards:
            if found.get(guard.id, 0) != guard.version:
                raise _Refused(guard)


def _versions(connection: Connection, kind: RecordKind, ids: Sequence[str]) -> dict[str, int]:
    table = TABLES[kind]
    rows = connection.execute(select(table.c.id, table.c.version).where(table.c.id.in_(ids)))
    return {row.id: row.version for row in rows}


def _numbered(connection: Connection, counters: Counters, invoice: Invoice) -> Invoice:
    if invoice.version == 1:
        return invoice.numbered(counters.next_number(invoice.seller_id, invoice.series))
    if invoice.number is not None:
        return invoice
    known = connection.execute(_KNOWN_NUMBER, {"of_invoice": invoice.id}).scalar_one_or_none()
    if known is None:
        raise _Refused(Guard(RecordKind.INVOICE, invoice.id, invoice.version - 1))
    return invoice.numbered(known)


def _write(connection: Connection, kind: RecordKind, record: AnyRecord) -> None:
    row = row_of(record)
    guard = Guard(kind, record.id, record.version - 1)
    if guard.version == 0:
        _insert(connection, _INSERTS[kind], row, guard)
        return
    values = {name: row[name] for name in MUTABLE[kind]}
    values |= {"old_id": guard.id, "old_version": guard.version}
    statement = _UPDATES[kind]
    if kind is RecordKind.INVOICE:
        values["old_number"] = row["number"]
    elif kind is RecordKind.ATTEMPT and row["state"] in _UNRESOLVED:
        statement = _UPDATE_UNRESOLVED
    if connection.execute(statement, values).rowcount != 1:
        raise _Refused(guard)


def _insert(connection: Connection, statement: Insert, row: Mapping[str, Any], guard: Guard) -> None:
    try:
        connection.execute(statement, row)
    except IntegrityError as error:
        if is_unique_violation(error):
            raise _Refused(guard) from None
        raise


# -- what only one may hold -----------------------------------------------------------


def _move_slots(connection: Connection, change: Change) -> None:
    """Give back before taking, so that one change may replace an invoice or an attempt by another."""
    for invoice in change.invoices:
        if invoice.version > 1 and invoice.status is InvoiceStatus.VOID:
            connection.execute(_GIVE_PERIOD_BACK, {"of_invoice": invoice.id})
    for invoice in change.invoices:
        if invoice.version == 1 and invoice.status is not InvoiceStatus.VOID:
            key = invoice.key
            row = {
                "license_id": key.license_id,
                "term": key.term,
                "period_index": key.index,
                "invoice_id": invoice.id,
            }
            _insert(connection, _TAKE_PERIOD, row, Guard(RecordKind.INVOICE, invoice.id, 0))
    for attempt in change.attempts:
        if attempt.version > 1 and not attempt.is_unresolved:
            connection.execute(_GIVE_LICENSE_BACK, {"of_attempt": attempt.id})
    for attempt in change.attempts:
        if attempt.version == 1 and attempt.is_unresolved:
            row = {"license_id": attempt.license_id, "attempt_id": attempt.id}
            _insert(connection, _TAKE_LICENSE, row, Guard(RecordKind.ATTEMPT, attempt.id, 0))


# -- events and wake-ups ----------------------------------------------------------------


def _add_events(connection: Connection, placed: Sequence[Event]) -> None:
    if not placed:
        return
    try:
        connection.execute(_ADD_EVENT, [event_row(event) for event in placed])
    except IntegrityError as error:
        if is_unique_violation(error):
            raise _Refused(event_guard(placed), key=True) from None
        raise


def _wake(connection: Connection, change: Change, now: datetime) -> None:
    for account_id in change.wake_accounts:
        connection.execute(_WAKE_ACCOUNT, {"of_account": account_id, "due": now, "at": now})
    for wake in change.wakes:
        woken = connection.execute(_WAKE, {"of_license": wake.license_id, "at": wake.at})
        if woken.rowcount != 1:
            raise _Refused(wake_guard(wake))
