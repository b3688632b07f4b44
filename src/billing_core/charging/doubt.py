"""
What may be done about a request whose outcome is not known; the same for charges and for refunds.

Look up rather than guess; send the same request again only while its key is
surely remembered; believe "not found" only when no send can take effect any more.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

from billing_core.charging.steps import ResolveAction
from billing_core.gateways.capabilities import Capabilities, GatewayGrade
from billing_core.values.zones import ensure_aware

__all__ = [
    "LOOKS_MAX",
    "LOOK_AGAIN",
    "SENDS_MAX",
    "Asked",
    "Finding",
    "after_not_found",
    "in_utc",
    "look_times",
    "maybe_in_utc",
    "wait_after_look",
    "without_look_up",
]

#: How long to wait before looking again, by how often it was looked already.
LOOK_AGAIN = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))
#: After so many look-ups without an answer (about a week) a person is asked.
LOOKS_MAX = 9
#: After so many sends of one request only look-ups go on.
SENDS_MAX = 5

#: What to do, and the rule that says so.
Finding: TypeAlias = tuple[ResolveAction, str]


class Asked(Protocol):
    """A request that was sent, as far as its resolution reads it."""

    @property
    def sends(self) -> int:
        """How many sends were committed."""
        ...

    @property
    def first_sent_at(self) -> datetime | None:
        """When the first send was committed."""
        ...

    @property
    def last_sent_at(self) -> datetime | None:
        """When the latest send was committed."""
        ...

    @property
    def look_at(self) -> datetime | None:
        """When to look again."""
        ...

    @property
    def looked_at(self) -> datetime | None:
        """When it was looked last."""
        ...

    @property
    def not_found_at(self) -> datetime | None:
        """When a look-up last found nothing of the latest send."""
        ...


def in_utc(at: datetime) -> datetime:
    """Python compares two instants of one zone by their wall clocks, which is wrong when those change."""
    return ensure_aware(at, "at").astimezone(UTC)


def maybe_in_utc(at: datetime | None) -> datetime | None:
    """The instant in UTC, if there is one."""
    return in_utc(at) if at is not None else None


def wait_after_look(looks: int) -> timedelta:
    """How long to wait after this many look-ups."""
    return LOOK_AGAIN[min(looks, len(LOOK_AGAIN) - 1)]


def after_not_found(asked: Asked, capabilities: Capabilities, now: datetime) -> Finding | None:
    """What follows from a look-up that found nothing; ``None`` to wait."""
    assert asked.not_found_at is not None
    assert asked.last_sent_at is not None
    if asked.not_found_at - asked.last_sent_at >= capabilities.not_found_wait:
        return ResolveAction.VOID, "not_found_after_wait"
    if _is_inside_window(asked, capabilities, now):
        return ResolveAction.RESEND, "not_found_inside_window"
    return None


def without_look_up(asked: Asked, capabilities: Capabilities, now: datetime) -> Finding:
    """What to do where nobody can be asked: repeat while that is safe, then leave it to a person."""
    if capabilities.grade is not GatewayGrade.NONE and _is_inside_window(asked, capabilities, now):
        return ResolveAction.RESEND, "inside_key_window"
    return ResolveAction.HOLD, "cannot_be_found_out"


def look_times(asked: Asked, capabilities: Capabilities) -> tuple[datetime, ...]:
    """When to look at a request that was sent."""
    assert asked.last_sent_at is not None
    if asked.look_at is None:
        # Committed, and no answer on record: in flight until the call can't take any longer.
        return (asked.last_sent_at + capabilities.send_timeout,)
    proves_at = asked.last_sent_at + capabilities.not_found_wait
    if asked.looked_at is not None and asked.looked_at < proves_at:
        # From then on a look-up that finds nothing is a proof.
        return asked.look_at, proves_at
    return (asked.look_at,)


def _is_inside_window(asked: Asked, capabilities: Capabilities, now: datetime) -> bool:
    assert asked.first_sent_at is not None
    return now - asked.first_sent_at < capabilities.resend_window and asked.sends < SENDS_MAX
