"""Commands inside the host's own transaction: written with it, and no gateway is called before it is over."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from billing_core.errors import NotAllowed
from billing_core.service.async_billing import AsyncBilling
from billing_core.service.billing import Billing
from billing_core.stores.memory import MemoryStore
from billing_core.stores.port import Change
from tests.unit.service.stage import ADA, SAM, START, SYSTEM, TEAM, Stage


class _Host:
    """A host's transaction: what is written through it is undone by `roll_back`."""

    def __init__(self) -> None:
        self.changes: list[Change] = []


class _StoreWithUsing(MemoryStore):
    """Notes through which connection it was written."""

    connection: _Host | None = None

    def using(self, connection: _Host) -> _StoreWithUsing:
        """The same records through a connection."""
        inside = _StoreWithUsing.__new__(_StoreWithUsing)
        inside.__dict__.update(self.__dict__)
        inside.connection = connection
        return inside

    def commit(self, changes: Sequence[Change], /) -> Any:
        """Note it."""
        if self.connection is not None:
            self.connection.changes.extend(changes)
        return super().commit(changes)


def _stage() -> Stage:
    stage = Stage()
    stage.store = _StoreWithUsing(clock=stage.clock)
    stage.billing = stage.worker()
    return stage


def test_commands_are_written_through_the_connection() -> None:
    """What is gateway-free works, and the host's connection carries it."""
    stage = _stage()
    license = stage.subscribe()
    host = _Host()
    inside = stage.billing.using(host)
    inside.change_plan(license.id, quantity=5, actor=ADA)
    inside.grant_extension(license.id, days=1, actor=SAM, reason="card lost")
    other = inside.open_account("Other", currency="EUR", time_zone="UTC", actor=SYSTEM, owner="olga")
    inside.import_license(
        other.id, TEAM, external_id="x", anchor=date(2025, 1, 1), paid_until=date(2025, 2, 1), actor=SYSTEM
    )
    assert 4 == len(host.changes)
    assert inside.license_view(license.id) == stage.billing.license_view(license.id)
    stage.billing.cancel(license.id, actor=ADA)
    assert 4 == len(host.changes)


CALLS: dict[str, Callable[[Any, str, str, str], Any]] = {
    "begin_card_setup": lambda b, account, card, lic: b.begin_card_setup(
        account, return_url="https://host/ok", actor=ADA
    ),
    "complete_card_setup": lambda b, account, card, lic: b.complete_card_setup(account, "setup_1", actor=ADA),
    "remove_card": lambda b, account, card, lic: b.remove_card(account, card, actor=ADA),
    "run_due": lambda b, account, card, lic: b.run_due(),
    "run_license": lambda b, account, card, lic: b.run_license(lic),
    "run_license by the owner": lambda b, account, card, lic: b.run_license(lic, actor=ADA),
}


async def _awaited(call: Callable[[], Any]) -> None:
    answer = call()
    if inspect.isawaitable(answer):
        await answer


@pytest.mark.parametrize("name", [*CALLS, "handle_webhook"])
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_commands_that_call_a_gateway_are_refused(name: str, is_async: bool) -> None:
    """They are refused before anything is written or asked."""
    stage = _stage()
    license = stage.subscribe()
    card = stage.billing.account(license.account_id).cards[0]
    call = CALLS.get(name, lambda b, account, card, lic: b.handle_webhook(*stage.gateway.notice("ref")))
    before = stage.contents()
    billing: Any = stage.billing
    if is_async:
        billing = AsyncBilling(stage.store, {"main": stage.gateway}, stage.policy, "test")
    host = _Host()
    with pytest.raises(NotAllowed, match="gateway_inside_transaction"):
        asyncio.run(_awaited(lambda: call(billing.using(host), license.account_id, card.id, license.id)))
    assert [] == host.changes
    assert before == stage.contents()
    assert 0 == stage.gateway.sends


@pytest.mark.parametrize("cls", [Billing, AsyncBilling])
def test_store_that_has_no_transactions_of_others(cls: Any) -> None:
    """That is said as it is."""
    stage = Stage()
    billing = cls(stage.store, {"main": stage.gateway}, stage.policy, "test")
    with pytest.raises(NotAllowed, match=r"store_has_no_using \(store=MemoryStore\)"):
        billing.using(object())
    assert START == stage.clock.now().isoformat(timespec="minutes")
