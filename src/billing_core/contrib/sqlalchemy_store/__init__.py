"""A store on SQLAlchemy Core: SQLite out of the box, portable SQL for the rest. Needs the extra ``sql``."""

from billing_core.contrib.sqlalchemy_store.store import SqlStore

__all__ = ["SqlStore"]
