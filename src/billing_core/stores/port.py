"""
The port to databases: what a store must guarantee, and nothing more.

A store keeps the promise by three things only: unique keys, guarded commits,
and events in the same transaction. Leases merely save work.

* ``commit`` carries out each `Change` completely or not at all. It *guards*
  the version of every record that the decision read, written or not: if one
  has moved, nothing is written and the result says which.
* One invoice per key, one attempt per (invoice, number) and per idempotency
  key, one unresolved attempt per license: by unique keys, whatever the caller does.
  Likewise one refund per (attempt, number) and per idempotency key, and one
  unresolved refund per attempt.
* Invoice numbers are given inside the commit, gapless per seller and series.
* Events get consecutive sequence numbers inside the commit.
* A change of an account wakes all its licenses in the same commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import repeat
from typing import Generic, Protocol, TypeVar

import attrs

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice, InvoiceStatus
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.gateways.webhooks import DisputeStatus
from billing_core.issues import Choice, invalid
from billing_core.licenses.license import License
from billing_core.values.texts import Id
from billing_core.values.typed import Typed

__all__ = [
    "AsyncStore",
    "AttemptFilter",
    "Change",
    "CommitResult",
    "Guard",
    "InvoiceFilter",
    "LicenseFilter",
    "Page",
    "RecordKind",
    "RefundFilter",
    "Shard",
    "Store",
    "Wake",
]

T_co = TypeVar("T_co", covariant=True)


class RecordKind(Choice):
    """The kinds of versioned records."""

    ACCOUNT = "account"
    LICENSE = "license"
    INVOICE = "invoice"
    ATTEMPT = "attempt"
    REFUND = "refund"
    #: The one record about the store as a whole.
    CONTROLS = "controls"


@attrs.frozen
class Guard(Typed):
    """The version that a decision read. Version 0: the record must not exist yet."""

    kind: RecordKind
    id: Id
    version: int


@attrs.frozen
class Wake(Typed):
    """When to look at a license next. ``None``: only when somebody changes something."""

    license_id: Id
    at: datetime | None


@attrs.frozen(kw_only=True)
class Change(Typed):
    """
    All that one decision changes, to be committed whole or not at all.

    Attributes:
        guards: the version of every record that the decision read.
        accounts, licenses, invoices, attempts, refunds, controls: records to
            write, each at a version one above its guard's.
        events: what happened; stored in the same transaction.
        wakes: when to look at licenses next; also gives their lease back.
        wake_accounts: accounts all of whose licenses are due at once.
    """

    guards: tuple[Guard, ...] = ()
    accounts: tuple[Account, ...] = ()
    licenses: tuple[License, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    attempts: tuple[ChargeAttempt, ...] = ()
    refunds: tuple[Refund, ...] = ()
    controls: tuple[Controls, ...] = ()
    events: tuple[Event, ...] = ()
    wakes: tuple[Wake, ...] = ()
    wake_accounts: tuple[Id, ...] = ()

    @property
    def writes(
        self,
    ) -> tuple[tuple[RecordKind, Account | License | Invoice | ChargeAttempt | Refund | Controls], ...]:
        """Every record to write, with its kind."""
        return (
            *zip(repeat(RecordKind.ACCOUNT), self.accounts),
            *zip(repeat(RecordKind.LICENSE), self.licenses),
            *zip(repeat(RecordKind.INVOICE), self.invoices),
            *zip(repeat(RecordKind.ATTEMPT), self.attempts),
            *zip(repeat(RecordKind.REFUND), self.refunds),
            *zip(repeat(RecordKind.CONTROLS), self.controls),
        )


@attrs.frozen(kw_only=True)
class CommitResult(Typed):
    """
    What became of one change.

    Attributes:
        conflict: the guard or the unique key that failed; nothing was written then.
        actual_version: the version found instead, if that is what failed.
        invoices: the written invoices, with their numbers.
        events: the written events, with their sequence.
    """

    conflict: Guard | None = None
    actual_version: int | None = None
    invoices: tuple[Invoice, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the change was carried out."""
        return self.conflict is None


@attrs.frozen
class Shard(Typed):
    """
    The ``number``-th of ``count`` disjoint parts of all licenses, from 0.

    Raises:
        InvalidInput: ``out_of_range`` - there is no such part; its licenses would be nobody's.
    """

    number: int = 0
    count: int = 1

    def _check_together(self) -> None:
        if self.count < 1:
            raise invalid("count", "out_of_range", min=1, max="any whole number")
        if not 0 <= self.number < self.count:
            raise invalid("number", "out_of_range", min=0, max=self.count - 1)


@attrs.frozen(kw_only=True)
class Page(Typed, Generic[T_co]):
    """Some records in the order of their ids, and where the next page starts (``None``: nowhere)."""

    items: tuple[T_co, ...]
    next: Id | None = None


@attrs.frozen(kw_only=True)
class LicenseFilter(Typed):
    """Which licenses to list; ``None`` means any."""

    account_id: Id | None = None


@attrs.frozen(kw_only=True)
class InvoiceFilter(Typed):
    """Which invoices to list; ``None`` means any."""

    account_id: Id | None = None
    license_id: Id | None = None
    status: InvoiceStatus | None = None


@attrs.frozen(kw_only=True)
class AttemptFilter(Typed):
    """
    Which attempts to list; ``None`` means any.

    ``gateway_ref`` is the processor's id of the charge (`ChargeAttempt.charge_ref`), ``dispute``
    the status of its most pressing dispute: open before lost before won.
    """

    account_id: Id | None = None
    license_id: Id | None = None
    invoice_id: Id | None = None
    card_id: Id | None = None
    reference: Id | None = None
    gateway_ref: Id | None = None
    dispute: DisputeStatus | None = None
    needs_attention: bool | None = None
    is_unresolved: bool | None = None


@attrs.frozen(kw_only=True)
class RefundFilter(Typed):
    """
    Which refunds to list; ``None`` means any.

    ``reference`` is the refund's own, ``charge_reference`` that of the charge.
    """

    account_id: Id | None = None
    license_id: Id | None = None
    invoice_id: Id | None = None
    attempt_id: Id | None = None
    reference: Id | None = None
    charge_reference: Id | None = None
    needs_attention: bool | None = None
    is_unresolved: bool | None = None


class Store(Protocol):
    """Where the records live. Every method is one transaction."""

    def now(self) -> datetime:
        """The one clock of all decisions, aware. Tests and demos set it."""
        ...

    def account(self, account_id: str, /) -> Account | None:
        """The account with this id."""
        ...

    def license(self, license_id: str, /) -> License | None:
        """The license with this id."""
        ...

    def invoice(self, invoice_id: str, /) -> Invoice | None:
        """The invoice with this id."""
        ...

    def attempt(self, attempt_id: str, /) -> ChargeAttempt | None:
        """The attempt with this id."""
        ...

    def refund(self, refund_id: str, /) -> Refund | None:
        """The refund with this id."""
        ...

    def controls(self) -> Controls:
        """The record about the store as a whole; ``Controls()`` as long as none was written."""
        ...

    def dossier(self, license_id: str, /) -> Dossier | None:
        """All that a decision about this license reads, from one consistent view."""
        ...

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        """Some licenses whose time has come, oldest first, leased so that other workers take others."""
        ...

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        """Carry out changes, each completely or not at all, in order; durable on return."""
        ...

    def wake_at(self, license_id: str, /) -> datetime | None:
        """When the license is looked at next."""
        ...

    def accounts(self, after: str | None, limit: int, /) -> Page[Account]:
        """Accounts by id."""
        ...

    def licenses(self, filter: LicenseFilter, after: str | None, limit: int, /) -> Page[License]:
        """Licenses by id."""
        ...

    def invoices(self, filter: InvoiceFilter, after: str | None, limit: int, /) -> Page[Invoice]:
        """Invoices by id."""
        ...

    def attempts(self, filter: AttemptFilter, after: str | None, limit: int, /) -> Page[ChargeAttempt]:
        """Attempts by id."""
        ...

    def refunds(self, filter: RefundFilter, after: str | None, limit: int, /) -> Page[Refund]:
        """Refunds by id."""
        ...

    def events(self, after: int, limit: int, /) -> tuple[Event, ...]:
        """Events after a sequence number, in commit order, without gaps."""
        ...


class AsyncStore(Protocol):
    """`Store` for asyncio: the same names, awaited."""

    async def now(self) -> datetime: ...

    async def account(self, account_id: str, /) -> Account | None: ...

    async def license(self, license_id: str, /) -> License | None: ...

    async def invoice(self, invoice_id: str, /) -> Invoice | None: ...

    async def attempt(self, attempt_id: str, /) -> ChargeAttempt | None: ...

    async def refund(self, refund_id: str, /) -> Refund | None: ...

    async def controls(self) -> Controls: ...

    async def dossier(self, license_id: str, /) -> Dossier | None: ...

    async def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]: ...

    async def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]: ...

    async def wake_at(self, license_id: str, /) -> datetime | None: ...

    async def accounts(self, after: str | None, limit: int, /) -> Page[Account]: ...

    async def licenses(self, filter: LicenseFilter, after: str | None, limit: int, /) -> Page[License]: ...

    async def invoices(self, filter: InvoiceFilter, after: str | None, limit: int, /) -> Page[Invoice]: ...

    async def attempts(
        self, filter: AttemptFilter, after: str | None, limit: int, /
    ) -> Page[ChargeAttempt]: ...

    async def refunds(self, filter: RefundFilter, after: str | None, limit: int, /) -> Page[Refund]: ...

    async def events(self, after: int, limit: int, /) -> tuple[Event, ...]: ...
