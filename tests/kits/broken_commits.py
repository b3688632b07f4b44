"""Stores whose commits are wrong: guards, keys, batches, numbers, events. Each is wrong in one way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import attrs

from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.stores.port import Change, CommitResult, Guard, RecordKind
from billing_core.stores.rules import AnyRecord, may_follow, slots
from billing_core.testing.store_kit import batches, cards, controls, guards, keys, numbers, refunds
from tests.kits.broken import caught_by
from tests.kits.plain_store import PlainStore, Refused, Tables

Slots = Iterable[tuple[str | int, ...]]


# -- guards ----------------------------------------------------------------------------


@caught_by(guards.check_stale_versions_write_nothing)
class NoGuards(PlainStore):
    """Guards are not looked at: the last writer wins."""

    def check_guards(self, tables: Tables, change: Change) -> None:
        pass


@caught_by(guards.check_records_only_read_are_guarded)
class GuardsOfWrittenOnly(PlainStore):
    """Only the records that are written are compared and swapped."""

    def check_guards(self, tables: Tables, change: Change) -> None:
        written = {(kind, record.id) for kind, record in change.writes}
        kept = tuple(guard for guard in change.guards if (guard.kind, guard.id) in written)
        super().check_guards(tables, attrs.evolve(change, guards=kept))


@caught_by(guards.check_version_zero_inserts_once)
class InsertsReplace(PlainStore):
    """A new record is written by ``INSERT OR REPLACE``."""

    def check_guards(self, tables: Tables, change: Change) -> None:
        written = {(kind, record.id) for kind, record in change.writes}
        kept = tuple(it for it in change.guards if it.version != 0 or (it.kind, it.id) not in written)
        super().check_guards(tables, attrs.evolve(change, guards=kept))


@caught_by(guards.check_absence_is_guarded)
class AbsenceUnchecked(PlainStore):
    """A guard that something is not there is not looked at."""

    def check_guards(self, tables: Tables, change: Change) -> None:
        written = {(kind, record.id) for kind, record in change.writes}
        kept = tuple(it for it in change.guards if it.version != 0 or (it.kind, it.id) in written)
        super().check_guards(tables, attrs.evolve(change, guards=kept))


@caught_by(guards.check_missing_records_are_named)
class MissingIsFine(PlainStore):
    """A guard on a record that is not there finds no row that differs."""

    def check_guards(self, tables: Tables, change: Change) -> None:
        kept = tuple(it for it in change.guards if it.version == 0 or (it.kind, it.id) in tables.records)
        super().check_guards(tables, attrs.evolve(change, guards=kept))


@caught_by(controls.check_controls_are_one_guarded_record)
class StopUnguarded(PlainStore):
    """The controls are no record like others: a guard on them is not looked at."""

    def check_guards(self, tables: Tables, change: Change) -> None:
        kept = tuple(guard for guard in change.guards if guard.kind is not RecordKind.CONTROLS)
        super().check_guards(tables, attrs.evolve(change, guards=kept))


@caught_by(controls.check_events_about_the_store_are_stored_once)
class EventsNeedAnAccount(PlainStore):
    """An event without an account is lost in a join."""

    def tell(self, tables: Tables, change: Change) -> tuple[Event, ...]:
        told = super().tell(tables, change)
        tables.events = [event for event in tables.events if event.account_id is not None]
        return told


@caught_by(guards.check_broken_contracts_raise)
class ContractUnchecked(PlainStore):
    """Whatever a caller hands in is carried out."""

    def ensure_sound(self, changes: Sequence[Change]) -> None:
        pass


@caught_by(guards.check_nothing_is_committed_for_nothing)
class NothingFails(PlainStore):
    """A commit of nothing fails, as an empty list of rows does in some drivers."""

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        if not changes:
            raise ValueError("nothing to execute")
        return super().commit(changes)


# -- keys ------------------------------------------------------------------------------


class _WithoutSlot(PlainStore):
    dropped = ""

    def slots(self, record: AnyRecord) -> Slots:
        return (slot for slot in slots(record) if slot[0] != self.dropped)


@caught_by(keys.check_invoice_keys_are_unique)
class NoInvoiceKey(_WithoutSlot):
    """A void invoice's key can be used again."""

    dropped = "invoice"


@caught_by(keys.check_one_live_invoice_per_period)
class PeriodBilledTwice(_WithoutSlot):
    """Two revisions of one period's invoice can be open at once."""

    dropped = "live invoice"


@caught_by(keys.check_attempt_numbers_are_unique)
class NoAttemptNumber(_WithoutSlot):
    """An invoice can have two attempts of one number."""

    dropped = "attempt"


@caught_by(keys.check_idempotency_keys_are_unique)
class NoIdempotencyKey(_WithoutSlot):
    """Two attempts can share an idempotency key."""

    dropped = "idempotency key"


@caught_by(cards.check_card_uses_are_unique)
class CardUsedTwiceAtOnce(_WithoutSlot):
    """Two attempts can be the same one in the count of a card's network."""

    dropped = "card use"


@caught_by(keys.check_one_unresolved_attempt_per_license)
class SecondAttempt(_WithoutSlot):
    """A license can have two unresolved attempts."""

    dropped = "open attempt"


@caught_by(keys.check_one_unresolved_attempt_per_license)
class UnknownIsOver(PlainStore):
    """Only an attempt in the state OPEN keeps its license; an unknown one does not."""

    def slots(self, record: AnyRecord) -> Slots:
        is_open = isinstance(record, ChargeAttempt) and record.state is AttemptState.OPEN
        return (slot for slot in slots(record) if slot[0] != "open attempt" or is_open)


@caught_by(keys.check_resolved_attempts_make_room)
class OneAttemptForEver(PlainStore):
    """A unique index without its condition: a license has one attempt, and never another."""

    def slots(self, record: AnyRecord) -> Slots:
        yield from (slot for slot in slots(record) if slot[0] != "open attempt")
        if isinstance(record, ChargeAttempt):
            yield ("open attempt", record.license_id)


@caught_by(keys.check_keys_are_compared_as_a_whole)
class KeyWithoutTerm(PlainStore):
    """The same period of two terms is taken for one."""

    def slots(self, record: AnyRecord) -> Slots:
        for slot in slots(record):
            yield (*slot[:2], *slot[3:]) if slot[0] == "live invoice" else slot


@caught_by(keys.check_keys_hold_within_a_change)
class KeysOfCommittedOnly(PlainStore):
    """Keys are compared with what is stored, and not with the rest of the change."""

    def check_keys(self, tables: Tables, change: Change) -> None:
        for invoice in change.invoices:
            super().check_keys(tables, Change(invoices=(invoice,)))
        for attempt in change.attempts:
            super().check_keys(tables, Change(attempts=(attempt,)))


@caught_by(keys.check_one_change_may_replace)
class TakesBeforeGiving(PlainStore):
    """A key that a change gives back is still taken for the rest of the change."""

    def check_keys(self, tables: Tables, change: Change) -> None:
        super().check_keys(tables, change)
        before = {slot: key for key, record in tables.records.items() for slot in slots(record)}
        for kind, record in change.writes:
            for slot in slots(record):
                if before.get(slot, (kind, record.id)) != (kind, record.id):
                    raise Refused(Guard(kind, record.id, 0))


@caught_by(keys.check_void_invoices_stay_void)
class VoidIsRevived(PlainStore):
    """A void invoice can be overwritten."""

    def may_follow(self, before: AnyRecord, after: AnyRecord) -> bool:
        return isinstance(before, Invoice) or may_follow(before, after)


@caught_by(keys.check_resolved_attempts_stay_resolved)
class ResolvedIsReopened(PlainStore):
    """A declined attempt can become open again."""

    def may_follow(self, before: AnyRecord, after: AnyRecord) -> bool:
        return isinstance(before, ChargeAttempt) or may_follow(before, after)


@caught_by(refunds.check_one_unresolved_refund_per_charge)
class SecondRefund(_WithoutSlot):
    """A charge can have two unresolved refunds."""

    dropped = "open refund"


@caught_by(refunds.check_refund_numbers_are_unique)
class NoRefundNumber(_WithoutSlot):
    """A charge can have two refunds of one number."""

    dropped = "refund"


@caught_by(refunds.check_refund_keys_are_unique)
class NoRefundKey(_WithoutSlot):
    """Two refunds can share an idempotency key."""

    dropped = "refund key"


@caught_by(refunds.check_resolved_refunds_make_room)
class OneRefundForEver(PlainStore):
    """A unique index without its condition: a charge has one refund, and never another."""

    def slots(self, record: AnyRecord) -> Slots:
        yield from (slot for slot in slots(record) if slot[0] != "open refund")
        if isinstance(record, Refund):
            yield ("open refund", record.attempt_id)


@caught_by(refunds.check_resolved_refunds_stay_resolved)
class RefundIsReopened(PlainStore):
    """A refund that never happened can become open again, and be sent again."""

    def may_follow(self, before: AnyRecord, after: AnyRecord) -> bool:
        return isinstance(before, Refund) or may_follow(before, after)


@caught_by(keys.check_events_are_stored_once)
class EventsRepeat(PlainStore):
    """The id of an event is no key."""

    def check_events(self, tables: Tables, change: Change) -> None:
        pass


# -- batches -----------------------------------------------------------------------------


@caught_by(batches.check_a_refused_change_undoes_no_other)
class AllOrNobody(PlainStore):
    """One stale change fails all changes of its commit."""

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        before = self.disk.tables
        results = super().commit(changes)
        if all(result.ok for result in results):
            return results
        self.disk.tables = before
        return tuple(it if it.conflict else CommitResult(conflict=changes[0].guards[0]) for it in results)


@caught_by(batches.check_a_taken_key_costs_others_nothing)
class TakenKeyEndsTheBatch(PlainStore):
    """After a taken key the database's transaction is broken, and what follows is refused."""

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        is_broken = False
        results = []
        for change in changes:
            if is_broken:
                results.append(CommitResult(conflict=change.guards[0]))
                continue
            (result,) = super().commit([change])
            is_broken = result.conflict is not None and result.actual_version is None
            results.append(result)
        self.ensure_sound(changes)
        return tuple(results)


@caught_by(batches.check_late_failures_leave_nothing)
class PartialChange(PlainStore):
    """Records are written before the last thing that can fail, and stay."""

    def carry_out(self, tables: Tables, change: Change, now: datetime) -> CommitResult:
        try:
            self.check_guards(tables, change)
            self.check_keys(tables, change)
            invoices = self.write(tables, change)
            self.check_events(tables, change)
            self.check_wakes(tables, change)
        except Refused as refused:
            return CommitResult(conflict=refused.guard, actual_version=refused.actual)
        events = self.tell(tables, change)
        self.wake(tables, change, now)
        return CommitResult(invoices=invoices, events=events)


# -- numbers and events ---------------------------------------------------------------------


@caught_by(numbers.check_invoice_numbers_have_no_gaps)
class NumbersFromASequence(PlainStore):
    """Numbers come from the database's sequence, which keeps what is rolled back."""

    def carry_out(self, tables: Tables, change: Change, now: datetime) -> CommitResult:
        result = super().carry_out(tables, change, now)
        if not result.ok:
            for invoice in change.invoices:
                self.next_number(tables, invoice)
        return result


@caught_by(numbers.check_invoice_numbers_have_no_gaps)
class OneSeriesForAll(PlainStore):
    """Sellers share their numbers."""

    def next_number(self, tables: Tables, invoice: Invoice) -> int:
        return super().next_number(tables, attrs.evolve(invoice, seller_id="all"))


@caught_by(numbers.check_one_change_numbers_its_invoices_in_order)
class NumbersById(PlainStore):
    """The invoices of a change are numbered in the order of their ids."""

    def write(self, tables: Tables, change: Change) -> tuple[Invoice, ...]:
        in_order = tuple(sorted(change.invoices, key=lambda invoice: invoice.id))
        numbered = {it.id: it for it in super().write(tables, attrs.evolve(change, invoices=in_order))}
        return tuple(numbered[invoice.id] for invoice in change.invoices)


@caught_by(numbers.check_invoices_keep_their_number)
class NumberedAgain(PlainStore):
    """An invoice gets a new number whenever it is written."""

    def numbered(self, tables: Tables, invoice: Invoice) -> Invoice:
        return invoice.numbered(self.next_number(tables, invoice))


@caught_by(numbers.check_invoices_keep_their_number)
class RenumberedAtWill(PlainStore):
    """Whoever writes an invoice may give it another number."""

    def may_follow(self, before: AnyRecord, after: AnyRecord) -> bool:
        numberless = attrs.evolve(after, number=None) if isinstance(after, Invoice) else after
        return may_follow(before, numberless)

    def numbered(self, tables: Tables, invoice: Invoice) -> Invoice:
        return invoice if invoice.number is not None else super().numbered(tables, invoice)


class _Telling(PlainStore):
    def told(self, change: Change) -> Iterable[Event]:
        return change.events

    def tell(self, tables: Tables, change: Change) -> tuple[Event, ...]:
        super().tell(tables, attrs.evolve(change, events=tuple(self.told(change))))
        placed = {event.id: event for event in tables.events}
        return tuple(placed.get(event.id, event) for event in change.events)


@caught_by(numbers.check_events_are_numbered_in_commit_order)
class EventsLost(_Telling):
    """Of several events of a change, the first is stored."""

    def told(self, change: Change) -> Iterable[Event]:
        return change.events[:1]


@caught_by(numbers.check_events_are_numbered_in_commit_order)
class EventsDuplicated(_Telling):
    """Every event is stored twice."""

    def told(self, change: Change) -> Iterator[Event]:
        for event in change.events:
            yield from (event, event)


@caught_by(numbers.check_events_are_numbered_in_commit_order)
class EventsReordered(_Telling):
    """The events of a change are stored in the order of their ids."""

    def told(self, change: Change) -> Iterable[Event]:
        return sorted(change.events, key=lambda event: event.id)


@caught_by(numbers.check_events_are_numbered_in_commit_order)
class EventsOutside(PlainStore):
    """Events are published on their own, also of a change that is then refused."""

    def carry_out(self, tables: Tables, change: Change, now: datetime) -> CommitResult:
        known = {event.id for event in tables.events}
        told = self.tell(
            tables, attrs.evolve(change, events=tuple(it for it in change.events if it.id not in known))
        )
        result = super().carry_out(tables, attrs.evolve(change, events=()), now)
        return attrs.evolve(result, events=told) if result.ok else result


@caught_by(numbers.check_events_are_read_from_where_one_stopped)
class LastEventAgain(PlainStore):
    """``>=`` instead of ``>``: the last event that was seen comes again."""

    def events(self, after: int, limit: int, /) -> tuple[Event, ...]:
        return super().events(after - 1, limit)
