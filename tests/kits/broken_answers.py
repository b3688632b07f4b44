"""Gateways that take an answer that is missing, late or broken for something else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from datetime import timedelta
from typing import Any, ClassVar

import attrs

from billing_core.advice import Advice
from billing_core.errors import GatewayConfigError, GatewayRequestError
from billing_core.gateways.results import ChargeNotFound, ChargeRequest, ChargeResult, Outcome
from billing_core.testing import AsyncReferenceGateway, ReferenceGateway
from billing_core.testing.gateway_kit import later_cases, lost_cases
from billing_core.testing.reference_gateway import exchanges
from billing_core.testing.reference_gateway.exchanges import Exchange
from billing_core.testing.reference_gateway.results import charge_of, look_up_lost
from billing_core.testing.reference_gateway.wire import Call, Lost, Reply, read_reply, request_bytes
from tests.kits.broken_gateway import caught_by, cut_off, renamed


class _Declines(ReferenceGateway):
    """Declines a charge because of something that is nobody's decline."""

    def blames(self, reply: Reply | Lost) -> bool:
        """Whether it declines because of this."""
        raise NotImplementedError

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        exchange = exchanges.charge(request)
        reply = self._send(exchange.call)
        if self.blames(reply):
            return ChargeResult.declined(Advice.RETRY_LATER, gateway_code="failed")
        return exchange.finish(reply)


# -- lost ---------------------------------------------------------------------------------


@caught_by(lost_cases.check_lost_response)
class LostIsADecline(_Declines):
    """Takes a lost answer for a decline."""

    def blames(self, reply: Reply | Lost) -> bool:
        return isinstance(reply, Lost) and reply.was_sent


@caught_by(lost_cases.check_lost_response)
class LostIsNotAttempted(ReferenceGateway):
    """Takes a lost answer for a lost request."""

    def _send(self, call: Call) -> Reply | Lost:
        reply = super()._send(call)
        return attrs.evolve(reply, was_sent=False) if isinstance(reply, Lost) else reply


@caught_by(lost_cases.check_lost_response)
class TriesAgainUnderANewKey(ReferenceGateway):
    """Sends again by itself when the answer is lost, as if it were another charge."""

    def _send(self, call: Call) -> Reply | Lost:
        reply = super()._send(call)
        if isinstance(reply, Lost) and call.idempotency_key is not None:
            super()._send(renamed(call, f"{call.idempotency_key}_2"))
        return reply


@caught_by(lost_cases.check_lost_request)
class LostIsASuccess(ReferenceGateway):
    """Assumes the best when the answer is lost."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        if result.outcome is Outcome.UNKNOWN:
            return ChargeResult.succeeded(request.amount, gateway_ref="ch_1")
        return result


@caught_by(lost_cases.check_lost_request)
class RemembersLostKeys(ReferenceGateway):
    """Never sends a key again once its answer was lost."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._lost: set[str] = set()

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        if request.idempotency_key in self._lost:
            return ChargeResult.unknown("sent_before")
        result = super().charge(request)
        if result.outcome is Outcome.UNKNOWN:
            self._lost.add(request.idempotency_key)
        return result


# -- broken ----------------------------------------------------------------------------------


@caught_by(lost_cases.check_server_errors)
class ServerErrorIsADecline(_Declines):
    """Takes a 5xx for a decline."""

    def blames(self, reply: Reply | Lost) -> bool:
        return isinstance(reply, Reply) and reply.status >= 500


@caught_by(lost_cases.check_server_errors)
class ServerErrorIsNotAttempted(ReferenceGateway):
    """Takes a 5xx for a proof that nothing happened."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        broken = (result.detail or "").startswith("http_5")
        return ChargeResult.not_attempted(detail=result.detail) if broken else result


@caught_by(lost_cases.check_server_errors)
class ServerErrorIsOurFault(ReferenceGateway):
    """Takes a 5xx for a malformed request."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        if (result.detail or "").startswith("http_5"):
            raise GatewayRequestError("the processor refused the request")
        return result


@caught_by(lost_cases.check_unreadable_answers)
class UnreadableIsADecline(_Declines):
    """Takes an answer that it can't read for a decline."""

    def blames(self, reply: Reply | Lost) -> bool:
        return cut_off(reply)


@caught_by(lost_cases.check_unreadable_answers)
class EveryOkIsPaid(ReferenceGateway):
    """Looks at the status of an answer, and not at what it says."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        if result.detail == "http_200":
            return ChargeResult.succeeded(request.amount, gateway_ref="ch_1")
        return result


# -- late ----------------------------------------------------------------------------------------


@caught_by(lost_cases.check_stalled_response)
class WaitsForEver(ReferenceGateway):
    """Has no time-out."""

    def _send(self, call: Call) -> Reply | Lost:
        return _sent_without_deadline(self, call, None)


@caught_by(lost_cases.check_stalled_response)
class TimesEachPacket(ReferenceGateway):
    """Has a time-out for each packet, and none for them all."""

    def _send(self, call: Call) -> Reply | Lost:
        try:
            return _sent_without_deadline(self, call, self.capabilities.send_timeout)
        except OSError:
            return Lost(was_sent=True, detail="timeout")


@caught_by(lost_cases.check_stalled_response)
class TimeOutIsADecline(_Declines):
    """Takes a time-out for a decline."""

    def blames(self, reply: Reply | Lost) -> bool:
        return isinstance(reply, Lost) and reply.detail == "timeout"


@caught_by(lost_cases.check_stalled_response)
class TimeOutIsOurFault(ReferenceGateway):
    """Takes a time-out for a malformed request."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        if result.detail == "timeout":
            raise GatewayRequestError("timed out")
        return result


@caught_by(later_cases.check_abandoned_call)
class OneCallAtATime(ReferenceGateway):
    """Lets all calls of the process wait for one that gets no answer."""

    _lock: ClassVar = threading.Lock()

    def _send(self, call: Call) -> Reply | Lost:
        with self._lock:
            return super()._send(call)


@caught_by(later_cases.check_abandoned_call, is_async=True)
class CanceledIsNotAttempted(AsyncReferenceGateway):
    """Takes its own cancellation for a proof that nothing happened."""

    async def charge(self, request: ChargeRequest, /) -> ChargeResult:
        try:
            return await super().charge(request)
        except asyncio.CancelledError:
            return ChargeResult.not_attempted(detail="canceled")


@caught_by(later_cases.check_abandoned_call, is_async=True)
class IgnoresCancellation(AsyncReferenceGateway):
    """Waits on when it is canceled, so that a worker can't stop."""

    async def charge(self, request: ChargeRequest, /) -> ChargeResult:
        call = asyncio.ensure_future(super().charge(request))
        while not call.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({call})
        return call.result()


# -- throttled, refused ------------------------------------------------------------------------------


@caught_by(lost_cases.check_throttling)
class ThrottledIsADecline(_Declines):
    """Takes a 429 for a decline."""

    def blames(self, reply: Reply | Lost) -> bool:
        return isinstance(reply, Reply) and reply.status == 429


@caught_by(lost_cases.check_throttling)
class ThrottledIsUnknown(ReferenceGateway):
    """Does not know a 429, so that a person has to look at each."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        return ChargeResult.unknown("http_429") if result.detail == "throttled" else result


@caught_by(lost_cases.check_throttling)
class ForgetsRetryAfter(ReferenceGateway):
    """Does not say how long the processor asks to wait."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        return attrs.evolve(super().charge(request), retry_after=None)


@caught_by(lost_cases.check_refused_connection)
class OutageIsADecline(_Declines):
    """Takes an outage for a decline."""

    def blames(self, reply: Reply | Lost) -> bool:
        return isinstance(reply, Lost) and not reply.was_sent


@caught_by(lost_cases.check_refused_connection)
class OutageStopsTheRun(ReferenceGateway):
    """Takes an outage for wrong credentials."""

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        result = super().charge(request)
        if result.detail == "no_connection":
            raise GatewayConfigError("can't connect")
        return result


# -- look-ups --------------------------------------------------------------------------------------------


@caught_by(later_cases.check_unknown_reference)
class LookUpInvents(ReferenceGateway):
    """Finds a decline where there is nothing."""

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        found = super().find_charge(request)
        return ChargeResult.declined(Advice.RETRY_LATER) if isinstance(found, ChargeNotFound) else found


@caught_by(later_cases.check_unknown_reference)
class LookUpByAmount(ReferenceGateway):
    """Finds any charge of the same amount on the same card."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._seen: dict[tuple[Any, str], ChargeRequest] = {}

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        self._seen[request.amount, request.card.value] = request
        return super().charge(request)

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        return super().find_charge(self._seen.get((request.amount, request.card.value), request))


@caught_by(later_cases.check_unknown_reference)
class LookUpByReferenceAlone(ReferenceGateway):
    """Finds another attempt at the same invoice."""

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        def read(reply: Reply) -> ChargeResult | ChargeNotFound:
            charges = reply.body["data"]
            return charge_of(charges[-1]) if charges else ChargeNotFound()

        call = Call(method="GET", path=f"/v1/charges?reference={request.reference}")
        return self._do(Exchange[ChargeResult | ChargeNotFound](call, read, look_up_lost))


@caught_by(later_cases.check_look_up_lag)
class DeclaresNoLag(ReferenceGateway):
    """Declares that look-ups see every charge at once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.capabilities = attrs.evolve(self.capabilities, look_up_lag=timedelta(0))


@caught_by(later_cases.check_look_up_lag)
class NotYetSeenIsADecline(ReferenceGateway):
    """Takes a charge that it can't see yet for one that failed."""

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        found = super().find_charge(request)
        return ChargeResult.declined(Advice.RETRY_LATER) if isinstance(found, ChargeNotFound) else found


@caught_by(later_cases.check_fresh_process)
class RemembersInMemory(ReferenceGateway):
    """Knows only the charges that it sent itself."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._sent: set[str] = set()

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        self._sent.add(request.idempotency_key)
        return super().charge(request)

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        return super().find_charge(request) if request.idempotency_key in self._sent else ChargeNotFound()


def _sent_without_deadline(
    gateway: ReferenceGateway, call: Call, packet_timeout: timedelta | None
) -> Reply | Lost:
    seconds = packet_timeout.total_seconds() if packet_timeout is not None else None
    with socket.create_connection(gateway._address, timeout=seconds) as connected:
        connected.sendall(request_bytes(call, "127.0.0.1", gateway._connection.api_key))
        received = b""
        while part := connected.recv(65536):
            received += part
    return read_reply(received)
