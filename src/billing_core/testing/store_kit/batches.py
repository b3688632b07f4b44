"""Changes of one commit stand or fall one by one, and each of them whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs

from billing_core.stores.port import Change, Guard, InvoiceFilter, RecordKind, Wake
from billing_core.testing.kit_report import ensure_equal
from billing_core.testing.store_kit.records import NOW, attempt, change, event, invoice, license
from billing_core.testing.store_kit.trial import Trial, bumped, payer, store_check

__all__ = [
    "check_a_refused_change_undoes_no_other",
    "check_a_taken_key_costs_others_nothing",
    "check_late_failures_leave_nothing",
]


@store_check
def check_a_refused_change_undoes_no_other(trial: Trial) -> None:
    """A stale change between two sound ones takes neither of them with it."""
    trial.sell()
    results = trial.store.commit(
        [
            change(bumped(license(), notices=("1",)), events=(event("evt_1"),)),
            change(bumped(license(), notices=("lost",)), invoice(), events=(event("evt_2"),)),
            change(attrs.evolve(license(), version=3, notices=("3",)), events=(event("evt_3"),)),
        ]
    )

    ensure_equal([True, False, True], [result.ok for result in results], "which changes were carried out")
    ensure_equal(
        (Guard(RecordKind.LICENSE, "lic_1", 1), 2),
        (results[1].conflict, results[1].actual_version),
        "the conflict within a batch",
    )
    ensure_equal(("3",), trial.dossier().license.notices, "the license after the batch")
    ensure_equal(None, trial.store.invoice("inv_1"), "the invoice of the refused change")
    ensure_equal(
        [(1, "evt_1"), (2, "evt_3")],
        [(it.sequence, it.id) for it in trial.store.events(0, 9)],
        "the events of the batch",
    )


@store_check
def check_a_taken_key_costs_others_nothing(trial: Trial) -> None:
    """Those around a change that runs into a key are carried out as if it had not been there."""

    def billing(id_: str, index: int, told: str) -> Change:
        wakes = (Wake("lic_1", NOW + timedelta(days=index)),)
        return change(invoice(id_, index=index), reads=(license(),), events=(event(told),), wakes=wakes)

    trial.sell()
    results = trial.store.commit(
        [
            billing("inv_1", 1, "evt_1"),
            billing("inv_x", 1, "evt_x"),
            billing("inv_x", 2, "evt_x"),
            billing("inv_y", 2, "evt_y"),
        ]
    )
    trial.commit(billing("inv_3", 3, "evt_3"))

    taken = RecordKind.INVOICE
    ensure_equal(
        [None, Guard(taken, "inv_x", 0), None, Guard(taken, "inv_y", 0)],
        [result.conflict for result in results],
        "the conflicts of the batch",
    )
    ensure_equal(
        [("inv_1", 1), ("inv_3", 3), ("inv_x", 2)],
        [(it.id, it.number) for it in trial.store.invoices(InvoiceFilter(), None, 9).items],
        "the invoices and their numbers",
    )
    ensure_equal(
        [(1, "evt_1"), (2, "evt_x"), (3, "evt_3")],
        [(it.sequence, it.id) for it in trial.store.events(0, 9)],
        "the events",
    )
    ensure_equal(NOW + timedelta(days=3), trial.store.wake_at("lic_1"), "the wake-up of the last change")


@store_check
def check_late_failures_leave_nothing(trial: Trial) -> None:
    """Records, numbers, keys and wake-ups of a change go with its last part."""
    trial.sell()
    trial.commit(Change(events=(event(),)))
    guards: dict[str, tuple[Guard, int | None, dict[str, Any]]] = {
        "its event is stored already": (Guard(RecordKind.LICENSE, "lic_1", 0), None, {"events": (event(),)}),
        "it wakes nobody": (Guard(RecordKind.LICENSE, "nobody", 1), 0, {"wakes": (Wake("nobody", NOW),)}),
    }
    for because, (guard, actual, late) in guards.items():
        everything = change(
            bumped(payer()), bumped(license()), invoice(), attempt(), wake_accounts=("acc_1",), **late
        )
        trial.ensure_refused(everything, guard, actual, because=because)

    billed, _ = trial.charge()
    ensure_equal(1, getattr(trial.store.invoice(billed.id), "number", None), "the number after refusals")
