"""Virtual time: one true clock, and what is to happen when. Nothing here waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "Agenda", "ProcessClock"]

#: Milliseconds; all times inside the simulator are whole milliseconds since its start.
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Agenda:
    """
    What is to happen, in order of time; at the same millisecond, in the order of planning.

    Args:
        start: the instant at which the simulation begins, in UTC.
    """

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.now_ms = 0
        self._planned: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = 0

    def at(self, at_ms: int, action: Callable[[], None]) -> None:
        """Plan something; what is planned for the past happens next."""
        self._serial += 1
        heappush(self._planned, (max(at_ms, self.now_ms), self._serial, action))

    def after(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Plan something for later."""
        self.at(self.now_ms + delay_ms, action)

    def step(self, until_ms: int) -> bool:
        """Do the next thing that is planned before ``until_ms``; whether there was one."""
        if not self._planned or self._planned[0][0] >= until_ms:
            self.now_ms = max(self.now_ms, until_ms)
            return False
        self.now_ms, _, action = heappop(self._planned)
        action()
        return True

    def instant(self, offset_ms: int = 0) -> datetime:
        """The true time now, or what a clock shows that is off by so much."""
        return self.start + timedelta(milliseconds=self.now_ms + offset_ms)

    def ms_of(self, instant: datetime) -> int:
        """When an instant is, rounded up: no sooner than that."""
        return -((self.start - instant) // timedelta(milliseconds=1))


class ProcessClock:
    """The clock that the store asks: the one of the process that works at the moment."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self.offset_ms = 0
        self._known: tuple[int, datetime] | None = None

    def now(self) -> datetime:
        """What the clock shows."""
        at_ms = self._agenda.now_ms + self.offset_ms
        if self._known is None or self._known[0] != at_ms:
            self._known = at_ms, self._agenda.instant(self.offset_ms)
        return self._known[1]
