"""What an error says: which argument, what is wrong, and what would be right. Never the value itself."""

# Wrong types are what many of these calls are about.
# mypy: disable-error-code="arg-type, list-item"

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from billing_core.errors import BillingError
from billing_core.values.currency import Currency
from billing_core.values.ids import check_id, derive_id
from billing_core.values.interval import Interval
from billing_core.values.money import Money, UnitPrice
from billing_core.values.period import Period
from billing_core.values.plain import check_keys
from billing_core.values.rounding import Rounding, divide
from billing_core.values.schedule import RenewalSchedule
from billing_core.values.texts import Code, CountryCode, CurrencyCode, Id, Pattern, Secret, Text, Url, Word
from billing_core.values.typed import check_for, check_instance
from billing_core.values.zones import ensure_aware, in_utc, local_date, zone

HALF_UP = Rounding.HALF_UP
EUR = Currency.of("EUR")
TEN = Money.of(10, "EUR")
DAY = date(2025, 1, 31)
CARD = "4242 4242 4242 4242"
LOOKS_LIKE_CARD = "note: looks like a card number; card numbers must never be entered here"
NOON = datetime(2025, 1, 31, 12)  # noqa: DTZ001 - naive on purpose
MONTHLY = RenewalSchedule(DAY, Interval.monthly())


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: Currency.of(7), "currency: has the wrong type; expected a Currency or the code of one"),
        (
            lambda: Currency.of("eur"),
            "currency: is not a known value; allowed: ISO 4217 codes in capitals, such as EUR",
        ),
        (
            lambda: Currency.of("DEM").ensure_active_on(DAY),
            "currency: is withdrawn since 2002-03; open no new business in it",
        ),
        (
            lambda: Currency.of("XAU").minor_exponent(),
            "currency: is not supported; it has no known minor unit",
        ),
        (
            lambda: Currency(code="EUR", numeric="978", exponent=3, withdrawn=None, name="Euro"),
            "currency: is not a known value; allowed: ISO 4217 codes in capitals, such as EUR",
        ),
        (
            lambda: Money.of(1.5, "EUR"),
            "amount: has the wrong type; expected a text, an int or a Decimal; never a float",
        ),
        (lambda: Money.of("x", "EUR"), "amount: does not have the right form; for example -1234.50"),
        (lambda: Money.of("1" * 200, "EUR"), "amount: is too long; at most 100 characters"),
        (
            lambda: Money.of(Decimal("NaN"), "EUR"),
            "amount: does not have the right form; for example Decimal('-1234.50')",
        ),
        (lambda: Money.of(Decimal("1e999"), "EUR"), "amount: must be between -1e100 and 1e100"),
        (
            lambda: Money.of("1.005", "EUR"),
            "amount: has more digits after the point than EUR has; round it first",
        ),
        (
            lambda: Money("1", EUR),
            "amount_minor: has the wrong type; expected a whole number of minor units, as an int",
        ),
        (lambda: Money(1, "EUR"), "currency: has the wrong type; expected a Currency"),
        (lambda: TEN.allocate([]), "weights: is required"),
        (lambda: TEN.allocate([1, -1]), "weights: must not be negative"),
        (lambda: TEN.allocate([0, 0]), "weights: must not be zero"),
        (lambda: TEN.allocate(7), "weights: has the wrong type; expected numbers, such as a list"),
        (
            lambda: TEN.allocate([0.5]),
            "weights: has the wrong type; expected an int, a Decimal or a Fraction; never a float",
        ),
        (lambda: TEN.split("2"), "parts: has the wrong type; expected an int"),
        (lambda: TEN.split(0), "parts: must not be zero"),
        (lambda: TEN.split(-1), "parts: must not be negative"),
        (lambda: TEN.split(10**9), "parts: must be between 1 and 1000000"),
        (
            lambda: TEN + Money.of(1, "USD"),
            "expected an amount in EUR, got one in USD; convert it first, this library never does",
        ),
        (
            lambda: TEN < Money.of(1, "USD"),
            "expected an amount in EUR, got one in USD; convert it first, this library never does",
        ),
        (lambda: UnitPrice.of("x", "EUR"), "amount: does not have the right form; for example -1234.50"),
        (lambda: UnitPrice("1", 1, EUR), "numerator: has the wrong type; expected an int"),
        (lambda: UnitPrice(1, "1", EUR), "denominator: has the wrong type; expected an int"),
        (lambda: UnitPrice(1, 0, EUR), "denominator: must not be zero"),
        (lambda: UnitPrice(1, -1, EUR), "denominator: must not be negative"),
        (lambda: UnitPrice(1, 1, "EUR"), "currency: has the wrong type; expected a Currency"),
        (
            lambda: UnitPrice.of("0.1", "EUR").times("3", HALF_UP),
            "quantity: has the wrong type; expected an int",
        ),
        (lambda: divide(1, 2, "half_up"), "rounding: has the wrong type; expected a Rounding"),
        (lambda: divide(1, 0, HALF_UP), "denominator: must not be zero"),
        (lambda: Interval("decade", 1), "unit: is not a known value; allowed: day, week, month, year"),
        (lambda: Interval.monthly("2"), "count: has the wrong type; expected an int"),
        (lambda: Interval.monthly(0), "count: must be between 1 and 36525"),
        (lambda: Interval.monthly(10**6), "count: must be between 1 and 36525"),
        (
            lambda: Interval.from_relativedelta("P1M"),
            "delta: has the wrong type; expected a dateutil relativedelta",
        ),
        (
            lambda: Interval.from_relativedelta(relativedelta(months=1, days=1)),
            "delta: is not supported; give whole days, weeks, months or years, of one kind",
        ),
        (lambda: Period("2025-01-01", DAY), "start: has the wrong type; expected a date without time"),
        (lambda: Period(DAY, NOON), "end: has the wrong type; expected a date without time"),
        (lambda: Period(DAY, DAY), "end: does not agree with start: a period ends after it starts"),
        (lambda: RenewalSchedule(DAY, "month"), "interval: has the wrong type; expected an Interval"),
        (lambda: MONTHLY.boundary("1"), "n: has the wrong type; expected an int"),
        (lambda: MONTHLY.boundary(-1), "n: must not be negative"),
        (lambda: MONTHLY.boundary(10**6), "n: must be between 0 and 95699"),
        (lambda: MONTHLY.index_at(date(2024, 1, 1)), "day: must be between 2025-01-31 and 9999-12-31"),
        (
            lambda: RenewalSchedule(DAY, Interval.monthly(), anchor_day="1"),
            "anchor_day: has the wrong type; expected an int",
        ),
        (
            lambda: RenewalSchedule(DAY, Interval.monthly(), anchor_day=0),
            "anchor_day: must be between 1 and 31",
        ),
        (
            lambda: RenewalSchedule(DAY, Interval.monthly(), anchor_day=32),
            "anchor_day: must be between 1 and 31",
        ),
        (
            lambda: RenewalSchedule(DAY, Interval.daily(), anchor_day=1),
            "anchor_day: is not supported; only months and years have a day of the month",
        ),
        (lambda: zone(7), "time_zone: has the wrong type; expected the name of an IANA time zone"),
        (lambda: zone("Paris"), "time_zone: is not a known value; allowed: IANA names, such as Europe/Paris"),
        (
            lambda: local_date(datetime.max.replace(tzinfo=UTC), zone("Asia/Tokyo")),
            "at: must be between 0001-01-02 and 9999-12-30",
        ),
        (lambda: ensure_aware("noon", "at"), "at: has the wrong type; expected an aware datetime"),
        (lambda: ensure_aware(NOON), "now: must be an aware datetime; give it a time zone"),
        (lambda: in_utc(NOON), "now: must be an aware datetime; give it a time zone"),
        (lambda: in_utc("noon", "at"), "at: has the wrong type; expected an aware datetime"),
        (lambda: check_for(int | None)("1", "note"), "note: has the wrong type; expected a whole number"),
        (lambda: ensure_aware(NOON, "at"), "at: must be an aware datetime; give it a time zone"),
        (lambda: derive_id("Inv", "test", 1), "prefix: does not have the right form; for example inv"),
        (lambda: derive_id(7, 1), "prefix: does not have the right form; for example inv"),
        (lambda: derive_id("inv"), "parts: is required"),
        (lambda: derive_id("inv", 1.5), "parts: has the wrong type; expected texts and ints"),
        (lambda: check_id(7, "id"), "id: has the wrong type; expected a text"),
        (lambda: check_id("", "id"), "id: is required"),
        (lambda: check_id("x" * 999, "id"), "id: is too long; at most 255 characters"),
        (
            lambda: check_id("a b", "id"),
            "id: contains characters that are not allowed here; allowed: visible ASCII without spaces",
        ),
        (
            lambda: check_id("4242424242424242", "id"),
            "id: looks like a card number; card numbers must never be entered here",
        ),
        (lambda: check_for(Text)(7, "note"), "note: has the wrong type; expected text"),
        (lambda: check_for(Text)("x" * 2001, "note"), "note: is too long; at most 2000 characters"),
        (lambda: check_for(Text)(CARD, "note"), LOOKS_LIKE_CARD),
        (
            lambda: check_for(Code)("é", "note"),
            "note: does not have the right form; for example a short code, such as insufficient_funds",
        ),
        (lambda: check_for(Code)("x" * 65, "note"), "note: is too long; at most 64 characters"),
        (lambda: check_for(Code)(CARD, "note"), LOOKS_LIKE_CARD),
        (
            lambda: check_for(Word)("Visa", "note"),
            "note: does not have the right form; for example small letters, digits and underscores: visa",
        ),
        (lambda: check_for(Word)("x" * 65, "note"), "note: is too long; at most 64 characters"),
        (lambda: check_for(Word)("a123456789012", "note"), LOOKS_LIKE_CARD),
        (
            lambda: check_for(Url)("x", "note"),
            "note: does not have the right form; for example https://example.com/billing",
        ),
        (
            lambda: check_for(Url)("https://a/" + "x" * 2048, "note"),
            "note: is too long; at most 2048 characters",
        ),
        (lambda: check_for(Url)("https://a/4242424242424242", "note"), LOOKS_LIKE_CARD),
        (
            lambda: check_for(Secret)("a b", "note"),
            "note: contains characters that are not allowed here; allowed: visible ASCII without spaces",
        ),
        (lambda: check_for(Secret)("x" * 2049, "note"), "note: is too long; at most 2048 characters"),
        (
            lambda: check_for(CountryCode)("de", "note"),
            "note: is not a known country; for example DE",
        ),
        (lambda: check_for(CountryCode)("x" * 65, "note"), "note: is too long; at most 64 characters"),
        (
            lambda: check_for(CurrencyCode)("eur", "note"),
            "note: is not a known value; allowed: ISO 4217 codes, such as EUR",
        ),
        (lambda: check_for(CurrencyCode)("x" * 65, "note"), "note: is too long; at most 64 characters"),
        (
            lambda: check_for(Pattern)("(", "note"),
            "note: does not have the right form; for example pm_[A-Za-z0-9]{8,64}",
        ),
        (lambda: check_for(Pattern)("x" * 256, "note"), "note: is too long; at most 255 characters"),
        (lambda: check_for(Pattern)("4242424242424242", "note"), LOOKS_LIKE_CARD),
        (lambda: check_for(int)("1", "note"), "note: has the wrong type; expected a whole number"),
        (lambda: check_for(Decimal)(1.5, "note"), "note: has the wrong type; expected Decimal"),
        (lambda: check_for(datetime)(DAY, "note"), "note: has the wrong type; expected an aware datetime"),
        (lambda: check_for(date)(NOON, "note"), "note: has the wrong type; expected a date without time"),
        (lambda: check_for(int | Decimal)("1", "note"), "note: has the wrong type; expected int or Decimal"),
        (lambda: check_for(tuple[int, ...])([1], "note"), "note: has the wrong type; expected a tuple"),
        (lambda: check_for(frozenset[int])({1}, "note"), "note: has the wrong type; expected a frozenset"),
        (lambda: check_for(Mapping[Id, int])([], "note"), "note: has the wrong type; expected a mapping"),
        (lambda: check_for(Mapping[Id, int])({"": 1}, "note"), "note: is required"),
        (
            lambda: check_for(Mapping[Id, int])({"a": "1"}, "note"),
            "note: has the wrong type; expected a whole number",
        ),
        (
            lambda: check_for(Mapping[Id, int | None])({"a": None, "b": "1"}, "note"),
            "note: has the wrong type; expected a whole number",
        ),
        (
            lambda: check_for(tuple[int | None, ...])((None, "1"), "note"),
            "note: has the wrong type; expected a whole number",
        ),
        (lambda: check_for(Any)({"a": [CARD]}, "note"), LOOKS_LIKE_CARD),
        (lambda: check_instance(1, str, "note"), "note: has the wrong type; expected str"),
        (lambda: check_keys("x", ("a", "b"), "period"), "period: has the wrong type; expected a mapping"),
        (
            lambda: check_keys({"a": 1, "c": 2}, ("a", "b"), "period"),
            "b: is required; period: is not a field that exists here; allowed: a, b",
        ),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_text(call: Callable[[], Any], text: str) -> None:
    """A developer mends the call from this line alone."""
    with pytest.raises(BillingError) as caught:
        call()
    assert text == str(caught.value)
