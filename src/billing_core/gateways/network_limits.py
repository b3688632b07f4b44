"""
Network limits on repeated attempts, as data.

Card networks fine merchants who try a declining card too often. Limits count
declined attempts per physical card (fingerprint), over all licenses and
accounts, and with them those that may still turn out declined.

Source: Visa publishes 20 reattempts in 30 days (Core Rules, April 2026); several
acquirers still enforce 15, so 15 is used here. Mastercard: more than 10 in 24
hours or 35 in 30 days is an excessive attempt. Other networks publish no
common figure; Visa's is applied to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import attrs

__all__ = ["ATTEMPT_LIMITS", "DEFAULT_LIMITS", "LONGEST_WINDOW", "AttemptLimit", "earliest_attempt_at"]


@attrs.frozen
class AttemptLimit:
    """At most ``count`` declined attempts within ``window``."""

    count: int
    window: timedelta


#: The limits of a network that publishes none of its own.
DEFAULT_LIMITS = (AttemptLimit(15, timedelta(days=30)),)

#: Brand -> its limits; a brand that is not listed has the default's.
ATTEMPT_LIMITS: Mapping[str, tuple[AttemptLimit, ...]] = MappingProxyType(
    {
        "visa": DEFAULT_LIMITS,
        "mastercard": (AttemptLimit(10, timedelta(hours=24)), AttemptLimit(35, timedelta(days=30))),
    }
)

#: How far back declined attempts matter to any limit.
LONGEST_WINDOW = max(
    limit.window for limits in (*ATTEMPT_LIMITS.values(), DEFAULT_LIMITS) for limit in limits
)


def earliest_attempt_at(brand: str, declined_at: Iterable[datetime]) -> datetime | None:
    """
    When the networks' limits allow the next attempt on a card.

    Args:
        brand: as on the saved card, lower case.
        declined_at: when attempts on the same fingerprint were sent that were
            declined, or may be.

    Returns:
        The instant from which one more attempt is within every limit, which
        may be over; ``None`` if no limit was reached.

    >>> from datetime import UTC
    >>> first = datetime(2025, 1, 31, tzinfo=UTC)
    >>> tries = [first + timedelta(hours=n) for n in range(10)]
    >>> earliest_attempt_at("mastercard", tries).isoformat()
    '2025-02-01T00:00:00+00:00'
    >>> earliest_attempt_at("visa", tries) is None
    True
    """
    times = sorted(declined_at)
    waits = [
        times[-limit.count] + limit.window
        for limit in ATTEMPT_LIMITS.get(brand, DEFAULT_LIMITS)
        if len(times) >= limit.count
    ]
    return max(waits, default=None)
