"""
ISO 4217 currencies: the active ones, and the withdrawn ones that old invoices still name.

The number of digits after the point is ISO's. A processor's scale, and the
digits that people are used to see, may differ: those belong to the gateway's
adapter and to the page that shows an amount.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from billing_core.issues import invalid
from billing_core.values._currency_table import CURRENCIES

__all__ = ["Currency"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Currency:
    """
    One currency of ISO 4217. Made by `Currency.of`, which keeps one instance a code.

    Attributes:
        code: the alphabetic code, such as ``"EUR"``.
        numeric: the numeric code, such as 978; None where ISO gives none.
        exponent: digits after the point: 2 for the euro, 0 for the yen. None
            where there is no minor unit (gold, test codes) and for long gone
            currencies whose minor unit is not on record; `Money` refuses both.
        withdrawn: the month of withdrawal as ``"2023-01"``, or None.
        name: the English name.

    Source: ISO 4217, lists one and three (https://www.six-group.com/en/products-services/financial-information/data-standards.html).

    >>> Currency.of("JPY").exponent
    0
    >>> Currency.of("HRK").withdrawn
    '2023-01'
    """

    code: str
    numeric: int | None
    exponent: int | None
    withdrawn: str | None
    name: str

    def __attrs_post_init__(self) -> None:
        row = (self.numeric, self.exponent, self.withdrawn, self.name)
        if CURRENCIES.get(self.code) != row:
            raise invalid("currency", "unknown_value", allowed="ISO 4217 codes in capitals, such as EUR")

    @classmethod
    def of(cls, code: str | Currency) -> Currency:
        """
        The currency of this code; a `Currency` is returned as it is.

        Args:
            code: three capital letters.

        Raises:
            InvalidInput: ``unknown_value`` if ISO has no such code, withdrawn ones included.

        >>> Currency.of("EUR") is Currency.of(Currency.of("EUR"))
        True
        """
        if isinstance(code, Currency):
            return code
        if not isinstance(code, str):
            raise invalid("currency", "invalid_type", expected="a Currency or the code of one")
        known = _INSTANCES.get(code)
        return known if known is not None else _made(code)

    def is_active_on(self, day: date) -> bool:
        """
        Whether new business may be done in it on this day.

        ISO dates a withdrawal by month; the currency counts as withdrawn from
        the first day of it. When a currency was introduced is not looked at.

        >>> Currency.of("BGN").is_active_on(date(2025, 12, 31))
        True
        >>> Currency.of("BGN").is_active_on(date(2026, 1, 1))
        False
        """
        return self.withdrawn is None or f"{day.year:04}-{day.month:02}" < self.withdrawn

    def ensure_active_on(self, day: date) -> Currency:
        """
        This currency, if new business may be done in it on this day.

        Raises:
            InvalidInput: ``withdrawn_currency``, with the month.
        """
        if not self.is_active_on(day):
            raise invalid("currency", "withdrawn_currency", withdrawn=self.withdrawn)
        return self

    def minor_exponent(self) -> int:
        """
        The exponent, of a currency that amounts of money can be in.

        Raises:
            InvalidInput: ``not_supported`` if there is no minor unit, or none on record.
        """
        if self.exponent is None:
            raise invalid("currency", "not_supported", reason="it has no known minor unit")
        return self.exponent

    def to_text(self) -> str:
        """The code, as records are written."""
        return self.code

    @classmethod
    def from_text(cls, text: str) -> Currency:
        """The inverse of `to_text`; errors as in `of`."""
        return cls.of(text)

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:
        return f"Currency.of({self.code!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Copies and pickles come back as the one instance: currencies are compared by identity.
        return Currency.of, (self.code,)


_INSTANCES: dict[str, Currency] = {}


def _made(code: str) -> Currency:
    row = CURRENCIES.get(code)
    if row is None:
        raise invalid("currency", "unknown_value", allowed="ISO 4217 codes in capitals, such as EUR")
    numeric, exponent, withdrawn, name = row
    made = Currency(code=code, numeric=numeric, exponent=exponent, withdrawn=withdrawn, name=name)
    # Two threads may both make one; `setdefault` lets exactly one of them win.
    return _INSTANCES.setdefault(code, made)
