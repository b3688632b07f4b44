"""What answers mean over time, and what that tells billing to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest

from billing_core.errors import InvalidInput
from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.verification import (
    VerificationOutcome,
    VerificationPolicy,
    VerificationState,
    VerificationVerdict,
    next_verification,
)

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def answer(status: str, at: datetime = NOW, retry_after: timedelta | None = None) -> RegistryAnswer:
    return RegistryAnswer(status=RegistryStatus(status), checked_at=at, retry_after=retry_after)


def after(
    *statuses: str, policy: VerificationPolicy | None = None
) -> list[tuple[VerificationState, list[str]]]:
    """The states and outcomes of a row of answers, one a day."""
    steps: list[tuple[VerificationState, list[str]]] = []
    state = VerificationState()
    for days, status in enumerate(statuses):
        at = NOW + days * DAY
        state, outcomes = next_verification(state, answer(status, at), at, policy)
        steps.append((state, [outcome.value for outcome in outcomes]))
    return steps


def test_a_new_id_is_due() -> None:
    """Nobody asked yet, so it is time to."""
    assert VerificationState().is_due(NOW)
    assert VerificationState().verdict is VerificationVerdict.UNVERIFIED


def test_valid_verifies_and_is_asked_again_in_a_month() -> None:
    """The first VALID is news; the next check comes by itself."""
    [(state, outcomes)] = after("valid")

    assert outcomes == ["verified"]
    assert (VerificationVerdict.VERIFIED, 0, NOW + 30 * DAY) == (
        state.verdict,
        state.attempts,
        state.next_check_at,
    )
    assert state.last_valid == state.last_answer
    assert not state.is_due(NOW + 30 * DAY - timedelta(seconds=1))
    assert state.is_due(NOW + 30 * DAY)


def test_a_second_valid_is_no_news() -> None:
    """Verified stays verified, with the newer evidence."""
    [_, (state, outcomes)] = after("valid", "valid")

    assert outcomes == []
    assert state.last_valid == answer("valid", NOW + DAY)


def test_invalid_rejects_and_is_not_asked_again() -> None:
    """Nothing changes until the customer gives another id."""
    [(state, outcomes)] = after("invalid")

    assert outcomes == ["rejected"]
    assert (VerificationVerdict.INVALID, None) == (state.verdict, state.next_check_at)
    assert not state.is_due(NOW + 9999 * DAY)


def test_a_verified_id_is_revoked_once() -> None:
    """Billing is told once; the old evidence is kept."""
    steps = after("valid", "invalid", "unavailable", "invalid", "refused", "invalid")

    assert [outcomes for _, outcomes in steps] == [
        ["verified"],
        ["revoked"],
        ["deferred"],
        [],
        ["operator_alarm"],
        [],
    ]
    assert steps[-1][0].last_valid == answer("valid")


def test_each_spell_of_validity_can_be_revoked() -> None:
    """Verified again, revoked again."""
    steps = after("valid", "invalid", "valid", "invalid")
    assert [outcomes for _, outcomes in steps] == [["verified"], ["revoked"], ["verified"], ["revoked"]]


def test_backoff() -> None:
    """A minute, five, thirty, two hours, then daily; an answer starts over."""
    state, pauses = VerificationState(), []
    for _ in range(7):
        state, _ = next_verification(state, answer("unavailable"), NOW)
        assert state.next_check_at is not None
        pauses.append(state.next_check_at - NOW)

    minutes = [1, 5, 30, 120, 1440, 1440, 1440]
    assert [timedelta(minutes=count) for count in minutes] == pauses
    assert state.attempts == 7
    assert next_verification(state, answer("valid"), NOW)[0].attempts == 0


@pytest.mark.parametrize(
    ("asked", "minutes"), [(timedelta(seconds=5), 1), (timedelta(minutes=10), 10), (timedelta(days=30), 1440)]
)
def test_a_register_may_ask_for_patience(asked: timedelta, minutes: int) -> None:
    """Longer than our pause counts, shorter does not, and a month is capped at our slowest pace."""
    state, _ = next_verification(VerificationState(), answer("unavailable", retry_after=asked), NOW)
    assert state.next_check_at == NOW + timedelta(minutes=minutes)


def test_refused_alarms_the_operator_and_waits_a_day() -> None:
    """Hammering a register that blocks us helps nobody; the customer is not blamed."""
    [_, (state, outcomes)] = after("valid", "refused")

    assert outcomes == ["operator_alarm"]
    assert (VerificationVerdict.VERIFIED, NOW + 2 * DAY) == (state.verdict, state.next_check_at)


def test_grace_ends_once_by_an_answer_or_by_time() -> None:
    """After re-verification was due and grace is over, nobody knows any more: unverified, not invalid."""
    [(verified, _)] = after("valid")
    last_moment = NOW + 60 * DAY - timedelta(microseconds=1)
    over = NOW + 60 * DAY

    assert next_verification(verified, None, last_moment) == (verified, ())
    by_time, outcomes = next_verification(verified, None, over)
    assert outcomes == (VerificationOutcome.GRACE_ENDED,)
    assert by_time.verdict is VerificationVerdict.UNVERIFIED
    assert next_verification(by_time, None, over + DAY) == (by_time, ())

    by_answer, outcomes = next_verification(verified, answer("unavailable", over), over)
    assert outcomes == (VerificationOutcome.DEFERRED, VerificationOutcome.GRACE_ENDED)
    assert by_answer.verdict is VerificationVerdict.UNVERIFIED


def test_invalid_after_grace_is_still_a_revocation() -> None:
    """What was billed on the old VALID answer is in question, however long the outage was."""
    [(verified, _)] = after("valid")
    ended, _ = next_verification(verified, None, NOW + 99 * DAY)

    _, outcomes = next_verification(ended, answer("invalid", NOW + 100 * DAY), NOW + 100 * DAY)
    assert outcomes == (VerificationOutcome.REVOKED,)


def test_an_old_valid_answer_verifies_nothing_for_long() -> None:
    """An imported answer that has outlived its grace is evidence only."""
    state, outcomes = next_verification(VerificationState(), answer("valid"), NOW + 61 * DAY)

    assert outcomes == (VerificationOutcome.VERIFIED, VerificationOutcome.GRACE_ENDED)
    assert state.is_due(NOW + 61 * DAY)


def test_late_mail_changes_nothing() -> None:
    """An answer from before the last one does not bring a revoked id back."""
    [_, (revoked, _)] = after("valid", "invalid")
    assert next_verification(revoked, answer("valid", NOW), NOW + 2 * DAY) == (revoked, ())


def test_a_clock_that_runs_ahead_does_not_lock_the_state() -> None:
    """An answer from the future counts as one from now, so that the next one is heard."""
    ahead, _ = next_verification(VerificationState(), answer("valid", NOW + 999 * DAY), NOW)
    assert ahead.last_answer == answer("valid", NOW)
    assert next_verification(ahead, answer("invalid", NOW + DAY), NOW + DAY)[1] == (
        VerificationOutcome.REVOKED,
    )


def test_pauses_are_exact_across_a_clock_change() -> None:
    """A pause is time, not what the clock on the wall shows."""
    before = datetime(2026, 3, 29, 1, 59, tzinfo=ZoneInfo("Europe/Paris"))
    state, _ = next_verification(VerificationState(), answer("unavailable", before), before)
    assert state.next_check_at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_now_is_aware() -> None:
    """A naive now is the caller's mistake."""
    with pytest.raises(InvalidInput, match="now: must be an aware datetime"):
        next_verification(VerificationState(), None, NOW.replace(tzinfo=None))


def test_policy_is_used() -> None:
    """Pauses and days are the host's."""
    policy = VerificationPolicy(backoff=(timedelta(hours=1),), reverify_days=7, grace_days=0)
    [(valid, _), (down, _)] = after("valid", "unavailable", policy=policy)

    assert (NOW + 7 * DAY, NOW + DAY + timedelta(hours=1)) == (valid.next_check_at, down.next_check_at)
    assert next_verification(valid, None, NOW + 7 * DAY, policy)[1] == (VerificationOutcome.GRACE_ENDED,)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("backoff", ()),
        ("backoff", (timedelta(0),)),
        ("backoff", (DAY, timedelta(minutes=1))),
        ("reverify_days", 0),
        ("reverify_days", True),
        ("grace_days", -1),
        ("grace_days", 3661),
    ],
)
def test_policy_is_checked(field: str, value: object) -> None:
    """A policy that makes no sense is refused by field."""
    with pytest.raises(InvalidInput) as caught:
        VerificationPolicy(**{field: value})  # type: ignore[arg-type]
    assert field == caught.value.issues[0].field


def test_default_pauses_never_get_shorter() -> None:
    """Back-off is monotone."""
    pauses = [VerificationPolicy().pause_after(attempts) for attempts in range(20)]
    assert pauses == list(accumulate(pauses, max))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("valid", "verified"), ("invalid", "invalid"), ("unavailable", "unverified"), ("refused", "unverified")],
)
def test_a_state_made_by_hand_reads_its_last_answer(status: str, verdict: str) -> None:
    """Without a verdict given, the last answer is all there is."""
    assert verdict == VerificationState(last_answer=answer(status)).verdict


def test_round_trip() -> None:
    """What is stored comes back equal."""
    states = [
        VerificationState(),
        *(state for state, _ in after("valid", "unavailable", "invalid", "refused")),
    ]
    for state in states:
        assert state == VerificationState.from_dict(json.loads(json.dumps(state.to_dict())))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"attempts": -1}, "out_of_range"),
        ({"attempts": "many"}, "invalid_type"),
        ({"verdict": "perhaps"}, "unknown_value"),
        ({"last_valid": {"status": "valid"}}, "required"),
        ({"last_answer": "valid"}, "invalid_type"),
        ({"next_check_at": 7}, "invalid_type"),
        ({"secret": 7}, "unknown_key"),
    ],
)
def test_misfits_are_refused(change: dict[str, object], code: str) -> None:
    """A wrong record is refused by code."""
    with pytest.raises(InvalidInput) as caught:
        VerificationState.from_dict({**VerificationState().to_dict(), **change})
    assert code == caught.value.issues[0].code
