"""
What a flow asks of the outside world.

A flow is a generator: it yields requests and is sent their answers. It knows
neither threads nor event loops, so one flow serves both drivers, and a test
can play the world by hand.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.gateways.results import (
    ChargeRequest,
    ChargeResult,
    RefundRequest,
    RefundResult,
    SetupRequest,
)
from billing_core.stores.port import AttemptFilter, Change, InvoiceFilter, LicenseFilter, RefundFilter, Shard
from billing_core.values.encoding import reader

__all__ = [
    "BeginSetup",
    "CallOff",
    "ChargeCall",
    "ClaimDue",
    "Commit",
    "CompleteSetup",
    "Confirm",
    "DescribeCard",
    "DescribeDispute",
    "DescribeRefund",
    "Detach",
    "Flow",
    "GatewayCall",
    "Get",
    "GetNow",
    "GetWakeAt",
    "ListAccounts",
    "ListAttempts",
    "ListCharges",
    "ListEvents",
    "ListInvoices",
    "ListLicenses",
    "ListRefunds",
    "LoadAccount",
    "LoadAttempt",
    "LoadControls",
    "LoadDossier",
    "LoadInvoice",
    "LoadRefund",
    "LookUp",
    "LookUpRefund",
    "LookUpTaxRate",
    "MaySend",
    "MoneyCall",
    "Prepare",
    "Prepared",
    "RefundCall",
    "Request",
    "Send",
    "SendRefund",
    "Sending",
    "Sent",
    "SideBySide",
    "StoreRequest",
]

PAGE = 200


@attrs.frozen
class StoreRequest:
    """Something that the store answers by one call: of its ``METHOD``, with the request's fields."""

    METHOD: ClassVar[str]

    def ask(self, store: Any) -> Any:
        """The call; its answer is the store's, awaitable if the store's is."""
        cls: Any = type(self)
        arguments = _read_fields(cls)(self)
        return getattr(store, self.METHOD)(*arguments)


@cache
def _read_fields(cls: Any) -> Callable[[Any], tuple[Any, ...]]:
    return reader([field.name for field in attrs.fields(cls)])


@attrs.frozen
class GetNow(StoreRequest):
    """The store's time."""

    METHOD: ClassVar[str] = "now"


@attrs.frozen
class LoadAccount(StoreRequest):
    """An account, or ``None``."""

    METHOD: ClassVar[str] = "account"

    account_id: str


@attrs.frozen
class LoadInvoice(StoreRequest):
    """An invoice, or ``None``."""

    METHOD: ClassVar[str] = "invoice"

    invoice_id: str


@attrs.frozen
class LoadAttempt(StoreRequest):
    """An attempt, or ``None``."""

    METHOD: ClassVar[str] = "attempt"

    attempt_id: str


@attrs.frozen
class LoadControls(StoreRequest):
    """What holds for the whole store."""

    METHOD: ClassVar[str] = "controls"


@attrs.frozen
class LoadRefund(StoreRequest):
    """A refund, or ``None``."""

    METHOD: ClassVar[str] = "refund"

    refund_id: str


@attrs.frozen
class LoadDossier(StoreRequest):
    """All that is known about a license, or ``None``."""

    METHOD: ClassVar[str] = "dossier"

    license_id: str


@attrs.frozen
class GetWakeAt(StoreRequest):
    """When a license is looked at next."""

    METHOD: ClassVar[str] = "wake_at"

    license_id: str


@attrs.frozen
class ListAccounts(StoreRequest):
    """A page of accounts."""

    METHOD: ClassVar[str] = "accounts"

    after: str | None = None
    limit: int = PAGE


@attrs.frozen
class ListLicenses(StoreRequest):
    """A page of licenses."""

    METHOD: ClassVar[str] = "licenses"

    filter: LicenseFilter
    after: str | None = None
    limit: int = PAGE


@attrs.frozen
class ListInvoices(StoreRequest):
    """A page of invoices."""

    METHOD: ClassVar[str] = "invoices"

    filter: InvoiceFilter
    after: str | None = None
    limit: int = PAGE


@attrs.frozen
class ListAttempts(StoreRequest):
    """A page of attempts."""

    METHOD: ClassVar[str] = "attempts"

    filter: AttemptFilter
    after: str | None = None
    limit: int = PAGE


@attrs.frozen
class ListRefunds(StoreRequest):
    """A page of refunds."""

    METHOD: ClassVar[str] = "refunds"

    filter: RefundFilter
    after: str | None = None
    limit: int = PAGE


@attrs.frozen
class ListEvents(StoreRequest):
    """Events after a sequence number."""

    METHOD: ClassVar[str] = "events"

    after: int
    limit: int = PAGE


@attrs.frozen
class ClaimDue(StoreRequest):
    """Some licenses whose time has come, leased to this worker."""

    METHOD: ClassVar[str] = "claim_due"

    limit: int
    lease: timedelta
    shard: Shard


@attrs.frozen
class Commit:
    """Carry out a change, completely or not at all."""

    change: Change


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


@attrs.frozen
class LookUpTaxRate:
    """The host's tax rate in per cent, or ``None``."""

    jurisdiction: str
    category: str
    on: date


@attrs.frozen
class SideBySide:
    """Run flows at the same time; answered with how each of them ended. One's failure stops no other."""

    flows: tuple[Flow[Any], ...]


Request: TypeAlias = StoreRequest | Commit | GatewayCall | LookUpTaxRate | MaySend | SideBySide

T = TypeVar("T")

#: A generator that yields requests, is sent their answers, and returns a ``T``.
Flow: TypeAlias = Generator[Request, Any, T]
