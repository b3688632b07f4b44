"""Cards and the page on which their owners type them. No number ever gets here."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing_core.testing.reference_processor.books import at_text
from billing_core.testing.reference_processor.desk import Answer, Asked, Desk, refusal
from billing_core.testing.reference_processor.settings import CARD_BEHAVIORS, CardBehavior

__all__ = [
    "behavior_of",
    "close",
    "describe",
    "detach",
    "enter_card",
    "leave",
    "open_session",
    "read_session",
    "renew",
]

_EXPIRES = "2099-12"


def behavior_of(desk: Desk, token: str, customer: str | None) -> CardBehavior | None:
    """What a card does when this customer is charged; ``None`` if it is not theirs, or gone."""
    row = desk.one("SELECT * FROM cards WHERE token = ?", token)
    if row is None:
        return CARD_BEHAVIORS.get(token.removeprefix("tok_")) if token.startswith("tok_") else None
    if row["detached"] or row["customer"] != customer:
        return None
    return CARD_BEHAVIORS[row["behavior"]]


def open_session(desk: Desk, asked: Asked) -> Answer:
    """Open a card page, for a known customer or a new one."""
    if asked.idempotency_key is None or not asked.body.get("return_url"):
        return refusal(400, "invalid_request")
    expires_at = at_text(desk.now + desk.settings.session_lifetime)
    customer = asked.body.get("customer")
    number = desk.insert("sessions", status="open", customer=customer or "", expires_at=expires_at)
    if not customer:
        customer = f"cus_{number}"
        desk.db.execute("UPDATE sessions SET customer = ? WHERE number = ?", (customer, number))
    return Answer(
        200,
        {
            "id": f"cs_{number}",
            "url": f"https://processor.example/card/cs_{number}",
            "customer": customer,
            "expires_at": expires_at,
        },
    )


def read_session(desk: Desk, asked: Asked) -> Answer:
    """What came of a visit to the card page."""
    row = _session(desk, asked.ids[0])
    if row is None:
        return refusal(404, "not_found")
    expired = row["status"] == "open" and datetime.fromisoformat(row["expires_at"]) <= desk.now
    view: dict[str, Any] = {
        "id": asked.ids[0],
        "status": "expired" if expired else row["status"],
        "customer": row["customer"],
    }
    if row["status"] == "complete":
        view["card"] = _view(_card(desk, row["card"]))
    return Answer(200, view)


def enter_card(desk: Desk, session_id: str, behavior: str, last4: str) -> str | None:
    """The owner types a card; returns its token, or ``None`` if the page is closed or the issuer refused."""
    row = _session(desk, session_id)
    if row is None or row["status"] != "open" or datetime.fromisoformat(row["expires_at"]) <= desk.now:
        return None
    if behavior == "refused":
        desk.db.execute("UPDATE sessions SET status = 'declined' WHERE number = ?", (row["number"],))
        return None
    token = f"card_{row['number']}"
    desk.insert(
        "cards",
        token=token,
        customer=row["customer"],
        behavior=behavior,
        last4=last4,
        expires=_EXPIRES,
        detached=0,
    )
    desk.db.execute(
        "UPDATE sessions SET status = 'complete', card = ? WHERE number = ?", (token, row["number"])
    )
    return token


def leave(desk: Desk, session_id: str) -> None:
    """The owner leaves the page without a card."""
    number = session_id.removeprefix("cs_")
    desk.db.execute(
        "UPDATE sessions SET status = 'abandoned' WHERE number = ? AND status = 'open'", (number,)
    )


def renew(desk: Desk, token: str, last4: str, expires: str) -> None:
    """The issuer sends a new card, which works; the network's updater tells, and the token stays."""
    desk.db.execute(
        "UPDATE cards SET last4 = ?, expires = ?, behavior = 'ok' WHERE token = ?", (last4, expires, token)
    )
    desk.note("card.updated", None, card=_view(_card(desk, token)))


def close(desk: Desk, token: str) -> None:
    """The issuer closes the card's account; the network's updater tells."""
    desk.db.execute("UPDATE cards SET behavior = 'lost' WHERE token = ?", (token,))
    desk.note("card.closed", None, card=_view(_card(desk, token)))


def describe(desk: Desk, asked: Asked) -> Answer:
    """What is known of a card."""
    row = _card(desk, asked.ids[0])
    return Answer(200, _view(row)) if row is not None and not row["detached"] else refusal(404, "not_found")


def detach(desk: Desk, asked: Asked) -> Answer:
    """Forget a card: it can't be charged any more."""
    row = _card(desk, asked.ids[0])
    if row is None or row["detached"]:
        return refusal(404, "not_found")
    desk.db.execute("UPDATE cards SET detached = 1 WHERE number = ?", (row["number"],))
    return Answer(200, {"token": asked.ids[0], "detached": True})


def _session(desk: Desk, session_id: str) -> sqlite3.Row | None:
    return desk.one("SELECT * FROM sessions WHERE number = ?", session_id.removeprefix("cs_"))


def _card(desk: Desk, token: str) -> sqlite3.Row | None:
    return desk.one("SELECT * FROM cards WHERE token = ?", token)


def _view(row: sqlite3.Row | None) -> Mapping[str, Any]:
    assert row is not None
    year, month = row["expires"].split("-")
    return {
        "token": row["token"],
        "brand": "visa",
        "last4": row["last4"],
        "expires": {"year": int(year), "month": int(month)},
        # The same four digits stand for the same plastic, whoever types them.
        "fingerprint": f"fp_{row['last4']}",
        "network_transaction_id": f"ntx_setup_{row['number']}",
        "checks": {"cvc": "pass", "postal_code": "pass", "address": "unchecked"},
    }
