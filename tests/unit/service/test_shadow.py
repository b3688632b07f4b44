"""Both ledgers compared: whatever one knows and the other does not is told, and nothing else is."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core import (
    Actor,
    AttemptState,
    Billing,
    BillingPolicy,
    Capabilities,
    CardToken,
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    GatewayGrade,
    InvalidInput,
    ListedCharge,
    MemoryStore,
    Money,
    Operation,
    Plan,
    ShadowKind,
    ShadowReport,
    WebhookNotice,
    shadow_check,
    shadow_check_async,
)
from billing_core.charging.ledgers import compare_charges
from billing_core.testing import AsyncScriptedGateway, ManualClock, ScriptedGateway

ADA, OPS = Actor.member("ada"), Actor.system("operations")
EUR_10 = Money.of("10", "EUR")
NO_LIST = Capabilities(operations=frozenset(Operation) - {Operation.LIST_CHARGES})


class Shop:
    """Two customers who have paid, on both ledgers."""

    def __init__(self, capabilities: Capabilities | None = None) -> None:
        self.clock = ManualClock("2025-01-31T09:00+00:00")
        self.gateway = ScriptedGateway(clock=self.clock)
        if capabilities is not None:
            self.gateway.capabilities = capabilities
        self.store = MemoryStore(self.clock)
        self.since = self.clock.now()
        self.billing = Billing(self.store, {"main": self.gateway}, BillingPolicy(), namespace="shadow")
        for name in ("Ada Ltd", "Bob Ltd"):
            account = self.billing.open_account(name, currency="EUR", time_zone="UTC", actor=ADA)
            setup = self.billing.begin_card_setup(account.id, return_url="https://h.example", actor=ADA)
            self.gateway.customer_enters_card(setup.id)
            self.billing.complete_card_setup(account.id, setup.id, actor=ADA)
            self.billing.choose_plan(account.id, Plan.monthly("team", price=EUR_10), actor=ADA)
        self.billing.run_due()
        self.clock.advance(hours=1)

    def check(self, **choices: Any) -> ShadowReport:
        """By threads and by asyncio; they must say the same."""
        report = shadow_check(self.store, self.gateway, self.since, **choices)
        awaited = shadow_check_async(self.store, AsyncScriptedGateway(self.gateway), self.since, **choices)
        assert report == asyncio.run(awaited)
        return report

    def kinds(self, **choices: Any) -> list[str]:
        """Of the findings."""
        return [finding.kind.value for finding in self.check(**choices).findings]

    def charge(self, key: str, reference: str, amount: Money = EUR_10) -> None:
        """Somebody charges a card, not through these books."""
        self.gateway.charge(
            ChargeRequest(amount=amount, reference=reference, idempotency_key=key, card=CardToken("tok_1"))
        )

    def captured_as(self, place: int, **changes: Any) -> None:
        """The processor's ledger says something else."""
        captures = self.gateway._captures
        key = list(captures)[place]
        captures[key] = attrs.evolve(captures[key], **changes)


def test_equal_ledgers() -> None:
    """No difference, and the report says what was compared."""
    report = Shop().check()
    assert (True, 2, 2, True, ()) == (
        report.is_clean,
        report.charges,
        report.attempts,
        report.is_listed,
        report.findings,
    )
    assert (
        "2 charges and 2 attempts from 2025-01-31 09:00 to 2025-01-31 10:00 UTC\nno difference"
        == report.to_text()
    )


def test_charged_and_not_recorded() -> None:
    """By the form of its reference it is this library's; the books know nothing of it."""
    shop = Shop()
    shop.charge("key_x", "a2345672345672345672345672")
    report = shop.check()
    (finding,) = report.findings
    assert (ShadowKind.UNRECORDED, "ch_3", EUR_10, None) == (
        finding.kind,
        finding.gateway_ref,
        finding.captured,
        finding.recorded,
    )
    assert not report.is_clean
    assert "unrecorded  2025-01-31 10:00  a2345672345672345672345672  ch_3  -  captured 10.00 EUR  -" in (
        report.to_text()
    )


def test_charges_of_others_are_listed_apart() -> None:
    """They are none of our business, and don't spoil the report."""
    shop = Shop()
    shop.charge("key_x", "order-4711")
    shop.captured_as(2, reference="order-4711")
    report = shop.check()
    assert (1, True) == (report.count(ShadowKind.FOREIGN), report.is_clean)


def test_recorded_and_not_at_the_processor() -> None:
    """Unless it is so fresh that the list may not show it yet."""
    shop = Shop()
    shop.gateway._captures.popitem()
    (finding,) = shop.check().findings
    assert (ShadowKind.MISSING, EUR_10) == (finding.kind, finding.recorded)
    shop.clock.advance(hours=-1)
    assert [] == shop.kinds()


def test_another_amount() -> None:
    """Both are told."""
    shop = Shop()
    shop.captured_as(0, amount=Money.of("11", "EUR"))
    (finding,) = shop.check().findings
    assert (ShadowKind.AMOUNT_DIFFERS, Money.of("11", "EUR"), EUR_10) == (
        finding.kind,
        finding.captured,
        finding.recorded,
    )


def test_charged_twice() -> None:
    """Two captures under one reference: one of them is unrecorded, and the pair is told of."""
    shop = Shop()
    shop.charge("key_x", shop.gateway.captures[0].reference)
    assert ["unrecorded", "charged_twice"] == shop.kinds()
    # What was given back is no second charge any more.
    shop.captured_as(2, refunded=EUR_10)
    assert ["unrecorded"] == shop.kinds()


def test_a_decision_about_one_attempt_excuses_no_other() -> None:
    """A person decided about the first one; the second was captured twice, and that is told."""
    shop = Shop()
    paid = next(iter(shop.billing.attempts().items))
    first = attrs.evolve(paid.request, idempotency_key="key_first")
    decided = attrs.evolve(paid, id="att_first", request=first, state=AttemptState.VOID, decision="void")
    listed = ListedCharge(
        gateway_ref="ch_8",
        reference=first.reference,
        idempotency_key=paid.request.idempotency_key,
        amount=EUR_10,
        captured_at=shop.since,
    )
    twice = [listed, attrs.evolve(listed, gateway_ref="ch_9")]
    assert ["charged_twice"] == [it.kind.value for it in compare_charges(twice, [decided, paid])]
    # Without keys nobody can say whose captures they are.
    unclear = [attrs.evolve(it, idempotency_key=None) for it in twice]
    assert [] == [it.kind.value for it in compare_charges(unclear, [decided, paid])]


def test_a_list_without_keys_is_matched_by_reference() -> None:
    """Not every processor lists idempotency keys."""
    shop = Shop()
    listed = shop.gateway.list_charges

    def without_keys(since: datetime, after: str | None = None, /) -> Any:
        page = listed(since, after)
        return attrs.evolve(page, items=[attrs.evolve(it, idempotency_key=None) for it in page.items])

    shop.gateway.list_charges = without_keys  # type: ignore[method-assign]
    assert [] == shop.kinds()
    shop.charge("key_x", shop.gateway.captures[0].reference)
    assert ["charged_twice"] == shop.kinds()


def test_what_waits_for_a_person() -> None:
    """Is told on every day until it is decided, and no double charge on top of it."""
    shop = Shop()
    shop.gateway.next_charge_gives(ChargeResult.succeeded(Money.of("3", "EUR")))
    shop.clock.set("2025-02-28T00:00+00:00")
    shop.billing.run_due()
    assert ["undecided"] == shop.kinds()


def test_a_long_list_is_read_to_its_end() -> None:
    """Page by page."""
    shop = Shop()
    for number in range(25):
        shop.charge(f"key_{number}", f"order-{number}")
    report = shop.check()
    assert (27, 25) == (report.charges, report.count(ShadowKind.FOREIGN))


def test_a_charge_without_a_reference_is_somebody_elses() -> None:
    """This library makes none."""
    shop = Shop()
    listed = shop.gateway.list_charges

    def without_references(since: datetime, after: str | None = None, /) -> Any:
        page = listed(since, after)
        return attrs.evolve(page, items=[attrs.evolve(it, reference=None) for it in page.items])

    shop.gateway.list_charges = without_references  # type: ignore[method-assign]
    assert ["foreign", "foreign"] == shop.kinds()


def test_all_pages_of_the_books_are_read() -> None:
    """However few attempts a store gives at once."""
    shop = Shop()
    attempts = shop.store.attempts
    shop.store.attempts = lambda wanted, after, _: attempts(wanted, after, 1)  # type: ignore[method-assign]
    assert 2 == shop.check().attempts


def test_only_what_is_since_and_through_the_gateway() -> None:
    """What was charged before, or through another gateway, is left out."""
    shop = Shop()
    shop.gateway._captures.clear()
    assert ["missing", "missing"] == shop.kinds(gateway_id="main")
    assert [] == shop.kinds(gateway_id="other")
    shop.since += timedelta(minutes=1)
    assert [] == shop.kinds()


def test_without_a_list_the_books_are_looked_up() -> None:
    """And the report says that it saw one half only."""
    shop = Shop(NO_LIST)
    shop.charge("key_x", "a2345672345672345672345672")
    report = shop.check()
    assert (False, 0, True) == (report.is_listed, report.charges, report.is_clean)
    assert "the processor lists no charges" in report.to_text()
    shop.gateway.find_charge = lambda _: ChargeNotFound()  # type: ignore[method-assign]
    assert ["missing", "missing"] == shop.kinds(gateway_id="main")
    declined = ChargeResult.pending()
    shop.gateway.find_charge = lambda _: declined  # type: ignore[method-assign]
    assert ["missing", "missing"] == shop.kinds()


def test_who_can_neither_list_nor_look_up_is_believed() -> None:
    """There is nothing to compare with."""
    shop = Shop(Capabilities(grade=GatewayGrade.KEYED, operations=frozenset()))
    shop.gateway._captures.clear()
    assert [] == shop.kinds()


def test_a_naive_instant_is_refused() -> None:
    """Nobody knows which midnight is meant."""
    shop = Shop()
    with pytest.raises(InvalidInput, match="since"):
        shadow_check(shop.store, shop.gateway, datetime(2025, 1, 31))  # noqa: DTZ001 - to be refused


def test_a_refund_whose_notice_never_came() -> None:
    """Somebody gave money back in the dashboard: it is told until the books know of it."""
    shop = Shop()
    (capture, _) = shop.gateway.captures
    told = shop.gateway.refund_elsewhere(capture.gateway_ref, Money.of("4", "EUR"))
    (finding,) = shop.check().findings
    assert (ShadowKind.REFUND_DIFFERS, Money.of("4", "EUR"), Money.of("0", "EUR"), capture.gateway_ref) == (
        finding.kind,
        finding.captured,
        finding.recorded,
        finding.gateway_ref,
    )
    shop.billing.handle_webhook(*shop.gateway.signed(WebhookNotice(id="evt_1", refund=told)))
    shop.clock.advance(hours=1)
    assert [] == shop.kinds()


def test_a_refund_that_the_processor_does_not_know() -> None:
    """Booked, and not listed: told once it is no longer fresh."""
    shop = Shop()
    paid = next(iter(shop.billing.attempts().items))
    shop.billing.refund(paid.id, actor=OPS, reason="a call")
    place = [capture.gateway_ref for capture in shop.gateway.captures].index(paid.charge_ref or "")
    shop.captured_as(place, refunded=Money.of("0", "EUR"))
    assert [] == shop.kinds()
    shop.clock.advance(hours=1)
    assert ["refund_differs"] == shop.kinds()
    shop.captured_as(place, refunded=Money.of("10", "EUR"))
    assert [] == shop.kinds()
