"""Opening an attempt: its number, its key, and the request that never changes again."""

from __future__ import annotations

from datetime import datetime

from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.gateways.capabilities import GatewayGrade
from billing_core.gateways.results import BillingDetails, ChargeRequest, StoredCredential
from billing_core.identity.avs import avs_keys
from billing_core.values.ids import derive_id, derive_key, derive_reference

__all__ = ["attempt_at"]


def attempt_at(
    dossier: Dossier,
    invoice: Invoice,
    card: SavedCard,
    now: datetime,
    namespace: str,
    *,
    sends: int = 1,
) -> ChargeAttempt:
    """
    The next attempt to charge an invoice, OPEN.

    Args:
        dossier: of the license.
        invoice: what is charged; everything derives from its key, so that a
            restored database can't repeat a charge under another key.
        card: what is charged.
        now: when its first send is committed.
        namespace: unique per environment.
        sends: 0 for one that is only looked for.
    """
    # A number may be missing: what is found after a restore keeps the one that it was sent with.
    number = max((attempt.number for attempt in dossier.attempts_of(invoice)), default=0) + 1
    return ChargeAttempt(
        id=derive_id("att", namespace, str(invoice.key), number),
        invoice_id=invoice.id,
        license_id=dossier.license.id,
        account_id=dossier.account.id,
        number=number,
        gateway_id=card.gateway_id,
        card_id=card.id,
        fingerprint=card.fingerprint,
        brand=card.brand,
        request=_request(dossier, invoice, card, number, namespace),
        # What is only looked for does not count as a use of the card.
        card_use=dossier.next_use_of(card) if sends else 0,
        is_fenced=sends > 0 and _is_fenced(dossier, card),
        epoch=dossier.controls.epoch,
        sends=sends,
        first_sent_at=now,
        last_sent_at=now,
    )


def _is_fenced(dossier: Dossier, card: SavedCard) -> bool:
    capabilities = dossier.capabilities(card.gateway_id)
    return capabilities is not None and capabilities.grade is GatewayGrade.FENCED


def _request(
    dossier: Dossier, invoice: Invoice, card: SavedCard, number: int, namespace: str
) -> ChargeRequest:
    info = dossier.account.billing_info
    billing = (
        BillingDetails(country=info.country, avs=avs_keys(info.address))
        if info is not None
        else BillingDetails()
    )
    return ChargeRequest(
        amount=invoice.amount_due,
        reference=derive_reference(namespace, str(invoice.key)),
        idempotency_key=derive_key(namespace, str(invoice.key), number),
        card=card.token,
        customer_ref=dossier.account.customer_refs.get(card.gateway_id),
        description=f"{invoice.lines[0].description} {invoice.period}",
        stored_credential=StoredCredential(initial_network_transaction_id=card.network_transaction_id),
        billing=billing,
    )
