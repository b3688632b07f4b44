"""Stores that hand out work wrongly, or lose races and crashes. Each is wrong in one way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import sleep
from typing import Any

import attrs

from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.events import Event
from billing_core.stores.port import Change, CommitResult, RecordKind, Shard
from billing_core.stores.selection import shard_hash
from billing_core.testing.store_kit import races, survival, work
from tests.kits.broken import caught_by
from tests.kits.plain_store import PlainStore, Tables

#: Long enough for another thread to step in, every time.
A_MOMENT = 0.002


# -- claims, leases, shards ------------------------------------------------------------------


@caught_by(work.check_due_licenses_come_oldest_first)
class NewestFirst(PlainStore):
    """What is due longest comes last, and on a busy day never."""

    def due(self, tables: Tables, now: datetime, shard: Shard) -> list[str]:
        return super().due(tables, now, shard)[::-1]


@caught_by(work.check_due_licenses_come_oldest_first)
class ClaimedEarly(PlainStore):
    """Whole seconds are compared: a license is claimed before its time."""

    def due(self, tables: Tables, now: datetime, shard: Shard) -> list[str]:
        return super().due(tables, now + timedelta(seconds=1), shard)


@caught_by(work.check_claims_give_dossiers)
class ClaimsWithoutInvoices(PlainStore):
    """A claim hands out licenses without the rest of their dossiers."""

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        claimed = super().claim_due(limit, lease, shard)
        return tuple(Dossier(account=it.account, license=it.license) for it in claimed)


@caught_by(work.check_big_claims_are_complete)
class ClaimsCut(PlainStore):
    """What does not fit one statement is leased, and handed to nobody."""

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        return super().claim_due(limit, lease, shard)[:200]


@caught_by(work.check_leases_end_on_time)
class LeaseNeverEnds(PlainStore):
    """A license whose worker died is never claimed again."""

    def is_free(self, tables: Tables, license_id: str, now: datetime) -> bool:
        return license_id not in tables.leased_until


@caught_by(work.check_leases_end_on_time)
class LeaseIgnored(PlainStore):
    """What is leased is claimed again at once."""

    def is_free(self, tables: Tables, license_id: str, now: datetime) -> bool:
        return True


@caught_by(work.check_leases_end_on_time)
class LeaseInOneProcess(PlainStore):
    """Leases are kept in memory, where other processes don't see them."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.mine: dict[str, datetime] = {}

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        claimed = super().claim_due(limit, lease, shard)
        self.mine |= {it.license.id: self.now() + lease for it in claimed}
        return claimed

    def is_free(self, tables: Tables, license_id: str, now: datetime) -> bool:
        return self.mine.get(license_id, now) <= now


@caught_by(work.check_wake_ups_give_the_lease_back)
class LeaseKeptAfterWake(PlainStore):
    """A license that is woken waits for the end of its lease."""

    def wake(self, tables: Tables, change: Change, now: datetime) -> None:
        leases = dict(tables.leased_until)
        super().wake(tables, change, now)
        tables.leased_until = leases


@caught_by(work.check_licenses_without_wake_up_are_never_due)
class NoWakeUpIsIgnored(PlainStore):
    """A wake-up can be moved, but not taken away."""

    def wake(self, tables: Tables, change: Change, now: datetime) -> None:
        kept = tuple(wake for wake in change.wakes if wake.at is not None)
        super().wake(tables, attrs.evolve(change, wakes=kept), now)


@caught_by(work.check_account_changes_wake_all_licenses)
class WakeLost(PlainStore):
    """A change of an account wakes nobody: a new card waits for the next retry."""

    def wake_accounts(self, tables: Tables, change: Change, now: datetime) -> None:
        pass


@caught_by(work.check_account_changes_wake_all_licenses)
class PlaceInLineLost(PlainStore):
    """A change of an account sends licenses that are due already to the end of the line."""

    def wake_accounts(self, tables: Tables, change: Change, now: datetime) -> None:
        for license_ in tables.of(RecordKind.LICENSE):
            if license_.account_id in change.wake_accounts:
                tables.wake_at[license_.id] = now


@caught_by(work.check_account_changes_leave_leases)
class WakeDropsLeases(PlainStore):
    """A change of an account hands licenses out that somebody is working on."""

    def wake_accounts(self, tables: Tables, change: Change, now: datetime) -> None:
        super().wake_accounts(tables, change, now)
        if change.wake_accounts:
            tables.leased_until.clear()


@caught_by(work.check_own_wake_up_comes_last)
class OwnWakeUpFirst(PlainStore):
    """An account's change overrides what was decided about its license in the same change."""

    def wake(self, tables: Tables, change: Change, now: datetime) -> None:
        super().wake(tables, change, now)
        self.wake_accounts(tables, change, now)


@caught_by(work.check_only_licenses_can_be_woken)
class NobodyIsWoken(PlainStore):
    """A wake-up for a license that is not there updates no row, and nobody looks."""

    def check_wakes(self, tables: Tables, change: Change) -> None:
        pass


@caught_by(work.check_shards_are_disjoint_and_complete)
class ShardsOverlap(PlainStore):
    """Neighbouring shards share licenses."""

    def due(self, tables: Tables, now: datetime, shard: Shard) -> list[str]:
        mine = {shard.number, (shard.number + 1) % shard.count}
        return [it for it in super().due(tables, now, Shard()) if shard_hash(it) % shard.count in mine]

    def is_free(self, tables: Tables, license_id: str, now: datetime) -> bool:
        # Overlap alone would be hidden by leases; a late worker finds them over.
        return True


@caught_by(work.check_shards_are_disjoint_and_complete)
class ShardsWithHoles(PlainStore):
    """Some licenses are in no shard."""

    def due(self, tables: Tables, now: datetime, shard: Shard) -> list[str]:
        due = super().due(tables, now, Shard())
        return [it for it in due if shard.count == 1 or shard_hash(it) % (shard.count + 1) == shard.number]


# -- crashes -----------------------------------------------------------------------------


@caught_by(survival.check_interrupted_commits_leave_nothing)
class WritesAsItGoes(PlainStore):
    """Each statement is a transaction of its own."""

    def carry_out(self, tables: Tables, change: Change, now: datetime) -> CommitResult:
        self.disk.tables = tables
        return super().carry_out(tables, change, now)

    def write(self, tables: Tables, change: Change) -> tuple[Invoice, ...]:
        invoices = super().write(tables, change)
        self.disk.tables = tables.copy()
        return invoices


@caught_by(survival.check_interrupted_claims_take_nothing)
class ClaimsAsItGoes(PlainStore):
    """A claim's leases stay when the claim breaks."""

    @contextmanager
    def transaction(self) -> Iterator[Tables]:
        with super().transaction() as tables:
            leased = self.disk.tables.leased_until
            tables.leased_until = leased
            yield tables


@caught_by(survival.check_own_writes_are_read)
class StaleReads(PlainStore):
    """Licenses are cached by each store, and read from there."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.cache: dict[str, Any] = {}

    def license(self, license_id: str, /) -> Any:
        return self.cache.setdefault(license_id, super().license(license_id))

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        for change in changes:
            for license_ in change.licenses:
                self.license(license_.id)
        return super().commit(changes)


@caught_by(survival.check_committed_data_is_found_again)
class KeysInMemory(PlainStore):
    """Which events were stored is remembered by the store, not by the database."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.forgotten = {event.id for event in self.disk.tables.events}

    def check_events(self, tables: Tables, change: Change) -> None:
        known = Tables(events=[event for event in tables.events if event.id not in self.forgotten])
        super().check_events(known, change)


# -- races -------------------------------------------------------------------------------


@caught_by(races.check_each_version_is_written_once)
class ChecksThenWrites(PlainStore):
    """Guards are checked in one transaction, and the change is written in the next."""

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        self.ensure_sound(changes)
        tables = self.disk.tables.copy()
        sleep(A_MOMENT)
        results = tuple(self.carry_out(tables, change, self.now()) for change in changes)
        self.disk.statement()
        self.disk.tables = tables
        return results


@caught_by(races.check_each_period_is_billed_and_charged_once)
class KeysLookedUpBefore(PlainStore):
    """Whether a key is free is looked up before the transaction begins; no index holds it."""

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        if any(change.attempts for change in changes):
            self.looked_up = self.disk.tables
            sleep(A_MOMENT)
        else:
            self.looked_up = None
        return super().commit(changes)

    looked_up: Tables | None = None

    def check_keys(self, tables: Tables, change: Change) -> None:
        super().check_keys(self.looked_up or tables, change)


@caught_by(races.check_each_number_is_given_once)
class NumberOutside(PlainStore):
    """The next number is read before the transaction begins: ``SELECT max(number) + 1``."""

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        self.before = dict(self.disk.tables.numbers)
        if any(change.invoices for change in changes):
            sleep(A_MOMENT)
        return super().commit(changes)

    def next_number(self, tables: Tables, invoice: Invoice) -> int:
        series = (invoice.seller_id, invoice.series)
        self.before[series] = tables.numbers[series] = self.before.get(series, 0) + 1
        return self.before[series]


@caught_by(races.check_each_due_license_is_claimed_once)
class ClaimsTwice(PlainStore):
    """Due licenses are selected, and leased a moment later, without a lock in between."""

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        now = self.now()
        tables = self.disk.tables
        due = self.due(tables, now, shard)[:limit]
        sleep(A_MOMENT)
        for license_id in due:
            self.disk.statement()
            tables.leased_until[license_id] = now + lease
        return tuple(self.assembled(tables, license_id) for license_id in due)


@caught_by(races.check_readers_see_whole_commits)
class TwoViews(PlainStore):
    """A dossier's account and its license are read one after the other, each from what is there then."""

    def dossier(self, license_id: str, /) -> Dossier | None:
        found = super().dossier(license_id)
        if found is None:
            return None
        sleep(A_MOMENT)
        return attrs.evolve(found, account=self.account(found.account.id) or found.account)


@caught_by(races.check_events_appear_in_order)
class NumberedBeforeCommit(PlainStore):
    """Events get their numbers when they are written, and show up when their transaction ends."""

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        with self.disk.lock:
            self.first = self.disk.drawn
            self.disk.drawn += sum(len(change.events) for change in changes)
        if self.first % 2 == 0:
            sleep(A_MOMENT)
        return super().commit(changes)

    def tell(self, tables: Tables, change: Change) -> tuple[Event, ...]:
        placed = tuple(event.at_sequence(self.first + place) for place, event in enumerate(change.events, 1))
        self.first += len(placed)
        tables.events = sorted([*tables.events, *placed], key=lambda event: event.sequence)
        return placed

    def events(self, after: int, limit: int, /) -> tuple[Event, ...]:
        return tuple(event for event in self.tables.events if event.sequence > after)[:limit]
