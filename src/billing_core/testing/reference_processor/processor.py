"""
The processor itself, without a network: calls in, answers out.

What callers can't reach through its interface - the owner at the card page,
the cardholder's bank, the ledger - are methods here. As all state is in the
file, a test may do them on a `Processor` of its own over the same file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from os import PathLike
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from billing_core.errors import NotFound
from billing_core.issues import invalid
from billing_core.testing.reference_processor import cards, charges, disputes, refunds
from billing_core.testing.reference_processor.books import Books, ProcessorEntry, at_text
from billing_core.testing.reference_processor.desk import Answer, Asked, Desk, Operation, refusal
from billing_core.testing.reference_processor.settings import CARD_BEHAVIORS, ProcessorSettings

__all__ = ["SIGNATURE_HEADER", "Processor", "signed_notice"]

SIGNATURE_HEADER = "Processor-Signature"

#: Method and path -> the operation, and whether a repeat under a used key is answered from memory.
_OPERATIONS: Mapping[tuple[str, ...], tuple[Operation, bool]] = {
    ("POST", "charges"): (charges.create, True),
    ("GET", "charges"): (charges.find, False),
    ("GET", "captures"): (charges.list_captured, False),
    ("GET", "charges", "*"): (charges.read, False),
    ("POST", "charges", "*", "confirm"): (charges.confirm, False),
    ("POST", "charges", "*", "cancel"): (charges.cancel, False),
    ("POST", "cancellations"): (charges.cancel_by_key, False),
    ("POST", "refunds"): (refunds.create, True),
    ("GET", "refunds"): (refunds.find, False),
    ("GET", "refunds", "*"): (refunds.read, False),
    ("GET", "disputes", "*"): (disputes.read, False),
    ("POST", "sessions"): (cards.open_session, True),
    ("GET", "sessions", "*"): (cards.read_session, False),
    ("GET", "cards", "*"): (cards.describe, False),
    ("DELETE", "cards", "*"): (cards.detach, False),
}

#: What is remembered under a key: that something was done, or decided. A refused request was neither.
_REMEMBERED = frozenset({200, 402})


class Processor:
    """
    One merchant's account at a processor.

    Args:
        ledger: the SQLite file of its books; ``":memory:"`` keeps none.
        settings: its times, limits and secrets.
        clock: what tells the time.
    """

    def __init__(
        self,
        ledger: str | PathLike[str],
        settings: ProcessorSettings,
        clock: Callable[[], datetime],
    ) -> None:
        self.settings = settings
        self._books = Books(ledger)
        self._clock = clock
        self._calls: tuple[datetime, int] = (clock(), 0)

    # -- the interface ----------------------------------------------------------------

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the processor says to one HTTP request; header names in small letters."""
        if headers.get("authorization") != f"Bearer {self.settings.api_key}":
            return refusal(401, "invalid_api_key")
        now = self._clock()
        if self._is_throttled(now):
            return Answer(429, {"error": {"code": "rate_limited"}}, {"Retry-After": "1"})
        parts = urlsplit(target)
        shape, ids = _shape(parts.path)
        operation, replays = _OPERATIONS.get((method, *shape), (None, False))
        if operation is None:
            return refusal(404, "no_such_operation")
        read = _read(body)
        if read is None:
            return refusal(400, "invalid_json")
        key = headers.get("idempotency-key")
        asked = Asked(ids=ids, query=dict(parse_qsl(parts.query)), body=read, idempotency_key=key)
        with self._books.writing() as db:
            desk = Desk(db, now, self.settings)
            if replays and key is not None:
                return _once(desk, operation, asked, f"{method} {target} {json.dumps(read, sort_keys=True)}")
            return operation(desk, asked)

    # -- the world around it -------------------------------------------------------------

    def enter_card(self, session_ref: str, behavior: str = "ok", last4: str = "4242") -> str | None:
        """
        The owner types a card on the page of a session.

        Args:
            behavior: one of `CARD_BEHAVIORS`, or ``"refused"`` for a card that the issuer refuses at once.

        Returns:
            The card's token; ``None`` if the page is closed, or the card was refused.

        Raises:
            InvalidInput: no card behaves so.
        """
        if behavior not in {*CARD_BEHAVIORS, "refused"}:
            raise invalid("behavior", "unknown_value", allowed=", ".join(CARD_BEHAVIORS))
        with self._books.writing() as db:
            return cards.enter_card(self._desk(db), session_ref, behavior, last4)

    def leave_session(self, session_ref: str) -> None:
        """The owner leaves the page without a card."""
        with self._books.writing() as db:
            cards.leave(self._desk(db), session_ref)

    def settle(self, gateway_ref: str, behavior: str = "ok") -> None:
        """A pending charge ends as a charge on a card of this behavior would."""
        with self._books.writing() as db:
            charges.settle(self._desk(db), _number(gateway_ref), CARD_BEHAVIORS[behavior])

    def cardholder_confirms(self, gateway_ref: str) -> None:
        """The cardholder confirms a charge that waits for them: it is captured."""
        with self._books.writing() as db:
            charges.end_action(self._desk(db), _number(gateway_ref), confirmed=True)

    def cardholder_refuses(self, gateway_ref: str) -> None:
        """The cardholder does not confirm: the charge is declined."""
        with self._books.writing() as db:
            charges.end_action(self._desk(db), _number(gateway_ref), confirmed=False)

    def refund_elsewhere(self, gateway_ref: str, amount_minor: int) -> str:
        """Somebody gives money back in the dashboard; returns the refund's id."""
        with self._books.writing() as db:
            return refunds.make_elsewhere(self._desk(db), _number(gateway_ref), amount_minor)

    def cardholder_disputes(self, gateway_ref: str, amount_minor: int, reason: str = "fraudulent") -> str:
        """The cardholder disputes a charge, or a part of it; returns the dispute's id."""
        with self._books.writing() as db:
            return disputes.open_dispute(self._desk(db), _number(gateway_ref), amount_minor, reason)

    def dispute_becomes(self, dispute_ref: str, status: str) -> None:
        """A dispute is ``won`` or ``lost``, or ``opened`` again."""
        with self._books.writing() as db:
            disputes.becomes(self._desk(db), dispute_ref, status)

    def renew_card(self, token: str, last4: str, expires: str) -> None:
        """The issuer sends a new card, valid through a month such as ``2031-05``; the token stays."""
        with self._books.writing() as db:
            cards.renew(self._desk(db), token, last4, expires)

    def close_card(self, token: str) -> None:
        """The issuer closes the card's account."""
        with self._books.writing() as db:
            cards.close(self._desk(db), token)

    def charge_id(self, reference: str) -> str:
        """
        The latest charge that was made for a reference.

        Raises:
            NotFound: there is none.
        """
        with self._books.writing() as db:
            row = self._desk(db).one(
                "SELECT number FROM charges WHERE reference = ? ORDER BY number DESC", reference
            )
        if row is None:
            raise NotFound("charge", reference)
        return f"ch_{row['number']}"

    def ledger(self) -> tuple[ProcessorEntry, ...]:
        """All money that moved, oldest first."""
        return self._books.entries()

    def notices(self, after: int = 0) -> tuple[tuple[bytes, Mapping[str, str]], ...]:
        """The webhooks sent since, oldest first: raw body and headers, signed at this time."""
        with self._books.writing() as db:
            rows = db.execute("SELECT * FROM notices WHERE number > ? ORDER BY number", (after,)).fetchall()
        return tuple(
            signed_notice(
                {
                    "id": f"evt_{row['number']}",
                    "kind": row["kind"],
                    "references": [row["reference"]] if row["reference"] is not None else [],
                    **json.loads(row["about"]),
                },
                self.settings.webhook_secret,
                self._clock(),
            )
            for row in rows
        )

    def close(self) -> None:
        """Close the books."""
        self._books.close()

    def _desk(self, db: Any) -> Desk:
        return Desk(db, self._clock(), self.settings)

    def _is_throttled(self, now: datetime) -> bool:
        limit = self.settings.rate_limit_per_second
        if limit is None:
            return False
        since, count = self._calls
        if now - since >= timedelta(seconds=1):
            since, count = now, 0
        self._calls = (since, count + 1)
        return count >= limit


def signed_notice(
    notice: Mapping[str, Any] | bytes, secret: bytes, at: datetime
) -> tuple[bytes, Mapping[str, str]]:
    """
    A webhook as it is sent: the body's bytes, and the header that proves who sent it and when.

    The signature covers the time and the raw bytes, so neither can be changed
    or used again later.
    """
    body = notice if isinstance(notice, bytes) else json.dumps(notice).encode()
    sent_at = int(at.timestamp())
    signature = hmac.new(secret, b"%d." % sent_at + body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/json", SIGNATURE_HEADER: f"t={sent_at},v1={signature}"}


def _once(desk: Desk, operation: Operation, asked: Asked, text: str) -> Answer:
    """Do it, or say again what was said the first time."""
    oldest = at_text(desk.now - desk.settings.key_retention)
    desk.db.execute("DELETE FROM keys WHERE created_at <= ?", (oldest,))
    known = desk.one("SELECT * FROM keys WHERE idempotency_key = ?", asked.idempotency_key)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if known is not None:
        if known["asked"] != digest:
            return refusal(409, "idempotency_mismatch")
        return Answer(known["status"], json.loads(known["body"]), {"Idempotent-Replayed": "true"})
    answer = operation(desk, asked)
    if answer.status in _REMEMBERED:
        desk.insert(
            "keys",
            idempotency_key=asked.idempotency_key,
            asked=digest,
            status=answer.status,
            body=json.dumps(answer.body),
            created_at=at_text(desk.now),
        )
    return answer


def _shape(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A path below ``/v1``, with its ids taken out."""
    version, *parts = path.strip("/").split("/")
    if version != "v1":
        return (), ()
    return tuple("*" if n == 1 else part for n, part in enumerate(parts)), tuple(parts[1:2])


def _read(body: bytes) -> Mapping[str, Any] | None:
    try:
        read = json.loads(body or b"{}")
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _number(gateway_ref: str) -> int:
    return int(gateway_ref.removeprefix("ch_"))
