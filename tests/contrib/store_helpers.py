"""What all store tests do: commit, and look at all that a store holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from sqlalchemy import Engine, select

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.contrib.sqlalchemy_store.tables import metadata
from billing_core.licenses.license import License
from billing_core.stores.port import (
    AttemptFilter,
    Change,
    InvoiceFilter,
    LicenseFilter,
    Page,
    RefundFilter,
    Store,
)
from tests.builders import account, attempt, card, change, invoice, license

__all__ = ["bumped", "charged", "commit", "contents", "dump", "every", "store_account"]

R = TypeVar("R", Account, License, Invoice, ChargeAttempt, Refund)


def commit(store: Store, *changes: Change) -> None:
    """Carry out changes that must succeed."""
    assert [None] * len(changes) == [result.conflict for result in store.commit(changes)]


def bumped(record: R, **changes: Any) -> R:
    """The record's next version."""
    return attrs.evolve(record, version=record.version + 1, **changes)


def store_account() -> Account:
    """The account as the store knows it."""
    return account(cards=(card(),), default_card_id="card_1")


def charged(store: Store, *, index: int = 0, id: str = "1", **changes: Any) -> tuple[Invoice, ChargeAttempt]:
    """An invoice with an open attempt, in the store."""
    billed_ = invoice(f"inv_{id}", index=index)
    started = attempt(f"att_{id}", at=billed_, **changes)
    commit(store, change(billed_, started, reads=(license(),)))
    return billed_, started


def contents(store: Store) -> dict[str, Any]:
    """Records, events and wake-ups."""
    licenses = every(lambda after: store.licenses(LicenseFilter(), after, 100))
    return {
        "accounts": every(lambda after: store.accounts(after, 100)),
        "licenses": licenses,
        "invoices": every(lambda after: store.invoices(InvoiceFilter(), after, 100)),
        "attempts": every(lambda after: store.attempts(AttemptFilter(), after, 100)),
        "refunds": every(lambda after: store.refunds(RefundFilter(), after, 100)),
        "events": store.events(0, 10_000),
        "wake_at": {license_.id: store.wake_at(license_.id) for license_ in licenses},
    }


def every(page: Callable[[str | None], Page[Any]]) -> list[Any]:
    """The items of all pages."""
    items: list[Any] = []
    after: str | None = None
    while True:
        found = page(after)
        items.extend(found.items)
        if found.next is None:
            return items
        after = found.next


def dump(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, by table."""
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }
