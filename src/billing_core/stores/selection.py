"""What belongs into a dossier, for every store alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zlib import crc32

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import CardUse, Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.gateways.network_limits import LONGEST_WINDOW
from billing_core.licenses.license import License
from billing_core.stores.port import Shard

__all__ = ["assemble", "in_shard", "matters", "shard_hash", "unsettled", "usage_since"]


def unsettled(attempts: Iterable[ChargeAttempt], refunds: Iterable[Refund]) -> frozenset[str]:
    """The ids of invoices whose money may still move, either way."""
    records: Iterable[ChargeAttempt | Refund] = (*attempts, *refunds)
    return frozenset(record.invoice_id for record in records if record.is_unresolved)


def matters(invoice: Invoice, license: License, unresolved: frozenset[str]) -> bool:
    """Whether a decision about the license may have to read this invoice."""
    return invoice.is_open or invoice.id in unresolved or invoice.period.end > license.paid_until


def assemble(
    account: Account,
    license: License,
    invoices: Iterable[Invoice],
    attempts: Iterable[ChargeAttempt],
    refunds: Iterable[Refund],
    *,
    card_uses: Iterable[CardUse],
    controls: Controls,
) -> Dossier:
    """
    A dossier from what a store found.

    Args:
        account: as of one consistent view.
        license: as of the same view.
        invoices: those of the license that matter.
        attempts: all attempts at those invoices.
        refunds: all refunds of the license; those of other invoices are left out.
        card_uses: of the account's cards, as far as they were used, with all tries since `usage_since`.
        controls: of the store.
    """
    # One order in every store, so that the same records make the same decisions and the same ids.
    in_order = sorted(
        invoices, key=lambda invoice: (invoice.key.term, invoice.key.index, invoice.key.revision)
    )
    place = {invoice.id: number for number, invoice in enumerate(in_order)}
    return Dossier(
        account=account,
        license=license,
        invoices=tuple(in_order),
        attempts=tuple(sorted(attempts, key=lambda attempt: (place[attempt.invoice_id], attempt.number))),
        refunds=tuple(
            sorted(
                (refund for refund in refunds if refund.invoice_id in place),
                key=lambda refund: (place[refund.invoice_id], refund.attempt_id, refund.number),
            )
        ),
        card_uses=tuple(sorted(card_uses, key=lambda use: use.fingerprint)),
        controls=controls,
    )


def usage_since(now: datetime) -> datetime:
    """From when on attempts count towards any network's limit."""
    return now - LONGEST_WINDOW


def shard_hash(license_id: str) -> int:
    """The number that decides about shards: the same on every machine and in every release."""
    return crc32(license_id.encode())


def in_shard(license_id: str, shard: Shard) -> bool:
    """Whether a license belongs to a shard."""
    return shard_hash(license_id) % shard.count == shard.number
