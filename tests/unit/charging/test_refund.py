"""One refund: its events and states, what answers mean, and how much of its charge it takes up."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent, AttentionDecision
from billing_core.charging.refund import REFUND_TRANSITIONS, Refund, RefundEvent, RefundState
from billing_core.errors import InvariantViolated
from billing_core.gateways.results import ChargeResult, Outcome, RefundResult
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, attempt, refund

S, E = RefundState, RefundEvent
HOUR = timedelta(hours=1)
ZERO = Money.zero(PRICE.currency)
ONE = Money.of("1.00", "EUR")

#: Written by hand from the rules, not derived from the code: state -> event -> state.
TABLE: dict[RefundState, dict[RefundEvent, RefundState]] = {
    S.OPEN: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.UNKNOWN,
        E.NOT_ATTEMPTED: S.OPEN,
        E.NEVER_HAPPENED: S.VOID,
        E.GAVE_UP: S.HELD,
    },
    S.UNKNOWN: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.UNKNOWN,
        E.NEVER_HAPPENED: S.VOID,
        E.GAVE_UP: S.HELD,
    },
    S.PENDING: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.PENDING,
        E.GAVE_UP: S.HELD,
    },
    S.HELD: {E.CONFIRMED: S.SUCCEEDED, E.NEVER_HAPPENED: S.VOID},
    S.SUCCEEDED: {},
    S.DECLINED: {},
    S.VOID: {},
}

_WAYS: dict[RefundState, RefundEvent] = {
    S.SUCCEEDED: E.SUCCEEDED,
    S.DECLINED: E.DECLINED,
    S.PENDING: E.PENDING,
    S.UNKNOWN: E.UNKNOWN,
    S.HELD: E.GAVE_UP,
    S.VOID: E.NEVER_HAPPENED,
}


def refund_in(state: RefundState) -> Refund:
    """A refund that was sent and came to this."""
    sent = refund().sent(NOW)
    return sent if state is S.OPEN else sent.after(_WAYS[state], NOW)


@pytest.mark.parametrize("event", RefundEvent)
@pytest.mark.parametrize("state", RefundState)
def test_event_in_state(state: RefundState, event: RefundEvent) -> None:
    """Each event leads where the table says, or it can't happen at all."""
    expected = TABLE[state].get(event)
    if expected is None:
        with pytest.raises(InvariantViolated, match=f"{event.value} can't happen in state {state.value}"):
            refund_in(state).after(event, NOW + HOUR)
    else:
        assert expected is refund_in(state).after(event, NOW + HOUR).state


@pytest.mark.parametrize("state", RefundState)
def test_final_states_are_three(state: RefundState) -> None:
    """Only success, refusal and void free the charge for another refund."""
    assert set(RefundState) == set(REFUND_TRANSITIONS)
    assert (state not in {S.SUCCEEDED, S.DECLINED, S.VOID}) is refund_in(state).is_unresolved


@pytest.mark.parametrize(
    ("state", "result", "expected"),
    [
        (S.OPEN, RefundResult.succeeded(PRICE), S.SUCCEEDED),
        (S.OPEN, RefundResult.succeeded(ONE), S.HELD),
        (S.OPEN, RefundResult.succeeded(Money.of("19.99", "USD")), S.HELD),
        (S.OPEN, RefundResult.declined("already_refunded"), S.DECLINED),
        (S.OPEN, RefundResult.pending(), S.PENDING),
        (S.OPEN, RefundResult.not_attempted(), S.OPEN),
        (S.OPEN, RefundResult.unknown(), S.UNKNOWN),
        (S.UNKNOWN, RefundResult.not_attempted(), S.UNKNOWN),
        (S.UNKNOWN, RefundResult.succeeded(PRICE), S.SUCCEEDED),
        (S.PENDING, RefundResult.unknown(), S.PENDING),
        (S.PENDING, RefundResult.not_attempted(), S.PENDING),
    ],
)
def test_answer_to_a_send(state: RefundState, result: RefundResult, expected: RefundState) -> None:
    """A success counts over the amount asked for; a send that did nothing proves nothing of others."""
    assert expected is refund_in(state).answered(result, NOW + HOUR).state


def test_a_look_up_that_is_refused_proves_nothing() -> None:
    """The send before it may have worked."""
    looked = refund_in(S.OPEN).answered(RefundResult.not_attempted(), NOW, is_look_up=True)
    assert (S.UNKNOWN, False) == (looked.state, looked.is_surely_unsent)


def test_sends_that_did_nothing_leave_it_unsent() -> None:
    """It waits a while before the next one, and longer each time; one in doubt ends that for good."""
    first = refund()
    assert (True, 0, None) == (first.is_surely_unsent, first.sends, first.first_sent_at)
    sent = first.sent(NOW)
    assert (False, None, NOW) == (sent.is_surely_unsent, sent.look_at, sent.first_sent_at)
    refused = sent.answered(RefundResult.not_attempted(), NOW)
    assert (True, NOW + timedelta(minutes=5)) == (refused.is_surely_unsent, refused.look_at)
    again = refused.sent(NOW + HOUR).answered(RefundResult.not_attempted(), NOW + HOUR)
    assert (2, NOW + HOUR + HOUR) == (again.sends_not_attempted, again.look_at)
    assert NOW == again.first_sent_at
    lost = again.sent(NOW + HOUR).answered(RefundResult.unknown(), NOW + HOUR)
    assert (S.UNKNOWN, False) == (lost.state, lost.is_surely_unsent)


def test_what_told_nothing_keeps_the_answer_before() -> None:
    """A pending refund that can't be looked up at the moment is still the one that is pending."""
    pending = refund_in(S.OPEN).answered(RefundResult.pending(gateway_ref="re_1"), NOW)
    looked = pending.answered(RefundResult.unknown("http_503"), NOW + HOUR, is_look_up=True)
    assert (pending.result, 2, NOW + HOUR + HOUR) == (looked.result, looked.looks, looked.look_at)


def test_look_ups_grow_rarer() -> None:
    """After five minutes, an hour, and then every day."""
    now, waits, looked = NOW, [], refund_in(S.OPEN)
    for _ in range(4):
        looked = looked.looked_up_in_vain(now)
        assert looked.look_at is not None
        waits.append(looked.look_at - now)
    assert [timedelta(minutes=5), HOUR, timedelta(days=1), timedelta(days=1)] == waits
    assert (now, now + HOUR) == (looked.not_found_at, looked.woken(now + HOUR).look_at)


@pytest.mark.parametrize("state", RefundState)
def test_claimed_unless_surely_nothing_went_back(state: RefundState) -> None:
    """What may have gone back is never given back again; what surely did not is free."""
    expected = ZERO if state in {S.DECLINED, S.VOID} else PRICE
    assert expected == refund_in(state).claimed


def test_claimed_by_what_the_processor_said() -> None:
    """In doubt the larger amount; once a person confirmed it, the one that really went back."""
    little = refund_in(S.OPEN).answered(RefundResult.succeeded(ONE), NOW)
    assert PRICE == little.claimed
    assert ONE == little.after(E.CONFIRMED, NOW).claimed
    much = refund_in(S.OPEN).answered(RefundResult.succeeded(PRICE + ONE), NOW)
    assert PRICE + ONE == much.claimed
    foreign = refund_in(S.OPEN).answered(RefundResult.succeeded(Money.of("1.00", "USD")), NOW)
    assert PRICE == foreign.claimed


def test_money_that_went_back_after_all_is_claimed() -> None:
    """A refund that was proved not to have happened, and then turns up, needs a person's note, once."""
    late = refund_in(S.VOID).orphaned(RefundResult.succeeded(PRICE))
    assert (PRICE, True, False) == (late.claimed, late.needs_attention, late.is_unresolved)
    assert not late.decided("confirm").needs_attention
    assert refund_in(S.HELD).needs_attention
    assert not refund_in(S.VOID).needs_attention


def test_a_refund_shows_no_more_than_it_must() -> None:
    """Id, number, state and amount."""
    assert "Refund(ref_1, number=1, open, 19.99 EUR)" == repr(refund())


# -- what there is to give back ---------------------------------------------------


def test_what_a_charge_captured() -> None:
    """As the processor said; as asked for, if a person says that it succeeded; else nothing is known."""
    charge = attempt()
    assert charge.captured is None
    assert charge.answered(ChargeResult.unknown(), NOW).captured is None
    assert PRICE == charge.answered(ChargeResult.succeeded(PRICE), NOW).captured
    assert ONE == charge.answered(ChargeResult.succeeded(ONE), NOW).captured
    held = charge.after(AttemptEvent.GAVE_UP, NOW)
    assert (None, PRICE) == (held.captured, held.after(AttemptEvent.ADOPTED, NOW).captured)
    void = charge.after(AttemptEvent.NEVER_HAPPENED, NOW)
    assert (None, PRICE) == (void.captured, void.orphaned(ChargeResult.succeeded(PRICE)).captured)


def test_which_charge_pays_its_invoice() -> None:
    """The one that succeeded, or late money that a person let pay it."""
    charge = attempt()
    assert not charge.pays_its_invoice
    assert charge.after(AttemptEvent.SUCCEEDED, NOW).pays_its_invoice
    orphan = charge.after(AttemptEvent.NEVER_HAPPENED, NOW).orphaned(ChargeResult.succeeded(PRICE))
    assert not orphan.pays_its_invoice
    assert orphan.decided(AttentionDecision.ADOPT).pays_its_invoice
    assert not orphan.decided(AttentionDecision.REFUND).pays_its_invoice


def test_each_refund_is_counted_on_its_charge() -> None:
    """So that the next one has another number, and another version to guard."""
    charge = attempt().after(AttemptEvent.SUCCEEDED, NOW)
    counted = charge.refund_decided()
    assert (1, charge.version + 1) == (counted.refund_count, counted.version)


@pytest.mark.parametrize("outcome", [Outcome.SUCCEEDED, Outcome.DECLINED, Outcome.PENDING])
def test_a_final_refund_takes_no_answer(outcome: Outcome) -> None:
    """Final is final."""
    amount = PRICE if outcome is Outcome.SUCCEEDED else None
    with pytest.raises(InvariantViolated):
        refund_in(S.SUCCEEDED).answered(RefundResult(outcome=outcome, amount=amount), NOW)


def test_a_held_refund_keeps_a_later_answer() -> None:
    """For the person who decides."""
    noted = refund_in(S.HELD).noted(RefundResult.declined())
    assert (S.HELD, RefundResult.declined()) == (noted.state, noted.result)
    assert attrs.evolve(noted, version=1, result=None) == attrs.evolve(refund_in(S.HELD), version=1)
