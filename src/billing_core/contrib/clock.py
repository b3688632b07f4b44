"""The computer's clock, for stores outside the core."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["SystemClock"]


class SystemClock:
    """
    The computer's time, in UTC.

    All machines that share a store should keep their clocks in step (NTP); the
    safety windows of charges allow for the skew that a gateway's capabilities declare.

    >>> SystemClock().now().tzinfo
    datetime.timezone.utc
    """

    def now(self) -> datetime:
        """The current instant."""
        return datetime.now(UTC)
