"""The circuit breaker: a value that follows from the sends of one gateway, and what runs make of it."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing_core import (
    Actor,
    AsyncBilling,
    Billing,
    BillingPolicy,
    BreakerPolicy,
    InvalidInput,
    MemoryStore,
    Money,
    Plan,
    RunReport,
    check_invariants,
)
from billing_core.service.breaker import Breaker
from billing_core.service.breakers import Breakers
from billing_core.testing import ManualClock, ScriptedGateway

NOW = datetime(2025, 1, 31, 9, tzinfo=UTC)
ADA, OPS = Actor.member("ada"), Actor.system("operations")
STRICT = BreakerPolicy(sends=10, unknown_percent_max=20, probes=2)


def after(breaker: Breaker, *outcomes: bool, at: datetime = NOW) -> Breaker:
    """The breaker after sends, each unknown or not."""
    for is_unknown in outcomes:
        breaker = breaker.sending(at).after(at, is_unknown=is_unknown)
    return breaker


def test_a_few_unknown_outcomes_are_borne() -> None:
    """As many as the policy says among the latest sends; those before them don't count."""
    assert after(Breaker(), *[True] * 4).may_send(NOW)
    assert not after(Breaker(), *[True] * 5).may_send(NOW)
    assert not after(Breaker(), *[False] * 500, *[True, False] * 5).may_send(NOW)
    spread = after(Breaker(policy=STRICT), *([True, *[False] * 4] * 20))
    assert (True, 10) == (spread.may_send(NOW), len(spread.recent))


def test_it_pauses_and_goes_on_by_itself() -> None:
    """After the pause some probes are sent; when all were answered, all is well and forgotten."""
    paused = after(Breaker(policy=STRICT), True, True, True)
    later = NOW + STRICT.pause
    assert not paused.may_send(later - timedelta(seconds=1))
    assert paused.may_send(later)
    once = paused.sending(later)
    assert once.may_send(later)
    twice = once.sending(later)
    assert not twice.may_send(later)
    # Their answers may be lost with their process: then others are probed after another pause.
    assert twice.may_send(later + STRICT.pause)
    well = twice.after(later, is_unknown=False).after(later, is_unknown=False)
    assert Breaker(policy=STRICT) == well


def test_an_unknown_probe_starts_another_pause() -> None:
    """However many were answered before it."""
    paused = after(Breaker(policy=STRICT), True, True, True)
    later = NOW + STRICT.pause
    again = after(paused, False, True, at=later)
    assert (later + STRICT.pause, 0) == (again.paused_until, again.answered)


def test_answers_that_were_under_way_when_it_paused_are_no_probes() -> None:
    """Sixteen threads may still wait for theirs; the pause is kept all the same, and not made longer."""
    paused = after(Breaker(policy=STRICT), True, True, True)
    for is_unknown in (False, False, True):
        assert paused == paused.after(NOW, is_unknown=is_unknown)


@pytest.mark.parametrize(
    ("name", "value"),
    [("sends", 0), ("unknown_percent_max", 101), ("pause", timedelta(-1)), ("probes", 0)],
)
def test_policies_that_make_no_sense(name: str, value: Any) -> None:
    """Are refused, by the field's name."""
    with pytest.raises(InvalidInput) as caught:
        BreakerPolicy(**{name: value})
    assert [name] == [issue.field for issue in caught.value.issues]


def test_each_gateway_has_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """And the log says when it pauses, and when it goes on: once each."""
    caplog.set_level(logging.WARNING, "billing_core")
    breakers = Breakers(STRICT)
    for _ in range(3):
        assert breakers.take("main", NOW)
        breakers.note("main", NOW, is_unknown=True)
    assert (False, True) == (breakers.take("main", NOW), breakers.may_send("other", NOW))
    later = NOW + STRICT.pause
    for _ in range(2):
        assert breakers.take("main", later)
    for _ in range(2):
        breakers.note("main", later, is_unknown=False)
    assert breakers.may_send("main", later)
    assert [
        "gateway main: too many unknown outcomes, sending is paused",
        "gateway main: sending goes on",
    ] == caplog.messages


class Shop:
    """Thirty customers whose first charge is due, one processor, and one worker."""

    def __init__(self, customers: int = 30, **choices: Any) -> None:
        self.clock = ManualClock(NOW)
        self.gateway = ScriptedGateway(clock=self.clock)
        self.store = MemoryStore(self.clock)
        self.billing = Billing(
            self.store, {"main": self.gateway}, BillingPolicy(), namespace="shop", threads=4, **choices
        )
        for number in range(customers):
            account = self.billing.open_account(
                f"Customer {number}", currency="EUR", time_zone="UTC", actor=ADA
            )
            setup = self.billing.begin_card_setup(account.id, return_url="https://h.example", actor=ADA)
            self.gateway.customer_enters_card(setup.id)
            self.billing.complete_card_setup(account.id, setup.id, actor=ADA)
            plan = Plan.monthly("team", price=Money.of("10", "EUR"))
            self.billing.choose_plan(account.id, plan, actor=ADA)

    def run(self) -> RunReport:
        """A run in which no license fails."""
        report = self.billing.run_due()
        assert () == report.failures
        assert () == check_invariants(self.billing.books(self.gateway.ledger()))
        return report


def test_a_brown_out_does_not_make_a_million_unknowns() -> None:
    """Sending pauses, what is due stays due, look-ups go on; then all are charged, each once."""
    shop = Shop()
    for _ in range(20):
        shop.gateway.next_response_is_lost()
    report = shop.run()
    assert {"gateway_paused"} == set(report.paused)
    assert 8 >= shop.gateway.sends
    shop.gateway._script.clear()
    seen = shop.gateway.sends
    shop.clock.advance(minutes=4)
    shop.run()
    assert seen == shop.gateway.sends
    for _ in range(12):
        shop.clock.advance(minutes=11)
        report = shop.run()
    assert ({}, 30) == (report.paused, len(shop.gateway.captures))


def test_a_stop_takes_effect_within_a_run() -> None:
    """Whoever stops sends nothing more, not even what is committed already; answers are still booked."""
    shop = Shop()
    charge = shop.gateway.charge

    def stop_after_two(request: Any, /) -> Any:
        if shop.gateway.sends == 2 and not shop.billing.controls().is_stopped:
            shop.billing.stop_sending(actor=OPS, reason="the prices are wrong")
        return charge(request)

    shop.gateway.charge = stop_after_two  # type: ignore[method-assign]
    report = shop.run()
    sent = shop.gateway.sends
    assert 6 >= sent
    assert sent == len([it for it in shop.billing.attempts(limit=100).items if it.state.value == "succeeded"])
    assert 30 - sent == report.paused["sending_stopped"] + len(
        [it for it in shop.billing.attempts(limit=100).items if it.is_unresolved]
    )
    shop.clock.advance(minutes=11)
    assert sent == shop.gateway.sends
    assert {"sending_stopped": 30 - sent} == shop.run().paused
    shop.billing.resume_sending(actor=OPS)
    shop.clock.advance(minutes=11)
    assert {} == shop.run().paused
    assert 30 == len(shop.gateway.captures)


def test_asyncio_stops_and_pauses_too() -> None:
    """The same flows, the same rules."""
    shop = Shop(customers=20)

    async def play() -> list[dict[str, int]]:
        billing = AsyncBilling(
            shop.store, {"main": shop.gateway}, BillingPolicy(), namespace="shop", breaker=STRICT
        )
        await billing.stop_sending(actor=OPS, reason="an outage")
        stopped = await billing.run_due()
        await billing.resume_sending(actor=OPS)
        shop.clock.advance(minutes=11)
        for _ in range(16):
            shop.gateway.next_response_is_lost()
        return [stopped.paused, (await billing.run_due()).paused]

    stopped, paused = asyncio.run(play())
    assert {"sending_stopped": 20} == stopped
    assert {"gateway_paused": 4} == paused
