"""What a store in memory keeps beside its records, so that no question has to look at all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import UTC, date, datetime
from operator import itemgetter

import attrs

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import CardTry, CardUse
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.licenses.license import License
from billing_core.stores.selection import usage_since

__all__ = ["Agenda", "LicenseIndex", "MemoryIndex"]


class Agenda:
    """When to look at which license, soonest first."""

    def __init__(self) -> None:
        self._at: dict[str, datetime | None] = {}
        self._in_order: list[tuple[datetime, str]] = []

    def at(self, license_id: str) -> datetime | None:
        """When to look at this license; ``None``: only when somebody changes something."""
        return self._at.get(license_id)

    def put(self, license_id: str, at: datetime | None) -> None:
        """Look at a license then, and no more at the time before."""
        known = self._at.get(license_id)
        if known is not None:
            del self._in_order[bisect_left(self._in_order, _place(known, license_id))]
        if at is not None:
            insort(self._in_order, _place(at, license_id))
        self._at[license_id] = at

    def due(self, now: datetime) -> Iterator[str]:
        """All licenses whose time has come, oldest first. Not to be changed while it is read."""
        for at, license_id in self._in_order:
            if at > now:
                return
            yield license_id


def _place(at: datetime, license_id: str) -> tuple[datetime, str]:
    # Two instants of one zone compare by their wall clocks; in UTC they always compare as instants.
    return at.astimezone(UTC), license_id


@attrs.define
class LicenseIndex:
    """
    Which invoices, attempts and refunds of one license are of interest.

    Attributes:
        unpaid: ids of invoices that wait for their money.
        unresolved: attempt or refund -> the invoice whose money may still move.
        by_end: all invoices, by the end of their period.
        attempts: invoice -> ids of all attempts at it.
        refunds: invoice -> ids of all refunds of it.
    """

    unpaid: set[str] = attrs.field(factory=set)
    unresolved: dict[str, str] = attrs.field(factory=dict)
    by_end: list[tuple[date, str]] = attrs.field(factory=list)
    attempts: dict[str, list[str]] = attrs.field(factory=dict)
    refunds: dict[str, list[str]] = attrs.field(factory=dict)

    def of_interest(self, paid_until: date) -> set[str]:
        """The ids of all invoices that may matter to a decision about the license."""
        later = bisect_right(self.by_end, paid_until, key=itemgetter(0))
        return {
            *self.unpaid,
            *self.unresolved.values(),
            *(invoice_id for _, invoice_id in self.by_end[later:]),
        }

    def put_invoice(self, invoice: Invoice, before: Invoice | None) -> None:
        """Note an invoice as it is now."""
        if invoice.is_open:
            self.unpaid.add(invoice.id)
        else:
            self.unpaid.discard(invoice.id)
        if before is None or before.period != invoice.period:
            insort(self.by_end, (invoice.period.end, invoice.id))

    def put_move(
        self, move: ChargeAttempt | Refund, before: ChargeAttempt | Refund | None, of: dict[str, list[str]]
    ) -> None:
        """Note an attempt or a refund as it is now."""
        if move.is_unresolved:
            self.unresolved[move.id] = move.invoice_id
        else:
            self.unresolved.pop(move.id, None)
        if before is None:
            of.setdefault(move.invoice_id, []).append(move.id)


class CardIndex:
    """How each physical card was used lately."""

    def __init__(self) -> None:
        # Fingerprint -> number -> the attempt with that number on the card, as long as it counts.
        self._tries: dict[str, dict[int, CardTry]] = {}
        self._last: dict[str, int] = {}

    def put(self, attempt: ChargeAttempt, now: datetime) -> None:
        """Note an attempt that uses a card, as it is now."""
        mark, since = attempt.fingerprint, usage_since(now)
        self._last[mark] = max(self._last.get(mark, 0), attempt.card_use)
        tries = self._tries.setdefault(mark, {})
        tries[attempt.card_use] = CardTry.of(attempt)
        # What is out of the window can come back into it only by being sent again.
        over = [n for n, tried in tries.items() if tried.at <= since and not tried.state.is_unresolved]
        for number in over:
            del tries[number]

    def uses(self, account: Account, since: datetime) -> list[CardUse]:
        """The account's cards, as far as they were used, with all tries since then."""
        used = {card.fingerprint for card in account.cards} & self._last.keys()
        return [self._use(mark, since) for mark in used]

    def _use(self, mark: str, since: datetime) -> CardUse:
        recent = tuple(tried for _, tried in sorted(self._tries[mark].items()) if tried.at > since)
        return CardUse(fingerprint=mark, last=self._last[mark], tries=recent)


class MemoryIndex:
    """Which records belong together."""

    def __init__(self) -> None:
        self._licenses: dict[str, LicenseIndex] = {}
        self._licenses_of: dict[str, list[str]] = {}
        self.cards = CardIndex()

    def licenses_of(self, account_id: str) -> list[str]:
        """The ids of an account's licenses."""
        return self._licenses_of.get(account_id, [])

    def of_license(self, license_id: str) -> LicenseIndex:
        """What is known of one license."""
        known = self._licenses.get(license_id)
        if known is None:
            known = self._licenses[license_id] = LicenseIndex()
        return known

    def put(self, record: object, before: object, now: datetime) -> None:
        """Note a record as it is now, and as it was before."""
        if isinstance(record, License):
            if before is None:
                self._licenses_of.setdefault(record.account_id, []).append(record.id)
        elif isinstance(record, Invoice):
            assert before is None or isinstance(before, Invoice)
            self.of_license(record.license_id).put_invoice(record, before)
        elif isinstance(record, ChargeAttempt):
            assert before is None or isinstance(before, ChargeAttempt)
            mine = self.of_license(record.license_id)
            mine.put_move(record, before, mine.attempts)
            if record.card_use:
                self.cards.put(record, now)
        elif isinstance(record, Refund):
            assert before is None or isinstance(before, Refund)
            mine = self.of_license(record.license_id)
            mine.put_move(record, before, mine.refunds)
