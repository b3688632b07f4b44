"""
What registry answers mean over time: one pure function, and the state it moves.

====================  ==================================================================
the answer            what follows
====================  ==================================================================
VALID                 verified; asked again after ``reverify_days``
INVALID               revoked if it was ever verified, else rejected; not asked again by itself
UNAVAILABLE           nothing changes but the next time to ask (back-off)
REFUSED               the same, at the slowest pace, and the operator is alarmed
====================  ==================================================================

A verified id stays verified through an outage until ``reverify_days`` +
``grace_days`` after its last VALID answer; then it is unverified, never invalid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import attrs

from billing_core.issues import Choice, invalid
from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.plain import PlainReader, utc
from billing_core.values.typed import Typed

__all__ = [
    "VerificationOutcome",
    "VerificationPolicy",
    "VerificationState",
    "VerificationVerdict",
    "next_verification",
]


class VerificationVerdict(Choice):
    """What is held to be true about a tax id; moved by VALID, by INVALID, and by the end of grace."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    INVALID = "invalid"


class VerificationOutcome(Choice):
    """
    What an answer, or time, changed: facts for the host to act on.

    ``REVOKED`` comes once for each time an id was verified, so that
    billing can charge tax again from then on.
    """

    VERIFIED = "verified"
    REJECTED = "rejected"
    REVOKED = "revoked"
    DEFERRED = "deferred"
    OPERATOR_ALARM = "operator_alarm"
    GRACE_ENDED = "grace_ended"


_BACKOFF: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(days=1),
)


@attrs.frozen(kw_only=True)
class VerificationPolicy:
    """
    When to ask a register again. Data only.

    Attributes:
        backoff: pauses after the 1st, 2nd … answer in a row that was no verdict;
            the last one repeats. Never shorter than the one before.
        reverify_days: days after a VALID answer until it is asked again, 1 to 3660.
        grace_days: days beyond these that a VALID answer lasts through an outage, 0 to 3660.
    """

    backoff: tuple[timedelta, ...] = _BACKOFF
    reverify_days: int = 30
    grace_days: int = 30

    def __attrs_post_init__(self) -> None:
        if not self.backoff or self.backoff[0] <= timedelta(0):
            raise invalid("backoff", "out_of_range", min="a positive pause", max="any")
        if list(self.backoff) != sorted(self.backoff):
            raise invalid("backoff", "mismatch", other="its own order: pauses never get shorter")
        _check_days("reverify_days", self.reverify_days, 1)
        _check_days("grace_days", self.grace_days, 0)

    def pause_after(self, attempts: int) -> timedelta:
        """
        How long to wait after this many answers in a row without a verdict.

        >>> [str(VerificationPolicy().pause_after(n)) for n in (1, 4, 5, 99)]
        ['0:01:00', '2:00:00', '1 day, 0:00:00', '1 day, 0:00:00']
        """
        return self.backoff[min(max(attempts, 1), len(self.backoff)) - 1]

    def lasts_until(self, answer: RegistryAnswer) -> datetime:
        """The instant at which a VALID answer has outlived its grace."""
        return answer.checked_at + timedelta(days=self.reverify_days + self.grace_days)


def _check_days(field: str, value: object, least: int) -> None:
    if type(value) is not int or not least <= value <= 3660:
        raise invalid(field, "out_of_range", min=least, max=3660)


_VERDICT_OF: Final[Mapping[RegistryStatus, VerificationVerdict]] = {
    RegistryStatus.VALID: VerificationVerdict.VERIFIED,
    RegistryStatus.INVALID: VerificationVerdict.INVALID,
}


def _verdict_of_last_answer(state: VerificationState) -> VerificationVerdict:
    status = None if state.last_answer is None else state.last_answer.status
    return (
        VerificationVerdict.UNVERIFIED
        if status is None
        else _VERDICT_OF.get(status, VerificationVerdict.UNVERIFIED)
    )


def _instant_or_none(at: datetime | None) -> datetime | None:
    return None if at is None else utc(at, "next_check_at")


@attrs.frozen(kw_only=True)
class VerificationState(Typed):
    """
    All that is known about one tax id's registration; stored with the account.

    Attributes:
        last_valid: the last VALID answer, kept as evidence even after a revocation.
        last_answer: the last answer of any kind.
        attempts: how many answers in a row were no verdict.
        next_check_at: when to ask again; None: never asked, or not until the id changes.
        verdict: what is held to be true now.
    """

    last_valid: RegistryAnswer | None = None
    last_answer: RegistryAnswer | None = None
    attempts: int = 0
    next_check_at: datetime | None = attrs.field(default=None, converter=_instant_or_none)
    verdict: VerificationVerdict = attrs.field(
        default=attrs.Factory(_verdict_of_last_answer, takes_self=True)
    )

    def is_due(self, now: datetime) -> bool:
        """Whether the register should be asked now: never asked yet, or the time has come."""
        if self.last_answer is None:
            return True
        return self.next_check_at is not None and self.next_check_at <= now

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary for JSON; `from_dict` reads it back."""
        return {
            "last_valid": None if self.last_valid is None else self.last_valid.to_dict(),
            "last_answer": None if self.last_answer is None else self.last_answer.to_dict(),
            "attempts": self.attempts,
            "next_check_at": None if self.next_check_at is None else self.next_check_at.isoformat(),
            "verdict": self.verdict.value,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> VerificationState:
        """
        The state that `to_dict` wrote.

        Raises:
            InvalidInput: an unknown key, a missing or a misfit value; the value is not repeated.
        """
        reader = PlainReader(data, "verification_state", _STATE_KEYS)
        return cls(
            last_valid=_stored_answer(reader.value("last_valid")),
            last_answer=_stored_answer(reader.value("last_answer")),
            attempts=reader.integer("attempts"),
            next_check_at=reader.optional_instant("next_check_at"),
            verdict=reader.choice("verdict", VerificationVerdict),
        )


_STATE_KEYS: Final = ("last_valid", "last_answer", "attempts", "next_check_at", "verdict")


def _stored_answer(data: Any) -> RegistryAnswer | None:
    return None if data is None else RegistryAnswer.from_dict(data)


#: A state, and what changed on the way to it.
_Step: TypeAlias = tuple[VerificationState, tuple[VerificationOutcome, ...]]


def next_verification(
    state: VerificationState,
    answer: RegistryAnswer | None,
    now: datetime,
    policy: VerificationPolicy | None = None,
) -> tuple[VerificationState, tuple[VerificationOutcome, ...]]:
    """
    What is known after an answer (or after time alone), and what that changed.

    Args:
        state: what was known.
        answer: the register's answer; None if only time has passed. An answer older
            than the last one is late mail, and changes nothing.
        now: the aware instant from which the next check is counted.
        policy: pauses and grace.

    Returns:
        The new state and the outcomes, in the order in which they hold.

    Raises:
        InvalidInput: ``now`` is naive.

    >>> from datetime import datetime, timezone
    >>> now = datetime(2026, 1, 31, tzinfo=timezone.utc)
    >>> down = RegistryAnswer(status=RegistryStatus.UNAVAILABLE, checked_at=now)
    >>> state, outcomes = next_verification(VerificationState(), down, now)
    >>> state.verdict.value, [outcome.value for outcome in outcomes], state.next_check_at.minute
    ('unverified', ['deferred'], 1)
    """
    instant = utc(now, "now")
    rules = policy or VerificationPolicy()
    if answer is None or _is_late(state, answer):
        return _after_time(state, instant, rules)
    # A register's clock that runs ahead must not turn all later answers into late mail.
    known = attrs.evolve(answer, checked_at=min(answer.checked_at, instant))
    told, outcomes = _AFTER[answer.status](state, known, instant, rules)
    aged, ended = _after_time(told, instant, rules)
    return aged, (*outcomes, *ended)


def _is_late(state: VerificationState, answer: RegistryAnswer) -> bool:
    return state.last_answer is not None and answer.checked_at < state.last_answer.checked_at


def _after_valid(
    state: VerificationState, answer: RegistryAnswer, _now: datetime, policy: VerificationPolicy
) -> _Step:
    verified = VerificationState(
        last_valid=answer,
        last_answer=answer,
        next_check_at=answer.checked_at + timedelta(days=policy.reverify_days),
        verdict=VerificationVerdict.VERIFIED,
    )
    return verified, () if state.verdict is VerificationVerdict.VERIFIED else (VerificationOutcome.VERIFIED,)


def _after_invalid(
    state: VerificationState, answer: RegistryAnswer, _now: datetime, _policy: VerificationPolicy
) -> _Step:
    known = VerificationState(
        last_valid=state.last_valid, last_answer=answer, verdict=VerificationVerdict.INVALID
    )
    if state.verdict is VerificationVerdict.INVALID:
        return known, ()
    # Also after grace has ended: what was billed on the strength of the last VALID answer is in question.
    was_valid = state.last_valid is not None
    return known, (VerificationOutcome.REVOKED if was_valid else VerificationOutcome.REJECTED,)


def _after_unavailable(
    state: VerificationState, answer: RegistryAnswer, now: datetime, policy: VerificationPolicy
) -> _Step:
    pause = policy.pause_after(state.attempts + 1)
    # A register may ask for more patience, but not for more than our slowest pace.
    patience = min(answer.retry_after or pause, policy.backoff[-1])
    return _waiting(state, answer, now + max(pause, patience)), (VerificationOutcome.DEFERRED,)


def _after_refused(
    state: VerificationState, answer: RegistryAnswer, now: datetime, policy: VerificationPolicy
) -> _Step:
    return _waiting(state, answer, now + policy.backoff[-1]), (VerificationOutcome.OPERATOR_ALARM,)


def _waiting(state: VerificationState, answer: RegistryAnswer, next_check_at: datetime) -> VerificationState:
    return attrs.evolve(state, last_answer=answer, attempts=state.attempts + 1, next_check_at=next_check_at)


def _after_time(state: VerificationState, now: datetime, policy: VerificationPolicy) -> _Step:
    if state.verdict is not VerificationVerdict.VERIFIED or state.last_valid is None:
        return state, ()
    if now < policy.lasts_until(state.last_valid):
        return state, ()
    return attrs.evolve(state, verdict=VerificationVerdict.UNVERIFIED), (VerificationOutcome.GRACE_ENDED,)


_AFTER: Final[
    Mapping[
        RegistryStatus,
        Callable[[VerificationState, RegistryAnswer, datetime, VerificationPolicy], _Step],
    ]
] = {
    RegistryStatus.VALID: _after_valid,
    RegistryStatus.INVALID: _after_invalid,
    RegistryStatus.UNAVAILABLE: _after_unavailable,
    RegistryStatus.REFUSED: _after_refused,
}
