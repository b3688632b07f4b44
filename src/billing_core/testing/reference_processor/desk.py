"""One call at the processor: what it sees of the books, and the answer that it gives."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from billing_core.testing.reference_processor.books import at_text
from billing_core.testing.reference_processor.settings import ProcessorSettings

__all__ = ["Answer", "Asked", "Desk", "Operation", "refusal"]


@attrs.frozen
class Answer:
    """A status and a JSON body."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Asked:
    """
    What a caller asked.

    Attributes:
        ids: the parts of the path that stand for something's id.
        idempotency_key: the header of that name.
    """

    ids: tuple[str, ...]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    idempotency_key: str | None


@attrs.frozen
class Desk:
    """The books inside one transaction, and the time at which it happens."""

    db: sqlite3.Connection
    now: datetime
    settings: ProcessorSettings

    def one(self, sql: str, *arguments: object) -> sqlite3.Row | None:
        """The first row, if there is one."""
        row: sqlite3.Row | None = self.db.execute(sql, arguments).fetchone()
        return row

    def insert(self, table: str, **values: object) -> int:
        """A new row; returns its number, counted from one."""
        names = ", ".join(values)
        places = ", ".join("?" * len(values))
        # The table's and the columns' names are this package's own.
        made = self.db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608 - see above
            tuple(values.values()),
        )
        return int(made.lastrowid or 0)

    def note(self, kind: str, reference: str | None, **about: Mapping[str, Any]) -> None:
        """Put a notice about a charge, or about something else, into the outbox of webhooks."""
        told = json.dumps(about)
        self.insert("notices", kind=kind, reference=reference, about=told, created_at=at_text(self.now))


#: What answers a call.
Operation: TypeAlias = Callable[[Desk, Asked], Answer]


def refusal(status: int, code: str, **more: object) -> Answer:
    """An answer that says no."""
    return Answer(status, {"error": {"code": code, **more}})
