"""Claiming licenses whose time has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from billing_core.contrib.sqlalchemy_store.tables import licenses
from billing_core.stores.port import Shard

__all__ = ["claim", "due_licenses"]


def due_licenses(now: datetime, limit: int, shard: Shard) -> Select[Any]:
    """
    The ids of licenses that are due and not leased, oldest first.

    ``SKIP LOCKED`` lets workers on other databases pass each other; SQLAlchemy
    drops it for SQLite without a word, where a writing transaction is alone anyway.
    """
    return (
        select(licenses.c.id)
        .where(
            licenses.c.wake_at <= now,
            or_(licenses.c.leased_until.is_(None), licenses.c.leased_until <= now),
            licenses.c.shard_hash % shard.count == shard.number,
        )
        .order_by(licenses.c.wake_at, licenses.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def claim(connection: Connection, limit: int, lease: timedelta, shard: Shard, now: datetime) -> list[str]:
    """Lease some due licenses to the caller; their ids, oldest first."""
    claimed = list(connection.execute(due_licenses(now, limit, shard)).scalars())
    connection.execute(update(licenses).where(licenses.c.id.in_(claimed)).values(leased_until=now + lease))
    return claimed
