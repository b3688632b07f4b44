"""The adapter with asyncio streams."""

from __future__ import annotations

import asyncio
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

__all__ = ["AsyncReferenceGateway"]

T = TypeVar("T")


class AsyncReferenceGateway:
    """
    `ReferenceGateway` for asyncio: the same names, awaited.

    A task that is canceled during a call leaves the call's outcome open; the
    library records it as UNKNOWN, and looks.
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

    async def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """See `ReferenceGateway.charge`."""
        return await self._do(exchanges.charge(request))

    async def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """See `ReferenceGateway.find_charge`."""
        require(self.capabilities, Operation.FIND_CHARGE)
        return await self._do(exchanges.find_charge(request))

    async def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """See `ReferenceGateway.cancel_charge`."""
        require(self.capabilities, Operation.CANCEL_CHARGE)
        return await self._do(exchanges.cancel_charge(request))

    async def refund(self, request: RefundRequest, /) -> RefundResult:
        """See `ReferenceGateway.refund`."""
        require(self.capabilities, Operation.REFUND)
        return await self._do(exchanges.refund(request))

    async def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        """See `ReferenceGateway.find_refund`."""
        require(self.capabilities, Operation.FIND_REFUND)
        return await self._do(exchanges.find_refund(request))

    async def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        """See `ReferenceGateway.describe_refund`."""
        require(self.capabilities, Operation.DESCRIBE_REFUND)
        return await self._do(exchanges.describe_refund(gateway_ref))

    async def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None:
        """See `ReferenceGateway.describe_dispute`."""
        require(self.capabilities, Operation.DESCRIBE_DISPUTE)
        return await self._do(exchanges.describe_dispute(gateway_ref))

    async def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        """See `ReferenceGateway.list_charges`."""
        require(self.capabilities, Operation.LIST_CHARGES)
        return await self._do(exchanges.list_charges(since, after))

    async def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """See `ReferenceGateway.begin_card_setup`."""
        require(self.capabilities, Operation.CARD_SETUP)
        return await self._do(exchanges.begin_card_setup(request))

    async def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """See `ReferenceGateway.complete_card_setup`."""
        require(self.capabilities, Operation.CARD_SETUP)
        return await self._do(exchanges.complete_card_setup(session_ref))

    async def describe_card(self, token: CardToken, /) -> CardDetails | None:
        """See `ReferenceGateway.describe_card`."""
        require(self.capabilities, Operation.DESCRIBE_CARD)
        return await self._do(exchanges.describe_card(token))

    async def detach_card(self, token: CardToken, /) -> None:
        """See `ReferenceGateway.detach_card`."""
        require(self.capabilities, Operation.DETACH_CARD)
        await self._do(exchanges.detach_card(token))

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        """See `ReferenceGateway.parse_webhook`; there is nothing to await in it."""
        require(self.capabilities, Operation.WEBHOOKS)
        known = self._connection
        return verified_notice(body, headers, secret=known.webhook_secret, now=known.clock())

    async def prepare_charge(self, request: ChargeRequest, /) -> str:
        """See `ReferenceGateway.prepare_charge`."""
        require_fence(self.capabilities, "prepare_charge")
        return await self._do(exchanges.prepare(request))

    async def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult:
        """See `ReferenceGateway.confirm_charge`."""
        require_fence(self.capabilities, "confirm_charge")
        return await self._do(exchanges.confirm(gateway_ref, request))

    async def get_charge(self, gateway_ref: str, /) -> ChargeResult:
        """See `ReferenceGateway.get_charge`."""
        require_fence(self.capabilities, "get_charge")
        return await self._do(exchanges.get(gateway_ref))

    # -- the network ------------------------------------------------------------------------

    async def _do(self, exchange: Exchange[T]) -> T:
        return exchange.finish(await self._send(exchange.call))

    async def _send(self, call: Call) -> Reply | Lost:
        was_sent = False
        try:
            async with asyncio.timeout(self.capabilities.send_timeout.total_seconds()):
                reader, writer = await asyncio.open_connection(*self._address, limit=ANSWER_LENGTH_MAX)
                # Set before the first byte can leave, not after.
                was_sent = True
                try:
                    writer.write(request_bytes(call, self._address[0], self._connection.api_key))
                    await writer.drain()
                    return read_reply(await _received(reader))
                finally:
                    writer.close()
        except TimeoutError:
            return Lost(was_sent=was_sent, detail="timeout" if was_sent else "no_connection")
        except OSError:
            return Lost(was_sent=was_sent, detail="connection_broken" if was_sent else "no_connection")


async def _received(reader: asyncio.StreamReader) -> bytes:
    received = bytearray()
    while len(received) <= ANSWER_LENGTH_MAX and (part := await reader.read(65536)):
        received += part
    return bytes(received)
