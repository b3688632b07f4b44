"""
Numbers without gaps: the sequence of events and the numbers of invoices.

No database's own sequences can do this: they leave a gap for what is rolled back.
Every commit takes the lock on the event counter first. So commits queue up here
and nowhere else, can't lock each other out, and the order of events is the
order of commits: a reader who has seen number 7 will never find a new number 6.
"""

from __future__ import annotations

import attrs
from sqlalchemy import Connection, bindparam, insert, select, update

from billing_core.contrib.sqlalchemy_store.schema import EVENT_SEQUENCE
from billing_core.contrib.sqlalchemy_store.tables import invoice_numbers, meta

__all__ = ["Counters", "Mark"]

_COUNTER = meta.c.name == EVENT_SEQUENCE
_SERIES = (
    invoice_numbers.c.seller_id == bindparam("of_seller"),
    invoice_numbers.c.series == bindparam("of_series"),
)

# An update that changes nothing is the one lock that all databases have.
_LOCK = update(meta).where(_COUNTER).values(value=meta.c.value)
_READ_SEQUENCE = select(meta.c.value).where(_COUNTER)
_SAVE_SEQUENCE = update(meta).where(_COUNTER).values(value=bindparam("sequence"))
_READ_NUMBER = select(invoice_numbers.c.last).where(*_SERIES)
_SAVE_NUMBER = update(invoice_numbers).where(*_SERIES).values(last=bindparam("number"))
_FIRST_NUMBER = insert(invoice_numbers)


@attrs.frozen
class Mark:
    """Where the counters stood."""

    sequence: int
    numbers: dict[tuple[str, str], int]


class Counters:
    """The counters of one transaction: read and locked once, counted in memory, saved once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection.execute(_LOCK)
        self._sequence: int = connection.execute(_READ_SEQUENCE).scalar_one()
        self._numbers: dict[tuple[str, str], int] = {}

    def next_sequence(self) -> int:
        """The next event's place in commit order."""
        self._sequence += 1
        return self._sequence

    def next_number(self, seller_id: str, series: str) -> int:
        """The next invoice's number."""
        key = (seller_id, series)
        if key not in self._numbers:
            self._numbers[key] = self._saved_number(key) or 0
        self._numbers[key] += 1
        return self._numbers[key]

    def mark(self) -> Mark:
        """Where the counters stand before a change is tried."""
        return Mark(self._sequence, dict(self._numbers))

    def rewind(self, mark: Mark) -> None:
        """Take back what a refused change has counted."""
        self._sequence, self._numbers = mark.sequence, dict(mark.numbers)

    def save(self) -> None:
        """Store where the counters stand now."""
        self._connection.execute(_SAVE_SEQUENCE, {"sequence": self._sequence})
        for (seller_id, series), last in self._numbers.items():
            values = {"of_seller": seller_id, "of_series": series, "number": last}
            if self._connection.execute(_SAVE_NUMBER, values).rowcount == 0:
                self._connection.execute(
                    _FIRST_NUMBER, {"seller_id": seller_id, "series": series, "last": last}
                )

    def _saved_number(self, key: tuple[str, str]) -> int | None:
        values = {"of_seller": key[0], "of_series": key[1]}
        return self._connection.execute(_READ_NUMBER, values).scalar_one_or_none()
