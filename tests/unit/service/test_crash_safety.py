"""A crash anywhere, whatever became of the call: one capture, one coverage row, the same end as without."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.results import ChargeResult
from billing_core.service.renewal_flow import look_after
from billing_core.testing import ScriptedGateway
from tests.unit.service.stage import KEYED, NO_KEYS, PRICE, Hand, Stage, crash_points, end_of, paid_periods

#: What the processor does with the first charge, and what becomes of its answer.
FATES: dict[str, Callable[[Stage], None]] = {
    "approved": lambda stage: None,
    "approved, answer lost": lambda stage: stage.gateway.next_response_is_lost(),
    "request lost": lambda stage: stage.gateway.next_request_is_lost(),
    "declined for now": lambda stage: stage.gateway.next_charge_declines(Advice.RETRY_LATER),
    "surely not attempted": lambda stage: stage.gateway.next_charge_gives(
        ChargeResult.not_attempted(retry_after=timedelta(minutes=5))
    ),
    "adapter says unknown": lambda stage: stage.gateway.next_charge_gives(ChargeResult.unknown("http_500")),
    "adapter raises": lambda stage: stage.gateway.next_charge_raises(ValueError("bad json")),
    "two answers lost": lambda stage: (
        stage.gateway.next_request_is_lost(),
        stage.gateway.next_response_is_lost(),
    )[0],
}

YIELDS_MAX = 30


def _prepared(fate: str) -> tuple[Stage, str]:
    stage = Stage()
    license = stage.subscribe()
    FATES[fate](stage)
    return stage, license.id


@pytest.mark.parametrize(("fate", "point", "is_after"), list(crash_points(FATES, _prepared, YIELDS_MAX)))
def test_crash_and_rerun_end_like_no_crash(fate: str, point: int, is_after: bool) -> None:
    """Stopped at any request and run again: one capture, one row, the end of a run without crash."""
    stage, license_id = _prepared(fate)
    hand = Hand(stage, look_after(stage.context, license_id))
    for _ in range(point):
        hand.step()
    if is_after:
        hand.step()
    del hand  # the process is gone; what it had answered and not committed is lost
    stage.run_until_calm()

    undisturbed, same_license_id = _prepared(fate)
    undisturbed.billing.run_due()
    undisturbed.run_until_calm()

    assert end_of(undisturbed, same_license_id) == end_of(stage, license_id)
    assert [PRICE] == [capture.amount for capture in stage.gateway.captures]
    assert 1 == len(paid_periods(stage.license(license_id)))
    stage.ensure_sound()


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("second", range(12))
def test_two_crashes_in_a_row(fate: str, second: int) -> None:
    """A crash right after the send, and another one anywhere in the recovery."""
    stage, license_id = _prepared(fate)
    hand = Hand(stage, look_after(stage.context, license_id))
    for _ in range(5):
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


@pytest.mark.parametrize("capabilities", [KEYED, NO_KEYS], ids=["keys only", "nothing"])
@pytest.mark.parametrize("point", range(9))
@pytest.mark.parametrize("fate", FATES)
def test_lesser_gateways_never_charge_twice(fate: str, point: int, capabilities: Capabilities) -> None:
    """Without a look-up, what can't be found out goes to a person: nothing lost, nothing repeated."""
    stage = Stage(gateway=ScriptedGateway(capabilities))
    license = stage.subscribe()
    FATES[fate](stage)
    hand = Hand(stage, look_after(stage.context, license.id))
    for _ in range(point):
        if not hand.is_done:
            hand.step()
    del hand
    stage.run_until_calm(days=3)
    captures, rows = len(stage.gateway.captures), len(paid_periods(stage.license(license.id)))
    waiting = stage.billing.needs_attention().items
    assert captures <= 1
    if capabilities is NO_KEYS and fate != "declined for now":
        # One send ever, but for one that surely did nothing.
        assert stage.gateway.sends <= 1 + (fate == "surely not attempted")
    assert rows == captures or (rows == 0 and len(waiting) == 1)
    assert rows == 1 or len(waiting) == 1
    stage.ensure_sound()


def test_every_call_follows_its_committed_intent() -> None:
    """When a request reaches the processor, the attempt with that very request is on file."""
    stage, license_id = _prepared("approved")
    known = []
    charge = stage.gateway.charge

    def spied(request: object) -> Any:
        known.append([attempt.request for attempt in stage.attempts(license_id)])
        return charge(request)

    stage.gateway.charge = spied
    stage.billing.run_due()
    assert [[stage.attempt(license_id).request]] == known


def test_commit_that_was_applied_but_answered_with_an_error() -> None:
    """An intent whose commit seemed to fail is sent later, once."""
    stage, license_id = _prepared("approved")
    commit = stage.store.commit

    def broken(changes: object) -> object:
        commit(changes)  # type: ignore[arg-type]
        raise ConnectionError("lost the connection after COMMIT")

    stage.store.commit = broken  # type: ignore[method-assign, assignment]
    report = stage.billing.run_due()
    assert ["ConnectionError"] == [type(failure.error).__name__ for failure in report.failures]
    assert AttemptState.OPEN is stage.attempt(license_id).state
    stage.store.commit = commit  # type: ignore[method-assign]
    stage.run_until_calm(days=2)
    assert [PRICE] == [capture.amount for capture in stage.gateway.captures]
    stage.ensure_sound()
