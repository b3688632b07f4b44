"""Rates are the host's, dated, exact, and never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext

import pytest

from billing_core.errors import InvalidInput
from billing_core.tax.rates import DatedTaxRates, TaxRate, TaxRateProvider
from billing_core.testing.tax_rates import check_tax_rate_provider

#: German standard rate around the reduction of 2020.
GERMAN = (
    DatedTaxRates()
    .with_rate("DE", "standard", "19", valid_from=date(2007, 1, 1), valid_until=date(2020, 7, 1))
    .with_rate("DE", "standard", "16", valid_from=date(2020, 7, 1), valid_until=date(2021, 1, 1))
    .with_rate("DE", "standard", "19", valid_from=date(2021, 1, 1))
)

SAMPLES = [
    ("DE", "standard", date(2006, 12, 31), None),
    ("DE", "standard", date(2020, 6, 30), Decimal(19)),
    ("DE", "standard", date(2020, 7, 1), Decimal(16)),
    ("DE", "standard", date(2020, 12, 31), Decimal(16)),
    ("DE", "standard", date(2021, 1, 1), Decimal(19)),
    ("DE", "reduced", date(2021, 1, 1), None),
    ("FR", "standard", date(2021, 1, 1), None),
]


@pytest.mark.parametrize(("jurisdiction", "category", "day", "expected"), SAMPLES)
def test_rate_of_its_day(jurisdiction: str, category: str, day: date, expected: Decimal | None) -> None:
    """An old invoice finds the rate of its own day; what is not known is None."""
    assert expected == GERMAN.rate(jurisdiction, category, day)


def test_nothing_is_built_in() -> None:
    """No rate ships with the library."""
    assert DatedTaxRates().rates == ()


def test_a_gap_is_none() -> None:
    """Between two rows nobody knows."""
    rates = DatedTaxRates().with_rate(
        "ES", "x", 21, valid_from=date(2020, 1, 1), valid_until=date(2021, 1, 1)
    )
    assert rates.rate("ES", "x", date(2021, 1, 1)) is None


def test_adding_gives_a_new_table() -> None:
    """The table that others hold does not change; rows come sorted."""
    more = GERMAN.with_rate("AT", "standard", 20, valid_from=date(1984, 1, 1))

    assert GERMAN.rate("AT", "standard", date(2026, 1, 1)) is None
    assert ["AT", "DE", "DE", "DE"] == [row.jurisdiction for row in more.rates]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2020, 6, 30), date(2020, 7, 1)),
        (date(2020, 12, 31), None),
        (date(2000, 1, 1), None),
        (date(2000, 1, 1), date(2007, 1, 2)),
        (date(2030, 1, 1), date(2030, 1, 2)),
    ],
)
def test_overlaps_are_refused(start: date, end: date | None) -> None:
    """One question, one day, one answer."""
    with pytest.raises(InvalidInput, match="valid_from: overlaps with"):
        GERMAN.with_rate("DE", "standard", 18, valid_from=start, valid_until=end)


def test_neighbours_and_other_keys_do_not_overlap() -> None:
    """Half-open spans touch without overlapping."""
    first, second, third = GERMAN.rates
    assert not first.overlaps(second)
    assert second.overlaps(second)
    assert not third.overlaps(
        TaxRate(jurisdiction="DE", category="x", rate_percent=1, valid_from=date(2021, 1, 1))
    )


def test_a_change_ends_the_open_row() -> None:
    """The last day before has the old rate, the day itself the new one."""
    changed = GERMAN.with_change("DE", "standard", "20.5", valid_from=date(2030, 1, 1))

    days = [date(2029, 12, 31), date(2030, 1, 1)]
    assert [Decimal(19), Decimal("20.5")] == [changed.rate("DE", "standard", day) for day in days]
    assert changed.rate("DE", "standard", date(2020, 7, 1)) == 16


@pytest.mark.parametrize(
    ("jurisdiction", "day"), [("FR", date(2030, 1, 1)), ("DE", date(2021, 1, 1)), ("DE", date(2019, 1, 1))]
)
def test_a_change_needs_an_open_row_that_began_earlier(jurisdiction: str, day: date) -> None:
    """What is not there can't change, and history is not rewritten."""
    with pytest.raises(InvalidInput, match="valid_from: does not agree with an open rate"):
        GERMAN.with_change(jurisdiction, "standard", 20, valid_from=day)


def test_a_change_of_a_closed_row_is_refused() -> None:
    """A rate that has ended is followed by a new row, not changed."""
    closed = DatedTaxRates().with_rate(
        "DE", "x", 7, valid_from=date(2020, 1, 1), valid_until=date(2021, 1, 1)
    )
    with pytest.raises(InvalidInput, match="valid_from: does not agree"):
        closed.with_change("DE", "x", 5, valid_from=date(2020, 6, 1))


@pytest.mark.parametrize(
    ("rate", "code"),
    [
        (19.0, "invalid_type"),
        (True, "invalid_type"),
        (None, "invalid_type"),
        ("19 %", "invalid_format"),
        ("NaN", "out_of_range"),
        ("Infinity", "out_of_range"),
        ("sNaN", "out_of_range"),
        (-1, "out_of_range"),
        ("100.01", "out_of_range"),
    ],
)
def test_rates_are_exact_per_cents(rate: object, code: str) -> None:
    """No float, no bool, no nonsense."""
    with pytest.raises(InvalidInput) as caught:
        DatedTaxRates().with_rate("DE", "x", rate, valid_from=date(2020, 1, 1))  # type: ignore[arg-type]
    assert ("rate_percent", code) == (caught.value.issues[0].field, caught.value.issues[0].code)


def test_zero_is_a_rate() -> None:
    """Zero-rated is known; None is not."""
    rates = DatedTaxRates().with_rate("IE", "books", 0, valid_from=date(2020, 1, 1))
    assert rates.rate("IE", "books", date(2026, 1, 1)) == 0


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), None, "valid_from"),
        ("2020-01-01", None, "valid_from"),
        (date(2020, 1, 1), datetime(2021, 1, 1, tzinfo=UTC), "valid_until"),
        (date(2020, 1, 1), date(2020, 1, 1), "valid_until"),
    ],
)
def test_spans_are_days_and_not_empty(start: object, end: object, field: str) -> None:
    """Dates, in order."""
    with pytest.raises(InvalidInput) as caught:
        TaxRate(jurisdiction="DE", category="x", rate_percent=1, valid_from=start, valid_until=end)  # type: ignore[arg-type]
    assert field == caught.value.issues[0].field


def test_precision_of_the_caller_does_not_matter() -> None:
    """A rate of many digits survives a small ambient context."""
    with localcontext(prec=3):
        rates = DatedTaxRates().with_rate("XX", "x", "12.345678", valid_from=date(2020, 1, 1))
        assert rates.rate("XX", "x", date(2026, 1, 1)) == Decimal("12.345678")


def test_the_table_keeps_the_contract() -> None:
    """The shipped table passes the check that hosts' providers must pass."""
    check_tax_rate_provider(GERMAN, SAMPLES)
    assert isinstance(GERMAN, TaxRateProvider)


class Provider:
    """A provider that gives one thing for one known jurisdiction, and something else for the rest."""

    def __init__(self, *replies: object, unknown: object = None) -> None:
        self.replies = list(replies)
        self.unknown = unknown

    def rate(self, jurisdiction: str, category: str, on: date, /) -> Decimal | None:
        if jurisdiction != "DE":
            return self.unknown  # type: ignore[return-value]
        return self.replies.pop(0)  # type: ignore[return-value]


class RoundingProvider:
    """A provider that computes in the ambient context."""

    def rate(self, jurisdiction: str, category: str, on: date, /) -> Decimal | None:
        return +Decimal("12.345") if jurisdiction == "DE" else None


@pytest.mark.parametrize(
    ("provider", "expected", "complaint"),
    [
        (Provider(Decimal(19)), Decimal(16), "expected 16, got 19"),
        (Provider(19.0), Decimal(19), "a rate is a Decimal, not float"),
        (Provider(Decimal("NaN")), Decimal(19), "a finite number"),
        (Provider(Decimal(1900)), Decimal(1900), "per cent, 0 to 100"),
        (Provider(Decimal(19), Decimal(16)), Decimal(19), "asked twice"),
        (RoundingProvider(), Decimal("12.345"), "it must not round"),
        (Provider(Decimal(19), Decimal(19), unknown=Decimal(0)), Decimal(19), "unknown jurisdiction"),
        (Provider(None, None, unknown=Decimal(0)), None, "unknown jurisdiction"),
    ],
)
def test_broken_providers_are_found(
    provider: TaxRateProvider, expected: Decimal | None, complaint: str
) -> None:
    """Each way to break the contract fails the check, and says how."""
    with pytest.raises(AssertionError, match=complaint):
        check_tax_rate_provider(provider, [("DE", "standard", date(2026, 1, 1), expected)])


def test_a_check_without_samples_fails() -> None:
    """Nothing checked is not passed."""
    with pytest.raises(AssertionError, match="no samples"):
        check_tax_rate_provider(GERMAN, [])
