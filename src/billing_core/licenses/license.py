"""
The license: what an account has bought, and which days of it are covered.

Terms and coverage rows are append-only. Nothing here says whether the license
is active: that is derived from the time (`billing_core.charging.status`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import attrs

from billing_core.issues import Choice, invalid
from billing_core.licenses.coverage import CoverageKind, CoverageRow, appended
from billing_core.licenses.extension import Extension
from billing_core.licenses.plan import Plan, check_quantity
from billing_core.records import Record
from billing_core.values.money import Money
from billing_core.values.schedule import Period, RenewalSchedule
from billing_core.values.texts import Id, Text, ZoneName
from billing_core.values.typed import evolve
from billing_core.values.zones import start_of

__all__ = ["Cancellation", "License", "Pause", "PendingChange", "Term"]


@attrs.frozen(kw_only=True)
class Term(Record):
    """
    A stretch of periods under one schedule, zone and plan version.

    Periods keep their index on the schedule, so that (term, index) names one
    period for ever; a term that only changes the zone or the plan goes on
    counting where the last one stopped, and month ends don't drift.

    Attributes:
        number: 1 for the first term.
        schedule: where every period boundary comes from.
        first_index: the index of the term's first period on its schedule.
        zone: the IANA zone in which its days begin.
        plan: the plan version that was sold.
        quantity: how many seats each period is billed for.
    """

    number: int
    schedule: RenewalSchedule
    first_index: int = 0
    zone: ZoneName
    plan: Plan
    quantity: int = attrs.field(validator=lambda _, __, value: check_quantity(value))

    @property
    def start(self) -> date:
        """The first day of the term."""
        return self.schedule.boundary(self.first_index)

    def rescheduled(self, schedule: RenewalSchedule) -> Term:
        """The term with another schedule, for a license that is not stored yet."""
        return evolve(self, schedule=schedule)

    @property
    def plan_version(self) -> int:
        """The version of the plan that was sold."""
        return self.plan.version

    def start_of(self, day: date) -> datetime:
        """The first instant of a local day in the term's zone."""
        return start_of(day, self.zone)


@attrs.frozen(kw_only=True)
class Cancellation(Record):
    """
    That a license ends, and when.

    Attributes:
        requested_at: when it was asked for.
        effective_on: the first local day without the license; ``None`` means
            at once, at ``requested_at``.
        reason: in words of a person.
    """

    requested_at: datetime
    effective_on: date | None = None
    reason: Text | None = None


@attrs.frozen(kw_only=True)
class Pause(Record):
    """That a license rests from one local day until another (exclusive; ``None``: until resumed)."""

    start: date
    until: date | None = None


@attrs.frozen(kw_only=True)
class PendingChange(Record):
    """What is different from the next unbilled boundary on; ``None`` stays as it is."""

    plan: Plan | None = None
    quantity: int | None = None
    zone: ZoneName | None = None
    requested_at: datetime

    def merged(self, earlier: PendingChange | None) -> PendingChange:
        """This change together with one that was asked for before; the later one wins."""
        if earlier is None:
            return self
        return PendingChange(
            plan=self.plan if self.plan is not None else earlier.plan,
            quantity=self.quantity if self.quantity is not None else earlier.quantity,
            zone=self.zone if self.zone is not None else earlier.zone,
            requested_at=self.requested_at,
        )


class NoticeKind(Choice):
    """What the owner is told ahead of time or once."""

    RENEWAL_COMING = "renewal_coming"
    CARD_MISSING = "card_missing"
    CARD_EXPIRING = "card_expiring"
    EXTENSION_ENDING = "extension_ending"


@attrs.frozen(kw_only=True, repr=False)
class License(Record):
    """
    One subscription of one account.

    Attributes:
        terms: never empty; the last one is in force for unbilled periods.
        coverage: dated rows without overlap or gap.
        cancellation, pause, pending_change: what was asked for, if anything.
        extensions: every extension ever granted, oldest first.
        notices: keys of what was announced and must not be announced again.
        carried: what earlier invoices left over as too small to charge; the
            next invoice takes it in.
        external_id: the id in the system it was imported from.
        verified_epoch: the epoch of the store up to which it is known that no
            charge of it was forgotten by a restore.
        found_term, found_index: the name of the last charge that was found after a restore, if that
            was not its period's own; 0: none was. No later term has that number.
        refund_count: how many refunds of its charges were decided. Counted here so that whoever decides
            about the license without knowing of one has to look again, and forgets none.
        version: 1 when started, raised by one with every change.
    """

    id: Id
    account_id: Id
    terms: tuple[Term, ...]
    coverage: tuple[CoverageRow, ...] = ()
    cancellation: Cancellation | None = None
    pause: Pause | None = None
    pending_change: PendingChange | None = None
    extensions: tuple[Extension, ...] = ()
    notices: tuple[Id, ...] = ()
    carried: Money | None = None
    external_id: Id | None = None
    started_at: datetime
    verified_epoch: int = 1
    found_term: int = 0
    found_index: int = 0
    refund_count: int = 0
    version: int = 1

    @classmethod
    def start(
        cls,
        id: str,
        account_id: str,
        plan: Plan,
        *,
        quantity: int = 1,
        start_on: date,
        time_zone: str,
        started_at: datetime,
        anchor_day: int | None = None,
    ) -> License:
        """
        A new license. With a trial, its first period begins when the trial ends.

        Args:
            start_on: the first local day.
            anchor_day: 1-31 to renew on that day of the month; the first
                period is then a short one, at the full price.
        """
        anchor = start_on + timedelta(days=plan.trial_days)
        schedule = RenewalSchedule(anchor, plan.interval, anchor_day)
        term = Term(number=1, schedule=schedule, zone=time_zone, plan=plan, quantity=quantity)
        trial = (
            CoverageRow(start=start_on, end=anchor, why=CoverageKind.TRIAL, term=1)
            if plan.trial_days
            else None
        )
        return cls(
            id=id,
            account_id=account_id,
            terms=(term,),
            coverage=(trial,) if trial else (),
            started_at=started_at,
        )

    @property
    def term(self) -> Term:
        """The term in force for the next unbilled period."""
        return self.term_on(self.paid_until)

    def term_on(self, day: date) -> Term:
        """The term in force on a local day; the first one for days before it."""
        if len(self.terms) == 1:
            return self.terms[0]
        return next((term for term in reversed(self.terms) if term.start <= day), self.terms[0])

    def term_on_instant(self, at: datetime) -> Term:
        """The term in force at an instant: the last one that has begun, in its own zone."""
        return next((term for term in reversed(self.terms) if term.start_of(term.start) <= at), self.terms[0])

    @property
    def next_term_number(self) -> int:
        """The number of the next term: that of no other one, nor of one that a restore made us forget."""
        return max(self.terms[-1].number, self.found_term) + 1

    @property
    def plan(self) -> Plan:
        """The plan version in force for the next unbilled period."""
        return self.term.plan

    @property
    def quantity(self) -> int:
        """The seats that the next unbilled period is billed for."""
        return self.term.quantity

    @property
    def next_price(self) -> Money:
        """What the next unbilled period costs before tax."""
        return self.plan.price_for(self.quantity)

    @property
    def starts_on(self) -> date:
        """The first local day of the license."""
        return self.coverage[0].start if self.coverage else self.terms[0].start

    @property
    def paid_until(self) -> date:
        """The first local day that no coverage row holds (exclusive end)."""
        return self.coverage[-1].end if self.coverage else self.terms[0].start

    @property
    def next_index(self) -> int:
        """The index, in the term in force, of the next unbilled period."""
        return self.term.schedule.index_at(self.paid_until)

    @property
    def next_period(self) -> Period:
        """The next unbilled period."""
        return self.term.schedule.period(self.next_index)

    @property
    def due_at(self) -> datetime:
        """The first instant that is not covered, in the zone of the term in force."""
        return self.term.start_of(self.paid_until)

    @property
    def was_ever_paid(self) -> bool:
        """Whether any period was paid for, here or before an import."""
        paid = {CoverageKind.CHARGE, CoverageKind.IMPORTED, CoverageKind.CREDIT, CoverageKind.GRANT}
        return any(row.why in paid for row in self.coverage)

    @property
    def last_row(self) -> CoverageRow | None:
        """The latest coverage row."""
        return self.coverage[-1] if self.coverage else None

    def row_on(self, day: date) -> CoverageRow | None:
        """The coverage row that holds this local day."""
        return next((row for row in reversed(self.coverage) if row.start <= day < row.end), None)

    def with_row(self, row: CoverageRow) -> License:
        """The license with one more stretch of covered (or lapsed) days; what follows is announced afresh."""
        about_due_day = f":{self.paid_until.isoformat()}"
        notices = tuple(key for key in self.notices if not key.endswith(about_due_day))
        return self._next(coverage=appended(self.coverage, row), notices=notices)

    def with_term(self, term: Term) -> License:
        """
        The license under a new term from an unbilled boundary on.

        Raises:
            InvalidInput: ``mismatch`` - not the next number, or it would start in billed time.
        """
        is_early = term.start < max(self.paid_until, self.terms[-1].start)
        if term.number != self.next_term_number or is_early:
            raise invalid("term", "mismatch", other="the next unbilled boundary")
        return self._next(terms=(*self.terms, term))

    def imported(self, term: Term, rows: tuple[CoverageRow, ...], external_id: str) -> License:
        """A license that is not stored yet, with what was sold and paid in another system."""
        return evolve(self, terms=(term,), coverage=rows, external_id=external_id)

    def started_in(self, epoch: int) -> License:
        """A license that is not stored yet, and that no earlier epoch of the store can have charged."""
        return evolve(self, verified_epoch=epoch)

    def verified_in(self, epoch: int) -> License:
        """The license after it was found out that no charge of it was forgotten."""
        return self._next(verified_epoch=epoch)

    def found_as(self, term: int, index: int) -> License:
        """The license after a charge of it was found under the name of another period: that name is taken."""
        return self._next(found_term=term, found_index=index)

    def refund_decided(self) -> License:
        """The license after one more refund of one of its charges was decided."""
        return self._next(refund_count=self.refund_count + 1)

    def with_extension(self, extension: Extension) -> License:
        """The license with one more access overlay; dates, debt and retries stay as they are."""
        return self._next(extensions=(*self.extensions, extension))

    def with_cancellation(self, cancellation: Cancellation) -> License:
        """The license with its end decided."""
        return self._next(cancellation=cancellation, pending_change=None)

    def with_pending_change(self, change: PendingChange) -> License:
        """The license that will be billed differently from its next unbilled period on."""
        return self._next(pending_change=change.merged(self.pending_change))

    def without_pending_change(self) -> License:
        """The license after its pending change was made."""
        return self._next(pending_change=None)

    def with_carried(self, carried: Money | None) -> License:
        """The license with another remainder for its next invoice."""
        return self._next(carried=carried)

    def with_notice(self, key: str) -> License:
        """The license after something was announced."""
        return self._next(notices=(*self.notices, key))

    def _next(self, **changes: object) -> License:
        return evolve(self, version=self.version + 1, **changes)

    def __repr__(self) -> str:
        return f"License({self.id}, paid_until={self.paid_until}, version={self.version})"
