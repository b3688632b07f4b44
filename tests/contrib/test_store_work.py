"""Wake-ups, leases and shards: how every store hands out the work."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from billing_core.stores.port import Change, Guard, RecordKind, Shard, Store, Wake
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, account, change, license
from tests.contrib.store_helpers import bumped, commit, conflict, store_account

LEASE = timedelta(minutes=10)
ALL = Shard()


def claimed(store: Store, limit: int = 100, shard: Shard = ALL) -> list[str]:
    """The ids of licenses that are claimed now."""
    return [dossier.license.id for dossier in store.claim_due(limit, LEASE, shard)]


def started(store: Store, wakes: dict[str, datetime | None]) -> None:
    """Licenses of the default account with their wake-ups."""
    for license_id, at in wakes.items():
        fresh = license(license_id)
        commit(store, change(fresh, reads=(store_account(),), wakes=(Wake(license_id, at),)))


def test_due_licenses_are_claimed_oldest_first(billed: Store) -> None:
    """By wake-up, then by id; what is not due yet stays."""
    started(
        billed,
        {
            "lic_c": NOW - timedelta(days=2),
            "lic_b": NOW,
            "lic_a": NOW,
            "lic_d": NOW + timedelta(microseconds=1),
            "lic_e": None,
        },
    )

    assert ["lic_c", "lic_a"] == claimed(billed, limit=2)
    assert ["lic_b"] == claimed(billed)


def test_a_claim_gives_the_dossiers(billed: Store) -> None:
    """What is claimed is ready to be decided about."""
    started(billed, {"lic_2": NOW})
    (dossier,) = billed.claim_due(1, LEASE, ALL)

    assert billed.dossier("lic_2") == dossier
    assert (store_account(), license("lic_2")) == (dossier.account, dossier.license)


def test_more_licenses_than_fit_one_statement_are_claimed_at_once(billed: Store) -> None:
    """A big chunk comes complete and in order."""
    ids = [f"lic_{number:04d}" for number in range(450)]
    fresh = [license(license_id) for license_id in ids]
    wakes = tuple(Wake(license_id, NOW) for license_id in ids)
    commit(billed, change(*fresh, reads=(store_account(),), wakes=wakes))

    assert ids == claimed(billed, limit=1000)


def test_a_lease_keeps_others_away_until_it_ends(billed: Store, clock: ManualClock) -> None:
    """The lease ends exactly when it says; then the license is claimed again."""
    started(billed, {"lic_2": NOW})
    assert ["lic_2"] == claimed(billed)

    clock.set(NOW + LEASE - timedelta(microseconds=1))
    assert [] == claimed(billed)
    clock.set(NOW + LEASE)
    assert ["lic_2"] == claimed(billed)


def test_a_wake_gives_the_lease_back(billed: Store) -> None:
    """Whoever has decided when to look next has finished."""
    started(billed, {"lic_2": NOW})
    assert ["lic_2"] == claimed(billed)

    commit(billed, Change(wakes=(Wake("lic_2", NOW - timedelta(hours=1)),)))
    assert ["lic_2"] == claimed(billed)


def test_a_license_without_wake_up_is_never_due(billed: Store, clock: ManualClock) -> None:
    """None means: only when somebody changes something."""
    started(billed, {"lic_2": NOW})
    commit(billed, Change(wakes=(Wake("lic_2", None),)))
    clock.advance(days=10_000)

    assert None is billed.wake_at("lic_2")
    assert [] == claimed(billed)


def test_an_account_wakes_all_its_licenses(billed: Store) -> None:
    """And no other account's; those that are due already keep their place in the line."""
    other = account("acc_2")
    earlier = NOW - timedelta(days=3)
    started(billed, {"lic_2": NOW + timedelta(days=9), "lic_3": None, "lic_4": earlier})
    commit(billed, change(other, license("lic_x", "acc_2"), wakes=(Wake("lic_x", None),)))
    commit(billed, change(bumped(store_account()), wake_accounts=("acc_1",)))

    assert [NOW, NOW, earlier, None] == [
        billed.wake_at(license_id) for license_id in ("lic_2", "lic_3", "lic_4", "lic_x")
    ]


def test_waking_an_account_leaves_leases_as_they_are(billed: Store, clock: ManualClock) -> None:
    """The worker that holds the lease will fail its guard and look again by itself."""
    started(billed, {"lic_2": NOW})
    assert ["lic_2"] == claimed(billed)
    commit(billed, change(bumped(store_account()), wake_accounts=("acc_1",)))

    assert ["lic_1"] == claimed(billed)
    clock.advance(minutes=10)
    assert ["lic_1", "lic_2"] == claimed(billed)


def test_a_change_wakes_its_own_license_last(billed: Store) -> None:
    """A decision about a license knows better than the account's change when to look at it."""
    tomorrow = NOW + timedelta(days=1)
    decided = change(
        bumped(store_account()),
        bumped(license()),
        wakes=(Wake("lic_1", tomorrow),),
        wake_accounts=("acc_1",),
    )
    commit(billed, decided)

    assert tomorrow == billed.wake_at("lic_1")


def test_only_licenses_can_be_woken(billed: Store) -> None:
    """A wake-up for a license that is not there is a conflict; for nobody's account it is nothing."""
    expected = (Guard(RecordKind.LICENSE, "nobody", 1), 0)

    assert expected == conflict(billed, Change(wakes=(Wake("nobody", NOW),)))
    commit(billed, Change(wake_accounts=("nobody",)))


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_are_disjoint_and_complete(billed: Store, count: int) -> None:
    """Each due license is in exactly one of the shards."""
    ids = [f"lic_{number:03d}" for number in range(60)]
    wakes = tuple(Wake(license_id, NOW) for license_id in ids)
    fresh = [license(license_id) for license_id in ids]
    commit(billed, change(*fresh, reads=(store_account(),), wakes=wakes))

    parts = [claimed(billed, shard=Shard(number, count)) for number in range(count)]
    assert ids == sorted(license_id for part in parts for license_id in part)
    assert all(parts)
