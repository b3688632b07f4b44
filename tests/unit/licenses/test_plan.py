"""Plans: prices, seats, and what a plan can't be."""

from __future__ import annotations

from typing import Any, cast

import pytest

from billing_core.errors import CurrencyMismatch, InvalidInput
from billing_core.licenses.plan import SEATS_MAX, Plan, PriceModel, check_quantity
from billing_core.values.currency import Currency
from billing_core.values.money import Money, UnitPrice
from billing_core.values.schedule import Interval

PRICE = Money.of("19.99", "EUR")


@pytest.mark.parametrize(
    ("plan", "interval"),
    [
        (Plan.monthly("team", price_per_seat=PRICE), Interval.monthly()),
        (Plan.yearly("team", price_per_seat=PRICE), Interval.yearly()),
    ],
)
def test_price_per_seat(plan: Plan, interval: Interval) -> None:
    """Multiplied by the seats; named by its id if not otherwise."""
    assert (interval, PriceModel.PER_SEAT, "team", "standard") == (
        plan.interval,
        plan.price_model,
        plan.name,
        plan.tax_category,
    )
    assert (Money.of("59.97", "EUR"), 3) == (plan.price_for(3), plan.billed_quantity(3))


@pytest.mark.parametrize("plan", [Plan.monthly("flat", price=PRICE), Plan.yearly("flat", price=PRICE)])
def test_flat_price(plan: Plan) -> None:
    """The same for any number of seats."""
    assert (PriceModel.FLAT, PRICE, 1) == (plan.price_model, plan.price_for(500), plan.billed_quantity(500))


def test_price_below_a_cent_is_rounded_once() -> None:
    """0.0025 for 1001 seats is 2.50 and a quarter of a cent; half a cent goes up."""
    plan = Plan.monthly("tiny", price_per_seat=UnitPrice.of("0.0025", "EUR"))
    assert [Money.of("2.50", "EUR"), Money.of("0.01", "EUR")] == [plan.price_for(1001), plan.price_for(2)]


def test_names_and_versions() -> None:
    """What invoices call it, and which version was sold."""
    plan = Plan.yearly(
        "team", price=PRICE, name="Team, yearly", version=4, trial_days=30, tax_category="saas"
    )
    assert ("Team, yearly", 4, 30, "saas", "EUR") == (
        plan.name,
        plan.version,
        plan.trial_days,
        plan.tax_category,
        plan.currency.code,
    )


@pytest.mark.parametrize("prices", [{}, {"price": PRICE, "price_per_seat": PRICE}])
def test_exactly_one_price(prices: dict[str, Any]) -> None:
    """Flat or per seat: not none, not both."""
    for build in (Plan.monthly, Plan.yearly):
        with pytest.raises(InvalidInput, match="price"):
            build("team", **prices)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "no spaces"}, "id"),
        ({"version": 0}, "version"),
        ({"version": True}, "version"),
        ({"trial_days": -1}, "trial_days"),
        ({"trial_days": 367}, "trial_days"),
        ({"trial_days": 1.5}, "trial_days"),
        ({"tax_category": ""}, "tax_category"),
        ({"name": "x" * 201}, "name"),
        ({"name": "4242 4242 4242 4242"}, "name"),
        ({"price": Money.of("-0.01", "EUR")}, "unit_price"),
    ],
)
def test_what_a_plan_cannot_be(changes: dict[str, Any], field: str) -> None:
    """Each wrong argument is named; no value is repeated."""
    with pytest.raises(InvalidInput) as refused:
        Plan.monthly(**cast("dict[str, Any]", {"id": "team", "price": PRICE} | changes))
    assert [field] == [issue.field for issue in refused.value.issues]


def test_free_plan() -> None:
    """Zero is a price."""
    assert Plan.monthly("free", price=Money.zero("EUR")).price_for(10).is_zero


def test_currency_of_the_account() -> None:
    """A plan of another one is refused, naming both."""
    plan = Plan.monthly("team", price=PRICE)
    plan.ensure_currency(Currency.of("EUR"))
    with pytest.raises(CurrencyMismatch, match="expected an amount in USD, got one in EUR"):
        plan.ensure_currency(Currency.of("USD"))


@pytest.mark.parametrize("quantity", [1, SEATS_MAX])
def test_number_of_seats(quantity: int) -> None:
    """From one to more than anybody has."""
    assert quantity == check_quantity(quantity)


@pytest.mark.parametrize("quantity", [0, -1, SEATS_MAX + 1, 1.0, "1", True, None])
def test_wrong_number_of_seats(quantity: Any) -> None:
    """A typo is no order."""
    with pytest.raises(InvalidInput, match="quantity"):
        check_quantity(quantity)


def test_round_trip() -> None:
    """A plan survives its way through a store, with its exact price."""
    plan = Plan.monthly("tiny", price_per_seat=UnitPrice.of("0.0025", "EUR"), trial_days=14)
    assert plan == Plan.from_dict(plan.to_dict())
