"""A store in SQL, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, change, license
from tests.contrib.store_helpers import commit, store_account


@pytest.fixture
def clock() -> ManualClock:
    """The time of the test."""
    return ManualClock(NOW)


@pytest.fixture
def sql_store(tmp_path: Path, clock: ManualClock) -> Iterator[SqlStore]:
    """A store on a file that knows the default account with a card, and its license."""
    opened = SqlStore.open(f"sqlite:///{tmp_path}/billing.db", clock=clock)
    commit(opened, change(store_account(), license()))
    yield opened
    opened.close()
