"""One history, told to every store: each ends with the same books."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from billing_core.accounts.permissions import Actor
from billing_core.advice import Advice
from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.events import fold, masked_state
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service.billing import Billing
from billing_core.stores.memory import MemoryStore
from billing_core.stores.port import Store
from billing_core.testing.clock import ManualClock
from billing_core.testing.gateways import ScriptedGateway
from billing_core.values.money import Money
from tests.contrib.store_helpers import contents


def live(store: Store, clock: ManualClock) -> list[Any]:
    """A year of a customer: a decline, a new card, a second license, many nights."""
    gateway = ScriptedGateway()
    billing = Billing(store, {"main": gateway}, BillingPolicy(grace_days=7), namespace="test")
    ada = Actor.member("ada")

    def add_card(last4: str, replace: str | None = None) -> str:
        setup = billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ada)
        gateway.customer_enters_card(setup.id, last4=last4)
        return billing.complete_card_setup(account.id, setup.id, replace=replace, actor=ada).id

    account = billing.open_account("Ada Ltd", currency="EUR", time_zone="Europe/Paris", actor=ada)
    card_id = add_card("4242")
    team = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"))
    first = billing.choose_plan(account.id, team, quantity=3, actor=ada)
    views = []
    for night in range(60):
        clock.advance(days=6)
        if night == 4:
            gateway.next_charge_declines(Advice.NEW_CARD)
        if night == 6:
            add_card("1881", replace=card_id)
        if night == 20:
            billing.choose_plan(account.id, team, quantity=1, actor=ada)
        report = billing.run_due()
        assert () == report.failures
        views.append(billing.license_view(first.id))
    return views


@pytest.fixture
def told() -> tuple[list[Any], MemoryStore]:
    """The history in memory."""
    clock = ManualClock("2025-01-31T09:00+01:00")
    store = MemoryStore(clock)
    return live(store, clock), store


@pytest.fixture
def sql(tmp_path: Any) -> Iterator[tuple[ManualClock, SqlStore]]:
    """An empty store on a file."""
    clock = ManualClock("2025-01-31T09:00+01:00")
    store = SqlStore.open(f"sqlite:///{tmp_path}/billing.db", clock=clock)
    yield clock, store
    store.close()


def test_every_store_ends_with_the_same_books(
    told: tuple[list[Any], MemoryStore], sql: tuple[ManualClock, SqlStore]
) -> None:
    """The same commands give the same records, ids, numbers, events and wake-ups, night by night."""
    views, memory = told
    clock, store = sql

    assert views == live(store, clock)
    assert contents(memory) == contents(store)
    assert len(contents(store)["invoices"]) > 12


def test_the_events_tell_the_whole_story(sql: tuple[ManualClock, SqlStore]) -> None:
    """Folding the stored events gives every record's state and version."""
    clock, store = sql
    live(store, clock)
    held = contents(store)

    expected = {
        (kind, record.id): _told(masked_state(record))
        for kind in ("account", "license", "invoice", "attempt")
        for record in held[f"{kind}s"]
    }
    assert expected == {key: _told(state) for key, state in fold(held["events"]).items()}


def _told(state: dict[str, Any]) -> dict[str, Any]:
    """A state without what the store adds to it after the event was written."""
    return {key: value for key, value in state.items() if key != "number"}
