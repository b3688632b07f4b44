"""Wake-ups, leases and shards: how work is handed out."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from billing_core.charging.dossier import Dossier
from billing_core.stores.port import Change, Guard, RecordKind, Shard, Wake
from billing_core.testing.kit_report import ensure, ensure_equal
from billing_core.testing.store_kit.records import NOW, account, change, license
from billing_core.testing.store_kit.trial import Trial, bumped, payer, store_check

__all__ = [
    "check_account_changes_leave_leases",
    "check_account_changes_wake_all_licenses",
    "check_big_claims_are_complete",
    "check_claims_give_dossiers",
    "check_due_licenses_come_oldest_first",
    "check_leases_end_on_time",
    "check_licenses_without_wake_up_are_never_due",
    "check_only_licenses_can_be_woken",
    "check_own_wake_up_comes_last",
    "check_shards_are_disjoint_and_complete",
    "check_wake_ups_give_the_lease_back",
]

LEASE = timedelta(minutes=10)
INSTANT = timedelta(microseconds=1)
ALL = Shard()
LATER = NOW + timedelta(days=1)


@store_check
def check_due_licenses_come_oldest_first(trial: Trial) -> None:
    """By wake-up, then by id, no more than asked for; what is not due yet stays."""
    trial.sell()
    wakes: dict[str, datetime | None] = {
        "lic_b": NOW,
        "lic_a": NOW,
        "lic_d": NOW + INSTANT,
        "lic_e": None,
        "lic_c": NOW - timedelta(days=2),
    }
    _start(trial, wakes)

    ensure_equal(["lic_c", "lic_a"], _claim(trial, limit=2), "the two that are due longest")
    ensure_equal(["lic_b"], _claim(trial), "the others that are due")
    trial.clock.advance(seconds=1)
    ensure_equal(["lic_d"], _claim(trial), "what is due a moment later")


@store_check
def check_claims_give_dossiers(trial: Trial) -> None:
    """What is claimed is ready to be decided about: the same dossier as asked for by id."""
    trial.sell()
    billed, started = trial.charge()
    trial.commit(Change(wakes=(Wake("lic_1", NOW),)))
    claimed = trial.store.claim_due(1, LEASE, ALL)

    expected = Dossier(
        account=payer(), license=license(), invoices=(billed.numbered(1),), attempts=(started,)
    )
    ensure_equal((expected,), claimed, "the claimed dossiers")
    ensure_equal(expected, trial.dossier(), "the dossier asked for by id")


@store_check
def check_big_claims_are_complete(trial: Trial) -> None:
    """More licenses than databases take in one statement are claimed at once, complete and in order."""
    trial.sell()
    ids = [f"lic_{number:04d}" for number in range(450)]
    _start(trial, dict.fromkeys(ids, NOW))

    ensure_equal(ids, _claim(trial, limit=1000), "a big claim")


@store_check
def check_leases_end_on_time(trial: Trial) -> None:
    """A lease keeps others away until the instant it ends; then the license is claimed again."""
    trial.sell()
    _start(trial, {"lic_2": NOW})
    other = trial.connect()
    ensure_equal(["lic_2"], _claim(trial), "what is due")

    trial.clock.set(NOW + LEASE - INSTANT)
    ensure_equal([], _claim(trial), "what is due just before the lease ends")
    ensure(not other.claim_due(9, LEASE, ALL), "another connection claimed what is leased")
    trial.clock.set(NOW + LEASE)
    ensure_equal(["lic_2"], _claim(trial), "what is due when the lease ends")


@store_check
def check_wake_ups_give_the_lease_back(trial: Trial) -> None:
    """Whoever has decided when to look next has finished."""
    trial.sell()
    _start(trial, {"lic_2": NOW})
    ensure_equal(["lic_2"], _claim(trial), "what is due")

    trial.commit(Change(wakes=(Wake("lic_2", NOW - timedelta(hours=1)),)))
    ensure_equal(["lic_2"], _claim(trial), "what is due after it was woken again")


@store_check
def check_licenses_without_wake_up_are_never_due(trial: Trial) -> None:
    """``None`` means: only when somebody changes something."""
    trial.sell()
    _start(trial, {"lic_2": NOW})
    trial.commit(Change(wakes=(Wake("lic_2", None),)))
    trial.clock.advance(days=10_000)

    ensure_equal(None, trial.store.wake_at("lic_2"), "the wake-up")
    ensure_equal([], _claim(trial), "what is due after years")


@store_check
def check_account_changes_wake_all_licenses(trial: Trial) -> None:
    """And no other account's; those that are due already keep their place in the line."""
    trial.sell()
    earlier = NOW - timedelta(days=3)
    _start(trial, {"lic_2": NOW + timedelta(days=9), "lic_3": None, "lic_4": earlier})
    other = license("lic_x", "acc_2")
    trial.commit(change(account("acc_2"), other, wakes=(Wake("lic_x", None),)))
    trial.commit(change(bumped(payer()), wake_accounts=("acc_1",)))

    ensure_equal(
        {"lic_1": NOW, "lic_2": NOW, "lic_3": NOW, "lic_4": earlier, "lic_x": None},
        trial.contents()["wake_at"],
        "the wake-ups after an account changed",
    )
    ensure_equal(["lic_4", "lic_1", "lic_2", "lic_3"], _claim(trial), "what is due after it")


@store_check
def check_account_changes_leave_leases(trial: Trial) -> None:
    """The worker that holds a lease will fail its guard, and look again by itself."""
    trial.sell()
    _start(trial, {"lic_2": NOW})
    ensure_equal(["lic_2"], _claim(trial), "what is due")
    trial.commit(change(bumped(payer()), wake_accounts=("acc_1",)))

    ensure_equal(["lic_1"], _claim(trial), "what is due while another one is leased")
    trial.clock.set(NOW + LEASE)
    ensure_equal(["lic_1", "lic_2"], _claim(trial), "what is due when the leases are over")


@store_check
def check_own_wake_up_comes_last(trial: Trial) -> None:
    """Within a change, a license's own wake-up beats its account's; in a commit, the later change does."""
    trial.sell()
    both = change(bumped(payer()), bumped(license()), wakes=(Wake("lic_1", LATER),), wake_accounts=("acc_1",))
    trial.commit(both)
    ensure_equal(LATER, trial.store.wake_at("lic_1"), "the wake-up of a change that wakes the account, too")

    asleep = change(bumped(license(version=2)), wakes=(Wake("lic_1", LATER),))
    changed = change(bumped(attrs.evolve(payer(), version=2)), wake_accounts=("acc_1",))
    trial.commit(asleep, changed)
    ensure_equal(NOW, trial.store.wake_at("lic_1"), "the wake-up after the account changed last")

    asleep = change(bumped(license(version=3)), wakes=(Wake("lic_1", LATER),))
    changed = change(bumped(attrs.evolve(payer(), version=3)), wake_accounts=("acc_1",))
    trial.commit(changed, asleep)
    ensure_equal(LATER, trial.store.wake_at("lic_1"), "the wake-up after the license was decided about last")


@store_check
def check_only_licenses_can_be_woken(trial: Trial) -> None:
    """A wake-up for a license that is not there is a conflict; for nobody's account it is nothing."""
    trial.sell()

    lost = Change(wakes=(Wake("nobody", NOW),))
    trial.ensure_refused(lost, Guard(RecordKind.LICENSE, "nobody", 1), 0, because="there is no such license")
    trial.commit(Change(wake_accounts=("nobody",)))


@store_check
def check_shards_are_disjoint_and_complete(trial: Trial) -> None:
    """Each due license is in exactly one of the shards, whatever their number."""
    trial.sell()
    ids = [f"lic_{number:03d}" for number in range(60)]
    _start(trial, dict.fromkeys(ids, NOW))
    for count in (1, 2, 3, 7):
        parts = [_claim(trial, shard=Shard(number, count)) for number in range(count)]
        trial.clock.set(trial.clock.now() + LEASE)
        ensure_equal(ids, sorted(claimed for part in parts for claimed in part), f"all of {count} shards")
        ensure(all(parts), f"one of {count} shards is empty")


def _claim(trial: Trial, limit: int = 100, shard: Shard = ALL) -> list[str]:
    return [dossier.license.id for dossier in trial.store.claim_due(limit, LEASE, shard)]


def _start(trial: Trial, wakes: dict[str, datetime | None]) -> None:
    """Licenses of the default account with their wake-ups."""
    fresh = [license(license_id) for license_id in wakes]
    told = tuple(Wake(license_id, at) for license_id, at in wakes.items())
    trial.commit(change(*fresh, reads=(payer(),), wakes=told))
