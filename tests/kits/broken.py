"""How a broken store says which check is there to catch it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TypeVar

from billing_core.testing.store_kit.trial import StoreCheck
from tests.kits.plain_store import PlainStore

__all__ = ["broken_stores", "catcher_of", "caught_by"]

S = TypeVar("S", bound=type[PlainStore])

_CATCHERS: dict[type[PlainStore], StoreCheck] = {}


def caught_by(check: StoreCheck) -> Callable[[S], S]:
    """Others may catch the store as well; this one was written for it."""

    def note(store: S) -> S:
        _CATCHERS[store] = check
        return store

    return note


def catcher_of(store: type[PlainStore]) -> StoreCheck:
    """The check that is there to catch a broken store."""
    return _CATCHERS[store]


def broken_stores(*rooms: ModuleType) -> Iterator[type[PlainStore]]:
    """The broken stores of some modules, in the order in which they stand there."""
    for room in rooms:
        yield from (value for value in vars(room).values() if isinstance(value, type) and value in _CATCHERS)
