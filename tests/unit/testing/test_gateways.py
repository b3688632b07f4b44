"""The processor in memory behaves like a good one: keys replay, look-ups find, the ledger tells the truth."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.advice import Advice
from billing_core.errors import GatewayRequestError, NotFound, WebhookRejected
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.port import AsyncPaymentGateway, PaymentGateway
from billing_core.gateways.results import (
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    Outcome,
    RefundRequest,
    RefundResult,
    SetupOutcome,
    SetupRequest,
)
from billing_core.gateways.webhooks import DisputeStatus
from billing_core.testing import AsyncScriptedGateway, ManualClock, ScriptedGateway
from billing_core.values.money import Money

PRICE = Money.of("59.97", "EUR")


def _request(key: str = "key_1", reference: str = "ref_1", amount: Money = PRICE) -> ChargeRequest:
    return ChargeRequest(amount=amount, reference=reference, idempotency_key=key, card=CardToken("tok_1"))


def _refund(gateway_ref: str | None, amount: str, key: str = "refund_1") -> RefundRequest:
    return RefundRequest(
        amount=Money.of(amount, "EUR"),
        charge_reference="ref_1",
        gateway_ref=gateway_ref,
        reference="refund_ref_1",
        idempotency_key=key,
    )


def test_approves_and_remembers() -> None:
    """One capture per key, however often it is sent; a look-up finds it."""
    gateway = ScriptedGateway()
    first = gateway.charge(_request())
    assert (Outcome.SUCCEEDED, PRICE) == (first.outcome, first.amount)
    assert first == gateway.charge(_request()) == gateway.find_charge(_request())
    (capture,) = gateway.captures
    assert ("ref_1", "key_1", PRICE, 2) == (
        capture.reference,
        capture.idempotency_key,
        capture.amount,
        gateway.sends,
    )


def test_same_key_for_another_request() -> None:
    """A key names one request."""
    gateway = ScriptedGateway()
    gateway.charge(_request())
    with pytest.raises(GatewayRequestError):
        gateway.charge(_request(amount=Money.of(1, "EUR")))
    assert 1 == len(gateway.captures)


def test_script_is_played_in_order() -> None:
    """Declines, losses and errors, then approvals again."""
    gateway = ScriptedGateway()
    gateway.next_charge_declines(Advice.RETRY_LATER, gateway_code="51", not_before=timedelta(hours=1))
    gateway.next_request_is_lost()
    gateway.next_response_is_lost()
    gateway.next_charge_raises(ValueError("odd"))
    gateway.next_charge_gives(ChargeResult.unknown("http_500"))
    declined = gateway.charge(_request("key_1"))
    assert declined.decline is not None
    assert (Advice.RETRY_LATER, "51", timedelta(hours=1)) == (
        declined.decline.advice,
        declined.decline.gateway_code,
        declined.decline.not_before,
    )
    for key, error in (("key_2", TimeoutError), ("key_3", TimeoutError), ("key_4", ValueError)):
        with pytest.raises(error):
            gateway.charge(_request(key))
    assert Outcome.UNKNOWN is gateway.charge(_request("key_5")).outcome
    assert ["key_3"] == [capture.idempotency_key for capture in gateway.captures]
    found = [gateway.find_charge(_request(f"key_{number}")) for number in range(1, 6)]
    assert [
        Outcome.DECLINED,
        None,
        Outcome.SUCCEEDED,
        None,
        None,
    ] == [answer.outcome if isinstance(answer, ChargeResult) else None for answer in found]
    assert ChargeNotFound() == found[1]


def test_declining_card() -> None:
    """A card declines until it works again."""
    gateway = ScriptedGateway()
    token = CardToken("tok_1")
    gateway.card_declines(token, Advice.NEVER)
    assert [Outcome.DECLINED] * 2 == [gateway.charge(_request(key)).outcome for key in ("a", "b")]
    gateway.card_works_again(token)
    assert Outcome.SUCCEEDED is gateway.charge(_request("c")).outcome


def test_cardholder_confirms() -> None:
    """What waits for the cardholder is captured when they confirm, and only that."""
    gateway = ScriptedGateway()
    gateway.next_charge_requires_action()
    gateway.next_charge_requires_action()
    result = gateway.charge(_request())
    gateway.charge(_request("key_2", "ref_2"))
    assert result.action is not None
    assert ("https://processor.example/confirm", ()) == (result.action.url, gateway.captures)
    gateway.cardholder_confirms("ref_1")
    gateway.cardholder_confirms("ref_1")
    assert ["key_1"] == [capture.idempotency_key for capture in gateway.captures]


def test_call_off() -> None:
    """What is not captured can be called off; what is, stays."""
    gateway = ScriptedGateway()
    assert ChargeNotFound() == gateway.cancel_charge(_request())
    gateway.next_charge_requires_action()
    gateway.charge(_request())
    canceled = gateway.cancel_charge(_request())
    assert isinstance(canceled, ChargeResult)
    assert Outcome.DECLINED is canceled.outcome
    assert canceled == gateway.find_charge(_request())
    gateway.cardholder_confirms("ref_1")
    assert () == gateway.captures
    paid = gateway.charge(_request("key_2"))
    assert paid == gateway.cancel_charge(_request("key_2"))


def test_fence() -> None:
    """Prepared, confirmed at most once, confirmed again after a decline, and never after it was closed."""
    gateway = ScriptedGateway()
    ref = gateway.prepare_charge(_request())
    assert isinstance(ref, str)
    assert ref == gateway.prepare_charge(_request())
    assert ChargeNotFound() == gateway.get_charge(ref) == gateway.find_charge(_request())
    gateway.next_charge_declines(Advice.RETRY_LATER)
    assert Outcome.DECLINED is gateway.confirm_charge(ref, _request()).outcome
    paid = gateway.confirm_charge(ref, _request())
    assert Outcome.SUCCEEDED is paid.outcome
    assert paid == gateway.confirm_charge(ref, _request()) == gateway.get_charge(ref)
    assert paid == gateway.cancel_charge(_request())
    closed = gateway.prepare_charge(_request("key_2"))
    canceled = gateway.cancel_charge(_request("key_2"))
    assert canceled == gateway.confirm_charge(str(closed), _request("key_2"))
    assert 1 == len(gateway.captures)


def test_fence_refuses_what_it_does_not_know() -> None:
    """Another request under a used key, and ids that it never gave."""
    gateway = ScriptedGateway()
    gateway.prepare_charge(_request())
    with pytest.raises(GatewayRequestError, match="used for another request"):
        gateway.prepare_charge(_request(amount=Money.of(1, "EUR")))
    with pytest.raises(GatewayRequestError, match="no such charge"):
        gateway.confirm_charge("prep_other", _request())


def test_script_of_preparations() -> None:
    """Lost before or after, or answered with why not; then as usual."""
    gateway = ScriptedGateway()
    gateway.next_prepare_is_lost(is_prepared=False)
    gateway.next_prepare_is_lost(is_prepared=True)
    gateway.next_prepare_gives(ChargeResult.not_attempted())
    for told in ("the request was lost", "the answer was lost"):
        with pytest.raises(TimeoutError, match=told):
            gateway.prepare_charge(_request())
    assert Outcome.NOT_ATTEMPTED is getattr(gateway.prepare_charge(_request()), "outcome", None)
    assert "prep_key_1" == gateway.prepare_charge(_request())


def test_pending_settles() -> None:
    """Either way, and only once."""
    gateway = ScriptedGateway()
    for _ in range(2):
        gateway.next_charge_gives(ChargeResult.pending())
    gateway.charge(_request("key_1", "ref_1"))
    gateway.charge(_request("key_2", "ref_2"))
    gateway.pending_charge_settles("ref_1", ChargeResult.succeeded(PRICE))
    gateway.pending_charge_settles("ref_2", ChargeResult.declined(Advice.NEW_CARD))
    gateway.pending_charge_settles("ref_2", ChargeResult.succeeded(PRICE))
    assert ["key_1"] == [capture.idempotency_key for capture in gateway.captures]


def test_refunds() -> None:
    """In parts, never more than was captured, once per key, and found again."""
    gateway = ScriptedGateway()
    ref = gateway.charge(_request()).gateway_ref
    first = gateway.refund(_refund(ref, "20.00"))
    assert (Outcome.SUCCEEDED, Money.of(20, "EUR")) == (first.outcome, first.amount)
    assert first == gateway.refund(_refund(ref, "20.00")) == gateway.find_refund(_refund(ref, "20.00"))
    assert Outcome.DECLINED is gateway.refund(_refund(ref, "39.98", "refund_2")).outcome
    assert Outcome.SUCCEEDED is gateway.refund(_refund(ref, "39.97", "refund_3")).outcome
    assert Outcome.DECLINED is gateway.refund(_refund("ch_none", "1.00", "refund_4")).outcome
    assert ChargeNotFound() == gateway.find_refund(_refund(ref, "1.00", "refund_5"))
    assert PRICE == gateway.captures[0].refunded
    assert [Money.of(20, "EUR"), Money.of("39.97", "EUR")] == [it.amount for it in gateway.refund_ledger()]


def test_a_refund_key_is_used_for_one_request() -> None:
    """Another amount under it is refused, whatever became of the first."""
    gateway = ScriptedGateway()
    ref = gateway.charge(_request()).gateway_ref
    gateway.refund(_refund(ref, "20.00"))
    with pytest.raises(GatewayRequestError):
        gateway.refund(_refund(ref, "21.00"))


def test_a_pending_refund_settles() -> None:
    """The money goes back, or the processor refuses in the end; others stay what they are."""
    gateway = ScriptedGateway()
    ref = gateway.charge(_request()).gateway_ref
    requests = [
        attrs.evolve(_refund(ref, "1.00", f"refund_{n}"), reference=f"reference_{n}") for n in range(2)
    ]
    for request in requests:
        gateway.next_refund_gives(RefundResult.pending())
        gateway.refund(request)
    gateway.pending_refund_settles("nobody")
    assert () == gateway.refund_ledger()
    gateway.pending_refund_settles(requests[0].reference)
    first = gateway.find_refund(requests[0])
    assert isinstance(first, RefundResult)
    assert Outcome.SUCCEEDED is first.outcome
    gateway.pending_refund_settles(requests[1].reference, RefundResult.declined("closed"))
    assert RefundResult.declined("closed") == gateway.find_refund(requests[1])
    assert 1 == len(gateway.refund_ledger())


def test_what_happened_to_no_refund_is_not_remembered() -> None:
    """A refusal at the door is no answer under the key; the next send is looked at afresh."""
    gateway = ScriptedGateway()
    ref = gateway.charge(_request()).gateway_ref
    gateway.next_refund_gives(RefundResult.not_attempted())
    assert Outcome.NOT_ATTEMPTED is gateway.refund(_refund(ref, "20.00")).outcome
    assert ChargeNotFound() == gateway.find_refund(_refund(ref, "20.00"))
    assert Outcome.SUCCEEDED is gateway.refund(_refund(ref, "20.00")).outcome


def test_another_amount_than_asked_for_is_captured() -> None:
    """And said: what a partial approval looks like."""
    gateway = ScriptedGateway()
    gateway.next_charge_captures(Money.of(1, "EUR"))
    assert Money.of(1, "EUR") == gateway.charge(_request()).amount == gateway.captures[0].amount


def _setup(gateway: ScriptedGateway, customer_ref: str | None = None) -> str:
    request = SetupRequest(
        setup_id="setup_1",
        account_id="acc_1",
        return_url="https://host/ok",
        currency="EUR",
        customer_ref=customer_ref,
    )
    return gateway.begin_card_setup(request).session_ref


def test_card_setup() -> None:
    """Pending, then a card; beginning again is the same visit."""
    gateway = ScriptedGateway()
    ref = _setup(gateway)
    assert SetupOutcome.PENDING is gateway.complete_card_setup(ref).outcome
    token = gateway.customer_enters_card(
        "setup_1", last4="1881", brand="mastercard", expires=CardExpiry(2030, 1), fingerprint="fp_same"
    )
    assert ref == _setup(gateway)
    result = gateway.complete_card_setup(ref)
    assert result.card is not None
    assert (SetupOutcome.COMPLETED, "cus_acc_1", "1881", "mastercard", "fp_same") == (
        result.outcome,
        result.customer_ref,
        result.card.last4,
        result.card.brand,
        result.card.fingerprint,
    )
    assert result.card == gateway.describe_card(token)
    gateway.detach_card(token)
    gateway.detach_card(token)
    assert None is gateway.describe_card(token)


def test_card_setup_of_a_known_customer() -> None:
    """The customer stays who they are; giving up gives no card."""
    gateway = ScriptedGateway()
    ref = _setup(gateway, "cus_known")
    gateway.customer_enters_card("setup_1")
    assert "cus_known" == gateway.complete_card_setup(ref).customer_ref
    gateway.customer_gives_up("setup_1")
    assert SetupOutcome.ABANDONED is gateway.complete_card_setup(ref).outcome


@pytest.mark.parametrize(
    "act",
    [
        lambda gateway: gateway.customer_enters_card("setup_9"),
        lambda gateway: gateway.customer_gives_up("setup_9"),
        lambda gateway: gateway.complete_card_setup("sess_setup_9"),
    ],
)
def test_card_setup_that_nobody_began(act: Callable[[ScriptedGateway], object]) -> None:
    """A typo in a test is told as such."""
    with pytest.raises(NotFound):
        act(ScriptedGateway())


def test_notices() -> None:
    """Signed over the raw bytes; header names in any case."""
    gateway = ScriptedGateway()
    body, headers = gateway.notice("ref_1", "evt_9")
    notice = gateway.parse_webhook(body, {name.upper(): value for name, value in headers.items()})
    assert ("evt_9", ("ref_1",)) == (notice.id, notice.references)
    with pytest.raises(WebhookRejected):
        gateway.parse_webhook(body, {})
    with pytest.raises(WebhookRejected):
        ScriptedGateway(webhook_secret=b"another").parse_webhook(body, headers)


def _operations(port: type) -> list[str]:
    return [name for name, it in vars(port).items() if inspect.isfunction(it) and not name.startswith("_")]


CALLS: dict[str, Callable[[Any], Any]] = {
    "charge": lambda gateway: gateway.charge(_request()),
    "find_charge": lambda gateway: gateway.find_charge(_request()),
    "cancel_charge": lambda gateway: gateway.cancel_charge(_request()),
    "refund": lambda gateway: gateway.refund(_refund("ch_1", "1.00")),
    "find_refund": lambda gateway: gateway.find_refund(_refund("ch_1", "1.00")),
    "describe_refund": lambda gateway: gateway.describe_refund("re_1"),
    "describe_dispute": lambda gateway: gateway.describe_dispute("dp_1"),
    "list_charges": lambda gateway: gateway.list_charges(datetime(2025, 1, 31, tzinfo=UTC)),
    "begin_card_setup": lambda gateway: gateway.begin_card_setup(
        SetupRequest(setup_id="setup_1", account_id="acc_1", return_url="https://host/ok", currency="EUR")
    ),
    "complete_card_setup": lambda gateway: gateway.complete_card_setup("sess_setup_1"),
    "describe_card": lambda gateway: gateway.describe_card(CardToken("tok_1")),
    "detach_card": lambda gateway: gateway.detach_card(CardToken("tok_1")),
    "parse_webhook": lambda gateway: gateway.parse_webhook(*ScriptedGateway().notice("ref_1")),
}


def test_calls_are_the_port() -> None:
    """Every operation of both ports is called below."""
    assert sorted(CALLS) == sorted(_operations(PaymentGateway)) == sorted(_operations(AsyncPaymentGateway))


def test_async_gateway_answers_like_its_script() -> None:
    """Each operation gives what the script gives; only notices are read without awaiting."""
    plain, script = ScriptedGateway(), ScriptedGateway()
    awaited = AsyncScriptedGateway(script)
    for gateway in (plain, script):
        _setup(gateway)

    async def call(name: str) -> Any:
        answer = CALLS[name](awaited)
        return answer if name == "parse_webhook" else await answer

    for name, operation in CALLS.items():
        assert operation(plain) == asyncio.run(call(name)), name
    assert plain.captures == script.captures
    assert plain.capabilities == awaited.capabilities
    assert frozenset(Operation) == awaited.capabilities.operations
    assert () == AsyncScriptedGateway().script.captures


def test_capture_shows_no_token() -> None:
    """A ledger that is printed shows the card's token to nobody."""
    gateway = ScriptedGateway()
    gateway.charge(attrs.evolve(_request(), card=CardToken("tok_SENTINEL")))
    assert "SENTINEL" not in repr(gateway.captures)


def test_captures_are_listed_by_the_page() -> None:
    """Ten at a time, since an instant; dated by the clock, if there is one."""
    clock = ManualClock("2025-01-31T09:00+00:00")
    gateway = ScriptedGateway(clock=clock)
    for number in range(12):
        gateway.charge(_request(key=f"key_{number}"))
        clock.advance(hours=1)
    since = datetime(2025, 1, 31, 10, tzinfo=UTC)
    first = gateway.list_charges(since)
    second = asyncio.run(AsyncScriptedGateway(gateway).list_charges(since, first.next))
    listed = [*first.items, *second.items]
    assert (10, 1, None) == (len(first.items), len(second.items), second.next)
    assert [f"key_{number}" for number in range(1, 12)] == [it.idempotency_key for it in listed]
    assert since == listed[0].captured_at
    with pytest.raises(GatewayRequestError, match="no page starts there"):
        gateway.list_charges(since, "the last one")


def test_without_a_clock_everything_is_listed() -> None:
    """As if it were captured at the instant that is asked for."""
    gateway = ScriptedGateway()
    gateway.charge(_request())
    since = datetime(2030, 1, 1, tzinfo=UTC)
    assert [since] == [it.captured_at for it in gateway.list_charges(since).items]


def test_what_others_do_at_the_processor() -> None:
    """Refunds in the dashboard, within what was captured; of what is not there, nothing is made or told."""
    gateway = ScriptedGateway()
    _setup(gateway)
    gateway.charge(_request())
    (capture,) = gateway.captures
    told = gateway.refund_elsewhere(capture.gateway_ref, capture.amount)
    assert told == gateway.describe_refund(told.gateway_ref)
    with pytest.raises(GatewayRequestError, match="left"):
        gateway.refund_elsewhere(capture.gateway_ref, capture.amount)
    assert None is gateway.describe_refund("re_77")
    token = CardToken("tok_77")
    for unknown in (
        lambda: gateway.refund_elsewhere("ch_77", capture.amount),
        lambda: gateway.cardholder_disputes("ch_77"),
        lambda: gateway.dispute_becomes("dp_77", DisputeStatus.WON),
        lambda: gateway.card_is_renewed(token, expires=CardExpiry(2031, 5)),
    ):
        with pytest.raises(NotFound):
            unknown()


def test_a_refund_that_is_not_settled_is_described() -> None:
    """With what was asked for, as long as nothing went back."""
    gateway = ScriptedGateway()
    gateway.charge(_request())
    gateway.next_refund_gives(RefundResult.pending(gateway_ref="re_7"))
    gateway.refund(_refund("ch_1", "1.00"))
    told = gateway.describe_refund("re_7")
    assert told is not None
    assert (Outcome.PENDING, Money.of("1.00", "EUR")) == (told.outcome, told.amount)
