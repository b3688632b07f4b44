"""Who renews in the kill test, and what must hold in both books when all has come to rest."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import attrs

from billing_core import (
    Actor,
    AttemptFilter,
    AttemptState,
    Billing,
    CardDetails,
    CardExpiry,
    CardToken,
    ChargeAttempt,
    License,
    Money,
    Plan,
    check_invariants,
)
from billing_core.testing import ledger_entries, read_ledger
from billing_core.testing.reference_processor.settings import card_of

__all__ = ["Books", "compare", "is_due", "move_in", "unresolved"]

#: One card in ten declines, always.
_DECLINES = 10
_IMPORTER = Actor.system("kill-test")
_PLAN = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BILLING_INFO = {
    "name": "Ada Ltd",
    "line1": "1 rue Vivienne",
    "city": "Paris",
    "postal_code": "75002",
    "country": "FR",
}


@attrs.frozen(kw_only=True)
class Books:
    """
    What both books agree on.

    Attributes:
        captures: how often money moved at the processor.
        captured: how much of it.
        attempts: by the state in which they ended.
        look_ups: how often a charge was looked up in vain.
        resends: how often the same request was sent again.
    """

    captures: int
    captured: Money
    attempts: Counter[str]
    look_ups: int
    resends: int

    def told(self) -> dict[str, object]:
        """For the report."""
        return {
            "captures": self.captures,
            "captured": self.captured,
            "attempts": ", ".join(f"{count} {state}" for state, count in sorted(self.attempts.items())),
            "look-ups without an outcome": self.look_ups,
            "resends": self.resends,
        }


def move_in(billing: Billing, licenses: int) -> None:
    """Accounts with a card each, and one license that is due on the first of each month."""
    for number in range(licenses):
        behavior = "insufficient_funds" if _declines(number) else "ok"
        card = CardDetails(
            token=CardToken(card_of(behavior)),
            brand="visa",
            last4="4242",
            expires=CardExpiry(2040, 12),
            fingerprint=f"fp_{number}",
        )
        account = billing.import_account(
            f"Customer {number}",
            external_id=f"account-{number}",
            currency="EUR",
            time_zone="UTC",
            owner="ada",
            billing_info=_BILLING_INFO,
            card=card,
            customer_ref=f"cus_{number}",
            actor=_IMPORTER,
        )
        billing.import_license(
            account.id,
            _PLAN,
            external_id=f"license-{number}",
            anchor=date(2025, 1, 1),
            paid_until=date(2025, 2, 1),
            quantity=1 + number % 3,
            actor=_IMPORTER,
        )


def unresolved(billing: Billing) -> list[ChargeAttempt]:
    """The attempts of which nobody knows what became of them."""
    return _attempts(billing, AttemptFilter(is_unresolved=True))


def is_due(folder: Path, now: datetime) -> bool:
    """Whether a worker would find something to do."""
    at = (now - _EPOCH) // timedelta(microseconds=1)
    query = "SELECT count(*) FROM billing_licenses WHERE wake_at <= ? AND coalesce(leased_until, 0) <= ?"
    with closing(sqlite3.connect(folder / "billing.db")) as db:
        (count,) = db.execute(query, (at, at)).fetchone()
    return bool(count)


def compare(billing: Billing, folder: Path, *, months: int) -> Books:
    """
    Both books, entry by entry.

    Raises:
        AssertionError: what does not agree.
    """
    ledger = read_ledger(folder / "processor.db")
    attempts = _attempts(billing, AttemptFilter())
    succeeded = [attempt for attempt in attempts if attempt.state is AttemptState.SUCCEEDED]
    captured = Counter((it.reference, it.idempotency_key, it.amount) for it in ledger)
    recorded = Counter(
        (it.request.reference, it.request.idempotency_key, it.request.amount) for it in succeeded
    )
    double = [reference for reference, count in Counter(it.reference for it in ledger).items() if count > 1]

    _ensure(not double, f"captured twice: {double}")
    _ensure(captured == recorded, f"lost or invented: {(captured - recorded) + (recorded - captured)}")
    violations = check_invariants(billing.books(ledger_entries(ledger)))
    _ensure(not violations, f"violations: {[str(violation) for violation in violations[:5]]}")
    _ensure(not billing.needs_attention().items, "something waits for a person")
    _ensure_everybody_renewed(billing, succeeded, months)
    for name in ("billing.db", "processor.db"):
        with closing(sqlite3.connect(folder / name)) as db:
            _ensure(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], f"{name} is damaged")
    return Books(
        captures=len(ledger),
        captured=sum((it.amount for it in ledger[1:]), ledger[0].amount),
        attempts=Counter(attempt.state.value for attempt in attempts),
        look_ups=sum(attempt.looks for attempt in attempts),
        resends=sum(attempt.sends - 1 for attempt in attempts),
    )


def _ensure_everybody_renewed(billing: Billing, succeeded: Sequence[ChargeAttempt], months: int) -> None:
    """Each license with a good card was charged once a month, and is paid until the next; no other was."""
    charged = Counter(attempt.license_id for attempt in succeeded)
    years, month = divmod(months + 1, 12)
    expected = date(2025 + years, month + 1, 1)
    licenses: list[License] = []
    after = None
    while True:
        page = billing.licenses(after=after)
        licenses += page.items
        if (after := page.next) is None:
            break
    for license in licenses:
        number = int((license.external_id or "").removeprefix("license-"))
        times = 0 if _declines(number) else months
        _ensure(charged[license.id] == times, f"license {number} was charged {charged[license.id]} times")
        if times:
            _ensure(license.paid_until == expected, f"license {number} is paid until {license.paid_until}")


def _attempts(billing: Billing, wanted: AttemptFilter) -> list[ChargeAttempt]:
    found: list[ChargeAttempt] = []
    after = None
    while True:
        page = billing.attempts(wanted, after=after)
        found += page.items
        if (after := page.next) is None:
            return found


def _declines(number: int) -> bool:
    return number % _DECLINES == _DECLINES - 1


def _ensure(holds: object, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)
