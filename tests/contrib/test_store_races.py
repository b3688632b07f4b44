"""Two workers at the same thing: exactly one of them gets it, every time, in every store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep
from typing import TypeVar

from billing_core.charging.attempt import AttemptEvent
from billing_core.stores.port import Change, CommitResult, InvoiceFilter, Shard, Store, Wake
from tests.builders import NOW, account, attempt, card, change, event, invoice, license
from tests.contrib.store_helpers import bumped, commit, every, store_account

ROUNDS = 200
LEASE = timedelta(minutes=10)

T = TypeVar("T")


def race(first: Callable[[], T], second: Callable[[], T]) -> tuple[T, T]:
    """Both at the same time, from two threads."""
    start = Barrier(2)

    def run(work: Callable[[], T]) -> T:
        start.wait(timeout=30)
        return work()

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(run, first), pool.submit(run, second)
        return one.result(timeout=60), two.result(timeout=60)


def test_one_of_two_writers_wins_each_version(make_store: Callable[[], Store]) -> None:
    """Nothing is lost and nothing is written twice, in hundreds of rounds over separate connections."""
    stores = make_store(), make_store()
    commit(stores[0], change(account(), license()))

    def writer(store: Store, name: str) -> Callable[[], list[bool]]:
        def work() -> list[bool]:
            won = []
            current = license()
            for round_ in range(ROUNDS):
                told = event(f"{name}_{round_}")
                (result,) = store.commit([change(bumped(current, notices=(name,)), events=(told,))])
                won.append(result.ok)
                found = store.license("lic_1")
                assert found is not None
                current = found
            return won

        return work

    first, second = race(writer(stores[0], "a"), writer(stores[1], "b"))

    last = stores[0].license("lic_1")
    told = stores[1].events(0, 10 * ROUNDS)
    assert last is not None
    assert sum(first) + sum(second) == last.version - 1 == len(told)
    assert list(range(1, len(told) + 1)) == [it.sequence for it in told]
    assert {f"a_{n}" for n, won in enumerate(first) if won} | {
        f"b_{n}" for n, won in enumerate(second) if won
    } == {it.id for it in told}


def test_a_period_is_billed_and_charged_by_one_of_two_workers(make_store: Callable[[], Store]) -> None:
    """The intent of a charge - invoice, attempt, number - is committed once, round after round."""
    stores = make_store(), make_store()
    commit(stores[0], change(account(cards=(card(),)), license()))
    for round_ in range(ROUNDS // 4):

        def start(store: Store, name: str, index: int = round_) -> CommitResult:
            unpaid = invoice(f"inv_{index}{name}", index=index)
            tried = attempt(f"att_{index}{name}", at=unpaid)
            (result,) = store.commit([change(unpaid, tried, reads=(license(),))])
            return result

        results = race(lambda: start(stores[0], "a"), lambda: start(stores[1], "b"))

        assert [False, True] == sorted(result.ok for result in results)
        (won,) = [result.invoices[0] for result in results if result.ok]
        assert round_ + 1 == won.number
        pending = stores[0].dossier("lic_1")
        assert pending is not None
        unresolved = pending.unresolved_attempt
        assert unresolved is not None
        commit(stores[1], change(unresolved.after(AttemptEvent.NEVER_HAPPENED, NOW)))

    assert ROUNDS // 4 == len(every(lambda after: stores[0].invoices(InvoiceFilter(), after, 100)))


def test_a_due_license_is_claimed_by_one_of_two_workers(make_store: Callable[[], Store]) -> None:
    """Two workers together claim each license once."""
    stores = make_store(), make_store()
    ids = [f"lic_{number:03d}" for number in range(120)]
    wakes = tuple(Wake(license_id, NOW) for license_id in ids)
    commit(stores[0], change(account(), *(license(license_id) for license_id in ids), wakes=wakes))

    def worker(store: Store) -> Callable[[], list[str]]:
        def work() -> list[str]:
            mine: list[str] = []
            while some := store.claim_due(7, LEASE, Shard()):
                mine += [dossier.license.id for dossier in some]
            return mine

        return work

    first, second = race(worker(stores[0]), worker(stores[1]))

    assert ids == sorted(first + second)


def test_a_reader_sees_whole_commits(make_store: Callable[[], Store]) -> None:
    """An account and its license that always change together are never read apart."""
    stores = make_store(), make_store()
    commit(stores[0], change(store_account(), license()))

    def write() -> list[tuple[int, int]]:
        payer, sold = store_account(), license()
        for _ in range(ROUNDS):
            payer, sold = bumped(payer), bumped(sold)
            commit(stores[0], change(payer, sold))
        return []

    def read() -> list[tuple[int, int]]:
        seen = []
        for _ in range(ROUNDS):
            found = stores[1].dossier("lic_1")
            assert found is not None
            seen.append((found.account.version, found.license.version))
        return seen

    _, seen = race(write, read)

    assert all(of_account == of_license for of_account, of_license in seen)
    assert seen == sorted(seen)


def test_events_appear_in_the_order_of_their_numbers(make_store: Callable[[], Store]) -> None:
    """A consumer that has seen a number never finds a lower one later."""
    stores = make_store(), make_store()

    def write(store: Store, name: str) -> list[int]:
        for round_ in range(ROUNDS // 2):
            commit(store, Change(events=(event(f"{name}_{round_}"),)))
        return []

    def consume() -> list[int]:
        seen: list[int] = []
        while len(seen) < ROUNDS:
            seen += [it.sequence for it in stores[1].events(seen[-1] if seen else 0, 50)]
            sleep(0.001)
        return seen

    with ThreadPoolExecutor(1) as pool:
        consumer = pool.submit(consume)
        race(lambda: write(stores[0], "a"), lambda: write(make_store(), "b"))
        assert list(range(1, ROUNDS + 1)) == consumer.result(timeout=60)
