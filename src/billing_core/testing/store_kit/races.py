"""Two workers at the same thing: exactly one of them gets it, every time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import sleep

from billing_core.charging.attempt import AttemptEvent, ChargeAttempt
from billing_core.licenses.license import License
from billing_core.stores.port import Change, CommitResult, InvoiceFilter, Shard, Store, Wake
from billing_core.testing.kit_report import ensure, ensure_equal
from billing_core.testing.store_kit.records import NOW, account, attempt, change, event, invoice, license
from billing_core.testing.store_kit.trial import Trial, bumped, every, payer, race, store_check

__all__ = [
    "check_each_due_license_is_claimed_once",
    "check_each_number_is_given_once",
    "check_each_period_is_billed_and_charged_once",
    "check_each_version_is_written_once",
    "check_events_appear_in_order",
    "check_readers_see_whole_commits",
]

LEASE = timedelta(minutes=10)


@store_check
def check_each_version_is_written_once(trial: Trial) -> None:
    """Of two writers one wins each version; nothing is lost, and nothing is told that did not happen."""
    trial.sell()
    rounds = trial.harness.race_rounds

    def writer(store: Store, name: str) -> Callable[[], list[str]]:
        def work() -> list[str]:
            won = []
            current = license()
            for round_ in range(rounds):
                told = event(f"{name}_{round_}")
                (result,) = store.commit([change(bumped(current, notices=(name,)), events=(told,))])
                won += [told.id] if result.ok else []
                found = store.license("lic_1")
                current = found if found is not None else current
            return won

        return work

    first, second = race(writer(trial.store, "a"), writer(trial.connect(), "b"))

    told = trial.store.events(0, 10 * rounds)
    ensure_equal(len(first + second), trial.dossier().license.version - 1, "versions, of commits that won")
    ensure_equal(list(range(1, len(told) + 1)), [it.sequence for it in told], "the sequence of events")
    ensure_equal(sorted(first + second), sorted(it.id for it in told), "the events, of commits that won")


@store_check
def check_each_period_is_billed_and_charged_once(trial: Trial) -> None:
    """The intent of a charge - invoice, number, attempt - is committed by one of two workers."""
    trial.sell()
    stores = trial.store, trial.connect()
    for round_ in range(trial.harness.race_rounds // 2):

        def start(store: Store, name: str, index: int = round_) -> tuple[CommitResult, ChargeAttempt]:
            unpaid = invoice(f"inv_{index}{name}", index=index)
            tried = attempt(f"att_{index}{name}", at=unpaid)
            return store.commit([change(unpaid, tried, reads=(license(),))])[0], tried

        outcomes = race(lambda: start(stores[0], "a"), lambda: start(stores[1], "b"))

        won = [(result.invoices[0].number, tried) for result, tried in outcomes if result.ok]
        ensure_equal(
            [round_ + 1],
            [number for number, _ in won],
            "the numbers of invoices that were issued for one period",
        )
        trial.commit(change(won[0][1].after(AttemptEvent.NEVER_HAPPENED, NOW)))


@store_check
def check_each_number_is_given_once(trial: Trial) -> None:
    """Two workers that bill different licenses in one series share its numbers, without gap or repeat."""
    sold = license("lic_a"), license("lic_b")
    trial.commit(change(account(), *sold))
    rounds = trial.harness.race_rounds

    def biller(store: Store, mine: License) -> Callable[[], list[int | None]]:
        def work() -> list[int | None]:
            unpaid = (invoice(f"{mine.id}_{index}", of=mine, index=index) for index in range(rounds))
            results = (store.commit([change(it, reads=(mine,))])[0] for it in unpaid)
            return [result.invoices[0].number for result in results if result.ok]

        return work

    first, second = race(biller(trial.store, sold[0]), biller(trial.connect(), sold[1]))

    expected = list(range(1, 2 * rounds + 1))
    ensure_equal(expected, sorted(number or 0 for number in first + second), "the numbers handed back")
    stored = every(lambda after: trial.store.invoices(InvoiceFilter(), after, 50))
    ensure_equal(expected, sorted(it.number or 0 for it in stored), "the numbers stored")


@store_check
def check_each_due_license_is_claimed_once(trial: Trial) -> None:
    """Workers that claim at the same time get different licenses, and together all of them."""
    ids = [f"lic_{number:03d}" for number in range(60)]
    fresh = (license(license_id) for license_id in ids)
    trial.commit(change(account(), *fresh, wakes=tuple(Wake(license_id, NOW) for license_id in ids)))

    def worker(store: Store) -> Callable[[], list[str]]:
        def work() -> list[str]:
            mine: list[str] = []
            while some := store.claim_due(4, LEASE, Shard()):
                ensure(len(mine) <= len(ids), "licenses are claimed over and over, in spite of their leases")
                mine += [dossier.license.id for dossier in some]
            return mine

        return work

    parts = race(*(worker(store) for store in (trial.store, trial.connect(), trial.connect())))
    ensure_equal(ids, sorted(claimed for part in parts for claimed in part), "what three workers claimed")


@store_check
def check_readers_see_whole_commits(trial: Trial) -> None:
    """An account and its license that always change together are never read apart, nor go back."""
    trial.sell()
    writing, reading = trial.store, trial.connect()
    rounds = trial.harness.race_rounds

    def write() -> list[tuple[int, int]]:
        of_account, of_license = payer(), license()
        for _ in range(rounds):
            of_account, of_license = bumped(of_account), bumped(of_license)
            writing.commit([change(of_account, of_license)])
        return []

    def read() -> list[tuple[int, int]]:
        found = (reading.dossier("lic_1") for _ in range(2 * rounds))
        return [(it.account.version, it.license.version) for it in found if it is not None]

    _, seen = race(write, read)

    ensure_equal([], [pair for pair in seen if pair[0] != pair[1]], "versions that were read apart")
    ensure_equal(sorted(seen), seen, "the versions that one reader saw")


@store_check
def check_events_appear_in_order(trial: Trial) -> None:
    """A consumer that has seen a number never finds a lower one later."""
    writers = trial.store, trial.connect()
    consuming = trial.connect()
    each = trial.harness.race_rounds

    writing = {"a", "b"}

    def write(store: Store, name: str) -> list[int]:
        try:
            for round_ in range(each):
                store.commit([Change(events=(event(f"{name}_{round_}"),))])
        finally:
            writing.discard(name)
        return []

    def consume() -> list[int]:
        seen: list[int] = []
        while len(seen) <= 2 * each:
            is_over = not writing
            some = consuming.events(seen[-1] if seen else 0, 50)
            seen += [it.sequence for it in some]
            if is_over and not some:
                break
            sleep(0.001)
        return seen

    *_, seen = race(lambda: write(writers[0], "a"), lambda: write(writers[1], "b"), consume)
    ensure_equal(list(range(1, 2 * each + 1)), seen, "the events as one consumer saw them")
