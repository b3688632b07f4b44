"""
One exchange for each operation: what to ask, how to read the answer, what it means to get none.

Nothing here touches a network, so the plain adapter and the one for asyncio
can't come to different conclusions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Generic, NoReturn, TypeVar
from urllib.parse import quote, urlencode

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.errors import GatewayConfigError, GatewayRequestError
from billing_core.gateways.listing import ChargePage
from billing_core.gateways.results import (
    CardDetails,
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    RefundRequest,
    RefundResult,
    SetupRequest,
    SetupResult,
    SetupSession,
)
from billing_core.gateways.webhooks import DisputeDetails, RefundDetails
from billing_core.testing.reference_gateway import results
from billing_core.testing.reference_gateway.wire import Call, Lost, Reply

__all__ = ["Exchange"]

T = TypeVar("T")

#: Answers that say what became of something; a look-up that finds nothing is one of them.
_TELLING = frozenset({200, 402, 404})


@attrs.frozen
class Exchange(Generic[T]):
    """A call, and what to make of the reply or of its absence."""

    call: Call
    read: Callable[[Reply], T]
    lost: Callable[[Lost], T]

    def finish(self, reply: Reply | Lost) -> T:
        """
        The result of the operation.

        Raises:
            GatewayConfigError: the processor does not take our key.
            GatewayRequestError: the processor does not take our request.
        """
        if isinstance(reply, Lost):
            return self.lost(reply)
        if reply.status == 429:
            return self.lost(Lost(was_sent=False, detail="throttled", retry_after=reply.retry_after))
        if reply.status >= 500 or not reply.body:
            # Without the processor's own body, the answer is from something between us and it.
            return self.lost(Lost(was_sent=True, detail=f"http_{reply.status}"))
        if reply.status in {401, 403}:
            raise GatewayConfigError(f"the processor refused our key: {reply.error_code}")
        if reply.status not in _TELLING and reply.error_code != "duplicate_suspected":
            raise GatewayRequestError(f"the processor refused the request: {reply.error_code}")
        try:
            return self.read(reply)
        except (KeyError, TypeError, ValueError):
            return self.lost(Lost(was_sent=True, detail="unreadable"))


def charge(request: ChargeRequest) -> Exchange[ChargeResult]:
    """Charge in one step."""
    call = _charge_call(request, confirm=True)
    return Exchange(call, partial(results.charge_sent, request=request), results.charge_lost)


def prepare(request: ChargeRequest) -> Exchange[str]:
    """Make the charge without moving money."""
    return Exchange(_charge_call(request, confirm=False), lambda reply: str(reply.body["id"]), _no_answer)


def confirm(gateway_ref: str, request: ChargeRequest) -> Exchange[ChargeResult]:
    """Capture a prepared charge."""
    call = Call(method="POST", path=f"/v1/charges/{quote(gateway_ref, safe='')}/confirm")
    return Exchange(call, partial(results.charge_sent, request=request), results.charge_lost)


def get(gateway_ref: str) -> Exchange[ChargeResult]:
    """Read a charge by its id."""
    call = Call(method="GET", path=f"/v1/charges/{quote(gateway_ref, safe='')}")
    return Exchange(call, results.charge_read, results.look_up_lost)


def find_charge(request: ChargeRequest) -> Exchange[ChargeResult | ChargeNotFound]:
    """Look for a charge by its key, which names the attempt; all attempts share the reference."""
    query = urlencode({"idempotency_key": request.idempotency_key})
    return Exchange(
        Call(method="GET", path=f"/v1/charges?{query}"),
        partial(results.charge_found, request=request),
        results.look_up_lost,
    )


def cancel_charge(request: ChargeRequest) -> Exchange[ChargeResult | ChargeNotFound]:
    """Call a charge off."""
    body = {"idempotency_key": request.idempotency_key}
    return Exchange(
        Call(method="POST", path="/v1/cancellations", body=body),
        partial(results.charge_canceled, request=request),
        results.look_up_lost,
    )


def refund(request: RefundRequest) -> Exchange[RefundResult]:
    """Give money back."""
    body = {
        "charge": request.gateway_ref,
        "charge_reference": request.charge_reference,
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency.code,
        "reference": request.reference,
    }
    call = Call(method="POST", path="/v1/refunds", body=body, idempotency_key=request.idempotency_key)
    return Exchange(call, partial(results.refund_sent, request=request), results.refund_lost)


def find_refund(request: RefundRequest) -> Exchange[RefundResult | ChargeNotFound]:
    """Look for a refund by its key."""
    query = urlencode({"idempotency_key": request.idempotency_key})
    return Exchange(
        Call(method="GET", path=f"/v1/refunds?{query}"),
        partial(results.refund_found, request=request),
        results.refund_look_up_lost,
    )


def describe_refund(gateway_ref: str) -> Exchange[RefundDetails | None]:
    """Read a refund by its id."""
    call = Call(method="GET", path=f"/v1/refunds/{quote(gateway_ref, safe='')}")
    return Exchange(call, results.refund_described, _no_answer)


def describe_dispute(gateway_ref: str) -> Exchange[DisputeDetails | None]:
    """Read a dispute by its id."""
    call = Call(method="GET", path=f"/v1/disputes/{quote(gateway_ref, safe='')}")
    return Exchange(call, results.dispute_described, _no_answer)


def list_charges(since: datetime, after: str | None) -> Exchange[ChargePage]:
    """A page of the processor's own list."""
    query = {"since": since.astimezone(UTC).isoformat(timespec="microseconds")}
    if after is not None:
        query["after"] = after
    call = Call(method="GET", path=f"/v1/captures?{urlencode(query)}")
    return Exchange(call, results.page_of, _no_answer)


def begin_card_setup(request: SetupRequest) -> Exchange[SetupSession]:
    """Open a card page; a repeat for the same set-up opens the same one."""
    body = {"customer": request.customer_ref, "return_url": request.return_url}
    call = Call(method="POST", path="/v1/sessions", body=body, idempotency_key=request.setup_id)
    return Exchange(call, results.session_of, _no_answer)


def complete_card_setup(session_ref: str) -> Exchange[SetupResult]:
    """Ask what came of a card page."""
    call = Call(method="GET", path=f"/v1/sessions/{quote(session_ref, safe='')}")
    return Exchange(call, _found(results.setup_of), _no_answer)


def describe_card(token: CardToken) -> Exchange[CardDetails | None]:
    """Ask what is known of a card."""
    return Exchange(Call(method="GET", path=_card_path(token)), results.card_described, _no_answer)


def detach_card(token: CardToken) -> Exchange[None]:
    """Forget a card; one that is gone is as good as forgotten."""
    return Exchange(Call(method="DELETE", path=_card_path(token)), lambda _: None, _no_answer)


def _charge_call(request: ChargeRequest, *, confirm: bool) -> Call:
    body = {
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency.code,
        "card": request.card.value,
        "customer": request.customer_ref,
        "reference": request.reference,
        "description": request.description,
        "confirm": confirm,
    }
    return Call(method="POST", path="/v1/charges", body=body, idempotency_key=request.idempotency_key)


def _card_path(token: CardToken) -> str:
    return f"/v1/cards/{quote(token.value, safe='')}"


def _found(read: Callable[[Reply], T]) -> Callable[[Reply], T]:
    def read_found(reply: Reply) -> T:
        if reply.status == 404:
            raise GatewayRequestError("the processor does not know this id")
        return read(reply)

    return read_found


def _no_answer(lost: Lost) -> NoReturn:
    """For operations that move no money: there is nothing to return, and the caller may try again."""
    raise ConnectionError(f"no answer from the processor: {lost.detail}")
