"""
A store as plain as the port allows: one step after the other, each of which a broken store gets wrong.

It is slow and honest. Its disk is an object in memory that outlives the
stores, and it counts statements, so that a harness can interrupt it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

import attrs

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import CONTROLS_ID, Controls
from billing_core.charging.dispute import most_pressing
from billing_core.charging.dossier import CardTry, CardUse, Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.licenses.license import License
from billing_core.stores.memory import Clock
from billing_core.stores.port import (
    AttemptFilter,
    Change,
    CommitResult,
    Guard,
    InvoiceFilter,
    LicenseFilter,
    Page,
    RecordKind,
    RefundFilter,
    Shard,
)
from billing_core.stores.rules import AnyRecord, ensure_sound, event_guard, may_follow, slots, wake_guard
from billing_core.stores.selection import assemble, in_shard, matters, unsettled, usage_since
from billing_core.testing.store_kit import Interrupted, StoreHarness

__all__ = ["Disk", "PlainHarness", "PlainStore", "Refused", "Tables"]

ACCOUNT, LICENSE, INVOICE, ATTEMPT, REFUND, CONTROLS = RecordKind


class Refused(Exception):
    """A change can't be carried out."""

    def __init__(self, guard: Guard, actual: int | None = None) -> None:
        super().__init__(guard)
        self.guard = guard
        self.actual = actual


@attrs.define
class Tables:
    """All that is stored."""

    records: dict[tuple[RecordKind, str], Any] = attrs.field(factory=dict)
    events: list[Event] = attrs.field(factory=list)
    numbers: dict[tuple[str, str], int] = attrs.field(factory=dict)
    wake_at: dict[str, datetime | None] = attrs.field(factory=dict)
    leased_until: dict[str, datetime] = attrs.field(factory=dict)

    def copy(self) -> Tables:
        """The same rows, to be changed without harm to these."""
        return Tables(
            dict(self.records),
            list(self.events),
            dict(self.numbers),
            dict(self.wake_at),
            dict(self.leased_until),
        )

    def of(self, kind: RecordKind) -> list[Any]:
        """All records of a kind, by id."""
        return [record for (of, _), record in sorted(self.records.items()) if of is kind]


@attrs.define
class Disk:
    """What outlives stores: committed tables, a lock for writers, a count of statements, and a sequence."""

    tables: Tables = attrs.field(factory=Tables)
    lock: AbstractContextManager[Any] = attrs.field(factory=RLock)
    statements_left: int | None = None
    drawn: int = 0

    def statement(self) -> None:
        """One more statement, unless this is the one to break."""
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left == 0:
                raise Interrupted


class PlainStore:
    """Every promise of the port, in the simplest way."""

    def __init__(self, disk: Disk, clock: Clock) -> None:
        self.disk = disk
        self.clock = clock

    def now(self) -> datetime:
        return self.clock.now()

    # -- transactions ----------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[Tables]:
        """A copy of the tables, which replaces them at the end."""
        with self.disk.lock:
            tables = self.disk.tables.copy()
            yield tables
            self.disk.statement()
            self.disk.tables = tables

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        self.ensure_sound(changes)
        now = self.now()
        with self.transaction() as tables:
            return tuple(self.carry_out(tables, change, now) for change in changes)

    def ensure_sound(self, changes: Sequence[Change]) -> None:
        ensure_sound(changes)

    def carry_out(self, tables: Tables, change: Change, now: datetime) -> CommitResult:
        """One change: all of it, or its conflict."""
        tried = tables.copy()
        try:
            self.check(tried, change)
            invoices = self.write(tried, change)
            events = self.tell(tried, change)
            self.wake(tried, change, now)
        except Refused as refused:
            return CommitResult(conflict=refused.guard, actual_version=refused.actual)
        for name in attrs.fields_dict(Tables):
            setattr(tables, name, getattr(tried, name))
        return CommitResult(invoices=invoices, events=events)

    # -- the steps of one change -------------------------------------------------------

    def check(self, tables: Tables, change: Change) -> None:
        self.check_guards(tables, change)
        self.check_keys(tables, change)
        self.check_events(tables, change)
        self.check_wakes(tables, change)

    def check_guards(self, tables: Tables, change: Change) -> None:
        for guard in change.guards:
            found = tables.records.get((guard.kind, guard.id))
            actual = found.version if found is not None else 0
            if actual != guard.version:
                raise Refused(guard, actual)

    def check_keys(self, tables: Tables, change: Change) -> None:
        after = dict(tables.records)
        for kind, record in change.writes:
            before = after.get((kind, record.id))
            if before is not None and not self.may_follow(before, record):
                raise Refused(Guard(kind, record.id, 0))
            after[kind, record.id] = record
        written = {(kind, record.id) for kind, record in change.writes}
        held = {slot for key, record in after.items() if key not in written for slot in self.slots(record)}
        for kind, record in change.writes:
            mine = set(self.slots(record))
            if held & mine:
                raise Refused(Guard(kind, record.id, 0))
            held |= mine

    def may_follow(self, before: AnyRecord, after: AnyRecord) -> bool:
        return may_follow(before, after)

    def slots(self, record: AnyRecord) -> Iterable[tuple[str | int, ...]]:
        return slots(record)

    def check_events(self, tables: Tables, change: Change) -> None:
        known = {event.id for event in tables.events}
        for event in change.events:
            if event.id in known:
                raise Refused(event_guard(change.events))
            known.add(event.id)

    def check_wakes(self, tables: Tables, change: Change) -> None:
        known = {license_.id for license_ in (*tables.of(LICENSE), *change.licenses)}
        for wake in change.wakes:
            if wake.license_id not in known:
                raise Refused(wake_guard(wake), 0)

    def write(self, tables: Tables, change: Change) -> tuple[Invoice, ...]:
        invoices = tuple(self.numbered(tables, invoice) for invoice in change.invoices)
        for kind, record in attrs.evolve(change, invoices=invoices).writes:
            self.disk.statement()
            tables.records[kind, record.id] = self.encoded(record)
        return invoices

    def encoded(self, record: Any) -> Any:
        """The record as it will be read."""
        return record

    def numbered(self, tables: Tables, invoice: Invoice) -> Invoice:
        known = tables.records.get((INVOICE, invoice.id))
        return invoice.numbered(known.number if known is not None else self.next_number(tables, invoice))

    def next_number(self, tables: Tables, invoice: Invoice) -> int:
        series = (invoice.seller_id, invoice.series)
        tables.numbers[series] = tables.numbers.get(series, 0) + 1
        return tables.numbers[series]

    def tell(self, tables: Tables, change: Change) -> tuple[Event, ...]:
        placed = tuple(
            event.at_sequence(len(tables.events) + place)
            for place, event in enumerate(change.events, start=1)
        )
        for event in placed:
            self.disk.statement()
            tables.events.append(event)
        return placed

    def wake(self, tables: Tables, change: Change, now: datetime) -> None:
        self.wake_accounts(tables, change, now)
        for wake in change.wakes:
            tables.wake_at[wake.license_id] = wake.at
            tables.leased_until.pop(wake.license_id, None)

    def wake_accounts(self, tables: Tables, change: Change, now: datetime) -> None:
        for license_ in tables.of(LICENSE):
            if license_.account_id in change.wake_accounts:
                at = tables.wake_at.get(license_.id)
                tables.wake_at[license_.id] = now if at is None else min(at, now)

    # -- work ----------------------------------------------------------------------

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        now = self.now()
        with self.transaction() as tables:
            due = self.due(tables, now, shard)[:limit]
            for license_id in due:
                self.disk.statement()
                tables.leased_until[license_id] = now + lease
            return tuple(self.assembled(tables, license_id) for license_id in due)

    def due(self, tables: Tables, now: datetime, shard: Shard) -> list[str]:
        waiting = sorted((at, license_id) for license_id, at in tables.wake_at.items() if at is not None)
        return [
            license_id
            for at, license_id in waiting
            if at <= now and self.is_free(tables, license_id, now) and in_shard(license_id, shard)
        ]

    def is_free(self, tables: Tables, license_id: str, now: datetime) -> bool:
        until = tables.leased_until.get(license_id)
        return until is None or until <= now

    # -- reads -------------------------------------------------------------------

    @property
    def tables(self) -> Tables:
        """What is committed now."""
        return self.disk.tables

    def account(self, account_id: str, /) -> Account | None:
        return self.tables.records.get((ACCOUNT, account_id))

    def license(self, license_id: str, /) -> License | None:
        return self.tables.records.get((LICENSE, license_id))

    def invoice(self, invoice_id: str, /) -> Invoice | None:
        return self.tables.records.get((INVOICE, invoice_id))

    def attempt(self, attempt_id: str, /) -> ChargeAttempt | None:
        return self.tables.records.get((ATTEMPT, attempt_id))

    def refund(self, refund_id: str, /) -> Refund | None:
        return self.tables.records.get((REFUND, refund_id))

    def controls(self) -> Controls:
        return self.controls_in(self.tables)

    def controls_in(self, tables: Tables) -> Controls:
        written: Controls | None = tables.records.get((CONTROLS, CONTROLS_ID))
        return written if written is not None else Controls()

    def wake_at(self, license_id: str, /) -> datetime | None:
        return self.tables.wake_at.get(license_id)

    def dossier(self, license_id: str, /) -> Dossier | None:
        tables = self.tables
        return self.assembled(tables, license_id) if (LICENSE, license_id) in tables.records else None

    def assembled(self, tables: Tables, license_id: str) -> Dossier:
        license_: License = tables.records[LICENSE, license_id]
        payer: Account = tables.records[ACCOUNT, license_.account_id]
        tried = [attempt for attempt in tables.of(ATTEMPT) if attempt.license_id == license_id]
        refunds = [refund for refund in tables.of(REFUND) if refund.license_id == license_id]
        unresolved = unsettled(tried, refunds)
        issued = [invoice for invoice in tables.of(INVOICE) if invoice.license_id == license_id]
        kept = [invoice for invoice in issued if self.matters(invoice, license_, unresolved)]
        ids = {invoice.id for invoice in kept}
        marks = {card.fingerprint for card in payer.cards}
        uses = [use for mark in sorted(marks) if (use := self.card_use(tables, mark)) is not None]
        tried = [attempt for attempt in tried if attempt.invoice_id in ids]
        controls = self.controls_in(tables)
        return assemble(payer, license_, kept, tried, refunds, card_uses=uses, controls=controls)

    def card_use(self, tables: Tables, mark: str) -> CardUse | None:
        on_card = [CardTry.of(it) for it in tables.of(ATTEMPT) if it.fingerprint == mark and it.card_use]
        in_order = sorted(on_card, key=lambda tried: tried.number)
        since = usage_since(self.now())
        recent = tuple(tried for tried in in_order if tried.at > since)
        return CardUse(fingerprint=mark, last=in_order[-1].number, tries=recent) if in_order else None

    def matters(self, invoice: Invoice, license_: License, unresolved: frozenset[str]) -> bool:
        return matters(invoice, license_, unresolved)

    def accounts(self, after: str | None, limit: int, /) -> Page[Account]:
        return self.page(ACCOUNT, lambda _: True, after, limit)

    def licenses(self, filter: LicenseFilter, after: str | None, limit: int, /) -> Page[License]:
        return self.page(LICENSE, lambda it: fits(it, filter), after, limit)

    def invoices(self, filter: InvoiceFilter, after: str | None, limit: int, /) -> Page[Invoice]:
        return self.page(INVOICE, lambda it: fits(it, filter), after, limit)

    def attempts(self, filter: AttemptFilter, after: str | None, limit: int, /) -> Page[ChargeAttempt]:
        wanted = attrs.evolve(filter, reference=None, gateway_ref=None, dispute=None)
        return self.page(
            ATTEMPT,
            lambda it: (
                fits(it, wanted)
                and filter.reference in {None, it.request.reference}
                and filter.gateway_ref in {None, it.charge_ref}
                and filter.dispute in {None, most_pressing(it.disputes)}
            ),
            after,
            limit,
        )

    def refunds(self, filter: RefundFilter, after: str | None, limit: int, /) -> Page[Refund]:
        wanted = attrs.evolve(filter, reference=None, charge_reference=None)
        return self.page(
            REFUND,
            lambda it: (
                fits(it, wanted)
                and filter.reference in {None, it.request.reference}
                and filter.charge_reference in {None, it.request.charge_reference}
            ),
            after,
            limit,
        )

    def page(self, kind: RecordKind, keep: Callable[[Any], bool], after: str | None, limit: int) -> Page[Any]:
        rest = [it for it in self.tables.of(kind) if keep(it) and (after is None or it.id > after)]
        return Page(items=tuple(rest[:limit]), next=rest[limit - 1].id if len(rest) > limit else None)

    def events(self, after: int, limit: int, /) -> tuple[Event, ...]:
        start = max(after, 0)
        return tuple(self.tables.events[start : start + limit])


def fits(record: Any, wanted: Any) -> bool:
    """Whether a record has every value that the filter asks for."""
    asked = attrs.asdict(wanted, filter=lambda _, value: value is not None)
    return all(getattr(record, name) == value for name, value in asked.items())


class PlainHarness(StoreHarness):
    """
    Plain stores over one disk.

    Args:
        store: the class of the stores.
    """

    durable = True
    interruptible = True
    race_rounds = 20

    def __init__(self, store: type[PlainStore] = PlainStore) -> None:
        super().__init__()
        self.store = store
        self.disk = Disk()

    @property
    def name(self) -> str:
        return self.store.__name__

    def begin(self) -> None:
        super().begin()
        self.disk = Disk()

    def connect(self) -> PlainStore:
        return self.store(self.disk, self.clock)

    @contextmanager
    def interrupting(self, at: int) -> Iterator[None]:
        self.disk.statements_left = at
        try:
            yield
        finally:
            self.disk.statements_left = None
