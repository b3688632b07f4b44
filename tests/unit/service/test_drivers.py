"""Both drivers: whatever escapes a host's part, money is neither lost nor taken twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.errors import (
    CapabilityNotSupported,
    GatewayConfigError,
    GatewayRequestError,
    InvariantViolated,
)
from billing_core.gateways.results import ChargeNotFound, ChargeRequest, ChargeResult, Outcome
from billing_core.service.async_billing import AsyncBilling
from billing_core.service.calls import Detach, LookUp, Send
from billing_core.service.drivers import SyncDriver
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Flow, GetNow
from billing_core.stores.port import Change
from billing_core.testing import AsyncScriptedGateway, ScriptedGateway
from billing_core.values.money import Money
from tests.builders import attempt
from tests.unit.service.stage import PRICE, SYSTEM, Hand, Stage, paid_periods, states


class Odd(Exception):
    """An adapter's own."""


class With123456789012Digits(Exception):
    """A name that is no code."""


RAISED = [
    TimeoutError("t"),
    ValueError("bad json"),
    KeyError("charge"),
    OSError(5, "io"),
    Odd(),
    InvariantViolated("x"),
    CapabilityNotSupported("charge"),
    With123456789012Digits(),
    type("é", (Exception,), {})(),
]
GARBAGE = [None, True, "succeeded", 200, {"status": "ok"}, object(), ChargeNotFound(), ChargeResult]


def _runs(stage: Stage, is_async: bool) -> None:
    """One run of the kind that is tested."""
    if is_async:
        gateway = AsyncScriptedGateway(stage.gateway)
        billing = AsyncBilling(stage.store, {"main": gateway}, stage.policy, "test", **stage.options)
        asyncio.run(billing.run_due())
    else:
        stage.billing.run_due()


def _raises(error: Exception) -> Callable[[Any], Any]:
    def call(_: object) -> Any:
        raise error

    return call


def _gives(value: object) -> Callable[[Any], Any]:
    return lambda _: value


ODDITIES = [
    *[pytest.param(_raises(error), id=f"raises {type(error).__name__}") for error in RAISED],
    *[pytest.param(_gives(value), id=f"gives {type(value).__name__}") for value in GARBAGE],
]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("odd", ODDITIES)
def test_odd_send_is_unknown(odd: Callable[[Any], Any], is_async: bool) -> None:
    """What an adapter does instead of answering a send is UNKNOWN; found out later, charged once."""
    stage = Stage()
    license = stage.subscribe()
    charge = stage.gateway.charge

    def taken_and_odd(request: Any) -> Any:
        charge(request)
        return odd(request)

    stage.gateway.charge = taken_and_odd
    _runs(stage, is_async)
    assert AttemptState.UNKNOWN is stage.attempt(license.id).state
    stage.gateway.charge = charge
    stage.run_until_calm(days=2)
    assert AttemptState.SUCCEEDED is stage.attempt(license.id).state
    assert [PRICE] == [capture.amount for capture in stage.gateway.captures]
    stage.ensure_sound()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("odd", [param for param in ODDITIES if param.id != "gives ChargeNotFound"])
def test_odd_look_up_proves_nothing(odd: Callable[[Any], Any], is_async: bool) -> None:
    """A look-up that fails, or answers ``None``, neither voids nor repeats a charge that was captured."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    find_charge, stage.gateway.find_charge = stage.gateway.find_charge, odd
    for _ in range(10):
        stage.clock.advance(hours=3)
        _runs(stage, is_async)
    assert [AttemptState.UNKNOWN] == states(stage.attempts(license.id))
    stage.gateway.find_charge = find_charge
    stage.run_until_calm(days=2)
    assert [AttemptState.SUCCEEDED] == states(stage.attempts(license.id))
    assert 1 == len(stage.gateway.captures)
    stage.ensure_sound()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_wrong_credentials_stop_the_run_and_harm_nobody(is_async: bool) -> None:
    """A GatewayConfigError ends the run; the attempt stays open, and the customer pays once it is mended."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_raises(GatewayConfigError("bad key"))
    if is_async:
        billing = AsyncBilling(
            stage.store, {"main": AsyncScriptedGateway(stage.gateway)}, stage.policy, "test"
        )
        report = asyncio.run(billing.run_due())
    else:
        report = stage.billing.run_due()
    assert (True, 1, 1) == (report.stopped, report.licenses, report.charges)
    assert [license.id] == [failure.license_id for failure in report.failures]
    attempt = stage.attempt(license.id)
    assert (AttemptState.OPEN, True) == (attempt.state, attempt.is_surely_unsent)
    stage.run_until_calm(days=1)
    assert 1 == len(stage.gateway.captures)
    assert 1 == len(stage.attempts(license.id))
    stage.ensure_sound()


def test_run_stops_before_the_next_wave() -> None:
    """After wrong credentials, no further intent is committed; what was left alone stays due."""
    stage = Stage()
    for number in range(20):
        stage.subscribe(stage.open(f"Customer {number}"))
    for _ in range(20):
        stage.gateway.next_charge_raises(GatewayConfigError("bad key"))
    report = stage.billing.run_due()
    assert (16, True) == (report.licenses, report.stopped)
    assert 16 == stage.gateway.sends


def test_what_a_charge_teaches_about_a_card_is_known_before_the_next() -> None:
    """Five licenses on one card: after "never again" no other of them is tried."""
    stage = Stage()
    account = stage.open()
    for _ in range(5):
        stage.subscribe(stage.billing.account(account.id))
    stage.gateway.next_charge_declines(Advice.NEVER)
    stage.billing.run_due()
    assert 1 == stage.gateway.sends
    stage.ensure_sound()


def test_a_run_stays_within_the_networks_limit() -> None:
    """Twenty-five licenses on one declining card: fifteen attempts, as the network allows."""
    stage = Stage()
    account = stage.open()
    stage.add_card(account.id)
    for _ in range(25):
        stage.subscribe(stage.billing.account(account.id))
    card = stage.billing.account(account.id).cards[0]
    stage.gateway.card_declines(card.token, Advice.RETRY_LATER)
    stage.billing.run_due()
    assert 15 == stage.gateway.sends
    stage.ensure_sound()


def test_slow_calls_leave_nobody_behind() -> None:
    """Calls of twenty seconds each, one at a time: every license is charged in the one run."""
    stage = Stage(threads=1)
    for number in range(5):
        stage.subscribe(stage.open(f"Customer {number}"))
    charge = stage.gateway.charge

    def slowly(request: ChargeRequest) -> ChargeResult:
        stage.clock.advance(seconds=20)
        result: ChargeResult = charge(request)
        return result

    stage.gateway.charge = slowly
    report = stage.billing.run_due()
    assert 5 == len(stage.gateway.captures)
    assert () == report.failures


@pytest.mark.parametrize("is_async", [False, True])
def test_a_cancellation_inside_an_adapter_is_an_unknown_outcome(is_async: bool) -> None:
    """A scope of the adapter's own that ran out loses no charge and stops no run."""
    stage = Stage()
    licenses = [stage.subscribe(stage.open(f"Customer {number}")) for number in range(3)]

    def cancelled(request: ChargeRequest) -> ChargeResult:
        raise asyncio.CancelledError

    stage.gateway._script.append(cancelled)
    if is_async:
        gateway = AsyncScriptedGateway(stage.gateway)
        report = asyncio.run(AsyncBilling(stage.store, {"main": gateway}, stage.policy, "test").run_due())
    else:
        report = stage.billing.run_due()
    assert 3 == report.charges
    states = [stage.attempt(license.id).state for license in licenses]
    assert sorted(states) == [AttemptState.SUCCEEDED, AttemptState.SUCCEEDED, AttemptState.UNKNOWN]
    stage.run_until_calm(days=1)
    assert 3 == len(stage.gateway.captures)
    stage.ensure_sound()


def test_cancelling_the_run_itself_is_not_swallowed() -> None:
    """Whoever cancels the task gets it cancelled; the open attempt is looked up later."""
    stage = Stage()
    license = stage.subscribe()

    class Stalling(AsyncScriptedGateway):
        async def charge(self, request: ChargeRequest, /) -> ChargeResult:
            await asyncio.sleep(3600)
            raise AssertionError("never")

    async def main() -> None:
        billing = AsyncBilling(stage.store, {"main": Stalling(stage.gateway)}, stage.policy, "test")
        await asyncio.wait_for(billing.run_license(license.id), timeout=0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(main())
    assert AttemptState.OPEN is stage.attempt(license.id).state
    stage.run_until_calm(days=1)
    assert 1 == len(stage.gateway.captures)


@pytest.mark.parametrize("is_async", [False, True])
def test_the_end_of_the_process_is_not_swallowed(is_async: bool) -> None:
    """An interrupt goes through; the open attempt is looked up by the next run."""
    stage = Stage()
    license = stage.subscribe()

    def interrupted(request: ChargeRequest) -> ChargeResult:
        raise SystemExit

    stage.gateway._script.append(interrupted)
    gateway = AsyncScriptedGateway(stage.gateway)
    sync, twin = stage.billing, AsyncBilling(stage.store, {"main": gateway}, stage.policy, "test")
    with pytest.raises(SystemExit):
        asyncio.run(twin.run_license(license.id)) if is_async else sync.run_license(license.id)
    assert AttemptState.OPEN is stage.attempt(license.id).state
    stage.run_until_calm(days=1)
    assert 1 == len(stage.gateway.captures)


def test_config_error_of_a_look_up_stops_the_run_too() -> None:
    """A look-up with wrong credentials says nothing about the charge."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    find_charge, stage.gateway.find_charge = stage.gateway.find_charge, _raises(GatewayConfigError("bad key"))
    stage.clock.advance(minutes=6)
    assert stage.billing.run_due().stopped
    assert AttemptState.UNKNOWN is stage.attempt(license.id).state
    stage.gateway.find_charge = find_charge
    stage.run_until_calm(days=1)
    stage.ensure_sound()


def test_our_malformed_request_is_listed() -> None:
    """A GatewayRequestError is reported with its license; the run goes on, and nothing is lost."""
    stage = Stage()
    account = stage.open()
    first, second = (stage.subscribe(stage.billing.account(account.id)) for _ in range(2))
    stage.gateway.next_charge_raises(GatewayRequestError("no such field"))
    report = stage.billing.run_due()
    assert not report.stopped
    assert ["GatewayRequestError"] == [type(failure.error).__name__ for failure in report.failures]
    assert 1 == len(stage.gateway.captures)
    stage.run_until_calm(days=1)
    assert [1, 1] == [len(paid_periods(stage.license(it.id))) for it in (first, second)]
    stage.ensure_sound()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_worker_held_up_before_the_send_does_not_send(is_async: bool) -> None:
    """More than 60 seconds between the commit of the intent and the send: the call is not made."""
    stage = Stage()
    license = stage.subscribe()
    hand = Hand(stage, look_after(stage.context, license.id))
    send = hand.until(Send)
    stage.clock.set(send.committed_at + timedelta(seconds=61))
    if is_async:
        from billing_core.service.drivers import AsyncDriver

        answer = asyncio.run(AsyncDriver(stage.store, {"main": stage.gateway}).run(_asks(send)))
    else:
        answer = stage.driver.run(_asks(send))
    assert (Outcome.NOT_ATTEMPTED, "held_up_before_send") == (answer.result.outcome, answer.result.detail)
    assert 0 == stage.gateway.sends
    hand.finish()
    stage.run_until_calm(days=1)
    assert 1 == len(stage.gateway.captures)
    stage.ensure_sound()


def test_worker_just_in_time_sends() -> None:
    """Sixty seconds are still in time."""
    stage = Stage()
    license = stage.subscribe()
    hand = Hand(stage, look_after(stage.context, license.id))
    send = hand.until(Send)
    stage.clock.set(send.committed_at + timedelta(seconds=60))
    hand.finish()
    assert 1 == stage.gateway.sends


def _asks(request: Any) -> Any:
    return (yield request)


def test_not_found_that_arrives_late_proves_nothing() -> None:
    """A worker that slept between asking and hearing "not found" voids nothing."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_request_is_lost()
    stage.billing.run_due()
    stage.clock.advance(minutes=6)
    hand = Hand(stage, look_after(stage.context, license.id))
    hand.until(LookUp)
    hand.step()  # nothing found
    stage.gateway.charge(stage.attempt(license.id).request)  # the request arrives after all
    stage.clock.advance(hours=6)
    hand.finish()
    stage.run_until_calm(days=2)
    assert [AttemptState.SUCCEEDED] == states(stage.attempts(license.id))
    assert 1 == len(stage.gateway.captures)
    stage.ensure_sound()


def test_one_unsound_change_spoils_no_other() -> None:
    """A store that refuses one license's change outright still carries out all others of the batch."""
    stage = Stage()
    # A card each: licenses that share one are never in the same batch.
    ids = [stage.subscribe(stage.open()).id for _ in range(3)]
    commit = stage.store.commit

    def picky(changes: Sequence[Change]) -> Any:
        if any(wake.license_id == ids[1] for change in changes for wake in change.wakes):
            raise InvariantViolated("this one")
        return commit(changes)

    stage.store.commit = picky  # type: ignore[method-assign]
    report = stage.billing.run_due()
    assert [ids[1]] == [failure.license_id for failure in report.failures]
    assert 2 == len(stage.gateway.captures)

    async def run() -> Any:
        for _ in range(3):
            stage.subscribe(stage.open())
        return await AsyncBilling(stage.store, {"main": stage.gateway}, stage.policy, "test").run_due()

    report = asyncio.run(run())
    assert 5 == len(stage.gateway.captures)
    assert () == report.failures


def test_async_batch_with_an_unsound_change() -> None:
    """The same on an event loop."""
    stage = Stage()
    # A card each: licenses that share one are never in the same batch.
    ids = [stage.subscribe(stage.open()).id for _ in range(3)]
    commit = stage.store.commit

    def picky(changes: Sequence[Change]) -> Any:
        if any(wake.license_id == ids[1] for change in changes for wake in change.wakes):
            raise InvariantViolated("this one")
        return commit(changes)

    stage.store.commit = picky  # type: ignore[method-assign]
    billing = AsyncBilling(stage.store, {"main": stage.gateway}, stage.policy, "test")
    report = asyncio.run(billing.run_due())
    assert [ids[1]] == [failure.license_id for failure in report.failures]
    assert 2 == len(stage.gateway.captures)


def test_failing_store_reaches_the_caller() -> None:
    """An exception out of the store is the host's to see, with nothing half done."""
    stage = Stage()

    def down(_: str) -> Any:
        raise ConnectionError("down")

    stage.store.account = down  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        stage.billing.account("acc_1")
    with pytest.raises(ConnectionError):
        asyncio.run(AsyncBilling(stage.store, {"main": stage.gateway}, stage.policy, "test").account("acc_1"))


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_failed_detach_is_logged_only(is_async: bool, caplog: pytest.LogCaptureFixture) -> None:
    """The command stands, even if the processor can't forget the card."""
    stage = Stage()
    license = stage.subscribe()
    card = stage.billing.account(license.account_id).cards[0]
    stage.gateway.detach_card = _raises(ValueError("no"))
    with caplog.at_level(logging.WARNING, "billing_core"):
        if is_async:
            from billing_core.service.drivers import AsyncDriver

            driver = AsyncDriver(stage.store, {"main": stage.gateway})
            assert None is asyncio.run(driver.run(_asks(Detach("main", card.token))))
        else:
            assert None is stage.driver.run(_asks(Detach("main", card.token)))
    assert ["gateway main raised ValueError"] == caplog.messages


def test_charge_of_a_gateway_that_is_gone() -> None:
    """A card of a gateway that the host no longer gives is not charged, and nothing breaks."""
    stage = Stage()
    license = stage.subscribe()
    other = type(stage.billing)(stage.store, {"other": ScriptedGateway()}, stage.policy, "test")
    report = other.run_due()
    assert (1, ()) == (report.licenses, report.failures)
    assert 0 == report.charges
    assert "gateway_not_given" == other.license_view(license.id).because.rule


def test_unresolved_charge_of_a_gateway_that_is_gone() -> None:
    """An unknown charge stays unknown until its gateway is back, and is settled by the next runs then."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    other = type(stage.billing)(stage.store, {"other": ScriptedGateway()}, stage.policy, "test")
    stage.clock.advance(days=2)
    assert () == other.run_due().failures
    assert AttemptState.UNKNOWN is stage.attempt(license.id).state
    assert stage.clock.now() + timedelta(days=1) == stage.store.wake_at(license.id)
    assert "gateway_not_given" == other.license_view(license.id).because.rule
    stage.clock.advance(days=1)
    stage.billing.run_due()
    assert AttemptState.SUCCEEDED is stage.attempt(license.id).state
    stage.ensure_sound()


def test_refund_of_a_gateway_that_is_gone() -> None:
    """It is not forgotten either, though its license has ended and nothing else is to come."""
    stage = Stage()
    license, invoice, attempt = stage.paid()
    stage.gateway.next_refund_response_is_lost()
    stage.billing.refund(invoice.id, actor=SYSTEM, reason="as agreed", ends_license=True)
    other = type(stage.billing)(stage.store, {"other": ScriptedGateway()}, stage.policy, "test")
    stage.clock.advance(hours=1)
    assert () == other.run_due().failures
    assert stage.clock.now() + timedelta(days=1) == stage.store.wake_at(license.id)
    stage.clock.advance(days=1)
    stage.billing.run_due()
    assert ["succeeded"] == [refund.state.value for refund in stage.refunds(attempt.id)]
    stage.ensure_sound()


def test_held_money_of_a_gateway_that_is_gone() -> None:
    """A person decides about it, so nobody looks for the gateway."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_captures(Money.of("1.00", "EUR"))
    stage.billing.run_due()
    other = type(stage.billing)(stage.store, {"other": ScriptedGateway()}, stage.policy, "test")
    assert "charge_unresolved" == other.license_view(license.id).because.rule


@pytest.mark.parametrize("threads", [1, 2])
def test_a_flow_that_fails_stops_no_other(threads: int) -> None:
    """However many run side by side; each ends with its own value or error."""
    stage, odd = Stage(), Odd()

    def flow(answer: int) -> Flow[int]:
        now = yield GetNow()
        if not answer:
            raise odd
        assert stage.store.now() == now
        return answer

    driver = SyncDriver(stage.store, {}, threads=threads)
    finished = driver.run_many([flow(1), flow(0), flow(2)])
    assert [(1, None), (None, odd), (2, None)] == [(it.value, it.error) for it in finished]
    assert 3 == driver.run(flow(3))
    with pytest.raises(Odd):
        driver.run(flow(0))


def test_calls_wait_side_by_side_as_often_as_they_have_to() -> None:
    """Two flows that each ask twice get all their answers."""
    stage, request = Stage(), attempt().request

    def flow() -> Flow[list[Any]]:
        first = yield LookUp("main", request)
        return [first, (yield LookUp("main", request))]

    driver = SyncDriver(stage.store, {"main": stage.gateway}, threads=2)
    finished = driver.run_many([flow(), flow()])
    assert [[ChargeNotFound()] * 2] * 2 == [it.value for it in finished]
