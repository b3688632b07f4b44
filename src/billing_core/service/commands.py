"""The shape that every command has: load, authorise, decide, commit; again if the world moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeAlias

import attrs

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor, Permission, authorize
from billing_core.charging.apply import Draft
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.errors import Conflict, NotFound
from billing_core.identity.text import free_text
from billing_core.service.changes import Occasion, account_change, license_change
from billing_core.service.context import Context
from billing_core.service.requests import (
    Commit,
    Flow,
    GetNow,
    ListRefunds,
    LoadAccount,
    LoadAttempt,
    LoadDossier,
    LoadInvoice,
    LoadRefund,
)
from billing_core.stores.port import CommitResult, Page, RefundFilter
from billing_core.values.typed import evolve

__all__ = [
    "TRIES_MAX",
    "AccountDecision",
    "By",
    "LicenseDecision",
    "change_account",
    "change_license",
    "load_account",
    "load_attempt",
    "load_dossier",
    "load_invoice",
    "load_refund",
]

#: Lost races in a row before a command gives up.
TRIES_MAX = 20

AccountDecision: TypeAlias = Callable[[Account, datetime], "tuple[Account, Iterable[Draft]]"]
LicenseDecision: TypeAlias = Callable[[Dossier, datetime], "tuple[Dossier, Iterable[Draft]]"]


def _said(reason: str | None) -> str | None:
    return free_text("reason", reason) if reason is not None else None


@attrs.frozen(kw_only=True)
class By:
    """
    Who asks for a command, why, and which version of the record they saw.

    Raises:
        InvalidInput: the reason is empty, too long, or may hold a card number.
    """

    actor: Actor
    reason: str | None = attrs.field(default=None, converter=_said)
    expect_version: int | None = None

    def ensure_saw(self, kind: str, record: Account | Dossier | Invoice | ChargeAttempt | Refund) -> None:
        """
        Refuse what was decided on another version than the one that is there.

        Raises:
            Conflict: naming both versions.
        """
        versioned = record.license if isinstance(record, Dossier) else record
        if self.expect_version is not None and self.expect_version != versioned.version:
            raise Conflict(kind, versioned.id, self.expect_version, versioned.version)

    def with_any_version(self) -> By:
        """The same, once the expected version was seen."""
        return attrs.evolve(self, expect_version=None)


def load_account(account_id: str) -> Flow[Account]:
    """
    The account.

    Raises:
        NotFound: there is none.
    """
    account: Account | None = yield LoadAccount(account_id)
    if account is None:
        raise NotFound("account", account_id)
    return account


def load_invoice(invoice_id: str) -> Flow[Invoice]:
    """
    The invoice.

    Raises:
        NotFound: there is none.
    """
    invoice: Invoice | None = yield LoadInvoice(invoice_id)
    if invoice is None:
        raise NotFound("invoice", invoice_id)
    return invoice


def load_attempt(attempt_id: str) -> Flow[ChargeAttempt]:
    """
    The attempt.

    Raises:
        NotFound: there is none.
    """
    attempt: ChargeAttempt | None = yield LoadAttempt(attempt_id)
    if attempt is None:
        raise NotFound("attempt", attempt_id)
    return attempt


def load_refund(refund_id: str) -> Flow[Refund]:
    """
    The refund.

    Raises:
        NotFound: there is none.
    """
    refund: Refund | None = yield LoadRefund(refund_id)
    if refund is None:
        raise NotFound("refund", refund_id)
    return refund


def load_dossier(context: Context, license_id: str, attempt_id: str | None = None) -> Flow[Dossier]:
    """
    The dossier of a license, with one attempt even if it matters to nothing else any more.

    Raises:
        NotFound: there is no such license.
    """
    dossier: Dossier | None = yield LoadDossier(license_id)
    if dossier is None:
        raise NotFound("license", license_id)
    dossier = dossier.with_gateways(context.gateways)
    if attempt_id is None or dossier.attempt(attempt_id) is not None:
        return dossier
    attempt = yield from load_attempt(attempt_id)
    invoice = yield from load_invoice(attempt.invoice_id)
    # The attempt first: whoever decides on a refund meanwhile raises its version, which then is guarded.
    refunds = yield from _refunds_of(attempt_id)
    dossier = dossier.with_attempt(attempt).with_invoice(invoice)
    return evolve(dossier, refunds=(*dossier.refunds, *refunds))


def _refunds_of(attempt_id: str) -> Flow[tuple[Refund, ...]]:
    found: list[Refund] = []
    after: str | None = None
    while True:
        page: Page[Refund] = yield ListRefunds(RefundFilter(attempt_id=attempt_id), after)
        found.extend(page.items)
        after = page.next
        if after is None:
            return tuple(sorted(found, key=lambda refund: refund.number))


def change_account(
    context: Context, account_id: str, permission: Permission, by: By, decide: AccountDecision
) -> Flow[Account]:
    """
    Change one account; wakes all its licenses.

    A decision that returns the account as it is changes nothing and commits nothing.

    Raises:
        NotFound, PermissionDenied: before anything else is looked at.
        Conflict: the account is not at the expected version.
    """
    for _ in range(TRIES_MAX):
        account = yield from load_account(account_id)
        role = authorize(by.actor, permission, account)
        by.ensure_saw("account", account)
        now: datetime = yield GetNow()
        after, drafts = decide(account, now)
        if after is account:
            return account
        occasion = Occasion(namespace=context.namespace, at=now, actor=by.actor.ref(role), reason=by.reason)
        change, stepped = account_change(occasion, account, after, drafts)
        result: CommitResult = yield Commit(change)
        if result.ok:
            return stepped
    raise Conflict("account", account_id)


def change_license(
    context: Context,
    license_id: str,
    permission: Permission,
    by: By,
    decide: LicenseDecision,
    *,
    attempt_id: str | None = None,
) -> Flow[Dossier]:
    """
    Change one license; wakes it.

    ``attempt_id`` names an attempt that the decision is about.

    Raises:
        NotFound, PermissionDenied: before anything else is looked at.
        Conflict: the license is not at the expected version.
    """
    for _ in range(TRIES_MAX):
        dossier = yield from load_dossier(context, license_id, attempt_id)
        role = authorize(by.actor, permission, dossier.account)
        by.ensure_saw("license", dossier)
        now: datetime = yield GetNow()
        after, drafts = decide(dossier, now)
        if after is dossier:
            return dossier
        occasion = Occasion(namespace=context.namespace, at=now, actor=by.actor.ref(role), reason=by.reason)
        change, stepped = license_change(occasion, dossier, after, drafts, wake_at=now)
        result: CommitResult = yield Commit(change)
        if result.ok:
            return stepped
    raise Conflict("license", license_id)
