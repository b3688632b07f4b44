"""The adapter with plain sockets and threads."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from billing_core.accounts.saved_card import CardToken
from billing_core.gateways.capabilities import Capabilities, Operation
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
from billing_core.gateways.webhooks import DisputeDetails, RefundDetails, WebhookNotice
from billing_core.testing.reference_gateway import exchanges
from billing_core.testing.reference_gateway.declared import (
    REFERENCE_CAPABILITIES,
    Connection,
    require,
    require_fence,
)
from billing_core.testing.reference_gateway.exchanges import Exchange
from billing_core.testing.reference_gateway.webhooks import verified_notice
from billing_core.testing.reference_gateway.wire import (
    ANSWER_LENGTH_MAX,
    Call,
    Lost,
    Reply,
    address_of,
    read_reply,
    request_bytes,
)
from billing_core.testing.reference_processor.server import system_clock

__all__ = ["ReferenceGateway"]

T = TypeVar("T")


class ReferenceGateway:
    """
    An adapter to the reference processor; a `FencedGateway` if it is told to declare that.

    It remembers nothing between two calls, so any process can resolve what
    another one sent, and threads may share it.

    Args:
        base_url: where the processor listens.
        capabilities: what to declare; its ``send_timeout`` bounds every call.
        clock: what a notice's age is measured by.

    >>> ReferenceGateway("http://127.0.0.1:8080", api_key="sk", webhook_secret=b"whsec")
    ReferenceGateway(http://127.0.0.1:8080)
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str,
        webhook_secret: bytes,
        capabilities: Capabilities = REFERENCE_CAPABILITIES,
        clock: Callable[[], datetime] = system_clock,
    ) -> None:
        self.capabilities = capabilities
        self._address = address_of(base_url)
        self._connection = Connection(
            base_url=base_url, api_key=api_key, webhook_secret=webhook_secret, clock=clock
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._connection.base_url})"

    # -- the port -----------------------------------------------------------------------

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Charge in one step."""
        return self._do(exchanges.charge(request))

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """What became of a request, by its key."""
        require(self.capabilities, Operation.FIND_CHARGE)
        return self._do(exchanges.find_charge(request))

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Call a charge off unless it is captured."""
        require(self.capabilities, Operation.CANCEL_CHARGE)
        return self._do(exchanges.cancel_charge(request))

    def refund(self, request: RefundRequest, /) -> RefundResult:
        """Give money back."""
        require(self.capabilities, Operation.REFUND)
        return self._do(exchanges.refund(request))

    def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        """What became of a refund, by its key."""
        require(self.capabilities, Operation.FIND_REFUND)
        return self._do(exchanges.find_refund(request))

    def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        """What is known of a refund; ``None`` if there is none."""
        require(self.capabilities, Operation.DESCRIBE_REFUND)
        return self._do(exchanges.describe_refund(gateway_ref))

    def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None:
        """Where a dispute stands; ``None`` if there is none."""
        require(self.capabilities, Operation.DESCRIBE_DISPUTE)
        return self._do(exchanges.describe_dispute(gateway_ref))

    def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        """All money captured since an instant, a page at a time."""
        require(self.capabilities, Operation.LIST_CHARGES)
        return self._do(exchanges.list_charges(since, after))

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """Open the processor's card page."""
        require(self.capabilities, Operation.CARD_SETUP)
        return self._do(exchanges.begin_card_setup(request))

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """What came of the visit."""
        require(self.capabilities, Operation.CARD_SETUP)
        return self._do(exchanges.complete_card_setup(session_ref))

    def describe_card(self, token: CardToken, /) -> CardDetails | None:
        """What is known of a card; ``None`` if it is gone."""
        require(self.capabilities, Operation.DESCRIBE_CARD)
        return self._do(exchanges.describe_card(token))

    def detach_card(self, token: CardToken, /) -> None:
        """Forget a card; twice is fine."""
        require(self.capabilities, Operation.DETACH_CARD)
        self._do(exchanges.detach_card(token))

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        """Verify a notice over its raw bytes."""
        require(self.capabilities, Operation.WEBHOOKS)
        known = self._connection
        return verified_notice(body, headers, secret=known.webhook_secret, now=known.clock())

    def prepare_charge(self, request: ChargeRequest, /) -> str:
        """Make the charge without moving money; returns its id."""
        require_fence(self.capabilities, "prepare_charge")
        return self._do(exchanges.prepare(request))

    def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult:
        """Capture it, at most once."""
        require_fence(self.capabilities, "confirm_charge")
        return self._do(exchanges.confirm(gateway_ref, request))

    def get_charge(self, gateway_ref: str, /) -> ChargeResult:
        """Its state, never late."""
        require_fence(self.capabilities, "get_charge")
        return self._do(exchanges.get(gateway_ref))

    # -- the network ------------------------------------------------------------------------

    def _do(self, exchange: Exchange[T]) -> T:
        return exchange.finish(self._send(exchange.call))

    def _send(self, call: Call) -> Reply | Lost:
        # The whole exchange has one deadline: a time-out per packet would never end for a slow drip.
        deadline = time.monotonic() + self.capabilities.send_timeout.total_seconds()
        try:
            connected = socket.create_connection(self._address, timeout=_until(deadline))
        except OSError:
            return Lost(was_sent=False, detail="no_connection")
        with connected:
            try:
                connected.sendall(request_bytes(call, self._address[0], self._connection.api_key))
                return read_reply(_received(connected, deadline))
            except TimeoutError:
                return Lost(was_sent=True, detail="timeout")
            except OSError:
                return Lost(was_sent=True, detail="connection_broken")


def _received(connected: socket.socket, deadline: float) -> bytes:
    received = bytearray()
    while len(received) <= ANSWER_LENGTH_MAX:
        connected.settimeout(_until(deadline))
        part = connected.recv(65536)
        if not part:
            break
        received += part
    return bytes(received)


def _until(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
