"""One attempt: which event may happen in which state, what answers mean, and the books of uncertain time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import TRANSITIONS, AttemptEvent, AttemptState, ChargeAttempt
from billing_core.errors import InvariantViolated
from billing_core.gateways.results import ActionRequired, ChargeResult, Outcome
from billing_core.values.money import Money
from tests.charging_builders import PRICE, an_attempt, at, capabilities_of

S, E = AttemptState, AttemptEvent
SENT = at("2025-01-31 09:00")
HOUR = timedelta(hours=1)

#: Written by hand from the rules, not derived from the code: state -> event -> state.
TABLE: dict[AttemptState, dict[AttemptEvent, AttemptState]] = {
    S.OPEN: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.ACTION_REQUIRED: S.REQUIRES_ACTION,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.UNKNOWN,
        E.NOT_ATTEMPTED: S.OPEN,
        E.DUPLICATE_SUSPECTED: S.OPEN,
        E.NEVER_HAPPENED: S.VOID,
        E.GAVE_UP: S.HELD,
        E.TURNED_DOWN: S.UNKNOWN,
    },
    S.UNKNOWN: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.ACTION_REQUIRED: S.REQUIRES_ACTION,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.UNKNOWN,
        E.DUPLICATE_SUSPECTED: S.UNKNOWN,
        E.NEVER_HAPPENED: S.VOID,
        E.GAVE_UP: S.HELD,
        E.TURNED_DOWN: S.UNKNOWN,
    },
    S.PENDING: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.ACTION_REQUIRED: S.REQUIRES_ACTION,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.PENDING,
        E.DUPLICATE_SUSPECTED: S.PENDING,
        E.GAVE_UP: S.HELD,
        E.TURNED_DOWN: S.UNKNOWN,
    },
    S.REQUIRES_ACTION: {
        E.SUCCEEDED: S.SUCCEEDED,
        E.MISMATCHED: S.HELD,
        E.DECLINED: S.DECLINED,
        E.ACTION_REQUIRED: S.REQUIRES_ACTION,
        E.PENDING: S.PENDING,
        E.UNKNOWN: S.REQUIRES_ACTION,
        E.DUPLICATE_SUSPECTED: S.REQUIRES_ACTION,
        E.ACTION_ENDED: S.DECLINED,
        E.GAVE_UP: S.HELD,
        E.TURNED_DOWN: S.UNKNOWN,
    },
    S.HELD: {E.ADOPTED: S.SUCCEEDED, E.NEVER_HAPPENED: S.VOID},
    S.SUCCEEDED: {},
    S.DECLINED: {},
    S.VOID: {},
}

SUCCESS = ChargeResult.succeeded(PRICE, gateway_ref="ch_1")
ANSWERS: dict[Outcome, ChargeResult] = {
    Outcome.SUCCEEDED: SUCCESS,
    Outcome.DECLINED: ChargeResult.declined(Advice.RETRY_LATER),
    Outcome.REQUIRES_ACTION: ChargeResult.requires_action(ActionRequired(url="https://bank.example/")),
    Outcome.PENDING: ChargeResult.pending(),
    Outcome.NOT_ATTEMPTED: ChargeResult.not_attempted(),
    Outcome.DUPLICATE_SUSPECTED: ChargeResult(outcome=Outcome.DUPLICATE_SUSPECTED),
    Outcome.UNKNOWN: ChargeResult.unknown("timeout"),
}


def attempt_in(state: AttemptState) -> ChargeAttempt:
    return an_attempt(state, sent_at=SENT)


# -- the table ----------------------------------------------------------------------


@pytest.mark.parametrize("event", AttemptEvent)
@pytest.mark.parametrize("state", AttemptState)
def test_event_in_state(state: AttemptState, event: AttemptEvent) -> None:
    """Each event leads where the table says, or it can't happen at all."""
    expected = TABLE[state].get(event)
    attempt = attempt_in(state)
    if expected is None:
        with pytest.raises(InvariantViolated, match=f"{event.value} can't happen in state {state.value}"):
            attempt.after(event, SENT + HOUR)
    else:
        assert expected is attempt.after(event, SENT + HOUR).state


def test_table_names_each_state() -> None:
    """No state is left out of the table."""
    assert set(AttemptState) == set(TRANSITIONS)


@pytest.mark.parametrize("state", AttemptState)
def test_final_states_are_three(state: AttemptState) -> None:
    """Only success, decline and void free the license for another charge."""
    assert (state not in {S.SUCCEEDED, S.DECLINED, S.VOID}) is attempt_in(state).is_unresolved


@pytest.mark.parametrize("state", AttemptState)
def test_uncertain_states_are_four(state: AttemptState) -> None:
    """Waiting for the cardholder is no doubt: surely no money moved yet."""
    assert (state in {S.OPEN, S.PENDING, S.UNKNOWN, S.HELD}) is attempt_in(state).is_uncertain


# -- answers ------------------------------------------------------------------------


AFTER_SEND: dict[AttemptState, dict[Outcome, AttemptState]] = {
    state: {
        Outcome.SUCCEEDED: S.SUCCEEDED,
        Outcome.DECLINED: S.DECLINED,
        Outcome.REQUIRES_ACTION: S.REQUIRES_ACTION,
        Outcome.PENDING: S.PENDING,
        Outcome.NOT_ATTEMPTED: state,
        Outcome.DUPLICATE_SUSPECTED: state,
        Outcome.UNKNOWN: S.UNKNOWN if state is S.OPEN else state,
    }
    for state in (S.OPEN, S.UNKNOWN, S.PENDING, S.REQUIRES_ACTION)
}


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("state", AFTER_SEND)
def test_answer_to_a_send(state: AttemptState, outcome: Outcome) -> None:
    """Whatever a processor answers to a send has a state."""
    answered = attempt_in(state).answered(ANSWERS[outcome], SENT + HOUR)
    assert AFTER_SEND[state][outcome] is answered.state


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("state", AFTER_SEND)
def test_answer_to_a_look_up(state: AttemptState, outcome: Outcome) -> None:
    """A look-up that itself was refused or throttled says nothing about the send."""
    expected = AFTER_SEND[state][outcome]
    if state is S.OPEN and outcome in {Outcome.NOT_ATTEMPTED, Outcome.DUPLICATE_SUSPECTED}:
        expected = S.UNKNOWN
    answered = attempt_in(state).answered(ANSWERS[outcome], SENT + HOUR, is_look_up=True)
    assert expected is answered.state


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("state", [S.SUCCEEDED, S.DECLINED, S.VOID, S.HELD])
def test_answer_to_what_is_settled(state: AttemptState, outcome: Outcome) -> None:
    """A final or held attempt takes no answer: settling has to notice that first."""
    with pytest.raises(InvariantViolated):
        attempt_in(state).answered(ANSWERS[outcome], SENT + HOUR)


@pytest.mark.parametrize(
    "captured", [Money.of("19.99", "EUR"), Money.of("20.01", "EUR"), Money.of("20.00", "USD")]
)
@pytest.mark.parametrize("state", AFTER_SEND)
def test_success_over_something_else_is_held(state: AttemptState, captured: Money) -> None:
    """Another amount, a partial approval, or another currency goes to a person."""
    answered = attempt_in(state).answered(ChargeResult.succeeded(captured), SENT + HOUR)
    assert (S.HELD, captured) == (answered.state, answered.result and answered.result.amount)
    assert answered.needs_attention


# -- sends that surely did nothing ----------------------------------------------------


def test_only_send_not_attempted() -> None:
    """If every send surely did nothing the attempt stays open, to be sent again later."""
    attempt = attempt_in(S.OPEN).answered(ANSWERS[Outcome.NOT_ATTEMPTED], SENT)
    assert attempt.is_surely_unsent
    assert SENT + timedelta(minutes=5) == attempt.look_at


def test_processor_says_when_to_come_back() -> None:
    """A throttled request is repeated when the processor allows it."""
    throttled = ChargeResult.not_attempted(retry_after=timedelta(seconds=7))
    assert SENT + timedelta(seconds=7) == attempt_in(S.OPEN).answered(throttled, SENT).look_at


def test_refusal_is_on_record() -> None:
    """With what the processor said, counted, and looked at again when it likes; it is no look-up."""
    refusal = ChargeResult.not_attempted(retry_after=timedelta(seconds=7))
    sent = attempt_in(S.OPEN)
    refused = sent.answered(refusal, SENT)
    assert (refusal, 1, 0, None, sent.version + 1) == (
        refused.result,
        refused.sends_not_attempted,
        refused.looks,
        refused.looked_at,
        refused.version,
    )


def test_repeat_of_another_charge_is_looked_up_at_once() -> None:
    """It may be this very charge; any other answer that settles nothing is looked up later."""
    repeat = ANSWERS[Outcome.DUPLICATE_SUSPECTED]
    assert SENT + HOUR == attempt_in(S.OPEN).answered(repeat, SENT + HOUR).look_at
    assert 0 == attempt_in(S.OPEN).answered(repeat, SENT + HOUR).looks
    asked = attempt_in(S.OPEN).answered(repeat, SENT + HOUR, is_look_up=True)
    assert (1, SENT + HOUR + timedelta(minutes=5)) == (asked.looks, asked.look_at)


def test_two_sends_not_attempted() -> None:
    """A second send that did nothing, too, changes nothing about that."""
    attempt = attempt_in(S.OPEN)
    for _ in range(2):
        attempt = attempt.answered(ANSWERS[Outcome.NOT_ATTEMPTED], SENT).resent(SENT + HOUR)
    assert (S.OPEN, 3, 2, False) == (
        attempt.state,
        attempt.sends,
        attempt.sends_not_attempted,
        attempt.is_surely_unsent,
    )
    assert attempt.answered(ANSWERS[Outcome.NOT_ATTEMPTED], SENT + HOUR).is_surely_unsent


def test_not_attempted_after_an_uncertain_send() -> None:
    """Once a send was uncertain, a later one that did nothing proves nothing about the first."""
    lost = attempt_in(S.OPEN).answered(ANSWERS[Outcome.UNKNOWN], SENT)
    refused = lost.resent(SENT + HOUR).answered(ANSWERS[Outcome.NOT_ATTEMPTED], SENT + HOUR)
    assert (S.UNKNOWN, False) == (refused.state, refused.is_surely_unsent)


def test_not_attempted_after_a_crash() -> None:
    """A send of which no answer is on record may have happened: the resend's refusal proves nothing."""
    refused = attempt_in(S.OPEN).resent(SENT + HOUR).answered(ANSWERS[Outcome.NOT_ATTEMPTED], SENT + HOUR)
    assert (S.UNKNOWN, False) == (refused.state, refused.is_surely_unsent)


def test_uncertain_after_not_attempted() -> None:
    """And a send that got lost after one that did nothing is as uncertain as any."""
    refused = attempt_in(S.OPEN).answered(ANSWERS[Outcome.NOT_ATTEMPTED], SENT)
    lost = refused.resent(SENT + HOUR).answered(ANSWERS[Outcome.UNKNOWN], SENT + HOUR)
    assert (S.UNKNOWN, False) == (lost.state, lost.is_surely_unsent)


def test_processor_that_refuses_at_once_again_and_again() -> None:
    """Twice it is tried again at once; then there is a pause, or two machines would race for ever."""
    at_once = ChargeResult.not_attempted(retry_after=timedelta(0))
    attempt = attempt_in(S.OPEN)
    waits = []
    for _ in range(4):
        attempt = attempt.answered(at_once, SENT)
        assert attempt.look_at is not None
        waits.append(attempt.look_at - SENT)
        attempt = attempt.resent(SENT)
    minutes = timedelta(minutes=5)
    assert [timedelta(0), timedelta(0), minutes, minutes] == waits


# -- sends, look-ups, hints -----------------------------------------------------------


def test_resend_is_counted_before_it_is_sent() -> None:
    """The new send is on record with its time, and in flight; the request stays the same."""
    attempt = attempt_in(S.UNKNOWN)
    again = attempt.resent(SENT + 2 * HOUR)
    assert (2, SENT, SENT + 2 * HOUR, None) == (
        again.sends,
        again.first_sent_at,
        again.last_sent_at,
        again.look_at,
    )
    assert (attempt.request, attempt.version + 1) == (again.request, again.version)


def test_look_up_that_finds_nothing() -> None:
    """It is on record, and the next look comes later."""
    looked = attempt_in(S.UNKNOWN).looked_up_in_vain(SENT + 2 * HOUR)
    assert (SENT + 2 * HOUR, SENT + 2 * HOUR, SENT + 2 * HOUR + timedelta(minutes=5)) == (
        looked.not_found_at,
        looked.looked_at,
        looked.look_at,
    )


def test_resend_forgets_what_was_not_found_before() -> None:
    """What an earlier look-up did not find says nothing about the new send."""
    assert attempt_in(S.UNKNOWN).looked_up_in_vain(SENT + HOUR).resent(SENT + HOUR).not_found_at is None


def test_looks_become_rare() -> None:
    """After five minutes, after an hour, then once a day."""
    attempt, waits = attempt_in(S.OPEN), []
    for _ in range(4):
        attempt = attempt.answered(ANSWERS[Outcome.UNKNOWN], SENT)
        assert attempt.look_at is not None
        waits.append(attempt.look_at - SENT)
    assert [timedelta(minutes=5), HOUR, timedelta(days=1), timedelta(days=1)] == waits
    assert 4 == attempt.looks


def test_hint_makes_it_look_at_once() -> None:
    """A webhook brings the next look forward and says nothing else."""
    woken = attempt_in(S.UNKNOWN).woken(SENT + HOUR)
    assert (S.UNKNOWN, SENT + HOUR) == (woken.state, woken.look_at)


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.NOT_ATTEMPTED])
@pytest.mark.parametrize("state", [S.REQUIRES_ACTION, S.PENDING])
def test_failed_look_up_keeps_what_is_known(state: AttemptState, outcome: Outcome) -> None:
    """Where the owner confirms, and the processor's id, outlive a look-up that fails."""
    attempt = attempt_in(state)
    looked = attempt.answered(ANSWERS[outcome], SENT + HOUR, is_look_up=True)
    assert attempt.result == looked.result


def test_each_change_is_one_version_and_nothing_else() -> None:
    """Whoever reads a record twice sees what happened, and only that."""
    sent, later, soon = attempt_in(S.OPEN), SENT + HOUR, timedelta(minutes=5)
    looks: dict[str, Any] = {"looks": 1, "looked_at": later, "look_at": later + soon, "version": 2}
    lost = attrs.evolve(sent, state=S.UNKNOWN, result=ANSWERS[Outcome.UNKNOWN], uncertain_since=SENT, **looks)
    assert lost == sent.answered(ANSWERS[Outcome.UNKNOWN], later)
    assert attrs.evolve(sent, not_found_at=later, uncertain_since=SENT, **looks) == sent.looked_up_in_vain(
        later
    )
    assert attrs.evolve(sent, look_at=later, version=2) == sent.woken(later)
    again = attrs.evolve(lost, sends=2, last_sent_at=later, look_at=None, version=3)
    assert again == lost.resent(later)
    paid = attrs.evolve(
        lost,
        state=S.SUCCEEDED,
        result=SUCCESS,
        look_at=None,
        uncertain_since=None,
        uncertain_for=2 * HOUR,
        resolved_at=SENT + 2 * HOUR,
        version=3,
    )
    assert paid == lost.answered(SUCCESS, SENT + 2 * HOUR)
    other = ChargeResult.succeeded(Money.of("1.00", "EUR"))
    assert attrs.evolve(lost, state=S.HELD, result=other, version=3) == lost.answered(other, later)
    held = attrs.evolve(lost, state=S.HELD, version=3)
    assert held == lost.after(E.GAVE_UP, later)
    assert attrs.evolve(held, result=SUCCESS, version=4) == held.noted(SUCCESS)
    decided = attrs.evolve(paid, decision="refund", version=4)
    assert decided == paid.decided("refund")
    assert attrs.evolve(paid, orphan=SUCCESS, version=5) == decided.orphaned(SUCCESS)
    assert attrs.evolve(paid, refund_count=1, version=4) == paid.refund_decided()


def test_what_is_over_is_looked_at_no_more() -> None:
    """What waits for the cardholder is, when it was planned."""
    woken = attempt_in(S.UNKNOWN).woken(SENT + HOUR)
    asked, over = woken.after(E.ACTION_REQUIRED, SENT), woken.after(E.DECLINED, SENT)
    assert (SENT + HOUR, None) == (asked.look_at, over.look_at)
    assert (None, SENT) == (asked.resolved_at, over.resolved_at)


def test_request_with_what_was_prepared() -> None:
    """So that it is found, or closed, by the processor's own id."""
    attempt = attempt_in(S.OPEN)
    assert attempt.request is attempt.known_request
    prepared = attempt.prepared("pi_1", SENT)
    assert attrs.evolve(attempt.request, gateway_ref="pi_1") == prepared.known_request


def test_processors_id_of_the_charge() -> None:
    """That of late money before that of the answer, and that before what was prepared."""
    attempt = attempt_in(S.OPEN)
    assert attempt.charge_ref is None
    prepared = attempt.prepared("pi_1", SENT)
    assert "pi_1" == prepared.charge_ref
    assert "pi_1" == prepared.answered(ANSWERS[Outcome.UNKNOWN], SENT).charge_ref
    paid = prepared.answered(SUCCESS, SENT)
    assert "ch_1" == paid.charge_ref
    assert "ch_2" == paid.orphaned(ChargeResult.succeeded(PRICE, gateway_ref="ch_2")).charge_ref


def test_only_sought() -> None:
    """Until something was found, or sent."""
    sought = an_attempt(sends=0)
    assert (True, False) == (sought.is_only_sought, an_attempt().is_only_sought)
    assert not sought.answered(SUCCESS, SENT).is_only_sought
    assert not sought.is_surely_unsent


# -- the time to confirm ----------------------------------------------------------------


def test_processor_says_until_when_to_confirm() -> None:
    """The processor's own limit counts."""
    until = SENT + timedelta(minutes=20)
    action = ActionRequired(expires_at=until)
    attempt = attempt_in(S.OPEN).answered(ChargeResult.requires_action(action), SENT)
    assert until == attempt.ends_action_at(capabilities_of())


@pytest.mark.parametrize("result", [ANSWERS[Outcome.REQUIRES_ACTION], None])
def test_declared_time_to_confirm(result: ChargeResult | None) -> None:
    """Without one it is what the adapter declares, counted from the send."""
    attempt = an_attempt(S.REQUIRES_ACTION, sent_at=SENT, result=result)
    assert SENT + timedelta(hours=3) == attempt.ends_action_at(
        capabilities_of(action_lifetime=timedelta(hours=3))
    )


# -- uncertain time -----------------------------------------------------------------------


def test_prompt_answer_leaves_no_doubt() -> None:
    """Nobody was in doubt while a call was under way and came back."""
    answered = attempt_in(S.OPEN).answered(ANSWERS[Outcome.DECLINED], SENT + timedelta(seconds=2))
    assert (timedelta(0), SENT + timedelta(seconds=2)) == (answered.uncertain_for, answered.resolved_at)
    assert answered.declined_at == answered.resolved_at


def test_doubt_lasts_from_the_send_to_the_answer() -> None:
    """A lost answer was doubted since the send, until it is known."""
    lost = attempt_in(S.OPEN).answered(ANSWERS[Outcome.UNKNOWN], SENT + timedelta(seconds=30))
    assert (SENT, 3 * HOUR) == (lost.uncertain_since, lost.uncertain_time(SENT + 3 * HOUR))

    known = lost.answered(ANSWERS[Outcome.DECLINED], SENT + 5 * HOUR, is_look_up=True)
    assert (None, 5 * HOUR, 5 * HOUR) == (
        known.uncertain_since,
        known.uncertain_for,
        known.uncertain_time(SENT + 9 * HOUR),
    )


@pytest.mark.parametrize("outcome", [Outcome.SUCCEEDED, Outcome.DECLINED, Outcome.REQUIRES_ACTION])
def test_doubt_after_a_crash(outcome: Outcome) -> None:
    """An attempt found after a crash was in doubt since its send, until the look-up that settled it."""
    known = attempt_in(S.OPEN).answered(ANSWERS[outcome], SENT + 48 * HOUR, is_look_up=True)
    assert 48 * HOUR == known.uncertain_for


def test_doubt_after_a_crash_and_a_resend() -> None:
    """The same if the question was a repeat under the same key."""
    again = attempt_in(S.OPEN).resent(SENT + 48 * HOUR)
    assert 48 * HOUR == again.answered(ANSWERS[Outcome.DECLINED], SENT + 48 * HOUR).uncertain_for


def test_doubt_after_a_look_up_that_found_nothing() -> None:
    """And while a look-up finds nothing, doubt goes on."""
    looked = attempt_in(S.OPEN).looked_up_in_vain(SENT + HOUR)
    assert (SENT, 2 * HOUR) == (looked.uncertain_since, looked.uncertain_time(SENT + 2 * HOUR))
    voided = looked.after(E.NEVER_HAPPENED, SENT + 6 * HOUR)
    assert (6 * HOUR, SENT + 6 * HOUR) == (voided.uncertain_for, voided.resolved_at)


def test_asking_the_cardholder_is_no_doubt() -> None:
    """The time in which the owner was asked does not count; doubt before and after does."""
    lost = attempt_in(S.OPEN).answered(ANSWERS[Outcome.UNKNOWN], SENT)
    asked = lost.answered(ANSWERS[Outcome.REQUIRES_ACTION], SENT + 2 * HOUR, is_look_up=True)
    assert (None, 2 * HOUR, SENT + 2 * HOUR + HOUR) == (
        asked.uncertain_since,
        asked.uncertain_for,
        asked.look_at,
    )
    pending = asked.answered(ANSWERS[Outcome.PENDING], SENT + 10 * HOUR, is_look_up=True)
    assert SENT + 10 * HOUR == pending.uncertain_since
    known = pending.answered(ANSWERS[Outcome.DECLINED], SENT + 13 * HOUR, is_look_up=True)
    assert 5 * HOUR == known.uncertain_for


def test_look_up_that_finds_nothing_while_the_cardholder_is_asked() -> None:
    """Nothing found is no doubt where surely no money moved."""
    assert attempt_in(S.REQUIRES_ACTION).looked_up_in_vain(SENT + 2 * HOUR).uncertain_since is None


def test_clock_that_goes_back_counts_nothing() -> None:
    """Doubt is never negative."""
    lost = attempt_in(S.OPEN).answered(ANSWERS[Outcome.UNKNOWN], SENT)
    assert timedelta(0) == lost.uncertain_time(SENT - HOUR)


def test_instants_are_kept_in_utc() -> None:
    """Within one zone Python subtracts wall clocks; the night on which they change had 3 hours, not 4."""
    zone = ZoneInfo("Europe/Paris")
    attempt = an_attempt(sent_at=datetime(2025, 3, 30, 0, 0, tzinfo=zone))
    lost = attempt.answered(ANSWERS[Outcome.UNKNOWN], datetime(2025, 3, 30, 0, 0, tzinfo=zone))
    assert 3 * HOUR == lost.uncertain_time(datetime(2025, 3, 30, 4, 0, tzinfo=zone))


# -- orphans and decisions ----------------------------------------------------------------


def test_orphan_needs_attention_until_it_is_decided() -> None:
    """Money without a place asks for one decision."""
    orphan = attempt_in(S.VOID).orphaned(SUCCESS)
    assert orphan.needs_attention
    assert not orphan.decided("refund").needs_attention


def test_orphan_after_a_decision_needs_another_one() -> None:
    """A person voided a held charge; money that turns up then is news."""
    voided = attempt_in(S.HELD).after(E.NEVER_HAPPENED, SENT).decided("void")
    assert voided.orphaned(SUCCESS).needs_attention


@pytest.mark.parametrize("state", [state for state in AttemptState if state is not S.HELD])
def test_nothing_else_needs_a_person(state: AttemptState) -> None:
    """Whatever can still be found out is not a person's business."""
    assert not attempt_in(state).needs_attention


def test_declined_at_is_for_declines_only() -> None:
    """A success has no instant of its decline."""
    assert attempt_in(S.SUCCEEDED).declined_at is None


def test_repr_shows_no_request() -> None:
    """In a log stand id, number and state; no token, no amount."""
    assert "ChargeAttempt(att_1, number=1, open)" == repr(attempt_in(S.OPEN))


@pytest.mark.parametrize("state", AttemptState)
def test_round_trip(state: AttemptState) -> None:
    """An attempt survives its way through a store."""
    attempt = attrs.evolve(attempt_in(state), look_at=SENT, called_off_at=SENT)
    assert attempt == ChargeAttempt.from_dict(attempt.to_dict())
