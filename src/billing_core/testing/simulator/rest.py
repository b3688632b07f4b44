"""
When everything is calm again: are the books in order, and was everything done that was due?

The whole store is read back and checked with the library's own
`check_invariants`, both ledgers are compared both ways, and each license has
to be up to date, or to have a stated reason that is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invariants import BillingState, Violation, check_invariants
from billing_core.charging.next_step import next_step
from billing_core.charging.refund import RefundState
from billing_core.charging.status import LicenseStatus, status_at
from billing_core.charging.steps import Wait
from billing_core.service.books import gather
from billing_core.service.drivers import SyncDriver

if TYPE_CHECKING:
    from billing_core.testing.simulator.simulation import Simulation

__all__ = ["at_rest"]

#: Reasons for which a license may be unpaid although everything works again.
_STATED_REASONS = frozenset({"catch_up_limit", "paused"})
#: What `check_invariants` calls money without a place, once it knows the processor's ledgers.
_MONEY = frozenset(
    {
        "captures_within_amount_due",
        "captures_are_recorded",
        "successes_are_captured",
        "refunds_are_recorded",
        "refunds_happened",
    }
)
#: Rules that compare instants of different processes: with clocks that differ, the oracle's own rules,
#: which go by the order of commits, stand in for them.
_BY_THE_CLOCK = frozenset(
    {"canceled_stays_canceled", "no_charge_on_a_frozen_card", "network_limits_are_kept"}
)
#: A charge that came due just now may be under way.
_UNDER_WAY = timedelta(days=2)


def at_rest(simulation: Simulation) -> Iterator[Violation]:
    """Everything that should not be, after the calm."""
    # A host's own model may keep no list of refunds.
    refund_ledger = getattr(simulation.model, "refund_ledger", lambda: None)()
    gathering = gather(simulation.context, simulation.model.ledger(), refund_ledger)
    books = SyncDriver(simulation.store.inner, {}).run(gathering)
    told, homeless = check_invariants(books), tuple(_captures_have_a_place(simulation))
    yield from _as_committed(simulation, books)
    if simulation.config.offset_max_s:
        told = tuple(it for it in told if it.rule not in _BY_THE_CLOCK)
    if simulation.config.is_strict:
        yield from (*told, *homeless)
    else:
        yield from (it for it in told if it.rule not in _MONEY)
        yield from _silent(simulation, told, homeless)
    for license in books.licenses:
        dossier = simulation.store.inner.dossier(license.id)
        assert dossier is not None, "it was listed just now"
        yield from _is_up_to_date(simulation, dossier.with_gateways(simulation.context.gateways))


def _silent(
    simulation: Simulation, told: Iterable[Violation], homeless: Iterable[Violation]
) -> Iterator[Violation]:
    """Money without a place that a comparison of both ledgers does not tell of."""
    named = {it.record_id for it in told if it.rule in _MONEY}
    for violation in homeless:
        attempt = simulation.memory.attempts.get(violation.record_id)
        names = {violation.record_id}
        if attempt is not None:
            names |= {attempt.request.reference, attempt.request.idempotency_key}
            names |= {it.id for it in simulation.memory.refunds.values() if it.attempt_id == attempt.id}
        if names.isdisjoint(named):
            yield Violation("broken_promises_are_loud", violation.record_id, violation.detail)


def _as_committed(simulation: Simulation, books: BillingState) -> Iterator[Violation]:
    """What the store holds is what was committed, and nothing else."""
    memory = simulation.memory
    for kind, stored, known in (
        ("accounts", books.accounts, memory.accounts),
        ("licenses", books.licenses, memory.licenses),
        ("invoices", books.invoices, memory.invoices),
        ("attempts", books.attempts, memory.attempts),
        ("refunds", books.refunds, memory.refunds),
    ):
        if {record.id: record for record in stored} != known:
            yield Violation("stores_keep_what_they_promised", kind, "not what was committed")


def _captures_have_a_place(simulation: Simulation) -> Iterator[Violation]:
    """All money that is still at the processor pays exactly one invoice."""
    held: dict[str, int] = {}
    for entry in simulation.model.ledger():
        if entry.amount.amount_minor:
            held[entry.idempotency_key] = held.get(entry.idempotency_key, 0) + entry.amount.amount_minor
    for key, amount_minor in held.items():
        attempt = simulation.memory.by_key.get(key)
        if attempt is None:
            yield Violation("captures_are_recorded", key, "no attempt has this key")
        elif attempt.needs_attention:
            yield Violation("people_are_asked_in_time", attempt.id, "still waits for a person")
        elif attempt.decision is None and _expected_minor(simulation, attempt) != amount_minor:
            yield Violation("single_charge", attempt.id, f"{amount_minor} minor units are held")


def _expected_minor(simulation: Simulation, attempt: ChargeAttempt) -> int:
    """What should still be at the processor of a charge, in minor units."""
    refunds = (it for it in simulation.memory.refunds.values() if it.attempt_id == attempt.id)
    gone = sum(it.request.amount.amount_minor for it in refunds if it.state is RefundState.SUCCEEDED)
    return attempt.request.amount.amount_minor - gone


def _is_up_to_date(simulation: Simulation, dossier: Dossier) -> Iterator[Violation]:
    now, policy = simulation.clock.now(), simulation.config.policy
    license = dossier.license
    wake = simulation.store.inner.wake_at(license.id)
    step = next_step(dossier, now, policy)
    label = simulation.label_of(license.id)
    if not isinstance(step, Wait):
        if wake is None or wake > now:
            yield Violation("nothing_is_forgotten", label, f"{step.because}, looked at {wake}")
        return
    if step.until is not None and (wake is None or wake > step.until):
        yield Violation("nothing_is_forgotten", label, f"{step.because} until {step.until}, wakes {wake}")
    attempt = dossier.unresolved_attempt
    if attempt is not None and now - attempt.first_sent_at > _UNDER_WAY * 10:
        yield Violation("doubt_ends", label, f"{attempt.state.value} since {attempt.first_sent_at}")
    status = status_at(dossier, now, policy)
    is_behind = status in {LicenseStatus.PAST_DUE, LicenseStatus.EXPIRED} and attempt is None
    if is_behind and now - license.due_at > _UNDER_WAY and step.because.rule not in _STATED_REASONS:
        yield Violation("everything_due_is_charged", label, f"{status.value}: {step.because}")
