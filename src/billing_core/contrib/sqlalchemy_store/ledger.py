"""
What one transaction knows, and what it will write at its end.

Every commit first takes the lock on the event counter. So commits queue up
here and nowhere else, and can't lock each other out; what was read after that
stays true until the end, and guards are checked in memory, all read at once.

The lock also makes numbers without gaps possible, of events and of invoices. No
database's own sequences can do that: they lose what is rolled back. And the
order of events is the order of commits: a reader who has seen number 7 will
never find a new number 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs
from sqlalchemy import Connection, bindparam, insert, select, update

from billing_core.charging.invoice import Invoice
from billing_core.contrib.sqlalchemy_store.rows import TABLES
from billing_core.contrib.sqlalchemy_store.schema import EVENT_SEQUENCE
from billing_core.contrib.sqlalchemy_store.tables import events, invoice_numbers, invoices, meta
from billing_core.events import Event
from billing_core.stores.port import Change, CommitResult, Guard, RecordKind
from billing_core.stores.rules import event_guard, wake_guard

__all__ = ["Ledger", "Refused", "open_ledger"]

_COUNTER = meta.c.name == EVENT_SEQUENCE
_SERIES = (
    invoice_numbers.c.seller_id == bindparam("of_seller"),
    invoice_numbers.c.series == bindparam("of_series"),
)

# An update that changes nothing is the one lock that all databases have.
_LOCK = update(meta).where(_COUNTER).values(value=meta.c.value)
_READ_SEQUENCE = select(meta.c.value).where(_COUNTER)
_SAVE_SEQUENCE = update(meta).where(_COUNTER).values(value=bindparam("sequence"))
_READ_NUMBER = select(invoice_numbers.c.last).where(*_SERIES)
_SAVE_NUMBER = update(invoice_numbers).where(*_SERIES).values(last=bindparam("number"))
_FIRST_NUMBER = insert(invoice_numbers)
_VERSIONS = {
    kind: select(table.c.id, table.c.version, *([invoices.c.number] if table is invoices else [])).where(
        table.c.id.in_(bindparam("ids", expanding=True))
    )
    for kind, table in TABLES.items()
}
_EVENT_IDS = select(events.c.id).where(events.c.id.in_(bindparam("ids", expanding=True)))

# Databases limit how many values a statement may carry.
_IDS_AT_ONCE = 500


class Refused(Exception):
    """A change can't be carried out; ``result`` says why."""

    def __init__(self, conflict: Guard, actual_version: int | None = None) -> None:
        super().__init__(conflict)
        self.result = CommitResult(conflict=conflict, actual_version=actual_version)


@attrs.define
class Ledger:
    """
    The books of one transaction. Trying a change works on a copy, which is kept if it succeeds.

    Attributes:
        sequence: of the latest event.
        versions: of all records that any change guards or wakes; what is not listed does not
            exist (or should not, and was not looked for).
        given: the numbers of invoices that exist.
        numbers: the latest number of each seller's series that was needed so far.
        event_ids: those that must not come again.
        events: to be stored at the end.
        wakes: to be stored at the end.
    """

    sequence: int
    versions: dict[tuple[RecordKind, str], int]
    given: dict[str, int]
    numbers: dict[tuple[str, str], int] = attrs.field(factory=dict)
    event_ids: set[str] = attrs.field(factory=set)
    events: list[Event] = attrs.field(factory=list)
    wakes: dict[str, datetime | None] = attrs.field(factory=dict)

    def copy(self) -> Ledger:
        """The same books, to be written in without harm to these."""
        return Ledger(
            sequence=self.sequence,
            versions=dict(self.versions),
            given=dict(self.given),
            numbers=dict(self.numbers),
            event_ids=set(self.event_ids),
            events=list(self.events),
            wakes=dict(self.wakes),
        )

    def check(self, change: Change) -> None:
        """
        Everything about a change that can be known before it is tried.

        Raises:
            Refused: a guard, an event that was stored before, or a license that isn't there.
        """
        for guard in change.guards:
            actual = self.versions.get((guard.kind, guard.id), 0)
            if actual != guard.version:
                raise Refused(guard, actual)
        for invoice in change.invoices:
            if invoice.number not in {None, self.given.get(invoice.id)}:
                raise Refused(Guard(RecordKind.INVOICE, invoice.id, 0))
        ids = [event.id for event in change.events]
        if len(set(ids)) != len(ids) or not self.event_ids.isdisjoint(ids):
            raise Refused(event_guard(change.events))
        started = {license_.id for license_ in change.licenses}
        for wake in change.wakes:
            if (RecordKind.LICENSE, wake.license_id) not in self.versions and wake.license_id not in started:
                raise Refused(wake_guard(wake), 0)

    def numbered(self, connection: Connection, invoice: Invoice) -> Invoice:
        """The invoice with the number that it has, or with the next one."""
        if invoice.id not in self.given:
            series = (invoice.seller_id, invoice.series)
            if series not in self.numbers:
                values = {"of_seller": invoice.seller_id, "of_series": invoice.series}
                self.numbers[series] = connection.execute(_READ_NUMBER, values).scalar_one_or_none() or 0
            self.numbers[series] += 1
            self.given[invoice.id] = self.numbers[series]
        return invoice.numbered(self.given[invoice.id])

    def placed(self, fresh: Iterable[Event]) -> tuple[Event, ...]:
        """The events with their places in the order."""
        placed = []
        for event in fresh:
            self.sequence += 1
            placed.append(event.at_sequence(self.sequence))
            self.event_ids.add(event.id)
        self.events.extend(placed)
        return tuple(placed)

    def save_counters(self, connection: Connection) -> None:
        """Store where the counters stand now."""
        connection.execute(_SAVE_SEQUENCE, {"sequence": self.sequence})
        for (seller_id, series), last in self.numbers.items():
            values = {"of_seller": seller_id, "of_series": series, "number": last}
            if connection.execute(_SAVE_NUMBER, values).rowcount == 0:
                connection.execute(_FIRST_NUMBER, {"seller_id": seller_id, "series": series, "last": last})


def open_ledger(connection: Connection, changes: Sequence[Change], *, thorough: bool) -> Ledger:
    """
    Take the lock, and read what the changes are guarded by.

    Args:
        connection: in a transaction.
        changes: to be carried out.
        thorough: also look for what should not be there yet. It rarely is, and
            its key would say so; looking tells which change is to blame.
    """
    connection.execute(_LOCK)
    ledger = Ledger(sequence=connection.execute(_READ_SEQUENCE).scalar_one(), versions={}, given={})
    for kind, ids in _wanted(changes, thorough=thorough).items():
        for some in _chunks(ids):
            rows = connection.execute(_VERSIONS[kind], {"ids": some}).all()
            ledger.versions.update({(kind, row.id): row.version for row in rows})
            if kind is RecordKind.INVOICE:
                ledger.given.update({row.id: row.number for row in rows})
    if thorough:
        for some in _chunks(event.id for change in changes for event in change.events):
            ledger.event_ids.update(connection.execute(_EVENT_IDS, {"ids": some}).scalars())
    return ledger


def _wanted(changes: Sequence[Change], *, thorough: bool) -> dict[RecordKind, set[str]]:
    wanted: dict[RecordKind, set[str]] = {}
    for change in changes:
        new = {(kind, record.id) for kind, record in change.writes if record.version == 1}
        for guard in change.guards:
            if thorough or (guard.kind, guard.id) not in new:
                wanted.setdefault(guard.kind, set()).add(guard.id)
        for wake in change.wakes:
            wanted.setdefault(RecordKind.LICENSE, set()).add(wake.license_id)
    return wanted


def _chunks(ids: Iterable[str]) -> Iterable[list[str]]:
    listed = list(ids)
    return (listed[start : start + _IDS_AT_ONCE] for start in range(0, len(listed), _IDS_AT_ONCE))
