"""
The states of an attempt, and what may lead from one to another: one table.

What is not in it can't happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from billing_core.issues import Choice

__all__ = ["TRANSITIONS", "AttemptEvent", "AttemptState"]


class AttemptState(Choice):
    """Where an attempt stands."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    UNKNOWN = "unknown"
    HELD = "held"
    VOID = "void"

    @property
    def is_unresolved(self) -> bool:
        """Whether it blocks every other charge of the license."""
        return bool(TRANSITIONS[self])


class AttemptEvent(Choice):
    """What can happen to an attempt."""

    SUCCEEDED = "succeeded"
    #: A success over another amount or currency than was asked for.
    MISMATCHED = "mismatched"
    DECLINED = "declined"
    ACTION_REQUIRED = "action_required"
    PENDING = "pending"
    UNKNOWN = "unknown"
    #: Declined, but what was prepared could still be confirmed: it has to be closed first.
    TURNED_DOWN = "turned_down"
    #: Every send so far surely did nothing.
    NOT_ATTEMPTED = "not_attempted"
    #: The processor takes the send for a repeat: of another charge, or of an earlier send of this one.
    DUPLICATE_SUSPECTED = "duplicate_suspected"
    #: Proved that no send ever did anything.
    NEVER_HAPPENED = "never_happened"
    #: No way left to find out: a person decides.
    GAVE_UP = "gave_up"
    #: A person decided that the money is this invoice's.
    ADOPTED = "adopted"
    #: The cardholder's confirmation did not come, or was called off.
    ACTION_ENDED = "action_ended"


_S, _E = AttemptState, AttemptEvent

#: Of a charge that the processor has told of: it can't become unheard of.
_KNOWN_MOVES: Mapping[AttemptEvent, AttemptState] = {
    _E.SUCCEEDED: _S.SUCCEEDED,
    _E.MISMATCHED: _S.HELD,
    _E.DECLINED: _S.DECLINED,
    _E.ACTION_REQUIRED: _S.REQUIRES_ACTION,
    _E.PENDING: _S.PENDING,
    _E.GAVE_UP: _S.HELD,
    _E.TURNED_DOWN: _S.UNKNOWN,
}
#: Of a charge that may never have reached the processor.
_UNCERTAIN_MOVES: Mapping[AttemptEvent, AttemptState] = {
    **_KNOWN_MOVES,
    _E.UNKNOWN: _S.UNKNOWN,
    _E.DUPLICATE_SUSPECTED: _S.UNKNOWN,
    _E.NEVER_HAPPENED: _S.VOID,
}

#: State -> what may happen -> the state after. What is not listed can't happen.
TRANSITIONS: Mapping[AttemptState, Mapping[AttemptEvent, AttemptState]] = MappingProxyType(
    {
        _S.OPEN: MappingProxyType(
            {**_UNCERTAIN_MOVES, _E.NOT_ATTEMPTED: _S.OPEN, _E.DUPLICATE_SUSPECTED: _S.OPEN}
        ),
        _S.UNKNOWN: MappingProxyType(_UNCERTAIN_MOVES),
        _S.PENDING: MappingProxyType(
            {**_KNOWN_MOVES, _E.UNKNOWN: _S.PENDING, _E.DUPLICATE_SUSPECTED: _S.PENDING}
        ),
        _S.REQUIRES_ACTION: MappingProxyType(
            {
                **_KNOWN_MOVES,
                _E.UNKNOWN: _S.REQUIRES_ACTION,
                _E.DUPLICATE_SUSPECTED: _S.REQUIRES_ACTION,
                _E.ACTION_ENDED: _S.DECLINED,
            }
        ),
        _S.HELD: MappingProxyType({_E.ADOPTED: _S.SUCCEEDED, _E.NEVER_HAPPENED: _S.VOID}),
        _S.SUCCEEDED: MappingProxyType({}),
        _S.DECLINED: MappingProxyType({}),
        _S.VOID: MappingProxyType({}),
    }
)
