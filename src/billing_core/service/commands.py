"""The shape that every command has: load, authorise, decide, commit; again if the world moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeAlias

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor, Permission, authorize
from billing_core.charging.apply import Draft
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.errors import Conflict, NotFound
from billing_core.identity.text import free_text
from billing_core.service.changes import Occasion, account_change, license_change
from billing_core.service.context import Context
from billing_core.service.requests import (
    Commit,
    Flow,
    GetNow,
    LoadAccount,
    LoadAttempt,
    LoadDossier,
    LoadInvoice,
)
from billing_core.stores.port import CommitResult

__all__ = ["change_account", "change_license", "checked_reason", "load_account", "load_dossier"]

_TRIES_MAX = 20

AccountDecision: TypeAlias = Callable[[Account, datetime], "tuple[Account, Iterable[Draft]]"]
LicenseDecision: TypeAlias = Callable[[Dossier, datetime], "tuple[Dossier, Iterable[Draft]]"]


def checked_reason(reason: str | None) -> str | None:
    """A reason in words of a person, cleaned; card numbers are refused."""
    return free_text("reason", reason) if reason is not None else None


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


def load_dossier(license_id: str, attempt_id: str | None = None) -> Flow[Dossier]:
    """
    The dossier of a license, with one attempt even if it matters to nothing else any more.

    Raises:
        NotFound: there is no such license.
    """
    dossier: Dossier | None = yield LoadDossier(license_id)
    if dossier is None:
        raise NotFound("license", license_id)
    if attempt_id is None or dossier.attempt(attempt_id) is not None:
        return dossier
    attempt: ChargeAttempt = yield LoadAttempt(attempt_id)
    invoice: Invoice = yield LoadInvoice(attempt.invoice_id)
    return dossier.with_attempt(attempt).with_invoice(invoice)


def change_account(
    context: Context,
    account_id: str,
    permission: Permission,
    decide: AccountDecision,
    *,
    actor: Actor,
    reason: str | None,
    expect_version: int | None,
) -> Flow[Account]:
    """
    Change one account; wakes all its licenses.

    A decision that returns the account as it is changes nothing and commits nothing.

    Raises:
        NotFound, PermissionDenied: before anything else is looked at.
        Conflict: the account is not at ``expect_version``.
    """
    said = checked_reason(reason)
    for _ in range(_TRIES_MAX):
        account = yield from load_account(account_id)
        role = authorize(actor, permission, account)
        _expect("account", account_id, expect_version, account.version)
        now: datetime = yield GetNow()
        after, drafts = decide(account, now)
        if after is account:
            return account
        occasion = Occasion(namespace=context.namespace, at=now, actor=actor.ref(role), reason=said)
        change, stepped = account_change(occasion, account, after, drafts)
        result: CommitResult = yield Commit(change)
        if result.ok:
            return stepped
    raise Conflict("account", account_id)


def change_license(
    context: Context,
    license_id: str,
    permission: Permission,
    decide: LicenseDecision,
    *,
    actor: Actor,
    reason: str | None,
    expect_version: int | None,
    attempt_id: str | None = None,
) -> Flow[Dossier]:
    """
    Change one license; wakes it.

    ``attempt_id`` names an attempt that the decision is about.

    Raises:
        NotFound, PermissionDenied: before anything else is looked at.
        Conflict: the license is not at ``expect_version``.
    """
    said = checked_reason(reason)
    for _ in range(_TRIES_MAX):
        dossier = yield from load_dossier(license_id, attempt_id)
        role = authorize(actor, permission, dossier.account)
        _expect("license", license_id, expect_version, dossier.license.version)
        now: datetime = yield GetNow()
        dossier = dossier.with_gateways(context.gateways)
        after, drafts = decide(dossier, now)
        if after is dossier:
            return dossier
        occasion = Occasion(namespace=context.namespace, at=now, actor=actor.ref(role), reason=said)
        change, stepped = license_change(occasion, dossier, after, drafts, wake_at=now)
        result: Any = yield Commit(change)
        if result.ok:
            return stepped
    raise Conflict("license", license_id)


def _expect(kind: str, id: str, expected: int | None, actual: int) -> None:
    if expected is not None and expected != actual:
        raise Conflict(kind, id, expected, actual)
