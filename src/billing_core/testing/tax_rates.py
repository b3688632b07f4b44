"""What every `TaxRateProvider` must keep, as one function without a test framework."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, localcontext

from billing_core.tax.rates import TaxRateProvider

__all__ = ["check_tax_rate_provider"]


def check_tax_rate_provider(
    provider: TaxRateProvider, samples: Iterable[tuple[str, str, date, Decimal | None]]
) -> None:
    """
    Check a host's provider of tax rates against answers that the host knows.

    Every sample must be answered exactly, twice alike, whatever the ambient
    decimal precision. An unknown jurisdiction must be answered with None, not
    with an error and not with zero. What this does not prove: that the rates
    are the law's.

    Args:
        provider: what is to be checked.
        samples: ``(jurisdiction, category, day, expected rate in per cent or None)``;
            give the last day of an old rate and the first of its successor.

    Raises:
        AssertionError: the first sample that is not answered as it must be.

    >>> from billing_core.tax.rates import DatedTaxRates
    >>> rates = DatedTaxRates().with_rate("DE", "standard", 19, valid_from=date(2021, 1, 1))
    >>> check_tax_rate_provider(rates, [("DE", "standard", date(2026, 1, 31), Decimal(19))])
    """
    checked = list(samples)
    if not checked:
        raise AssertionError("no samples: nothing would be checked")
    for jurisdiction, category, day, expected in checked:
        where = f"{jurisdiction}, {category}, {day}"
        rate = provider.rate(jurisdiction, category, day)
        _check_form(rate, where)
        _require(rate == expected, f"{where}: expected {expected}, got {rate}")
        with localcontext(prec=3):
            again = provider.rate(jurisdiction, category, day)
        _require(again == rate, f"{where}: asked twice, answered differently; it must not round, nor forget")
    _, category, day, _ = checked[0]
    _require(provider.rate("ZZ", category, day) is None, "an unknown jurisdiction must be answered with None")


def _check_form(rate: object, where: str) -> None:
    if rate is None:
        return
    if not isinstance(rate, Decimal):
        raise AssertionError(  # noqa: TRY004 - a failed check, like all others here
            f"{where}: a rate is a Decimal, not {type(rate).__name__}"
        )
    _require(rate.is_finite(), f"{where}: a rate is a finite number")
    _require(0 <= rate <= 100, f"{where}: a rate is per cent, 0 to 100")


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion that survives `python -O`
    if not holds:
        raise AssertionError(otherwise)
