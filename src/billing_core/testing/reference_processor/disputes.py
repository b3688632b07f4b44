"""Disputes: the cardholder's bank takes a charge back, and somebody decides in the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from billing_core.testing.reference_processor.books import at_text
from billing_core.testing.reference_processor.desk import Answer, Asked, Desk, refusal

__all__ = ["becomes", "open_dispute", "read"]

_RESPOND_WITHIN = timedelta(days=7)


def open_dispute(desk: Desk, charge: int, amount: int, reason: str) -> str:
    """A cardholder disputes a charge; returns the dispute's id."""
    row = desk.one("SELECT currency FROM charges WHERE number = ?", charge)
    assert row is not None, "only what was charged is disputed"
    number = desk.insert(
        "disputes",
        charge=charge,
        amount=amount,
        currency=row["currency"],
        status="opened",
        reason=reason,
        respond_by=at_text(desk.now + _RESPOND_WITHIN),
    )
    _tell(desk, number)
    return f"dp_{number}"


def becomes(desk: Desk, dispute_id: str, status: str) -> None:
    """The dispute is won or lost, or opened again."""
    number = dispute_id.removeprefix("dp_")
    desk.db.execute("UPDATE disputes SET status = ? WHERE number = ?", (status, number))
    _tell(desk, int(number))


def read(desk: Desk, asked: Asked) -> Answer:
    """Where a dispute stands."""
    row = _dispute(desk, asked.ids[0].removeprefix("dp_"))
    return Answer(200, _view(row)) if row is not None else refusal(404, "not_found")


def _tell(desk: Desk, number: int) -> None:
    row = _dispute(desk, number)
    assert row is not None, "it was written just now"
    desk.note(f"dispute.{row['status']}", None, dispute=_view(row))


def _dispute(desk: Desk, number: str | int) -> sqlite3.Row | None:
    return desk.one("SELECT * FROM disputes WHERE number = ?", number)


def _view(row: sqlite3.Row) -> Mapping[str, Any]:
    return {
        "id": f"dp_{row['number']}",
        "charge": f"ch_{row['charge']}",
        "status": row["status"],
        "amount": row["amount"],
        "currency": row["currency"],
        "reason": row["reason"],
        "respond_by": row["respond_by"],
    }
