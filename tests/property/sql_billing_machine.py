"""The same machine over SQLite in memory."""

from __future__ import annotations

from typing import Any

from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.testing import ManualClock
from tests.property.billing_machine import BillingMachine


class SqlBillingMachine(BillingMachine):
    """Every run has a database of its own."""

    def make_store(self, clock: ManualClock) -> Any:
        """A new database."""
        return SqlStore.open("sqlite://", clock=clock)

    def teardown(self) -> None:
        """And its end."""
        super().teardown()
        self.store.engine.dispose()
