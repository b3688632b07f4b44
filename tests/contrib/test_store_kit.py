"""Every store of the library keeps every promise of the port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event

from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.stores.memory import MemoryStore
from billing_core.stores.threaded import ThreadedStore
from billing_core.testing.store_kit import Interrupted, StoreHarness, StoreKitTests


class MemoryHarness(StoreHarness):
    """One store for all workers: there is nothing that a second one could share."""

    store: MemoryStore

    def begin(self) -> None:
        super().begin()
        self.store = MemoryStore(self.clock)

    def connect(self) -> MemoryStore:
        return self.store


class ThreadedHarness(MemoryHarness):
    """The asynchronous one."""

    race_rounds = 5

    def connect(self) -> Any:
        return ThreadedStore(self.store)


class SqlHarness(StoreHarness):
    """A database in a file of its own, and as many engines as stores."""

    durable = True
    interruptible = True

    def begin(self) -> None:
        super().begin()
        self.folder = TemporaryDirectory()
        self.opened: list[SqlStore] = []

    @property
    def url(self) -> str:
        """Where the data of this check is."""
        return f"sqlite:///{self.folder.name}/billing.db"

    def connect(self) -> SqlStore:
        self.opened.append(SqlStore.open(self.url, clock=self.clock))
        return self.opened[-1]

    def reopen(self) -> SqlStore:
        self.close()
        return self.connect()

    @contextmanager
    def interrupting(self, at: int) -> Iterator[None]:
        sent = 0

        def break_one(*_: Any) -> None:
            nonlocal sent
            sent += 1
            if sent == at:
                raise Interrupted

        engines = [store.engine for store in self.opened]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", break_one)
        try:
            yield
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", break_one)

    def close(self) -> None:
        """Close all connections."""
        for store in self.opened:
            store.close()

    def end(self) -> None:
        self.close()
        self.folder.cleanup()


class SqlInMemoryHarness(SqlHarness):
    """One connection, lent to one worker at a time; it ends with its store."""

    durable = False
    race_rounds = 20

    def connect(self) -> SqlStore:
        if not self.opened:
            self.opened.append(SqlStore.open("sqlite://", clock=self.clock))
        return self.opened[0]


class TestMemoryStore(StoreKitTests):
    """In memory: nothing survives the process, and nothing can break between two statements."""

    def make_harness(self) -> MemoryHarness:
        return MemoryHarness()


class TestThreadedStore(StoreKitTests):
    """The same, awaited."""

    def make_harness(self) -> ThreadedHarness:
        return ThreadedHarness()


class TestSqlStore(StoreKitTests):
    """On a file: all promises, without a skip."""

    strict = True

    def make_harness(self) -> SqlHarness:
        return SqlHarness()


class TestSqlStoreInMemory(StoreKitTests):
    """On a database in memory, as examples use it."""

    def make_harness(self) -> SqlInMemoryHarness:
        return SqlInMemoryHarness()
