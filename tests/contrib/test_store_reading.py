"""Dossiers and pages: what every store finds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import CardTry, CardUse, Dossier
from billing_core.charging.invoice import InvoiceStatus
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.stores.port import (
    AttemptFilter,
    Change,
    Guard,
    InvoiceFilter,
    LicenseFilter,
    RecordKind,
    Store,
)
from billing_core.testing.clock import ManualClock
from tests.builders import NOW, account, attempt, card, change, event, invoice, license
from tests.contrib.store_helpers import bumped, charged, commit, conflict, store_account

FEBRUARY = CoverageRow(start=date(2025, 1, 31), end=date(2025, 2, 28), why=CoverageKind.CHARGE, term=1)


def dossier(store: Store) -> Dossier:
    """The default license's dossier."""
    found = store.dossier("lic_1")
    assert found is not None
    return found


def renewed(store: Store) -> None:
    """The default license after its first period was paid with the second attempt."""
    first, started = charged(store)
    commit(store, change(started.after(AttemptEvent.NEVER_HAPPENED, NOW)))
    second = attempt("att_1b", at=first, number=2)
    commit(store, change(second, reads=(first,)))
    paid = bumped(license(), coverage=(FEBRUARY,))
    commit(store, change(second.after(AttemptEvent.SUCCEEDED, NOW), first.paid(NOW), paid))


def test_what_holds_for_the_whole_store(store: Store) -> None:
    """One record, guarded like any other; a store without one has what every store begins with."""
    assert Controls() == store.controls()
    stopped = Controls().stopped("the processor is down", NOW)
    commit(store, Change(guards=(Guard(RecordKind.CONTROLS, "controls", 0),), controls=(stopped,)))
    assert stopped == store.controls()
    assert (Guard(RecordKind.CONTROLS, "controls", 0), 1) == conflict(
        store, Change(guards=(Guard(RecordKind.CONTROLS, "controls", 0),))
    )
    resumed = stopped.resumed().in_next_epoch("backup-1", NOW)
    commit(
        store,
        Change(
            guards=(Guard(RecordKind.CONTROLS, "controls", 1),), controls=(attrs.evolve(resumed, version=2),)
        ),
    )
    assert 2 == store.controls().epoch


def test_a_dossier_holds_the_controls(billed: Store) -> None:
    """Loaded and claimed, from the same view as the rest."""
    stopped = Controls().stopped("the processor is down", NOW)
    commit(billed, Change(guards=(Guard(RecordKind.CONTROLS, "controls", 0),), controls=(stopped,)))
    assert stopped == dossier(billed).controls


def test_an_event_about_the_whole_store_comes_once(store: Store) -> None:
    """A repeat of its id is a conflict, which names the controls."""
    told = event("evt_1", account_id=None, license_id=None)
    commit(store, Change(events=(told,)))
    assert (Guard(RecordKind.CONTROLS, "controls", 0), None) == conflict(store, Change(events=(told,)))


def test_a_new_license_has_an_empty_dossier(billed: Store) -> None:
    """The account and the license, nothing else."""
    assert Dossier(account=store_account(), license=license()) == dossier(billed)


def test_a_dossier_leaves_out_what_is_over(billed: Store) -> None:
    """The paid invoice of a covered period and its attempts don't matter any more."""
    renewed(billed)

    assert ((), ()) == (dossier(billed).invoices, dossier(billed).attempts)


def test_a_dossier_holds_the_coming_period_with_its_voided_revisions(billed: Store) -> None:
    """Open and void invoices of what is not covered yet, in the order of their revisions."""
    renewed(billed)
    paid = bumped(license(), coverage=(FEBRUARY,))
    voided = invoice("inv_b", index=1)
    commit(billed, change(voided, reads=(paid,)))
    commit(billed, change(voided.voided(), invoice("inv_a", index=1, revision=1), reads=(paid,)))

    assert ["inv_b", "inv_a"] == [it.id for it in dossier(billed).invoices]


def test_a_dossier_holds_an_old_invoice_that_is_still_open(billed: Store) -> None:
    """A period may be covered otherwise while its invoice waits."""
    commit(billed, change(invoice(), reads=(license(),)))
    commit(billed, change(bumped(license(), coverage=(FEBRUARY,))))

    assert ["inv_1"] == [it.id for it in dossier(billed).invoices]


def test_a_dossier_holds_a_paid_invoice_with_an_unresolved_attempt(billed: Store) -> None:
    """Nothing that may still move money is ever out of sight."""
    first, started = charged(billed)
    commit(billed, change(started.after(AttemptEvent.UNKNOWN, NOW)))
    commit(billed, change(first.paid(NOW, "wire-7"), bumped(license(), coverage=(FEBRUARY,))))

    assert ["inv_1"] == [it.id for it in dossier(billed).invoices]
    assert "att_1" == getattr(dossier(billed).unresolved_attempt, "id", None)


def test_a_dossier_orders_invoices_and_attempts(billed: Store) -> None:
    """By period and by number, whatever the ids and the order of writing are."""
    late, early = invoice("inv_a", index=1), invoice("inv_b", index=0)
    commit(billed, change(late, reads=(license(),)))
    commit(billed, change(early, reads=(license(),)))
    for id_, at, number in (("att_2", late, 1), ("att_9", early, 1), ("att_1", early, 2)):
        tried = attempt(id_, at=at, number=number)
        commit(billed, change(tried, reads=(at,)))
        commit(billed, change(tried.after(AttemptEvent.DECLINED, NOW)))

    assert ["inv_b", "inv_a"] == [it.id for it in dossier(billed).invoices]
    assert ["att_9", "att_1", "att_2"] == [it.id for it in dossier(billed).attempts]


def test_a_dossier_tells_how_its_card_was_used_everywhere(billed: Store, clock: ManualClock) -> None:
    """On other licenses, on other accounts with the same physical card, within the longest window only."""
    same_card = card("card_x", fingerprint="fp_card_1")
    other = account("acc_2", cards=(same_card,), default_card_id="card_x")
    theirs = license("lic_2", "acc_2")
    commit(billed, change(other, theirs))
    times = [NOW - timedelta(days=30), NOW - timedelta(days=30) + timedelta(microseconds=1), NOW]
    tries = []
    for index, at in enumerate(times):
        unpaid = invoice(f"inv_x{index}", of=theirs, index=index)
        tried = attempt(
            f"att_x{index}", at=unpaid, card=same_card, card_use=index + 1, first_sent_at=at, last_sent_at=at
        )
        commit(billed, change(unpaid, tried, reads=(theirs,)))
        declined = tried.after(AttemptEvent.DECLINED, NOW)
        commit(billed, change(declined))
        tries.append(CardTry.of(declined))
    unpaid = invoice("inv_y", of=theirs, index=9)
    unrelated = attempt("att_y", at=unpaid, card=card("card_z"), card_use=1)
    commit(billed, change(unpaid, unrelated, reads=(theirs,)))

    assert (CardUse(fingerprint="fp_card_1", last=3, tries=tuple(tries[1:])),) == dossier(billed).card_uses
    clock.advance(days=31)
    assert (CardUse(fingerprint="fp_card_1", last=3),) == dossier(billed).card_uses


def test_two_cards_of_one_fingerprint_are_one(store: Store) -> None:
    """The physical card is what networks count."""
    twins = (card(), card("card_2", fingerprint="fp_card_1"))
    commit(store, change(account(cards=twins), license()))
    _, started = charged(store, card_use=1)
    declined = started.after(AttemptEvent.DECLINED, NOW)
    commit(store, change(declined))

    expected = CardUse(fingerprint="fp_card_1", last=1, tries=(CardTry.of(declined),))
    assert (expected,) == dossier(store).card_uses


def test_an_attempt_counts_from_when_it_was_sent_last(billed: Store, clock: ManualClock) -> None:
    """A resend brings it back into the window; an answer does not, and then it is forgotten."""
    _, started = charged(billed, card_use=1)
    clock.advance(days=31)
    assert (CardUse(fingerprint="fp_card_1", last=1),) == dossier(billed).card_uses
    resent = started.resent(clock.now())
    commit(billed, change(resent))
    assert (CardTry.of(resent),) == dossier(billed).card_uses[0].tries
    clock.advance(days=31)
    declined = resent.after(AttemptEvent.DECLINED, clock.now())
    commit(billed, change(declined))
    assert (CardUse(fingerprint="fp_card_1", last=1),) == dossier(billed).card_uses


def test_an_attempt_without_a_number_is_not_counted(billed: Store) -> None:
    """As those are that an earlier release has made."""
    charged(billed)
    assert () == dossier(billed).card_uses


# -- pages ---------------------------------------------------------------------------


@pytest.fixture
def stocked(billed: Store) -> Store:
    """Two accounts, three licenses, four invoices, four attempts."""
    other = account("acc_2")
    commit(billed, change(other, license("lic_2", "acc_2"), license("lic_3", "acc_2")))
    for number, (sold, index) in enumerate(
        [(license(), 0), (license("lic_2", "acc_2"), 0), (license("lic_3", "acc_2"), 0), (license(), 1)]
    ):
        unpaid = invoice(f"inv_{number}", of=sold, index=index)
        tried = attempt(f"att_{number}", at=unpaid, card=card(f"card_{number % 2}"))
        commit(billed, change(unpaid, tried, reads=(sold,)))
        if number in {0, 1}:
            declined = tried.after(AttemptEvent.DECLINED, NOW)
            commit(billed, change(declined))
        if number == 1:
            commit(billed, change(unpaid.voided()))
        if number == 2:
            commit(billed, change(tried.after(AttemptEvent.GAVE_UP, NOW)))
    return billed


def test_pages_come_in_the_order_of_ids(stocked: Store) -> None:
    """Each page says where the next one starts; the last one says that it is the last."""
    first = stocked.invoices(InvoiceFilter(), None, 3)
    second = stocked.invoices(InvoiceFilter(), first.next, 3)

    assert (["inv_0", "inv_1", "inv_2"], "inv_2") == ([it.id for it in first.items], first.next)
    assert (["inv_3"], None) == ([it.id for it in second.items], second.next)


def test_a_page_that_holds_all_has_no_next(stocked: Store) -> None:
    """Exactly as many as asked for, and none left."""
    page = stocked.accounts(None, 2)

    assert (["acc_1", "acc_2"], None) == ([it.id for it in page.items], page.next)
    assert ((), None) == (stocked.accounts("acc_2", 2).items, stocked.accounts("acc_2", 2).next)


Listing = Callable[[Any, str | None, int], Any]


@pytest.mark.parametrize(
    ("listing", "wanted", "expected"),
    [
        ("licenses", LicenseFilter(), ["lic_1", "lic_2", "lic_3"]),
        ("licenses", LicenseFilter(account_id="acc_2"), ["lic_2", "lic_3"]),
        ("invoices", InvoiceFilter(account_id="acc_1"), ["inv_0", "inv_3"]),
        ("invoices", InvoiceFilter(license_id="lic_2"), ["inv_1"]),
        ("invoices", InvoiceFilter(status=InvoiceStatus.OPEN), ["inv_0", "inv_2", "inv_3"]),
        ("invoices", InvoiceFilter(account_id="acc_2", status=InvoiceStatus.VOID), ["inv_1"]),
        ("attempts", AttemptFilter(), ["att_0", "att_1", "att_2", "att_3"]),
        ("attempts", AttemptFilter(account_id="acc_2"), ["att_1", "att_2"]),
        ("attempts", AttemptFilter(license_id="lic_1"), ["att_0", "att_3"]),
        ("attempts", AttemptFilter(invoice_id="inv_3"), ["att_3"]),
        ("attempts", AttemptFilter(card_id="card_1"), ["att_1", "att_3"]),
        ("attempts", AttemptFilter(reference="ref_inv_2"), ["att_2"]),
        ("attempts", AttemptFilter(needs_attention=True), ["att_2"]),
        ("attempts", AttemptFilter(needs_attention=False), ["att_0", "att_1", "att_3"]),
        ("attempts", AttemptFilter(is_unresolved=True), ["att_2", "att_3"]),
        ("attempts", AttemptFilter(is_unresolved=False), ["att_0", "att_1"]),
        ("attempts", AttemptFilter(account_id="acc_1", is_unresolved=True), ["att_3"]),
    ],
)
def test_filters(stocked: Store, listing: str, wanted: Any, expected: list[str]) -> None:
    """Every filter narrows the list, alone and together; also across pages."""
    list_some: Listing = getattr(stocked, listing)

    assert expected == [it.id for it in list_some(wanted, None, 100).items]
    assert expected[1:] == [it.id for it in list_some(wanted, expected[0], 100).items]


def test_ids_are_ordered_by_code_point(store: Store) -> None:
    """No language's rules: capitals come before small letters, everywhere."""
    ids = ["acc_b", "acc_A", "acc_a", "ACC_z", "acc-1", "acc_10", "acc_9"]
    commit(store, *(change(account(id_)) for id_ in ids))

    assert sorted(ids) == [it.id for it in store.accounts(None, 100).items]
