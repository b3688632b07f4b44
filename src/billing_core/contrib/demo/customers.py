"""Reading the customers' file: every row is checked as a whole, and every mistake is reported."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import attrs

from billing_core import (
    CardExpiry,
    Checked,
    Currency,
    InvalidInput,
    Issue,
    Plan,
    UnitPrice,
    check_billing_info,
)
from billing_core.issues import invalid
from billing_core.licenses.plan import check_quantity
from billing_core.values.ids import check_id
from billing_core.values.zones import zone

__all__ = ["PRICES", "Customer", "check_row", "plan_for", "read_rows"]

T = TypeVar("T")

_FORM = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone", "tax_id")
_PLANS = ("monthly", "yearly")

#: Price per seat and month, by currency, in major units; a year costs ten months.
PRICES = {
    "AED": "79", "AUD": "32.50", "BHD": "8.125", "BRL": "109.90", "CAD": "28.99", "CHF": "21.50",
    "CLP": "19900", "COP": "84900", "CZK": "499", "DKK": "149", "EGP": "999", "EUR": "19.99",
    "GBP": "17.49", "HUF": "7990", "IDR": "329000", "ILS": "78.90", "INR": "1749", "ISK": "2890",
    "JOD": "14.990", "JPY": "2980", "KES": "2750", "KRW": "27900", "KWD": "6.525", "MXN": "389",
    "NOK": "229", "NZD": "34.90", "OMR": "8.190", "PHP": "1190", "PLN": "84.90", "RON": "99.50",
    "SEK": "219", "SGD": "28.90", "THB": "749", "TND": "66.500", "TRY": "689", "TWD": "679",
    "USD": "21.50", "UYU": "859", "VND": "529000", "ZAR": "395",
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Customer:
    """One row that can be billed."""

    external_id: str
    owner: str
    name: str
    form: Mapping[str, str]
    time_zone: str
    currency: str
    plan: Plan
    seats: int
    starts_on: date
    card_brand: str
    card_last4: str
    card_expires: CardExpiry
    story: str


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the file, with their line numbers; a cell that is not there is empty."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file, restval="")
        for row in reader:
            yield reader.line_num, {field: cell for field, cell in row.items() if isinstance(cell, str)}


def plan_for(interval: str, currency: str) -> Plan:
    """The plan of an interval, priced in a currency."""
    price = UnitPrice.of(PRICES[currency], currency)
    if interval == "yearly":
        yearly = attrs.evolve(price, numerator=price.numerator * 10)
        return Plan.yearly("team-yearly", price_per_seat=yearly, name="Help desk, Team, yearly")
    return Plan.monthly("team-monthly", price_per_seat=price, name="Help desk, Team, monthly")


def check_row(row: Mapping[str, str]) -> Checked[Customer]:
    """A customer, or everything that is wrong with the row, field by field."""
    form = {field: row.get(field, "") for field in _FORM}
    cells = _Cells(row)
    external_id = cells.read("external_id", partial(check_id, field="external_id"))
    owner = cells.read("owner", partial(check_id, field="owner"))
    time_zone = cells.read("time_zone", zone)
    currency = cells.read("currency", Currency.of)
    plan = cells.read("plan", _interval)
    seats = cells.read("seats", _seats)
    starts_on = cells.read("starts_on", _day)
    card = cells.read("card", _card)
    card_expires = cells.read("card_expires", _expiry)
    if currency is not None and starts_on is not None:
        cells.read("currency", lambda _: _ensure_sold(currency, starts_on))
    issues = (*check_billing_info(form).issues, *cells.issues)
    checked: Checked[Customer] = Checked(value=None, issues=issues)
    if not (checked.ok and external_id and owner and time_zone and currency and plan):
        return checked
    if not (seats and starts_on and card and card_expires):
        return checked
    customer = Customer(
        external_id=external_id,
        owner=owner,
        name=form["company"] or form["name"],
        form={field: value for field, value in form.items() if value},
        time_zone=time_zone.key,
        currency=currency.code,
        plan=plan_for(plan, currency.code),
        seats=seats,
        starts_on=starts_on,
        card_brand=card[0],
        card_last4=card[1],
        card_expires=card_expires,
        story=row.get("story", ""),
    )
    return Checked(value=customer, issues=issues)


class _Cells:
    """The cells of a row, read one by one, with all that was wrong with them."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self._row = row
        self.issues: list[Issue] = []

    def read(self, field: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(self._row.get(field, ""))
        except InvalidInput as error:
            self.issues += [attrs.evolve(issue, field=field) for issue in error.issues]
            return None


def _interval(cell: str) -> str:
    if cell not in _PLANS:
        raise invalid("plan", "unknown_value", allowed=", ".join(_PLANS))
    return cell


def _seats(cell: str) -> int:
    try:
        seats = int(cell)
    except ValueError:
        raise invalid("seats", "invalid_type", expected="a whole number") from None
    check_quantity(seats)
    return seats


def _day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise invalid("starts_on", "invalid_format", example="2024-01-31, a day that exists") from None


def _card(cell: str) -> tuple[str, str]:
    brand, _, last4 = cell.partition(" ")
    if not (brand.isalpha() and len(last4) == 4 and last4.isdigit()):
        raise invalid("card", "invalid_format", example="visa 4242")
    return brand, last4


def _expiry(cell: str) -> CardExpiry:
    try:
        year, month = map(int, cell.split("-"))
    except ValueError:
        raise invalid("card_expires", "invalid_format", example="2027-09") from None
    return CardExpiry(year, month)


def _ensure_sold(currency: Currency, starts_on: date) -> None:
    currency.ensure_active_on(starts_on)
    if currency.code not in PRICES:
        raise invalid("currency", "not_supported", reason="no plan has a price in it")
