"""Refunds: at most what was captured, once per key."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from billing_core.testing.reference_processor.books import at_text
from billing_core.testing.reference_processor.desk import Answer, Asked, Desk, refusal

__all__ = ["create", "find", "make_elsewhere", "read"]


def create(desk: Desk, asked: Asked) -> Answer:
    """Give back a part or the whole of one charge."""
    amount, reference = asked.body.get("amount"), asked.body.get("reference")
    if asked.idempotency_key is None or type(amount) is not int or amount < 1 or not reference:
        return refusal(400, "invalid_request")
    charge = _charge(desk, asked.body)
    if charge is None:
        return refusal(404, "not_found")
    if asked.body.get("currency") != charge["currency"]:
        return refusal(400, "currency_mismatch")
    left = charge["captured"] - charge["refunded"]
    if amount > left:
        return refusal(402, "over_refund", available=left)
    return Answer(200, _give_back(desk, charge, amount, reference, asked.idempotency_key))


def make_elsewhere(desk: Desk, number: int, amount: int) -> str:
    """Somebody gives money back in the dashboard, without a key or a reference; returns the refund's id."""
    charge = desk.one("SELECT * FROM charges WHERE number = ?", number)
    assert charge is not None, "only what was charged is given back"
    made = _give_back(desk, charge, amount, "", "")
    return str(made["id"])


def read(desk: Desk, asked: Asked) -> Answer:
    """A refund by its id."""
    row = desk.one("SELECT * FROM refunds WHERE number = ?", asked.ids[0].removeprefix("re_"))
    return Answer(200, _view(row)) if row is not None else refusal(404, "not_found")


def _give_back(
    desk: Desk, charge: sqlite3.Row, amount: int, reference: str, idempotency_key: str
) -> Mapping[str, Any]:
    desk.db.execute("UPDATE charges SET refunded = refunded + ? WHERE number = ?", (amount, charge["number"]))
    at = at_text(desk.now)
    number = desk.insert(
        "refunds",
        charge=charge["number"],
        amount=amount,
        currency=charge["currency"],
        reference=reference,
        idempotency_key=idempotency_key,
        created_at=at,
    )
    desk.insert(
        "ledger",
        kind="refund",
        charge=f"ch_{charge['number']}",
        amount=amount,
        currency=charge["currency"],
        reference=charge["reference"],
        idempotency_key=charge["idempotency_key"],
        card=charge["card"],
        at=at,
    )
    row = desk.one("SELECT * FROM refunds WHERE number = ?", number)
    assert row is not None
    view = _view(row)
    desk.note("charge.refunded", charge["reference"], refund=view)
    return view


def find(desk: Desk, asked: Asked) -> Answer:
    """The refunds made under a key, oldest first; those younger than the lag are not seen yet."""
    rows = desk.db.execute(
        "SELECT * FROM refunds WHERE idempotency_key = ? AND created_at <= ? ORDER BY number",
        (asked.query.get("idempotency_key", ""), at_text(desk.now - desk.settings.look_up_lag)),
    )
    return Answer(200, {"data": [_view(row) for row in rows]})


def _charge(desk: Desk, body: Mapping[str, Any]) -> sqlite3.Row | None:
    """The charge by its id, or, for a caller that never learned it, the captured one of the reference."""
    if body.get("charge") is not None:
        number = str(body["charge"]).removeprefix("ch_")
        return desk.one("SELECT * FROM charges WHERE number = ?", number)
    reference = body.get("charge_reference")
    return desk.one("SELECT * FROM charges WHERE reference = ? AND captured > 0", reference)


def _view(row: sqlite3.Row) -> Mapping[str, Any]:
    return {
        "id": f"re_{row['number']}",
        "status": "succeeded",
        "charge": f"ch_{row['charge']}",
        "amount": row["amount"],
        "currency": row["currency"],
        "reference": row["reference"],
    }
