"""What a host shows: a license with its status, access, and what comes next."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor, Permission, authorize
from billing_core.charging.attempt import AttemptState
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.status import Access, LicenseStatus, access_at, expires_at, status_at
from billing_core.charging.steps import Because
from billing_core.gateways.results import ActionRequired
from billing_core.policy import BillingPolicy
from billing_core.service.simulate import PlannedStep
from billing_core.values.money import Money
from billing_core.values.texts import CountryCode, Id, Text
from billing_core.values.typed import Typed

__all__ = ["BillingInfoView", "LicenseView", "license_view", "masked_billing_info", "payment_action"]


@attrs.frozen(kw_only=True)
class LicenseView(Typed):
    """
    A license as it is at one instant.

    Attributes:
        paid_until: the first local day that is not covered.
        due_at: the first instant of that day, in the license's zone.
        expires_at: when it expires if nothing is paid; ``None`` once it has
            ended or while it is paid for long enough not to matter yet.
        amount_due: what is owed now; zero if nothing is.
        next_charge_on: the local day of the next planned charge; ``None`` if none is planned.
        next_charge_amount: what it will be, with tax and less the balance.
        asks_cardholder: whether a charge waits until the cardholder confirms
            it; `Billing.payment_action` tells the owner where.
        extended_until: the end of the extension that is running.
        card: brand and last four digits of the card that will be charged.
        because: why nothing is to be done now, or why something is.
    """

    license_id: Id
    account_id: Id
    status: LicenseStatus
    access: Access
    plan: Text
    quantity: int
    paid_until: date
    due_at: datetime
    expires_at: datetime | None
    amount_due: Money
    next_charge_on: date | None
    next_charge_amount: Money | None
    asks_cardholder: bool
    extended_until: datetime | None
    card: Text | None
    because: Because


def license_view(
    dossier: Dossier, now: datetime, policy: BillingPolicy, charge: PlannedStep | None
) -> LicenseView:
    """A license as it is at this instant, with its next planned charge. Pure."""
    license_ = dossier.license
    status = status_at(dossier, now, policy)
    invoice = dossier.open_invoice
    card = dossier.account.default_card
    running = [extension.until for extension in license_.extensions if extension.is_active_at(now)]
    is_unpaid = status in {LicenseStatus.PAST_DUE, LicenseStatus.EXPIRED}
    return LicenseView(
        license_id=license_.id,
        account_id=license_.account_id,
        status=status,
        access=access_at(dossier, now, policy),
        plan=license_.plan.name,
        quantity=license_.quantity,
        paid_until=license_.paid_until,
        due_at=license_.due_at,
        expires_at=expires_at(dossier, now, policy) if is_unpaid else None,
        amount_due=invoice.amount_due if invoice is not None else Money.zero(dossier.account.currency),
        next_charge_on=charge.date if charge is not None else None,
        next_charge_amount=charge.amount if charge is not None else None,
        asks_cardholder=payment_action(dossier) is not None,
        extended_until=max(running, default=None),
        card=card.label if card is not None else None,
        because=next_step(dossier, now, policy).because,
    )


def payment_action(dossier: Dossier) -> ActionRequired | None:
    """Where the cardholder confirms a charge that waits for them; ``None`` if none does."""
    attempt = dossier.unresolved_attempt
    if attempt is None or attempt.state is not AttemptState.REQUIRES_ACTION or attempt.result is None:
        return None
    return attempt.result.action


@attrs.frozen(kw_only=True)
class BillingInfoView(Typed):
    """Billing information with all but a hint of each fact masked, for support screens."""

    name: Text | None
    country: CountryCode | None
    postal_code: Text | None
    phone: Text | None
    tax_id: Text | None
    cards: tuple[Text, ...]


def masked_billing_info(account: Account, actor: Actor) -> BillingInfoView:
    """
    What support may see: enough to talk about, too little to impersonate.

    Raises:
        PermissionDenied: the actor may not even see that.
    """
    authorize(actor, Permission.VIEW_MASKED_BILLING, account)
    info = account.billing_info
    return BillingInfoView(
        name=_hint(info.name, 1) if info is not None else None,
        country=info.country if info is not None else None,
        postal_code=_hint(info.address.postal_code, 2) if info is not None else None,
        phone=_tail(info.phone.e164) if info is not None and info.phone is not None else None,
        tax_id=_hint(info.tax_id.value, 2) if info is not None and info.tax_id is not None else None,
        cards=tuple(card.label for card in account.cards),
    )


def _hint(text: str | None, shown: int) -> str | None:
    return f"{text[:shown]}…" if text else None


def _tail(text: str) -> str:
    return f"…{text[-2:]}"
