"""What every store promises about guards, batches, events and numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from billing_core.errors import InvariantViolated
from billing_core.stores.port import Change, Guard, InvoiceFilter, RecordKind, Store, Wake
from tests.builders import NOW, account, attempt, card, change, event, invoice, license
from tests.contrib.store_helpers import bumped, charged, commit, conflict, contents, store_account

LATER = NOW + timedelta(days=1)
ACCOUNT, LICENSE, INVOICE, ATTEMPT, REFUND, _ = RecordKind


def test_a_stale_version_is_refused(billed: Store) -> None:
    """Whoever read version 1 can't write version 2 after somebody else has."""
    commit(billed, change(bumped(license())))

    assert (Guard(LICENSE, "lic_1", 1), 2) == conflict(billed, change(bumped(license(), notices=("x",))))


def test_a_version_from_the_future_is_refused(billed: Store) -> None:
    """A guard above the stored version fails as well."""
    ahead = attrs.evolve(license(), version=7)

    assert (Guard(LICENSE, "lic_1", 6), 1) == conflict(billed, change(ahead))


def test_a_record_that_must_not_exist_but_does_is_refused(billed: Store) -> None:
    """Opening the same account twice opens one."""
    assert (Guard(ACCOUNT, "acc_1", 0), 1) == conflict(billed, change(account(name="Other")))


def test_a_record_that_must_exist_but_does_not_is_refused(billed: Store) -> None:
    """A next version of nothing is not written."""
    ghost = bumped(license("lic_9"))

    assert (Guard(LICENSE, "lic_9", 1), 0) == conflict(billed, change(ghost))


def test_a_record_that_was_only_read_is_guarded_too(billed: Store) -> None:
    """The lost wake-up: what was decided with the old card is not committed after the new card came."""
    read = account(cards=(card(),), default_card_id="card_1")
    replaced = read.with_card(card("card_2"), replace="card_1")
    commit(billed, change(replaced, wake_accounts=("acc_1",)))
    clock_says = billed.wake_at("lic_1")
    asleep = change(
        bumped(license(), notices=("card_missing",)), reads=(read,), wakes=(Wake("lic_1", LATER),)
    )

    assert (Guard(ACCOUNT, "acc_1", 1), 2) == conflict(billed, asleep)
    assert NOW == clock_says == billed.wake_at("lic_1")


@pytest.mark.parametrize("kind", list(RecordKind))
def test_a_guard_on_something_missing_is_a_conflict(billed: Store, kind: RecordKind) -> None:
    """Guarding a record that is not there names it; guarding that it is not there passes."""
    guard = Guard(kind, "nobody", 3)

    assert (guard, 0) == conflict(billed, Change(guards=(guard,)))
    commit(billed, Change(guards=(Guard(kind, "nobody", 0),)))


def test_an_absence_that_was_read_is_guarded_too(billed: Store) -> None:
    """A decision that relied on a record's absence fails when it is there."""
    assert (Guard(LICENSE, "lic_1", 0), 1) == conflict(billed, Change(guards=(Guard(LICENSE, "lic_1", 0),)))


# -- broken contracts ------------------------------------------------------------------


@pytest.mark.parametrize(
    "unsound",
    [
        pytest.param(Change(licenses=(bumped(license()),)), id="no guard"),
        pytest.param(
            Change(guards=(Guard(LICENSE, "lic_1", 1),), licenses=(attrs.evolve(license(), version=4),)),
            id="a version too far",
        ),
        pytest.param(change(bumped(license()), bumped(license())), id="written twice"),
        pytest.param(change(bumped(license()), reads=(license(),)), id="guarded twice"),
        pytest.param(change(license("lic_2")), id="a license without its account"),
        pytest.param(change(invoice()), id="an invoice without its license"),
        pytest.param(change(attempt(), reads=(license(),)), id="an attempt without its invoice"),
        pytest.param(
            Change(
                guards=(Guard(LICENSE, "lic_2", 0), Guard(ACCOUNT, "acc_9", 0)),
                licenses=(license("lic_2", "acc_9"),),
            ),
            id="an account that surely is not there",
        ),
        pytest.param(change(invoice(number=7), reads=(license(),)), id="a number of its own"),
    ],
)
def test_a_broken_contract_raises_before_anything_is_written(billed: Store, unsound: Change) -> None:
    """What no decision makes is a bug, no conflict; sound changes beside it are not written either."""
    before = contents(billed)

    with pytest.raises(InvariantViolated):
        billed.commit([change(bumped(license(), notices=("fine",))), unsound])

    assert before == contents(billed)


# -- batches ------------------------------------------------------------------------


def test_a_refused_change_undoes_no_other(billed: Store) -> None:
    """Each change of a batch stands or falls alone, in order."""
    results = billed.commit(
        [
            change(bumped(license(), notices=("1",)), events=(event("evt_1"),)),
            change(bumped(license(), notices=("lost",)), invoice(), events=(event("evt_2"),)),
            change(attrs.evolve(license(), version=3, notices=("3",)), events=(event("evt_3"),)),
        ]
    )

    assert [True, False, True] == [result.ok for result in results]
    assert (Guard(LICENSE, "lic_1", 1), 2) == (results[1].conflict, results[1].actual_version)
    assert ("3",) == billed.license("lic_1").notices  # type: ignore[union-attr]
    assert [(1, "evt_1"), (2, "evt_3")] == [(it.sequence, it.id) for it in billed.events(0, 9)]
    assert None is billed.invoice("inv_1")


def test_a_taken_key_in_the_middle_of_a_batch_costs_nobody_anything(billed: Store) -> None:
    """Those around it are carried out as if it had not been there, even with its ids."""

    def billing(id_: str, index: int, told: str) -> Change:
        wakes = (Wake("lic_1", NOW + timedelta(days=index)),)
        return change(invoice(id_, index=index), reads=(license(),), events=(event(told),), wakes=wakes)

    results = billed.commit(
        [
            billing("inv_1", 1, "evt_1"),
            billing("inv_x", 1, "evt_x"),
            billing("inv_x", 2, "evt_x"),
            billing("inv_y", 2, "evt_y"),
        ]
    )
    commit(billed, billing("inv_3", 3, "evt_3"))

    conflicts = [None, Guard(INVOICE, "inv_x", 0), None, Guard(INVOICE, "inv_y", 0)]
    assert conflicts == [result.conflict for result in results]
    assert [("inv_1", 1), ("inv_3", 3), ("inv_x", 2)] == [
        (it.id, it.number) for it in billed.invoices(InvoiceFilter(), None, 9).items
    ]
    assert [(1, "evt_1"), (2, "evt_x"), (3, "evt_3")] == [(it.sequence, it.id) for it in billed.events(0, 9)]
    assert NOW + timedelta(days=3) == billed.wake_at("lic_1")


def test_an_event_of_a_batch_is_stored_once(billed: Store) -> None:
    """The second change that tells of the same thing is refused; the first one is not."""
    results = billed.commit([Change(events=(event(),)), Change(events=(event("evt_2"), event()))])

    assert [None, Guard(LICENSE, "lic_1", 0)] == [result.conflict for result in results]
    assert ["evt_1"] == [it.id for it in billed.events(0, 9)]


def test_wakes_of_a_batch_take_effect_in_order(billed: Store) -> None:
    """A license that goes to sleep before its account changes is awake; the other way round it sleeps."""
    later = change(bumped(license()), wakes=(Wake("lic_1", LATER),))
    payer = change(bumped(store_account()), wake_accounts=("acc_1",))
    commit(billed, later, payer)
    assert NOW == billed.wake_at("lic_1")

    payer = change(attrs.evolve(store_account(), version=3), wake_accounts=("acc_1",))
    later = change(attrs.evolve(license(), version=3), wakes=(Wake("lic_1", LATER),))
    commit(billed, payer, later)
    assert LATER == billed.wake_at("lic_1")


@pytest.mark.parametrize(
    "late_failure",
    [
        pytest.param({"events": (event(),)}, id="repeated event"),
        pytest.param({"wakes": (Wake("nobody", NOW),)}, id="nobody to wake"),
    ],
)
def test_a_change_that_fails_at_its_end_leaves_nothing(billed: Store, late_failure: dict[str, Any]) -> None:
    """Records, numbers, keys and wake-ups of a change go with its last part."""
    commit(billed, Change(events=(event(),)))
    everything = change(
        bumped(store_account()), bumped(license()), invoice(), attempt(),
        wake_accounts=("acc_1",), **late_failure,
    )  # fmt: skip

    conflict(billed, everything)
    first, _ = charged(billed)
    assert 1 == getattr(billed.invoice(first.id), "number", None)


def test_an_empty_commit_does_nothing(billed: Store) -> None:
    """No changes, no results; a change of nothing succeeds."""
    before = contents(billed)

    assert () == billed.commit([])
    commit(billed, Change())
    assert before == contents(billed)


# -- events and numbers ----------------------------------------------------------------


def test_events_are_numbered_without_gaps(billed: Store) -> None:
    """Whatever is refused in between, each event has the next number, once, in commit order."""
    for round_ in range(5):
        good = Change(events=(event(f"evt_{round_}a"), event(f"evt_{round_}b")))
        bad = Change(guards=(Guard(LICENSE, "lic_1", 99),), events=(event(f"bad_{round_}"),))
        billed.commit([bad, good, bad])

    assert list(range(1, 11)) == [it.sequence for it in billed.events(0, 100)]
    assert [f"evt_{n}{x}" for n in range(5) for x in "ab"] == [it.id for it in billed.events(0, 100)]


def test_events_are_read_from_where_one_stopped(billed: Store) -> None:
    """A consumer goes on after the last number it has seen."""
    commit(billed, Change(events=tuple(event(f"evt_{number}") for number in range(1, 6))))

    assert ["evt_3", "evt_4"] == [it.id for it in billed.events(2, 2)]
    assert () == billed.events(5, 10)
    assert ["evt_1"] == [it.id for it in billed.events(-3, 1)]


def test_invoice_numbers_have_no_gaps(billed: Store) -> None:
    """Per seller and series, also when changes are refused in between."""
    index = 0
    for seller, series in [("a", "X"), ("a", "Y"), ("b", "X")] * 3:
        lost = invoice(f"lost_{index}", index=0, seller_id=seller, series=series)
        kept = invoice(f"inv_{index}", index=index, seller_id=seller, series=series)
        blocked = Change(guards=(Guard(LICENSE, "lic_1", 9), Guard(INVOICE, lost.id, 0)), invoices=(lost,))
        billed.commit([blocked, change(kept, reads=(license(),)), blocked])
        index += 1

    given: dict[tuple[str, str], list[int | None]] = {}
    for number in range(index):
        found = billed.invoice(f"inv_{number}")
        assert found is not None
        given.setdefault((found.seller_id, found.series), []).append(found.number)
    assert {("a", "X"): [1, 2, 3], ("a", "Y"): [1, 2, 3], ("b", "X"): [1, 2, 3]} == given


def test_several_invoices_of_one_change_are_numbered_in_order(billed: Store) -> None:
    """A catch-up that bills three periods numbers them as they come."""
    three = [invoice(f"inv_{index}", index=index) for index in (1, 2, 3)]
    (result,) = billed.commit([change(*three, reads=(license(),))])

    assert [1, 2, 3] == [it.number for it in result.invoices]


def test_an_invoice_keeps_its_number(billed: Store) -> None:
    """Also if whoever pays it has never seen the number; and no other number replaces it."""
    (result,) = billed.commit([change(invoice(), reads=(license(),))])
    (paid,) = billed.commit([change(invoice().paid(NOW))])
    assert [1, 1] == [result.invoices[0].number, paid.invoices[0].number]

    renumbered = attrs.evolve(paid.invoices[0], version=3, number=7)
    assert (Guard(INVOICE, "inv_1", 0), None) == conflict(billed, change(renumbered))
    commit(billed, change(attrs.evolve(renumbered, number=1, notes=("reprinted",))))


def test_a_ghost_of_an_invoice_is_refused(billed: Store) -> None:
    """Paying an invoice that is not there is a conflict, with and without a number."""
    for ghost in (invoice().paid(NOW), invoice(number=3).paid(NOW)):
        assert (Guard(INVOICE, "inv_1", 1), 0) == conflict(billed, change(ghost))
