"""
One refund of one charge, and everything that may happen to it.

Everything that changes a refund's state lives in this file, as one table, in
the manner of charges (`billing_core.charging.attempt`):

* The refund is committed OPEN, with its frozen request, before the gateway is called.
* SUCCEEDED, DECLINED and VOID are final; all other states are *unresolved*,
  and an unresolved refund blocks every other refund of its charge.
* A success counts only if its amount and currency equal the request's.
* What went back, or may still have gone back, is never given back again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import attrs

from billing_core.charging.doubt import in_utc, maybe_in_utc, wait_after_look
from billing_core.errors import InvariantViolated
from billing_core.gateways.results import Outcome, RefundRequest, RefundResult
from billing_core.issues import Choice
from billing_core.records import Record
from billing_core.values.money import Money
from billing_core.values.texts import Id, Word
from billing_core.values.typed import evolve

__all__ = ["REFUND_TRANSITIONS", "Refund", "RefundEvent", "RefundState"]


class RefundState(Choice):
    """Where a refund stands."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    #: The processor refused: nothing went back.
    DECLINED = "declined"
    PENDING = "pending"
    UNKNOWN = "unknown"
    HELD = "held"
    VOID = "void"


class RefundEvent(Choice):
    """What can happen to a refund."""

    SUCCEEDED = "succeeded"
    #: Another amount or currency went back than was asked for.
    MISMATCHED = "mismatched"
    DECLINED = "declined"
    PENDING = "pending"
    UNKNOWN = "unknown"
    #: Every send so far surely did nothing.
    NOT_ATTEMPTED = "not_attempted"
    #: Proved that no send ever did anything.
    NEVER_HAPPENED = "never_happened"
    #: No way left to find out: a person decides.
    GAVE_UP = "gave_up"
    #: A person saw that the money went back.
    CONFIRMED = "confirmed"


_S, _E = RefundState, RefundEvent

_KNOWN_MOVES: Mapping[RefundEvent, RefundState] = {
    _E.SUCCEEDED: _S.SUCCEEDED,
    _E.MISMATCHED: _S.HELD,
    _E.DECLINED: _S.DECLINED,
    _E.PENDING: _S.PENDING,
    _E.GAVE_UP: _S.HELD,
}
_UNCERTAIN_MOVES: Mapping[RefundEvent, RefundState] = {
    **_KNOWN_MOVES,
    _E.UNKNOWN: _S.UNKNOWN,
    _E.NEVER_HAPPENED: _S.VOID,
}

#: State -> what may happen -> the state after. What is not listed can't happen.
REFUND_TRANSITIONS: Mapping[RefundState, Mapping[RefundEvent, RefundState]] = MappingProxyType(
    {
        _S.OPEN: MappingProxyType({**_UNCERTAIN_MOVES, _E.NOT_ATTEMPTED: _S.OPEN}),
        _S.UNKNOWN: MappingProxyType(_UNCERTAIN_MOVES),
        _S.PENDING: MappingProxyType({**_KNOWN_MOVES, _E.UNKNOWN: _S.PENDING}),
        _S.HELD: MappingProxyType({_E.CONFIRMED: _S.SUCCEEDED, _E.NEVER_HAPPENED: _S.VOID}),
        _S.SUCCEEDED: MappingProxyType({}),
        _S.DECLINED: MappingProxyType({}),
        _S.VOID: MappingProxyType({}),
    }
)

_EVENT_OF_OUTCOME: Mapping[Outcome, RefundEvent] = MappingProxyType(
    {
        Outcome.SUCCEEDED: _E.SUCCEEDED,
        Outcome.DECLINED: _E.DECLINED,
        Outcome.PENDING: _E.PENDING,
        Outcome.NOT_ATTEMPTED: _E.NOT_ATTEMPTED,
        Outcome.UNKNOWN: _E.UNKNOWN,
    }
)


@attrs.frozen(kw_only=True, repr=False)
class Refund(Record):
    """
    One refund: one idempotency key, one frozen request. All instants are kept in UTC.

    Attributes:
        attempt_id: the charge whose money goes back.
        number: 1 for the charge's first refund.
        sends: how many sends were committed, each before it was made; none yet
            for a refund that was only decided.
        sends_not_attempted: how many of them surely did nothing.
        result: the latest answer that told something.
        look_at: when to look at an unresolved refund again.
        looks, looked_at: how often it was looked up or answered without an outcome, and when last.
        not_found_at: when a look-up last found nothing of the latest send.
        resolved_at: when it became final.
        orphan: a success that turned up after the refund was final: money went
            back that was taken to be here. A person takes note, once.
        decision: what a person decided.
        elsewhere_ref: the processor's id of a refund that was made outside this library, in the processor's
            dashboard for one: booked once it had happened, never sent. ``None`` for the library's own.
    """

    id: Id
    attempt_id: Id
    invoice_id: Id
    license_id: Id
    account_id: Id
    number: int
    gateway_id: Id
    request: RefundRequest
    state: RefundState = RefundState.OPEN
    sends: int = 0
    sends_not_attempted: int = 0
    decided_at: datetime = attrs.field(converter=in_utc)
    first_sent_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    last_sent_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    result: RefundResult | None = None
    look_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    looks: int = 0
    looked_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    not_found_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    resolved_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    orphan: RefundResult | None = None
    decision: Word | None = None
    elsewhere_ref: Id | None = None
    version: int = 1

    @property
    def is_unresolved(self) -> bool:
        """Whether it blocks every other refund of its charge."""
        return bool(REFUND_TRANSITIONS[self.state])

    @property
    def is_surely_unsent(self) -> bool:
        """Whether every send so far, if any, surely did nothing."""
        return self.state is RefundState.OPEN and self.sends == self.sends_not_attempted

    @property
    def needs_attention(self) -> bool:
        """Whether only a person can go on."""
        return self.state is RefundState.HELD or (self.orphan is not None and self.decision is None)

    @property
    def ledger_key(self) -> str:
        """What names it in the processor's ledger: its key, or the processor's id of one made elsewhere."""
        return self.elsewhere_ref if self.elsewhere_ref is not None else self.request.idempotency_key

    @property
    def claimed(self) -> Money:
        """How much of the charge it takes up: what went back, or may have; zero if surely nothing did."""
        asked = self.request.amount
        is_final_without_money = self.state in {RefundState.DECLINED, RefundState.VOID}
        if is_final_without_money and self.orphan is None:
            return Money.zero(asked.currency)
        told = self.orphan if self.orphan is not None else self.result
        amount = told.amount if told is not None else None
        if amount is None or amount.currency != asked.currency:
            return asked
        return amount if self.state is RefundState.SUCCEEDED else max(amount, asked)

    def unsettled_time(self, now: datetime) -> timedelta:
        """All the time until ``now`` during which nobody knew whether money went back."""
        until = self.resolved_at if self.resolved_at is not None else now
        return max(timedelta(0), until - self.decided_at)

    def sent(self, now: datetime) -> Refund:
        """The refund with one more send, to be committed *before* it is sent."""
        return self._next(
            sends=self.sends + 1,
            first_sent_at=self.first_sent_at if self.first_sent_at is not None else now,
            last_sent_at=now,
            look_at=None,
            not_found_at=None,
        )

    def looked_up_in_vain(self, now: datetime) -> Refund:
        """The refund after a look-up that worked and found nothing."""
        return self._next(not_found_at=now, **self._look_again(now))

    def looked_up_without_answer(self, now: datetime) -> Refund:
        """The refund after a look-up that failed: what was not sent is in no doubt for that."""
        return self._next(**self._look_again(now))

    def woken(self, now: datetime) -> Refund:
        """The refund after a hint that there may be news: look at once."""
        return self._next(look_at=now)

    def noted(self, result: RefundResult) -> Refund:
        """A held refund with a later answer, for the person who decides."""
        return self._next(result=result)

    def orphaned(self, result: RefundResult) -> Refund:
        """The refund after it turned out that money went back after all."""
        return self._next(orphan=result, decision=None)

    def decided(self, decision: str) -> Refund:
        """The refund after a person decided about it."""
        return self._next(decision=decision)

    def answered(self, result: RefundResult, now: datetime, *, is_look_up: bool = False) -> Refund:
        """
        The refund after the processor's answer to a send or a look-up.

        Args:
            result: the answer.
            now: when it arrived.
            is_look_up: whether it answers a look-up; a look-up that fails
                says nothing about any send.

        Raises:
            InvariantViolated: the refund is final, or with a person.
        """
        event = self._event_of(result, is_look_up=is_look_up)
        if event is _E.NOT_ATTEMPTED:
            refused = self.after(event, now, result)
            wait = wait_after_look(self.sends_not_attempted)
            return evolve(refused, sends_not_attempted=self.sends_not_attempted + 1, look_at=now + wait)
        tells_nothing = event is _E.UNKNOWN and self.state is _S.PENDING
        after = self.after(event, now, None if tells_nothing else result)
        if not after.is_unresolved or after.state is _S.HELD:
            return after
        return evolve(after, **self._look_again(now))

    def after(self, event: RefundEvent, now: datetime, result: RefundResult | None = None) -> Refund:
        """
        The refund after an event, by the table.

        Raises:
            InvariantViolated: the event can't happen in this state.
        """
        state = REFUND_TRANSITIONS[self.state].get(event)
        if state is None:
            raise InvariantViolated(
                f"refund {self.id}: {event.value} can't happen in state {self.state.value}"
            )
        is_final = not REFUND_TRANSITIONS[state]
        return self._next(
            state=state,
            result=result if result is not None else self.result,
            look_at=None if is_final else self.look_at,
            resolved_at=now if is_final else None,
        )

    def _event_of(self, result: RefundResult, *, is_look_up: bool) -> RefundEvent:
        event = _EVENT_OF_OUTCOME[result.outcome]
        if event is _E.SUCCEEDED and result.amount != self.request.amount:
            return _E.MISMATCHED
        # A send that did nothing proves nothing about another one, and a refused look-up about none.
        is_proof = not is_look_up and self.state is _S.OPEN and self.sends - 1 == self.sends_not_attempted
        return _E.UNKNOWN if event is _E.NOT_ATTEMPTED and not is_proof else event

    def _look_again(self, now: datetime) -> dict[str, Any]:
        return {"looks": self.looks + 1, "looked_at": now, "look_at": now + wait_after_look(self.looks)}

    def _next(self, **changes: Any) -> Refund:
        return evolve(self, version=self.version + 1, **changes)

    def __repr__(self) -> str:
        return f"Refund({self.id}, number={self.number}, {self.state.value}, {self.request.amount})"
