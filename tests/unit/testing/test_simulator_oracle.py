"""The oracle finds each thing that should not be, in the change that brings it about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.charging.invariants import Violation
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.refund import RefundState
from billing_core.events import ActorRef, Event, EventType
from billing_core.gateways.results import ChargeResult
from billing_core.licenses.license import Cancellation
from billing_core.stores.port import Change, CommitResult
from billing_core.testing.simulator import Customer, Fault, GivenFaults, Sale, Simulation
from billing_core.testing.simulator.gateway import SimulatedCharge
from billing_core.testing.simulator.oracle import Oracle
from billing_core.values.money import Money
from tests.simulator.small_worlds import small_config

History = list[tuple[Change, CommitResult]]
OTHER = Money.of("1.00", "EUR")


@pytest.fixture(scope="module")
def history() -> History:
    """All that is committed in a world with a paid, a declined and a refunded charge, and a cancellation."""
    told: History = []

    def tell(_: Simulation, what: Change | str, result: CommitResult | None) -> None:
        if isinstance(what, Change) and result is not None:
            told.append((what, result))

    faults = [
        Fault("issuer", "A0.0", 2, "decline_never"),
        Fault("support", "A0", 1, "refunded"),
        Fault("support", "A0", 2, "extension_granted", 500_000),
        Fault("owner", "A0", 3, "canceled_now", 500_001),
    ]
    sales = (Sale(starts_after_days=1), Sale(unit="week", starts_after_days=200))
    config = small_config(days=130, customers=(Customer(name="A0", sales=sales),))
    result = Simulation(config, GivenFaults(faults), tell=tell).run()
    assert () == result.violations
    assert 4 == len(result.faults)
    return told


class Watched:
    """An oracle that has seen a part of the history."""

    def __init__(self, kept: dict[str, int] | None = None, *, is_strict: bool = True) -> None:
        self.found: list[Violation] = []
        self.kept = kept if kept is not None else {}
        self.captured: dict[str, int] = {}
        self.oracle = Oracle(
            self.found.append,
            is_strict=is_strict,
            kept_minor=lambda key: self.kept.get(key, self.captured.get(key, 0)),
        )

    def see(self, change: Change, result: CommitResult) -> None:
        """One more change; what is booked as paid was captured."""
        for attempt in change.attempts:
            if attempt.state is AttemptState.SUCCEEDED:
                self.captured[attempt.request.idempotency_key] = attempt.request.amount.amount_minor
        for refund in change.refunds:
            if refund.state is RefundState.SUCCEEDED:
                self.oracle.memory.given_back[refund.request.idempotency_key] = 1
        self.oracle.committed(change, result)

    @property
    def rules(self) -> set[str]:
        """What was found."""
        return {violation.rule for violation in self.found}


def watched_until(history: History, is_it: Callable[[Change], bool], which: int = 0) -> tuple[Watched, int]:
    """An oracle that has seen everything before the n-th change of a kind, and the place of that."""
    places = [place for place, (change, _) in enumerate(history) if is_it(change)]
    watched = Watched()
    for change, result in history[: places[which]]:
        watched.see(change, result)
    assert set() == watched.rules
    return watched, places[which]


def starts(change: Change) -> bool:
    """A new attempt."""
    return any(attempt.version == 1 for attempt in change.attempts)


def settles(change: Change) -> bool:
    """An attempt that becomes paid."""
    return any(a.state is AttemptState.SUCCEEDED and a.version == 2 for a in change.attempts)


def declines(change: Change) -> bool:
    """An attempt that becomes declined."""
    return any(attempt.state is AttemptState.DECLINED for attempt in change.attempts)


def extends(change: Change) -> bool:
    """An extension."""
    return any(event.type == EventType.EXTENSION_GRANTED for event in change.events)


def cancels(change: Change) -> bool:
    """A cancellation."""
    return any(license.cancellation is not None for license in change.licenses)


def refunds(change: Change) -> bool:
    """A refund."""
    return bool(change.refunds)


def with_attempt(change: Change, **changes: Any) -> Change:
    """The change with another attempt in it."""
    return attrs.evolve(change, attempts=(attrs.evolve(change.attempts[0], **changes),))


def with_request(change: Change, **changes: Any) -> Change:
    """The change with another request in its attempt."""
    return with_attempt(change, request=attrs.evolve(change.attempts[0].request, **changes))


def with_license(change: Change, **changes: Any) -> Change:
    """The change with another license in it."""
    return attrs.evolve(change, licenses=(attrs.evolve(change.licenses[0], **changes),))


def with_row(change: Change, **changes: Any) -> Change:
    """The change with another last coverage row in it."""
    rows = change.licenses[0].coverage
    return with_license(change, coverage=(*rows[:-1], attrs.evolve(rows[-1], **changes)))


def with_refund(change: Change, **changes: Any) -> Change:
    """The change with another refund in it."""
    return attrs.evolve(change, refunds=(attrs.evolve(change.refunds[0], **changes),))


def later_row(change: Change) -> Change:
    """A row of other days than its invoice's."""
    row = change.licenses[0].coverage[-1]
    return with_row(change, end=row.end + timedelta(days=1))


def doubled_row(change: Change) -> Change:
    """An invoice that covers two stretches."""
    rows = change.licenses[0].coverage
    days = rows[-1].end - rows[-1].start
    again = attrs.evolve(rows[-1], start=rows[-1].end, end=rows[-1].end + days)
    return with_license(change, coverage=(*rows, again))


def by_support(change: Change) -> Change:
    """A cancellation by somebody who may not."""
    support = ActorRef(kind="support", id="sam", role="support")
    return attrs.evolve(change, events=tuple(attrs.evolve(it, actor=support) for it in change.events))


WRONG: dict[str, tuple[Callable[[Change], bool], int, Callable[[Change], Change], str]] = {
    "another amount than the invoice's": (starts, 0, lambda c: with_request(c, amount=OTHER), "frozen_terms"),
    "sent before it is due": (
        starts,
        0,
        lambda c: with_attempt(c, first_sent_at=c.attempts[0].first_sent_at - timedelta(days=9)),
        "nothing_charged_early",
    ),
    "another card": (starts, 0, lambda c: with_attempt(c, card_id="card_other"), "the_right_card"),
    "request rewritten": (settles, 0, lambda c: with_request(c, amount=OTHER), "frozen_terms"),
    "sends rewritten": (settles, 0, lambda c: with_attempt(c, sends=0), "final_is_final"),
    "row of an unpaid invoice": (settles, 0, lambda c: attrs.evolve(c, invoices=()), "rows_are_paid_for"),
    "row of other days": (settles, 0, later_row, "rows_are_paid_for"),
    "row off its schedule": (settles, 0, later_row, "boundaries_follow_the_schedule"),
    "one invoice covers two stretches": (settles, 0, doubled_row, "rows_are_paid_for"),
    "paid and covers nothing": (settles, 0, lambda c: with_license(c, coverage=()), "rows_are_paid_for"),
    "history rewritten": (settles, 1, lambda c: with_license(c, coverage=()), "history_is_kept"),
    "cancellation by support": (cancels, 0, by_support, "owners_decide"),
    "extension with coverage": (extends, 0, lambda c: with_license(c, coverage=()), "history_is_kept"),
    "no event": (extends, 0, lambda c: attrs.evolve(c, events=()), "every_change_has_an_event"),
    "refund rewritten": (
        refunds,
        1,
        lambda c: with_refund(c, request=attrs.evolve(c.refunds[0].request, amount=OTHER)),
        "frozen_terms",
    ),
    "more back than was there": (
        refunds,
        0,
        lambda c: with_refund(c, request=attrs.evolve(c.refunds[0].request, amount=OTHER * 100)),
        "no_over_refund",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_change_is_found(name: str, history: History) -> None:
    """A change that is right is right, and the same change with one thing wrong is found."""
    is_it, which, spoil, rule = WRONG[name]
    watched, place = watched_until(history, is_it, which)
    change, result = history[place]
    spoilt = spoil(change)
    known = {invoice.id: invoice for invoice in result.invoices}
    events = result.events if spoilt.events == change.events else spoilt.events
    watched.see(
        spoilt,
        attrs.evolve(result, invoices=tuple(known[it.id] for it in spoilt.invoices), events=events),
    )
    assert rule in watched.rules


def seen_all(history: History, **options: Any) -> Watched:
    """An oracle that has seen everything."""
    watched = Watched(**options)
    for change, result in history:
        watched.see(change, result)
    assert set() == watched.rules
    return watched


def told_again(watched: Watched, change: Change, events: tuple[Event, ...] = ()) -> None:
    """One more change, with an event of the next number."""
    first = events[0] if events else change.events[0]
    numbered = first.at_sequence(watched.oracle.memory.events + 1)
    watched.oracle.committed(change, CommitResult(invoices=change.invoices, events=(numbered,)))


def test_second_attempt(history: History) -> None:
    """While one is unresolved, with its key and its reference, for an invoice that is paid then."""
    watched, place = watched_until(history, starts)
    change, result = history[place]
    watched.see(change, result)
    second = with_attempt(change, id="att_second", invoice_id=change.attempts[0].invoice_id)
    told_again(watched, attrs.evolve(second, invoices=()))
    assert {"one_unresolved_per_license", "keys_name_one_attempt"} == watched.rules


def test_attempt_for_another_invoice_of_the_same_name(history: History) -> None:
    """A reference names one invoice."""
    watched = seen_all(history)
    paid = next(a for a in watched.oracle.memory.attempts.values() if a.state is AttemptState.SUCCEEDED)
    watched.oracle.memory.references[paid.request.reference] = "inv_other"
    change = next(change for change, _ in history if starts(change))
    told_again(watched, attrs.evolve(with_attempt(change, id="att_again"), invoices=()))
    assert {"keys_name_one_attempt", "one_success_per_invoice"} <= watched.rules


def test_charges_after_the_end_and_on_dead_cards(history: History) -> None:
    """A canceled license, a card that was declined for ever, an account without a card, a limit reached."""
    watched = seen_all(history)
    memory = watched.oracle.memory
    change = next(change for change, _ in history if starts(change))
    attempt = change.attempts[0]
    memory.dead_cards.add(attempt.card_id)
    memory.accounts[attempt.account_id] = next(
        change.accounts[0] for change, _ in history if change.accounts and change.accounts[0].cards
    )
    declined = next(a for a in memory.attempts.values() if a.state is AttemptState.DECLINED)
    at = attempt.first_sent_at
    memory.declines[attempt.fingerprint] = {
        str(number): attrs.evolve(declined, resolved_at=at - timedelta(hours=number + 1))
        for number in range(20)
    }
    license = memory.licenses[attempt.license_id]
    ended = Cancellation(requested_at=at - timedelta(days=1))
    memory.licenses[license.id] = attrs.evolve(license, cancellation=ended)
    told_again(watched, attrs.evolve(with_attempt(change, id="att_again"), invoices=(), licenses=()))
    assert {
        "canceled_stays_canceled",
        "no_charge_on_a_frozen_card",
        "network_limits_are_kept",
    } <= watched.rules


def test_final_attempts_stay(history: History) -> None:
    """What was paid does not become anything else."""
    watched = seen_all(history)
    change = next(change for change, _ in history if settles(change))
    other = with_attempt(change, state=AttemptState.VOID)
    told_again(watched, attrs.evolve(other, invoices=(), licenses=()))
    assert {"final_is_final"} == watched.rules


@pytest.mark.parametrize(
    ("kept", "state", "rule"),
    [
        (1, AttemptState.SUCCEEDED, "successes_are_captured"),
        (1, AttemptState.VOID, "captures_are_recorded"),
    ],
)
def test_books_against_the_ledger(kept: int, state: AttemptState, rule: str, history: History) -> None:
    """An attempt that ends otherwise than the processor's ledger says."""
    watched, place = watched_until(history, settles)
    change, result = history[place]
    watched.kept[change.attempts[0].request.idempotency_key] = kept
    spoilt = with_attempt(change, state=state)
    watched.oracle.committed(spoilt, result)
    assert rule in watched.rules


def test_an_invoice_is_paid_once(history: History) -> None:
    """Another attempt had paid it."""
    watched, place = watched_until(history, settles)
    change, result = history[place]
    attempt = change.attempts[0]
    watched.oracle.memory.succeeded[attempt.invoice_id] = attrs.evolve(attempt, id="att_other")
    watched.see(change, result)
    assert {"one_success_per_invoice"} == watched.rules


def test_held_charges_are_for_people(history: History) -> None:
    """A held attempt that ends by itself."""
    watched, place = watched_until(history, settles)
    change, result = history[place]
    memory = watched.oracle.memory
    known = memory.attempts[change.attempts[0].id]
    memory.attempts[known.id] = attrs.evolve(known, state=AttemptState.HELD)
    watched.see(change, result)
    assert {"people_decide_held_charges"} == watched.rules


def test_invoices(history: History) -> None:
    """A period billed twice, a paid invoice that changes, and a void one whose charge is unresolved."""
    watched = seen_all(history)
    memory = watched.oracle.memory
    paid = next(invoice for invoice in memory.invoices.values() if not invoice.is_open)
    watched.oracle._check_invoice(None, attrs.evolve(paid, id="inv_other"))
    changed = attrs.evolve(paid, status=InvoiceStatus.VOID, paid_at=None)
    watched.oracle._check_invoice(paid, changed)
    assert {"one_live_invoice_per_period", "final_is_final"} == watched.rules
    watched, place = watched_until(history, starts)
    change, result = history[place]
    watched.see(change, result)
    void = attrs.evolve(result.invoices[0], status=InvoiceStatus.VOID)
    told = attrs.evolve(change, invoices=(), attempts=(), licenses=())
    numbered = change.events[0].at_sequence(watched.oracle.memory.events + 1)
    watched.oracle.committed(
        attrs.evolve(told, invoices=(attrs.evolve(void, number=None),)),
        CommitResult(invoices=(void,), events=(numbered,)),
    )
    assert {"unresolved_blocks"} == watched.rules


def test_cancellations_stay(history: History) -> None:
    """A license is not revived, and an extension comes alone."""
    watched = seen_all(history)
    change = next(change for change, _ in history if cancels(change))
    license = watched.oracle.memory.licenses[change.licenses[0].id]
    watched.oracle._check_license(license, attrs.evolve(license, cancellation=None), change)
    extended = next(change for change, _ in history if extends(change))
    before = attrs.evolve(extended.licenses[0], extensions=())
    watched.oracle._check_license(before, extended.licenses[0], attrs.evolve(extended, attempts=()))
    assert {"canceled_stays_canceled"} == watched.rules
    charge = next(change for change, _ in history if starts(change))
    watched.oracle._check_license(before, extended.licenses[0], charge)
    assert "extensions_change_nothing_else" in watched.rules


def test_events(history: History) -> None:
    """A number left out, an expiry in doubt, an orphan announced twice for one decision."""
    watched, place = watched_until(history, starts)
    change, result = history[place]
    watched.see(change, result)
    event = change.events[0]
    attempt = change.attempts[0]
    expired = attrs.evolve(event, type=EventType.LICENSE_EXPIRED, license_id=attempt.license_id)
    orphan = attrs.evolve(event, type=EventType.CHARGE_ORPHANED, invoice_id="inv_1", data={"attempt": 1})
    decided = attrs.evolve(orphan, type=EventType.ATTENTION_RESOLVED)
    for told in (orphan, decided):
        watched.oracle._check_event(told.at_sequence(watched.oracle.memory.events + 1))
    assert set() == watched.rules
    for told in (expired, orphan, orphan):
        watched.oracle._check_event(told.at_sequence(watched.oracle.memory.events + 1))
    watched.oracle._check_event(event.at_sequence(1))
    assert {"expired_only_when_certain", "one_alert_per_orphan", "events_are_numbered"} == watched.rules


def test_refunds(history: History) -> None:
    """A refund that is final changes no more; money goes back once, and only for what was committed."""
    watched = seen_all(history)
    refund = next(iter(watched.oracle.memory.refunds.values()))
    watched.oracle._check_refund(refund, attrs.evolve(refund, state=RefundState.VOID))
    assert "final_is_final" in watched.rules
    before = attrs.evolve(refund, state=RefundState.OPEN, resolved_at=None)
    watched.oracle._check_refund(before, attrs.evolve(refund, state=RefundState.DECLINED))
    assert "refunds_are_true" in watched.rules
    watched = seen_all(history)
    watched.oracle.giving_back(attrs.evolve(refund.request, amount=OTHER))
    watched.oracle.giving_back(attrs.evolve(refund.request, idempotency_key="unknown"))
    assert {"single_refund", "frozen_terms", "intent_is_durable_first"} == watched.rules


def test_at_the_processor(history: History) -> None:
    """Requests that nobody committed, changed ones, uncounted ones; a second capture, and one too late."""
    watched = seen_all(history)
    attempt = next(a for a in watched.oracle.memory.attempts.values() if a.state is AttemptState.SUCCEEDED)
    request = attempt.request
    watched.oracle.arrived(attrs.evolve(request, idempotency_key="unknown"))
    watched.oracle.arrived(attrs.evolve(request, amount=OTHER))
    watched.oracle.sent(request, 7)
    watched.oracle.sent(attrs.evolve(request, idempotency_key="unknown"), 7)
    assert {"intent_is_durable_first", "frozen_terms", "sends_are_persisted"} == watched.rules
    watched = seen_all(history)
    charge = SimulatedCharge(request, "ch_1", 0)
    charge.answer = ChargeResult.succeeded(request.amount)
    watched.oracle.capturing(charge)
    assert {"single_charge", "no_charge_after_the_end"} == watched.rules
    assert Advice.NEVER.freezes_card


def test_broken_promises_are_not_the_librarys(history: History) -> None:
    """Where the processor does not keep its word, a second capture is left to the comparison at rest."""
    watched = seen_all(history, is_strict=False)
    attempt = next(a for a in watched.oracle.memory.attempts.values() if a.state is AttemptState.SUCCEEDED)
    watched.oracle.capturing(SimulatedCharge(attempt.request, "ch_1", 0))
    assert set() == watched.rules
