"""Values: money, time, ids and texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from billing_core.identity.text import clean_text
from billing_core.values.currency import Currency
from billing_core.values.interval import MAX_COUNT, Interval, IntervalUnit
from billing_core.values.money import Money, UnitPrice
from billing_core.values.period import Period
from billing_core.values.schedule import RenewalSchedule

__all__ = [
    "currencies",
    "days",
    "durations",
    "human_texts",
    "ids",
    "instants",
    "intervals",
    "monies",
    "periods",
    "schedules",
    "time_zones",
    "unit_prices",
]

#: Two digits, none, three, four; the common ones first, so that examples shrink to them.
_CURRENCIES = ("EUR", "USD", "GBP", "JPY", "KWD", "CLF", "HUF", "ISK", "BRL", "INR")

#: Clocks that never change, change at midnight, twice a year, by half an hour; both sides of the date line.
_ZONES = (
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)

_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
_FIRST_INSTANT, _LAST_INSTANT = datetime(2000, 1, 1), datetime(2099, 12, 31)  # noqa: DTZ001 - bounds in UTC
_ID_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


def currencies() -> st.SearchStrategy[Currency]:
    """Currencies in use, of every number of digits after the point."""
    return st.sampled_from(_CURRENCIES).map(Currency.of)


def monies(
    *,
    currency: Currency | None = None,
    min_minor: int = -(10**12),
    max_minor: int = 10**12,
) -> st.SearchStrategy[Money]:
    """Amounts, in one currency or in any."""
    return st.builds(
        Money,
        st.integers(min_minor, max_minor),
        currencies() if currency is None else st.just(currency),
    )


def unit_prices(*, currency: Currency | None = None, max_minor: int = 10**7) -> st.SearchStrategy[UnitPrice]:
    """Prices from nothing up, whole minor units or parts of them."""
    return st.builds(
        UnitPrice,
        st.integers(0, max_minor),
        st.sampled_from((1, 1, 1, 3, 1000)),
        currencies() if currency is None else st.just(currency),
    )


def intervals(*, max_count: int = 24) -> st.SearchStrategy[Interval]:
    """Billing intervals, monthly first."""
    units = (IntervalUnit.MONTH, IntervalUnit.YEAR, IntervalUnit.WEEK, IntervalUnit.DAY)
    return st.builds(Interval, st.sampled_from(units), st.integers(1, min(max_count, MAX_COUNT)))


def days(*, min_day: date = _FIRST_DAY, max_day: date = _LAST_DAY) -> st.SearchStrategy[date]:
    """Local days of this century."""
    return st.dates(min_day, max_day)


def periods(*, max_days: int = 400) -> st.SearchStrategy[Period]:
    """Spans of days, never empty."""
    return st.builds(
        lambda start, length: Period(start, start + timedelta(days=length)), days(), st.integers(1, max_days)
    )


@st.composite
def schedules(
    draw: st.DrawFn, *, anchor: date | None = None, interval: Interval | None = None
) -> RenewalSchedule:
    """Renewal schedules, some of them aligned to a day of the month."""
    chosen = interval if interval is not None else draw(intervals(max_count=6))
    has_day = chosen.unit in {IntervalUnit.MONTH, IntervalUnit.YEAR} and draw(st.booleans())
    return RenewalSchedule(
        anchor if anchor is not None else draw(days()),
        chosen,
        draw(st.integers(1, 31)) if has_day else None,
    )


def time_zones() -> st.SearchStrategy[str]:
    """IANA names of zones with awkward clocks."""
    return st.sampled_from(_ZONES)


def instants(
    *, min_at: datetime = _FIRST_INSTANT, max_at: datetime = _LAST_INSTANT
) -> st.SearchStrategy[datetime]:
    """Aware instants of this century, in UTC. The bounds are naive, and mean UTC."""
    return st.datetimes(min_at, max_at, timezones=st.just(UTC))


def durations(*, max_days: int = 40) -> st.SearchStrategy[timedelta]:
    """Lengths of time from nothing up, to the microsecond."""
    return st.timedeltas(timedelta(0), timedelta(days=max_days))


def ids(*, prefix: str = "") -> st.SearchStrategy[str]:
    """Ids of machines, UUIDs among them."""
    short = st.text(_ID_LETTERS, min_size=1, max_size=24).map(lambda text: f"{prefix or 'x'}_{text}")
    return short | st.uuids().map(lambda uuid: f"{prefix}{uuid}")


def human_texts(*, max_length: int = 40) -> st.SearchStrategy[str]:
    """Clean texts in any script, as people write them; never blank, never with a card number."""
    characters = st.characters(codec="utf-8", categories=("L", "M", "Nd", "P", "Zs"))
    raw = st.text(characters, min_size=1, max_size=max_length)
    cleaned = raw.map(lambda text: clean_text(text, field="text", max_length=max_length).value)
    return cleaned.filter(bool).map(str)
