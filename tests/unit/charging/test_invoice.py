"""Invoices: sums, numbers, and what may happen to one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from billing_core.charging.invoice import Invoice, InvoiceKey, InvoiceStatus, TaxLine
from billing_core.errors import InvalidInput, InvariantViolated
from billing_core.values.money import Money
from tests.charging_builders import JAN_31, PRICE, dossier_of, paris, sent

NOW = paris(JAN_31)
ZERO = Money.zero("EUR")


def an_invoice(**changes: Any) -> Invoice:
    return attrs.evolve(sent(dossier_of(), NOW).invoices[0], **changes)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_amount_due() -> None:
    """The total, with what was carried in, less credit and what is carried out."""
    invoice = an_invoice(carried_in=eur("0.30"), balance_used=eur("5.00"))
    assert (PRICE, ZERO, PRICE, eur("15.30")) == (invoice.net, invoice.tax, invoice.total, invoice.amount_due)


def test_paid() -> None:
    """It remembers when, and from where if not from the gateway; the version goes up by one."""
    invoice = an_invoice()
    paid = invoice.paid(NOW, external_payment="wire_7")
    assert (InvoiceStatus.PAID, NOW, "wire_7", 2, False) == (
        paid.status,
        paid.paid_at,
        paid.external_payment,
        paid.version,
        paid.is_open,
    )


def test_carried_over() -> None:
    """Paid for, with nothing due: the amount is the next invoice's."""
    carried = an_invoice().carried_over(NOW)
    assert (InvoiceStatus.PAID, PRICE, ZERO) == (carried.status, carried.carried_out, carried.amount_due)


def test_each_change_is_one_version_and_nothing_else() -> None:
    """Whoever reads a record twice sees what happened, and only that."""
    invoice = an_invoice(carried_out=eur("1.00"))
    paid = attrs.evolve(invoice, status=InvoiceStatus.PAID, paid_at=NOW, version=2)
    assert paid == invoice.paid(NOW)
    assert attrs.evolve(paid, carried_out=PRICE) == invoice.carried_over(NOW)
    assert attrs.evolve(invoice, status=InvoiceStatus.VOID, version=2) == invoice.voided()
    assert attrs.evolve(paid, refunded=eur("3.00"), version=4) == paid.with_refund(eur("1.00")).with_refund(
        eur("2.00")
    )
    numbered = invoice.numbered(7)
    assert (attrs.evolve(invoice, number=7), numbered) == (numbered, numbered.numbered(7))


def test_error_says_which_invoice_and_why() -> None:
    """Its id and its state, and what it lacks."""
    with pytest.raises(InvariantViolated, match=r"^invoice inv_1 is void, not open$"):
        an_invoice(id="inv_1").voided().paid(NOW)
    with pytest.raises(InvariantViolated, match=r"^invoice inv_1 has no line$"):
        an_invoice(id="inv_1", lines=())
    with pytest.raises(
        InvariantViolated, match=r"^invoice inv_1: amount due and balance used must not be negative$"
    ):
        an_invoice(id="inv_1", balance_used=eur("-1.00"))


@pytest.mark.parametrize("percent", ["0", "100", "19.5"])
def test_rates_that_can_be(percent: str) -> None:
    """Both ends included."""
    line = TaxLine(jurisdiction="FR", rate_percent=Decimal(percent), base=PRICE, amount=ZERO)
    assert Decimal(percent) == line.rate_percent


def test_void_keeps_its_number() -> None:
    """A series has no gaps."""
    void = an_invoice().numbered(7).voided()
    assert (InvoiceStatus.VOID, "INV-000007") == (void.status, void.display_number)


@pytest.mark.parametrize(
    "change", [lambda it: it.paid(NOW), lambda it: it.voided(), lambda it: it.carried_over(NOW)]
)
@pytest.mark.parametrize("status", [InvoiceStatus.PAID, InvoiceStatus.VOID])
def test_only_open_invoices_change(change: Callable[[Invoice], Invoice], status: InvoiceStatus) -> None:
    """What is paid or void stays so."""
    with pytest.raises(InvariantViolated, match="not open"):
        change(an_invoice(status=status))


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": ()},
        {"balance_used": eur("20.01")},
        {"balance_used": eur("-1.00")},
        {"carried_in": eur("-20.01")},
    ],
    ids=["no line", "too much credit", "negative credit", "negative due"],
)
def test_invoice_that_makes_no_sense(changes: dict[str, Any]) -> None:
    """It can't even be made."""
    with pytest.raises(InvariantViolated):
        an_invoice(**changes)


@pytest.mark.parametrize("percent", ["-0.01", "100.01", "NaN", "Infinity"])
def test_rate_is_a_percentage(percent: str) -> None:
    """From 0 to 100."""
    with pytest.raises(InvalidInput, match=r"^rate_percent: must be between 0 and 100$"):
        TaxLine(jurisdiction="FR", rate_percent=Decimal(percent), base=PRICE, amount=ZERO)


def test_display_number() -> None:
    """The id, before the store gave a number."""
    invoice = an_invoice()
    assert invoice.id == invoice.display_number
    assert "ADA-001234" == attrs.evolve(invoice, series="ADA").numbered(1234).display_number


def test_repr_is_short() -> None:
    """For logs: number, status, amount."""
    assert "Invoice(INV-000007, open, 20.00 EUR)" == repr(an_invoice().numbered(7))


def test_key_names_what_is_billed() -> None:
    """License, term, index and revision, in that order."""
    assert "lic_1/2/11/0" == str(InvoiceKey("lic_1", 2, 11))


def test_round_trip() -> None:
    """An invoice survives its way through a store."""
    invoice = an_invoice().paid(NOW)
    assert invoice == Invoice.from_dict(invoice.to_dict())
