"""Reading the customers' file: every row is checked as a whole, and every mistake is reported."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import attrs

from billing_core import CardExpiry, Checked, Currency, InvalidInput, Issue, Plan, UnitPrice, check_billing_info
from billing_core.licenses.plan import check_quantity
from billing_core.values.zones import zone

__all__ = ["PRICES", "Customer", "check_row", "plan_for", "read_rows"]

_FORM = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone", "tax_id")

#: Price per seat and month, by currency, in major units; a year costs ten months.
PRICES = {
    "AED": "79", "AUD": "32.50", "BHD": "8.125", "BRL": "109.90", "CAD": "28.99", "CHF": "21.50", "CLP": "19900",
    "COP": "84900", "CZK": "499", "DKK": "149", "EGP": "999", "EUR": "19.99", "GBP": "17.49", "HUF": "7990",
    "IDR": "329000", "ILS": "78.90", "INR": "1749", "ISK": "2890", "JOD": "14.990", "JPY": "2980", "KES": "2750",
    "KRW": "27900", "KWD": "6.525", "MXN": "389", "NOK": "229", "NZD": "34.90", "OMR": "8.190", "PHP": "1190",
    "PLN": "84.90", "RON": "99.50", "SEK": "219", "SGD": "28.90", "THB": "749", "TND": "66.500", "TRY": "689",
    "TWD": "679", "USD": "21.50", "UYU": "859", "VND": "529000", "ZAR": "395",
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Customer:
    """One row that can be billed."""

    external_id: str
    owner: str
    name: str
    form: dict[str, str]
    time_zone: str
    currency: str
    plan: str
    seats: int
    starts_on: date
    card_brand: str
    card_last4: str
    card_expires: str
    story: str


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the file, with their line numbers."""
    with path.open(newline="", encoding="utf-8") as file:
        yield from enumerate(csv.DictReader(file), start=2)


def plan_for(interval: str, currency: str) -> Plan:
    """The plan of an interval, priced in a currency."""
    price = UnitPrice.of(PRICES[currency], currency)
    if interval == "yearly":
        yearly = attrs.evolve(price, numerator=price.numerator * 10)
        return Plan.yearly("team-yearly", price_per_seat=yearly, name="Help desk, Team, yearly")
    return Plan.monthly("team-monthly", price_per_seat=price, name="Help desk, Team, monthly")


def check_row(row: dict[str, str]) -> Checked[Customer]:
    """A customer, or everything that is wrong with the row, field by field."""
    form = {field: row[field] for field in _FORM}
    issues = list(check_billing_info(form).issues)
    for field, check in (
        ("time_zone", lambda: zone(row["time_zone"])),
        ("currency", lambda: _currency(row["currency"], row["starts_on"])),
        ("seats", lambda: check_quantity(_whole("seats", row["seats"]))),
        ("starts_on", lambda: _day("starts_on", row["starts_on"])),
        ("card_expires", lambda: CardExpiry(*map(int, row["card_expires"].split("-")))),
    ):
        try:
            check()
        except InvalidInput as error:
            issues += [attrs.evolve(issue, field=field) for issue in error.issues]
    checked: Checked[Customer] = Checked(value=None, issues=tuple(issues))
    if not checked.ok:
        return checked
    brand, last4 = row["card"].split(" ")
    customer = Customer(
        external_id=row["external_id"],
        owner=row["owner"],
        name=row["company"] or row["name"],
        form={field: value for field, value in form.items() if value},
        time_zone=row["time_zone"],
        currency=row["currency"],
        plan=row["plan"],
        seats=int(row["seats"]),
        starts_on=date.fromisoformat(row["starts_on"]),
        card_brand=brand,
        card_last4=last4,
        card_expires=row["card_expires"],
        story=row["story"],
    )
    return Checked(value=customer, issues=tuple(issues))


def _whole(field: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidInput((Issue(field=field, code="invalid_type", params={"expected": "a whole number"}),)) from None


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        issue = Issue(field=field, code="invalid_format", params={"example": "2024-01-31, a day that exists"})
        raise InvalidInput((issue,)) from None


def _currency(code: str, starts_on: str) -> None:
    currency = Currency.of(code)
    try:
        currency.ensure_active_on(date.fromisoformat(starts_on))
    except ValueError as error:
        if isinstance(error, InvalidInput):
            raise
