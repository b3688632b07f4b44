"""
Local days as instants: where a day begins, and which day an instant belongs to.

A local day starts at midnight, except where the clock skips midnight (Cairo,
Santiago), skips the day (Apia, 30 December 2011), or shows midnight twice
(Havana). `start_of` answers for all of them; nothing else in this library turns a date
into an instant.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from billing_core.issues import invalid
from billing_core.values.period import check_day

__all__ = ["ensure_aware", "in_utc", "local_date", "start_of", "zone"]

#: How many starts of days are remembered: a run asks for the same few, license after license.
_REMEMBERED = 4096

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)

# Names only, as the IANA rules allow them; no absolute path, no dots. The longest in use has 32 characters.
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,3}")
# Found in the folders of some systems, but no zones: leap-second clocks, and what that one machine is set to.
_NOT_A_ZONE = re.compile(r"(?:posix|right)/.*|localtime|posixrules|Factory")


def zone(name: str) -> ZoneInfo:
    """
    The IANA time zone of this name.

    Raises:
        InvalidInput: ``unknown_value`` if there is none, ``invalid_type``.

    >>> zone("Europe/Paris").key
    'Europe/Paris'
    """
    if not isinstance(name, str):
        raise invalid("time_zone", "invalid_type", expected="the name of an IANA time zone")
    return _named(name)


@lru_cache(maxsize=_REMEMBERED)
def _named(name: str) -> ZoneInfo:
    if _ZONE_NAME.fullmatch(name) and not _NOT_A_ZONE.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            # OSError: the name of a folder, such as "America".
            pass
    raise invalid("time_zone", "unknown_value", allowed="IANA names, such as Europe/Paris")


def start_of(day: date, zone: str | ZoneInfo) -> datetime:
    """
    The first instant of a local day.

    The result reads as the local clock does, with the UTC offset that holds at
    that instant as its `tzinfo`: fixed, so that comparing, hashing and
    subtracting it are exact. A datetime that carries the zone itself would
    compare by the wall clock with others of its zone, and equal nothing
    outside it where midnight comes twice.

    Args:
        day: a local date.
        zone: the zone, or its IANA name.

    Returns:
        An aware datetime. Where the clock skips midnight, the instant after
        the jump; where midnight comes twice, the first. A day that a zone
        skipped as a whole starts when the day after it does: it has no instants.

    Raises:
        InvalidInput: ``invalid_type``, or ``unknown_value`` for the zone.

    Source: PEP 495 for what a skipped or repeated local time means in Python.

    >>> start_of(date(2026, 4, 24), "Africa/Cairo").isoformat()
    '2026-04-24T01:00:00+03:00'
    """
    # Of any other type it is not known that equal ones mean the same day, or any.
    if type(day) is date and type(zone) is str:
        return _start_of(day, zone)
    check_day(day, "day")
    return _first_instant(day, _known(zone))


@lru_cache(maxsize=_REMEMBERED)
def _start_of(day: date, name: str) -> datetime:
    return _first_instant(day, zone(name))


def _first_instant(day: date, where: ZoneInfo) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=where)
    before, after = _offset(midnight), _offset(midnight.replace(fold=1))
    if after > before:
        return _end_of_gap(midnight, before, after)
    # Midnight once, or twice: then fold 0 is the first.
    return midnight.replace(tzinfo=timezone(before))


def local_date(at: datetime, zone: str | ZoneInfo) -> date:
    """
    The local day that an instant belongs to: the one with ``start_of(day) <= at < start_of(day + 1)``.

    That is what the wall clock shows, with one exception: where the clock was
    turned back across midnight (St. John's, until 2011), the new day has begun
    and does not end again.

    Raises:
        InvalidInput: ``naive_datetime``, ``invalid_type``, ``unknown_value``,
            or ``out_of_range`` at the ends of the calendar.

    >>> local_date(datetime(2026, 1, 1, 4, 30, tzinfo=UTC), "America/New_York")
    datetime.date(2025, 12, 31)
    """
    _known(zone)
    try:
        return _local_date(in_utc(at, "at"), zone)
    except OverflowError:
        raise invalid("at", "out_of_range", min="0001-01-02", max="9999-12-30") from None


# Of instants in UTC: two of another zone may be equal and yet an hour apart.
@lru_cache(maxsize=_REMEMBERED)
def _local_date(instant: datetime, zone: str | ZoneInfo) -> date:
    day = instant.astimezone(_known(zone)).date()
    while start_of(day + _DAY, zone) <= instant:
        day += _DAY
    return day


def ensure_aware(at: datetime, field: str = "now") -> datetime:
    """
    The same instant, if it is one: a datetime that knows its UTC offset.

    Raises:
        InvalidInput: ``naive_datetime``, or ``invalid_type`` for anything but a datetime.

    >>> ensure_aware(datetime(2026, 1, 1))
    Traceback (most recent call last):
    billing_core.errors.InvalidInput: now: must be an aware datetime; give it a time zone
    """
    if not isinstance(at, datetime):
        raise invalid(field, "invalid_type", expected="an aware datetime")
    if at.utcoffset() is None:
        raise invalid(field, "naive_datetime")
    return at


def in_utc(at: datetime, field: str = "now") -> datetime:
    """
    The same instant in UTC, so that equal ones read alike.

    Raises:
        InvalidInput: as `ensure_aware`.

    >>> in_utc(datetime.fromisoformat("2026-01-01T01:00:00+01:00")).isoformat()
    '2026-01-01T00:00:00+00:00'
    """
    # Within the library instants are in UTC already: nearly all calls end here.
    if type(at) is datetime and at.tzinfo is UTC:
        return at
    return ensure_aware(at, field).astimezone(UTC)


def _known(where: str | ZoneInfo) -> ZoneInfo:
    return where if isinstance(where, ZoneInfo) else zone(where)


def _offset(at: datetime) -> timedelta:
    offset = at.utcoffset()
    assert offset is not None, "a ZoneInfo always knows its offset"
    return offset


def _end_of_gap(midnight: datetime, before: timedelta, after: timedelta) -> datetime:
    """
    The instant at which the clock jumps over a midnight.

    The jump need not start at midnight (Toronto, 1919: from 23:30 to 00:30), so
    it is searched, between the two readings of the midnight that is not there.
    """
    wall = midnight.replace(tzinfo=UTC)
    early, late = wall - after, wall - before
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if _offset(middle.astimezone(midnight.tzinfo)) == before:
            early = middle
        else:
            late = middle
    return late.astimezone(timezone(after))
