"""`AsyncBilling` is `Billing`, awaited."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from billing_core.accounts.permissions import Role
from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.charging.invariants import check_invariants
from billing_core.events import Event
from billing_core.gateways.results import CardDetails, RefundResult
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service.async_billing import AsyncBilling
from billing_core.service.billing import Billing
from billing_core.stores.memory import MemoryStore
from billing_core.stores.threaded import ThreadedStore
from billing_core.tax.registry import RegistryAnswer, RegistryStatus
from billing_core.testing import AsyncScriptedGateway, ManualClock, ScriptedGateway
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, ADDRESS, BOB, SAM, START, SYSTEM, TEAM


def _public(cls: type) -> dict[str, Any]:
    return {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}


def test_same_methods_with_the_same_signatures() -> None:
    """Names, parameters, defaults and result types agree; the async ones are coroutines."""
    plain, awaited = _public(Billing), _public(AsyncBilling)
    assert plain.keys() == awaited.keys()
    for name, method in plain.items():
        expected, actual = inspect.signature(method), inspect.signature(awaited[name])
        assert expected == actual, name
        assert inspect.iscoroutinefunction(awaited[name]) == (name != "using"), name


def test_constructors_agree() -> None:
    """The async one has no threads to count."""
    plain = inspect.signature(Billing).parameters
    awaited = inspect.signature(AsyncBilling).parameters
    assert [name for name in plain if name != "threads"] == list(awaited)


Call = Callable[..., Awaitable[Any]]


async def _scenario(call: Call, clock: ManualClock, gateway: ScriptedGateway) -> None:
    """Every command and every read once, in a life of two months."""
    account = await call("open_account", "Ada Ltd", currency="EUR", time_zone="Europe/Paris", actor=ADA)
    await call("update_billing_info", account.id, ADDRESS, actor=ADA)
    await call("add_member", account.id, "bob", Role.ADMIN, actor=ADA)
    await call("add_member", account.id, "eve", Role.AGENT, actor=ADA)
    await call("remove_member", account.id, "eve", actor=ADA, reason="left")
    await call("verify_owner", account.id, {"name": "Ada Lovelace"}, actor=SAM)
    answer = RegistryAnswer(status=RegistryStatus.UNAVAILABLE, checked_at=clock.now(), fault="MS_UNAVAILABLE")
    await call("record_tax_answer", account.id, answer, actor=SYSTEM)
    cards = []
    for last4 in ("4242", "1881"):
        setup = await call("begin_card_setup", account.id, return_url="https://host/ok", actor=ADA)
        gateway.customer_enters_card(setup.id, last4=last4)
        cards.append(await call("complete_card_setup", account.id, setup.id, actor=ADA))
    await call("set_default_card", account.id, cards[0].id, actor=ADA)
    license = await call("choose_plan", account.id, TEAM, quantity=3, actor=ADA)
    await call("run_license", license.id, actor=ADA)
    await call("change_plan", license.id, quantity=4, actor=ADA)
    await call("change_time_zone", account.id, "Europe/Rome", actor=ADA)
    clock.set("2025-02-28T00:00+01:00")
    gateway.next_charge_declines(Advice.NEW_CARD)
    await call("run_due", shard=(0, 1), limit=10)
    await call("grant_extension", license.id, days=2, actor=SAM, reason="card lost")
    await call("remove_card", account.id, cards[0].id, actor=ADA)
    page = await call("invoices")
    open_invoice = next(invoice for invoice in page.items if invoice.is_open)
    await call("record_external_payment", open_invoice.id, reference="wire-1", actor=SYSTEM)
    await call("set_default_card", account.id, cards[1].id, actor=ADA)
    gateway.next_response_is_lost()
    other = await call("choose_plan", account.id, Plan.yearly("flat", price=TEAM.price_for(1)), actor=ADA)
    await call("run_due")
    unknown = next(a for a in (await call("attempts")).items if a.license_id == other.id)
    await call("handle_webhook", *gateway.notice(unknown.request.reference))
    await call("run_due")
    await call("cancel", other.id, actor=ADA)
    imported = await call(
        "import_account",
        "Old Ltd",
        external_id="old-1",
        currency="EUR",
        time_zone="Europe/Paris",
        owner="olga",
        actor=SYSTEM,
        billing_info=ADDRESS,
        card=CardDetails(token=CardToken("tok_old"), brand="visa", last4="1111", expires=CardExpiry(2030, 1)),
        customer_ref="cus_old",
    )
    await call(
        "import_license",
        imported.id,
        TEAM,
        external_id="sub-1",
        anchor=date(2024, 12, 31),
        paid_until=date(2025, 2, 28),
        actor=SYSTEM,
    )
    gateway.next_charge_declines(Advice.RETRY_LATER)
    await call("run_due")
    await call("transfer_ownership", account.id, "bob", actor=ADA)
    third = await call("choose_plan", account.id, TEAM, actor=BOB)
    gateway.next_charge_captures(Money.of("1.00", "EUR"))
    await call("run_license", third.id)
    (held,) = (await call("needs_attention")).items
    await call("resolve_attention", held.id, "refund", actor=SYSTEM, reason="wrong amount")
    paid = next(a for a in (await call("attempts")).items if a.license_id == license.id and a.captured)
    gateway.next_refund_gives(RefundResult.succeeded(Money.of("2.00", "EUR")))
    wrong = await call("refund", paid.id, Money.of("1.00", "EUR"), actor=SYSTEM, reason="a call")
    await call("resolve_refund", wrong.id, "confirm", actor=SYSTEM, reason="the bank saw it")
    await call("refund", paid.invoice_id, actor=SYSTEM, reason="a call")
    assert 3 == len((await call("refunds")).items)
    small = Money.of("0.01", "EUR")
    kept = next(a for a in (await call("attempts")).items if a.captured and a.invoice_id != paid.invoice_id)
    booked = await call(
        "record_external_refund", kept.id, small, gateway_ref="re_99", actor=SYSTEM, reason="by hand"
    )
    assert "re_99" == booked.elsewhere_ref
    await call("run_license", third.id)
    assert () == (await call("needs_attention")).items
    assert BOB.id in (await call("account", account.id)).owners
    assert other.id == (await call("dossier", other.id)).license.id
    assert (await call("billing_info_view", account.id, actor=SAM)).name == "A…"
    assert (await call("license_view", license.id)).quantity == 4
    assert 4 == len((await call("licenses")).items)
    assert 2 == len((await call("accounts")).items)


def _sync_events() -> tuple[Event, ...]:
    clock, gateway = ManualClock(START), ScriptedGateway()
    billing = Billing(MemoryStore(clock=clock), {"main": gateway}, BillingPolicy(), "test")

    async def call(name: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(billing, name)(*args, **kwargs)

    asyncio.run(_scenario(call, clock, gateway))
    assert () == check_invariants(billing.books())
    return billing.events()


@pytest.mark.parametrize("store_kind", ["plain", "async"])
@pytest.mark.parametrize("gateway_kind", ["plain", "async"])
def test_one_scenario_gives_the_same_events(store_kind: str, gateway_kind: str) -> None:
    """Every id, version, date, actor and word of the history agrees, whatever is plain or asynchronous."""
    clock, gateway = ManualClock(START), ScriptedGateway()
    store = MemoryStore(clock=clock)
    billing = AsyncBilling(
        store if store_kind == "plain" else ThreadedStore(store),
        {"main": gateway if gateway_kind == "plain" else AsyncScriptedGateway(gateway)},
        BillingPolicy(),
        "test",
    )

    async def call(name: str, *args: Any, **kwargs: Any) -> Any:
        return await getattr(billing, name)(*args, **kwargs)

    async def play() -> tuple[Event, ...]:
        await _scenario(call, clock, gateway)
        assert () == check_invariants(await billing.books())
        return await billing.events()

    assert _sync_events() == asyncio.run(play())
