"""Every store there is, each new and empty, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.stores.memory import MemoryStore
from billing_core.stores.port import Store
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, change, license
from tests.contrib.store_helpers import commit, store_account


@pytest.fixture
def clock() -> ManualClock:
    """The time of the test."""
    return ManualClock(NOW)


@pytest.fixture(params=["memory", "sqlite in memory", "sqlite file"])
def make_store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock
) -> Iterator[Callable[[], Store]]:
    """Gives the same store to everybody who asks; over a file, to each by connections of their own."""
    opened: list[SqlStore] = []
    shared: list[Store] = []

    def make() -> Store:
        if request.param == "sqlite file":
            opened.append(SqlStore.open(f"sqlite:///{tmp_path}/billing.db", clock=clock))
            return opened[-1]
        if not shared:
            shared.append(MemoryStore(clock))
            if request.param == "sqlite in memory":
                opened.append(SqlStore.open("sqlite://", clock=clock))
                shared[0] = opened[-1]
        return shared[0]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    """An empty store."""
    return make_store()


@pytest.fixture
def billed(store: Store) -> Store:
    """A store that knows the default account with a card, and its license."""
    commit(store, change(store_account(), license()))
    return store


@pytest.fixture
def sql_store(tmp_path: Path, clock: ManualClock) -> Iterator[SqlStore]:
    """A store on a file that knows the default account with a card, and its license."""
    opened = SqlStore.open(f"sqlite:///{tmp_path}/billing.db", clock=clock)
    commit(opened, change(store_account(), license()))
    yield opened
    opened.close()
