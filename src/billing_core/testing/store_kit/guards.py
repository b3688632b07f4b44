"""A change guards what its decision has read, written or not."""

from __future__ import annotations

from datetime import timedelta

import attrs

from billing_core.errors import InvariantViolated
from billing_core.stores.port import Change, Guard, RecordKind, Wake
from billing_core.testing.kit_report import ensure_equal
from billing_core.testing.store_kit.records import (
    NOW,
    account,
    attempt,
    card,
    change,
    event,
    invoice,
    license,
    refund,
)
from billing_core.testing.store_kit.trial import Trial, bumped, payer, store_check

__all__ = [
    "check_absence_is_guarded",
    "check_broken_contracts_raise",
    "check_missing_records_are_named",
    "check_nothing_is_committed_for_nothing",
    "check_records_only_read_are_guarded",
    "check_stale_versions_write_nothing",
    "check_version_zero_inserts_once",
]

ACCOUNT, LICENSE = RecordKind.ACCOUNT, RecordKind.LICENSE


@store_check
def check_stale_versions_write_nothing(trial: Trial) -> None:
    """Whoever read version 1 can't write version 2 after somebody else has, nor skip a version."""
    trial.sell()
    trial.commit(change(bumped(license(), notices=("first",))))

    late = change(bumped(license(), notices=("second",)), events=(event(),), wakes=(Wake("lic_1", NOW),))
    trial.ensure_refused(late, Guard(LICENSE, "lic_1", 1), 2, because="version 1 was overwritten before")
    ahead = change(attrs.evolve(license(), version=8))
    trial.ensure_refused(ahead, Guard(LICENSE, "lic_1", 7), 2, because="there is no version 7 yet")


@store_check
def check_version_zero_inserts_once(trial: Trial) -> None:
    """A new record guards that it is not there; opening an account twice opens one."""
    trial.sell()

    again = change(account(name="Other"))
    trial.ensure_refused(again, Guard(ACCOUNT, "acc_1", 0), 1, because="the account exists")


@store_check
def check_missing_records_are_named(trial: Trial) -> None:
    """A next version of nothing is not written, and a guard on something missing fails."""
    trial.sell()

    ghost = change(bumped(license("lic_9")))
    trial.ensure_refused(ghost, Guard(LICENSE, "lic_9", 1), 0, because="there is no such license")
    for kind in RecordKind:
        missing = Guard(kind, "nobody", 3)
        trial.ensure_refused(Change(guards=(missing,)), missing, 0, because=f"there is no such {kind.value}")
        trial.commit(Change(guards=(Guard(kind, "nobody", 0),)))
    for unpaid in (invoice().paid(NOW), invoice(number=3).paid(NOW)):
        trial.ensure_refused(
            change(unpaid), Guard(RecordKind.INVOICE, "inv_1", 1), 0, because="there is no such invoice"
        )


@store_check
def check_records_only_read_are_guarded(trial: Trial) -> None:
    """The lost wake-up: what was decided with the old card is not committed after the new card came."""
    trial.sell()
    replaced = payer().with_card(card("card_2"), replace="card_1")
    trial.commit(change(replaced, wake_accounts=("acc_1",)))

    later = NOW + timedelta(days=1)
    asleep = change(
        bumped(license(), notices=("card_missing",)), reads=(payer(),), wakes=(Wake("lic_1", later),)
    )
    trial.ensure_refused(asleep, Guard(ACCOUNT, "acc_1", 1), 2, because="the card was replaced meanwhile")


@store_check
def check_absence_is_guarded(trial: Trial) -> None:
    """A decision that relied on a record's absence fails when it is there."""
    trial.sell()

    absent = Guard(LICENSE, "lic_1", 0)
    trial.ensure_refused(Change(guards=(absent,)), absent, 1, because="the license is there")


@store_check
def check_broken_contracts_raise(trial: Trial) -> None:
    """
    What no decision makes is a bug, no conflict: `InvariantViolated`, before anything is written.

    `billing_core.stores.rules.ensure_sound` does all of this.
    """
    trial.sell()
    nobodys = license("lic_2", "acc_9")
    unsound = {
        "no guard": Change(licenses=(bumped(license()),)),
        "a version too far": Change(
            guards=(Guard(LICENSE, "lic_1", 1),), licenses=(attrs.evolve(license(), version=4),)
        ),
        "written twice": change(bumped(license()), bumped(license())),
        "guarded twice": change(bumped(license()), reads=(license(),)),
        "a license without its account": change(license("lic_2")),
        "an invoice without its license": change(invoice()),
        "an attempt without its invoice": change(attempt(), reads=(license(),)),
        "a refund without its charge": change(refund()),
        "an account that surely is not there": Change(
            guards=(Guard(LICENSE, "lic_2", 0), Guard(ACCOUNT, "acc_9", 0)), licenses=(nobodys,)
        ),
        "a number of its own": change(invoice(number=7), reads=(license(),)),
    }
    before = trial.contents()
    for broken, wrong in unsound.items():
        try:
            trial.store.commit([change(bumped(license(), notices=("fine",))), wrong])
        except InvariantViolated:
            ensure_equal(before, trial.contents(), f"what a broken contract left behind ({broken})")
        else:
            raise AssertionError(f"a broken contract was accepted: {broken}")


@store_check
def check_nothing_is_committed_for_nothing(trial: Trial) -> None:
    """No changes, no results; a change of nothing succeeds and changes nothing."""
    trial.sell()
    before = trial.contents()

    ensure_equal((), tuple(trial.store.commit([])), "the results of no changes")
    trial.commit(Change())
    ensure_equal(before, trial.contents(), "what a change of nothing did")
