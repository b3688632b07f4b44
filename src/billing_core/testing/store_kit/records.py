"""
Records with sensible defaults, for checks that care about one detail.

Every builder takes any field by name. Ids default to the first of their kind,
so that the records of one license fit together without a word.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import attrs

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import CardExpiry, CardToken, SavedCard
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.invoice import Invoice, InvoiceKey, InvoiceLine
from billing_core.charging.refund import Refund
from billing_core.events import ActorRef, Event
from billing_core.gateways.results import ChargeRequest, RefundRequest
from billing_core.licenses.license import License
from billing_core.licenses.plan import Plan
from billing_core.stores.port import Change, Guard, RecordKind
from billing_core.values.money import Money, UnitPrice

__all__ = [
    "NOW",
    "PRICE",
    "AnyRecord",
    "account",
    "attempt",
    "card",
    "change",
    "event",
    "invoice",
    "license",
    "plan",
    "refund",
]

#: When things happen unless a test says otherwise.
NOW = datetime(2025, 1, 31, 9, 0, tzinfo=UTC)

PRICE = Money.of("19.99", "EUR")

AnyRecord = Account | License | Invoice | ChargeAttempt | Refund

_KINDS = {
    Account: RecordKind.ACCOUNT,
    License: RecordKind.LICENSE,
    Invoice: RecordKind.INVOICE,
    ChargeAttempt: RecordKind.ATTEMPT,
    Refund: RecordKind.REFUND,
}


def card(id: str = "card_1", **changes: Any) -> SavedCard:
    """A Visa that is valid for years, on the gateway ``main``."""
    return attrs.evolve(
        SavedCard(
            id=id,
            gateway_id="main",
            token=CardToken(f"tok_{id}"),
            brand="visa",
            last4="4242",
            expires=CardExpiry(2030, 12),
            added_at=NOW,
            fingerprint=f"fp_{id}",
        ),
        **changes,
    )


def account(id: str = "acc_1", **changes: Any) -> Account:
    """An account in Paris that pays in euros, with one owner and no card."""
    opened = Account.open(id, "Ada Ltd", currency="EUR", time_zone="Europe/Paris", owner="ada", opened_at=NOW)
    return attrs.evolve(opened, **changes)


def plan(price: Money = PRICE, **changes: Any) -> Plan:
    """A monthly plan at a price per seat."""
    return attrs.evolve(Plan.monthly("team", price_per_seat=price), **changes)


def license(id: str = "lic_1", account_id: str = "acc_1", **changes: Any) -> License:
    """A license of one seat from 2025-01-31 on, monthly, with nothing paid yet."""
    started = License.start(
        id,
        account_id,
        changes.pop("plan", plan()),
        start_on=changes.pop("start_on", date(2025, 1, 31)),
        time_zone="Europe/Paris",
        started_at=NOW,
    )
    return attrs.evolve(started, **changes)


def invoice(id: str = "inv_1", of: License | None = None, **changes: Any) -> Invoice:
    """
    An open invoice for one period of a license.

    Args:
        id: the invoice's id.
        of: the license; the default one if not given.
        changes: any field; ``index`` and ``revision`` go into the key, and ``amount`` into the one line.
    """
    billed = of if of is not None else license()
    index: int = changes.pop("index", 0)
    key = InvoiceKey(billed.id, billed.term.number, index, changes.pop("revision", 0))
    amount: Money = changes.pop("amount", PRICE)
    period = billed.term.schedule.period(index)
    return attrs.evolve(
        Invoice(
            id=id,
            key=key,
            account_id=billed.account_id,
            license_id=billed.id,
            seller_id="default",
            series="INV",
            period=period,
            lines=(
                InvoiceLine(
                    description="team",
                    quantity=1,
                    unit_price=UnitPrice.from_money(amount),
                    amount=amount,
                    period=period,
                ),
            ),
            carried_in=Money.zero(amount.currency),
            balance_used=Money.zero(amount.currency),
            carried_out=Money.zero(amount.currency),
            issued_at=NOW,
            due_on=period.start,
            due_at=billed.term.start_of(period.start),
        ),
        **changes,
    )


def attempt(id: str = "att_1", at: Invoice | None = None, **changes: Any) -> ChargeAttempt:
    """
    An attempt that was just committed, to charge an invoice to the default card.

    Args:
        id: the attempt's id; its idempotency key derives from it.
        at: the invoice; the default one if not given.
        changes: any field.
    """
    charged = at if at is not None else invoice()
    with_card: SavedCard = changes.pop("card", card())
    request = ChargeRequest(
        amount=charged.amount_due,
        reference=f"ref_{charged.id}",
        idempotency_key=f"key_{id}",
        card=with_card.token,
    )
    return attrs.evolve(
        ChargeAttempt(
            id=id,
            invoice_id=charged.id,
            license_id=charged.license_id,
            account_id=charged.account_id,
            number=1,
            gateway_id=with_card.gateway_id,
            card_id=with_card.id,
            fingerprint=with_card.fingerprint,
            brand=with_card.brand,
            request=request,
            first_sent_at=NOW,
            last_sent_at=NOW,
        ),
        **changes,
    )


def refund(id: str = "ref_1", of: ChargeAttempt | None = None, **changes: Any) -> Refund:
    """
    A refund that was just decided, of the whole of a charge.

    Args:
        id: the refund's id; its idempotency key derives from it.
        of: the charge; the default one if not given.
        changes: any field; ``amount`` goes into the request.
    """
    charge = of if of is not None else attempt()
    request = RefundRequest(
        amount=changes.pop("amount", charge.request.amount),
        charge_reference=charge.request.reference,
        gateway_ref="ch_1",
        reference=f"reference_{id}",
        idempotency_key=f"key_{id}",
    )
    return attrs.evolve(
        Refund(
            id=id,
            attempt_id=charge.id,
            invoice_id=charge.invoice_id,
            license_id=charge.license_id,
            account_id=charge.account_id,
            number=1,
            gateway_id=charge.gateway_id,
            request=request,
            decided_at=NOW,
            look_at=NOW,
        ),
        **changes,
    )


def event(id: str = "evt_1", **changes: Any) -> Event:
    """An event of the default license, caused by the system."""
    return attrs.evolve(
        Event(
            id=id,
            type="license.renewed",
            at=NOW,
            actor=ActorRef(kind="system", id="billing", role="system"),
            account_id="acc_1",
            license_id="lic_1",
        ),
        **changes,
    )


def change(*written: AnyRecord, reads: tuple[AnyRecord, ...] = (), **more: Any) -> Change:
    """
    A change that writes these records, each guarded one version below, and guards what it reads.

    Args:
        written: as they shall be stored.
        reads: as they were read; not written.
        more: the other fields of a `Change`.
    """
    return Change(
        guards=(
            *(Guard(_KINDS[type(record)], record.id, record.version - 1) for record in written),
            *(Guard(_KINDS[type(record)], record.id, record.version) for record in reads),
        ),
        accounts=tuple(record for record in written if isinstance(record, Account)),
        licenses=tuple(record for record in written if isinstance(record, License)),
        invoices=tuple(record for record in written if isinstance(record, Invoice)),
        attempts=tuple(record for record in written if isinstance(record, ChargeAttempt)),
        refunds=tuple(record for record in written if isinstance(record, Refund)),
        **more,
    )
