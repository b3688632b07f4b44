"""Invoices that no card is charged for: free, covered by credit, or too small."""

from __future__ import annotations

import attrs
import pytest

from billing_core import (
    Account,
    Actor,
    Billing,
    BillingPolicy,
    Capabilities,
    CatchUp,
    Interval,
    InvoiceStatus,
    LicenseStatus,
    MemoryStore,
    Money,
    Plan,
    StepKind,
    UnitPrice,
    check_invariants,
)
from billing_core.charging.apply import Draft
from billing_core.events import ActorRef
from billing_core.service import renewal_flow
from billing_core.service.changes import Occasion, account_change
from billing_core.testing import ManualClock, ScriptedGateway

ADA = Actor.member("ada")


def _host(
    capabilities: Capabilities | None = None,
) -> tuple[Billing, ScriptedGateway, ManualClock, MemoryStore]:
    clock = ManualClock("2025-01-31T09:00+00:00")
    store = MemoryStore(clock=clock)
    gateway = ScriptedGateway(capabilities) if capabilities is not None else ScriptedGateway()
    return Billing(store, {"main": gateway}, BillingPolicy(), namespace="test"), gateway, clock, store


def _customer(billing: Billing, gateway: ScriptedGateway) -> Account:
    account = billing.open_account("Ada Ltd", currency="EUR", time_zone="UTC", actor=ADA)
    setup = billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    gateway.customer_enters_card(setup.id)
    billing.complete_card_setup(account.id, setup.id, actor=ADA)
    return billing.account(account.id)


def test_a_free_plan_renews_without_a_charge() -> None:
    """A price of zero is paid at issue, every period, and the card is left alone."""
    billing, gateway, clock, _ = _host()
    account = _customer(billing, gateway)
    lic = billing.choose_plan(account.id, Plan.monthly("free", price=Money.zero("EUR")), actor=ADA)
    for day in ("2025-01-31T09:00+00:00", "2025-02-28T00:00+00:00"):
        clock.set(day)
        assert () == billing.run_due().failures

    assert LicenseStatus.ACTIVE is billing.license_view(lic.id).status
    assert [InvoiceStatus.PAID] * 2 == [invoice.status for invoice in billing.invoices().items]
    assert not gateway.captures
    assert () == check_invariants(billing.books(()))


def test_an_amount_below_the_minimum_is_carried_to_the_next_invoice() -> None:
    """Too small to charge: the period is covered, and the next charge collects both."""
    billing, gateway, clock, _ = _host(
        attrs.evolve(ScriptedGateway().capabilities, minimum_amounts={"EUR": 50})
    )
    account = _customer(billing, gateway)
    lic = billing.choose_plan(account.id, Plan.monthly("tiny", price=Money.of("0.30", "EUR")), actor=ADA)
    assert () == billing.run_due().failures
    assert LicenseStatus.ACTIVE is billing.license_view(lic.id).status
    assert not gateway.captures

    clock.set("2025-02-28T00:00+00:00")
    assert () == billing.run_due().failures

    (capture,) = gateway.captures
    assert Money.of("0.60", "EUR") == capture.amount
    assert () == check_invariants(billing.books(gateway.ledger()))


def test_credit_is_used_before_the_card() -> None:
    """An invoice that the balance covers is paid at issue; the rest of the balance stays."""
    billing, gateway, _, store = _host()
    account = _customer(billing, gateway)
    occasion = Occasion(
        namespace="test", at=store.now(), actor=ActorRef(kind="system", id="credit", role="system")
    )
    change, _ = account_change(
        occasion, account, account.with_balance(Money.of("50", "EUR")), (Draft(type="account.credited"),)
    )
    assert store.commit([change])[0].ok
    lic = billing.choose_plan(account.id, Plan.monthly("team", price=Money.of("20", "EUR")), actor=ADA)

    assert () == billing.run_due().failures

    assert LicenseStatus.ACTIVE is billing.license_view(lic.id).status
    assert Money.of("30", "EUR") == billing.account(account.id).balance
    assert not gateway.captures
    assert () == check_invariants(billing.books(()))


def test_many_free_days_are_caught_up_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """More missed periods than go into one commit take several, and nobody has to ask again."""
    monkeypatch.setattr(renewal_flow, "_STEPS_MAX", 10)
    clock = ManualClock("2025-01-31T09:00+00:00")
    gateway = ScriptedGateway()
    policy = BillingPolicy(catch_up=CatchUp.BILL_EACH)
    billing = Billing(MemoryStore(clock=clock), {"main": gateway}, policy, namespace="test")
    account = _customer(billing, gateway)
    plan = Plan(id="free", interval=Interval.daily(), unit_price=UnitPrice.of(0, "EUR"))
    lic = billing.choose_plan(account.id, plan, actor=ADA)
    clock.advance(days=30)

    report = billing.run_due()

    assert () == report.failures
    assert 31 == report.steps[StepKind.ISSUE_INVOICE]
    assert LicenseStatus.ACTIVE is billing.license_view(lic.id).status
    assert () == check_invariants(billing.books(()))
