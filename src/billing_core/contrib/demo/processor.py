"""
A payment processor for the demo, with a database of its own.

It stands for the world outside: it knows the cards, it forgets nothing, and
its ledger is what the library's books are compared with in the end. It also
shows what a gateway adapter looks like: one class, the port's methods.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from threading import RLock
from typing import Any

from billing_core import (
    ActionRequired,
    Advice,
    BaseGateway,
    Capabilities,
    CardDetails,
    CardExpiry,
    CardToken,
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    Currency,
    GatewayGrade,
    GatewayRequestError,
    Money,
    Operation,
    SetupOutcome,
    SetupRequest,
    SetupResult,
    SetupSession,
    WebhookNotice,
)
from billing_core.charging.invariants import LedgerEntry

__all__ = ["DemoProcessor"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS world (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (ref TEXT PRIMARY KEY, token TEXT);
CREATE TABLE IF NOT EXISTS cards (
    token TEXT PRIMARY KEY, brand TEXT NOT NULL, last4 TEXT NOT NULL,
    year INTEGER NOT NULL, month INTEGER NOT NULL, script TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS charges (
    key TEXT PRIMARY KEY, reference TEXT NOT NULL, request TEXT NOT NULL, outcome TEXT NOT NULL,
    amount_minor INTEGER NOT NULL, currency TEXT NOT NULL
);
"""


class DemoProcessor(BaseGateway):
    """
    Args:
        path: its SQLite file; ``:memory:`` for one that is forgotten.
    """

    capabilities = Capabilities(
        grade=GatewayGrade.KEYED_WITH_LOOKUP,
        operations=frozenset({Operation.FIND_CHARGE, Operation.CANCEL_CHARGE, Operation.CARD_SETUP}),
        action_lifetime=timedelta(days=3),
    )

    def __init__(self, path: str) -> None:
        self._lock = RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # Fewer waits for the disk: a demo of 14 months should not take as long.
        self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_SCHEMA}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # -- what people do on its pages ---------------------------------------------------

    def owner_enters_card(
        self, session_ref: str, brand: str, last4: str, expires: CardExpiry, script: str = "ok"
    ) -> None:
        """
        The owner types a card. ``script`` says how its charges end, in order, separated by commas.

        ``ok`` approves, an advice declines, ``action`` asks for the
        cardholder, ``lost`` captures and loses the answer. After the script
        the last word holds for ever.
        """
        with self._lock:
            (count,) = self._one("SELECT count(*) FROM cards")
            token = f"tok_{count + 1}"
            self._db.execute(
                "INSERT INTO cards VALUES (?, ?, ?, ?, ?, ?)",
                (token, brand, last4, expires.year, expires.month, script),
            )
            self._db.execute("UPDATE sessions SET token = ? WHERE ref = ?", (token, session_ref))

    def cardholders_confirm(self) -> list[str]:
        """Everybody who was asked confirms; returns the references that were captured by it."""
        with self._lock:
            rows = self._db.execute("SELECT reference FROM charges WHERE outcome = 'action'").fetchall()
            self._db.execute("UPDATE charges SET outcome = 'ok' WHERE outcome = 'action'")
            return [reference for (reference,) in rows]

    def remember(self, name: str, value: str) -> None:
        """Note something about the world."""
        self._db.execute(
            "INSERT INTO world VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def recall(self, name: str) -> str | None:
        """What was noted."""
        row = self._one("SELECT value FROM world WHERE name = ?", name)
        return row[0] if row is not None else None

    def ledger(self) -> list[LedgerEntry]:
        """All money that was really captured."""
        rows = self._db.execute(
            "SELECT reference, key, amount_minor, currency FROM charges WHERE outcome IN ('ok', 'lost')"
        )
        return [
            LedgerEntry(
                reference=reference, idempotency_key=key, amount=Money(amount_minor, Currency.of(currency))
            )
            for reference, key, amount_minor, currency in rows
        ]

    # -- the port ----------------------------------------------------------------------------

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Charge a card, or replay what was answered under the same key."""
        with self._lock:
            known = self._one("SELECT request, outcome FROM charges WHERE key = ?", request.idempotency_key)
            body = json.dumps(request.to_dict(), sort_keys=True)
            if known is None:
                outcome = self._next_outcome(request.card)
                self._db.execute(
                    "INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        request.idempotency_key,
                        request.reference,
                        body,
                        outcome,
                        request.amount.amount_minor,
                        request.amount.currency.code,
                    ),
                )
                if outcome == "lost":
                    raise TimeoutError("captured, but the answer never arrived")
                return self._result(request, outcome)
            if known[0] != body:
                raise GatewayRequestError("this key was used for another request")
            return self._result(request, known[1])

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """What became of a request."""
        row = self._one("SELECT outcome FROM charges WHERE key = ?", request.idempotency_key)
        return self._result(request, row[0]) if row is not None else ChargeNotFound()

    def cancel_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Call off a charge that waits for its cardholder."""
        with self._lock:
            self._db.execute(
                "UPDATE charges SET outcome = 'authenticate' WHERE key = ? AND outcome = 'action'",
                (request.idempotency_key,),
            )
        return self.find_charge(request)

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """Open the page on which the owner types the card."""
        session_ref = f"sess_{request.setup_id}"
        self._db.execute("INSERT OR IGNORE INTO sessions VALUES (?, NULL)", (session_ref,))
        return SetupSession(session_ref=session_ref, url=f"https://processor.example/{session_ref}")

    def complete_card_setup(self, session_ref: str, /) -> SetupResult:
        """What came of the visit."""
        row = self._one(
            "SELECT token, brand, last4, year, month FROM sessions JOIN cards USING (token) WHERE ref = ?",
            session_ref,
        )
        if row is None:
            return SetupResult(outcome=SetupOutcome.PENDING)
        token, brand, last4, year, month = row
        details = CardDetails(
            token=CardToken(token),
            brand=brand,
            last4=last4,
            expires=CardExpiry(year, month),
            fingerprint=f"fp_{token}",
        )
        return SetupResult(outcome=SetupOutcome.COMPLETED, card=details)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], /) -> WebhookNotice:
        """The demo's notices come from the same process: there is nobody to distrust."""
        data = json.loads(body)
        return WebhookNotice(id=data["id"], references=data["references"])

    # -- inside ----------------------------------------------------------------------------------

    def _one(self, sql: str, *arguments: object) -> Any:
        return self._db.execute(sql, arguments).fetchone()

    def _next_outcome(self, card: CardToken) -> str:
        (script,) = self._one("SELECT script FROM cards WHERE token = ?", card.value)
        first, _, rest = script.partition(",")
        if rest:
            self._db.execute("UPDATE cards SET script = ? WHERE token = ?", (rest, card.value))
        return first or "ok"

    def _result(self, request: ChargeRequest, outcome: str) -> ChargeResult:
        if outcome in {"ok", "lost"}:
            return ChargeResult.succeeded(request.amount, gateway_ref=f"ch_{request.reference[:20]}")
        if outcome == "action":
            return ChargeResult.requires_action(ActionRequired(url="https://processor.example/confirm"))
        return ChargeResult.declined(Advice(outcome), gateway_code=outcome)
