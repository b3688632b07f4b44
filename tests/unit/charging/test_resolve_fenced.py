"""An attempt that is prepared first and then confirmed, and one that is taken for a repeat: what is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptEvent, AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.resolve import resolution, resolution_times
from billing_core.charging.steps import Wait
from billing_core.gateways.capabilities import GatewayGrade
from billing_core.gateways.results import ActionRequired, ChargeResult, Outcome
from billing_core.licenses.license import Cancellation
from billing_core.policy import BillingPolicy
from tests.charging_builders import (
    account_with,
    an_attempt,
    at,
    capabilities_of,
    card_named,
    dossier_of,
    license_of,
)

G, S = GatewayGrade, AttemptState
TICK, MINUTE, HOUR, DAY = (
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
SENT = at("2025-01-31 09:00")
LOST = ChargeResult.unknown("timeout")
DECLINED = ChargeResult.declined(Advice.RETRY_LATER)
ENDS = SENT + 2 * DAY
ASKED = ChargeResult.requires_action(ActionRequired(expires_at=ENDS))

OPENED = an_attempt(sent_at=SENT, is_fenced=True)
PREPARED = OPENED.prepared("pi_1", SENT + MINUTE)
CONFIRMING = PREPARED.confirming(SENT + HOUR)
UNKNOWN = CONFIRMING.answered(LOST, SENT + HOUR)

Found = tuple[str, str] | None


def dossier_with(attempt: ChargeAttempt, **changes: Any) -> Dossier:
    return dossier_of(capabilities=capabilities_of(G.FENCED), attempts=(attempt,), **changes)


def unwanted(attempt: ChargeAttempt) -> dict[str, Dossier]:
    """Why nobody wants it any more -> the dossier that says so."""
    ended = license_of().with_cancellation(Cancellation(requested_at=SENT))
    return {
        "license_canceled": dossier_with(attempt, license=ended),
        "card_changed": dossier_with(attempt, account=account_with(card_named(), card_named("card_2"))),
        "card_not_chargeable": dossier_with(
            attempt, account=account_with(card_named(expires=CardExpiry(2024, 12)))
        ),
    }


def found(dossier: Dossier, now: datetime) -> Found:
    """What is to be done, and why."""
    step = resolution(dossier, dossier.attempts[0], now)
    return None if step is None else (step.action.value, step.because.rule)


def first_at(attempt: ChargeAttempt, at: datetime) -> Found:
    """What is to be done from an instant on, and not before; the times say so, too."""
    dossier = dossier_with(attempt)
    assert found(dossier, at - TICK) is None
    assert at == min(resolution_times(dossier, attempt))
    return found(dossier, at)


# -- what each method leaves on record -----------------------------------------------------------


def test_prepared() -> None:
    """No money has moved; it is confirmed next, at once."""
    expected = attrs.evolve(
        OPENED, gateway_ref="pi_1", sends_not_attempted=1, look_at=SENT + MINUTE, version=2
    )
    assert (expected, True) == (PREPARED, PREPARED.is_surely_unsent)


def test_not_prepared() -> None:
    """Tried again later, as with any refused send; however often it was sent, nothing moved."""
    refused = OPENED.resent(SENT + HOUR).not_prepared(LOST, SENT + HOUR)
    assert (2, 2, LOST, SENT + HOUR + 5 * MINUTE, None) == (
        refused.sends,
        refused.sends_not_attempted,
        refused.result,
        refused.look_at,
        refused.gateway_ref,
    )
    asked = ChargeResult.not_attempted(retry_after=timedelta(seconds=7))
    assert SENT + timedelta(seconds=7) == OPENED.not_prepared(asked, SENT).look_at


def test_confirming() -> None:
    """From now on there may be doubt; from the first send on only if there was some before."""
    expected = attrs.evolve(PREPARED, sends=2, last_sent_at=SENT + HOUR, look_at=None, version=3)
    assert expected == CONFIRMING
    again = UNKNOWN.looked_up_in_vain(SENT + 2 * HOUR).confirming(SENT + 3 * HOUR)
    assert (3, None, None, SENT) == (again.sends, again.look_at, again.not_found_at, again.uncertain_since)
    crashed = CONFIRMING.confirming(SENT + 2 * HOUR)
    assert SENT == crashed.uncertain_since


def test_turned_down() -> None:
    """It is closed at once, though it was called off before."""
    off = CONFIRMING.called_off(SENT + HOUR)
    down = off.turned_down(DECLINED, SENT + 2 * HOUR)
    assert (S.UNKNOWN, DECLINED, SENT + 2 * HOUR, None, off.version + 1) == (
        down.state,
        down.result,
        down.look_at,
        down.called_off_at,
        down.version,
    )


def test_called_off() -> None:
    """Its looks are counted from there on, and not again with each try."""
    looked = UNKNOWN.answered(LOST, SENT + 2 * HOUR, is_look_up=True)
    off = looked.called_off(SENT + 3 * HOUR)
    assert (2, 0, SENT + 3 * HOUR, SENT + 3 * HOUR + 5 * MINUTE) == (
        looked.looks,
        off.looks,
        off.called_off_at,
        off.look_at,
    )
    again = attrs.evolve(off, looks=3).called_off(SENT + 4 * HOUR)
    assert (3, SENT + 4 * HOUR) == (again.looks, again.called_off_at)


# -- what is done -----------------------------------------------------------------------------------


def test_nothing_is_prepared_yet() -> None:
    """Prepared again when the call must be over, or when the processor likes; or not at all."""
    assert ("resend", "not_prepared") == first_at(OPENED, SENT + 2 * MINUTE)
    assert ("resend", "not_prepared") == first_at(OPENED.not_prepared(LOST, SENT), SENT + 5 * MINUTE)
    for dossier in unwanted(OPENED).values():
        assert ("void", "never_prepared_and_not_wanted") == found(dossier, SENT)


def test_prepared_is_confirmed_or_closed() -> None:
    """At once; what nobody wants any more is closed first."""
    assert ("confirm", "prepared") == first_at(PREPARED, SENT + MINUTE)
    for why, dossier in unwanted(PREPARED).items():
        assert ("cancel", why) == found(dossier, SENT)


def test_confirmed_is_looked_up() -> None:
    """When the call must be over, or some time after an answer that told nothing."""
    assert ("look_up", "outcome_unknown") == first_at(CONFIRMING, SENT + HOUR + 2 * MINUTE)
    assert ("look_up", "outcome_unknown") == first_at(UNKNOWN, SENT + HOUR + 5 * MINUTE)


def test_not_confirmed_is_confirmed_again() -> None:
    """It captures at most once: no window is counted. After five confirmations it is only looked at."""
    seen = UNKNOWN.looked_up_in_vain(SENT + 90 * DAY)
    assert ("confirm", "not_confirmed_yet") == found(dossier_with(seen), SENT + 90 * DAY)
    almost, often = attrs.evolve(seen, sends=5), attrs.evolve(seen, sends=6)
    assert seen.look_at is not None
    assert ("confirm", "not_confirmed_yet") == found(dossier_with(almost), SENT + 90 * DAY)
    assert ("look_up", "outcome_unknown") == first_at(often, seen.look_at)
    pending = CONFIRMING.answered(ChargeResult.pending(), SENT).looked_up_in_vain(SENT + DAY)
    assert found(dossier_with(pending), SENT + DAY) is None


def test_turned_down_is_closed() -> None:
    """At once, wanted or not; again later, if that failed."""
    down = CONFIRMING.turned_down(DECLINED, SENT + HOUR)
    assert ("cancel", "declined_not_closed") == found(dossier_with(down), SENT)
    off = down.called_off(SENT + 2 * HOUR)
    assert ("cancel", "declined_not_closed") == first_at(off, SENT + 2 * HOUR + 5 * MINUTE)
    exhausted = attrs.evolve(off, looks=9)
    assert ("hold", "looks_exhausted") == first_at(exhausted, SENT + 2 * HOUR + 5 * MINUTE)


def test_wakes_when_the_card_of_an_uncertain_charge_expires() -> None:
    """From that midnight on, in the license's zone, it is to be closed: nobody waits for the next look-up."""
    february = at("2025-01-31 23:00")
    attempt = attrs.evolve(UNKNOWN, looked_at=SENT + HOUR, look_at=february + DAY)
    dossier = dossier_with(attempt, account=account_with(card_named(expires=CardExpiry(2025, 1))))
    wait = next_step(dossier, february - TICK, BillingPolicy(renewal_notice_days=0))
    assert isinstance(wait, Wait)
    assert february == wait.until
    assert ("cancel", "card_not_chargeable") == found(dossier, february)


def test_unwanted_is_closed() -> None:
    """At once, and again later if that failed; but what the processor has accepted is waited for."""
    for why, dossier in unwanted(UNKNOWN).items():
        assert ("cancel", why) == found(dossier, SENT)
    off = UNKNOWN.called_off(SENT + 2 * HOUR)
    for why, dossier in unwanted(off).items():
        assert found(dossier, SENT + 2 * HOUR + 5 * MINUTE - TICK) is None
        assert ("cancel", why) == found(dossier, SENT + 2 * HOUR + 5 * MINUTE)
    accepted = CONFIRMING.answered(ChargeResult.pending(), SENT + HOUR)
    for dossier in unwanted(accepted).values():
        assert found(dossier, SENT + HOUR) is None
        assert ("look_up", "outcome_unknown") == found(dossier, SENT + HOUR + 5 * MINUTE)


def test_looks_are_exhausted() -> None:
    """A person is asked, unless surely nothing was taken: then it is confirmed."""
    over = attrs.evolve(UNKNOWN, looks=9, look_at=SENT + DAY)
    assert ("hold", "looks_exhausted") == first_at(over, SENT + DAY)
    assert ("look_up", "outcome_unknown") == first_at(attrs.evolve(over, looks=8), SENT + DAY)
    unsent = attrs.evolve(PREPARED, looks=9, look_at=SENT + DAY)
    assert ("confirm", "prepared") == first_at(unsent, SENT + DAY)


def test_cardholder_who_does_not_confirm() -> None:
    """Only what is closed can't be confirmed any more: it is closed when the time is over, not believed."""
    waiting = CONFIRMING.answered(ASKED, SENT + HOUR)
    dossier = dossier_with(waiting)
    assert ("look_up", "cardholder_may_have_confirmed") == found(dossier, ENDS - TICK)
    assert ("cancel", "not_confirmed_in_time") == found(dossier, ENDS)
    off = waiting.called_off(ENDS).answered(LOST, ENDS, is_look_up=True)
    assert found(dossier_with(off), ENDS + 5 * MINUTE - TICK) is None
    assert ("cancel", "not_confirmed_in_time") == found(dossier_with(off), ENDS + 5 * MINUTE)
    proved = waiting.looked_up_in_vain(ENDS + DAY)
    assert ("cancel", "not_confirmed_in_time") == found(dossier_with(proved), ENDS + DAY)
    late = attrs.evolve(waiting, looked_at=ENDS + 7 * DAY, look_at=ENDS + 8 * DAY)
    assert ("hold", "looks_exhausted") == found(dossier_with(late), ENDS + 8 * DAY)
    almost = attrs.evolve(late, looked_at=ENDS + 7 * DAY - TICK)
    assert ("cancel", "not_confirmed_in_time") == found(dossier_with(almost), ENDS + 8 * DAY)


# -- taken for a repeat ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "declared", "waits"),
    [
        (None, None, HOUR),
        (None, 3 * MINUTE, 3 * MINUTE),
        (2 * HOUR, None, 2 * HOUR),
        (2 * HOUR, 3 * MINUTE, 2 * HOUR),
        (MINUTE, 3 * MINUTE, 3 * MINUTE),
    ],
)
@pytest.mark.parametrize("grade", [G.KEYED_WITH_LOOKUP, G.KEYED, G.FENCED])
def test_taken_for_a_repeat(
    asked: timedelta | None, declared: timedelta | None, waits: timedelta, grade: GatewayGrade
) -> None:
    """Sent again once the processor's window is over, as it declares, or asks for, whichever is later."""
    repeat = ChargeResult(outcome=Outcome.DUPLICATE_SUSPECTED, retry_after=asked)
    start = CONFIRMING if grade is G.FENCED else an_attempt(sent_at=SENT + HOUR)
    attempt = start.answered(repeat, SENT + HOUR)
    if grade is not G.KEYED:
        attempt = attempt.looked_up_in_vain(SENT + HOUR)
    dossier = dossier_of(capabilities=capabilities_of(grade, duplicate_window=declared), attempts=(attempt,))
    free_at = SENT + HOUR + waits
    again = {
        G.KEYED_WITH_LOOKUP: ("resend", "not_found_inside_window"),
        G.KEYED: ("resend", "inside_key_window"),
        G.FENCED: ("confirm", "not_confirmed_yet"),
    }
    assert again[grade] == found(dossier, free_at)
    assert again[grade] != found(dossier, free_at - TICK)
    assert free_at in resolution_times(dossier, attempt)


@pytest.mark.parametrize("answer", [None, LOST, ChargeResult.not_attempted(retry_after=2 * HOUR)])
def test_no_window_without_suspicion(answer: ChargeResult | None) -> None:
    """Other answers are not waited for in this way."""
    attempt = attrs.evolve(an_attempt(S.UNKNOWN, sent_at=SENT), result=answer).looked_up_in_vain(SENT)
    dossier = dossier_of(capabilities=capabilities_of(duplicate_window=HOUR), attempts=(attempt,))
    assert ("resend", "not_found_inside_window") == found(dossier, SENT)


def test_what_is_over_needs_nothing() -> None:
    """A held one is a person's, and no time is planned for it."""
    held = UNKNOWN.after(AttemptEvent.GAVE_UP, SENT + DAY)
    assert found(dossier_with(held), SENT + 9 * DAY) is None
    assert () == resolution_times(dossier_with(held), held)
