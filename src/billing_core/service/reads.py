"""What a host reads, as flows."""

from __future__ import annotations

from datetime import datetime

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor, Permission, authorize
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.events import Event
from billing_core.gateways.results import ActionRequired
from billing_core.issues import invalid
from billing_core.licenses.license import License
from billing_core.service.commands import load_account, load_dossier
from billing_core.service.context import Context
from billing_core.service.requests import (
    Flow,
    GetNow,
    ListAccounts,
    ListAttempts,
    ListEvents,
    ListInvoices,
    ListLicenses,
    ListRefunds,
)
from billing_core.service.simulate import PlannedStep, next_charge, preview
from billing_core.service.views import (
    BillingInfoView,
    LicenseView,
    license_view,
    masked_billing_info,
    payment_action,
)
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, Page, RefundFilter
from billing_core.values.typed import evolve

__all__ = [
    "accounts",
    "action_of",
    "attempts",
    "billing_info_view",
    "events",
    "invoices",
    "licenses",
    "needs_attention",
    "planned",
    "refunds",
    "view",
]

_LIMIT_MAX = 1000


def billing_info_view(account_id: str, actor: Actor) -> Flow[BillingInfoView]:
    """See `Billing.billing_info_view`."""
    account = yield from load_account(account_id)
    return masked_billing_info(account, actor)


def view(context: Context, license_id: str) -> Flow[LicenseView]:
    """See `Billing.license_view`."""
    dossier = yield from load_dossier(context, license_id)
    now: datetime = yield GetNow()
    charge = yield from next_charge(context, dossier, now)
    return license_view(dossier, now, context.policy, charge)


def action_of(context: Context, license_id: str, actor: Actor) -> Flow[ActionRequired | None]:
    """See `Billing.payment_action`."""
    dossier = yield from load_dossier(context, license_id)
    authorize(actor, Permission.MANAGE_CARDS, dossier.account)
    return payment_action(dossier)


def planned(context: Context, license_id: str, until: datetime) -> Flow[tuple[PlannedStep, ...]]:
    """See `Billing.preview`."""
    dossier = yield from load_dossier(context, license_id)
    now: datetime = yield GetNow()
    return (yield from preview(context, dossier, until, now))


def accounts(after: str | None, limit: int) -> Flow[Page[Account]]:
    """See `Billing.accounts`."""
    page: Page[Account] = yield ListAccounts(after, _checked(limit))
    return page


def licenses(filter: LicenseFilter | None, after: str | None, limit: int) -> Flow[Page[License]]:
    """See `Billing.licenses`."""
    page: Page[License] = yield ListLicenses(filter or LicenseFilter(), after, _checked(limit))
    return page


def invoices(filter: InvoiceFilter | None, after: str | None, limit: int) -> Flow[Page[Invoice]]:
    """See `Billing.invoices`."""
    page: Page[Invoice] = yield ListInvoices(filter or InvoiceFilter(), after, _checked(limit))
    return page


def attempts(filter: AttemptFilter | None, after: str | None, limit: int) -> Flow[Page[ChargeAttempt]]:
    """See `Billing.attempts`."""
    page: Page[ChargeAttempt] = yield ListAttempts(filter or AttemptFilter(), after, _checked(limit))
    return page


def refunds(filter: RefundFilter | None, after: str | None, limit: int) -> Flow[Page[Refund]]:
    """See `Billing.refunds`."""
    page: Page[Refund] = yield ListRefunds(filter or RefundFilter(), after, _checked(limit))
    return page


def needs_attention(filter: AttemptFilter | None, after: str | None, limit: int) -> Flow[Page[ChargeAttempt]]:
    """See `Billing.needs_attention`."""
    return attempts(evolve(filter or AttemptFilter(), needs_attention=True), after, limit)


def events(after: int, limit: int) -> Flow[tuple[Event, ...]]:
    """See `Billing.events`."""
    found: tuple[Event, ...] = yield ListEvents(after, _checked(limit))
    return found


def _checked(limit: int) -> int:
    if not 1 <= limit <= _LIMIT_MAX:
        raise invalid("limit", "out_of_range", min=1, max=_LIMIT_MAX)
    return limit
