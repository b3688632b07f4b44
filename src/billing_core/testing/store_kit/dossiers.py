"""Dossiers: all that a decision reads, from one consistent view."""

from __future__ import annotations

from datetime import date

from billing_core.charging.attempt import AttemptEvent
from billing_core.charging.dossier import Dossier
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.testing.kit_report import ensure_equal
from billing_core.testing.store_kit.records import NOW, attempt, change, invoice, license
from billing_core.testing.store_kit.trial import Trial, bumped, payer, store_check

__all__ = [
    "check_dossiers_are_in_order",
    "check_dossiers_hold_what_matters",
    "check_dossiers_hold_what_may_still_move_money",
    "check_dossiers_leave_out_what_is_over",
]

FEBRUARY = CoverageRow(start=date(2025, 1, 31), end=date(2025, 2, 28), why=CoverageKind.CHARGE, term=1)


@store_check
def check_dossiers_leave_out_what_is_over(trial: Trial) -> None:
    """The paid invoice of a covered period and its attempts don't matter any more."""
    trial.sell()
    other = license("lic_2")
    theirs = invoice("inv_9", of=other)
    trial.commit(change(other, theirs, reads=(payer(),)))
    ensure_equal(Dossier(account=payer(), license=license()), trial.dossier(), "the dossier of a new license")
    _renew(trial)

    ensure_equal(
        Dossier(account=payer(), license=bumped(license(), coverage=(FEBRUARY,))),
        trial.dossier(),
        "the dossier after a renewal",
    )


@store_check
def check_dossiers_hold_what_matters(trial: Trial) -> None:
    """Invoices of what is not covered yet, voided ones too, and old ones that are still open."""
    trial.sell()
    _renew(trial)
    paid = bumped(license(), coverage=(FEBRUARY,))
    voided = invoice("inv_b", index=1)
    trial.commit(change(voided, reads=(paid,)))
    trial.commit(change(voided.voided(), invoice("inv_a", index=1, revision=1), reads=(paid,)))
    ensure_equal(
        ["inv_b", "inv_a"], [it.id for it in trial.dossier().invoices], "the revisions of the next period"
    )

    other = license("lic_2")
    waiting = invoice("inv_2", of=other)
    trial.commit(change(other, waiting, reads=(payer(),)))
    trial.commit(change(bumped(other, coverage=(FEBRUARY,))))
    ensure_equal(
        ["inv_2"],
        [it.id for it in trial.dossier("lic_2").invoices],
        "an open invoice of a period that was covered otherwise",
    )


@store_check
def check_dossiers_hold_what_may_still_move_money(trial: Trial) -> None:
    """A paid invoice of a covered period stays in sight while an attempt at it is unresolved."""
    trial.sell()
    first, started = trial.charge()
    trial.commit(change(started.after(AttemptEvent.UNKNOWN, NOW)))
    trial.commit(change(first.paid(NOW, "wire-7"), bumped(license(), coverage=(FEBRUARY,))))

    found = trial.dossier()
    ensure_equal(["inv_1"], [it.id for it in found.invoices], "the invoices")
    ensure_equal("att_1", getattr(found.unresolved_attempt, "id", None), "the unresolved attempt")


@store_check
def check_dossiers_are_in_order(trial: Trial) -> None:
    """By period and by number, whatever the ids and the order of writing are: decisions must not differ."""
    trial.sell()
    late, early = invoice("inv_a", index=1), invoice("inv_b", index=0)
    trial.commit(change(late, reads=(license(),)))
    trial.commit(change(early, reads=(license(),)))
    for id_, at, number in (("att_2", late, 1), ("att_9", early, 1), ("att_1", early, 2)):
        tried = attempt(id_, at=at, number=number)
        trial.commit(change(tried, reads=(at,)))
        trial.commit(change(tried.after(AttemptEvent.DECLINED, NOW)))

    ensure_equal(["inv_b", "inv_a"], [it.id for it in trial.dossier().invoices], "the invoices")
    ensure_equal(["att_9", "att_1", "att_2"], [it.id for it in trial.dossier().attempts], "the attempts")


def _renew(trial: Trial) -> None:
    """The default license after its first period was paid with the second attempt."""
    first, started = trial.charge()
    trial.commit(change(started.after(AttemptEvent.NEVER_HAPPENED, NOW)))
    second = attempt("att_1b", at=first, number=2)
    trial.commit(change(second, reads=(first,)))
    paid = bumped(license(), coverage=(FEBRUARY,))
    trial.commit(change(second.after(AttemptEvent.SUCCEEDED, NOW), first.paid(NOW), paid))
