"""Finding records: dossiers from one consistent view, and pages by keyset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs
from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from billing_core.accounts.account import Account
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.controls import CONTROLS_ID, Controls
from billing_core.charging.dossier import CardTry, CardUse, Dossier
from billing_core.charging.invoice import Invoice, InvoiceStatus
from billing_core.charging.refund import Refund
from billing_core.contrib.sqlalchemy_store.tables import (
    accounts,
    attempts,
    card_uses,
    controls,
    invoices,
    licenses,
    open_attempts,
    open_refunds,
    refunds,
)
from billing_core.licenses.license import License
from billing_core.stores.port import AttemptFilter, InvoiceFilter, LicenseFilter, Page, RefundFilter
from billing_core.stores.selection import assemble, matters, unsettled, usage_since
from billing_core.values.money import Money

__all__ = [
    "ACCOUNTS",
    "ATTEMPTS",
    "INVOICES",
    "LICENSES",
    "REFUNDS",
    "Shelf",
    "attempt_conditions",
    "find",
    "find_controls",
    "invoice_conditions",
    "license_conditions",
    "load_dossiers",
    "page_of",
    "refund_conditions",
]

R = TypeVar("R", Account, License, Invoice, ChargeAttempt, Refund)
Condition = ColumnElement[bool]


@attrs.frozen
class Shelf(Generic[R]):
    """Where the records of one kind are, and how their bodies are read."""

    table: Table
    read: Callable[[Any], R]


ACCOUNTS = Shelf(accounts, Account.from_dict)
LICENSES = Shelf(licenses, License.from_dict)
INVOICES = Shelf(invoices, Invoice.from_dict)
ATTEMPTS = Shelf(attempts, ChargeAttempt.from_dict)
REFUNDS = Shelf(refunds, Refund.from_dict)

# Databases limit how many values a statement may carry.
_DOSSIERS_AT_ONCE = 200


def find(connection: Connection, shelf: Shelf[R], record_id: str) -> R | None:
    """The record with this id."""
    query = select(shelf.table.c.body).where(shelf.table.c.id == record_id)
    body = connection.execute(query).scalar_one_or_none()
    return None if body is None else shelf.read(body)


def find_controls(connection: Connection) -> Controls:
    """The one record about the store, or what holds as long as there is none."""
    query = select(controls.c.body).where(controls.c.id == CONTROLS_ID)
    body = connection.execute(query).scalar_one_or_none()
    return Controls() if body is None else Controls.from_dict(body)


def page_of(
    connection: Connection,
    shelf: Shelf[R],
    conditions: Iterable[Condition],
    after: str | None,
    limit: int,
) -> Page[R]:
    """Some records after an id, in the order of their ids."""
    table = shelf.table
    # One more than asked for says whether there is another page.
    query = select(table.c.body).where(*conditions).order_by(table.c.id).limit(limit + 1)
    if after is not None:
        query = query.where(table.c.id > after)
    items = tuple(shelf.read(body) for body in connection.execute(query).scalars())
    more = items[limit - 1].id if len(items) > limit else None
    return Page(items=items[:limit], next=more)


def license_conditions(filter: LicenseFilter) -> Iterator[Condition]:
    """What a license must fulfil."""
    if filter.account_id is not None:
        yield licenses.c.account_id == filter.account_id


def invoice_conditions(filter: InvoiceFilter) -> Iterator[Condition]:
    """What an invoice must fulfil."""
    yield from _equal(invoices, account_id=filter.account_id, license_id=filter.license_id)
    if filter.status is not None:
        yield invoices.c.status == filter.status.value


def attempt_conditions(filter: AttemptFilter) -> Iterator[Condition]:
    """What an attempt must fulfil."""
    yield from _equal(
        attempts,
        account_id=filter.account_id,
        license_id=filter.license_id,
        invoice_id=filter.invoice_id,
        card_id=filter.card_id,
        reference=filter.reference,
        gateway_ref=filter.gateway_ref,
        dispute=filter.dispute.value if filter.dispute is not None else None,
    )
    if filter.needs_attention is not None:
        yield attempts.c.needs_attention.is_(filter.needs_attention)
    if filter.is_unresolved is not None:
        unresolved = attempts.c.id.in_(select(open_attempts.c.attempt_id))
        yield unresolved if filter.is_unresolved else ~unresolved


def refund_conditions(filter: RefundFilter) -> Iterator[Condition]:
    """What a refund must fulfil."""
    yield from _equal(
        refunds,
        account_id=filter.account_id,
        license_id=filter.license_id,
        invoice_id=filter.invoice_id,
        attempt_id=filter.attempt_id,
        reference=filter.reference,
        charge_reference=filter.charge_reference,
    )
    if filter.needs_attention is not None:
        yield refunds.c.needs_attention.is_(filter.needs_attention)
    if filter.is_unresolved is not None:
        unresolved = refunds.c.id.in_(select(open_refunds.c.refund_id))
        yield unresolved if filter.is_unresolved else ~unresolved


def load_dossiers(connection: Connection, license_ids: Sequence[str], now: datetime) -> tuple[Dossier, ...]:
    """The dossiers of the licenses that exist, in the order of the ids, with few statements for many."""
    found: dict[str, Dossier] = {}
    for start in range(0, len(license_ids), _DOSSIERS_AT_ONCE):
        found |= _load_some(connection, license_ids[start : start + _DOSSIERS_AT_ONCE], now)
    return tuple(found[license_id] for license_id in license_ids if license_id in found)


def _load_some(connection: Connection, license_ids: Sequence[str], now: datetime) -> dict[str, Dossier]:
    mine = {it.id: it for it in _records(connection, LICENSES, licenses.c.id, license_ids)}
    account_ids = {license_.account_id for license_ in mine.values()}
    payers = {it.id: it for it in _records(connection, ACCOUNTS, accounts.c.id, account_ids)}
    given_back = _records(connection, REFUNDS, refunds.c.license_id, mine)
    issued = _invoices_that_matter(connection, mine, unsettled((), given_back))
    tried = _records(connection, ATTEMPTS, attempts.c.invoice_id, {invoice.id for invoice in issued})
    used = _card_uses(connection, payers.values(), now)
    in_force = find_controls(connection)
    return {
        license_.id: assemble(
            payers[license_.account_id],
            license_,
            [invoice for invoice in issued if invoice.license_id == license_.id],
            [attempt for attempt in tried if attempt.license_id == license_.id],
            [refund for refund in given_back if refund.license_id == license_.id],
            card_uses=[used[mark] for mark in _fingerprints(payers[license_.account_id]) if mark in used],
            controls=in_force,
        )
        for license_ in mine.values()
    }


def _invoices_that_matter(
    connection: Connection, mine: Mapping[str, License], with_refunds: frozenset[str]
) -> list[Invoice]:
    with_unresolved = (
        select(attempts.c.invoice_id)
        .join(open_attempts, open_attempts.c.attempt_id == attempts.c.id)
        .where(open_attempts.c.license_id.in_(mine))
    )
    unresolved = with_refunds.union(connection.execute(with_unresolved).scalars())
    # The columns narrow it down for the database; `matters` decides.
    query = (
        select(invoices.c.body)
        .join(licenses, licenses.c.id == invoices.c.license_id)
        .where(
            invoices.c.license_id.in_(mine),
            or_(
                invoices.c.status == InvoiceStatus.OPEN.value,
                invoices.c.period_end > licenses.c.paid_until,
                invoices.c.id.in_(unresolved),
            ),
        )
    )
    found = [Invoice.from_dict(body) for body in connection.execute(query).scalars()]
    return [invoice for invoice in found if matters(invoice, mine[invoice.license_id], unresolved)]


def _card_uses(connection: Connection, payers: Iterable[Account], now: datetime) -> dict[str, CardUse]:
    """How the payers' cards were used lately, over all licenses and accounts."""
    fingerprints = frozenset[str]().union(*(_fingerprints(payer) for payer in payers))
    is_theirs = card_uses.c.fingerprint.in_(fingerprints)
    recent = (
        select(card_uses, attempts.c.state)
        .join(attempts, attempts.c.id == card_uses.c.attempt_id)
        .where(is_theirs, card_uses.c.sent_at > usage_since(now))
        .order_by(card_uses.c.fingerprint, card_uses.c.number)
    )
    tries: dict[str, list[CardTry]] = {}
    for row in connection.execute(recent):
        tries.setdefault(row.fingerprint, []).append(_card_try(row))
    latest = (
        select(card_uses.c.fingerprint, func.max(card_uses.c.number))
        .where(is_theirs)
        .group_by(card_uses.c.fingerprint)
    )
    return {
        fingerprint: CardUse(fingerprint=fingerprint, last=last, tries=tuple(tries.get(fingerprint, ())))
        for fingerprint, last in connection.execute(latest)
    }


def _card_try(row: Any) -> CardTry:
    return CardTry(
        number=row.number,
        attempt_id=row.attempt_id,
        gateway_id=row.gateway_id,
        at=row.sent_at,
        amount=Money.from_dict(row.amount),
        state=AttemptState(row.state),
    )


def _fingerprints(payer: Account) -> frozenset[str]:
    return frozenset(card.fingerprint for card in payer.cards)


def _records(
    connection: Connection, shelf: Shelf[R], column: ColumnElement[str], values: Iterable[str]
) -> list[R]:
    query = select(shelf.table.c.body).where(column.in_(list(values)))
    return [shelf.read(body) for body in connection.execute(query).scalars()]


def _equal(table: Table, **wanted: str | None) -> Iterator[Condition]:
    for name, value in wanted.items():
        if value is not None:
            yield table.c[name] == value
