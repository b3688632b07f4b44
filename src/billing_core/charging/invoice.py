"""Invoices: what is owed for one period, frozen when it is issued."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from billing_core.accounts.billing_info import BillingInfo
from billing_core.errors import InvariantViolated
from billing_core.issues import Choice, invalid
from billing_core.records import Record
from billing_core.tax.treatment import Treatment
from billing_core.values.money import Money, UnitPrice
from billing_core.values.schedule import Period
from billing_core.values.texts import Code, Id, Private, Text
from billing_core.values.typed import evolve

__all__ = ["Invoice", "InvoiceKey", "InvoiceKind", "InvoiceLine", "InvoiceStatus", "TaxLine"]


class InvoiceKind(Choice):
    """Why an invoice was issued."""

    RENEWAL = "renewal"


class InvoiceStatus(Choice):
    """An invoice is open until it is paid, or void because something else was billed instead."""

    OPEN = "open"
    PAID = "paid"
    VOID = "void"


@attrs.frozen
class InvoiceKey(Record):
    """
    Which period of which license an invoice bills. Unique: a period can't be billed twice.

    ``revision`` counts the voided predecessors; at most one revision is not void.
    """

    license_id: Id
    term: int
    index: int
    revision: int = 0

    def __str__(self) -> str:
        return f"{self.license_id}/{self.term}/{self.index}/{self.revision}"


@attrs.frozen(kw_only=True)
class InvoiceLine(Record):
    """One position before tax; ``amount`` is rounded once, from the exact price."""

    description: Text
    quantity: int
    unit_price: UnitPrice
    amount: Money
    period: Period | None = None


@attrs.frozen(kw_only=True)
class TaxLine(Record):
    """Tax at one rate, in percent: 19 is 19 %."""

    jurisdiction: Code
    rate_percent: Decimal
    base: Money
    amount: Money

    def _check_together(self) -> None:
        if not (self.rate_percent.is_finite() and 0 <= self.rate_percent <= 100):
            raise invalid("rate_percent", "out_of_range", min=0, max=100)


@attrs.frozen(kw_only=True, repr=False)
class Invoice(Record):
    """
    One bill. Lines, tax and the customer's details never change after issue.

    Attributes:
        number: gapless per seller and series; given by the store at commit,
            ``None`` before.
        key: what it bills.
        period: the days it pays for, in the zone of its term.
        net, tax, total: sums of the lines; ``net + tax == total``.
        carried_in: what earlier invoices left over because it was too small to charge.
        balance_used: credit of the account that was reserved at issue.
        carried_out: what this one leaves to the next because it is too small to charge.
        due_on: the local day on which it is due: the first of its period.
        due_at: the first instant of that day.
        billing_snapshot: the customer's details at issue.
        treatment: how tax was decided.
        notes: what the law wants on it.
        external_payment: reference of a payment made outside the gateway.
        refunded: how much of what paid it went back to the customer.
    """

    id: Id
    key: InvoiceKey
    account_id: Id
    license_id: Id
    seller_id: Id
    series: Code
    number: int | None = None
    kind: InvoiceKind = InvoiceKind.RENEWAL
    period: Period
    lines: tuple[InvoiceLine, ...]
    tax_lines: tuple[TaxLine, ...] = ()
    carried_in: Money
    balance_used: Money
    carried_out: Money
    issued_at: datetime
    due_on: date
    due_at: datetime
    paid_at: datetime | None = None
    status: InvoiceStatus = InvoiceStatus.OPEN
    billing_snapshot: Private[BillingInfo | None] = None
    treatment: Treatment | None = None
    notes: tuple[Text, ...] = ()
    external_payment: Id | None = None
    refunded: Money = attrs.field(
        default=attrs.Factory(lambda self: Money.zero(self.carried_in.currency), takes_self=True)
    )
    version: int = 1

    def _check_together(self) -> None:
        if not self.lines:
            raise InvariantViolated(f"invoice {self.id} has no line")
        if self.amount_due.is_negative or self.balance_used.is_negative:
            raise InvariantViolated(f"invoice {self.id}: amount due and balance used must not be negative")

    @property
    def net(self) -> Money:
        """The sum of all lines before tax."""
        return Money.total([line.amount for line in self.lines], self.carried_in.currency)

    @property
    def tax(self) -> Money:
        """The sum of all tax lines."""
        return Money.total([line.amount for line in self.tax_lines], self.carried_in.currency)

    @property
    def total(self) -> Money:
        """What the period costs, with tax."""
        amounts = [line.amount for line in self.lines] + [line.amount for line in self.tax_lines]
        return Money.total(amounts, self.carried_in.currency)

    @property
    def amount_due(self) -> Money:
        """What a card is charged for this invoice."""
        return self.total + self.carried_in - self.balance_used - self.carried_out

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its money."""
        return self.status is InvoiceStatus.OPEN

    @property
    def display_number(self) -> str:
        """The number as customers see it, or the id before it has one."""
        return self.id if self.number is None else f"{self.series}-{self.number:06d}"

    def numbered(self, number: int) -> Invoice:
        """The invoice with its number; stores call this inside the commit."""
        return self if number == self.number else evolve(self, number=number)

    def paid(self, at: datetime, external_payment: str | None = None) -> Invoice:
        """The invoice after its money arrived."""
        self._ensure_open()
        return self._next(status=InvoiceStatus.PAID, paid_at=at, external_payment=external_payment)

    def with_refund(self, amount: Money) -> Invoice:
        """The invoice after some of what paid it went back. It stays paid: what is owed does not change."""
        return self._next(refunded=self.refunded + amount)

    def voided(self) -> Invoice:
        """The invoice after it was decided that nobody owes it; it keeps its number."""
        self._ensure_open()
        return self._next(status=InvoiceStatus.VOID)

    def carried_over(self, at: datetime) -> Invoice:
        """The invoice after its small amount was left to the next one: paid for, nothing charged."""
        self._ensure_open()
        return self._next(
            carried_out=self.carried_out + self.amount_due, status=InvoiceStatus.PAID, paid_at=at
        )

    def _ensure_open(self) -> None:
        if not self.is_open:
            raise InvariantViolated(f"invoice {self.id} is {self.status.value}, not open")

    def _next(self, **changes: object) -> Invoice:
        return evolve(self, version=self.version + 1, **changes)

    def __repr__(self) -> str:
        return f"Invoice({self.display_number}, {self.status.value}, {self.amount_due})"
