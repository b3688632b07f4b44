"""The adapters translate every answer, and every absence of one, into what is known about money."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.permissions import Actor
from billing_core.accounts.saved_card import CardToken
from billing_core.advice import Advice
from billing_core.errors import (
    CapabilityNotSupported,
    GatewayConfigError,
    GatewayRequestError,
    InvalidInput,
    WebhookRejected,
)
from billing_core.gateways.capabilities import GatewayGrade
from billing_core.gateways.port import AsyncFencedGateway, FencedGateway
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
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service.billing import Billing
from billing_core.stores.memory import MemoryStore
from billing_core.testing import (
    FENCED_CAPABILITIES,
    REFERENCE_CAPABILITIES,
    AsyncReferenceGateway,
    ManualClock,
    ProcessorSettings,
    ReferenceGateway,
    ReferenceProcessor,
)
from billing_core.testing.reference_gateway import exchanges
from billing_core.testing.reference_gateway.results import charge_of, refund_lost
from billing_core.testing.reference_gateway.wire import Call, Lost, Reply, read_reply
from billing_core.testing.reference_processor.processor import signed_notice
from billing_core.values.money import Money

SETTINGS = ProcessorSettings()
KEYS = {"api_key": SETTINGS.api_key, "webhook_secret": SETTINGS.webhook_secret}
PRICE = Money.of("59.97", "EUR")
NOTHING_DECLARED = attrs.evolve(REFERENCE_CAPABILITIES, operations=frozenset(), grade=GatewayGrade.KEYED)


class Awaited:
    """An adapter for asyncio as a plain one: each call runs a loop of its own."""

    def __init__(self, gateway: AsyncReferenceGateway) -> None:
        self._gateway = gateway

    def __repr__(self) -> str:
        return repr(self._gateway)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._gateway, name)
        return method if name == "parse_webhook" else lambda *args: asyncio.run(method(*args))


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    """The processor's time."""
    return ManualClock("2025-01-31T09:00+00:00")


@pytest.fixture(scope="module")
def processor(clock: ManualClock) -> Iterator[ReferenceProcessor]:
    """One processor for all tests; each has keys of its own."""
    with ReferenceProcessor(clock=clock.now) as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def flavor(request: pytest.FixtureRequest) -> str:
    """Which of the two adapters."""
    return str(request.param)


@pytest.fixture
def gateway(processor: ReferenceProcessor, clock: ManualClock, flavor: str) -> Any:
    """An adapter to the processor."""
    return _made(flavor, processor.url, clock=clock.now)


def _made(flavor: str, url: str, **options: Any) -> Any:
    options = {**KEYS, "capabilities": FENCED_CAPABILITIES, **options}
    if flavor == "sync":
        return ReferenceGateway(url, **options)
    return Awaited(AsyncReferenceGateway(url, **options))


_numbers = iter(range(1, 10_000))


def _request(card: str = "tok_ok", amount: Money = PRICE, customer: str | None = None) -> ChargeRequest:
    number = next(_numbers)
    return ChargeRequest(
        amount=amount,
        reference=f"ref_{number}",
        idempotency_key=f"key_{number}",
        card=CardToken(card),
        customer_ref=customer,
    )


def _refund(request: ChargeRequest, gateway_ref: str | None, amount: str) -> RefundRequest:
    number = next(_numbers)
    return RefundRequest(
        amount=Money.of(amount, "EUR"),
        charge_reference=request.reference,
        gateway_ref=gateway_ref,
        reference=f"refund_{number}",
        idempotency_key=f"refund_key_{number}",
    )


# -- what the processor says -------------------------------------------------------------


def test_adapters_are_fenced_gateways(processor: ReferenceProcessor) -> None:
    """A type checker sees that both implement the whole port."""
    plain: FencedGateway = ReferenceGateway(processor.url, **KEYS)  # type: ignore[arg-type]
    awaited: AsyncFencedGateway = AsyncReferenceGateway(processor.url, **KEYS)  # type: ignore[arg-type]
    assert REFERENCE_CAPABILITIES == plain.capabilities == awaited.capabilities


def test_a_success_has_the_processors_amount(gateway: Any) -> None:
    """What was captured, be it less than was asked; a repeat and a look-up say the same."""
    for card, amount in (("tok_ok", "59.97"), ("tok_partial", "29.98")):
        request = _request(card)
        result = gateway.charge(request)
        assert (Outcome.SUCCEEDED, Money.of(amount, "EUR")) == (result.outcome, result.amount)
        assert result.network_transaction_id is not None
        assert result == gateway.charge(request) == gateway.find_charge(request)


@pytest.mark.parametrize(
    ("card", "advice"),
    [
        ("insufficient_funds", Advice.RETRY_LATER),
        ("issuer_unavailable", Advice.RETRY_LATER),
        ("expired", Advice.NEW_CARD),
        ("revoked", Advice.STOP_RECURRING),
        ("lost", Advice.NEVER),
        ("stolen", Advice.NEVER),
        ("not_enabled", Advice.FIX_CONFIG),
        ("new_code", Advice.NEW_CARD),
        ("of_nobody", Advice.NEW_CARD),
    ],
)
def test_declines_carry_advice(processor: ReferenceProcessor, card: str, advice: Advice) -> None:
    """Each code has an advice; one that nobody knows takes the more careful one."""
    result = _made("sync", processor.url).charge(_request(f"tok_{card}"))
    assert (Outcome.DECLINED, advice) == (result.outcome, result.decline.advice)


def test_a_decline_keeps_the_networks_words(gateway: Any) -> None:
    """Codes as received, and how long the network asks to wait."""
    decline = gateway.charge(_request("tok_try_tomorrow")).decline
    assert ("insufficient_funds", "51", "25", timedelta(days=1)) == (
        decline.gateway_code,
        decline.network_decline_code,
        decline.network_advice_code,
        decline.not_before,
    )


def test_waiting_charges_come_to_an_end(gateway: Any, processor: ReferenceProcessor) -> None:
    """Pending settles, and a cardholder confirms; a look-up sees it."""
    pending, waiting = _request("tok_pending"), _request("tok_authentication_required")
    assert Outcome.PENDING is gateway.charge(pending).outcome
    action = gateway.charge(waiting)
    assert (Outcome.REQUIRES_ACTION, True) == (action.outcome, action.action.expires_at is not None)
    processor.desk.settle(gateway.find_charge(pending).gateway_ref)
    processor.desk.cardholder_confirms(action.gateway_ref)
    assert Outcome.SUCCEEDED is gateway.find_charge(pending).outcome
    assert Outcome.SUCCEEDED is gateway.find_charge(waiting).outcome


def test_a_charge_is_called_off(gateway: Any) -> None:
    """What waits is given up for ever; what is captured stays; what is unknown is not found."""
    waiting, captured = _request("tok_authentication_required"), _request()
    gateway.charge(waiting)
    gateway.charge(captured)
    assert "canceled" == gateway.cancel_charge(waiting).decline.gateway_code
    assert Outcome.SUCCEEDED is gateway.cancel_charge(captured).outcome
    assert ChargeNotFound() == gateway.cancel_charge(_request()) == gateway.find_charge(_request())


def test_the_fence(gateway: Any, processor: ReferenceProcessor) -> None:
    """Prepared, nothing has moved; confirmed twice, it has moved once; canceled, it never will."""
    request, given_up = _request(), _request()
    gateway_ref = gateway.prepare_charge(request)
    assert Outcome.NOT_ATTEMPTED is gateway.get_charge(gateway_ref).outcome
    result = gateway.confirm_charge(gateway_ref, request)
    assert result == gateway.confirm_charge(gateway_ref, request) == gateway.get_charge(gateway_ref)
    assert 1 == sum(entry.reference == request.reference for entry in processor.desk.ledger())
    canceled_ref = gateway.prepare_charge(given_up)
    gateway.cancel_charge(given_up)
    assert Outcome.DECLINED is gateway.confirm_charge(canceled_ref, given_up).outcome
    assert Outcome.UNKNOWN is gateway.get_charge("ch_99999").outcome


def test_a_confirmation_of_another_charge_is_not_believed(gateway: Any) -> None:
    """An answer about another reference tells nothing about this one."""
    gateway_ref = gateway.prepare_charge(_request())
    assert "other_charge" == gateway.confirm_charge(gateway_ref, _request()).detail


def test_refunds(gateway: Any) -> None:
    """Once per key, found by it, and never more than was captured."""
    request = _request()
    charge = gateway.charge(request)
    refund = _refund(request, charge.gateway_ref, "20")
    result = gateway.refund(refund)
    assert (Outcome.SUCCEEDED, Money.of("20", "EUR")) == (result.outcome, result.amount)
    assert result == gateway.refund(refund) == gateway.find_refund(refund)
    too_much = _refund(request, None, "40")
    assert RefundResult(outcome=Outcome.DECLINED, detail="over_refund") == gateway.refund(too_much)
    assert ChargeNotFound() == gateway.find_refund(too_much)


def test_charges_are_listed(gateway: Any, clock: ManualClock) -> None:
    """The processor's own list, page by page, with what was given back."""
    clock.advance(seconds=1)
    requests = [_request() for _ in range(11)]
    for request in requests:
        gateway.charge(request)
    gateway.refund(_refund(requests[0], None, "20"))
    first = gateway.list_charges(clock.now())
    second = gateway.list_charges(clock.now(), first.next)
    assert [request.reference for request in requests] == [
        charge.reference for charge in (*first.items, *second.items)
    ]
    assert (Money.of("39.97", "EUR"), requests[0].idempotency_key, clock.now()) == (
        first.items[0].kept,
        first.items[0].idempotency_key,
        first.items[0].captured_at,
    )
    assert second.next is None


def test_cards_are_set_up(gateway: Any, processor: ReferenceProcessor) -> None:
    """The page gives a card, once; it can be described, and forgotten twice."""
    setup = SetupRequest(
        setup_id=f"setup_{next(_numbers)}",
        account_id="acc_1",
        return_url="https://host.example/",
        currency="EUR",
    )
    session = gateway.begin_card_setup(setup)
    assert session == gateway.begin_card_setup(setup)
    assert SetupOutcome.PENDING is gateway.complete_card_setup(session.session_ref).outcome
    processor.desk.enter_card(session.session_ref, last4="1881")
    done = gateway.complete_card_setup(session.session_ref)
    assert (SetupOutcome.COMPLETED, "1881", session.customer_ref) == (
        done.outcome,
        done.card.last4,
        done.customer_ref,
    )
    assert done.card == gateway.describe_card(done.card.token)
    gateway.detach_card(done.card.token)
    gateway.detach_card(done.card.token)
    assert gateway.describe_card(done.card.token) is None
    with pytest.raises(GatewayRequestError, match="does not know"):
        gateway.complete_card_setup("cs_99999")


def test_refused_requests_are_our_fault(gateway: Any, processor: ReferenceProcessor) -> None:
    """A changed request, a small amount, a foreign currency: an error, and no decline."""
    request = _request()
    gateway.charge(request)
    for wrong in (
        attrs.evolve(request, amount=Money.of("60", "EUR")),
        _request(amount=Money.of("0.49", "EUR")),
        _request(amount=Money.of("60", "CHF")),
    ):
        with pytest.raises(GatewayRequestError, match="refused the request"):
            gateway.charge(wrong)


def test_wrong_credentials_stop_the_run(processor: ReferenceProcessor, flavor: str) -> None:
    """Our key is wrong: that is nobody's decline."""
    with pytest.raises(GatewayConfigError, match="invalid_api_key"):
        _made(flavor, processor.url, api_key="sk_old").charge(_request())


def test_a_suspected_duplicate_is_no_decline() -> None:
    """The detector's refusal is an outcome of its own, with the time to wait."""
    settings = ProcessorSettings(duplicate_window=timedelta(seconds=30))
    clock = ManualClock("2025-01-31T09:00+00:00")
    with ReferenceProcessor(clock=clock.now, settings=settings) as processor:
        gateway = _made("sync", processor.url)
        gateway.charge(_request())
        result = gateway.charge(_request())
    assert (Outcome.DUPLICATE_SUSPECTED, timedelta(seconds=31)) == (result.outcome, result.retry_after)


def test_undeclared_operations_are_not_offered(processor: ReferenceProcessor, flavor: str) -> None:
    """What the capabilities don't name raises, before anything is sent."""
    gateway = _made(flavor, processor.url, capabilities=NOTHING_DECLARED)
    request = _request()
    refund = _refund(request, None, "1")
    card = CardToken("tok_ok")
    setup = SetupRequest(setup_id="s", account_id="a", return_url="https://host.example/", currency="EUR")
    for call, *arguments in (
        (gateway.find_charge, request),
        (gateway.cancel_charge, request),
        (gateway.refund, refund),
        (gateway.find_refund, refund),
        (gateway.list_charges, processor.desk._clock()),
        (gateway.begin_card_setup, setup),
        (gateway.complete_card_setup, "cs_1"),
        (gateway.describe_card, card),
        (gateway.detach_card, card),
        (gateway.parse_webhook, b"", {}),
        (gateway.prepare_charge, request),
        (gateway.confirm_charge, "ch_1", request),
        (gateway.get_charge, "ch_1"),
    ):
        with pytest.raises(CapabilityNotSupported):
            call(*arguments)


# -- when there is no answer -----------------------------------------------------------------


def test_a_refused_connection_did_nothing(flavor: str) -> None:
    """No byte has left. Operations without money say so by an error."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        gateway = _made(flavor, f"http://127.0.0.1:{unheard.getsockname()[1]}")
        request = _request()
        assert ChargeResult.not_attempted(detail="no_connection") == gateway.charge(request)
        assert ChargeResult.unknown("no_connection") == gateway.find_charge(request)
        refund = _refund(request, None, "1")
        assert Outcome.NOT_ATTEMPTED is gateway.refund(refund).outcome
        assert Outcome.UNKNOWN is gateway.find_refund(refund).outcome
        with pytest.raises(ConnectionError, match="no_connection"):
            gateway.prepare_charge(request)


@pytest.mark.parametrize(
    ("answer", "outcome", "detail"),
    [
        (b"", Outcome.UNKNOWN, "broken_answer"),
        (b"nonsense", Outcome.UNKNOWN, "broken_answer"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": "ch_1"', Outcome.UNKNOWN, "broken_answer"),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>", Outcome.UNKNOWN, "http_200"),
        (b"HTTP/1.1 200 OK\r\n\r\n[]", Outcome.UNKNOWN, "http_200"),
        (b'HTTP/1.1 200 OK\r\n\r\n{"id": "ch_1"}', Outcome.UNKNOWN, "unreadable"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", Outcome.UNKNOWN, "http_502"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n<html>", Outcome.UNKNOWN, "http_403"),
        (b"HTTP/1.1 429 Slow\r\n\r\n", Outcome.NOT_ATTEMPTED, "throttled"),
    ],
)
def test_answers_that_tell_nothing(flavor: str, answer: bytes, outcome: Outcome, detail: str) -> None:
    """Cut short, not the processor's, not readable: unknown. Throttled: surely nothing happened."""
    with _answering(answer) as url:
        result = _made(flavor, url).charge(_request())
    assert (outcome, detail) == (result.outcome, result.detail)


def test_a_throttled_charge_says_when_to_come_back() -> None:
    """The header is passed on, unless it is nonsense."""
    for header, expected in ((b"7", timedelta(seconds=7)), (b"soon", None), (b"9" * 9, None)):
        with _answering(b"HTTP/1.1 429 Slow\r\nRetry-After: " + header + b"\r\n\r\n") as url:
            assert expected == _made("sync", url).charge(_request()).retry_after


def test_a_stalled_answer_ends_with_the_declared_time(flavor: str) -> None:
    """One deadline for the whole exchange, then the outcome is unknown."""
    capabilities = attrs.evolve(REFERENCE_CAPABILITIES, send_timeout=timedelta(milliseconds=30))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        gateway = _made(flavor, f"http://127.0.0.1:{silent.getsockname()[1]}", capabilities=capabilities)
        assert ChargeResult.unknown("timeout") == gateway.charge(_request())


def test_no_time_at_all_is_no_connection(processor: ReferenceProcessor, flavor: str) -> None:
    """A deadline that is over before a connection stands: no byte has left."""
    capabilities = attrs.evolve(REFERENCE_CAPABILITIES, send_timeout=timedelta(0))
    gateway = _made(flavor, processor.url, capabilities=capabilities)
    assert ChargeResult.not_attempted(detail="no_connection") == gateway.charge(_request())


def test_a_reset_connection_is_unknown(flavor: str) -> None:
    """The request may have arrived."""
    with _answering(None) as url:
        assert Outcome.UNKNOWN is _made(flavor, url).charge(_request()).outcome


def test_an_endless_answer_is_cut(flavor: str) -> None:
    """Nothing that this processor says is a megabyte long."""
    with _answering(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b" " * 3_000_000) as url:
        assert ChargeResult.unknown("broken_answer") == _made(flavor, url).charge(_request())


# -- notices ----------------------------------------------------------------------------------


def test_notices_are_verified(gateway: Any, processor: ReferenceProcessor) -> None:
    """A notice names the charge; header names may come in any case."""
    request = _request()
    gateway.charge(request)
    body, headers = processor.desk.notices()[-1]
    assert (request.reference,) == gateway.parse_webhook(body, headers).references
    shouted = {name.upper(): value for name, value in headers.items()}
    assert (request.reference,) == gateway.parse_webhook(body, shouted).references


@pytest.mark.parametrize(
    ("notice", "change"),
    [
        ({"id": "evt_1", "references": []}, {"body": b"{}"}),
        ({"id": "evt_1", "references": []}, {"body": "text"}),
        ({"id": "evt_1", "references": []}, {"headers": {}}),
        ({"id": "evt_1", "references": []}, {"headers": {"Processor-Signature": "t=1,v1=short"}}),
        ({"id": "evt_1", "references": []}, {"late": timedelta(minutes=6)}),
        ({"id": "evt_1", "references": []}, {"late": timedelta(minutes=-6)}),
        ({"id": "evt_1"}, {}),
        ({"id": None, "references": []}, {}),
    ],
)
def test_other_notices_are_rejected(
    gateway: Any, clock: ManualClock, notice: dict[str, Any], change: dict[str, Any]
) -> None:
    """Changed, unsigned, old, of the future, or signed nonsense."""
    at = clock.now() - change.get("late", timedelta(0))
    body, headers = signed_notice(notice, SETTINGS.webhook_secret, at)
    with pytest.raises(WebhookRejected):
        gateway.parse_webhook(change.get("body", body), change.get("headers", headers))


def test_signed_bytes_that_are_no_json_are_rejected(gateway: Any, clock: ManualClock) -> None:
    """A signature does not make sense of nonsense."""
    body, headers = signed_notice({}, SETTINGS.webhook_secret, clock.now())
    assert b"{}" == body
    with pytest.raises(WebhookRejected):
        gateway.parse_webhook(body, headers)


# -- small things --------------------------------------------------------------------------------


def test_nothing_secret_is_printed(processor: ReferenceProcessor, gateway: Any) -> None:
    """Neither the adapter nor the parts of a call show a key."""
    assert processor.url in repr(gateway)
    connection = ReferenceGateway(processor.url, **KEYS)._connection  # type: ignore[arg-type]
    assert f"Connection({processor.url})" == repr(connection)
    for shown in (repr(gateway), repr(connection), repr(exchanges.charge(_request("tok_secret")).call)):
        assert "sk_test" not in shown
        assert "tok_secret" not in shown


@pytest.mark.parametrize("url", ["https://pay.example", "127.0.0.1:80", "http://"])
def test_addresses_are_checked(url: str) -> None:
    """This adapter speaks plain HTTP to a host, and says so."""
    with pytest.raises(InvalidInput, match="base_url"):
        ReferenceGateway(url, **KEYS)  # type: ignore[arg-type]


def test_statuses_of_next_year_are_unknown() -> None:
    """A status that the adapter has never seen tells nothing."""
    assert ChargeResult.unknown("new_status") == charge_of({"id": "ch_1", "status": "reversed"})


def test_an_unclear_refund_is_unknown() -> None:
    """It may have happened once a byte has left."""
    lost = Lost(was_sent=True, detail="timeout")
    assert RefundResult(outcome=Outcome.UNKNOWN, detail="timeout") == refund_lost(lost)


def test_an_error_without_a_code() -> None:
    """A refusal whose error is no object has an empty code."""
    reply = read_reply(b'HTTP/1.1 400 Bad\r\n\r\n{"error": "no"}')
    assert isinstance(reply, Reply)
    assert "" == reply.error_code
    with pytest.raises(GatewayRequestError):
        exchanges.charge(_request()).finish(reply)
    assert "GET" == Call(method="GET", path="/").method


class _answering:  # noqa: N801 - reads as the context manager that it is
    """A server that reads one request and gives this answer; ``None`` resets the connection."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def _serve(self) -> None:
        peer, _ = self._server.accept()
        with peer:
            request = b""
            while b"\r\n\r\n" not in request:
                request += peer.recv(65536)
            head, _, body = request.partition(b"\r\n\r\n")
            length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
            while len(body) < length:
                body += peer.recv(65536)
            json.loads(body)
            if self._answer is None:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            try:
                peer.sendall(self._answer)
            except OSError:
                # The adapter has heard enough.
                return

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._server.close()


# -- the library at work on it ----------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "status", "captures"), [("ok", "active", 1), ("insufficient_funds", "past_due", 0)]
)
def test_the_library_drives_it_as_a_fenced_gateway(card: str, status: str, captures: int) -> None:
    """Prepared, confirmed, and closed before a decline counts, over a real connection."""
    clock = ManualClock("2025-01-31T09:00+00:00")
    with ReferenceProcessor(clock=clock.now) as running:
        gateway = _made("sync", running.url, clock=clock.now)
        billing = Billing(MemoryStore(clock=clock), {"main": gateway}, BillingPolicy(), namespace="fence")
        ada = Actor.member("ada")
        account = billing.open_account("Ada Ltd", currency="EUR", time_zone="UTC", actor=ada)
        setup = billing.begin_card_setup(account.id, return_url="https://host.example/", actor=ada)
        assert setup.session_ref is not None
        running.desk.enter_card(setup.session_ref, card)
        billing.complete_card_setup(account.id, setup.id, actor=ada)
        license = billing.choose_plan(account.id, Plan.monthly("team", price=PRICE), actor=ada)
        assert () == billing.run_due().failures
        (attempt,) = billing.attempts().items
        charge = gateway.get_charge(str(attempt.gateway_ref))
        assert status == billing.license_view(license.id).status.value
        assert captures == len(running.desk.ledger())
        # It was told so by the processor itself, which has closed what it declined.
        assert (charge.outcome, attempt.state.value) in {
            (Outcome.SUCCEEDED, "succeeded"),
            (Outcome.DECLINED, "declined"),
        }
