"""
Temporary extensions: an access overlay that support may grant.

An extension lets the owner log in and fix the card. It moves no date,
forgives no debt and stops no retry; it ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

import attrs

from billing_core.errors import NotAllowed
from billing_core.issues import invalid
from billing_core.policy import BillingPolicy
from billing_core.records import Record
from billing_core.values.texts import Id, Text
from billing_core.values.zones import zone

__all__ = ["Extension", "check_extension", "extension_end"]

_YEAR = timedelta(days=365)


@attrs.frozen(kw_only=True)
class Extension(Record):
    """
    Full access from ``granted_at`` until ``until`` (exclusive).

    Attributes:
        days: what was granted, in local days.
        granted_by: id of the support agent.
        reason: why, in words of a person.
    """

    granted_at: datetime
    until: datetime
    days: int
    granted_by: Id
    reason: Text

    def is_active_at(self, now: datetime) -> bool:
        """Whether the extension gives access at this instant."""
        return self.granted_at <= now < self.until


def extension_end(now: datetime, days: int, time_zone: str) -> datetime:
    """
    The same local time of day, ``days`` calendar days later.

    A time that a clock change skips is moved to the instant at which that
    wall-clock time would have been, had the clock not changed.

    >>> from datetime import UTC
    >>> extension_end(datetime(2025, 3, 29, 12, tzinfo=UTC), 1, "Europe/Paris").isoformat()
    '2025-03-30T13:00:00+02:00'
    """
    place = zone(time_zone)
    wall = now.astimezone(place).replace(tzinfo=None) + timedelta(days=days)
    end = wall.replace(tzinfo=place).astimezone(UTC)
    # A fixed offset, as `start_of` gives: instants that carry one zone are compared by their wall clocks.
    return end.astimezone(timezone(end.astimezone(place).utcoffset() or timedelta(0)))


def check_extension(history: Iterable[Extension], days: int, now: datetime, policy: BillingPolicy) -> None:
    """
    Refuse an extension beyond the policy's limits.

    Raises:
        InvalidInput: ``days`` is not a whole number from 1 to the policy's maximum.
        NotAllowed: ``extension_limit`` - the days of all extensions granted
            within the last 365 days would exceed the policy's yearly maximum.
    """
    if type(days) is not int:
        raise invalid("days", "invalid_type", expected="int")
    if not 1 <= days <= policy.extension_days_max:
        raise invalid("days", "out_of_range", min=1, max=policy.extension_days_max)
    used = sum(extension.days for extension in history if extension.granted_at > now - _YEAR)
    if used + days > policy.extension_days_per_year_max:
        raise NotAllowed(
            "extension_limit", {"days_used": used, "days_per_year_max": policy.extension_days_per_year_max}
        )
