"""
Carrying out changes: each whole or not at all.

Written records are compared and swapped - ``UPDATE … WHERE id = ? AND version = ?``,
and the count of rows says whether it was so. What a key forbids is found out by
trying. A key rarely forbids anything, so all changes are first tried together;
if one fails, all is taken back to the savepoint, and each is tried in a savepoint of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Table, Update, bindparam, delete, insert, or_, update
from sqlalchemy.exc import IntegrityError

from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.refund import REFUND_TRANSITIONS
from billing_core.contrib.sqlalchemy_store.ledger import Ledger, Refused, open_ledger
from billing_core.contrib.sqlalchemy_store.rows import MUTABLE, TABLES, card_use_row, event_row, row_of
from billing_core.contrib.sqlalchemy_store.tables import (
    attempts,
    card_uses,
    events,
    invoices,
    licenses,
    live_invoices,
    open_attempts,
    open_refunds,
    refunds,
)
from billing_core.stores.port import Change, CommitResult, Guard, RecordKind
from billing_core.stores.rules import AnyRecord, ensure_sound, event_guard
from billing_core.values.typed import evolve

__all__ = ["commit_changes", "is_unique_violation"]

Row = Mapping[str, Any]

_UNRESOLVED = {
    RecordKind.ATTEMPT: [state.value for state in AttemptState if state.is_unresolved],
    RecordKind.REFUND: [state.value for state, moves in REFUND_TRANSITIONS.items() if moves],
}

_SQLITE_UNIQUE = frozenset({"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"})
_SQLSTATE_UNIQUE = "23505"


def _compare_and_swap(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("old_id"), table.c.version == bindparam("old_version"))


_INSERTS: Mapping[RecordKind, Insert] = {kind: insert(table) for kind, table in TABLES.items()}
_UPDATES: Mapping[RecordKind, Update] = {
    **{kind: _compare_and_swap(table) for kind, table in TABLES.items()},
    # What is final stays final: see `billing_core.stores.rules.may_follow`.
    RecordKind.INVOICE: _compare_and_swap(invoices).where(invoices.c.status != InvoiceStatus.VOID.value),
}
_UPDATES_UNRESOLVED: Mapping[RecordKind, Update] = {
    kind: _compare_and_swap(table).where(table.c.state.in_(_UNRESOLVED[kind]))
    for kind, table in ((RecordKind.ATTEMPT, attempts), (RecordKind.REFUND, refunds))
}

_TAKE_PERIOD = insert(live_invoices)
_GIVE_PERIOD_BACK = delete(live_invoices).where(live_invoices.c.invoice_id == bindparam("of_invoice"))
_TAKE_LICENSE = insert(open_attempts)
_GIVE_LICENSE_BACK = delete(open_attempts).where(open_attempts.c.attempt_id == bindparam("of_attempt"))
_TAKE_CHARGE = insert(open_refunds)
_GIVE_CHARGE_BACK = delete(open_refunds).where(open_refunds.c.refund_id == bindparam("of_refund"))

_USE_CARD = insert(card_uses)
_USE_CARD_AGAIN = (
    update(card_uses).where(card_uses.c.attempt_id == bindparam("of_attempt")).values(sent_at=bindparam("at"))
)

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
    if not changes:
        return ()
    try:
        with connection.begin_nested():
            ledger = open_ledger(connection, changes, thorough=False)
            return _all_together(connection, ledger, changes, now)
    except Refused:
        ledger = open_ledger(connection, changes, thorough=True)
        return _one_by_one(connection, ledger, changes, now)


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a key was taken already; a missing foreign key or value is another matter, and a bug."""
    name = getattr(error.orig, "sqlite_errorname", None)
    state = getattr(error.orig, "sqlstate", None)
    return name in _SQLITE_UNIQUE or state == _SQLSTATE_UNIQUE


def _all_together(
    connection: Connection, ledger: Ledger, changes: Sequence[Change], now: datetime
) -> tuple[CommitResult, ...]:
    """Without savepoints: what is known to be stale is left out, but nothing else may fail."""
    results = []
    for change in changes:
        try:
            ledger.check(change)
        except Refused as refused:
            results.append(refused.result)
            continue
        results.append(_carry_out(connection, ledger, change, now))
    _finish(connection, ledger)
    return tuple(results)


def _one_by_one(
    connection: Connection, ledger: Ledger, changes: Sequence[Change], now: datetime
) -> tuple[CommitResult, ...]:
    results = []
    for change in changes:
        tried = ledger.copy()
        try:
            with connection.begin_nested():
                tried.check(change)
                results.append(_carry_out(connection, tried, change, now))
        except Refused as refused:
            results.append(refused.result)
        else:
            ledger = tried
    _finish(connection, ledger)
    return tuple(results)


def _carry_out(connection: Connection, ledger: Ledger, change: Change, now: datetime) -> CommitResult:
    numbered = evolve(
        change, invoices=tuple(ledger.numbered(connection, invoice) for invoice in change.invoices)
    )
    for kind, record in numbered.writes:
        _write(connection, kind, record)
        ledger.versions[kind, record.id] = record.version
    _give_back(connection, change)
    _take(connection, change)
    _wake(connection, ledger, change, now)
    return CommitResult(invoices=numbered.invoices, events=ledger.placed(change.events))


def _finish(connection: Connection, ledger: Ledger) -> None:
    """What can wait until the end, many at once."""
    if ledger.events:
        rows = [event_row(event) for event in ledger.events]
        _insert(connection, _ADD_EVENT, rows, event_guard(ledger.events))
    _flush_wakes(connection, ledger)
    ledger.save_counters(connection)


def _write(connection: Connection, kind: RecordKind, record: AnyRecord) -> None:
    row = row_of(record)
    taken = Guard(kind, record.id, 0)
    if record.version == 1:
        _insert(connection, _INSERTS[kind], row, taken)
        return
    values = {name: row[name] for name in MUTABLE[kind]}
    values |= {"old_id": record.id, "old_version": record.version - 1}
    is_unresolved = kind in _UNRESOLVED and row["state"] in _UNRESOLVED[kind]
    statement = _UPDATES_UNRESOLVED[kind] if is_unresolved else _UPDATES[kind]
    if connection.execute(statement, values).rowcount != 1:
        raise Refused(taken)


def _insert(connection: Connection, statement: Insert, rows: Row | Sequence[Row], taken: Guard) -> None:
    try:
        connection.execute(statement, rows)
    except IntegrityError as error:
        if is_unique_violation(error):
            raise Refused(taken) from None
        raise


def _give_back(connection: Connection, change: Change) -> None:
    """Before taking, so that one change may replace an invoice or an attempt by another."""
    for invoice in change.invoices:
        if invoice.version > 1 and invoice.status is InvoiceStatus.VOID:
            connection.execute(_GIVE_PERIOD_BACK, {"of_invoice": invoice.id})
    for attempt in change.attempts:
        if attempt.version > 1 and not attempt.is_unresolved:
            connection.execute(_GIVE_LICENSE_BACK, {"of_attempt": attempt.id})
    for refund in change.refunds:
        if refund.version > 1 and not refund.is_unresolved:
            connection.execute(_GIVE_CHARGE_BACK, {"of_refund": refund.id})


def _take(connection: Connection, change: Change) -> None:
    for invoice in change.invoices:
        if invoice.version == 1 and invoice.status is not InvoiceStatus.VOID:
            period: Row = {
                "license_id": invoice.key.license_id,
                "term": invoice.key.term,
                "period_index": invoice.key.index,
                "invoice_id": invoice.id,
            }
            _insert(connection, _TAKE_PERIOD, period, Guard(RecordKind.INVOICE, invoice.id, 0))
    for attempt in change.attempts:
        if attempt.version == 1 and attempt.is_unresolved:
            place = {"license_id": attempt.license_id, "attempt_id": attempt.id}
            _insert(connection, _TAKE_LICENSE, place, Guard(RecordKind.ATTEMPT, attempt.id, 0))
        _use_card(connection, attempt)
    for refund in change.refunds:
        if refund.version == 1 and refund.is_unresolved:
            charge = {"attempt_id": refund.attempt_id, "refund_id": refund.id}
            _insert(connection, _TAKE_CHARGE, charge, Guard(RecordKind.REFUND, refund.id, 0))


def _use_card(connection: Connection, attempt: ChargeAttempt) -> None:
    """The attempt's place among those on its card, and when it was last sent."""
    if attempt.card_use and attempt.version == 1:
        _insert(connection, _USE_CARD, card_use_row(attempt), Guard(RecordKind.ATTEMPT, attempt.id, 0))
    elif attempt.card_use and attempt.sends > 1:
        connection.execute(_USE_CARD_AGAIN, {"of_attempt": attempt.id, "at": attempt.last_sent_at})


def _wake(connection: Connection, ledger: Ledger, change: Change, now: datetime) -> None:
    if change.wake_accounts:
        # In order: what an earlier change has set must be there for this one to change.
        _flush_wakes(connection, ledger)
    for account_id in change.wake_accounts:
        connection.execute(_WAKE_ACCOUNT, {"of_account": account_id, "due": now, "at": now})
    for wake in change.wakes:
        ledger.wakes[wake.license_id] = wake.at


def _flush_wakes(connection: Connection, ledger: Ledger) -> None:
    if ledger.wakes:
        values = [{"of_license": license_id, "at": at} for license_id, at in ledger.wakes.items()]
        connection.execute(_WAKE, values)
        ledger.wakes.clear()
