"""Laws of tax id verification, for any row of answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.verification import (
    VerificationOutcome,
    VerificationPolicy,
    VerificationState,
    VerificationVerdict,
    next_verification,
)

START = datetime(2026, 1, 31, 9, tzinfo=UTC)

policies = st.builds(
    VerificationPolicy,
    backoff=st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=2)), min_size=1, max_size=5).map(
        lambda pauses: tuple(sorted(pauses))
    ),
    reverify_days=st.integers(1, 60),
    grace_days=st.integers(0, 60),
)
pauses = st.timedeltas(timedelta(0), timedelta(days=40))
#: What happens, and how long after the last thing that happened; None: time only.
events = st.lists(st.tuples(pauses, st.none() | st.sampled_from(RegistryStatus)), max_size=15)
outages = st.lists(
    st.tuples(pauses, st.sampled_from([None, RegistryStatus.UNAVAILABLE, RegistryStatus.REFUSED])),
    max_size=15,
)

History = list[tuple[VerificationState, tuple[VerificationOutcome, ...], datetime]]


def run(happened: list[tuple[timedelta, RegistryStatus | None]], policy: VerificationPolicy) -> History:
    """The history of one id."""
    state, now, history = VerificationState(), START, []
    for pause, status in happened:
        now += pause
        answer = None if status is None else RegistryAnswer(status=status, checked_at=now)
        state, outcomes = next_verification(state, answer, now, policy)
        history.append((state, outcomes, now))
    return history


@given(outages, policies)
def test_unavailable_never_becomes_invalid(
    happened: list[tuple[timedelta, RegistryStatus | None]], policy: VerificationPolicy
) -> None:
    """However long and however often: without INVALID no id is invalid, rejected or revoked."""
    for state, outcomes, _ in run(happened, policy):
        assert state.verdict is VerificationVerdict.UNVERIFIED
        assert not {VerificationOutcome.REJECTED, VerificationOutcome.REVOKED} & set(outcomes)


@given(events, policies)
def test_an_outage_after_valid_keeps_the_verdict_until_grace_ends(
    happened: list[tuple[timedelta, RegistryStatus | None]], policy: VerificationPolicy
) -> None:
    """Verified means: a VALID answer that has not outlived its grace, and no INVALID since."""
    for state, _, now in run(happened, policy):
        if state.verdict is VerificationVerdict.VERIFIED:
            assert state.last_valid is not None
            assert now < policy.lasts_until(state.last_valid)


@given(events, policies)
def test_revoked_exactly_once_for_each_spell_of_validity(
    happened: list[tuple[timedelta, RegistryStatus | None]], policy: VerificationPolicy
) -> None:
    """Between two revocations the id was verified again; none comes before the first VALID."""
    was_valid = False
    for (state, outcomes, _), (_, status) in zip(run(happened, policy), happened, strict=True):
        revoked = VerificationOutcome.REVOKED in outcomes
        assert revoked is (was_valid and status is RegistryStatus.INVALID)
        was_valid = (was_valid or status is RegistryStatus.VALID) and status is not RegistryStatus.INVALID
        assert not (state.verdict is VerificationVerdict.INVALID and was_valid)


@given(policies, st.integers(1, 30))
def test_backoff_is_monotone_and_bounded(policy: VerificationPolicy, attempts: int) -> None:
    """Each pause is at least the one before, and none is longer than the slowest."""
    state, waited = VerificationState(), []
    for _ in range(attempts):
        answer = RegistryAnswer(status=RegistryStatus.UNAVAILABLE, checked_at=START)
        state, _ = next_verification(state, answer, START, policy)
        assert state.next_check_at is not None
        waited.append(state.next_check_at - START)

    assert sorted(waited) == waited
    assert waited[-1] <= policy.backoff[-1]
    assert attempts == state.attempts


@given(events, policies)
def test_every_state_is_stored_and_read_back(
    happened: list[tuple[timedelta, RegistryStatus | None]], policy: VerificationPolicy
) -> None:
    """Stored and read, the state is the same, so the next step is too."""
    for state, _, _ in run(happened, policy):
        assert state == VerificationState.from_dict(state.to_dict())


@given(events, policies)
def test_waiting_for_an_answer_always_has_a_time(
    happened: list[tuple[timedelta, RegistryStatus | None]], policy: VerificationPolicy
) -> None:
    """Unless the registry said INVALID, some instant is set to ask again: no id is forgotten."""
    for state, _, _ in run(happened, policy):
        if state.last_answer is not None and state.last_answer.status is not RegistryStatus.INVALID:
            assert state.next_check_at is not None
