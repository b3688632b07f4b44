"""Changes of plan, seats or zone: another term, from the next unbilled boundary on."""

from __future__ import annotations

from datetime import date

from billing_core.licenses.license import License, PendingChange, Term
from billing_core.values.schedule import Interval, IntervalUnit, RenewalSchedule
from billing_core.values.typed import evolve

__all__ = ["changed_term", "restarted_term"]

_BY_MONTH = frozenset({IntervalUnit.MONTH, IntervalUnit.YEAR})


def changed_term(license: License, change: PendingChange) -> Term:
    """
    The term that a pending change becomes.

    With the same interval it goes on counting on the same schedule; with
    another one it starts counting at the boundary, and keeps the day of the
    month that was agreed: a month end that was clamped does not become the rule.
    """
    old = license.term
    plan = change.plan if change.plan is not None else old.plan
    keeps_interval = plan.interval == old.plan.interval
    return Term(
        number=license.next_term_number,
        schedule=old.schedule if keeps_interval else _schedule_from(license.paid_until, plan.interval, old),
        first_index=license.next_index if keeps_interval else 0,
        zone=change.zone if change.zone is not None else old.zone,
        plan=plan,
        quantity=change.quantity if change.quantity is not None else old.quantity,
    )


def restarted_term(license: License) -> Term:
    """The term in force, with its periods counted from the next unbilled day."""
    old = license.term
    return evolve(
        old,
        number=license.next_term_number,
        schedule=RenewalSchedule(license.paid_until, old.plan.interval),
        first_index=0,
    )


def _schedule_from(start: date, interval: Interval, old: Term) -> RenewalSchedule:
    if interval.unit not in _BY_MONTH or old.schedule.interval.unit not in _BY_MONTH:
        return RenewalSchedule(start, interval)
    agreed_day = old.schedule.anchor_day or old.schedule.anchor.day
    return RenewalSchedule(start, interval, agreed_day if agreed_day != start.day else None)
