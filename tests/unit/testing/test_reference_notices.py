"""Typed notices of the reference processor, over HTTP: one of each, with both adapters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from billing_core.accounts.permissions import Actor
from billing_core.accounts.saved_card import CardExpiry
from billing_core.advice import Advice
from billing_core.charging.invariants import LedgerEntry, check_invariants
from billing_core.errors import NotAllowed, WebhookRejected
from billing_core.events import EventType
from billing_core.gateways.webhooks import DisputeStatus
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service.async_billing import AsyncBilling
from billing_core.service.billing import Billing
from billing_core.stores.memory import MemoryStore
from billing_core.stores.threaded import ThreadedStore
from billing_core.testing import AsyncReferenceGateway, ManualClock, ReferenceGateway, ReferenceProcessor
from billing_core.testing.reference_processor.books import ledger_entries
from billing_core.testing.reference_processor.processor import signed_notice
from billing_core.values.money import Money

ADA, OFFICE = Actor.member("ada"), Actor.system("office")
PRICE = Money.of("30.00", "EUR")


class Scene:
    """One vendor at the processor, with one charge that has succeeded."""

    def __init__(self, processor: ReferenceProcessor, clock: ManualClock, flavor: str) -> None:
        self.processor, self.clock = processor, clock
        self.store = MemoryStore(clock=clock)
        options = {
            "api_key": processor.settings.api_key,
            "webhook_secret": processor.settings.webhook_secret,
            "clock": clock.now,
        }
        self.billing: Any
        if flavor == "plain":
            gateway = ReferenceGateway(processor.url, **options)  # type: ignore[arg-type]
            self.billing = Billing(self.store, {"main": gateway}, BillingPolicy(), "notices")
        else:
            awaited = AsyncReferenceGateway(processor.url, **options)  # type: ignore[arg-type]
            self.billing = AsyncBilling(
                ThreadedStore(self.store), {"main": awaited}, BillingPolicy(), "notices"
            )
        self.told = 0
        account = self.do("open_account", "Ada Ltd", currency="EUR", time_zone="Europe/Paris", actor=ADA)
        setup = self.do("begin_card_setup", account.id, return_url="https://host/ok", actor=ADA)
        self.token = processor.desk.enter_card(setup.session_ref) or ""
        self.card = self.do("complete_card_setup", account.id, setup.id, actor=ADA)
        self.do("choose_plan", account.id, Plan.monthly("team", price=PRICE), actor=ADA)
        self.do("run_due")
        self.deliver()

    def do(self, command: str, *arguments: Any, **named: Any) -> Any:
        """One command, awaited where it must be."""
        answer = getattr(self.billing, command)(*arguments, **named)
        return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer

    def deliver(self) -> list[Any]:
        """Hand over what the processor sent since; what each notice woke."""
        notices = self.processor.desk.notices(self.told)
        self.told += len(notices)
        return [self.do("handle_webhook", *notice) for notice in notices]

    @property
    def charge(self) -> Any:
        """The charge as it is on file."""
        (attempt,) = self.do("attempts").items
        return attempt

    def event_types(self) -> list[str]:
        """What happened."""
        return [event.type for event in self.do("events")]

    def ensure_sound(self) -> None:
        """The books agree with the processor's ledger: nothing went back that they don't know of."""
        entries = self.processor.desk.ledger()
        refunds = [
            LedgerEntry(reference=f"re_{number}", idempotency_key=f"re_{number}", amount=entry.amount)
            for number, entry in enumerate((it for it in entries if it.kind == "refund"), start=1)
        ]
        assert () == check_invariants(self.do("books", ledger_entries(entries), refunds))


@pytest.fixture
def clock() -> ManualClock:
    """A Friday."""
    return ManualClock("2025-01-31T09:00+01:00")


@pytest.fixture
def processor(clock: ManualClock) -> Iterator[ReferenceProcessor]:
    """On a port of its own."""
    with ReferenceProcessor(clock=clock.now) as running:
        yield running


@pytest.fixture(params=["plain", "asyncio"])
def scene(processor: ReferenceProcessor, clock: ManualClock, request: pytest.FixtureRequest) -> Scene:
    """A paid license."""
    return Scene(processor, clock, request.param)


def test_a_refund_in_the_dashboard(scene: Scene) -> None:
    """Told by webhook, asked for over HTTP, booked; a repeat changes nothing."""
    ref = scene.processor.desk.refund_elsewhere(scene.charge.charge_ref, 1000)
    assert [(scene.charge.license_id,)] == scene.deliver()
    scene.told -= 1
    assert [()] == scene.deliver()
    (refund,) = scene.do("refunds").items
    assert (ref, Money.of("10.00", "EUR")) == (refund.elsewhere_ref, refund.claimed)
    scene.ensure_sound()


def test_a_refund_of_ours_is_told_of_too(scene: Scene) -> None:
    """It carries our reference: nothing is booked twice."""
    scene.do("refund", scene.charge.id, actor=OFFICE, reason="a call")
    scene.deliver()
    (refund,) = scene.do("refunds").items
    assert (None, PRICE) == (refund.elsewhere_ref, refund.claimed)


def test_a_dispute_until_its_end(scene: Scene) -> None:
    """Opened and lost; in the wrong order, the processor's word counts."""
    desk = scene.processor.desk
    ref = desk.cardholder_disputes(scene.charge.charge_ref, 3000)
    desk.dispute_becomes(ref, "lost")
    woken = scene.deliver()
    assert [(scene.charge.license_id,), ()] == woken
    (dispute,) = scene.charge.disputes
    assert (ref, DisputeStatus.LOST, PRICE, "fraudulent") == (
        dispute.gateway_ref,
        dispute.status,
        dispute.amount,
        dispute.reason,
    )
    assert dispute.respond_by > scene.clock.now()
    with pytest.raises(NotAllowed, match="charge_disputed"):
        scene.do("refund", scene.charge.id, actor=OFFICE, reason="a call")
    scene.ensure_sound()


def test_a_card_that_is_renewed_and_then_closed(scene: Scene) -> None:
    """The updater's news, described over HTTP."""
    scene.processor.desk.renew_card(scene.token, "1881", "2031-05")
    scene.deliver()
    (card,) = scene.do("account", scene.charge.account_id).cards
    assert ("1881", CardExpiry(2031, 5)) == (card.last4, card.expires)
    scene.processor.desk.close_card(scene.token)
    scene.deliver()
    (card,) = scene.do("account", scene.charge.account_id).cards
    assert Advice.NEVER is card.frozen_because
    assert {EventType.CARD_UPDATED, EventType.CARD_CLOSED} <= set(scene.event_types())
    scene.ensure_sound()


def test_what_the_processor_never_heard_of(scene: Scene) -> None:
    """A signed notice about a refund and a dispute that are not there: kept for a person."""
    body = {
        "id": "evt_x",
        "kind": "dispute.opened",
        "references": [],
        "refund": {
            "id": "re_9",
            "charge": scene.charge.charge_ref,
            "amount": 1,
            "currency": "EUR",
            "reference": "",
        },
        "dispute": {
            "id": "dp_9",
            "charge": scene.charge.charge_ref,
            "status": "opened",
            "amount": 1,
            "currency": "EUR",
            "reason": "fraudulent",
            "respond_by": "2025-02-07T09:00+01:00",
        },
    }
    secret = scene.processor.settings.webhook_secret
    assert () == scene.do("handle_webhook", *signed_notice(body, secret, scene.clock.now()))
    assert 2 == scene.event_types().count(EventType.WEBHOOK_UNMATCHED)


def test_a_notice_in_a_form_of_next_year(scene: Scene) -> None:
    """Signed, but not understood: rejected, so that the processor sends it again."""
    secret = scene.processor.settings.webhook_secret
    body = {"id": "evt_x", "kind": "dispute.opened", "references": [], "dispute": {"id": "dp_9"}}
    with pytest.raises(WebhookRejected):
        scene.do("handle_webhook", *signed_notice(body, secret, scene.clock.now()))
