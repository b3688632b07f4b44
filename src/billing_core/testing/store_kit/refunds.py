"""Refunds: their keys, what a dossier shows of them, and how they come back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs

from billing_core.charging.attempt import AttemptEvent, ChargeAttempt
from billing_core.charging.refund import Refund, RefundEvent
from billing_core.gateways.results import RefundResult
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.stores.port import Guard, RecordKind, RefundFilter
from billing_core.testing.kit_report import ensure_equal
from billing_core.testing.store_kit.records import NOW, PRICE, attempt, change, invoice, license, refund
from billing_core.testing.store_kit.trial import Trial, bumped, ensure_same, every, payer, store_check
from billing_core.values.money import Money

__all__ = [
    "check_dossiers_hold_unsettled_refunds",
    "check_one_unresolved_refund_per_charge",
    "check_refund_filters_narrow_lists",
    "check_refund_keys_are_unique",
    "check_refund_numbers_are_unique",
    "check_refunds_come_back",
    "check_resolved_refunds_make_room",
    "check_resolved_refunds_stay_resolved",
]

FEBRUARY = CoverageRow(start=date(2025, 1, 31), end=date(2025, 2, 28), why=CoverageKind.CHARGE, term=1)

_FILTERS: tuple[tuple[RefundFilter, tuple[str, ...]], ...] = (
    (RefundFilter(), ("ref_1", "ref_2")),
    (RefundFilter(account_id="acc_1", license_id="lic_1", invoice_id="inv_1"), ("ref_1", "ref_2")),
    (RefundFilter(account_id="acc_2"), ()),
    (RefundFilter(attempt_id="att_1"), ("ref_1", "ref_2")),
    (RefundFilter(attempt_id="att_2"), ()),
    (RefundFilter(reference="reference_ref_2"), ("ref_2",)),
    (RefundFilter(charge_reference="ref_inv_1", is_unresolved=False), ("ref_1",)),
    (RefundFilter(is_unresolved=True), ("ref_2",)),
    (RefundFilter(needs_attention=True), ("ref_2",)),
    (RefundFilter(needs_attention=False), ("ref_1",)),
)


@store_check
def check_one_unresolved_refund_per_charge(trial: Trial) -> None:
    """No second refund starts while nobody knows what became of the first."""
    charge = _pay(trial)
    started = _refund(trial, charge)
    second = change(refund("ref_2", charge, number=2), reads=(charge,))
    guard = Guard(RecordKind.REFUND, "ref_2", 0)

    trial.ensure_refused(second, guard, because="a refund of the charge is open")
    trial.commit(change(started.sent(NOW)))
    trial.ensure_refused(second, guard, because="a refund of the charge was sent")


@store_check
def check_resolved_refunds_make_room(trial: Trial) -> None:
    """Once a refund is final, the next may start, in the same change if need be."""
    charge = _pay(trial)
    started = _refund(trial, charge)
    for number, happened in enumerate(
        (RefundEvent.DECLINED, RefundEvent.NEVER_HAPPENED, RefundEvent.SUCCEEDED), start=2
    ):
        next_ = refund(f"ref_{number}", charge, number=number)
        trial.commit(change(next_, started.after(happened, NOW), reads=(charge,)))
        started = next_


@store_check
def check_refund_numbers_are_unique(trial: Trial) -> None:
    """Two people who refund at the same time make the same refund; one of them comes too late."""
    charge = _pay(trial)
    trial.commit(change(_refund(trial, charge).after(RefundEvent.DECLINED, NOW)))

    again = change(refund("ref_2", charge), reads=(charge,))
    trial.ensure_refused(again, Guard(RecordKind.REFUND, "ref_2", 0), because="the charge has a refund 1")


@store_check
def check_refund_keys_are_unique(trial: Trial) -> None:
    """Two refunds never share an idempotency key, not even of different charges."""
    charge = _pay(trial)
    first = _refund(trial, charge)
    trial.commit(change(first.after(RefundEvent.DECLINED, NOW)))
    other = license("lic_2")
    unpaid = invoice("inv_2", of=other)
    theirs = attempt("att_2", at=unpaid)
    trial.commit(change(other, unpaid, theirs, reads=(payer(),)))

    twin = change(refund("ref_2", theirs, request=first.request), reads=(theirs,))
    trial.ensure_refused(twin, Guard(RecordKind.REFUND, "ref_2", 0), because="the key was used before")


@store_check
def check_resolved_refunds_stay_resolved(trial: Trial) -> None:
    """A final refund may learn that money went back after all, but never becomes unresolved again."""
    charge = _pay(trial)
    first = _refund(trial, charge)
    void = first.after(RefundEvent.NEVER_HAPPENED, NOW)
    trial.commit(change(void))
    trial.commit(change(void.orphaned(RefundResult.succeeded(PRICE))))

    reopened = change(attrs.evolve(first, version=4))
    trial.ensure_refused(reopened, Guard(RecordKind.REFUND, "ref_1", 0), because="the refund is void")


@store_check
def check_dossiers_hold_unsettled_refunds(trial: Trial) -> None:
    """With their charge, also of a period that is long over; settled ones don't matter any more."""
    charge = _pay(trial)
    first = _refund(trial, charge, amount=Money.of("1.00", "EUR"))
    trial.commit(change(first.after(RefundEvent.SUCCEEDED, NOW)))
    found = trial.dossier()
    ensure_equal(((), (), ()), (found.invoices, found.attempts, found.refunds), "a dossier with nothing open")

    second = _refund(trial, charge, id="ref_2", number=2)
    found = trial.dossier()
    ensure_equal(["inv_1"], [it.id for it in found.invoices], "the invoices of an unsettled refund")
    ensure_equal((charge,), found.attempts, "the attempts of its invoice")
    ensure_equal(["ref_1", "ref_2"], [it.id for it in found.refunds], "the refunds")
    ensure_equal((second, None), (trial.store.refund("ref_2"), trial.store.refund("ref_3")), "by id")


@store_check
def check_refund_filters_narrow_lists(trial: Trial) -> None:
    """By what refunds belong to, and by where they stand; a page at a time."""
    charge = _pay(trial)
    trial.commit(change(_refund(trial, charge).after(RefundEvent.DECLINED, NOW)))
    second = _refund(trial, charge, id="ref_2", number=2)
    trial.commit(change(second.after(RefundEvent.GAVE_UP, NOW)))

    for wanted, expected in _FILTERS:
        asked = attrs.asdict(wanted, filter=lambda _, value: value is not None)
        pages = every(lambda after, wanted=wanted: trial.store.refunds(wanted, after, 1))  # type: ignore[misc]
        ensure_equal(expected, tuple(it.id for it in pages), f"refunds of {asked}")


@store_check
def check_refunds_come_back(trial: Trial) -> None:
    """Request, sends, answers and decision survive, to the microsecond."""
    charge = _pay(trial)
    asked_at = NOW + timedelta(microseconds=123_457)
    answered = refund(of=charge).sent(asked_at).answered(RefundResult.unknown("http_500"), asked_at)
    written = attrs.evolve(answered.woken(asked_at), version=1)
    trial.commit(change(written, reads=(charge,)))
    ensure_same(written, trial.store.refund("ref_1"), "the refund")

    settled = written.after(RefundEvent.NEVER_HAPPENED, asked_at).orphaned(RefundResult.succeeded(PRICE))
    later = attrs.evolve(settled.decided("confirm"), version=2)
    trial.commit(change(later))
    ensure_same(later, trial.store.refund("ref_1"), "the refund after a decision")


def _pay(trial: Trial) -> ChargeAttempt:
    """The charge that paid the default license's first period."""
    trial.sell()
    first, started = trial.charge()
    succeeded = started.after(AttemptEvent.SUCCEEDED, NOW)
    trial.commit(change(succeeded, first.paid(NOW), bumped(license(), coverage=(FEBRUARY,))))
    return succeeded


def _refund(trial: Trial, charge: ChargeAttempt, **changes: Any) -> Refund:
    """A refund of a charge, in the store."""
    begun = refund(of=charge, **changes)
    trial.commit(change(begun, reads=(charge,)))
    return begun
