"""`Billing.using` on a real database: what its commands write stands or falls with the host's transaction."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing_core.accounts.permissions import Actor
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.errors import NotAllowed, NotFound
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service.billing import Billing
from billing_core.testing import ManualClock, ScriptedGateway
from billing_core.values.money import Money

ADA = Actor.member("ada")
TEAM = Plan.monthly("team", price=Money.of("19.99", "EUR"))


def test_rolled_back_and_committed_with_the_host(tmp_path: Path) -> None:
    """Rolled back: nothing happened, not even an event. Committed: all of it, and the run goes on."""
    clock, gateway = ManualClock("2025-01-31T09:00+01:00"), ScriptedGateway()
    store = SqlStore.open(f"sqlite:///{tmp_path / 'billing.db'}", clock=clock)
    billing = Billing(store, {"main": gateway}, BillingPolicy(), "test")

    with store.engine.connect() as connection:
        connection.begin()
        inside = billing.using(connection)
        lost = inside.open_account("Ada", currency="EUR", time_zone="Europe/Paris", actor=ADA)
        assert lost == inside.account(lost.id)
        connection.rollback()
    with pytest.raises(NotFound):
        billing.account(lost.id)
    assert () == billing.events()

    with store.engine.begin() as connection:
        inside = billing.using(connection)
        account = inside.open_account("Ada", currency="EUR", time_zone="Europe/Paris", actor=ADA)
        license = inside.choose_plan(account.id, TEAM, actor=ADA)
        with pytest.raises(NotAllowed, match="gateway_inside_transaction"):
            inside.run_license(license.id)
    setup = billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    gateway.customer_enters_card(setup.id)
    billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert 1 == billing.run_due().charges
    assert 1 == len(gateway.captures)
    store.close()
