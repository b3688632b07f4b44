"""One check's trial of a store: what all checks do, in one place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from threading import Barrier
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.licenses.license import License
from billing_core.stores.port import (
    AttemptFilter,
    Change,
    CommitResult,
    Guard,
    InvoiceFilter,
    LicenseFilter,
    Page,
    RefundFilter,
    Store,
)
from billing_core.testing.clock import ManualClock
from billing_core.testing.kit_report import ensure, ensure_equal
from billing_core.testing.store_kit.blocking import BlockingStore, LoopThread, is_async
from billing_core.testing.store_kit.harness import AnyStore, StoreHarness
from billing_core.testing.store_kit.records import account, attempt, card, change, invoice, license

__all__ = ["StoreCheck", "Trial", "bumped", "ensure_same", "every", "payer", "race", "store_check"]

R = TypeVar("R", Account, License, Invoice, ChargeAttempt, Refund)
T = TypeVar("T")

#: One promise of the port, tried out on what a harness makes.
StoreCheck: TypeAlias = Callable[[StoreHarness], None]

#: Nothing here takes long; a store that locks itself up must not hang the whole kit.
_PATIENCE_SECONDS = 60
#: Small enough that lists in the checks have several pages.
_PAGE = 50


@attrs.define
class Trial:
    """
    A store under test, empty at first.

    Attributes:
        harness: what makes the stores.
        store: the one that most checks need.
    """

    harness: StoreHarness
    store: Store = attrs.field(init=False)
    _loop: LoopThread | None = attrs.field(default=None, init=False)

    @property
    def clock(self) -> ManualClock:
        """The time that every store of this check tells."""
        return self.harness.clock

    def connect(self) -> Store:
        """Another store over the same data."""
        return self._blocking(self.harness.connect())

    def reopen(self) -> Store:
        """The data as a new process finds it."""
        return self._blocking(self.harness.reopen())

    def commit(self, *changes: Change) -> tuple[CommitResult, ...]:
        """Carry out changes that must succeed."""
        results = self.store.commit(changes)
        ensure_equal([None] * len(changes), [it.conflict for it in results], "conflicts of sound changes")
        return results

    def ensure_refused(
        self, refused: Change, guard: Guard, actual_version: int | None = None, *, because: str
    ) -> None:
        """A change must run into this guard, and leave nothing behind."""
        before = self.contents()
        (result,) = self.store.commit([refused])
        ensure(not result.ok, f"committed, though {because}")
        ensure_same(before, self.contents(), f"what a refused change left behind ({because})")
        ensure_equal(
            (guard, actual_version), (result.conflict, result.actual_version), f"the conflict ({because})"
        )
        ensure_equal(((), ()), (result.invoices, result.events), "what a conflict hands back")

    def sell(self) -> None:
        """The default account with a card, and its license."""
        self.commit(change(payer(), license()))

    def charge(self, *, index: int = 0, id: str = "1") -> tuple[Invoice, ChargeAttempt]:
        """An invoice of the default license, with an open attempt."""
        unpaid = invoice(f"inv_{id}", index=index)
        started = attempt(f"att_{id}", at=unpaid)
        self.commit(change(unpaid, started, reads=(license(),)))
        return unpaid, started

    def dossier(self, license_id: str = "lic_1") -> Dossier:
        """A dossier that must be there."""
        found = self.store.dossier(license_id)
        if found is None:
            raise AssertionError(f"no dossier of {license_id}")
        return found

    def contents(self, store: Store | None = None) -> dict[str, Any]:
        """Records, events and wake-ups: all that the port shows."""
        shown = store if store is not None else self.store
        licenses = every(lambda after: shown.licenses(LicenseFilter(), after, _PAGE))
        return {
            "accounts": every(lambda after: shown.accounts(after, _PAGE)),
            "licenses": licenses,
            "invoices": every(lambda after: shown.invoices(InvoiceFilter(), after, _PAGE)),
            "attempts": every(lambda after: shown.attempts(AttemptFilter(), after, _PAGE)),
            "refunds": every(lambda after: shown.refunds(RefundFilter(), after, _PAGE)),
            "controls": shown.controls(),
            "events": shown.events(0, 10_000),
            "wake_at": {license_.id: shown.wake_at(license_.id) for license_ in licenses},
        }

    def close(self) -> None:
        """Close the stores, and the loop if asynchronous ones needed it."""
        try:
            self._awaited(self.harness.end())
        finally:
            if self._loop is not None:
                self._loop.stop()

    def _blocking(self, made: AnyStore | Coroutine[Any, Any, AnyStore]) -> Store:
        store = cast("AnyStore", self._awaited(made))
        return BlockingStore(store, self._on_loop()) if is_async(store) else cast("Store", store)

    def _awaited(self, made: T | Coroutine[Any, Any, T]) -> T:
        return self._on_loop().result_of(made) if inspect.iscoroutine(made) else cast("T", made)

    def _on_loop(self) -> LoopThread:
        if self._loop is None:
            self._loop = LoopThread()
        return self._loop


def store_check(check: Callable[[Trial], None]) -> StoreCheck:
    """A check that takes a harness: it begins with empty data, and cleans up."""

    @wraps(check)
    def checked(harness: StoreHarness) -> None:
        with _trial(harness) as trial:
            check(trial)

    # Whoever asks for the signature shall see the harness, not what `wraps` remembers.
    del checked.__wrapped__
    return checked


@contextmanager
def _trial(harness: StoreHarness) -> Iterator[Trial]:
    harness.begin()
    trial = Trial(harness)
    try:
        trial.store = trial.connect()
        yield trial
    finally:
        trial.close()


def payer() -> Account:
    """The account as the store knows it after `Trial.sell`."""
    return account(cards=(card(),), default_card_id="card_1")


def bumped(record: R, **changes: Any) -> R:
    """The record's next version."""
    return attrs.evolve(record, version=record.version + 1, **changes)


def every(page: Callable[[str | None], Page[T]]) -> list[T]:
    """The items of all pages."""
    items: list[T] = []
    after: str | None = None
    while True:
        found = page(after)
        items.extend(found.items)
        if found.next is None:
            return items
        ensure(after is None or found.next > after, "a page says that the next one starts before it")
        after = found.next


def ensure_same(expected: object, actual: object, what: str) -> None:
    """
    `ensure_equal` for records: says which fields differ, where their reprs keep quiet.

    Raises:
        AssertionError: unless they are equal.
    """
    if expected != actual:
        raise AssertionError(f"{what}: {_difference(expected, actual)}")


def _difference(expected: Any, actual: Any) -> str:
    if type(expected) is type(actual) and attrs.has(type(expected)):
        names = [field.name for field in attrs.fields(type(expected))]
        pairs = {name: (getattr(expected, name), getattr(actual, name)) for name in names}
    elif isinstance(expected, dict) and isinstance(actual, dict):
        pairs = {name: (expected.get(name), actual.get(name)) for name in expected}
    else:
        return f"expected {expected!r}, got {actual!r}"
    differing = (f"{name}: {_difference(*pair)}" for name, pair in pairs.items() if pair[0] != pair[1])
    return "differs in " + "; ".join(differing)


def race(*works: Callable[[], T]) -> list[T]:
    """All at the same time, each in a thread; their results in the same order."""
    start = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait(timeout=_PATIENCE_SECONDS)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(run, work) for work in works]
        return [each.result(timeout=_PATIENCE_SECONDS) for each in running]
