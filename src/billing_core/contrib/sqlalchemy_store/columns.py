"""
How instants, ids and records are kept in columns.

* An instant is a whole number: microseconds since 1970 in UTC. It is exact,
  sorts by time in every database, and no driver can shift it: SQLite has no
  type for instants, and drivers differ in what they make of a time zone.
* An id sorts by code point, whatever the database's language, so that pages
  come in the same order everywhere.
* A record's body is its JSON as ASCII text. Amounts in it are whole numbers of
  any size, which columns and JSON parsers of some databases would cut to 64 or 53 bits.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

__all__ = ["Id", "Instant", "JsonText"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)

Id = String(255).with_variant(String(255, collation="C"), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An aware datetime as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Whole numbers only: a float of seconds would lose microseconds."""
        return None if value is None else (value - _EPOCH) // _TICK

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Always in UTC."""
        return None if value is None else _EPOCH + value * _TICK


class JsonText(TypeDecorator[dict[str, Any]]):
    """A record's JSON as text that every database and encoding leaves as it is."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        """Compact ASCII."""
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        """As it was written."""
        return None if value is None else json.loads(value)
