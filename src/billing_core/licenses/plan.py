"""Plans: what is sold, at which price, for which interval."""

from __future__ import annotations

from typing import Any

import attrs

from billing_core.errors import CurrencyMismatch
from billing_core.identity.text import free_text
from billing_core.issues import Choice, invalid
from billing_core.records import Record
from billing_core.values.currency import Currency
from billing_core.values.money import Money, UnitPrice
from billing_core.values.rounding import Rounding
from billing_core.values.schedule import Interval
from billing_core.values.texts import Id, Text

__all__ = ["SEATS_MAX", "Plan", "PriceModel"]

#: More seats than any real customer has: a typo, not an order.
SEATS_MAX = 1_000_000


class PriceModel(Choice):
    """Whether the price is multiplied by the number of seats."""

    PER_SEAT = "per_seat"
    FLAT = "flat"


def _as_unit_price(price: Money | UnitPrice) -> UnitPrice:
    return UnitPrice.from_money(price) if isinstance(price, Money) else price


def _own_id(plan: Plan) -> str:
    return plan.id


def _plan_name(name: str) -> str:
    return free_text("name", name, max_length=200)


@attrs.frozen(kw_only=True)
class Plan(Record):
    """
    One version of something that is sold by subscription.

    A license keeps the version it was sold; a new price is a new version, and
    reaches existing licenses only through a plan change.

    Attributes:
        id: the plan's stable name.
        version: 1 or more; each published price or term has its own.
        name: what invoices call it.
        interval: how often it renews.
        unit_price: per seat and interval, or per interval; exact, before tax.
        price_model: whether the price is per seat or flat.
        trial_days: whole local days free of charge at the start, 0-366.
        tax_category: the host's category for the tax rate.

    >>> Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR")).price_for(3)
    Money.of('59.97', 'EUR')
    """

    id: Id
    version: int = 1
    name: Text = attrs.field(default=attrs.Factory(_own_id, takes_self=True), converter=_plan_name)
    interval: Interval
    unit_price: UnitPrice = attrs.field(converter=_as_unit_price)
    price_model: PriceModel = PriceModel.PER_SEAT
    trial_days: int = 0
    tax_category: Id = "standard"

    def _check_together(self) -> None:
        if self.version < 1:
            raise invalid("version", "out_of_range", min=1, max="any whole number")
        if not 0 <= self.trial_days <= 366:
            raise invalid("trial_days", "out_of_range", min=0, max=366)
        if self.unit_price.numerator < 0:
            raise invalid("unit_price", "negative")

    @classmethod
    def monthly(
        cls,
        id: str,
        *,
        price: Money | UnitPrice | None = None,
        price_per_seat: Money | UnitPrice | None = None,
        name: str | None = None,
        version: int = 1,
        trial_days: int = 0,
        tax_category: str = "standard",
    ) -> Plan:
        """A plan that renews every month, at a flat price or at a price per seat (one of the two)."""
        return cls(
            id=id,
            version=version,
            name=name if name is not None else id,
            interval=Interval.monthly(),
            **_one_price(price, price_per_seat),
            trial_days=trial_days,
            tax_category=tax_category,
        )

    @classmethod
    def yearly(
        cls,
        id: str,
        *,
        price: Money | UnitPrice | None = None,
        price_per_seat: Money | UnitPrice | None = None,
        name: str | None = None,
        version: int = 1,
        trial_days: int = 0,
        tax_category: str = "standard",
    ) -> Plan:
        """A plan that renews every year, at a flat price or at a price per seat (one of the two)."""
        return cls(
            id=id,
            version=version,
            name=name if name is not None else id,
            interval=Interval.yearly(),
            **_one_price(price, price_per_seat),
            trial_days=trial_days,
            tax_category=tax_category,
        )

    @property
    def currency(self) -> Currency:
        """The currency of the price."""
        return self.unit_price.currency

    def billed_quantity(self, quantity: int) -> int:
        """By how much the unit price is multiplied for this many seats."""
        check_quantity(quantity)
        return quantity if self.price_model is PriceModel.PER_SEAT else 1

    def price_for(self, quantity: int) -> Money:
        """The price of one interval before tax, rounded once, HALF_UP at the minor unit."""
        return self.unit_price.times(self.billed_quantity(quantity), Rounding.HALF_UP)

    def ensure_currency(self, currency: Currency) -> None:
        """
        Refuse a plan of another currency than the account's.

        Raises:
            CurrencyMismatch: naming both.
        """
        if self.currency != currency:
            raise CurrencyMismatch(currency.code, self.currency.code)


def _one_price(flat: Money | UnitPrice | None, per_seat: Money | UnitPrice | None) -> dict[str, Any]:
    if flat is not None and per_seat is None:
        return {"unit_price": flat, "price_model": PriceModel.FLAT}
    if per_seat is not None and flat is None:
        return {"unit_price": per_seat, "price_model": PriceModel.PER_SEAT}
    raise invalid("price", "required")


def check_quantity(quantity: int) -> int:
    """
    A number of seats, 1 to `SEATS_MAX`.

    Raises:
        InvalidInput: not a whole number, or out of range.
    """
    if type(quantity) is not int:
        raise invalid("quantity", "invalid_type", expected="int")
    if not 1 <= quantity <= SEATS_MAX:
        raise invalid("quantity", "out_of_range", min=1, max=SEATS_MAX)
    return quantity
