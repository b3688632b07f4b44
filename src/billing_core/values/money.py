"""
Money: a whole number of minor units in one currency, exact always.

Sums, differences and whole multiples are exact. Whatever could lose a fraction
of a minor unit takes a `Rounding`, without default; `Money.allocate` splits
without losing one. The ambient decimal context is never used, so a host that
changes it changes no amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, final

import attrs

from billing_core.errors import CurrencyMismatch
from billing_core.issues import invalid
from billing_core.values.currency import Currency
from billing_core.values.exact import common_scale, exact_decimal, exact_ratio
from billing_core.values.plain import check_keys
from billing_core.values.rounding import Rounding, apportion, divide, divide_exactly

__all__ = ["Money", "UnitPrice"]

#: More than any invoice has lines, and no more than a machine can hold.
_PARTS_MAX = 1_000_000


@final
@attrs.frozen(repr=False)
class Money:
    """
    An amount of money. Immutable, hashable, ordered within its currency.

    Amounts of different currencies are never equal; to add or to order them
    raises `CurrencyMismatch`. Zero is falsy, like every zero in Python.

    Attributes:
        amount_minor: the amount in minor units (cents), negative for a credit.
        currency: its currency, which must have a minor unit.

    Raises:
        InvalidInput: ``invalid_type``; ``not_supported`` for a currency without
            minor unit, such as gold.

    >>> Money.of("19.99", "EUR") * 3
    Money.of('59.97', 'EUR')
    >>> Money.of("10", "EUR") + Money.of("10", "USD")
    Traceback (most recent call last):
    billing_core.errors.CurrencyMismatch: expected an amount in EUR, got one in USD; \
convert it first, this library never does
    """

    amount_minor: int
    currency: Currency

    def __attrs_post_init__(self) -> None:
        if type(self.amount_minor) is not int:
            raise invalid("amount_minor", "invalid_type", expected="a whole number of minor units, as an int")
        _check_currency(self.currency)

    @classmethod
    def of(
        cls, amount: str | int | Decimal, currency: str | Currency, rounding: Rounding | None = None
    ) -> Money:
        """
        An amount in major units: ``Money.of("19.99", "USD")`` is 1999 cents.

        Args:
            amount: a plain decimal text, an int or a finite Decimal. Never a float.
            currency: a currency or its ISO code.
            rounding: what to do with more digits than the currency has. Without
                it they are an error, unless they are zeros.

        Raises:
            InvalidInput: ``invalid_type``, ``invalid_format``, ``too_long``,
                ``out_of_range``, ``too_precise``, or ``unknown_value`` for the currency.

        >>> Money.of("0.125", "EUR", Rounding.HALF_EVEN)
        Money.of('0.12', 'EUR')
        """
        currency = Currency.of(currency)
        numerator, denominator = exact_decimal(amount, "amount")
        scaled = numerator * 10 ** currency.minor_exponent()
        if rounding is not None:
            return _trusted(divide(scaled, denominator, rounding), currency)
        amount_minor = divide_exactly(scaled, denominator)
        if amount_minor is None:
            raise invalid("amount", "too_precise", currency=currency.code)
        return _trusted(amount_minor, currency)

    @classmethod
    def of_minor(cls, amount_minor: int, currency: str | Currency) -> Money:
        """
        An amount in minor units, as processors and databases give it.

        Raises:
            InvalidInput: ``invalid_type``, or ``unknown_value`` for the currency.

        >>> Money.of_minor(1999, "EUR")
        Money.of('19.99', 'EUR')
        """
        return cls(amount_minor, Currency.of(currency))

    @classmethod
    def zero(cls, currency: str | Currency) -> Money:
        """Nothing, in this currency."""
        return _zero(Currency.of(currency))

    @classmethod
    def total(cls, monies: Iterable[Money], currency: str | Currency) -> Money:
        """
        The sum, also of none at all; therefore the currency must be said.

        Raises:
            CurrencyMismatch: if any amount is in another currency.

        >>> Money.total([Money.of(1, "EUR"), Money.of(2, "EUR")], "EUR")
        Money.of('3.00', 'EUR')
        """
        return sum(monies, start=cls.zero(currency))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Money:
        """
        The inverse of `to_dict`. Every wrong, missing or unknown key is reported at once.

        Raises:
            InvalidInput: ``required``, ``unknown_key``, ``invalid_type``, ``unknown_value``.
        """
        check_keys(data, ("amount_minor", "currency"))
        return cls(data["amount_minor"], Currency.of(data["currency"]))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: ``{"amount_minor": 1999, "currency": "EUR"}``."""
        return {"amount_minor": self.amount_minor, "currency": self.currency.code}

    @property
    def exponent(self) -> int:
        """Digits after the point, by ISO 4217: 2 for euros, 0 for yen."""
        return self.currency.minor_exponent()

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with exactly the currency's digits, whatever the ambient context is."""
        return Decimal(self._digits())

    @property
    def is_zero(self) -> bool:
        """Whether it is nothing."""
        return self.amount_minor == 0

    @property
    def is_positive(self) -> bool:
        """Whether it is more than nothing."""
        return self.amount_minor > 0

    @property
    def is_negative(self) -> bool:
        """Whether it is less than nothing: a credit."""
        return self.amount_minor < 0

    def times(self, ratio: int | Decimal | Fraction, rounding: Rounding) -> Money:
        """
        The exact product, rounded once to minor units.

        Args:
            ratio: an exact number: a tax rate as ``Decimal("0.19")``, a part of
                a month as ``Fraction(17, 31)``.
            rounding: how a fraction of a minor unit is made whole.

        >>> Money.of("10.00", "EUR").times(Fraction(17, 31), Rounding.HALF_UP)
        Money.of('5.48', 'EUR')
        """
        numerator, denominator = exact_ratio(ratio, "ratio")
        return _trusted(divide(self.amount_minor * numerator, denominator, rounding), self.currency)

    def allocate(self, weights: Iterable[int | Decimal | Fraction]) -> tuple[Money, ...]:
        """
        Split by weights without losing a minor unit: the parts sum to the whole.

        Each part is its exact share, cut or filled to a whole minor unit: what is
        left goes to the largest remainders, of equal ones to the earlier. A
        credit splits as the mirror of its charge; a weight of zero gets zero.

        Args:
            weights: at least one, none negative, not all zero.

        Raises:
            InvalidInput: ``required``, ``negative``, ``zero`` or ``invalid_type``.

        >>> Money.of("1.00", "EUR").allocate([1, 1, 1])
        (Money.of('0.34', 'EUR'), Money.of('0.33', 'EUR'), Money.of('0.33', 'EUR'))
        """
        scaled = common_scale(weights, "weights")
        if not scaled:
            raise invalid("weights", "required")
        if min(scaled) < 0:
            raise invalid("weights", "negative")
        if not any(scaled):
            raise invalid("weights", "zero")
        currency = self.currency
        return tuple(_trusted(part, currency) for part in apportion(self.amount_minor, scaled))

    def split(self, parts: int) -> tuple[Money, ...]:
        """
        Split evenly; the first parts are a minor unit larger where it does not come out even.

        Raises:
            InvalidInput: ``invalid_type``; ``negative`` or ``zero``; ``out_of_range``
                for more than a million parts.

        >>> Money.of("0.05", "EUR").split(2)
        (Money.of('0.03', 'EUR'), Money.of('0.02', 'EUR'))
        """
        if type(parts) is not int:
            raise invalid("parts", "invalid_type", expected="an int")
        if parts < 1:
            raise invalid("parts", "negative" if parts else "zero")
        if parts > _PARTS_MAX:
            raise invalid("parts", "out_of_range", min=1, max=_PARTS_MAX)
        return self.allocate([1] * parts)

    def __add__(self, other: Money) -> Money:
        if type(other) is not Money:
            return NotImplemented
        currency = self.currency
        if other.currency is not currency:
            raise CurrencyMismatch(currency.code, other.currency.code)
        # `_trusted`, written out: sums are the inner loop of every total, and a call costs a fifth of one.
        money = _new(Money)
        _set_amount_minor(money, self.amount_minor + other.amount_minor)
        _set_currency(money, currency)
        return money

    def __sub__(self, other: Money) -> Money:
        if type(other) is not Money:
            return NotImplemented
        return _trusted(self.amount_minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            return NotImplemented
        return _trusted(self.amount_minor * times, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return _trusted(-self.amount_minor, self.currency)

    def __abs__(self) -> Money:
        return -self if self.amount_minor < 0 else self

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    # Python asks these two for `>` and `>=` as well, the other way round.
    def __lt__(self, other: Money) -> bool:
        if type(other) is not Money:
            return NotImplemented
        return self.amount_minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        if type(other) is not Money:
            return NotImplemented
        return self.amount_minor <= self._same(other)

    def __str__(self) -> str:
        return f"{self._digits()} {self.currency.code}"

    def __format__(self, spec: str) -> str:
        """Pads and aligns like any text: ``f"{price:>12}"``."""
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"Money.of({self._digits()!r}, {self.currency.code!r})"

    def _same(self, other: Money) -> int:
        """The other's minor units, if they are of the same currency."""
        if other.currency is not self.currency:
            raise CurrencyMismatch(self.currency.code, other.currency.code)
        return other.amount_minor

    def _digits(self) -> str:
        exponent = self.exponent
        digits = f"{abs(self.amount_minor):0{exponent + 1}}"
        sign = "-" if self.amount_minor < 0 else ""
        point = len(digits) - exponent
        return f"{sign}{digits[:point]}.{digits[point:]}" if exponent else f"{sign}{digits}"


@final
@attrs.frozen
class UnitPrice:
    """
    A price for one unit, as an exact ratio of minor units: 0.000123 USD is 123/10000 of a cent.

    It is not an amount: it becomes one, rounded once, when it meets a quantity.

    Attributes:
        numerator: with `denominator`, the price in minor units, kept in lowest terms.
        denominator: at least 1.
        currency: its currency, which must have a minor unit.

    Raises:
        InvalidInput: ``invalid_type``, ``zero``, ``negative``, ``not_supported``.

    >>> UnitPrice.of("0.000123", "USD").times(1_000_000, Rounding.HALF_UP)
    Money.of('123.00', 'USD')
    """

    numerator: int
    denominator: int
    currency: Currency

    def __attrs_post_init__(self) -> None:
        if type(self.numerator) is not int:
            raise invalid("numerator", "invalid_type", expected="an int")
        if type(self.denominator) is not int:
            raise invalid("denominator", "invalid_type", expected="an int")
        if self.denominator < 1:
            raise invalid("denominator", "negative" if self.denominator else "zero")
        _check_currency(self.currency)
        lowest = Fraction(self.numerator, self.denominator)
        object.__setattr__(self, "numerator", lowest.numerator)
        object.__setattr__(self, "denominator", lowest.denominator)

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str | Currency) -> UnitPrice:
        """A price in major units, with as many digits as it needs; otherwise as `Money.of`."""
        currency = Currency.of(currency)
        numerator, denominator = exact_decimal(amount, "amount")
        return cls(numerator * 10 ** currency.minor_exponent(), denominator, currency)

    @classmethod
    def from_money(cls, money: Money) -> UnitPrice:
        """The price of one unit that costs exactly this amount."""
        return cls(money.amount_minor, 1, money.currency)

    def times(self, quantity: int, rounding: Rounding) -> Money:
        """
        What so many units cost, rounded once to minor units.

        Raises:
            InvalidInput: ``invalid_type`` unless the quantity is an int.
        """
        if type(quantity) is not int:
            raise invalid("quantity", "invalid_type", expected="an int")
        return _trusted(divide(self.numerator * quantity, self.denominator, rounding), self.currency)


def _check_currency(currency: Currency) -> None:
    if not isinstance(currency, Currency):
        raise invalid("currency", "invalid_type", expected="a Currency")
    currency.minor_exponent()


@cache
def _zero(currency: Currency) -> Money:
    return Money(0, currency)


_new = object.__new__
_set_amount_minor = vars(Money)["amount_minor"].__set__
_set_currency = vars(Money)["currency"].__set__


def _trusted(amount_minor: int, currency: Currency) -> Money:
    """A `Money` of parts that are known to be right: twice as fast as checking them again."""
    money = _new(Money)
    _set_amount_minor(money, amount_minor)
    _set_currency(money, currency)
    return money
