"""Stores that find the wrong records, or give back others than were written. Each is wrong in one way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import CardUse, Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.licenses.license import License
from billing_core.stores.port import AttemptFilter, Change, Page, RecordKind, RefundFilter
from billing_core.testing.store_kit import cards, controls, dossiers, pages, refunds, round_trip
from tests.kits.broken import caught_by
from tests.kits.plain_store import PlainStore, Tables

# -- dossiers ----------------------------------------------------------------------------


@caught_by(dossiers.check_dossiers_leave_out_what_is_over)
class EverythingMatters(PlainStore):
    """A dossier holds every invoice that there ever was, and grows for ever."""

    def matters(self, invoice: Invoice, license_: License, unresolved: frozenset[str]) -> bool:
        return True


@caught_by(dossiers.check_dossiers_hold_what_matters)
class OpenOnly(PlainStore):
    """A dossier leaves voided revisions out, so that one of them is used again."""

    def matters(self, invoice: Invoice, license_: License, unresolved: frozenset[str]) -> bool:
        return invoice.is_open or invoice.id in unresolved


@caught_by(dossiers.check_dossiers_hold_what_matters)
class CoveredIsOver(PlainStore):
    """A dossier leaves out an open invoice because its period is covered."""

    def matters(self, invoice: Invoice, license_: License, unresolved: frozenset[str]) -> bool:
        return invoice.id in unresolved or invoice.period.end > license_.paid_until


@caught_by(dossiers.check_dossiers_hold_what_may_still_move_money)
class PaidIsOver(PlainStore):
    """A dossier leaves out a paid invoice, though an attempt at it may still take money."""

    def matters(self, invoice: Invoice, license_: License, unresolved: frozenset[str]) -> bool:
        return invoice.is_open or invoice.period.end > license_.paid_until


@caught_by(dossiers.check_dossiers_are_in_order)
class DossierById(PlainStore):
    """Invoices and attempts come in the order of their ids."""

    def assembled(self, tables: Tables, license_id: str) -> Dossier:
        found = super().assembled(tables, license_id)
        return attrs.evolve(
            found,
            invoices=tuple(sorted(found.invoices, key=lambda it: it.id)),
            attempts=tuple(sorted(found.attempts, key=lambda it: it.id)),
        )


@caught_by(cards.check_dossiers_tell_how_cards_were_used)
class OwnUsesOnly(PlainStore):
    """What the same physical card was used for on another account does not count."""

    def assembled(self, tables: Tables, license_id: str) -> Dossier:
        payer = tables.records[RecordKind.LICENSE, license_id].account_id
        mine = {
            key: record
            for key, record in tables.records.items()
            if not isinstance(record, ChargeAttempt) or record.account_id == payer
        }
        return super().assembled(attrs.evolve(tables, records=mine), license_id)


@caught_by(cards.check_card_uses_count_from_the_last_send)
class CountedFromTheFirstSend(PlainStore):
    """An attempt that was sent again counts from when it was sent first."""

    def card_use(self, tables: Tables, mark: str) -> CardUse | None:
        first = {
            key: attrs.evolve(it, last_sent_at=it.first_sent_at) if isinstance(it, ChargeAttempt) else it
            for key, it in tables.records.items()
        }
        return super().card_use(attrs.evolve(tables, records=first), mark)


@caught_by(refunds.check_dossiers_hold_unsettled_refunds)
class RefundsAreOver(PlainStore):
    """A dossier leaves out the refunds of a period that is over, though money may still go back."""

    def assembled(self, tables: Tables, license_id: str) -> Dossier:
        kept = {key: it for key, it in tables.records.items() if key[0] is not RecordKind.REFUND}
        return super().assembled(attrs.evolve(tables, records=kept), license_id)


@caught_by(controls.check_dossiers_hold_the_controls)
class StopUnseen(PlainStore):
    """A dossier does not tell that sending was stopped."""

    def controls_in(self, tables: Tables) -> Controls:
        return Controls()

    def controls(self) -> Controls:
        return super().controls_in(self.tables)


# -- lists ---------------------------------------------------------------------------------


@caught_by(pages.check_pages_follow_each_other)
class FullPagePromisesMore(PlainStore):
    """A page that is full says that there is another, though it holds the last record."""

    def page(self, kind: RecordKind, keep: Callable[[Any], bool], after: str | None, limit: int) -> Page[Any]:
        found = super().page(kind, keep, after, limit)
        return attrs.evolve(found, next=found.items[-1].id if len(found.items) == limit else None)


@caught_by(pages.check_pages_follow_each_other)
class PageSkipsOne(PlainStore):
    """The next page starts after the record that was read to see whether there is one."""

    def page(self, kind: RecordKind, keep: Callable[[Any], bool], after: str | None, limit: int) -> Page[Any]:
        found = super().page(kind, keep, after, limit + 1)
        return Page(items=found.items[:limit], next=found.items[-1].id if len(found.items) > limit else None)


@caught_by(pages.check_ids_are_ordered_by_code_point)
class TiesSkipped(PlainStore):
    """Ids are compared without case, and those that tie are found once."""

    def page(self, kind: RecordKind, keep: Callable[[Any], bool], after: str | None, limit: int) -> Page[Any]:
        by_key = {record.id.lower(): record for record in self.tables.of(kind) if keep(record)}
        rest = [by_key[key] for key in sorted(by_key) if after is None or key > after.lower()]
        return Page(items=tuple(rest[:limit]), next=rest[limit - 1].id if len(rest) > limit else None)


@caught_by(pages.check_filters_narrow_lists)
class FilterForgotten(PlainStore):
    """One of the filters of attempts is not looked at."""

    def attempts(self, filter: AttemptFilter, after: str | None, limit: int, /) -> Page[ChargeAttempt]:
        return super().attempts(attrs.evolve(filter, needs_attention=None), after, limit)


@caught_by(refunds.check_refund_filters_narrow_lists)
class RefundFilterForgotten(PlainStore):
    """One of the filters of refunds is not looked at."""

    def refunds(self, filter: RefundFilter, after: str | None, limit: int, /) -> Page[Refund]:
        return super().refunds(attrs.evolve(filter, attempt_id=None), after, limit)


@caught_by(pages.check_unknown_ids_find_nothing)
class UnknownIdFails(PlainStore):
    """Asking for the dossier of nobody fails."""

    def dossier(self, license_id: str, /) -> Dossier | None:
        return self.assembled(self.tables, license_id)


# -- round trips -------------------------------------------------------------------------


class _Rewritten(PlainStore):
    """Stores something else than it was given."""

    def rewritten(self, value: Any) -> Any:
        raise NotImplementedError

    def encoded(self, record: Any) -> Any:
        return self._deep(record)

    def _deep(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._deep(item) for item in value)
        if attrs.has(type(value)) and type(value).__name__ not in {"Currency", "Plan", "RenewalSchedule"}:
            fields = [it for it in attrs.fields(type(value)) if it.init]
            changed = {it.alias or it.name: self._deep(getattr(value, it.name)) for it in fields}
            return attrs.evolve(value, **changed)
        return self.rewritten(value)


@caught_by(round_trip.check_amounts_of_any_size_are_exact)
class FloatMoney(_Rewritten):
    """Amounts are kept in a column of floats."""

    def rewritten(self, value: Any) -> Any:
        return int(float(value)) if isinstance(value, int) and not isinstance(value, bool) else value


class _Ascii(_Rewritten):
    kept: type = object

    def encoded(self, record: Any) -> Any:
        return super().encoded(record) if isinstance(record, self.kept) else record

    def rewritten(self, value: Any) -> Any:
        is_text = type(value) is str
        return value.encode("ascii", "replace").decode() if is_text else value


@caught_by(round_trip.check_accounts_come_back)
class AsciiAccounts(_Ascii):
    """Names that are not ASCII are kept as question marks."""

    kept = Account


@caught_by(round_trip.check_licenses_come_back)
class AsciiLicenses(_Ascii):
    """What people give as reasons is kept as question marks."""

    kept = License


@caught_by(round_trip.check_invoices_come_back)
class WholeSeconds(_Rewritten):
    """Instants are kept without their fraction of a second."""

    def rewritten(self, value: Any) -> Any:
        return value.replace(microsecond=0) if isinstance(value, datetime) else value


@caught_by(round_trip.check_attempts_come_back)
class UncertainTimeForgotten(PlainStore):
    """How long an attempt was in doubt has no column."""

    def encoded(self, record: Any) -> Any:
        is_attempt = isinstance(record, ChargeAttempt)
        return attrs.evolve(record, uncertain_for=timedelta()) if is_attempt else record


@caught_by(refunds.check_refunds_come_back)
class DecisionForgotten(PlainStore):
    """What a person decided about a refund has no column."""

    def encoded(self, record: Any) -> Any:
        return attrs.evolve(record, decision=None) if isinstance(record, Refund) else record


@caught_by(round_trip.check_events_come_back)
class EventsWithoutReason(PlainStore):
    """Events are stored without the reason that a person gave."""

    def tell(self, tables: Tables, change: Change) -> tuple[Any, ...]:
        told = super().tell(tables, change)
        tables.events = [attrs.evolve(event, reason=None) for event in tables.events]
        return told


@caught_by(round_trip.check_instants_are_aware_and_exact)
class NaiveTime(PlainStore):
    """Wake-ups come back without their zone."""

    def wake_at(self, license_id: str, /) -> datetime | None:
        at = super().wake_at(license_id)
        return at.replace(tzinfo=None) if at is not None else None


@caught_by(round_trip.check_instants_are_aware_and_exact)
class WallClockTime(PlainStore):
    """The zone of a wake-up is dropped, and read as another one."""

    def wake(self, tables: Tables, change: Change, now: datetime) -> None:
        super().wake(tables, change, now)
        utc = now.tzinfo
        tables.wake_at = {key: at and at.replace(tzinfo=utc) for key, at in tables.wake_at.items()}


@caught_by(round_trip.check_time_is_the_clocks)
class ClockReadOnce(PlainStore):
    """The time is read when the store is opened."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.opened_at = self.clock.now()

    def now(self) -> datetime:
        return self.opened_at
