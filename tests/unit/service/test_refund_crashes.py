"""A crash anywhere while money goes back, or a charge is called off: the same end as without, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from billing_core.charging.attempt import AttemptState
from billing_core.charging.refund import RefundState
from billing_core.gateways.results import RefundResult
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.service.calls import SendRefund
from billing_core.service.commands import By
from billing_core.service.refund_flows import refund
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Commit, Flow
from tests.unit.service.stage import ADA, PRICE, SYSTEM, Hand, Stage, paid_periods

BY = By(actor=SYSTEM, reason="as promised")

#: What the processor does with the first refund, and what becomes of its answer.
FATES: dict[str, Callable[[Stage], None]] = {
    "given back": lambda stage: None,
    "given back, answer lost": lambda stage: stage.gateway.next_refund_response_is_lost(),
    "request lost": lambda stage: stage.gateway.next_refund_request_is_lost(),
    "refused": lambda stage: stage.gateway.next_refund_is_refused(),
    "surely not attempted": lambda stage: stage.gateway.next_refund_gives(RefundResult.not_attempted()),
    "adapter says unknown": lambda stage: stage.gateway.next_refund_gives(RefundResult.unknown("http_500")),
    "two answers lost": lambda stage: (
        stage.gateway.next_refund_request_is_lost(),
        stage.gateway.next_refund_response_is_lost(),
    )[0],
}

YIELDS_MAX = 40


def _prepared(fate: str) -> tuple[Stage, str]:
    stage = Stage()
    _, invoice, _ = stage.paid()
    FATES[fate](stage)
    return stage, invoice.id


def _refund(stage: Stage, invoice_id: str) -> Flow[Any]:
    return refund(stage.context, invoice_id, BY, amount=None, ends_license=False)


def _points(hand: Hand) -> range:
    """How many requests of a flow may be answered before a crash: none, each number, all."""
    points = 0
    while not hand.is_done:
        hand.step()
        points += 1
    assert points < YIELDS_MAX
    return range(points + 1)


def _crashed(hand: Hand, point: int) -> None:
    """The process is gone; what it had been answered and not committed is lost."""
    for _ in range(point):
        hand.step()


def _refund_points() -> Iterator[tuple[str, int]]:
    for fate in FATES:
        stage, invoice_id = _prepared(fate)
        yield from ((fate, point) for point in _points(Hand(stage, _refund(stage, invoice_id))))


@pytest.mark.parametrize(("fate", "point"), list(_refund_points()))
def test_crash_in_a_refund(fate: str, point: int) -> None:
    """What was decided goes back once; what was not is decided by asking again; a refusal gives nothing."""
    stage, invoice_id = _prepared(fate)
    _crashed(Hand(stage, _refund(stage, invoice_id)), point)
    stage.run_until_calm(days=3)
    if not stage.billing.refunds().items:
        stage.billing.refund(invoice_id, actor=SYSTEM, reason="asked again")
        stage.run_until_calm(days=3)
    (end,) = stage.billing.refunds().items
    expected = RefundState.DECLINED if fate == "refused" else RefundState.SUCCEEDED
    assert expected is end.state
    assert ([] if fate == "refused" else [PRICE]) == [it.amount for it in stage.gateway.refund_ledger()]
    stage.ensure_sound()


@pytest.mark.parametrize("fate", ["given back, answer lost", "request lost", "two answers lost"])
@pytest.mark.parametrize("second", range(10))
def test_two_crashes_in_a_row(fate: str, second: int) -> None:
    """A crash right after the send, and another one anywhere in the recovery."""
    stage, invoice_id = _prepared(fate)
    hand = Hand(stage, _refund(stage, invoice_id))
    hand.until(SendRefund)
    hand.step()
    stage.clock.advance(minutes=6)
    (sent,) = stage.billing.refunds().items
    again = Hand(stage, look_after(stage.context, sent.license_id))
    for _ in range(second):
        if not again.is_done:
            again.step()
    stage.run_until_calm(days=3)
    assert [PRICE] == [it.amount for it in stage.gateway.refund_ledger()]
    stage.ensure_sound()


def test_every_refund_follows_its_committed_intent() -> None:
    """When a request reaches the processor, the refund with that very request is on file, as sent."""
    stage, invoice_id = _prepared("given back")
    known = []
    give_back = stage.gateway.refund

    def spied(request: object) -> Any:
        known.append([(it.request, it.sends) for it in stage.billing.refunds().items])
        return give_back(request)

    stage.gateway.refund = spied
    done = stage.billing.refund(invoice_id, actor=SYSTEM, reason="as promised")
    assert [[(done.request, 1)]] == known


def test_a_commit_that_was_applied_but_answered_with_an_error() -> None:
    """A send whose commit seemed to fail is looked up later, and the money goes back once."""
    stage, invoice_id = _prepared("given back")
    hand = Hand(stage, _refund(stage, invoice_id))
    hand.until(Commit)
    hand.step()
    request = hand.until(Commit)
    stage.store.commit([request.change])
    with pytest.raises(ConnectionError):
        hand.flow.throw(ConnectionError("lost the connection after COMMIT"))
    stage.run_until_calm(days=2)
    assert [PRICE] == [it.amount for it in stage.gateway.refund_ledger()]
    stage.ensure_sound()


# -- the policy's refund ------------------------------------------------------------


def _canceled_in_doubt() -> tuple[Stage, str]:
    stage = Stage(BillingPolicy(cancel_uncertain=CancelUncertain.REFUND))
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    stage.billing.cancel(license.id, actor=ADA, at_period_end=False, reason="too dear")
    stage.clock.advance(minutes=6)
    return stage, license.id


def _policy_points() -> range:
    stage, license_id = _canceled_in_doubt()
    return _points(Hand(stage, look_after(stage.context, license_id)))


@pytest.mark.parametrize("point", _policy_points())
def test_crash_while_the_policy_gives_back(point: int) -> None:
    """The late success, its one alert and its one refund: all of it, or none of it yet."""
    stage, license_id = _canceled_in_doubt()
    _crashed(Hand(stage, look_after(stage.context, license_id)), point)
    stage.run_until_calm(days=3)
    assert [PRICE] == [it.amount for it in stage.gateway.refund_ledger()]
    assert 1 == stage.event_types()["charge.orphaned"] == stage.event_types()["refund.started"]
    assert () == stage.billing.needs_attention().items
    stage.ensure_sound()


# -- a charge that is called off ---------------------------------------------------------


def _never(request: object) -> Any:
    raise TimeoutError


def _answer_lost(stage: Stage) -> None:
    calls_off = stage.gateway.cancel_charge

    def lose(request: object) -> Any:
        stage.gateway.cancel_charge = calls_off
        calls_off(request)
        raise TimeoutError

    stage.gateway.cancel_charge = lose


def _request_lost(stage: Stage) -> None:
    calls_off = stage.gateway.cancel_charge

    def lose(request: object) -> Any:
        stage.gateway.cancel_charge = calls_off
        raise TimeoutError

    stage.gateway.cancel_charge = lose


def _confirmed_first(stage: Stage) -> None:
    (attempt,) = stage.billing.attempts().items
    stage.gateway.cardholder_confirms(attempt.request.reference)


#: What becomes of the call that calls a charge off, and whether its money is taken after all.
CALLS: dict[str, tuple[Callable[[Stage], None], bool]] = {
    "called off": (lambda stage: None, False),
    "answer lost": (_answer_lost, False),
    "request lost": (_request_lost, False),
    "never reached": (lambda stage: setattr(stage.gateway, "cancel_charge", _never), False),
    "confirmed just before": (_confirmed_first, True),
}
WHY = ("license canceled", "card replaced")


def _waiting(call: str, why: str) -> tuple[Stage, str]:
    """A charge that waits for the cardholder and is not wanted any more."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_requires_action()
    stage.billing.run_due()
    if why == "license canceled":
        stage.billing.cancel(license.id, actor=ADA, at_period_end=False)
    else:
        (card,) = stage.billing.account(license.account_id).cards
        stage.add_card(license.account_id, replace=card.id)
    CALLS[call][0](stage)
    return stage, license.id


def _call_points() -> Iterator[tuple[str, str, int]]:
    for call in CALLS:
        for why in WHY:
            stage, license_id = _waiting(call, why)
            points = _points(Hand(stage, look_after(stage.context, license_id)))
            yield from ((call, why, point) for point in points)


@pytest.mark.parametrize(("call", "why", "point"), list(_call_points()))
def test_crash_while_a_charge_is_called_off(call: str, why: str, point: int) -> None:
    """It ends as called off, or as the success that came first; the old card is never charged again."""
    stage, license_id = _waiting(call, why)
    _crashed(Hand(stage, look_after(stage.context, license_id)), point)
    stage.run_until_calm(days=10)
    first, *others = stage.attempts(license_id)
    is_taken = CALLS[call][1]
    assert (AttemptState.SUCCEEDED if is_taken else AttemptState.DECLINED) is first.state
    assert [] == [it for it in others if it.card_id == first.card_id]
    expected = 1 if is_taken or why == "card replaced" else 0
    assert expected == len(stage.gateway.captures) == len(paid_periods(stage.license(license_id)))
    stage.ensure_sound()
