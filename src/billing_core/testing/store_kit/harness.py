"""What a host tells the kit: how to get a store, and what it can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine
from contextlib import AbstractContextManager
from typing import Any, ClassVar, TypeAlias

from billing_core.stores.port import AsyncStore, Store
from billing_core.testing.clock import ManualClock
from billing_core.testing.store_kit.records import NOW

__all__ = ["AnyStore", "Interrupted", "StoreHarness"]

AnyStore: TypeAlias = Store | AsyncStore


class Interrupted(Exception):
    """What a harness raises in the middle of a commit, in place of a crash."""


class StoreHarness(ABC):
    """
    Makes the stores that the kit tries out. Subclass it: `connect` is the one thing to write.

    Each check calls `begin`, `connect` as often as it needs, and `end`. All
    stores of one check hold the same data; the next check starts with none.
    ``connect``, ``reopen`` and ``end`` may be ``async def``: the kit awaits them
    on the loop on which it calls the store.

    Attributes:
        durable: what was committed outlives the store objects; see `reopen`.
        interruptible: `interrupting` is written.
        race_rounds: how often two workers race in one check. A night may have thousands.
        clock: of the running check; every store must tell its time.
    """

    durable: ClassVar[bool] = False
    interruptible: ClassVar[bool] = False
    race_rounds: ClassVar[int] = 50

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)

    @property
    def name(self) -> str:
        """What the report calls the store."""
        return type(self).__name__

    def begin(self) -> None:
        """Make room for new, empty data; before each check. Call this one, too: it sets the clock back."""
        self.clock.set(NOW)

    @abstractmethod
    def connect(self) -> AnyStore | Coroutine[Any, Any, AnyStore]:
        """
        A store over the data of this check.

        Called several times in one check, for workers in several threads. Give
        each a connection of its own, as two of your processes have.
        """

    def reopen(self) -> AnyStore | Coroutine[Any, Any, AnyStore]:
        """
        Close every store, and open the data again as a new process finds it; if ``durable``.

        The default opens one more store. Override it if yours keep anything in memory.
        """
        return self.connect()

    def interrupting(self, at: int) -> AbstractContextManager[object]:
        """
        Within the block, raise `Interrupted` instead of the ``at``-th statement to the database, from 1.

        Only if ``interruptible``. Count the statements of all stores of this check together.
        """
        raise NotImplementedError

    def end(self) -> Coroutine[Any, Any, None] | None:
        """Close what `connect` has opened, and drop the data; after each check, whatever became of it."""
        return None
