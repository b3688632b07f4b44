"""The story that the README tells, as it reads there."""

from __future__ import annotations

from datetime import date

from billing_core import Actor, Advice, Billing, BillingPolicy, LicenseStatus, MemoryStore, Money, Plan
from billing_core.testing import ManualClock, ScriptedGateway


def test_a_declined_renewal_is_paid_by_a_new_card_without_drift() -> None:
    """Day 31 renews on 28 February, fails, is paid later by a new card, and renews next on 31 March."""
    clock = ManualClock("2025-01-31T09:00+01:00")
    gateway = ScriptedGateway()
    billing = Billing(
        MemoryStore(clock=clock), {"main": gateway}, BillingPolicy(grace_days=7), namespace="test"
    )
    ada = Actor.member("ada")
    account = billing.open_account("Ada Ltd", currency="EUR", time_zone="Europe/Paris", actor=ada)
    setup = billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ada)
    gateway.customer_enters_card(setup.id, last4="4242")
    old = billing.complete_card_setup(account.id, setup.id, actor=ada)
    plan = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"))
    lic = billing.choose_plan(account.id, plan, quantity=3, actor=ada)
    billing.run_due()
    assert billing.license_view(lic.id).status is LicenseStatus.ACTIVE

    clock.set("2025-02-28T00:00+01:00")
    gateway.next_charge_declines(Advice.NEW_CARD)
    billing.run_due()
    assert billing.license_view(lic.id).status is LicenseStatus.PAST_DUE

    clock.set("2025-03-04T15:00+01:00")
    setup = billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ada)
    gateway.customer_enters_card(setup.id, last4="1881")
    billing.complete_card_setup(account.id, setup.id, replace=old.id, actor=ada)
    billing.run_license(lic.id)
    view = billing.license_view(lic.id)
    assert (LicenseStatus.ACTIVE, date(2025, 3, 31)) == (view.status, view.paid_until)
    assert [Money.of("59.97", "EUR")] * 2 == [capture.amount for capture in gateway.captures]
