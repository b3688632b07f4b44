"""From a record to its row: the body, and the columns that are derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dispute import most_pressing
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.contrib.sqlalchemy_store.tables import (
    accounts,
    attempts,
    controls,
    invoices,
    licenses,
    refunds,
)
from billing_core.events import Event
from billing_core.licenses.license import License
from billing_core.stores.port import RecordKind
from billing_core.stores.rules import AnyRecord
from billing_core.stores.selection import shard_hash

__all__ = ["MUTABLE", "TABLES", "card_use_row", "event_row", "row_of"]

TABLES: Mapping[RecordKind, Table] = MappingProxyType(
    {
        RecordKind.ACCOUNT: accounts,
        RecordKind.LICENSE: licenses,
        RecordKind.INVOICE: invoices,
        RecordKind.ATTEMPT: attempts,
        RecordKind.REFUND: refunds,
        RecordKind.CONTROLS: controls,
    }
)

#: The derived columns that a later version of a record may change; all others are keys for life.
MUTABLE: Mapping[RecordKind, tuple[str, ...]] = MappingProxyType(
    {
        RecordKind.ACCOUNT: ("version", "body"),
        RecordKind.LICENSE: ("paid_until", "version", "body"),
        RecordKind.INVOICE: ("status", "version", "body"),
        RecordKind.ATTEMPT: ("state", "needs_attention", "gateway_ref", "dispute", "version", "body"),
        RecordKind.REFUND: ("state", "needs_attention", "version", "body"),
        RecordKind.CONTROLS: ("version", "body"),
    }
)


def row_of(record: AnyRecord) -> dict[str, Any]:
    """All columns of a record but those that the store keeps by itself (wake-ups and leases)."""
    return {
        "id": record.id,
        **_derived(record),
        "version": record.version,
        "body": record.to_dict(),
    }


def event_row(event: Event) -> dict[str, Any]:
    """All columns of an event that has its place in the order."""
    return {"sequence": event.sequence, "id": event.id, "body": event.to_dict()}


def card_use_row(attempt: ChargeAttempt) -> dict[str, Any]:
    """All columns of an attempt's place among those on its card."""
    return {
        "fingerprint": attempt.fingerprint,
        "number": attempt.card_use,
        "attempt_id": attempt.id,
        "gateway_id": attempt.gateway_id,
        "amount": attempt.request.amount.to_dict(),
        "sent_at": attempt.last_sent_at,
    }


def _derived(record: AnyRecord) -> dict[str, Any]:
    if isinstance(record, (Account, Controls)):
        return {}
    if isinstance(record, License):
        return {
            "account_id": record.account_id,
            "shard_hash": shard_hash(record.id),
            "paid_until": record.paid_until,
        }
    if isinstance(record, Invoice):
        return _of_invoice(record)
    if isinstance(record, Refund):
        return _of_refund(record)
    return _of_attempt(record)


def _of_invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "account_id": invoice.account_id,
        "license_id": invoice.license_id,
        "term": invoice.key.term,
        "period_index": invoice.key.index,
        "revision": invoice.key.revision,
        "seller_id": invoice.seller_id,
        "series": invoice.series,
        "number": invoice.number,
        "status": invoice.status.value,
        "period_end": invoice.period.end,
    }


def _of_attempt(attempt: ChargeAttempt) -> dict[str, Any]:
    dispute = most_pressing(attempt.disputes)
    return {
        "account_id": attempt.account_id,
        "license_id": attempt.license_id,
        "invoice_id": attempt.invoice_id,
        "number": attempt.number,
        "card_id": attempt.card_id,
        "fingerprint": attempt.fingerprint,
        "reference": attempt.request.reference,
        "idempotency_key": attempt.request.idempotency_key,
        "state": attempt.state.value,
        "needs_attention": attempt.needs_attention,
        "gateway_ref": attempt.charge_ref,
        "dispute": dispute.value if dispute is not None else None,
    }


def _of_refund(refund: Refund) -> dict[str, Any]:
    return {
        "account_id": refund.account_id,
        "license_id": refund.license_id,
        "invoice_id": refund.invoice_id,
        "attempt_id": refund.attempt_id,
        "number": refund.number,
        "reference": refund.request.reference,
        "charge_reference": refund.request.charge_reference,
        "idempotency_key": refund.request.idempotency_key,
        "state": refund.state.value,
        "needs_attention": refund.needs_attention,
    }
