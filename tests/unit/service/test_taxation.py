"""Tax on invoices: whose it is, at which rate, and what happens while a registry can't say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing_core.charging.invoice import Invoice
from billing_core.charging.status import LicenseStatus
from billing_core.charging.steps import StepKind
from billing_core.errors import NotAllowed
from billing_core.service.taxation import SellerTax
from billing_core.tax.rates import DatedTaxRates
from billing_core.tax.registry import RegistryAnswer, RegistryStatus
from billing_core.tax.treatment import PendingAction, TaxPolicy, TaxSeller, TreatmentKind
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, ADDRESS, SYSTEM, TEAM, Stage

RATES = (
    DatedTaxRates()
    .with_rate("DE", "standard", 19, valid_from=date(2021, 1, 1))
    .with_rate("FR", "standard", "20", valid_from=date(2014, 1, 1))
    .with_rate("FI", "standard", "25.5", valid_from=date(2024, 9, 1))
)
COMPANY = {**ADDRESS, "tax_id": "FR40303265045"}
HELSINKI = {
    "name": "Aino",
    "line1": "Mannerheimintie 1",
    "city": "Helsinki",
    "postal_code": "00100",
    "country": "FI",
}


def _stage(rates: Any = RATES, **policy: Any) -> Stage:
    seller = SellerTax(seller=TaxSeller.of("DE"), policy=TaxPolicy(**policy))
    return Stage(sellers={"default": seller}, tax_rates=rates)


def _billed(stage: Stage, form: object = None, status: RegistryStatus | None = None) -> Invoice:
    account = stage.open()
    if form is not None:
        stage.billing.update_billing_info(account.id, form, actor=ADA)
    if status is not None:
        answer = RegistryAnswer(status=status, checked_at=stage.clock.now())
        stage.billing.record_tax_answer(account.id, answer, actor=SYSTEM)
    stage.subscribe(stage.billing.account(account.id))
    stage.billing.run_due()
    (invoice,) = stage.billing.invoices().items
    return invoice


def _money(text: str) -> Money:
    return Money.of(text, "EUR")


def test_private_customer_elsewhere_pays_the_rate_of_their_country() -> None:
    """Per cent, rounded once on the net sum; the card is charged the gross."""
    stage = _stage()
    invoice = _billed(stage, HELSINKI)
    (line,) = invoice.tax_lines
    assert ("FI", Decimal("25.5"), _money("59.97"), _money("15.29")) == (
        line.jurisdiction,
        line.rate_percent,
        line.base,
        line.amount,
    )
    assert (_money("59.97"), _money("15.29"), _money("75.26")) == (invoice.net, invoice.tax, invoice.total)
    assert [_money("75.26")] == [capture.amount for capture in stage.gateway.captures]
    assert invoice.treatment is not None
    assert TreatmentKind.DESTINATION_VAT is invoice.treatment.kind
    assert invoice.billing_snapshot == stage.billing.accounts().items[0].billing_info
    stage.ensure_sound()


def test_verified_business_elsewhere_owes_the_tax_itself() -> None:
    """Reverse charge: no tax line, and the words that the law wants."""
    stage = _stage()
    invoice = _billed(stage, COMPANY, RegistryStatus.VALID)
    assert ((), ("Reverse charge",), _money("59.97")) == (invoice.tax_lines, invoice.notes, invoice.total)
    assert invoice.treatment is not None
    assert TreatmentKind.REVERSE_CHARGE is invoice.treatment.kind
    stage.ensure_sound()


@pytest.mark.parametrize("status", [None, RegistryStatus.UNAVAILABLE])
def test_unverified_business_is_charged_meanwhile(status: RegistryStatus | None) -> None:
    """By default tax is charged while the registry can't say; the pending treatment is on the invoice."""
    stage = _stage()
    invoice = _billed(stage, COMPANY, status)
    assert _money("71.96") == invoice.total
    assert invoice.treatment is not None
    assert TreatmentKind.PENDING_VERIFICATION is invoice.treatment.kind


def test_invalid_id_is_charged() -> None:
    """INVALID is a verdict: a customer like any other."""
    assert _money("71.96") == _billed(_stage(), COMPANY, RegistryStatus.INVALID).total


def test_policy_that_issues_nothing_while_the_registry_can_not_say() -> None:
    """The license is listed, nobody is charged, and it goes on as soon as the answer is there."""
    stage = _stage(pending=PendingAction.BLOCK)
    account = stage.open()
    stage.billing.update_billing_info(account.id, COMPANY, actor=ADA)
    stage.subscribe(stage.billing.account(account.id))
    report = stage.billing.run_due()
    assert ["not allowed: tax_pending_verification"] == [
        str(failure.error).split(" (")[0] for failure in report.failures
    ]
    assert () == stage.billing.invoices().items
    answer = RegistryAnswer(status=RegistryStatus.VALID, checked_at=stage.clock.now())
    stage.billing.record_tax_answer(account.id, answer, actor=SYSTEM)
    stage.clock.advance(minutes=10)
    assert 1 == stage.billing.run_due().charges
    stage.ensure_sound()


def test_customer_who_gave_no_address_is_taxed_at_the_sellers_place() -> None:
    """Nothing is known that would justify to leave the tax out."""
    invoice = _billed(_stage())
    (line,) = invoice.tax_lines
    assert ("DE", _money("11.39")) == (line.jurisdiction, line.amount)


@pytest.mark.parametrize("rates", [DatedTaxRates(), None], ids=["no such rate", "no provider"])
def test_missing_rate_is_listed(rates: DatedTaxRates | None) -> None:
    """An invoice can't be made without it: nothing is issued or charged, and the run says so."""
    stage = _stage(rates)
    license = stage.subscribe()
    report = stage.billing.run_due()
    assert ["tax_rate_unknown"] == [getattr(failure.error, "code", None) for failure in report.failures]
    assert ((), ()) == (stage.billing.invoices().items, stage.gateway.captures)
    assert LicenseStatus.PAST_DUE is stage.billing.license_view(license.id).status


def test_provider_that_fails_is_listed() -> None:
    """What it raises is the license's failure, and stops no other license."""

    class Broken:
        def rate(self, jurisdiction: str, category: str, on: date, /) -> Decimal | None:
            """Fail."""
            raise ConnectionError(jurisdiction)

    stage = _stage(Broken())
    stage.subscribe()
    report = stage.billing.run_due()
    assert ["ConnectionError"] == [type(failure.error).__name__ for failure in report.failures]


def test_place_where_the_host_decides() -> None:
    """No rate is known, and none is needed: the treatment says that it is left to the host."""
    stage = _stage()
    us = {
        "name": "Ada",
        "line1": "1 Main St",
        "city": "Springfield",
        "region": "IL",
        "postal_code": "62701",
        "country": "US",
    }
    invoice = _billed(stage, us)
    assert ((), _money("59.97")) == (invoice.tax_lines, invoice.total)
    assert invoice.treatment is not None


def test_zero_is_a_rate() -> None:
    """A line at 0 % is a line."""
    rates = DatedTaxRates().with_rate("DE", "standard", 0, valid_from=date(2021, 1, 1))
    invoice = _billed(_stage(rates))
    assert [Decimal(0)] == [line.rate_percent for line in invoice.tax_lines]
    assert _money("59.97") == invoice.total


def test_rate_of_the_day_of_the_period() -> None:
    """A rate that changes applies from the first period that begins on or after that day."""
    rates = (
        DatedTaxRates()
        .with_rate("DE", "standard", 19, valid_from=date(2021, 1, 1), valid_until=date(2025, 2, 28))
        .with_rate("DE", "standard", 16, valid_from=date(2025, 2, 28))
    )
    stage = _stage(rates)
    stage.subscribe()
    stage.billing.run_due()
    stage.clock.set("2025-02-28T00:00+01:00")
    stage.billing.run_due()
    assert [Decimal(19), Decimal(16)] == [
        invoice.tax_lines[0].rate_percent
        for invoice in sorted(stage.billing.invoices().items, key=lambda invoice: invoice.issued_at)
    ]
    stage.ensure_sound()


def test_seller_without_tax_here() -> None:
    """A seller that is not listed leaves tax to the host."""
    invoice = _billed(Stage(), HELSINKI)
    assert ((), None) == (invoice.tax_lines, invoice.treatment)


def test_preview_and_view_say_what_will_be_charged() -> None:
    """With tax, the previewed amounts are those that are captured afterwards."""
    stage = _stage()
    account = stage.open()
    stage.billing.update_billing_info(account.id, HELSINKI, actor=ADA)
    license = stage.subscribe(stage.billing.account(account.id))
    until = stage.clock.now() + timedelta(days=40)
    charges = [step for step in stage.billing.preview(license.id, until) if step.kind is StepKind.CHARGE]
    view = stage.billing.license_view(license.id)
    stage.billing.run_due()
    stage.clock.set("2025-02-28T00:00+01:00")
    stage.billing.run_due()
    captured = [capture.amount for capture in stage.gateway.captures]
    assert captured == [step.amount for step in charges]
    assert [date(2025, 1, 31), date(2025, 2, 28)] == [step.date for step in charges]
    assert (date(2025, 1, 31), captured[0]) == (view.next_charge_on, view.next_charge_amount)


def test_a_view_does_not_need_to_know_the_rate() -> None:
    """While no invoice can be issued, the page still shows, and announces no charge."""
    stage = _stage(rates=None)
    license = stage.subscribe()
    view = stage.billing.license_view(license.id)
    assert (LicenseStatus.PAST_DUE, None, None) == (view.status, view.next_charge_on, view.next_charge_amount)
    with pytest.raises(NotAllowed):
        stage.billing.preview(license.id, stage.clock.now() + timedelta(days=1))


def test_a_preview_of_nothing_is_empty() -> None:
    """A license without a card that has expired waits for its owner, in the preview as well."""
    stage = Stage()
    account = stage.open()
    license = stage.billing.choose_plan(account.id, TEAM, actor=ADA)
    stage.run_until_calm(days=10)
    assert () == stage.billing.preview(license.id, stage.clock.now() + timedelta(days=400))
    assert None is stage.billing.license_view(license.id).next_charge_on
