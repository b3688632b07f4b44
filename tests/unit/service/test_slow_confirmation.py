"""A cardholder who confirms in the last moment has paid, whatever an answer from before says."""

from __future__ import annotations

import attrs
import pytest

from billing_core.charging.attempt import AttemptState
from billing_core.gateways.capabilities import Operation
from billing_core.service.calls import LookUp, Send
from billing_core.service.renewal_flow import look_after
from billing_core.testing.gateways import ScriptedGateway
from tests.unit.service.stage import Hand, Stage


@pytest.fixture
def stage() -> Stage:
    """A vendor whose processor asks the next card's holder to confirm."""
    stage = Stage()
    stage.gateway.next_charge_requires_action()
    return stage


def _confirm(stage: Stage, license_id: str) -> None:
    stage.gateway.cardholder_confirms(stage.attempt(license_id).request.reference)


def test_look_up_that_waited_for_a_day(stage: Stage) -> None:
    """A worker asks in time, and sleeps until the time to confirm is long over: it has to ask again."""
    license = stage.subscribe()
    stage.billing.run_due()
    stage.clock.advance(minutes=5)
    slow = Hand(stage, look_after(stage.context, license.id))
    slow.until(LookUp)
    slow.step()
    _confirm(stage, license.id)
    stage.clock.advance(days=3)
    slow.finish()
    stage.run_until_calm(days=1)
    assert AttemptState.SUCCEEDED is stage.attempt(license.id).state
    assert 1 == len(stage.gateway.captures) == stage.gateway.sends
    stage.ensure_sound()


def test_answer_to_a_send_that_waited_for_a_day(stage: Stage) -> None:
    """It asked for a confirmation when it came; settled days later, it does not say that there was none."""
    license = stage.subscribe()
    slow = Hand(stage, look_after(stage.context, license.id))
    slow.until(Send)
    slow.step()
    stage.clock.advance(minutes=5)
    stage.billing.run_due()
    assert AttemptState.REQUIRES_ACTION is stage.attempt(license.id).state
    _confirm(stage, license.id)
    stage.clock.advance(days=3)
    slow.finish()
    stage.run_until_calm(days=1)
    assert AttemptState.SUCCEEDED is stage.attempt(license.id).state
    assert 1 == len(stage.gateway.captures) == stage.gateway.sends
    stage.ensure_sound()


def test_confirmation_long_after_the_time_for_it(stage: Stage) -> None:
    """What the processor lets run on is called off before it counts as declined: it can not be captured."""
    license = stage.subscribe()
    stage.billing.run_due()
    waiting = stage.attempt(license.id)
    stage.clock.advance(days=1)
    stage.billing.run_due()
    assert AttemptState.DECLINED is stage.attempt(license.id).state
    stage.clock.advance(days=1)
    stage.gateway.cardholder_confirms(waiting.request.reference)
    assert [] == list(stage.gateway.captures)
    stage.ensure_sound()


def test_confirmation_that_a_look_up_does_not_show_yet() -> None:
    """The processor's look-ups lag: what they say at the very end is no proof that nobody confirmed."""
    everything = ScriptedGateway().capabilities
    stage = Stage(
        gateway=ScriptedGateway(
            attrs.evolve(everything, operations=everything.operations - {Operation.CANCEL_CHARGE})
        )
    )
    stage.gateway.next_charge_requires_action()
    license = stage.subscribe()
    stage.billing.run_due()
    waiting = stage.gateway.find_charge(stage.attempt(license.id).request)
    stage.clock.advance(days=1)
    _confirm(stage, license.id)
    find_charge, stage.gateway.find_charge = stage.gateway.find_charge, lambda request: waiting
    stage.billing.run_due()
    assert AttemptState.REQUIRES_ACTION is stage.attempt(license.id).state
    stage.gateway.find_charge = find_charge
    stage.run_until_calm(days=1)
    assert AttemptState.SUCCEEDED is stage.attempt(license.id).state
    assert 1 == len(stage.gateway.captures) == stage.gateway.sends
    stage.ensure_sound()
