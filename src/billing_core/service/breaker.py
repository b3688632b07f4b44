"""
The circuit breaker: a processor that answers too often with "unknown" is left alone for a while.

Every unknown outcome blocks a license until it was looked up. A brown-out of the
processor must not make a million of them. Pure: time is passed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from billing_core.issues import invalid
from billing_core.values.typed import Typed

__all__ = ["Breaker", "BreakerPolicy"]


@attrs.frozen(kw_only=True)
class BreakerPolicy(Typed):
    """
    When sending to a processor pauses by itself, and when it goes on.

    Attributes:
        sends: how many of the latest sends count.
        unknown_percent_max: it pauses when more of so many sends were unknown.
            5 of the latest 200, by default, however few there were before.
        pause: for how long nothing is sent.
        probes: how many sends are tried after a pause. When so many in a row
            were answered, all is well again; an unknown one starts another pause.

    >>> BreakerPolicy().unknown_max
    4
    """

    sends: int = 200
    unknown_percent_max: int = 2
    pause: timedelta = timedelta(minutes=5)
    probes: int = 5

    def _check_together(self) -> None:
        if not 1 <= self.sends <= 10_000:
            raise invalid("sends", "out_of_range", min=1, max=10_000)
        if not 0 <= self.unknown_percent_max <= 100:
            raise invalid("unknown_percent_max", "out_of_range", min=0, max=100)
        if self.pause < timedelta(0):
            raise invalid("pause", "negative")
        if not 1 <= self.probes <= 1000:
            raise invalid("probes", "out_of_range", min=1, max=1000)

    @property
    def unknown_max(self) -> int:
        """How many unknown outcomes among the latest sends are borne."""
        return self.sends * self.unknown_percent_max // 100


@attrs.frozen(kw_only=True)
class Breaker(Typed):
    """
    The breaker of one gateway, as a value: what follows from its sends, and from nothing else.

    Attributes:
        recent: whether each of the latest sends was unknown, oldest first.
        paused_until: when probes may be sent again; ``None`` while all is well.
        probes_from: since when what is sent is a probe. An answer to what was sent
            before, and was under way when it paused, tells nothing new.
        probing: how many probes were sent since then.
        answered: how many probes in a row were answered.
    """

    policy: BreakerPolicy = BreakerPolicy()
    recent: tuple[bool, ...] = ()
    paused_until: datetime | None = None
    probes_from: datetime | None = None
    probing: int = 0
    answered: int = 0

    def may_send(self, now: datetime) -> bool:
        """Whether a charge may be sent now."""
        return self.paused_until is None or now >= self.paused_until

    def sending(self, now: datetime) -> Breaker:
        """The breaker when a charge is about to be sent; after the last probe the others wait again."""
        if self.paused_until is None:
            return self
        if self.probing + 1 < self.policy.probes:
            return attrs.evolve(self, probing=self.probing + 1)
        return attrs.evolve(self, probing=0, paused_until=now + self.policy.pause)

    def after(self, sent_at: datetime, *, is_unknown: bool) -> Breaker:
        """The breaker after the outcome of a send."""
        if self.probes_from is not None:
            return self if sent_at < self.probes_from else self._after_probe(sent_at, is_unknown=is_unknown)
        recent = (*self.recent, is_unknown)[-self.policy.sends :]
        if sum(recent) <= self.policy.unknown_max:
            return attrs.evolve(self, recent=recent)
        return self._paused(sent_at)

    def _after_probe(self, sent_at: datetime, *, is_unknown: bool) -> Breaker:
        if is_unknown:
            return self._paused(sent_at)
        if self.answered + 1 < self.policy.probes:
            return attrs.evolve(self, answered=self.answered + 1)
        return Breaker(policy=self.policy)

    def _paused(self, sent_at: datetime) -> Breaker:
        until = sent_at + self.policy.pause
        return Breaker(policy=self.policy, paused_until=until, probes_from=until)
