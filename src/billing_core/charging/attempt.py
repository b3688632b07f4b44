"""
One attempt to charge one invoice, and everything that may happen to it.

Everything that changes an attempt's state lives in this file, as one table.
The rules on top of it:

* The attempt is committed OPEN, with its frozen request, before the gateway is called.
* SUCCEEDED, DECLINED and VOID are final; all other states are *unresolved*,
  and an unresolved attempt blocks every other charge of its license.
* NOT_ATTEMPTED and DUPLICATE_SUSPECTED speak of one send. They leave the
  attempt OPEN only if *every* send was surely not attempted.
* A success counts only if its amount and currency equal the request's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

import attrs

from billing_core.errors import InvariantViolated
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.results import ChargeRequest, ChargeResult, Outcome
from billing_core.records import Record

__all__ = ["TRANSITIONS", "AttemptEvent", "AttemptState", "ChargeAttempt"]


class AttemptState(StrEnum):
    """Where an attempt stands."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    UNKNOWN = "unknown"
    HELD = "held"
    VOID = "void"


class AttemptEvent(StrEnum):
    """What can happen to an attempt."""

    SUCCEEDED = "succeeded"
    #: A success over another amount or currency than was asked for.
    MISMATCHED = "mismatched"
    DECLINED = "declined"
    ACTION_REQUIRED = "action_required"
    PENDING = "pending"
    UNKNOWN = "unknown"
    #: This send surely did nothing.
    NOT_ATTEMPTED = "not_attempted"
    #: Proved that no send ever did anything.
    NEVER_HAPPENED = "never_happened"
    #: No way left to find out: a person decides.
    GAVE_UP = "gave_up"
    #: A person decided that the money is this invoice's.
    ADOPTED = "adopted"
    #: The cardholder's confirmation did not come, or was called off.
    ACTION_ENDED = "action_ended"


_S, _E = AttemptState, AttemptEvent

_UNCERTAIN_MOVES: Mapping[AttemptEvent, AttemptState] = {
    _E.SUCCEEDED: _S.SUCCEEDED,
    _E.MISMATCHED: _S.HELD,
    _E.DECLINED: _S.DECLINED,
    _E.ACTION_REQUIRED: _S.REQUIRES_ACTION,
    _E.PENDING: _S.PENDING,
    _E.UNKNOWN: _S.UNKNOWN,
    _E.NEVER_HAPPENED: _S.VOID,
    _E.GAVE_UP: _S.HELD,
}

#: State -> what may happen -> the state after. What is not listed can't happen.
TRANSITIONS: Mapping[AttemptState, Mapping[AttemptEvent, AttemptState]] = MappingProxyType(
    {
        _S.OPEN: MappingProxyType({**_UNCERTAIN_MOVES, _E.NOT_ATTEMPTED: _S.OPEN}),
        # Once a send was uncertain, a later send that did nothing proves nothing.
        _S.UNKNOWN: MappingProxyType({**_UNCERTAIN_MOVES, _E.NOT_ATTEMPTED: _S.UNKNOWN}),
        # A processor that said "pending" knows the charge; it can't become unheard of.
        _S.PENDING: MappingProxyType(
            {
                _E.SUCCEEDED: _S.SUCCEEDED,
                _E.MISMATCHED: _S.HELD,
                _E.DECLINED: _S.DECLINED,
                _E.ACTION_REQUIRED: _S.REQUIRES_ACTION,
                _E.PENDING: _S.PENDING,
                _E.UNKNOWN: _S.PENDING,
                _E.GAVE_UP: _S.HELD,
            }
        ),
        _S.REQUIRES_ACTION: MappingProxyType(
            {
                _E.SUCCEEDED: _S.SUCCEEDED,
                _E.MISMATCHED: _S.HELD,
                _E.DECLINED: _S.DECLINED,
                _E.ACTION_REQUIRED: _S.REQUIRES_ACTION,
                _E.PENDING: _S.PENDING,
                _E.UNKNOWN: _S.REQUIRES_ACTION,
                _E.ACTION_ENDED: _S.DECLINED,
                _E.GAVE_UP: _S.HELD,
            }
        ),
        _S.HELD: MappingProxyType({_E.ADOPTED: _S.SUCCEEDED, _E.NEVER_HAPPENED: _S.VOID}),
        _S.SUCCEEDED: MappingProxyType({}),
        _S.DECLINED: MappingProxyType({}),
        _S.VOID: MappingProxyType({}),
    }
)

_EVENT_OF_OUTCOME: Mapping[Outcome, AttemptEvent] = MappingProxyType(
    {
        Outcome.SUCCEEDED: _E.SUCCEEDED,
        Outcome.DECLINED: _E.DECLINED,
        Outcome.REQUIRES_ACTION: _E.ACTION_REQUIRED,
        Outcome.PENDING: _E.PENDING,
        Outcome.NOT_ATTEMPTED: _E.NOT_ATTEMPTED,
        Outcome.DUPLICATE_SUSPECTED: _E.NOT_ATTEMPTED,
        Outcome.UNKNOWN: _E.UNKNOWN,
    }
)

#: How long to wait before looking again, by how often it was looked already.
_LOOK_AGAIN = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))


@attrs.frozen(kw_only=True, repr=False)
class ChargeAttempt(Record):
    """
    One attempt: one idempotency key, one frozen request.

    Attributes:
        number: 1 for the invoice's first attempt.
        sends: how many sends were committed, each before it was made.
        sends_not_attempted: how many of them surely did nothing.
        first_sent_at, last_sent_at: when the first and latest send was committed.
        result: the latest answer.
        look_at: when to look at an unresolved attempt again.
        looks, looked_at: how often it was looked up or answered without an outcome, and when last.
        not_found_at: when a look-up last found nothing.
        uncertain_since: since when nobody knew whether money moved.
        uncertain_for: how long that lasted before; added to grace and retries.
        resolved_at: when it became final.
        orphan: a success that turned up after the attempt was final, or for a
            license that had ended: a person decides about the money, once.
        decision: what that person decided.
    """

    id: str
    invoice_id: str
    license_id: str
    account_id: str
    number: int
    gateway_id: str
    card_id: str
    fingerprint: str
    brand: str
    request: ChargeRequest
    state: AttemptState = AttemptState.OPEN
    sends: int = 1
    sends_not_attempted: int = 0
    first_sent_at: datetime
    last_sent_at: datetime
    result: ChargeResult | None = None
    look_at: datetime | None = None
    looks: int = 0
    looked_at: datetime | None = None
    not_found_at: datetime | None = None
    uncertain_since: datetime | None = None
    uncertain_for: timedelta = timedelta(0)
    resolved_at: datetime | None = None
    orphan: ChargeResult | None = None
    decision: str | None = None
    version: int = 1

    @property
    def is_unresolved(self) -> bool:
        """Whether it blocks every other charge of its license."""
        return bool(TRANSITIONS[self.state])

    @property
    def is_uncertain(self) -> bool:
        """Whether money may have moved, or may still move, without our knowing."""
        return self.is_unresolved and self.state is not AttemptState.REQUIRES_ACTION

    @property
    def needs_attention(self) -> bool:
        """Whether only a person can resolve it."""
        return self.state is AttemptState.HELD or (self.orphan is not None and self.decision is None)

    @property
    def is_surely_unsent(self) -> bool:
        """Whether every send so far surely did nothing."""
        return self.state is AttemptState.OPEN and self.sends == self.sends_not_attempted

    @property
    def declined_at(self) -> datetime | None:
        """When the issuer declined it, if it did."""
        return self.resolved_at if self.state is AttemptState.DECLINED else None

    def uncertain_time(self, now: datetime) -> timedelta:
        """All the time until ``now`` during which nobody knew."""
        running = now - self.uncertain_since if self.uncertain_since is not None else timedelta(0)
        return self.uncertain_for + max(timedelta(0), running)

    def resent(self, now: datetime) -> ChargeAttempt:
        """The attempt with one more send, to be committed *before* it is sent."""
        return self._next(sends=self.sends + 1, last_sent_at=now, look_at=None)

    def looked_up_in_vain(self, now: datetime) -> ChargeAttempt:
        """The attempt after a look-up that worked and found nothing."""
        since = self.uncertain_since or (self.first_sent_at if self.is_uncertain else None)
        return self._next(not_found_at=now, uncertain_since=since)._looked(now)

    def orphaned(self, result: ChargeResult) -> ChargeAttempt:
        """The attempt after money turned up for which there is no place any more."""
        return self._next(orphan=result)

    def decided(self, decision: str) -> ChargeAttempt:
        """The attempt after a person decided about its money."""
        return self._next(decision=decision)

    def woken(self, now: datetime) -> ChargeAttempt:
        """The attempt after a hint that there may be news: look at once."""
        return self._next(look_at=now)

    def answered(self, result: ChargeResult, now: datetime, *, is_look_up: bool = False) -> ChargeAttempt:
        """
        The attempt after the processor's answer to a send or a look-up.

        Args:
            result: the answer.
            now: when it arrived.
            is_look_up: whether it answers a look-up; a look-up that fails
                says nothing about any send.
        """
        event = _EVENT_OF_OUTCOME[result.outcome]
        if event is _E.SUCCEEDED and result.amount != self.request.amount:
            event = _E.MISMATCHED
        if event is _E.NOT_ATTEMPTED and (is_look_up or self.sends - 1 > self.sends_not_attempted):
            event = _E.UNKNOWN
        if event is _E.NOT_ATTEMPTED:
            wait = result.retry_after if result.retry_after is not None else _LOOK_AGAIN[0]
            return self.after(event, now, result)._counted(now, look_at=now + wait)
        after = self.after(event, now, result)
        return after._looked(now) if after.is_unresolved else after

    def after(self, event: AttemptEvent, now: datetime, result: ChargeResult | None = None) -> ChargeAttempt:
        """
        The attempt after an event, by the table.

        Raises:
            InvariantViolated: the event can't happen in this state.
        """
        state = TRANSITIONS[self.state].get(event)
        if state is None:
            raise InvariantViolated(
                f"attempt {self.id}: {event.value} can't happen in state {self.state.value}"
            )
        moved = self._next(state=state, result=result if result is not None else self.result)
        # While the cardholder was asked, nobody was in doubt: doubt after that starts now.
        return moved._timed(now, doubt_began=now if self.state is _S.REQUIRES_ACTION else self.first_sent_at)

    def ends_action_at(self, capabilities: Capabilities) -> datetime:
        """Until when the cardholder can confirm."""
        action = self.result.action if self.result is not None else None
        if action is not None and action.expires_at is not None:
            return action.expires_at
        return self.last_sent_at + capabilities.action_lifetime

    def _timed(self, now: datetime, doubt_began: datetime) -> ChargeAttempt:
        """Keep the books of uncertain time in step with the state."""
        if self.is_uncertain:
            return attrs.evolve(self, uncertain_since=self.uncertain_since or doubt_began)
        return attrs.evolve(
            self,
            uncertain_for=self.uncertain_time(now),
            uncertain_since=None,
            look_at=self.look_at if self.is_unresolved else None,
            resolved_at=None if self.is_unresolved else now,
        )

    def _counted(self, now: datetime, look_at: datetime) -> ChargeAttempt:
        return attrs.evolve(self, sends_not_attempted=self.sends_not_attempted + 1, look_at=look_at)

    def _looked(self, now: datetime) -> ChargeAttempt:
        wait = _LOOK_AGAIN[min(self.looks, len(_LOOK_AGAIN) - 1)]
        return attrs.evolve(self, looks=self.looks + 1, looked_at=now, look_at=now + wait)

    def _next(self, **changes: object) -> ChargeAttempt:
        return attrs.evolve(self, version=self.version + 1, **changes)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"ChargeAttempt({self.id}, number={self.number}, {self.state.value})"
