"""Refunds in every store: what only one may hold, what a dossier shows of them, and pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent, ChargeAttempt
from billing_core.charging.refund import Refund, RefundEvent
from billing_core.errors import InvariantViolated
from billing_core.gateways.results import RefundResult
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.stores.port import Guard, RecordKind, RefundFilter, Store
from billing_core.values.money import Money
from tests.builders import NOW, PRICE, attempt, change, invoice, license, refund
from tests.contrib.store_helpers import bumped, charged, commit, conflict, store_account

REFUND = RecordKind.REFUND
FEBRUARY = CoverageRow(start=date(2025, 1, 31), end=date(2025, 2, 28), why=CoverageKind.CHARGE, term=1)


def paid(store: Store) -> ChargeAttempt:
    """The charge that paid the default license's first period."""
    first, started = charged(store)
    succeeded = started.after(AttemptEvent.SUCCEEDED, NOW)
    commit(store, change(succeeded, first.paid(NOW), bumped(license(), coverage=(FEBRUARY,))))
    return succeeded


def started(store: Store, charge: ChargeAttempt, **changes: Any) -> Refund:
    """A refund of a charge, in the store."""
    begun = refund(of=charge, **changes)
    commit(store, change(begun, reads=(charge,)))
    return begun


def test_a_charge_has_one_unresolved_refund(billed: Store) -> None:
    """No second one starts while nobody knows what became of the first."""
    charge = paid(billed)
    started(billed, charge)

    second = change(refund("ref_2", charge, number=2), reads=(charge,))
    assert (Guard(REFUND, "ref_2", 0), None) == conflict(billed, second)


@pytest.mark.parametrize(
    "happened", [RefundEvent.SUCCEEDED, RefundEvent.DECLINED, RefundEvent.NEVER_HAPPENED]
)
def test_a_resolved_refund_makes_room_for_the_next(billed: Store, happened: RefundEvent) -> None:
    """Once a refund is final, another may start, in the same change if need be."""
    charge = paid(billed)
    first = started(billed, charge)
    commit(billed, change(refund("ref_2", charge, number=2), first.after(happened, NOW), reads=(charge,)))


def test_a_charge_has_one_refund_of_each_number(billed: Store) -> None:
    """Two people who refund at the same time make the same refund; one of them comes too late."""
    charge = paid(billed)
    first = started(billed, charge)
    commit(billed, change(first.after(RefundEvent.DECLINED, NOW)))

    again = change(refund("ref_2", charge), reads=(charge,))
    assert (Guard(REFUND, "ref_2", 0), None) == conflict(billed, again)


def test_a_refunds_key_is_used_once(billed: Store) -> None:
    """Two refunds never share a key, not even of different charges."""
    charge = paid(billed)
    first = started(billed, charge)
    other = license("lic_2")
    theirs = attempt("att_2", at=invoice("inv_2", of=other))
    commit(billed, change(other, invoice("inv_2", of=other), theirs, reads=(store_account(),)))

    twin = change(refund("ref_2", theirs, request=first.request), reads=(theirs,))
    assert (Guard(REFUND, "ref_2", 0), None) == conflict(billed, twin)


def test_a_resolved_refund_stays_resolved(billed: Store) -> None:
    """It may still learn that money went back after all, but never becomes unresolved again."""
    charge = paid(billed)
    first = started(billed, charge)
    void = first.after(RefundEvent.NEVER_HAPPENED, NOW)
    commit(billed, change(void))
    commit(billed, change(void.orphaned(RefundResult.succeeded(PRICE))))

    assert (Guard(REFUND, "ref_1", 0), None) == conflict(billed, change(attrs.evolve(first, version=4)))


def test_an_unresolved_refund_keeps_its_place(billed: Store) -> None:
    """Sends and look-ups don't open the charge to another refund."""
    charge = paid(billed)
    commit(billed, change(started(billed, charge).sent(NOW)))

    second = change(refund("ref_2", charge, number=2), reads=(charge,))
    assert (Guard(REFUND, "ref_2", 0), None) == conflict(billed, second)


def test_a_refund_guards_its_charge(billed: Store) -> None:
    """Whoever does not look at the charge can't know what is left of it."""
    charge = paid(billed)
    with pytest.raises(InvariantViolated, match="its attempt is not guarded"):
        billed.commit([change(refund(of=charge))])


def test_a_dossier_shows_an_unsettled_refund_with_its_charge(billed: Store) -> None:
    """Also of a period that is long over; once it is settled it does not matter any more."""
    charge = paid(billed)
    first = started(billed, charge, amount=Money.of("1.00", "EUR"))
    commit(billed, change(first.after(RefundEvent.SUCCEEDED, NOW)))
    found = billed.dossier("lic_1")
    assert found is not None
    assert ((), (), ()) == (found.invoices, found.attempts, found.refunds)

    second = started(billed, charge, id="ref_2", number=2)
    found = billed.dossier("lic_1")
    assert found is not None
    assert ["inv_1"] == [it.id for it in found.invoices]
    assert (charge,) == found.attempts
    assert ["ref_1", "ref_2"] == [it.id for it in found.refunds_of(charge)]
    assert (second,) == found.unresolved_refunds
    assert second == found.refund("ref_2")
    assert (second, None) == (billed.refund("ref_2"), billed.refund("ref_3"))


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (RefundFilter(), ["ref_1", "ref_2"]),
        (RefundFilter(account_id="acc_1", license_id="lic_1", invoice_id="inv_1"), ["ref_1", "ref_2"]),
        (RefundFilter(account_id="acc_2"), []),
        (RefundFilter(attempt_id="att_1"), ["ref_1", "ref_2"]),
        (RefundFilter(attempt_id="att_2"), []),
        (RefundFilter(reference="reference_ref_2"), ["ref_2"]),
        (RefundFilter(charge_reference="ref_inv_1", is_unresolved=False), ["ref_1"]),
        (RefundFilter(is_unresolved=True), ["ref_2"]),
        (RefundFilter(needs_attention=True), ["ref_2"]),
        (RefundFilter(needs_attention=False), ["ref_1"]),
    ],
)
def test_refunds_are_found(billed: Store, filter: RefundFilter, expected: list[str]) -> None:
    """By what they belong to, and by where they stand; a page at a time."""
    charge = paid(billed)
    first = started(billed, charge)
    commit(billed, change(first.after(RefundEvent.DECLINED, NOW)))
    second = started(billed, charge, id="ref_2", number=2)
    commit(billed, change(second.after(RefundEvent.GAVE_UP, NOW)))

    assert expected == [it.id for it in billed.refunds(filter, None, 9).items]
    page = billed.refunds(filter, None, 1)
    assert expected[:1] == [it.id for it in page.items]
    assert expected[1:] == ([it.id for it in billed.refunds(filter, page.next, 1).items] if page.next else [])


def test_a_refund_comes_back_as_it_was(billed: Store) -> None:
    """Request, sends, answers and decision survive, to the microsecond."""
    charge = paid(billed)
    asked_at = NOW + timedelta(microseconds=123_457)
    written = attrs.evolve(
        refund(of=charge).sent(asked_at).answered(RefundResult.unknown("http_500"), asked_at).woken(asked_at),
        version=1,
    )
    commit(billed, change(written, reads=(charge,)))
    assert written == billed.refund("ref_1")

    settled = written.after(RefundEvent.NEVER_HAPPENED, asked_at).orphaned(RefundResult.succeeded(PRICE))
    later = attrs.evolve(settled.decided("confirm"), version=2)
    commit(billed, change(later))
    assert later == billed.refund("ref_1")
