"""
Tax rates come from the host: a port, and a dated table for hosts that keep their own.

No rate ships with this library. Rates change by date, by region and by
category, and an old invoice or its credit note needs the rate of *its* day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

import attrs

from billing_core.issues import invalid
from billing_core.values.texts import Code, Id
from billing_core.values.typed import Typed

__all__ = ["DatedTaxRates", "TaxRate", "TaxRateProvider"]


@runtime_checkable
class TaxRateProvider(Protocol):
    """
    The host's source of tax rates.

    ``billing_core.testing.tax_rates.check_tax_rate_provider`` tells whether an
    implementation keeps this contract.
    """

    def rate(self, jurisdiction: str, category: str, on: date, /) -> Decimal | None:
        """
        The rate in per cent (``Decimal("19")`` is 19 %) on a day; None if none is known.

        Zero is a rate; None is the lack of knowledge, and an invoice can't be made with it.
        """
        ...


def _percent(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise invalid("rate_percent", "invalid_type", expected="a Decimal, an int or a text; never a float")
    try:
        percent = Decimal(value)
    except InvalidOperation:
        raise invalid("rate_percent", "invalid_format", example="19") from None
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise invalid("rate_percent", "out_of_range", min=0, max=100)
    return percent


@attrs.frozen(kw_only=True)
class TaxRate(Typed):
    """
    One rate, for one jurisdiction and category, in one span of days.

    Attributes:
        jurisdiction: the key that `Territory.jurisdiction` gives: ``DE``, ``PT-20``.
        category: the host's own name of what is sold: ``standard``, ``e_book``.
        rate_percent: 0 to 100; 19 is 19 %.
        valid_from: first day.
        valid_until: first day after it; None: no end known.
    """

    jurisdiction: Code
    category: Id
    rate_percent: Decimal = attrs.field(converter=_percent)
    valid_from: date
    valid_until: date | None = None

    def _check_together(self) -> None:
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise invalid("valid_until", "out_of_range", min="the day after valid_from", max="any later day")

    def overlaps(self, other: TaxRate) -> bool:
        """Whether both would answer the same question on some day."""
        if (self.jurisdiction, self.category) != (other.jurisdiction, other.category):
            return False
        return _starts_before_end(self, other) and _starts_before_end(other, self)

    def holds_on(self, day: date) -> bool:
        """Whether this rate is in force on a day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def _starts_before_end(one: TaxRate, other: TaxRate) -> bool:
    return other.valid_until is None or one.valid_from < other.valid_until


class DatedTaxRates:
    """
    An immutable `TaxRateProvider` in memory: rows of `TaxRate` that never overlap.

    Args:
        rates: the rows, in any order.

    Raises:
        InvalidInput: two rows answer the same question on the same day (``overlaps``).

    >>> rates = DatedTaxRates().with_rate("DE", "standard", "19", valid_from=date(2021, 1, 1))
    >>> rates.rate("DE", "standard", date(2026, 1, 31))
    Decimal('19')
    >>> rates.rate("DE", "standard", date(2020, 7, 1)) is None
    True
    """

    __slots__ = ("_by_key", "_rates")

    def __init__(self, rates: Iterable[TaxRate] = ()) -> None:
        self._rates: Final = tuple(
            sorted(rates, key=lambda row: (row.jurisdiction, row.category, row.valid_from))
        )
        by_key: dict[tuple[str, str], tuple[TaxRate, ...]] = {}
        for row in self._rates:
            earlier = by_key.get((row.jurisdiction, row.category), ())
            if earlier and earlier[-1].overlaps(row):
                raise invalid("valid_from", "overlaps", other="an earlier rate of the same kind")
            by_key[row.jurisdiction, row.category] = (*earlier, row)
        self._by_key: Final[Mapping[tuple[str, str], tuple[TaxRate, ...]]] = MappingProxyType(by_key)

    @property
    def rates(self) -> tuple[TaxRate, ...]:
        """All rows, by jurisdiction, category and day."""
        return self._rates

    def rate(self, jurisdiction: str, category: str, on: date, /) -> Decimal | None:
        """The rate in per cent on a day; None where no row says."""
        rows = self._by_key.get((jurisdiction, category), ())
        index = bisect_right(rows, on, key=lambda row: row.valid_from) - 1
        if index < 0 or not rows[index].holds_on(on):
            return None
        return rows[index].rate_percent

    def with_rate(
        self,
        jurisdiction: str,
        category: str,
        rate_percent: Decimal | int | str,
        *,
        valid_from: date,
        valid_until: date | None = None,
    ) -> DatedTaxRates:
        """
        The table with one more row.

        Args:
            jurisdiction: the key that `Territory.jurisdiction` gives.
            category: the host's own name of what is sold.
            rate_percent: 0 to 100; never a float.
            valid_from: first day.
            valid_until: first day after it; None: no end known.

        Raises:
            InvalidInput: the row is wrong in itself, or overlaps with one that is there.
        """
        row = TaxRate(
            jurisdiction=jurisdiction,
            category=category,
            rate_percent=rate_percent,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        return DatedTaxRates((*self._rates, row))

    def with_change(
        self, jurisdiction: str, category: str, rate_percent: Decimal | int | str, *, valid_from: date
    ) -> DatedTaxRates:
        """
        The table with a new rate from a day on: the open row ends there, the new one begins.

        Raises:
            InvalidInput: no row of this kind is in force on that day and open (``mismatch``),
                or the new rate is wrong.

        >>> table = DatedTaxRates().with_rate("LT", "books", 9, valid_from=date(2013, 1, 1))
        >>> changed = table.with_change("LT", "books", 5, valid_from=date(2026, 1, 1))
        >>> [changed.rate("LT", "books", date(year, 6, 1)) for year in (2025, 2026)]
        [Decimal('9'), Decimal('5')]
        """
        rows = self._by_key.get((jurisdiction, category), ())
        if not rows or rows[-1].valid_until is not None or rows[-1].valid_from >= valid_from:
            raise invalid("valid_from", "mismatch", other="an open rate that began earlier")
        ended = attrs.evolve(rows[-1], valid_until=valid_from)
        kept = (ended if row is rows[-1] else row for row in self._rates)
        return DatedTaxRates(kept).with_rate(jurisdiction, category, rate_percent, valid_from=valid_from)
