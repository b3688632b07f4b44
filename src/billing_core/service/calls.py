"""
What a flow asks of a gateway, and how it is told what came of it.

Calls about money are never answered with an exception: what escapes an adapter
is an outcome, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.gateways.results import (
    ChargeRequest,
    ChargeResult,
    RefundRequest,
    RefundResult,
    SetupRequest,
)

__all__ = [
    "BeginSetup",
    "CallOff",
    "ChargeCall",
    "CompleteSetup",
    "Confirm",
    "DescribeCard",
    "DescribeDispute",
    "DescribeRefund",
    "Detach",
    "GatewayCall",
    "Get",
    "ListCharges",
    "LookUp",
    "LookUpRefund",
    "MaySend",
    "MoneyCall",
    "Prepare",
    "Prepared",
    "RefundCall",
    "Send",
    "SendRefund",
    "Sending",
    "Sent",
]


@attrs.frozen
class GatewayCall(ABC):
    """One call of one gateway."""

    gateway_id: str

    @abstractmethod
    def ask(self, gateway: Any) -> Any:
        """The call; its answer is the gateway's, awaitable if the gateway's is."""


@attrs.frozen
class MoneyCall(GatewayCall):
    """
    A call about money that moves. Answered with a `Sent` or `ChargeNotFound`, never with an exception.

    ``RESULT`` is what the adapter answers with.
    """

    RESULT: ClassVar[type[ChargeResult | RefundResult]]


@attrs.frozen
class ChargeCall(MoneyCall):
    """A call about a charge."""

    RESULT: ClassVar[type[ChargeResult | RefundResult]] = ChargeResult

    request: ChargeRequest


@attrs.frozen
class RefundCall(MoneyCall):
    """A call about a refund."""

    RESULT: ClassVar[type[ChargeResult | RefundResult]] = RefundResult

    request: RefundRequest


@attrs.frozen
class Sending(ChargeCall):
    """
    A call that is made only after its intent was committed, and that may move money in the end.

    ``committed_at`` is when: a worker that was held up for too long must not send any more.
    """

    committed_at: datetime


@attrs.frozen
class Send(Sending):
    """Send a charge."""

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.charge`."""
        return gateway.charge(self.request)


@attrs.frozen
class Prepare(Sending):
    """Prepare a charge at a fenced gateway. Answered with `Prepared`, or with why it is not."""

    def ask(self, gateway: Any) -> Any:
        """See `FencedGateway.prepare_charge`."""
        return gateway.prepare_charge(self.request)


@attrs.frozen
class Confirm(Sending):
    """Confirm what was prepared."""

    gateway_ref: str

    def ask(self, gateway: Any) -> Any:
        """See `FencedGateway.confirm_charge`."""
        return gateway.confirm_charge(self.gateway_ref, self.request)


@attrs.frozen
class Get(ChargeCall):
    """What became of what was prepared."""

    gateway_ref: str

    def ask(self, gateway: Any) -> Any:
        """See `FencedGateway.get_charge`."""
        return gateway.get_charge(self.gateway_ref)


@attrs.frozen
class MaySend:
    """Whether charges may be sent through a gateway at all; answered with a bool."""

    gateway_id: str
    now: datetime


@attrs.frozen
class LookUp(ChargeCall):
    """What became of a charge."""

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.find_charge`."""
        return gateway.find_charge(self.request)


@attrs.frozen
class CallOff(ChargeCall):
    """Give up a charge that waits for the cardholder, or close what was prepared."""

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.cancel_charge`."""
        return gateway.cancel_charge(self.request)


@attrs.frozen
class SendRefund(RefundCall):
    """Send a refund whose intent is committed; ``committed_at`` as of `Send`."""

    committed_at: datetime

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.refund`."""
        return gateway.refund(self.request)


@attrs.frozen
class LookUpRefund(RefundCall):
    """What became of a refund."""

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.find_refund`."""
        return gateway.find_refund(self.request)


A = TypeVar("A", bound=ChargeResult | RefundResult)


@attrs.frozen
class Sent(Generic[A]):
    """The outcome of a call about money, and what the adapter raised, if that must be heard of."""

    result: A
    error: Exception | None = None


@attrs.frozen
class Prepared:
    """The processor's id of a charge that was prepared."""

    gateway_ref: str


@attrs.frozen
class BeginSetup(GatewayCall):
    """Open the processor's card page."""

    request: SetupRequest

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.begin_card_setup`."""
        return gateway.begin_card_setup(self.request)


@attrs.frozen
class CompleteSetup(GatewayCall):
    """What came of the owner's visit to it."""

    session_ref: str

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.complete_card_setup`."""
        return gateway.complete_card_setup(self.session_ref)


@attrs.frozen
class ListCharges(GatewayCall):
    """A page of what the processor captured since an instant."""

    since: datetime
    after: str | None = None

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.list_charges`."""
        return gateway.list_charges(self.since, self.after)


@attrs.frozen
class DescribeRefund(GatewayCall):
    """What the processor knows of a refund, by its own id."""

    gateway_ref: str

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.describe_refund`."""
        return gateway.describe_refund(self.gateway_ref)


@attrs.frozen
class DescribeDispute(GatewayCall):
    """Where a dispute stands, by the processor's id."""

    gateway_ref: str

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.describe_dispute`."""
        return gateway.describe_dispute(self.gateway_ref)


@attrs.frozen
class DescribeCard(GatewayCall):
    """What the processor knows of a card now."""

    token: CardToken

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.describe_card`."""
        return gateway.describe_card(self.token)


@attrs.frozen
class Detach(GatewayCall):
    """Let the processor forget a card; a failure is logged, never raised."""

    token: CardToken

    def ask(self, gateway: Any) -> Any:
        """See `PaymentGateway.detach_card`."""
        return gateway.detach_card(self.token)
