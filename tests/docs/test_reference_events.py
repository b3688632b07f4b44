"""The page of events lists what is emitted, with the keys that it carries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from billing_core import (
    Actor,
    Advice,
    Billing,
    BillingPolicy,
    CardExpiry,
    CardNotice,
    ChargeResult,
    DisputeStatus,
    Event,
    EventType,
    MemoryStore,
    Money,
    Plan,
    RefundFilter,
    RefundResult,
    Role,
    WebhookNotice,
)
from billing_core.testing import ManualClock, ScriptedGateway
from tests.docs.test_reference_pages import quoted, rows
from tools.render_reference import REFERENCE
from tools.source_tree import ROOT

ADA = Actor.member("ada")
KIM = Actor.support("kim")
OFFICE = Actor.system("office")

DOCUMENTED = {
    quoted(row[0])[0]: (row[1], set(quoted(row[2]))) for row in rows(REFERENCE / "events.md") if "." in row[0]
}
CONSTANTS = {name: value for name, value in vars(EventType).items() if name.isupper()}


def test_all_types_are_listed() -> None:
    """Every event type stands there, and no other."""
    assert sorted(CONSTANTS.values()) == sorted(DOCUMENTED)


def test_reserved_types_are_those_that_nobody_emits() -> None:
    """A type that the source never uses is called reserved, and only such a type."""
    source = "".join(
        path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py") if path.name != "events.py"
    )
    used = set(re.findall(r"EventType\.([A-Z_]+)", source))
    reserved = {type_ for type_, (when, _) in DOCUMENTED.items() if when.startswith("reserved")}
    assert {value for name, value in CONSTANTS.items() if name not in used} == reserved


class Story:
    """One customer to whom much happens."""

    def __init__(self) -> None:
        self.clock = ManualClock("2025-01-31T09:00+01:00")
        self.gateway = ScriptedGateway()
        store = MemoryStore(clock=self.clock)
        self.billing = Billing(store, {"main": self.gateway}, BillingPolicy(), namespace="events")
        self.account_id = self.billing.open_account(
            "Ada Ltd", currency="EUR", time_zone="Europe/Paris", actor=ADA
        ).id
        self.card_id = self.new_card()
        plan = Plan.monthly("team", price=Money.of("30", "EUR"))
        self.license_id = self.billing.choose_plan(self.account_id, plan, actor=ADA).id
        self.billing.run_due()

    def new_card(self, replace: str | None = None) -> str:
        setup = self.billing.begin_card_setup(self.account_id, return_url="https://host.example", actor=ADA)
        self.gateway.customer_enters_card(setup.id)
        return self.billing.complete_card_setup(self.account_id, setup.id, replace=replace, actor=ADA).id

    def on(self, day: str) -> None:
        self.clock.set(f"{day}T06:00+02:00")
        assert () == self.billing.run_due().failures

    def events(self) -> tuple[Event, ...]:
        return self.billing.events()


def owner_and_support() -> Iterable[Event]:
    story = Story()
    billing, account_id = story.billing, story.account_id
    form = {
        "name": "Ada",
        "line1": "1 rue Vivienne",
        "city": "Paris",
        "postal_code": "75002",
        "country": "FR",
    }
    billing.update_billing_info(account_id, form, actor=ADA)
    billing.change_time_zone(account_id, "Asia/Tokyo", actor=ADA)
    billing.add_member(account_id, "bob", Role.ADMIN, actor=ADA)
    billing.add_member(account_id, "eve", Role.AGENT, actor=ADA)
    billing.remove_member(account_id, "eve", actor=ADA)
    billing.verify_owner(account_id, {"name": "Ada"}, actor=KIM)
    billing.grant_extension(story.license_id, days=3, actor=KIM, reason="a call")
    billing.change_plan(story.license_id, quantity=2, actor=ADA)
    story.on("2025-02-21")
    story.on("2025-02-28")
    second = story.new_card()
    billing.set_default_card(account_id, story.card_id, actor=ADA)
    billing.remove_card(account_id, second, actor=ADA)
    billing.cancel(story.license_id, actor=ADA)
    story.on("2025-04-02")
    billing.transfer_ownership(account_id, "bob", actor=ADA)
    return story.events()


def declines_and_expiry() -> Iterable[Event]:
    story = Story()
    story.gateway.next_charge_declines(Advice.NEVER)
    story.on("2025-02-28")
    story.on("2025-03-07")
    story.billing.grant_extension(story.license_id, days=1, actor=KIM, reason="a call")
    story.on("2025-03-08")
    story.on("2025-05-10")
    story.new_card(replace=story.card_id)
    story.on("2025-05-11")
    return story.events()


def doubt() -> Iterable[Event]:
    story = Story()
    gateway, clock = story.gateway, story.clock
    gateway.next_request_is_lost()
    story.on("2025-02-28")
    clock.advance(minutes=5)
    story.billing.run_due()  # looks, finds nothing, and sends again
    gateway.next_charge_requires_action()
    story.on("2025-03-31")
    story.new_card(replace=story.card_id)  # the charge that waits is called off
    story.billing.run_due()
    gateway.next_charge_gives(ChargeResult.not_attempted())
    story.on("2025-04-30")
    story.on("2025-05-02")
    gateway.next_charge_captures(Money.of("1", "EUR"))
    story.on("2025-05-31")
    for held in story.billing.needs_attention().items:
        story.billing.resolve_attention(held.id, "refund", actor=OFFICE, reason="wrong amount")
    gateway.next_charge_gives(ChargeResult.pending())
    story.billing.run_due()
    for attempt in story.billing.attempts().items:
        story.billing.handle_webhook(*gateway.notice(attempt.request.reference))
    return story.events()


def money_back() -> Iterable[Event]:
    story = Story()
    gateway, billing = story.gateway, story.billing
    (paid,) = billing.invoices().items

    def refund(minor: int) -> str:
        return billing.refund(paid.id, Money.of(minor, "EUR"), actor=OFFICE, reason="a call").id

    refund(1)
    gateway.next_refund_is_refused("closed")
    refund(1)
    gateway.next_refund_request_is_lost()
    gateway.next_refund_gives(RefundResult.pending(gateway_ref="re_7"))
    pending = refund(2)
    story.clock.advance(minutes=5)
    billing.run_due()  # looks, finds nothing, and sends again
    story.clock.advance(minutes=6)
    billing.run_due()
    (waiting,) = billing.refunds(RefundFilter(is_unresolved=True)).items
    assert pending == waiting.id
    billing.handle_webhook(*gateway.notice(waiting.request.reference))
    gateway.pending_refund_settles(waiting.request.reference)
    billing.run_due()
    gateway.next_refund_gives(RefundResult.not_attempted("http_429"))
    gateway.next_refund_gives(RefundResult.succeeded(Money.of("0.50", "EUR")))
    held = refund(3)
    story.clock.advance(minutes=6)
    billing.run_due()
    billing.resolve_refund(held, "confirm", actor=OFFICE, reason="seen at the bank")
    return story.events()


def stop_and_restore() -> Iterable[Event]:
    story = Story()
    story.billing.stop_sending(actor=OFFICE, reason="the processor is down")
    story.billing.resume_sending(actor=OFFICE)
    story.billing.begin_restore_epoch("backup-1", actor=OFFICE)
    return story.events()


def news_from_the_processor() -> Iterable[Event]:
    story = Story()
    gateway, billing = story.gateway, story.billing
    (charge,) = billing.attempts().items
    assert charge.charge_ref is not None

    def tell(**news: Any) -> None:
        billing.handle_webhook(*gateway.signed(WebhookNotice(id="evt_1", **news)))

    tell(refund=gateway.refund_elsewhere(charge.charge_ref, Money.of("1", "EUR")))
    dispute = gateway.cardholder_disputes(charge.charge_ref, respond_by=story.clock.now())
    tell(dispute=dispute)
    for status in (DisputeStatus.WON, DisputeStatus.LOST):
        tell(dispute=gateway.dispute_becomes(dispute.gateway_ref, status))
    gateway.dispute_changes(dispute.gateway_ref, Money.of("2", "EUR"))
    tell(dispute=dispute)
    tell(
        refund=attrs.evolve(
            gateway.refund_elsewhere(charge.charge_ref, Money.of("1", "EUR")), charge_ref="ch_9"
        )
    )
    (card,) = billing.account(story.account_id).cards
    gateway.card_is_renewed(card.token, expires=CardExpiry(2098, 1))
    tell(card=CardNotice(token=card.token, is_closed=True))
    return story.events()


STORIES = [
    owner_and_support,
    declines_and_expiry,
    doubt,
    money_back,
    news_from_the_processor,
    stop_and_restore,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda it: it.__name__)
def test_data_has_the_documented_keys(story: object) -> None:
    """Whatever happens, an event's data has no key that the page does not name."""
    assert callable(story)
    events = story()
    surplus = {(event.type, key) for event in events for key in set(event.data) - DOCUMENTED[event.type][1]}
    assert set() == surplus


@pytest.mark.parametrize(
    "story", [owner_and_support, declines_and_expiry, doubt, money_back], ids=lambda it: it.__name__
)
def test_told_reasons_are_listed(story: object) -> None:
    """Reasons that reach an event are on the page of reasons."""
    assert callable(story)
    told = {event.data["because"] for event in story() if "because" in event.data}
    listed = {quoted(row[0])[0] for row in rows(REFERENCE / "reasons.md")}
    assert set() == told - listed
    assert told


def test_stories_tell_most_events() -> None:
    """The stories above emit most types, each with all keys that are always there."""
    told = {event.type for story in STORIES for event in story()}
    assert {"charge.held", "charge.called_off", "license.term_started", "license.periods_lapsed"} <= told
    assert {type_ for type_ in DOCUMENTED if type_.startswith("refund.")} - told == {"refund.orphaned"}
    assert len(told) >= 45
