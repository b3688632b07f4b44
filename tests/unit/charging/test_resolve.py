"""What is done about an unresolved attempt: by grade, state and elapsed time."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.resolve import LOOKS_MAX, SENDS_MAX, resolution, resolution_time, resolution_times
from billing_core.charging.steps import ResolveAction
from billing_core.gateways.capabilities import GatewayGrade, Operation
from billing_core.gateways.results import ActionRequired, ChargeResult
from billing_core.licenses.license import Cancellation
from tests.charging_builders import (
    account_with,
    an_attempt,
    at,
    capabilities_of,
    card_named,
    dossier_of,
    license_of,
)

S, A, G = AttemptState, ResolveAction, GatewayGrade
SENT = at("2025-01-31 09:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)

# 24 h of key retention less 1 h of request life and 5 h of margin.
WINDOW = 18 * HOUR
# 1 h of request life, 1 min of lag and 5 h of margin.
PROOF = 6 * HOUR + MINUTE

LOST = ChargeResult.unknown("timeout")
WITH_LOOK_UP = [G.FENCED, G.KEYED_WITH_LOOKUP]


def with_attempt(
    attempt: ChargeAttempt,
    grade: GatewayGrade = G.KEYED_WITH_LOOKUP,
    account: Account | None = None,
    **changes: object,
) -> Dossier:
    return dossier_of(account=account, capabilities=capabilities_of(grade, **changes), attempts=(attempt,))


def action(dossier: Dossier, now: datetime) -> tuple[str, str] | None:
    """What is to be done, and why."""
    attempt = dossier.unresolved_attempt
    assert attempt is not None
    step = resolution(dossier, attempt, now)
    return None if step is None else (step.action.value, step.because.rule)


def lost_at(sent_at: datetime) -> ChargeAttempt:
    """An attempt whose only send was answered by silence, at once."""
    return an_attempt(sent_at=sent_at).answered(LOST, sent_at)


# -- in flight ------------------------------------------------------------------------


@pytest.mark.parametrize("grade", GatewayGrade)
def test_call_under_way_is_left_alone(grade: GatewayGrade) -> None:
    """Until the call can't take any longer nobody interferes; then it counts as lost."""
    dossier = with_attempt(an_attempt(sent_at=SENT), grade)
    expected = {
        G.FENCED: ("look_up", "outcome_unknown"),
        G.KEYED_WITH_LOOKUP: ("look_up", "outcome_unknown"),
        G.KEYED: ("resend", "inside_key_window"),
        G.NONE: ("hold", "cannot_be_found_out"),
    }
    assert action(dossier, SENT + 2 * MINUTE - TICK) is None
    assert expected[grade] == action(dossier, SENT + 2 * MINUTE)


def test_resend_is_in_flight_too() -> None:
    """A repeat gets the same time as the first send."""
    dossier = with_attempt(lost_at(SENT).resent(SENT + HOUR))
    assert action(dossier, SENT + HOUR + 2 * MINUTE - TICK) is None
    assert SENT + HOUR + 2 * MINUTE == resolution_time(dossier, dossier.attempts[0])


def test_hint_ends_the_wait() -> None:
    """A webhook during the call is a reason to look at once."""
    assert ("look_up", "outcome_unknown") == action(
        with_attempt(an_attempt(sent_at=SENT).woken(SENT + TICK)), SENT + TICK
    )


# -- with a look-up ---------------------------------------------------------------------


@pytest.mark.parametrize("grade", WITH_LOOK_UP)
@pytest.mark.parametrize("result", [LOST, ChargeResult.pending()])
def test_unknown_and_pending_are_looked_up(grade: GatewayGrade, result: ChargeResult) -> None:
    """Five minutes after the answer that told nothing."""
    dossier = with_attempt(an_attempt(sent_at=SENT).answered(result, SENT), grade)
    assert action(dossier, SENT + 5 * MINUTE - TICK) is None
    assert ("look_up", "outcome_unknown") == action(dossier, SENT + 5 * MINUTE)


@pytest.mark.parametrize("grade", WITH_LOOK_UP)
def test_not_found_inside_the_window_is_sent_again(grade: GatewayGrade) -> None:
    """While the processor surely remembers the key, a repeat can't charge twice."""
    looked = lost_at(SENT).looked_up_in_vain(SENT + 5 * MINUTE)
    assert ("resend", "not_found_inside_window") == action(with_attempt(looked, grade), SENT + 5 * MINUTE)


def test_not_found_with_a_short_memory() -> None:
    """A processor that forgets keys early gets no repeat; the look-ups go on until they prove something."""
    looked = lost_at(SENT).looked_up_in_vain(SENT + 5 * MINUTE)
    dossier = with_attempt(looked, key_retention=5 * HOUR)
    assert action(dossier, SENT + 5 * MINUTE) is None
    assert SENT + 5 * MINUTE + HOUR == resolution_time(dossier, looked)


@pytest.mark.parametrize("before", [TICK, timedelta(0)])
def test_window_ends_exactly(before: timedelta) -> None:
    """The last repeat is possible just before the window closes, and never at its end."""
    looked = attrs.evolve(lost_at(SENT).resent(SENT + WINDOW - MINUTE), state=S.UNKNOWN).looked_up_in_vain(
        SENT + WINDOW - before
    )
    expected = ("resend", "not_found_inside_window") if before else None
    assert expected == action(with_attempt(looked), SENT + WINDOW - before)


def test_not_found_after_the_wait_is_void() -> None:
    """Once the last send can't take effect any more, "not found" is believed; not a microsecond earlier."""
    early = with_attempt(lost_at(SENT).looked_up_in_vain(SENT + PROOF - TICK), key_retention=5 * HOUR)
    proved = with_attempt(lost_at(SENT).looked_up_in_vain(SENT + PROOF), key_retention=5 * HOUR)
    assert action(early, SENT + PROOF - TICK) is None
    assert ("void", "not_found_after_wait") == action(proved, SENT + PROOF)


def test_proof_counts_from_the_last_send() -> None:
    """A repeat moves the time from which "not found" is believed."""
    again = lost_at(SENT).resent(SENT + HOUR).answered(LOST, SENT + HOUR)
    late = with_attempt(again.looked_up_in_vain(SENT + HOUR + PROOF - TICK))
    proved = with_attempt(again.looked_up_in_vain(SENT + HOUR + PROOF))
    assert ("resend", "not_found_inside_window") == action(late, SENT + HOUR + PROOF - TICK)
    assert ("void", "not_found_after_wait") == action(proved, SENT + HOUR + PROOF)


def test_look_up_at_the_time_of_proof() -> None:
    """However rare the looks have become, there is one when it proves something."""
    tired = attrs.evolve(
        lost_at(SENT), sends=SENDS_MAX, looks=3, looked_at=SENT + HOUR, look_at=SENT + 25 * HOUR
    )
    dossier = with_attempt(tired)
    assert SENT + PROOF == resolution_time(dossier, tired)
    assert action(dossier, SENT + PROOF - TICK) is None
    assert ("look_up", "outcome_unknown") == action(dossier, SENT + PROOF)


def test_too_many_sends() -> None:
    """After five sends of one request only look-ups go on."""
    often = attrs.evolve(lost_at(SENT), sends=SENDS_MAX).looked_up_in_vain(SENT + HOUR)
    assert action(with_attempt(often), SENT + HOUR) is None
    assert ("look_up", "outcome_unknown") == action(with_attempt(often), SENT + 2 * HOUR)


def test_pending_is_not_unheard_of() -> None:
    """A processor that said "pending" knows the charge: not finding it proves nothing."""
    looked = an_attempt(sent_at=SENT).answered(ChargeResult.pending(), SENT).looked_up_in_vain(SENT + PROOF)
    assert action(with_attempt(looked), SENT + PROOF) is None


@pytest.mark.parametrize("state", [S.UNKNOWN, S.PENDING])
def test_looks_are_exhausted(state: AttemptState) -> None:
    """After nine looks that told nothing, about a week, a person is asked."""
    attempt = an_attempt(
        state, sent_at=SENT, looks=LOOKS_MAX, looked_at=SENT + 7 * DAY, look_at=SENT + 8 * DAY
    )
    assert action(with_attempt(attempt), SENT + 8 * DAY - TICK) is None
    assert ("hold", "looks_exhausted") == action(with_attempt(attempt), SENT + 8 * DAY)


# -- without a look-up ------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.OPEN, S.UNKNOWN, S.PENDING])
def test_keyed_gateway_is_asked_again_inside_the_window(state: AttemptState) -> None:
    """A repeat under the same key replays what happened; after the window a person decides."""
    attempt = an_attempt(state, sent_at=SENT, look_at=SENT + HOUR)
    dossier = with_attempt(attempt, G.KEYED)
    assert ("resend", "inside_key_window") == action(dossier, SENT + WINDOW - TICK)
    assert ("hold", "cannot_be_found_out") == action(dossier, SENT + WINDOW)


def test_keyed_gateway_with_too_many_sends() -> None:
    """Five repeats without an answer are enough."""
    often = attrs.evolve(lost_at(SENT), sends=SENDS_MAX)
    assert ("hold", "cannot_be_found_out") == action(with_attempt(often, G.KEYED), SENT + HOUR)


def test_gateway_without_keys_is_sent_to_once() -> None:
    """What stays unknown there goes to a person; the library never guesses."""
    dossier = with_attempt(lost_at(SENT), G.NONE)
    assert action(dossier, SENT + 5 * MINUTE - TICK) is None
    assert ("hold", "cannot_be_found_out") == action(dossier, SENT + 5 * MINUTE)


def test_what_was_not_found_is_no_proof_without_a_look_up() -> None:
    """A gateway that lost its look-up since proves nothing with what it said before."""
    looked = lost_at(SENT).looked_up_in_vain(SENT + PROOF)
    assert ("hold", "cannot_be_found_out") == action(with_attempt(looked, G.NONE), SENT + 2 * PROOF)


# -- nobody can go on ---------------------------------------------------------------------


@pytest.mark.parametrize("grade", GatewayGrade)
def test_held_is_left_to_a_person(grade: GatewayGrade) -> None:
    """The library does nothing more about it, ever."""
    dossier = with_attempt(an_attempt(S.HELD, sent_at=SENT), grade)
    assert action(dossier, SENT + 400 * DAY) is None
    assert resolution_time(dossier, dossier.attempts[0]) is None


def test_gateway_that_the_host_took_away() -> None:
    """Without its adapter nobody can ask."""
    dossier = dossier_of(attempts=(lost_at(SENT),), gateways={})
    assert action(dossier, SENT + 400 * DAY) is None
    assert () == resolution_times(dossier, dossier.attempts[0])


# -- surely not sent ----------------------------------------------------------------------


REFUSED = an_attempt(sent_at=SENT).answered(ChargeResult.not_attempted(retry_after=HOUR), SENT)


@pytest.mark.parametrize("grade", GatewayGrade)
def test_refused_send_is_repeated(grade: GatewayGrade) -> None:
    """It surely did nothing: any grade may send it again, when the processor allows it."""
    dossier = with_attempt(REFUSED, grade)
    assert action(dossier, SENT + HOUR - TICK) is None
    assert ("resend", "never_sent") == action(dossier, SENT + HOUR)
    assert SENT + HOUR == resolution_time(dossier, REFUSED)


@pytest.mark.parametrize(
    "account",
    [
        account_with(),
        account_with(card_named(), card_named("card_2")),
        account_with(card_named(frozen_because=Advice.NEVER)),
        account_with(card_named(expires=CardExpiry(2024, 12))),
    ],
    ids=["no card", "another card", "frozen", "expired"],
)
def test_refused_send_to_a_card_that_is_gone(account: Account) -> None:
    """Nothing happened, and the card is not to be charged any more: the attempt is void."""
    assert ("void", "never_sent_and_not_wanted") == action(with_attempt(REFUSED, account=account), SENT)


def test_refused_send_for_a_license_that_ended() -> None:
    """From the instant of its end, and not before."""
    ended = Cancellation(requested_at=SENT + MINUTE)
    dossier = with_attempt(REFUSED).with_license(license_of().with_cancellation(ended))
    assert action(dossier, SENT + MINUTE - TICK) is None
    assert ("void", "never_sent_and_not_wanted") == action(dossier, SENT + MINUTE)


# -- waiting for the cardholder -------------------------------------------------------------


ASKED = an_attempt(sent_at=SENT).answered(ChargeResult.requires_action(ActionRequired()), SENT)
ENDS = SENT + DAY


#: All that a gateway offers which calls nothing off.
LOOKS = frozenset({Operation.FIND_CHARGE})


def asked_of(
    attempt: ChargeAttempt = ASKED,
    account: Account | None = None,
    grade: GatewayGrade = G.KEYED_WITH_LOOKUP,
    **changes: object,
) -> Dossier:
    return with_attempt(attempt, grade, account, **changes)


def test_cardholder_is_looked_after() -> None:
    """They may have confirmed meanwhile."""
    assert action(asked_of(), SENT + 5 * MINUTE - TICK) is None
    assert ("look_up", "cardholder_may_have_confirmed") == action(asked_of(), SENT + 5 * MINUTE)


def test_look_up_at_the_end_of_the_time_to_confirm() -> None:
    """However rare the looks have become, there is one at the end."""
    tired = attrs.evolve(ASKED, looks=5, looked_at=ENDS - HOUR, look_at=ENDS + 23 * HOUR)
    dossier = asked_of(tired, operations=LOOKS)
    assert ENDS == resolution_time(dossier, tired)
    assert action(dossier, ENDS - TICK) is None
    assert ("look_up", "cardholder_may_have_confirmed") == action(dossier, ENDS)


def test_time_to_confirm_is_over() -> None:
    """Look-ups lag, and clocks differ: only one that would show a confirmation in the last moment ends it."""
    surely_over = ENDS + capabilities_of().not_found_wait
    early, late = ASKED.looked_up_in_vain(surely_over - TICK), ASKED.looked_up_in_vain(surely_over)
    dossier = asked_of(early, operations=LOOKS)
    assert ("look_up", "cardholder_may_have_confirmed") == action(dossier, surely_over)
    assert ("end_action", "not_confirmed_in_time") == action(asked_of(late), surely_over)


def test_look_up_when_the_time_to_confirm_is_surely_over() -> None:
    """However rare the looks have become, there is one that proves something, and one before at the end."""
    surely_over = ENDS + capabilities_of().not_found_wait
    tired = attrs.evolve(ASKED, looks=5, looked_at=ENDS, look_at=ENDS + DAY)
    assert surely_over == resolution_time(asked_of(tired), tired)
    proved = attrs.evolve(tired, looked_at=surely_over)
    assert ENDS + DAY == resolution_time(asked_of(proved), proved)


def test_failed_look_up_at_the_end_is_not_repeated_at_once() -> None:
    """A processor that can't answer is left alone for a while, however late it is."""
    failed = ASKED.answered(LOST, ENDS, is_look_up=True)
    assert failed.look_at is not None
    dossier = asked_of(failed, operations=LOOKS)
    assert action(dossier, failed.look_at - TICK) is None
    assert ("look_up", "cardholder_may_have_confirmed") == action(dossier, failed.look_at)


def test_nobody_can_tell_whether_the_cardholder_confirmed() -> None:
    """If look-ups fail for a week after the end, a person is asked."""
    failed = ASKED.answered(LOST, ENDS + 7 * DAY, is_look_up=True)
    almost = ASKED.answered(LOST, ENDS + 7 * DAY - TICK, is_look_up=True)
    dossier = asked_of(almost, operations=LOOKS)
    assert ("look_up", "cardholder_may_have_confirmed") == action(dossier, ENDS + 9 * DAY)
    assert ("hold", "looks_exhausted") == action(asked_of(failed, operations=LOOKS), ENDS + 9 * DAY)


@pytest.mark.parametrize("grade", [G.KEYED, G.NONE])
def test_end_of_the_time_to_confirm_without_a_look_up(grade: GatewayGrade) -> None:
    """Nobody can tell whether they confirmed at the last moment: a person decides."""
    dossier = asked_of(grade=grade, operations=LOOKS)
    assert (ENDS,) == resolution_times(dossier, ASKED)
    assert action(dossier, ENDS - TICK) is None
    assert ("hold", "cannot_be_found_out") == action(dossier, ENDS)


@pytest.mark.parametrize(
    ("account", "why"),
    [
        (account_with(), "card_changed"),
        (account_with(card_named(), card_named("card_2")), "card_changed"),
        (account_with(card_named(frozen_because=Advice.STOP_RECURRING)), "card_not_chargeable"),
        (account_with(card_named(expires=CardExpiry(2024, 12))), "card_not_chargeable"),
    ],
    ids=["no card", "another card", "frozen", "expired"],
)
def test_confirmation_for_a_card_that_is_gone_is_called_off(account: Account, why: str) -> None:
    """A card update cancels the charge that waits for the old card's holder, at once."""
    assert ("cancel", why) == action(asked_of(account=account), SENT + TICK)


def test_confirmation_for_a_license_that_ended_is_called_off() -> None:
    """Nobody should pay for a license that is canceled."""
    ended = Cancellation(requested_at=SENT + MINUTE)
    dossier = asked_of().with_license(license_of().with_cancellation(ended))
    assert action(dossier, SENT + MINUTE - TICK) is None
    assert ("cancel", "license_canceled") == action(dossier, SENT + MINUTE)


@pytest.mark.parametrize("grade", GatewayGrade)
def test_what_was_not_confirmed_in_time_is_called_off(grade: GatewayGrade) -> None:
    """A processor may take a confirmation after the time it declared: only what is closed is over."""
    dossier = asked_of(grade=grade)
    assert ENDS in resolution_times(dossier, ASKED)
    assert action(dossier, ENDS - TICK) in {None, ("look_up", "cardholder_may_have_confirmed")}
    assert ("cancel", "not_confirmed_in_time") == action(dossier, ENDS)


def test_calling_off_what_was_not_confirmed_fails() -> None:
    """It is tried again after a while, for a week; then a person is asked."""
    called_off = ASKED.called_off(ENDS).answered(LOST, ENDS, is_look_up=True)
    assert called_off.look_at is not None
    assert action(asked_of(called_off), called_off.look_at - TICK) is None
    assert ("cancel", "not_confirmed_in_time") == action(asked_of(called_off), called_off.look_at)
    late = called_off.called_off(ENDS + 7 * DAY).answered(LOST, ENDS + 7 * DAY, is_look_up=True)
    assert ("hold", "looks_exhausted") == action(asked_of(late), ENDS + 9 * DAY)


def test_gateway_that_calls_nothing_off() -> None:
    """Then the time to confirm has to run out."""
    capabilities = capabilities_of(operations=[Operation.FIND_CHARGE])
    dossier = dossier_of(account=account_with(), capabilities=capabilities, attempts=(ASKED,))
    assert action(dossier, SENT + TICK) is None


@pytest.mark.parametrize("grade", GatewayGrade)
def test_calling_off_that_fails_is_not_repeated_at_once(grade: GatewayGrade) -> None:
    """A processor that can't answer is asked again after five minutes, an hour, and then daily."""
    account = account_with(card_named(), card_named("card_2"))
    slow = ActionRequired(expires_at=SENT + 30 * DAY)
    attempt = an_attempt(sent_at=SENT).answered(ChargeResult.requires_action(slow), SENT)
    now = SENT + MINUTE
    waits = []
    for _ in range(3):
        assert ("cancel", "card_changed") == action(asked_of(attempt, account, grade), now)
        attempt = attempt.called_off(now).answered(LOST, now, is_look_up=True)
        assert attempt.look_at is not None
        assert action(asked_of(attempt, account, grade), attempt.look_at - TICK) is None
        assert attempt.look_at in resolution_times(asked_of(attempt, account, grade), attempt)
        waits.append(attempt.look_at - now)
        now = attempt.look_at
    assert [5 * MINUTE, HOUR, DAY] == waits


def test_crash_while_calling_off() -> None:
    """That it was tried is on record before: it is tried again a little later."""
    account = account_with(card_named(), card_named("card_2"))
    attempt = ASKED.called_off(SENT + HOUR)
    dossier = asked_of(attempt, account)
    assert action(dossier, SENT + HOUR + 5 * MINUTE - TICK) is None
    assert ("cancel", "card_changed") == action(dossier, SENT + HOUR + 5 * MINUTE)


def test_step_tells_what_it_looked_at() -> None:
    """State, sends and looks stand in the reason."""
    dossier = with_attempt(lost_at(SENT))
    step = resolution(dossier, dossier.attempts[0], SENT + HOUR)
    assert step is not None
    assert ("att_1", {"state": "unknown", "sends": 1, "looks": 1}) == (step.attempt_id, step.because.facts)
