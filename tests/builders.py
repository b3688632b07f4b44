"""Records with sensible defaults: those that the store kit works with as well."""

from __future__ import annotations

from billing_core.testing.store_kit.records import (
    NOW,
    PRICE,
    account,
    attempt,
    card,
    change,
    event,
    invoice,
    license,
    plan,
    refund,
)

__all__ = [
    "NOW",
    "PRICE",
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
