"""
One attempt to charge one invoice, and everything that may happen to it.

What may follow what is one table, in `billing_core.charging.attempt_states`.
The rules on top of it:

* The attempt is committed OPEN, with its frozen request, before the gateway is called.
* SUCCEEDED, DECLINED and VOID are final; all other states are *unresolved*,
  and an unresolved attempt blocks every other charge of its license.
* NOT_ATTEMPTED speaks of one send. It leaves the attempt OPEN only if *every*
  send was surely not attempted.
* DUPLICATE_SUSPECTED is doubt: what that send repeats may be an earlier one of the same attempt.
* A success counts only if its amount and currency equal the request's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import attrs

from billing_core.charging.attempt_states import TRANSITIONS, AttemptEvent, AttemptState
from billing_core.charging.dispute import Dispute
from billing_core.charging.doubt import LOOK_AGAIN, in_utc, maybe_in_utc, wait_after_look
from billing_core.errors import InvariantViolated
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.results import ChargeRequest, ChargeResult, Outcome
from billing_core.issues import Choice
from billing_core.records import Record
from billing_core.values.money import Money
from billing_core.values.texts import Id, Word
from billing_core.values.typed import evolve

__all__ = ["TRANSITIONS", "AttemptEvent", "AttemptState", "AttentionDecision", "ChargeAttempt"]


class AttentionDecision(Choice):
    """What a person may decide about a charge that nobody else can resolve."""

    #: The money is this invoice's.
    ADOPT = "adopt"
    #: No money moved, or none of it stayed.
    VOID = "void"
    #: The money goes back: by the gateway where it can, otherwise the person saw to it.
    REFUND = "refund"


_S, _E = AttemptState, AttemptEvent

_EVENT_OF_OUTCOME: Mapping[Outcome, AttemptEvent] = MappingProxyType(
    {
        Outcome.SUCCEEDED: _E.SUCCEEDED,
        Outcome.DECLINED: _E.DECLINED,
        Outcome.REQUIRES_ACTION: _E.ACTION_REQUIRED,
        Outcome.PENDING: _E.PENDING,
        Outcome.NOT_ATTEMPTED: _E.NOT_ATTEMPTED,
        Outcome.DUPLICATE_SUSPECTED: _E.DUPLICATE_SUSPECTED,
        Outcome.UNKNOWN: _E.UNKNOWN,
    }
)

#: How many refused sends may be repeated as soon as the processor likes.
_REFUSED_AT_ONCE_MAX = 2


@attrs.frozen(kw_only=True, repr=False)
class ChargeAttempt(Record):
    """
    One attempt: one idempotency key, one frozen request. All instants are kept in UTC.

    Attributes:
        number: 1 for the invoice's first attempt.
        card_use: which attempt on the physical card this is, over all licenses; a store lets no two
            have the same number. 0: not counted.
        is_fenced: whether it is prepared first and then confirmed, as its gateway declared at the time.
        gateway_ref: the processor's id of what was prepared; set once, and committed before it is confirmed.
        epoch: of the store, when it was opened.
        sends: how many sends were committed, each before it was made; 0 for one that is only looked
            for, after a restore. To prepare is a send that does nothing.
        sends_not_attempted: how many of them surely did nothing.
        first_sent_at, last_sent_at: when the first and latest send was committed.
        result: the latest answer that told something.
        look_at: when to look at an unresolved attempt again.
        looks, looked_at: how often it was looked up or answered without an outcome, and when last.
        not_found_at: when a look-up last found nothing of the latest send.
        called_off_at: when the processor was last asked to call it off.
        uncertain_since: since when nobody knew whether money moved.
        uncertain_for: how long that lasted before; added to grace and retries.
        resolved_at: when it became final.
        orphan: a success that turned up after the attempt was final, or for a
            license that had ended: a person decides about the money, once.
        decision: what that person decided.
        refund_count: how many refunds of it were ever decided, or booked; the next one's number follows.
        disputes: the cardholder's disputes of it, in the order in which they were heard of.
    """

    id: Id
    invoice_id: Id
    license_id: Id
    account_id: Id
    number: int
    gateway_id: Id
    card_id: Id
    fingerprint: Id
    brand: Word
    request: ChargeRequest
    card_use: int = 0
    is_fenced: bool = False
    gateway_ref: Id | None = None
    state: AttemptState = AttemptState.OPEN
    epoch: int = 1
    sends: int = 1
    sends_not_attempted: int = 0
    first_sent_at: datetime = attrs.field(converter=in_utc)
    last_sent_at: datetime = attrs.field(converter=in_utc)
    result: ChargeResult | None = None
    look_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    looks: int = 0
    looked_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    not_found_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    called_off_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    uncertain_since: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    uncertain_for: timedelta = timedelta(0)
    resolved_at: datetime | None = attrs.field(default=None, converter=maybe_in_utc)
    orphan: ChargeResult | None = None
    decision: Word | None = None
    refund_count: int = 0
    disputes: tuple[Dispute, ...] = ()
    version: int = 1

    @property
    def is_unresolved(self) -> bool:
        """Whether it blocks every other charge of its license."""
        return self.state.is_unresolved

    @property
    def is_uncertain(self) -> bool:
        """Whether money may have moved, or may still move, without our knowing."""
        return _is_uncertain(self.state)

    @property
    def needs_attention(self) -> bool:
        """Whether only a person can resolve it."""
        return self.state is AttemptState.HELD or (self.orphan is not None and self.decision is None)

    @property
    def is_only_sought(self) -> bool:
        """Whether it was opened after a restore to be looked for, and nothing was found yet."""
        return self.sends == 0 and self.result is None

    @property
    def is_surely_unsent(self) -> bool:
        """Whether every send so far surely did nothing."""
        return self.state is AttemptState.OPEN and 0 < self.sends == self.sends_not_attempted

    @property
    def captured(self) -> Money | None:
        """What the processor is known to have taken by it; ``None`` if nothing is known to have been."""
        told = self.orphan if self.orphan is not None else self.result
        if told is not None and told.amount is not None:
            return told.amount
        return self.request.amount if self.state is AttemptState.SUCCEEDED else None

    @property
    def charge_ref(self) -> str | None:
        """The processor's id of the charge, once it is known."""
        told = self.orphan if self.orphan is not None else self.result
        return told.gateway_ref if told is not None and told.gateway_ref is not None else self.gateway_ref

    @property
    def pays_its_invoice(self) -> bool:
        """Whether its money is what its invoice was paid with."""
        is_adopted = self.decision == AttentionDecision.ADOPT
        return self.state is AttemptState.SUCCEEDED or (self.orphan is not None and is_adopted)

    @property
    def declined_at(self) -> datetime | None:
        """When the issuer declined it, if it did."""
        return self.resolved_at if self.state is AttemptState.DECLINED else None

    @property
    def known_request(self) -> ChargeRequest:
        """The request with the processor's id of what was prepared, if anything was: to look or to close."""
        return (
            self.request if self.gateway_ref is None else evolve(self.request, gateway_ref=self.gateway_ref)
        )

    def uncertain_time(self, now: datetime) -> timedelta:
        """All the time until ``now`` during which nobody knew."""
        running = now - self.uncertain_since if self.uncertain_since is not None else timedelta(0)
        return self.uncertain_for + max(timedelta(0), running)

    def resent(self, now: datetime) -> ChargeAttempt:
        """The attempt with one more send, to be committed *before* it is sent."""
        return self._next(
            sends=self.sends + 1,
            last_sent_at=now,
            look_at=None,
            not_found_at=None,
            uncertain_since=self._doubted_since(),
        )

    def prepared(self, gateway_ref: str, now: datetime) -> ChargeAttempt:
        """The fenced attempt with the processor's id of what was prepared; no money has moved yet."""
        return self._next(gateway_ref=gateway_ref, sends_not_attempted=self.sends, look_at=now)

    def not_prepared(self, result: ChargeResult, now: datetime) -> ChargeAttempt:
        """The fenced attempt for which the processor could not prepare anything, or not that we know of."""
        look_at = now + self._wait_after_refusal(result)
        return self._next(sends_not_attempted=self.sends, result=result, look_at=look_at)

    def confirming(self, now: datetime) -> ChargeAttempt:
        """The prepared attempt that is about to be confirmed, to be committed before."""
        return self._next(
            sends=self.sends + 1,
            last_sent_at=now,
            look_at=None,
            not_found_at=None,
            uncertain_since=self.uncertain_since if self.is_surely_unsent else self._doubted_since(),
        )

    def turned_down(self, result: ChargeResult, now: datetime) -> ChargeAttempt:
        """The prepared attempt that was declined, and that could still be confirmed: it is closed next."""
        state = self._state_after(_E.TURNED_DOWN)
        return self._next(state=state, result=result, look_at=now, called_off_at=None)

    def called_off(self, now: datetime) -> ChargeAttempt:
        """The attempt that the processor is about to be asked to call off, to be committed before."""
        looks = self.looks if self.called_off_at is not None else 0
        return self._next(called_off_at=now, looks=looks, look_at=now + LOOK_AGAIN[0])

    def looked_up_in_vain(self, now: datetime) -> ChargeAttempt:
        """The attempt after a look-up that worked and found nothing."""
        return self._next(not_found_at=now, uncertain_since=self._doubted_since(), **self._look_again(now))

    def orphaned(self, result: ChargeResult) -> ChargeAttempt:
        """The attempt after money turned up for which there is no place any more."""
        return self._next(orphan=result, decision=None)

    def noted(self, result: ChargeResult) -> ChargeAttempt:
        """A held attempt with a later answer, for the person who decides."""
        return self._next(result=result)

    def decided(self, decision: str) -> ChargeAttempt:
        """The attempt after a person decided about its money."""
        return self._next(decision=decision)

    def refund_decided(self) -> ChargeAttempt:
        """The attempt with one more refund; whoever decided on its version at the same time decides again."""
        return self._next(refund_count=self.refund_count + 1)

    def with_dispute(self, dispute: Dispute) -> ChargeAttempt:
        """The attempt with a new or changed dispute."""
        known = {it.gateway_ref: it for it in self.disputes} | {dispute.gateway_ref: dispute}
        return self._next(disputes=tuple(known.values()))

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

        Raises:
            InvariantViolated: the attempt is final, or with a person.
        """
        event = self._event_of(result, is_look_up=is_look_up)
        if event is _E.NOT_ATTEMPTED:
            refused = self.after(event, now, result)
            look_at = now + self._wait_after_refusal(result)
            return evolve(refused, sends_not_attempted=self.sends_not_attempted + 1, look_at=look_at)
        # Whoever had to ask was in doubt; a prompt answer leaves none.
        asked = evolve(self, uncertain_since=self._doubted_since()) if is_look_up else self
        has_told = self.state in {_S.PENDING, _S.REQUIRES_ACTION}
        tells_nothing = event in {_E.UNKNOWN, _E.DUPLICATE_SUSPECTED} and (has_told or is_look_up)
        after = asked.after(event, now, None if tells_nothing else result)
        if not after.is_unresolved or after.state is _S.HELD:
            return after
        # What it repeats may be this very charge: that is looked up at once.
        is_repeat = event is _E.DUPLICATE_SUSPECTED
        return evolve(after, **({"look_at": now} if is_repeat else self._look_again(now)))

    def after(self, event: AttemptEvent, now: datetime, result: ChargeResult | None = None) -> ChargeAttempt:
        """
        The attempt after an event, by the table.

        Raises:
            InvariantViolated: the event can't happen in this state.
        """
        state = self._state_after(event)
        known = result if result is not None else self.result
        if _is_uncertain(state):
            # While the cardholder was asked, nobody was in doubt: doubt after that starts now.
            began = now if self.state is _S.REQUIRES_ACTION else self.first_sent_at
            return self._next(state=state, result=known, uncertain_since=self.uncertain_since or began)
        is_final = not state.is_unresolved
        return self._next(
            state=state,
            result=known,
            uncertain_for=self.uncertain_time(now),
            uncertain_since=None,
            look_at=None if is_final else self.look_at,
            resolved_at=now if is_final else None,
        )

    def ends_action_at(self, capabilities: Capabilities) -> datetime:
        """Until when the cardholder can confirm."""
        action = self.result.action if self.result is not None else None
        if action is not None and action.expires_at is not None:
            return action.expires_at
        return self.last_sent_at + capabilities.action_lifetime

    def _state_after(self, event: AttemptEvent) -> AttemptState:
        state = TRANSITIONS[self.state].get(event)
        if state is None:
            raise InvariantViolated(
                f"attempt {self.id}: {event.value} can't happen in state {self.state.value}"
            )
        return state

    def _event_of(self, result: ChargeResult, *, is_look_up: bool) -> AttemptEvent:
        event = _EVENT_OF_OUTCOME[result.outcome]
        if event is _E.SUCCEEDED and result.amount != self.request.amount:
            return _E.MISMATCHED
        if is_look_up and event in {_E.NOT_ATTEMPTED, _E.DUPLICATE_SUSPECTED}:
            # A refused look-up says nothing about any send.
            return _E.UNKNOWN
        # A send that did nothing proves nothing about another one.
        is_proof = self.state is _S.OPEN and self.sends - 1 == self.sends_not_attempted
        return _E.UNKNOWN if event is _E.NOT_ATTEMPTED and not is_proof else event

    def _doubted_since(self) -> datetime | None:
        return self.uncertain_since or (self.first_sent_at if self.is_uncertain else None)

    def _wait_after_refusal(self, result: ChargeResult) -> timedelta:
        wait = result.retry_after if result.retry_after is not None else LOOK_AGAIN[0]
        return wait if self.sends_not_attempted < _REFUSED_AT_ONCE_MAX else max(wait, LOOK_AGAIN[0])

    def _look_again(self, now: datetime) -> dict[str, Any]:
        return {"looks": self.looks + 1, "looked_at": now, "look_at": now + wait_after_look(self.looks)}

    def _next(self, **changes: Any) -> ChargeAttempt:
        return evolve(self, version=self.version + 1, **changes)

    def __repr__(self) -> str:
        return f"ChargeAttempt({self.id}, number={self.number}, {self.state.value})"


def _is_uncertain(state: AttemptState) -> bool:
    return state.is_unresolved and state is not AttemptState.REQUIRES_ACTION
