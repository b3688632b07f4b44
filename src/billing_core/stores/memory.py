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
from billing_core.charging.dossier import CardTry, CardUse, Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.licenses.license import License
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
    AnyRecord,
    Slot,
    ensure_sound,
    event_guard,
    may_follow,
    slots,
    wake_guard,
)
from billing_core.stores.selection import assemble, in_shard, matters, unsettled, usage_since
from billing_core.values.typed import evolve

__all__ = ["Clock", "MemoryStore"]


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
        self._wake_at: dict[str, datetime | None] = {}
        self._leased_until: dict[str, datetime] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        # Which records belong together, so that no commit has to look at all of them.
        self._licenses_of: dict[str, list[str]] = {}
        self._invoices_of: dict[str, list[str]] = {}
        self._attempts_of: dict[str, list[str]] = {}
        self._refunds_of: dict[str, list[str]] = {}
        # What only one record may hold, and which one does.
        self._holders: dict[Slot, str] = {}
        # Fingerprint -> number -> the attempt with that number on the card, as long as it counts.
        self._tries_on: dict[str, dict[int, CardTry]] = {}
        self._last_use_of: dict[str, int] = {}
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
            written: Controls | None = self._records[RecordKind.CONTROLS].get(CONTROLS_ID)
            return written if written is not None else Controls()

    def dossier(self, license_id: str, /) -> Dossier | None:
        """All that a decision about this license reads."""
        with self._lock:
            known = self._records[RecordKind.LICENSE].get(license_id)
            return self._dossier(known) if known is not None else None

    def wake_at(self, license_id: str, /) -> datetime | None:
        """When the license is looked at next."""
        with self._lock:
            return self._wake_at.get(license_id)

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
            due = sorted(
                (at, license_id)
                for license_id, at in self._wake_at.items()
                if at is not None
                and at <= now
                and in_shard(license_id, shard)
                and self._is_free(license_id, now)
            )
            claimed = [license_id for _, license_id in due[:limit]]
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
        for kind, record in evolve(change, invoices=invoices).writes:
            if record.id not in self._records[kind]:
                self._index(record)
            self._records[kind][record.id] = record
            if isinstance(record, ChargeAttempt) and record.card_use:
                self._use_card(record, now)
        events = tuple(
            event.at_sequence(len(self._events) + place) for place, event in enumerate(change.events, start=1)
        )
        self._events.extend(events)
        self._event_ids.update(event.id for event in events)
        self._wake(change, now)
        return CommitResult(invoices=invoices, events=events)

    def _wake(self, change: Change, now: datetime) -> None:
        for account_id in change.wake_accounts:
            for license_id in self._licenses_of.get(account_id, ()):
                # What is due already keeps its place in the line.
                at = self._wake_at.get(license_id)
                self._wake_at[license_id] = now if at is None else min(at, now)
        for wake in change.wakes:
            self._wake_at[wake.license_id] = wake.at
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
            refused = _Refused(Guard(kind, record.id, 0))
            if before is not None and not may_follow(before, record):
                raise refused
            for slot in slots(record):
                if slot in taken or (slot in self._holders and slot not in freed):
                    raise refused
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

    def _index(self, record: AnyRecord) -> None:
        if isinstance(record, License):
            self._licenses_of.setdefault(record.account_id, []).append(record.id)
        elif isinstance(record, Invoice):
            self._invoices_of.setdefault(record.license_id, []).append(record.id)
        elif isinstance(record, ChargeAttempt):
            self._attempts_of.setdefault(record.license_id, []).append(record.id)
        elif isinstance(record, Refund):
            self._refunds_of.setdefault(record.license_id, []).append(record.id)

    def _use_card(self, attempt: ChargeAttempt, now: datetime) -> None:
        mark, since = attempt.fingerprint, usage_since(now)
        self._last_use_of[mark] = max(self._last_use_of.get(mark, 0), attempt.card_use)
        tries = self._tries_on.setdefault(mark, {})
        tries[attempt.card_use] = CardTry.of(attempt)
        # What is out of the window can come back into it only by being sent again.
        over = [n for n, tried in tries.items() if tried.at <= since and not tried.state.is_unresolved]
        for number in over:
            del tries[number]

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
        attempts = self._records[RecordKind.ATTEMPT]
        mine = [attempts[attempt_id] for attempt_id in self._attempts_of.get(license.id, ())]
        given_back = self._records[RecordKind.REFUND]
        refunds = [given_back[refund_id] for refund_id in self._refunds_of.get(license.id, ())]
        unresolved = unsettled(mine, refunds)
        known = self._records[RecordKind.INVOICE]
        issued = (known[invoice_id] for invoice_id in self._invoices_of.get(license.id, ()))
        invoices = [invoice for invoice in issued if matters(invoice, license, unresolved)]
        kept = {invoice.id for invoice in invoices}
        since = usage_since(self.now())
        used = {card.fingerprint for card in account.cards} & self._last_use_of.keys()
        uses = [self._card_use(mark, since) for mark in used]
        tried = [attempt for attempt in mine if attempt.invoice_id in kept]
        controls = self.controls()
        return assemble(account, license, invoices, tried, refunds, card_uses=uses, controls=controls)

    def _card_use(self, mark: str, since: datetime) -> CardUse:
        tries = sorted(self._tries_on[mark].items())
        recent = tuple(tried for _, tried in tries if tried.at > since)
        return CardUse(fingerprint=mark, last=self._last_use_of[mark], tries=recent)

    def _page(
        self, kind: RecordKind, after: str | None, limit: int, keep: Callable[[Any], bool]
    ) -> Page[Any]:
        with self._lock:
            ordered = sorted(self._records[kind].items())
            rest = (record for record_id, record in ordered if after is None or record_id > after)
            items = list(islice((record for record in rest if keep(record)), limit + 1))
            more = items[limit - 1].id if len(items) > limit else None
            return Page(items=tuple(items[:limit]), next=more)
