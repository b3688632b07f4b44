"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import datetime, timedelta

from billing_core.issues import invalid
from billing_core.values.zones import ensure_aware

__all__ = ["ManualClock"]


class ManualClock:
    """
    The time of tests and demos.

    Args:
        start: an aware datetime, or ISO 8601 text with an offset.

    >>> clock = ManualClock("2025-01-31T09:00+01:00")
    >>> clock.advance(hours=1)
    >>> clock.now().isoformat()
    '2025-01-31T10:00:00+01:00'
    """

    def __init__(self, start: datetime | str) -> None:
        self._now = _instant(start)

    def now(self) -> datetime:
        """The current instant."""
        return self._now

    def set(self, at: datetime | str) -> None:
        """Jump to an instant, forwards or back."""
        self._now = _instant(at)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Go forward by elapsed time."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _instant(at: datetime | str) -> datetime:
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            raise invalid("at", "invalid_format", example="2025-01-31T09:00+01:00") from None
    return ensure_aware(at, "at")
