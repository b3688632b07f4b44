"""A fenced gateway: prepare, commit the id, confirm; a crash anywhere, and no time to count on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptEvent, AttemptState
from billing_core.charging.settle import settle
from billing_core.errors import GatewayConfigError, GatewayRequestError, InvalidInput
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.port import BaseGateway
from billing_core.gateways.promises import promises
from billing_core.gateways.results import ChargeNotFound, ChargeResult
from billing_core.service.async_billing import AsyncBilling
from billing_core.service.calls import CallOff, Confirm, Prepare
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Commit
from billing_core.testing import AsyncScriptedGateway, ScriptedGateway
from tests.unit.service.stage import ADA, PRICE, Hand, Stage, crash_points, end_of, paid_periods

#: Any time that other grades count on is absurd here: nothing may depend on it.
FENCED = Capabilities(
    grade=GatewayGrade.FENCED,
    operations=frozenset(Operation),
    key_retention=timedelta(0),
    request_life=timedelta(days=1000),
    look_up_lag=timedelta(days=1000),
    clock_margin=timedelta(days=1000),
)

#: What becomes of the calls that prepare and confirm.
FATES: dict[str, Callable[[ScriptedGateway], object]] = {
    "approved": lambda gateway: None,
    "prepared, answer lost": lambda gateway: gateway.next_prepare_is_lost(is_prepared=True),
    "not prepared, request lost": lambda gateway: gateway.next_prepare_is_lost(is_prepared=False),
    "throttled before it is prepared": lambda gateway: gateway.next_prepare_gives(
        ChargeResult.not_attempted(retry_after=timedelta(minutes=1))
    ),
    "approved, answer lost": lambda gateway: gateway.next_response_is_lost(),
    "confirmation lost": lambda gateway: gateway.next_request_is_lost(),
    "throttled": lambda gateway: gateway.next_charge_gives(
        ChargeResult.not_attempted(retry_after=timedelta(minutes=1))
    ),
    "taken for a repeat": lambda gateway: gateway.next_charge_gives(ChargeResult.duplicate_suspected()),
    "adapter says unknown": lambda gateway: gateway.next_charge_gives(ChargeResult.unknown("http_500")),
    "declined for now": lambda gateway: gateway.next_charge_declines(Advice.RETRY_LATER),
    "two answers lost": lambda gateway: [
        lose() for lose in (gateway.next_request_is_lost, gateway.next_response_is_lost)
    ],
}
YIELDS_MAX = 40


def _prepared(fate: str) -> tuple[Stage, str]:
    stage = Stage(gateway=ScriptedGateway(FENCED))
    license = stage.subscribe()
    FATES[fate](stage.gateway)
    return stage, license.id


@cache
def _undisturbed_end(fate: str) -> object:
    stage, license_id = _prepared(fate)
    stage.billing.run_due()
    stage.run_until_calm()
    return end_of(stage, license_id)


@pytest.mark.parametrize(("fate", "point", "is_after"), list(crash_points(FATES, _prepared, YIELDS_MAX)))
def test_crash_and_rerun_end_like_no_crash(fate: str, point: int, is_after: bool) -> None:
    """Stopped at any request and run again: one capture, one row, the end of a run without crash."""
    stage, license_id = _prepared(fate)
    hand = Hand(stage, look_after(stage.context, license_id))
    for _ in range(point):
        hand.step()
    if is_after:
        hand.step()
    del hand
    stage.run_until_calm()

    assert _undisturbed_end(fate) == end_of(stage, license_id)
    assert [PRICE] == [capture.amount for capture in stage.gateway.captures]
    assert 1 == len(paid_periods(stage.license(license_id)))
    assert () == stage.billing.needs_attention().items
    stage.ensure_sound()


@pytest.mark.parametrize("second", range(2, 14, 3))
@pytest.mark.parametrize("fate", FATES)
def test_two_crashes_in_a_row(fate: str, second: int) -> None:
    """A crash right after the confirmation, and another one anywhere in the recovery."""
    stage, license_id = _prepared(fate)
    hand = Hand(stage, look_after(stage.context, license_id))
    for _ in range(8):
        if not hand.is_done:
            hand.step()
    stage.clock.advance(minutes=6)
    again = Hand(stage, look_after(stage.context, license_id))
    for _ in range(second):
        if not again.is_done:
            again.step()
    stage.run_until_calm()
    assert [PRICE] == [capture.amount for capture in stage.gateway.captures]
    assert 1 == len(paid_periods(stage.license(license_id)))
    stage.ensure_sound()


@pytest.mark.parametrize("fate", FATES)
def test_two_workers_at_every_point(fate: str) -> None:
    """One worker stops anywhere, for as long as it likes; another one goes on; then the first one does."""
    for point in range(2, 12):
        stage, license_id = _prepared(fate)
        slow = Hand(stage, look_after(stage.context, license_id))
        for _ in range(point):
            if not slow.is_done:
                slow.step()
        stage.clock.advance(days=400)
        Hand(stage, look_after(stage.context, license_id)).finish()
        slow.finish()
        stage.run_until_calm()
        captured = [capture.idempotency_key for capture in stage.gateway.captures]
        assert len(set(captured)) == len(captured), (fate, point)
        assert len(captured) == len(paid_periods(stage.license(license_id))), (fate, point)
        stage.ensure_sound()


# -- what happens around a charge ----------------------------------------------------


class Told(ScriptedGateway):
    """Keeps what it was asked to do, in order."""

    def __init__(self) -> None:
        super().__init__(FENCED)
        self.calls: list[str] = []

    def prepare_charge(self, request: Any, /) -> Any:
        self.calls.append("prepare")
        return super().prepare_charge(request)

    def confirm_charge(self, gateway_ref: str, request: Any, /) -> Any:
        self.calls.append("confirm")
        return super().confirm_charge(gateway_ref, request)

    def get_charge(self, gateway_ref: str, /) -> Any:
        self.calls.append("get")
        return super().get_charge(gateway_ref)

    def cancel_charge(self, request: Any, /) -> Any:
        self.calls.append("cancel")
        return super().cancel_charge(request)

    def charge(self, request: Any, /) -> Any:
        raise AssertionError("a fenced gateway is never charged in one call")


def _told() -> tuple[Stage, Told, str]:
    gateway = Told()
    stage = Stage(gateway=gateway)
    return stage, gateway, stage.subscribe().id


def test_three_commits_and_two_calls() -> None:
    """Intent, then the prepared id, then the outcome; the id is on file before it is confirmed."""
    stage, gateway, license_id = _told()
    hand = Hand(stage, look_after(stage.context, license_id))
    prepare = hand.until(Prepare)
    assert prepare.request == stage.attempt(license_id).request
    assert stage.attempt(license_id).gateway_ref is None
    confirm = hand.until(Confirm)
    attempt = stage.attempt(license_id)
    assert (attempt.gateway_ref, attempt.request) == (confirm.gateway_ref, confirm.request)
    hand.finish()
    assert (["prepare", "confirm"], AttemptState.SUCCEEDED) == (
        gateway.calls,
        stage.attempt(license_id).state,
    )
    assert timedelta(0) == stage.attempt(license_id).uncertain_for


def test_what_is_declined_is_closed_before_it_counts_as_declined() -> None:
    """Until the processor has closed it, it could still be confirmed; then the decline is what it was."""
    stage, gateway, license_id = _told()
    gateway.next_charge_declines(Advice.NEVER, gateway_code="lost_card")
    hand = Hand(stage, look_after(stage.context, license_id))
    close = hand.until(CallOff)
    open_still = stage.attempt(license_id)
    assert (AttemptState.UNKNOWN, open_still.gateway_ref) == (open_still.state, close.request.gateway_ref)
    hand.finish()
    closed = stage.attempt(license_id)
    assert ["prepare", "confirm", "cancel"] == gateway.calls
    assert closed.result is not None
    assert closed.result.decline is not None
    assert (AttemptState.DECLINED, "lost_card") == (closed.state, closed.result.decline.gateway_code)
    assert Advice.NEVER is stage.billing.accounts().items[0].cards[0].frozen_because
    stage.ensure_sound()


def test_success_that_shows_while_closing_is_the_success() -> None:
    """A repeated confirmation captured after the decline: closing it tells so, and it is believed."""
    stage, gateway, license_id = _told()
    gateway.next_charge_declines(Advice.RETRY_LATER)
    hand = Hand(stage, look_after(stage.context, license_id))
    close = hand.until(CallOff)
    gateway.confirm_charge(close.request.gateway_ref, close.request)
    hand.finish()
    assert (1, AttemptState.SUCCEEDED) == (len(gateway.captures), stage.attempt(license_id).state)
    stage.ensure_sound()


def test_closing_that_fails_is_tried_again() -> None:
    """No answer, no decline: nothing else is charged until it is closed."""
    stage, gateway, license_id = _told()
    gateway.next_charge_declines(Advice.RETRY_LATER)
    cancel, failures = gateway.cancel_charge, iter([True, True])

    def failing(request: Any) -> Any:
        if next(failures, False):
            raise TimeoutError
        return cancel(request)

    gateway.cancel_charge = failing  # type: ignore[method-assign]
    stage.billing.run_due()
    assert AttemptState.UNKNOWN is stage.attempt(license_id).state
    stage.run_until_calm(days=2)
    first, *_ = stage.attempts(license_id)
    assert AttemptState.DECLINED is first.state
    stage.ensure_sound()


def test_closing_that_never_works_goes_to_a_person() -> None:
    """After about a week of looking; money that turns up then is put before them."""
    stage, gateway, license_id = _told()
    gateway.next_charge_declines(Advice.RETRY_LATER)

    def failing(request: Any) -> Any:
        raise TimeoutError

    gateway.cancel_charge = failing  # type: ignore[method-assign]
    stage.run_until_calm(days=12)
    held = stage.attempt(license_id)
    assert AttemptState.HELD is held.state
    assert [held] == list(stage.billing.needs_attention().items)
    stage.ensure_sound()


@pytest.mark.parametrize("stop_at", [Prepare, Confirm])
def test_canceled_before_it_was_confirmed(stop_at: type) -> None:
    """The worker is gone; the owner cancels: what was prepared is closed, and no money moved."""
    stage, gateway, license_id = _told()
    Hand(stage, look_after(stage.context, license_id)).until(stop_at)
    stage.billing.cancel(license_id, at_period_end=False, actor=ADA)
    stage.run_until_calm(days=1)
    # Once it is on file that it is confirmed, it may have been.
    expected = AttemptState.VOID if stop_at is Prepare else AttemptState.DECLINED
    assert ((), expected) == (gateway.captures, stage.attempt(license_id).state)
    assert ("cancel" in gateway.calls) == (stop_at is Confirm)
    stage.ensure_sound()


def test_canceled_after_confirmations_that_surely_did_nothing() -> None:
    """Closed all the same, and then it surely never happened."""
    stage, gateway, license_id = _told()
    gateway.next_charge_gives(ChargeResult.not_attempted(retry_after=timedelta(hours=1)))
    stage.billing.run_due()
    stage.billing.cancel(license_id, at_period_end=False, actor=ADA)
    stage.run_until_calm(days=1)
    assert ((), AttemptState.VOID) == (gateway.captures, stage.attempt(license_id).state)
    assert ["prepare", "confirm", "cancel"] == gateway.calls
    stage.ensure_sound()


def test_worker_that_was_overtaken_confirms_nothing() -> None:
    """It prepared, slept, and was overtaken by a cancellation: what it prepared is never confirmed."""
    stage, gateway, license_id = _told()
    slow = Hand(stage, look_after(stage.context, license_id))
    slow.until(Prepare)
    slow.until(Commit)
    stage.billing.cancel(license_id, at_period_end=False, actor=ADA)
    stage.run_until_calm(days=1)
    slow.finish()
    assert ([], ()) == ([call for call in gateway.calls if call == "confirm"], gateway.captures)
    assert AttemptState.VOID is stage.attempt(license_id).state
    stage.ensure_sound()


def test_new_card_while_nobody_knows() -> None:
    """The old charge is closed first; it had captured, so the new card is not charged."""
    stage, gateway, license_id = _told()
    gateway.next_response_is_lost()
    stage.billing.run_due()
    account = stage.billing.accounts().items[0]
    stage.add_card(account.id, replace=account.cards[0].id)
    stage.run_until_calm(days=1)
    assert (1, AttemptState.SUCCEEDED) == (len(gateway.captures), stage.attempt(license_id).state)
    stage.ensure_sound()


def test_new_card_after_a_confirmation_that_was_lost() -> None:
    """The old charge is closed without a capture, and the new card is charged at once."""
    stage, gateway, license_id = _told()
    gateway.next_request_is_lost()
    stage.billing.run_due()
    account = stage.billing.accounts().items[0]
    stage.add_card(account.id, replace=account.cards[0].id)
    stage.run_until_calm(days=1)
    first, second = stage.attempts(license_id)
    assert (AttemptState.DECLINED, AttemptState.SUCCEEDED) == (first.state, second.state)
    assert 1 == len(gateway.captures)
    stage.ensure_sound()


def test_cardholder_who_does_not_confirm_in_time() -> None:
    """Only what is closed can't be confirmed any more."""
    stage, gateway, license_id = _told()
    gateway.next_charge_requires_action()
    stage.billing.run_due()
    assert AttemptState.REQUIRES_ACTION is stage.attempt(license_id).state
    stage.run_until_calm(days=2)
    assert AttemptState.DECLINED is stage.attempt(license_id).state
    assert "cancel" == gateway.calls[-1]
    assert gateway.confirm_charge(
        str(stage.attempt(license_id).gateway_ref), stage.attempt(license_id).request
    )
    assert () == gateway.captures


def test_cardholder_who_confirms() -> None:
    """It is found by its id."""
    stage, gateway, license_id = _told()
    gateway.next_charge_requires_action()
    stage.billing.run_due()
    gateway.cardholder_confirms(stage.attempt(license_id).request.reference)
    stage.run_until_calm(days=2)
    assert (1, AttemptState.SUCCEEDED) == (len(gateway.captures), stage.attempt(license_id).state)
    assert "get" in gateway.calls


def test_cardholder_who_is_refused() -> None:
    """A decline after the question is closed like any other."""
    stage, gateway, license_id = _told()
    gateway.next_charge_requires_action()
    stage.billing.run_due()
    attempt = stage.attempt(license_id)
    gateway._remember(attempt.request, ChargeResult.declined(Advice.NEW_CARD))
    stage.run_until_calm(days=2)
    assert AttemptState.DECLINED is stage.attempt(license_id).state
    assert "cancel" == gateway.calls[-1]


def test_pending_charge_is_waited_for() -> None:
    """Even if nobody wants it any more: it is under way."""
    stage, gateway, license_id = _told()
    gateway.next_charge_gives(ChargeResult.pending())
    stage.billing.run_due()
    stage.billing.cancel(license_id, at_period_end=False, actor=ADA)
    reference = stage.attempt(license_id).request.reference
    gateway.pending_charge_settles(reference, ChargeResult.declined(Advice.RETRY_LATER))
    stage.run_until_calm(days=2)
    assert AttemptState.DECLINED is stage.attempt(license_id).state
    assert () == gateway.captures
    stage.ensure_sound()


def test_repeats_are_confirmed_when_the_window_is_over() -> None:
    """First it is looked at; it was never confirmed, so another charge is in the way."""
    stage, gateway, license_id = _told()
    gateway.next_charge_gives(ChargeResult.duplicate_suspected(retry_after=timedelta(minutes=90)))
    started_at = stage.clock.now()
    stage.run_until_calm(days=1)
    attempt = stage.attempt(license_id)
    assert (["prepare", "confirm", "get"], "confirm") == (gateway.calls[:3], gateway.calls[-1])
    assert (AttemptState.SUCCEEDED, started_at + timedelta(minutes=90)) == (
        attempt.state,
        attempt.last_sent_at,
    )


# -- what is checked, and told --------------------------------------------------------


class WithoutFence(BaseGateway):
    """Declares what it does not have."""

    capabilities = FENCED

    def charge(self, request: Any, /) -> ChargeResult:
        raise AssertionError


class WithoutCancel(WithoutFence):
    """Three of the four methods; the inherited one refuses."""

    def prepare_charge(self, request: Any, /) -> str:
        raise AssertionError

    def confirm_charge(self, gateway_ref: str, request: Any, /) -> ChargeResult:
        raise AssertionError

    def get_charge(self, gateway_ref: str, /) -> ChargeResult:
        raise AssertionError


@pytest.mark.parametrize(
    ("gateway", "missing"), [(WithoutFence(), "prepare_charge"), (WithoutCancel(), "cancel_charge")]
)
def test_fence_that_is_declared_must_be_there(gateway: BaseGateway, missing: str) -> None:
    """It is said when `Billing` is made, and not with the first charge."""
    with pytest.raises(InvalidInput, match=f"expected {missing}, by grade fenced"):
        Stage(gateway=gateway)


def test_grade_is_told_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """With what it is worth, once for each gateway."""
    with caplog.at_level("INFO", logger="billing_core"):
        Stage(gateway=ScriptedGateway(FENCED))
    assert [f"gateway main: {promises(FENCED)}"] == caplog.messages


@pytest.mark.parametrize(
    "error", [GatewayConfigError("revoked"), GatewayRequestError("no such card"), ValueError()], ids=repr
)
def test_what_can_not_be_prepared_moved_no_money(error: Exception) -> None:
    """Whatever the adapter raises: it is prepared later, and nobody is in doubt about money."""
    stage, gateway, license_id = _told()
    prepare, failures = gateway.prepare_charge, iter([error])

    def failing(request: Any) -> Any:
        for failure in failures:
            raise failure
        return prepare(request)

    gateway.prepare_charge = failing  # type: ignore[method-assign]
    run = stage.billing.run_license(license_id)
    assert [error] == list(run.errors) or isinstance(error, ValueError)
    assert stage.attempt(license_id).is_surely_unsent
    stage.run_until_calm(days=1)
    assert (1, AttemptState.SUCCEEDED) == (len(gateway.captures), stage.attempt(license_id).state)
    stage.ensure_sound()


@pytest.mark.parametrize("answer", [None, "", "4242424242424242", ChargeNotFound()], ids=repr)
def test_answer_that_is_no_id_prepares_nothing(answer: Any) -> None:
    """Nothing is confirmed under it."""
    stage, gateway, license_id = _told()
    gateway.prepare_charge = lambda request: answer  # type: ignore[method-assign]
    stage.billing.run_due()
    attempt = stage.attempt(license_id)
    assert (None, True, ()) == (attempt.gateway_ref, attempt.is_surely_unsent, gateway.captures)


def test_card_that_is_declined_before_it_is_prepared() -> None:
    """The adapter knows that the card is gone: that is the end of the attempt."""
    stage, gateway, license_id = _told()
    gateway.next_prepare_gives(ChargeResult.declined(Advice.NEW_CARD, gateway_code="detached"))
    stage.billing.run_due()
    assert (["prepare"], AttemptState.DECLINED) == (gateway.calls, stage.attempt(license_id).state)


def test_gateway_that_has_become_fenced() -> None:
    """What was sent in one call is resolved as it was sent: looked up, and never prepared."""
    gateway = Told()
    gateway.capabilities = Capabilities(operations=frozenset(Operation))
    sent: list[Any] = []

    def charge(request: Any) -> ChargeResult:
        sent.append(request)
        ScriptedGateway.charge(gateway, request)
        raise TimeoutError

    gateway.charge = charge  # type: ignore[method-assign]
    stage = Stage(gateway=gateway)
    license_id = stage.subscribe().id
    stage.billing.run_due()
    gateway.capabilities = FENCED
    stage.billing = stage.worker()
    stage.run_until_calm(days=1)
    assert ([], 1, AttemptState.SUCCEEDED) == (gateway.calls, len(sent), stage.attempt(license_id).state)
    stage.ensure_sound()


def test_preview_of_a_fenced_charge_is_what_happens() -> None:
    """The confirmation is a step of its own, there as here."""
    stage, _, license_id = _told()
    planned = [step.kind for step in stage.billing.preview(license_id, stage.clock.now() + timedelta(days=1))]
    assert planned == [step.kind for step in stage.billing.run_license(license_id).steps[:-1]]


@pytest.mark.parametrize("fate", FATES)
def test_same_on_an_event_loop(fate: str) -> None:
    """The asynchronous driver runs the same flow."""
    stage, license_id = _prepared(fate)
    billing = AsyncBilling(stage.store, {"main": AsyncScriptedGateway(stage.gateway)}, stage.policy, "test")
    for _ in range(60):
        asyncio.run(billing.run_due())
        stage.clock.advance(hours=1)
    assert _undisturbed_end(fate) == end_of(stage, license_id) or fate == "declined for now"
    stage.run_until_calm()
    assert _undisturbed_end(fate) == end_of(stage, license_id)
    assert [PRICE] == [capture.amount for capture in stage.gateway.captures]


def test_cardholder_who_can_not_be_closed_goes_to_a_person() -> None:
    """A week after the time to confirm, at the latest."""
    stage, gateway, license_id = _told()
    gateway.next_charge_requires_action()

    def failing(request: Any) -> Any:
        raise TimeoutError

    gateway.cancel_charge = failing  # type: ignore[method-assign]
    stage.run_until_calm(days=15)
    assert AttemptState.HELD is stage.attempt(license_id).state
    stage.ensure_sound()


def test_money_that_turns_up_after_a_decline_that_was_not_closed_is_put_before_the_person() -> None:
    """It is with a person already, who knew of the decline only."""
    stage, gateway, license_id = _told()
    gateway.next_charge_declines(Advice.RETRY_LATER)
    hand = Hand(stage, look_after(stage.context, license_id))
    close = hand.until(CallOff)
    held = stage.attempt(license_id).after(AttemptEvent.GAVE_UP, stage.clock.now())
    dossier = stage.billing.dossier(license_id).with_attempt(held)
    captured = gateway.confirm_charge(close.request.gateway_ref, close.request)
    noted, drafts = settle(dossier, held.id, captured, stage.clock.now(), stage.policy, is_look_up=True)
    assert (captured, ["charge.held"]) == (noted.attempts[0].result, [draft.type for draft in drafts])
    assert () == settle(noted, held.id, captured, stage.clock.now(), stage.policy, is_look_up=True)[1]
