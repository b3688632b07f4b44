"""
The port to payment processors: what a host implements, and nothing more.

Rules for adapters:

* ``charge`` returns a `ChargeResult`. Timeout, 5xx, garbage, a broken
  connection after the first byte: UNKNOWN. 429, refused connection: NOT_ATTEMPTED.
* It raises only `GatewayConfigError` (wrong credentials: the run stops) and
  `GatewayRequestError` (our request is malformed). Whatever else escapes is
  recorded as UNKNOWN.
* The idempotency key and the reference go to the processor unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from billing_core.accounts.saved_card import CardToken
from billing_core.errors import CapabilityNotSupported
from billing_core.gateways.capabilities import Capabilities
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

__all__ = [
    "AsyncFencedGateway",
    "AsyncPaymentGateway",
    "BaseAsyncGateway",
    "BaseGateway",
    "FencedGateway",
    "PaymentGateway",
]


class PaymentGateway(Protocol):
    """A processor as the core sees it. `BaseGateway` has defaults for what an adapter lacks."""

    @property
    def capabilities(self) -> Capabilities:
        """What this adapter declares."""
        ...

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Charge a saved card without the cardholder present."""
        ...

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """What became of the charge that this request asked for, by its idempotency key and reference."""
        ...

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Give up a charge that is not captured yet; answers what it finally is."""
        ...

    def refund(self, request: RefundRequest, /) -> RefundResult:
        """Give money back."""
        ...

    def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        """What became of a refund."""
        ...

    def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        """What the processor knows of a refund by its own id, whoever made it; ``None`` if it knows none."""
        ...

    def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None:
        """Where a dispute stands, by the processor's id; ``None`` if it knows none."""
        ...

    def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        """All money captured since an instant, whoever asked for it, oldest first, a page at a time."""
        ...

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """Open the processor's card page."""
        ...

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """What came of the owner's visit to that page; the same answer every time."""
        ...

    def describe_card(self, token: CardToken, /) -> CardDetails | None:
        """What the processor knows of a card now; ``None`` if the token is gone."""
        ...

    def detach_card(self, token: CardToken, /) -> None:
        """
        Forget a card; doing it twice is fine.

        Not to be declared where one token may belong to several accounts: it would be forgotten for all.
        """
        ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        """Verify a notice over its raw bytes, or raise `WebhookRejected`. Pure: no I/O."""
        ...


class AsyncPaymentGateway(Protocol):
    """`PaymentGateway` for asyncio: the same names, awaited; `parse_webhook` stays synchronous."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def charge(self, request: ChargeRequest, /) -> ChargeResult: ...

    async def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound: ...

    async def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound: ...

    async def refund(self, request: RefundRequest, /) -> RefundResult: ...

    async def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound: ...

    async def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None: ...

    async def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None: ...

    async def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage: ...

    async def begin_card_setup(self, request: SetupRequest, /) -> SetupSession: ...

    async def complete_card_setup(self, session_ref: str, /) -> SetupResult: ...

    async def describe_card(self, token: CardToken, /) -> CardDetails | None: ...

    async def detach_card(self, token: CardToken, /) -> None: ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice: ...


class FencedGateway(PaymentGateway, Protocol):
    """
    A processor with a fence: one object per charge that captures at most once, ever.

    Its charges go through these three methods, and never through ``charge``:
    prepare, commit the id, confirm. A crash anywhere is found out by `get_charge`,
    and no time is counted on. ``cancel_charge`` is the fence: once it has answered,
    nothing captures any more. It gets the id as ``request.gateway_ref``.
    """

    def prepare_charge(self, request: ChargeRequest, /) -> str | ChargeResult:
        """
        Create the charge without moving money; under a known key, the same one again.

        Returns:
            The processor's id of it; or why there is none (declined, not attempted).
        """
        ...

    def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult:
        """Capture what was prepared. Confirmed twice, it captures once."""
        ...

    def get_charge(self, gateway_ref: str, /) -> ChargeResult | ChargeNotFound:
        """
        What became of it by now, without any lag.

        Returns:
            ``ChargeNotFound`` or NOT_ATTEMPTED: never confirmed, and no money is under way.
            DECLINED: the last confirmation was declined, or it was closed.
        """
        ...


class AsyncFencedGateway(AsyncPaymentGateway, Protocol):
    """`FencedGateway` for asyncio."""

    async def prepare_charge(self, request: ChargeRequest, /) -> str | ChargeResult: ...

    async def confirm_charge(self, gateway_ref: str, request: ChargeRequest, /) -> ChargeResult: ...

    async def get_charge(self, gateway_ref: str, /) -> ChargeResult | ChargeNotFound: ...


class BaseGateway:
    """Defaults for adapters: every optional operation raises `CapabilityNotSupported`."""

    capabilities = Capabilities()

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        raise CapabilityNotSupported("find_charge")

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        raise CapabilityNotSupported("cancel_charge")

    def refund(self, request: RefundRequest, /) -> RefundResult:
        raise CapabilityNotSupported("refund")

    def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        raise CapabilityNotSupported("find_refund")

    def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        raise CapabilityNotSupported("describe_refund")

    def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None:
        raise CapabilityNotSupported("describe_dispute")

    def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        raise CapabilityNotSupported("list_charges")

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        raise CapabilityNotSupported("begin_card_setup")

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        raise CapabilityNotSupported("complete_card_setup")

    def describe_card(self, token: CardToken, /) -> CardDetails | None:
        raise CapabilityNotSupported("describe_card")

    def detach_card(self, token: CardToken, /) -> None:
        raise CapabilityNotSupported("detach_card")

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        raise CapabilityNotSupported("parse_webhook")


class BaseAsyncGateway:
    """`BaseGateway` for asyncio."""

    capabilities = Capabilities()

    async def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        raise CapabilityNotSupported("find_charge")

    async def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        raise CapabilityNotSupported("cancel_charge")

    async def refund(self, request: RefundRequest, /) -> RefundResult:
        raise CapabilityNotSupported("refund")

    async def find_refund(self, request: RefundRequest, /) -> RefundResult | ChargeNotFound:
        raise CapabilityNotSupported("find_refund")

    async def describe_refund(self, gateway_ref: str, /) -> RefundDetails | None:
        raise CapabilityNotSupported("describe_refund")

    async def describe_dispute(self, gateway_ref: str, /) -> DisputeDetails | None:
        raise CapabilityNotSupported("describe_dispute")

    async def list_charges(self, since: datetime, after: str | None = None, /) -> ChargePage:
        raise CapabilityNotSupported("list_charges")

    async def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        raise CapabilityNotSupported("begin_card_setup")

    async def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        raise CapabilityNotSupported("complete_card_setup")

    async def describe_card(self, token: CardToken, /) -> CardDetails | None:
        raise CapabilityNotSupported("describe_card")

    async def detach_card(self, token: CardToken, /) -> None:
        raise CapabilityNotSupported("detach_card")

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        raise CapabilityNotSupported("parse_webhook")
