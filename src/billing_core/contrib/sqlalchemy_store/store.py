"""`SqlStore`: the port to databases, on SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import URL, Connection, Engine, select

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.contrib.clock import SystemClock
from billing_core.contrib.sqlalchemy_store import reading, tables
from billing_core.contrib.sqlalchemy_store.due import claim
from billing_core.contrib.sqlalchemy_store.schema import upgrade
from billing_core.contrib.sqlalchemy_store.transactions import (
    HostTransaction,
    OwnTransactions,
    Transactions,
    open_engine,
)
from billing_core.contrib.sqlalchemy_store.writing import commit_changes
from billing_core.events import Event
from billing_core.issues import invalid
from billing_core.licenses.license import License
from billing_core.stores.memory import Clock
from billing_core.stores.port import (
    AttemptFilter,
    Change,
    CommitResult,
    InvoiceFilter,
    LicenseFilter,
    Page,
    RefundFilter,
    Shard,
)
from billing_core.values.typed import check_instance

__all__ = ["BoundStore", "SqlStore"]


class BoundStore:
    """
    The methods of the port, over whatever transactions it is given.

    Args:
        transactions: where each method's transaction comes from.
        clock: the one clock of all decisions.
    """

    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    def now(self) -> datetime:
        """The clock's time."""
        return self._clock.now()

    # -- reads -------------------------------------------------------------------

    def account(self, account_id: str, /) -> Account | None:
        """The account with this id."""
        with self._transactions.reading() as connection:
            return reading.find(connection, reading.ACCOUNTS, account_id)

    def license(self, license_id: str, /) -> License | None:
        """The license with this id."""
        with self._transactions.reading() as connection:
            return reading.find(connection, reading.LICENSES, license_id)

    def invoice(self, invoice_id: str, /) -> Invoice | None:
        """The invoice with this id."""
        with self._transactions.reading() as connection:
            return reading.find(connection, reading.INVOICES, invoice_id)

    def attempt(self, attempt_id: str, /) -> ChargeAttempt | None:
        """The attempt with this id."""
        with self._transactions.reading() as connection:
            return reading.find(connection, reading.ATTEMPTS, attempt_id)

    def refund(self, refund_id: str, /) -> Refund | None:
        """The refund with this id."""
        with self._transactions.reading() as connection:
            return reading.find(connection, reading.REFUNDS, refund_id)

    def controls(self) -> Controls:
        """The record about the store as a whole."""
        with self._transactions.reading() as connection:
            return reading.find_controls(connection)

    def dossier(self, license_id: str, /) -> Dossier | None:
        """All that a decision about this license reads."""
        with self._transactions.reading() as connection:
            return next(iter(reading.load_dossiers(connection, [license_id], self.now())), None)

    def wake_at(self, license_id: str, /) -> datetime | None:
        """When the license is looked at next."""
        query = select(tables.licenses.c.wake_at).where(tables.licenses.c.id == license_id)
        with self._transactions.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def accounts(self, after: str | None, limit: int, /) -> Page[Account]:
        """Accounts by id."""
        with self._transactions.reading() as connection:
            return reading.page_of(connection, reading.ACCOUNTS, (), after, limit)

    def licenses(self, filter: LicenseFilter, after: str | None, limit: int, /) -> Page[License]:
        """Licenses by id."""
        conditions = reading.license_conditions(filter)
        with self._transactions.reading() as connection:
            return reading.page_of(connection, reading.LICENSES, conditions, after, limit)

    def invoices(self, filter: InvoiceFilter, after: str | None, limit: int, /) -> Page[Invoice]:
        """Invoices by id."""
        conditions = reading.invoice_conditions(filter)
        with self._transactions.reading() as connection:
            return reading.page_of(connection, reading.INVOICES, conditions, after, limit)

    def attempts(self, filter: AttemptFilter, after: str | None, limit: int, /) -> Page[ChargeAttempt]:
        """Attempts by id."""
        conditions = reading.attempt_conditions(filter)
        with self._transactions.reading() as connection:
            return reading.page_of(connection, reading.ATTEMPTS, conditions, after, limit)

    def refunds(self, filter: RefundFilter, after: str | None, limit: int, /) -> Page[Refund]:
        """Refunds by id."""
        conditions = reading.refund_conditions(filter)
        with self._transactions.reading() as connection:
            return reading.page_of(connection, reading.REFUNDS, conditions, after, limit)

    def events(self, after: int, limit: int, /) -> tuple[Event, ...]:
        """Events after a sequence number, in commit order."""
        sequence = tables.events.c.sequence
        query = select(tables.events.c.body).where(sequence > after).order_by(sequence).limit(limit)
        with self._transactions.reading() as connection:
            return tuple(Event.from_dict(body) for body in connection.execute(query).scalars())

    # -- work ----------------------------------------------------------------------

    def claim_due(self, limit: int, lease: timedelta, shard: Shard, /) -> tuple[Dossier, ...]:
        """Some licenses whose time has come, oldest first, leased to the caller."""
        now = self.now()
        with self._transactions.writing() as connection:
            claimed = claim(connection, limit, lease, shard, now)
            return reading.load_dossiers(connection, claimed, now)

    def commit(self, changes: Sequence[Change], /) -> tuple[CommitResult, ...]:
        """Carry out changes, each completely or not at all, in order."""
        with self._transactions.writing() as connection:
            return commit_changes(connection, changes, self.now())


class SqlStore(BoundStore):
    """
    A store in a SQL database.

    Any number of processes and threads may use the same database.

    Args:
        engine_or_url: where the database is. An engine of the host's own for
            SQLite needs `configure_sqlite` first. The tables must be there;
            `SqlStore.open` sees to it.
        clock: the one clock of all decisions; the computer's by default.

    >>> store = SqlStore.open("sqlite://")
    >>> store.account("acc_1") is None
    True
    """

    def __init__(self, engine_or_url: Engine | URL | str, *, clock: Clock | None = None) -> None:
        engine = engine_or_url if isinstance(engine_or_url, Engine) else open_engine(engine_or_url)
        super().__init__(OwnTransactions(engine), clock if clock is not None else SystemClock())
        self.engine = engine

    @classmethod
    def open(cls, url: URL | str, *, clock: Clock | None = None) -> Self:
        """
        The store at a URL, with its tables created or brought up to date.

        Args:
            url: ``sqlite:///path.db``, or ``sqlite://`` for one in memory that
                ends with this object; others as SQLAlchemy knows them.
            clock: the computer's by default.

        Raises:
            InvalidInput: ``not_supported`` - the tables come from a newer release.
        """
        store = cls(url, clock=clock)
        upgrade(store.engine)
        return store

    def using(self, connection: Connection) -> BoundStore:
        """
        The same store within a transaction of the host, for commands that shall stand or fall with it.

        Nothing is committed but by the host. A commit of the store that fails
        leaves the host's transaction as it was before.

        Args:
            connection: of the same database, with a transaction begun.

        Raises:
            InvalidInput: it is no connection, or no transaction was begun on it.
        """
        check_instance(connection, Connection, "connection")
        if not connection.in_transaction():
            raise invalid("connection", "invalid_type", expected="a connection with a transaction begun")
        return BoundStore(HostTransaction(connection), self._clock)

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.engine.dispose()
