"""What survives a crash, a restart, and the next reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from billing_core.charging.attempt import AttemptEvent
from billing_core.stores.port import Change, Guard, RecordKind, Shard, Wake
from billing_core.testing.kit_report import CaseSkipped, ensure, ensure_equal
from billing_core.testing.store_kit.harness import Interrupted
from billing_core.testing.store_kit.records import NOW, account, attempt, change, event, invoice, license
from billing_core.testing.store_kit.trial import Trial, bumped, ensure_same, payer, store_check

__all__ = [
    "check_committed_data_is_found_again",
    "check_interrupted_claims_take_nothing",
    "check_interrupted_commits_leave_nothing",
    "check_own_writes_are_read",
]

ALL = Shard()
LEASE = timedelta(hours=1)

#: A commit of a few records that needs more statements than this will never be done.
_STATEMENTS_MAX = 1000


@store_check
def check_interrupted_commits_leave_nothing(trial: Trial) -> None:
    """Whatever breaks between any two statements, nothing is left, and the same change then succeeds."""
    fine, settled = change(account("acc_2"), events=(event("evt_0"),)), _settlement(trial)
    before = trial.contents()
    breaks = _interrupt_everywhere(trial, lambda: trial.store.commit([fine, settled]), before)

    ensure(breaks > 0, "the harness interrupted nothing: its first statement went through")
    after = trial.contents()
    ensure_equal(
        (["acc_1", "acc_2"], ["evt_0", "evt_1", "evt_2"], [1, 2]),
        (
            [it.id for it in after["accounts"]],
            [it.id for it in after["events"]],
            [it.number for it in after["invoices"]],
        ),
        "what was committed in the end: accounts, events, invoice numbers",
    )


@store_check
def check_interrupted_claims_take_nothing(trial: Trial) -> None:
    """A claim that breaks has leased nothing: the next worker gets the license at once."""
    trial.sell()
    trial.commit(Change(wakes=(Wake("lic_1", NOW),)))
    claimed: list[str] = []

    def claim() -> None:
        some = trial.store.claim_due(5, LEASE, ALL)
        claimed.extend(dossier.license.id for dossier in some)

    _interrupt_everywhere(trial, claim, trial.contents())
    ensure_equal(["lic_1"], claimed, "what was claimed after claims that broke")


@store_check
def check_own_writes_are_read(trial: Trial) -> None:
    """What was committed is read at once, by whoever asks, over any connection."""
    other = trial.connect()
    trial.sell()
    billed, started = trial.charge()
    told = trial.commit(
        change(bumped(license()), events=(event(),), wakes=(Wake("lic_1", NOW),)),
    )[0].events

    for store in (trial.store, other):
        found = store.dossier("lic_1")
        ensure_equal(
            (bumped(license()), billed.numbered(1), started, told, NOW),
            (
                store.license("lic_1"),
                store.invoice("inv_1"),
                store.attempt("att_1"),
                store.events(0, 9),
                store.wake_at("lic_1"),
            ),
            "what is read after a commit",
        )
        ensure_equal((started,), found.attempts if found else None, "the dossier after a commit")


@store_check
def check_committed_data_is_found_again(trial: Trial) -> None:
    """After everything was closed and opened again, all is there: records, keys, numbers, leases."""
    if not trial.harness.durable:
        raise CaseSkipped("the store is not declared durable")
    settled = _settlement(trial)
    trial.commit(settled, change(license("lic_2"), reads=(bumped(payer()),), wakes=(Wake("lic_2", NOW),)))
    ensure_equal(
        ["lic_1", "lic_2"],
        [it.license.id for it in trial.store.claim_due(9, LEASE, ALL)],
        "what is due before closing",
    )
    before = trial.contents()
    trial.store = trial.reopen()

    ensure_same(before, trial.contents(), "what is there after closing and opening again")
    ensure_equal((), trial.store.claim_due(9, LEASE, ALL), "leases after opening again")
    trial.ensure_refused(
        Change(events=(event(),)),
        Guard(RecordKind.LICENSE, "lic_1", 0),
        because="its event was stored before the store was closed",
    )
    next_ = trial.commit(
        change(invoice("inv_3", index=3), reads=(bumped(license()),), events=(event("evt_3"),)),
    )[0]
    ensure_equal((3, 3), (next_.invoices[0].number, next_.events[0].sequence), "counters after opening again")


def _settlement(trial: Trial) -> Change:
    """A change that touches everything: of records, keys, counters and wake-ups."""
    trial.sell()
    first, started = trial.charge()
    again = invoice("inv_2", revision=1)
    return change(
        bumped(payer()),
        bumped(license()),
        first.voided(),
        again,
        started.after(AttemptEvent.NEVER_HAPPENED, NOW),
        attempt("att_2", at=again),
        events=(event(), event("evt_2")),
        wakes=(Wake("lic_1", NOW),),
        wake_accounts=("acc_1",),
    )


def _interrupt_everywhere(trial: Trial, work: Callable[[], object], before: dict[str, Any]) -> int:
    """Break the work at its first statement, its second …, until nothing breaks it; how often it broke."""
    if not trial.harness.interruptible:
        raise CaseSkipped("the harness does not declare a way to interrupt the store between statements")
    other = trial.connect()
    for at in range(1, _STATEMENTS_MAX):
        try:
            with trial.harness.interrupting(at):
                work()
        except Interrupted:
            left = f"what a crash at statement {at} left behind"
            ensure_same(before, trial.contents(), left)
            ensure_same(before, trial.contents(other), f"{left}, seen by another connection")
        else:
            return at - 1
    raise AssertionError(f"interrupted {_STATEMENTS_MAX} times, and still not done")
