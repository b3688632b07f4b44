"""
What a flow asks of the outside world.

A flow is a generator: it yields requests and is sent their answers. It knows
neither threads nor event loops, so one flow serves both drivers, and a test
can play the world by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date, timedelta
from functools import cache
from typing import Any, ClassVar, TypeAlias, TypeVar

import attrs

from billing_core.service.calls import GatewayCall, MaySend
from billing_core.stores.port import AttemptFilter, Change, InvoiceFilter, LicenseFilter, RefundFilter, Shard
from billing_core.values.encoding import reader

__all__ = [
    "ClaimDue",
    "Commit",
    "Flow",
    "GetNow",
    "GetWakeAt",
    "ListAccounts",
    "ListAttempts",
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
    "LookUpTaxRate",
    "Request",
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
