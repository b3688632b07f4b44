"""
What a flow asks of the outside world.

A flow is a generator: it yields requests and is sent their answers. It knows
neither threads nor event loops, so one flow serves both drivers, and a test
can play the world by hand.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.gateways.results import ChargeRequest, ChargeResult, RefundRequest, SetupRequest
from billing_core.stores.port import AttemptFilter, Change, LicenseFilter

__all__ = [
    "BeginSetup",
    "CallOff",
    "Commit",
    "CompleteSetup",
    "Detach",
    "Flow",
    "GetNow",
    "ListAttempts",
    "ListLicenses",
    "LoadAccount",
    "LoadAttempt",
    "LoadDossier",
    "LoadInvoice",
    "LookUp",
    "LookUpTaxRate",
    "Refund",
    "Request",
    "Send",
    "Sent",
]


@attrs.frozen
class GetNow:
    """The store's time."""


@attrs.frozen
class LoadAccount:
    """An account, or ``None``."""

    account_id: str


@attrs.frozen
class LoadInvoice:
    """An invoice, or ``None``."""

    invoice_id: str


@attrs.frozen
class LoadAttempt:
    """An attempt, or ``None``."""

    attempt_id: str


@attrs.frozen
class LoadDossier:
    """All that is known about a license, or ``None``."""

    license_id: str


@attrs.frozen
class ListLicenses:
    """A page of licenses."""

    filter: LicenseFilter
    after: str | None = None


@attrs.frozen
class ListAttempts:
    """A page of attempts."""

    filter: AttemptFilter
    after: str | None = None


@attrs.frozen
class Commit:
    """Carry out a change, completely or not at all."""

    change: Change


@attrs.frozen
class Send:
    """
    Send a charge whose intent is committed. Answered with a `Sent`, never with an exception.

    ``committed_at`` is when: a worker that was held up for too long must not send any more.
    """

    gateway_id: str
    request: ChargeRequest
    committed_at: datetime


@attrs.frozen
class Sent:
    """The outcome of a send, and what the adapter raised, if that must be heard of."""

    result: ChargeResult
    error: Exception | None = None


@attrs.frozen
class LookUp:
    """What became of a charge. Answered like a `Send`, or with `ChargeNotFound`."""

    gateway_id: str
    request: ChargeRequest


@attrs.frozen
class CallOff:
    """Give up a charge that waits for the cardholder."""

    gateway_id: str
    request: ChargeRequest


@attrs.frozen
class Refund:
    """Give money back."""

    gateway_id: str
    request: RefundRequest


@attrs.frozen
class BeginSetup:
    """Open the processor's card page."""

    gateway_id: str
    request: SetupRequest


@attrs.frozen
class CompleteSetup:
    """What came of the owner's visit to it."""

    gateway_id: str
    session_ref: str


@attrs.frozen
class Detach:
    """Let the processor forget a card; a failure is logged, never raised."""

    gateway_id: str
    token: CardToken


@attrs.frozen
class LookUpTaxRate:
    """The host's tax rate in percent, or ``None``."""

    jurisdiction: str
    category: str
    on: date


Request: TypeAlias = (
    GetNow
    | LoadAccount
    | LoadInvoice
    | LoadAttempt
    | LoadDossier
    | ListLicenses
    | ListAttempts
    | Commit
    | Send
    | LookUp
    | CallOff
    | Refund
    | BeginSetup
    | CompleteSetup
    | Detach
    | LookUpTaxRate
)

T = TypeVar("T")

#: A generator that yields requests, is sent their answers, and returns a ``T``.
Flow: TypeAlias = Generator[Request, Any, T]
