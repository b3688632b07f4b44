"""
Charges: made and confirmed in one step or in two, found, read, called off.

One charge succeeds at most once, ever. A declined or canceled charge is final.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing_core.testing.reference_processor.books import at_text
from billing_core.testing.reference_processor.cards import behavior_of
from billing_core.testing.reference_processor.desk import Answer, Asked, Desk, refusal
from billing_core.testing.reference_processor.settings import CARD_BEHAVIORS, CardBehavior

__all__ = [
    "cancel",
    "cancel_by_key",
    "confirm",
    "create",
    "end_action",
    "find",
    "list_captured",
    "read",
    "settle",
]

_CARD_NOT_USABLE = CardBehavior(answer="declined", code="card_not_usable")
_FIELDS = frozenset({"amount", "currency", "card", "customer", "reference", "description", "confirm"})


def create(desk: Desk, asked: Asked) -> Answer:
    """Make a charge; ``"confirm": false`` makes it without moving money."""
    problem = _problem(desk, asked)
    if problem is not None:
        return problem
    body = asked.body
    at_once = body.get("confirm", True)
    wait = _wait_as_duplicate(desk, body["card"], body["amount"], body["currency"]) if at_once else None
    if wait is not None:
        return _suspected(wait)
    number = desk.insert(
        "charges",
        status="requires_confirmation",
        amount=body["amount"],
        currency=body["currency"],
        captured=0,
        refunded=0,
        card=body["card"],
        customer=body.get("customer"),
        reference=body["reference"],
        idempotency_key=asked.idempotency_key,
        created_at=at_text(desk.now),
    )
    return _decide(desk, number) if at_once else _shown(desk, number)


def confirm(desk: Desk, asked: Asked) -> Answer:
    """Capture a charge that waits for it; any other charge stays what it is."""
    row = _row(desk, asked.ids[0])
    if row is None:
        return refusal(404, "not_found")
    if row["status"] != "requires_confirmation":
        return _shown(desk, row["number"])
    wait = _wait_as_duplicate(desk, row["card"], row["amount"], row["currency"])
    return _suspected(wait) if wait is not None else _decide(desk, row["number"])


def read(desk: Desk, asked: Asked) -> Answer:
    """What a charge is now. Never late."""
    row = _row(desk, asked.ids[0])
    return _shown(desk, row["number"], status=200) if row is not None else refusal(404, "not_found")


def find(desk: Desk, asked: Asked) -> Answer:
    """The charges of a key or a reference, oldest first; those younger than the lag are not seen yet."""
    column = "idempotency_key" if "idempotency_key" in asked.query else "reference"
    seen = at_text(desk.now - desk.settings.look_up_lag)
    rows = desk.db.execute(
        f"SELECT * FROM charges WHERE {column} = ? AND created_at <= ? ORDER BY number",  # noqa: S608 - two names
        (asked.query.get(column, ""), seen),
    )
    return Answer(200, {"data": [_view(desk, row) for row in rows]})


def list_captured(desk: Desk, asked: Asked) -> Answer:
    """A page of the charges captured since an instant, oldest first, with the lag of a search."""
    after = asked.query.get("after", "ch_0").removeprefix("ch_")
    rows = desk.db.execute(
        "SELECT * FROM charges WHERE captured_at >= ? AND captured_at <= ? AND number > ?"
        " ORDER BY number LIMIT ?",
        (
            asked.query.get("since", ""),
            at_text(desk.now - desk.settings.look_up_lag),
            int(after) if after.isdecimal() else 0,
            desk.settings.page_size + 1,
        ),
    ).fetchall()
    page, rest = rows[: desk.settings.page_size], rows[desk.settings.page_size :]
    return Answer(
        200,
        {
            "data": [{**_view(desk, row), "captured_at": row["captured_at"]} for row in page],
            "next": _id_of(page[-1]) if rest else None,
        },
    )


def cancel(desk: Desk, asked: Asked) -> Answer:
    """Call a charge off. One that is not captured can never be captured afterwards."""
    row = _row(desk, asked.ids[0])
    return _canceled(desk, row) if row is not None else refusal(404, "not_found")


def cancel_by_key(desk: Desk, asked: Asked) -> Answer:
    """`cancel` for a caller that never learned the id: the latest charge made under this key."""
    key = asked.body.get("idempotency_key")
    row = desk.one("SELECT * FROM charges WHERE idempotency_key = ? ORDER BY number DESC", key)
    return _canceled(desk, row) if row is not None else refusal(404, "not_found")


def settle(desk: Desk, number: int, behavior: CardBehavior) -> None:
    """A pending charge comes to its end."""
    row = desk.one("SELECT * FROM charges WHERE number = ? AND status = 'pending'", number)
    if row is not None:
        _apply(desk, row, behavior)


def end_action(desk: Desk, number: int, *, confirmed: bool) -> None:
    """The cardholder confirms a charge that waits for them, or refuses."""
    row = desk.one("SELECT * FROM charges WHERE number = ? AND status = 'requires_action'", number)
    if row is not None and not _is_expired(desk, row):
        refused = CardBehavior(answer="declined", code="authentication_failed")
        _apply(desk, row, CARD_BEHAVIORS["ok"] if confirmed else refused)


def _problem(desk: Desk, asked: Asked) -> Answer | None:
    body = asked.body
    if asked.idempotency_key is None:
        return refusal(400, "idempotency_key_required")
    if set(body) - _FIELDS or not all(isinstance(body.get(name), str) for name in ("card", "reference")):
        return refusal(400, "invalid_request")
    amount, currency = body.get("amount"), body.get("currency")
    # bool is an int to isinstance, and 59.97 is nobody's minor unit.
    if type(amount) is not int or amount < 1:
        return refusal(400, "invalid_amount")
    minimum = desk.settings.minimum_amounts.get(str(currency))
    if minimum is None:
        return refusal(400, "currency_not_supported")
    return refusal(400, "amount_too_small", minimum=minimum) if amount < minimum else None


def _wait_as_duplicate(desk: Desk, card: str, amount: int, currency: str) -> int | None:
    """For how many seconds an equal charge on this card counts as a duplicate."""
    window = desk.settings.duplicate_window
    if window is None:
        return None
    last = desk.one(
        "SELECT created_at FROM charges WHERE card = ? AND amount = ? AND currency = ?"
        " AND status IN ('succeeded', 'pending') AND created_at > ? ORDER BY number DESC",
        *(card, amount, currency, at_text(desk.now - window)),
    )
    if last is None:
        return None
    # Rounded up: one second too early would be refused again.
    return (datetime.fromisoformat(last["created_at"]) + window - desk.now).seconds + 1


def _suspected(wait: int) -> Answer:
    return Answer(409, {"error": {"code": "duplicate_suspected"}}, {"Retry-After": str(wait)})


def _decide(desk: Desk, number: int) -> Answer:
    row = _numbered(desk, number)
    behavior = behavior_of(desk, row["card"], row["customer"])
    _apply(desk, row, behavior if behavior is not None else _CARD_NOT_USABLE)
    return _shown(desk, number)


def _apply(desk: Desk, row: sqlite3.Row, behavior: CardBehavior) -> None:
    """Let a charge become what the issuer says."""
    captured = {"succeeded": row["amount"], "partial": row["amount"] // 2}.get(behavior.answer, 0)
    status = "succeeded" if captured else behavior.answer
    decline = json.dumps(_decline(behavior)) if status == "declined" else None
    desk.db.execute(
        "UPDATE charges SET status = ?, captured = ?, decline = ?, captured_at = ? WHERE number = ?",
        (status, captured, decline, at_text(desk.now) if captured else None, row["number"]),
    )
    if captured:
        desk.insert(
            "ledger",
            kind="charge",
            charge=_id_of(row),
            amount=captured,
            currency=row["currency"],
            reference=row["reference"],
            idempotency_key=row["idempotency_key"],
            card=row["card"],
            at=at_text(desk.now),
        )
    desk.note(f"charge.{status}", row["reference"])


def _canceled(desk: Desk, row: sqlite3.Row) -> Answer:
    if row["status"] in {"requires_confirmation", "requires_action", "pending"}:
        desk.db.execute("UPDATE charges SET status = 'canceled' WHERE number = ?", (row["number"],))
        desk.note("charge.canceled", row["reference"])
    return _shown(desk, row["number"], status=200)


def _shown(desk: Desk, number: int, status: int | None = None) -> Answer:
    """A charge as an answer; a fresh decline is a 402, reading an old one is not."""
    row = _numbered(desk, number)
    default = 402 if row["status"] == "declined" else 200
    return Answer(default if status is None else status, _view(desk, row))


def _view(desk: Desk, row: sqlite3.Row) -> Mapping[str, Any]:
    status = "canceled" if _is_expired(desk, row) else row["status"]
    view = {
        "id": _id_of(row),
        "status": status,
        "amount": row["amount"],
        "amount_captured": row["captured"],
        "amount_refunded": row["refunded"],
        "currency": row["currency"],
        "reference": row["reference"],
        "idempotency_key": row["idempotency_key"],
    }
    if status == "succeeded":
        view["network_transaction_id"] = f"ntx_{row['number']}"
    elif status == "requires_action":
        view["action"] = _action(desk, row)
    elif status == "declined":
        view["decline"] = json.loads(row["decline"])
    return view


def _decline(behavior: CardBehavior) -> Mapping[str, Any]:
    return {
        "code": behavior.code,
        "network_decline_code": behavior.network_decline_code,
        "network_advice_code": behavior.network_advice_code,
        "retry_after_seconds": None if behavior.wait is None else int(behavior.wait.total_seconds()),
    }


def _action(desk: Desk, row: sqlite3.Row) -> Mapping[str, Any]:
    secret = hmac.new(desk.settings.webhook_secret, _id_of(row).encode(), hashlib.sha256).hexdigest()
    return {
        "url": f"https://processor.example/confirm/{_id_of(row)}",
        "client_secret": f"{_id_of(row)}_secret_{secret[:24]}",
        "expires_at": at_text(datetime.fromisoformat(row["created_at"]) + desk.settings.action_lifetime),
    }


def _is_expired(desk: Desk, row: sqlite3.Row) -> bool:
    until = datetime.fromisoformat(row["created_at"]) + desk.settings.action_lifetime
    return row["status"] == "requires_action" and until <= desk.now


def _id_of(row: sqlite3.Row) -> str:
    return f"ch_{row['number']}"


def _row(desk: Desk, charge_id: str) -> sqlite3.Row | None:
    prefix, _, number = charge_id.partition("_")
    return desk.one("SELECT * FROM charges WHERE ? = 'ch' AND number = ?", prefix, number)


def _numbered(desk: Desk, number: int) -> sqlite3.Row:
    row = desk.one("SELECT * FROM charges WHERE number = ?", number)
    assert row is not None
    return row
