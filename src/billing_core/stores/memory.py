"""A store in memory: for tests, previews and examples; nothing outlives the process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from threading import RLock
from typing import Any, Protocol

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import CONTROLS_ID, Controls
from billing_core.charging.dispute import most_pressing
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.licenses.license import License
from billing_core.stores.memory_index import Agenda, MemoryIndex
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
from billing_core.stores.rules import (
    Slot,
    ensure_sound,
    event_guard,
    may_follow,
    slots,
    wake_guard,
)
from billing_core.stores.selection import assemble, in_shard, matters, usage_since

__all__ = ["Clock", "MemoryStore"]


#: Of a store that was never stopped nor restored.
_UNTOUCHED = Controls()


class Clock(Protocol):
    """Something that tells the time, aware."""

    def now(self) -> datetime:
        """The current instant."""
        ...


class _Refused(Exception):
    def __init__(self, guard: Guard, actual: int | None = None) -> None:
        super().__init__(guard)
        self.guard = guard
        self.actual = actual


class MemoryStore:
    """
    All records in dictionaries, with the guarantees of the port.

    Args:
        clock: the one clock of all decisions; `testing.ManualClock` in tests.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = RLock()
        self._records: dict[RecordKind, dict[str, Any]] = {kind: {} for kind in RecordKind}
        self._index = MemoryIndex()
        self._agenda = Agenda()
        self._leased_until: dict[str, datetime] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        # What only one record may hold, and which one does.
        self._holders: dict[Slot, str] = {}
        self._events: list[Event] = []
        self._event_ids: set[str] = set()

    def now(self) -> datetime:
        """The clock's time."""
        return self._clock.now()

    # -- reads -------------------------------------------------------------------

    def account(self, account_id: str, /) -> Account | None:
        """The account with this id."""
        with self._lock:
            return self._records[RecordKind.ACCOUNT].get(account_id)

    def license(self, license_id: str, /) -> License | None:
        """The license with this id."""
        with self._lock:
            return self._records[RecordKind.LICENSE].get(license_id)

    def invoice(self, invoice_id: str, /) -> Invoice | None:
        """The invoice with this id."""
        with self._lock:
            return self._records[RecordKind.INVOICE].get(invoice_id)

    def attempt(self, attempt_id: str, /) -> ChargeAttempt | None:
        """The attempt with this id."""
        with self._lock:
            return self._records[RecordKind.ATTEMPT].get(attempt_id)

    def refund(self, refund_id: str, /) -> Refund | None:
        """The refund with this id."""
        with self._lock:
            return self._records[RecordKind.REFUND].get(refund_id)

    def controls(self) -> Controls:
        """The record about the store as a whole."""
        with self._lock:
            controls: Controls = self._records[RecordKind.CONTROLS].get(CONTROLS_ID, _UNTOUCHED)
            return controls

    def dossier(self, license_id: str, /) -> Dossier | None:
        """All that a decision about this license reads."""
        with self._lock:
            known = self._records[RecordKind.LICENSE].get(license_id)
            return self._dossier(known) if known is not None else None

    def wake_at(self, license_id: str, /) -> datetime | None:
        """When the license is looked at next."""
        with self._lock:
            return self._agenda.at(license_id)

    def accounts(self, after: str | None, limit: int, /) -> Page[Account]:
        """Accounts by id."""
        return self._page(RecordKind.ACCOUNT, after, limit, lambda _: True)

    def licenses(self, filter: LicenseFilter, after: str | None, limit: int, /) -> Page[License]:
        """Licenses by id."""
        return self._page(
            RecordKind.LICENSE, after, limit, lambda it: filter.account_id in {None, it.account_id}
        )

    def invoices(self, filter: InvoiceFilter, after: str | None, limit: int, /) -> Page[Invoice]:
        """Invoices by id."""
        return self._page(
            RecordKind.INVOICE,
            after,
            limit,
            lambda invoice: (
                filter.account_id in {None, invoice.account_id}
                and filter.license_id in {None, invoice.license_id}
                and filter.status in {None, invoice.status}
            ),
        )

    def attempts(self, filter: AttemptFilter, after: str | None, limit: int, /) -> Page[ChargeAttempt]:
        """Attempts by id."""
        return self._page(
            RecordKind.ATTEMPT,
            after,
            limit,
            lambda attempt: (
                filter.account_id in {None, attempt.account_id}
                and filter.license_id in {None, attempt.license_id}
                and filter.invoice_id in {None, attempt.invoice_id}
                and filter.card_id in {None, attempt.card_id}
                and filter.reference in {None, attempt.request.reference}
                and filter.gateway_ref in {None, attempt.charge_ref}
                and filter.dispute in {None, most_pressing(attempt.disputes)}
                and filter.needs_attention in {None, attempt.needs_attention}
                and filter.is_unresolved in {None, attempt.is_unresolved}
            ),
        )

    def refunds(self, filter: RefundFilter, after: str | None, limit: int, /) -> Page[Refund]:
        """Refunds by id."""
        return self._page(
            RecordKind.REFUND,
            after,
            limit,
            lambda refund: (
                filter.account_id in {None, refund.account_id}
                and filter.license_id in {None, refund.license_id}
                and filter.invoice_id in {None, refund.invoice_id}
                and filter.attempt_id in {None, refund.attempt_id}
                and filter.reference in {None, refund.request.reference}
                and filter.charge_reference in {None, refund.request.charge_reference}
                and filter.needs_attention in {None, refund.needs_attention}
                and filter.is_unresolved in {None, refund.is_unresolved}
            ),
        )

    def events(self, after: int, limit: int, /) -> tuple[Event, ...]:
        """Events after a sequence number, in commit order."""
        with self._lock:
            return tuple(self._events[max(after, 0) : max(after, 0) + limit])

    # -- work ----------------------------------------------------------------------

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        """Some licenses whose time has come, oldest first, leased to the caller."""
        with self._lock:
            now = self.now()
            free = (
                license_id
                for license_id in self._agenda.due(now)
                if in_shard(license_id, shard) and self._is_free(license_id, now)
            )
            claimed = list(islice(free, limit))
            for license_id in claimed:
                self._leased_until[license_id] = now + lease
            return tuple(
                self._dossier(self._records[RecordKind.LICENSE][license_id]) for license_id in claimed
            )

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        """Carry out changes, each completely or not at all, in order."""
        ensure_sound(changes)
        with self._lock:
            now = self.now()
            return tuple(self._commit(change, now) for change in changes)

    # -- inside -----------------------------------------------------------------------

    def _commit(self, change: Change, now: datetime) -> CommitResult:
        try:
            for guard in change.guards:
                self._check_guard(guard)
            freed, taken = self._check_slots(change)
            self._check_events(change)
            self._check_wakes(change)
        except _Refused as refused:
            return CommitResult(conflict=refused.guard, actual_version=refused.actual)
        # Nothing below can fail, so there is nothing to take back.
        for slot in freed:
            del self._holders[slot]
        self._holders.update(taken)
        invoices = tuple(self._numbered(invoice) for invoice in change.invoices)
        numbered = {invoice.id: invoice for invoice in invoices}
        for kind, record in change.writes:
            known = self._records[kind]
            written = numbered[record.id] if kind is RecordKind.INVOICE else record
            self._index.put(written, known.get(record.id), now)
            known[record.id] = written
        events = tuple(
            event.at_sequence(len(self._events) + place) for place, event in enumerate(change.events, start=1)
        )
        self._events.extend(events)
        self._event_ids.update(event.id for event in events)
        self._wake(change, now)
        return CommitResult(invoices=invoices, events=events)

    def _wake(self, change: Change, now: datetime) -> None:
        for account_id in change.wake_accounts:
            for license_id in self._index.licenses_of(account_id):
                # What is due already keeps its place in the line.
                at = self._agenda.at(license_id)
                self._agenda.put(license_id, now if at is None else min(at, now))
        for wake in change.wakes:
            self._agenda.put(wake.license_id, wake.at)
            self._leased_until.pop(wake.license_id, None)

    def _check_guard(self, guard: Guard) -> None:
        record = self._records[guard.kind].get(guard.id)
        actual = record.version if record is not None else 0
        if actual != guard.version:
            raise _Refused(guard, actual)

    def _check_slots(self, change: Change) -> tuple[set[Slot], dict[Slot, str]]:
        """The slots that the change gives back, and those that it takes, if nobody else holds them."""
        written = [(kind, record, self._records[kind].get(record.id)) for kind, record in change.writes]
        freed = {slot for _, _, before in written if before is not None for slot in slots(before)}
        taken: dict[Slot, str] = {}
        for kind, record, before in written:
            if before is not None and not may_follow(before, record):
                raise _Refused(Guard(kind, record.id, 0))
            for slot in slots(record):
                if slot in taken or (slot in self._holders and slot not in freed):
                    raise _Refused(Guard(kind, record.id, 0))
                taken[slot] = record.id
        return freed, taken

    def _check_events(self, change: Change) -> None:
        seen: set[str] = set()
        for event in change.events:
            if event.id in self._event_ids or event.id in seen:
                raise _Refused(event_guard(change.events))
            seen.add(event.id)

    def _check_wakes(self, change: Change) -> None:
        started = {license_.id for license_ in change.licenses}
        for wake in change.wakes:
            if wake.license_id not in self._records[RecordKind.LICENSE] and wake.license_id not in started:
                raise _Refused(wake_guard(wake), 0)

    def _numbered(self, invoice: Invoice) -> Invoice:
        known = self._records[RecordKind.INVOICE].get(invoice.id)
        if known is not None:
            return invoice.numbered(known.number)
        series = (invoice.seller_id, invoice.series)
        self._numbers[series] = self._numbers.get(series, 0) + 1
        return invoice.numbered(self._numbers[series])

    def _is_free(self, license_id: str, now: datetime) -> bool:
        until = self._leased_until.get(license_id)
        return until is None or until <= now

    def _dossier(self, license: License) -> Dossier:
        account = self._records[RecordKind.ACCOUNT][license.account_id]
        mine = self._index.of_license(license.id)
        issued = map(self._records[RecordKind.INVOICE].__getitem__, mine.of_interest(license.paid_until))
        unresolved = frozenset(mine.unresolved.values())
        # The index narrows it down; `matters` decides.
        invoices = [invoice for invoice in issued if matters(invoice, license, unresolved)]
        attempts, refunds = self._records[RecordKind.ATTEMPT], self._records[RecordKind.REFUND]
        return assemble(
            account,
            license,
            invoices,
            [attempts[id_] for invoice in invoices for id_ in mine.attempts.get(invoice.id, ())],
            [refunds[id_] for invoice in invoices for id_ in mine.refunds.get(invoice.id, ())],
            card_uses=self._index.cards.uses(account, usage_since(self.now())),
            controls=self.controls(),
        )

    def _page(
        self, kind: RecordKind, after: str | None, limit: int, keep: Callable[[Any], bool]
    ) -> Page[Any]:
        with self._lock:
            ordered = sorted(self._records[kind].items())
            rest = (record for record_id, record in ordered if after is None or record_id > after)
            items = list(islice((record for record in rest if keep(record)), limit + 1))
            more = items[limit - 1].id if len(items) > limit else None
            return Page(items=tuple(items[:limit]), next=more)
