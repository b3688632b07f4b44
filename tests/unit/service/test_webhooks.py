"""Notices wake licenses: early, late, twice, forged or about nothing at all."""

from __future__ import annotations

import logging

import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.errors import CapabilityNotSupported, InvalidInput, WebhookRejected
from billing_core.gateways.port import BaseGateway
from billing_core.gateways.results import ChargeResult
from billing_core.gateways.webhooks import WebhookNotice
from billing_core.service.billing import Billing
from billing_core.service.calls import LookUp, Send
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Commit
from billing_core.service.webhook_flow import wake_by_notice
from billing_core.stores.port import CommitResult, Guard, RecordKind
from billing_core.testing import ScriptedGateway
from tests.unit.service.stage import KEYED, Hand, Stage, paid_periods, states


def _uncertain(**options: object) -> tuple[Stage, str, str]:
    """A license whose charge was captured while the answer got lost."""
    stage = Stage(**options)  # type: ignore[arg-type]
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    return stage, license.id, stage.attempt(license.id).request.reference


def test_notice_lets_the_charge_be_looked_up_at_once() -> None:
    """Without the notice the look-up would wait for five minutes."""
    stage, license_id, reference = _uncertain()
    assert 0 == stage.billing.run_due().licenses
    assert (license_id,) == stage.billing.handle_webhook(*stage.gateway.notice(reference))
    stage.billing.run_due()
    assert AttemptState.SUCCEEDED is stage.attempt(license_id).state
    stage.ensure_sound()


def test_repeated_notice_writes_once() -> None:
    """A processor sends everything twice."""
    stage, license_id, reference = _uncertain()
    notice = stage.gateway.notice(reference)
    assert [(license_id,)] * 2 == [stage.billing.handle_webhook(*notice) for _ in range(2)]
    assert 1 == stage.event_types()["charge.noticed"]
    stage.billing.run_due()
    assert () == stage.billing.handle_webhook(*notice)
    assert 1 == len(stage.gateway.captures)
    stage.ensure_sound()


def test_notice_before_the_reply() -> None:
    """The processor is faster with its notice than with its answer: settled once, whoever comes first."""
    stage = Stage()
    license = stage.subscribe()
    hand = Hand(stage, look_after(stage.context, license.id))
    hand.until(Send)
    hand.step()
    reference = stage.attempt(license.id).request.reference
    assert (license.id,) == stage.billing.handle_webhook(*stage.gateway.notice(reference))
    stage.billing.run_due()
    assert AttemptState.SUCCEEDED is stage.attempt(license.id).state
    hand.finish()
    assert 1 == stage.event_types()["charge.succeeded"]
    assert 1 == len(paid_periods(stage.license(license.id)))
    stage.ensure_sound()


def test_notice_about_nothing_known() -> None:
    """Another system's charge, or a test notice: nothing happens."""
    stage, _, _ = _uncertain()
    before = stage.contents()
    assert () == stage.billing.handle_webhook(*stage.gateway.notice("other-system-1"))
    assert before == stage.contents()


def test_notice_years_later_changes_nothing() -> None:
    """A notice about a charge that was settled long ago."""
    stage, license_id, reference = _uncertain()
    stage.run_until_calm(days=0)
    stage.clock.advance(days=2000)
    before = stage.contents()
    assert () == stage.billing.handle_webhook(*stage.gateway.notice(reference))
    assert before == stage.contents()
    assert [AttemptState.SUCCEEDED] == states(stage.attempts(license_id))


def test_notice_of_a_decline_changes_nothing() -> None:
    """It is looked up, for it might tell of money, and says what is known already."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    stage.billing.run_due()
    before = stage.contents()
    reference = stage.attempt(license.id).request.reference
    assert () == stage.billing.handle_webhook(*stage.gateway.notice(reference))
    assert before == stage.contents()


def test_notice_about_a_voided_charge_of_which_the_processor_knows_nothing() -> None:
    """Not found is no news."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    stage.billing.run_due()
    attempt = stage.attempt(license.id)
    stage.gateway._known.clear()
    assert () == stage.billing.handle_webhook(*stage.gateway.notice(attempt.request.reference))


def test_notice_for_a_gateway_that_can_not_be_asked() -> None:
    """There is nobody to look the charge up with, so a notice changes nothing: neither resend nor hold."""
    stage, license_id, reference = _uncertain(gateway=ScriptedGateway(KEYED))
    before = stage.contents()
    assert () == stage.billing.handle_webhook(*stage.gateway.notice(reference))
    assert before == stage.contents()
    stage.run_until_calm(days=1)
    assert AttemptState.SUCCEEDED is stage.attempt(license_id).state
    assert () == stage.billing.handle_webhook(*stage.gateway.notice(reference))
    assert 1 == len(stage.gateway.captures)


def test_notice_for_a_held_charge() -> None:
    """A person is asked already."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_gives(ChargeResult.succeeded(stage.billing.dossier(license.id).account.balance))
    stage.billing.run_due()
    attempt = stage.attempt(license.id)
    assert AttemptState.HELD is attempt.state
    assert () == stage.billing.handle_webhook(*stage.gateway.notice(attempt.request.reference))


@pytest.mark.parametrize("is_given_up", [False, True], ids=["unresolved", "given up"])
def test_notice_that_always_loses_its_race(is_given_up: bool) -> None:
    """Somebody else is always faster: whoever it is, they woke the license."""
    stage = Stage()
    license = stage.subscribe()
    if is_given_up:
        stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    else:
        stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    attempt = stage.attempt(license.id)
    if is_given_up:
        stage.gateway._approve(attempt.request)
    notice = WebhookNotice(id="evt_1", references=(attempt.request.reference,))
    hand = Hand(stage, wake_by_notice(stage.context, notice))
    commits = 0
    while not hand.is_done:
        if isinstance(hand.request, Commit):
            commits += 1
            hand.answer(CommitResult(conflict=Guard(RecordKind.ATTEMPT, attempt.id, 1)))
        else:
            hand.step()
    assert (20, ()) == (commits, hand.result)


def test_forged_notice() -> None:
    """A wrong signature is refused, and nothing is believed."""
    stage, _, reference = _uncertain()
    body, headers = stage.gateway.notice(reference)
    before = stage.contents()
    with pytest.raises(WebhookRejected):
        stage.billing.handle_webhook(body + b" ", headers)
    with pytest.raises(WebhookRejected):
        stage.billing.handle_webhook(body, {})
    assert before == stage.contents()


class _Junk(BaseGateway):
    """An adapter that is not prepared for what anybody may send."""

    def parse_webhook(self, body: bytes, headers: object, /) -> WebhookNotice:
        """Whatever happens."""
        if not body:
            return None  # type: ignore[return-value]
        raise ValueError(f"can't read {body!r}")


def test_notice_that_the_adapter_can_not_read(caplog: pytest.LogCaptureFixture) -> None:
    """Any failure to read is a rejection; its text, which may quote the body, goes nowhere."""
    stage = Stage()
    billing = Billing(stage.store, {"main": _Junk()}, stage.policy, "test")  # type: ignore[dict-item]
    with caplog.at_level(logging.DEBUG, "billing_core"), pytest.raises(WebhookRejected) as rejected:
        billing.handle_webhook(b"tok_sentinel", {})
    assert "tok_sentinel" not in f"{rejected.value!r} {caplog.text} {rejected.value.__cause__}"
    with pytest.raises(WebhookRejected):
        billing.handle_webhook(b"", {})


def test_gateway_without_webhooks() -> None:
    """That is said as it is."""
    stage = Stage()
    billing = Billing(stage.store, {"main": BaseGateway()}, stage.policy, "test")  # type: ignore[dict-item]
    with pytest.raises(CapabilityNotSupported):
        billing.handle_webhook(b"", {})


def test_which_gateway() -> None:
    """With several gateways the host says whose notice it is."""
    stage = Stage()
    gateways = {"main": stage.gateway, "other": ScriptedGateway()}
    billing = Billing(stage.store, gateways, stage.policy, "test")
    body, headers = stage.gateway.notice("ref")
    assert () == billing.handle_webhook(body, headers, gateway_id="main")
    with pytest.raises(InvalidInput, match="gateway_id: is required"):
        billing.handle_webhook(body, headers)
    with pytest.raises(InvalidInput, match="gateway_id: is not a known value"):
        billing.handle_webhook(body, headers, gateway_id="mine")


def test_look_again_is_only_for_what_was_given_up() -> None:
    """A charge that succeeded is not looked up again."""
    stage, license_id, reference = _uncertain()
    stage.run_until_calm(days=0)
    hand = Hand(stage, wake_by_notice(stage.context, WebhookNotice(id="evt_1", references=(reference,))))
    seen = []
    while not hand.is_done:
        seen.append(type(hand.request))
        hand.step()
    assert LookUp not in seen
    assert 1 == len(stage.attempts(license_id))
