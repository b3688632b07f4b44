"""The one record about the store as a whole: the epoch, and the stop switch."""

from __future__ import annotations

import attrs

from billing_core.charging.controls import CONTROLS_ID, Controls
from billing_core.stores.port import Change, Guard, RecordKind
from billing_core.testing.kit_report import ensure_equal
from billing_core.testing.store_kit.records import NOW, event, license
from billing_core.testing.store_kit.trial import Trial, bumped, store_check

__all__ = [
    "check_controls_are_one_guarded_record",
    "check_dossiers_hold_the_controls",
    "check_events_about_the_store_are_stored_once",
]

STOPPED = Controls().stopped("the processor is down", NOW)


@store_check
def check_controls_are_one_guarded_record(trial: Trial) -> None:
    """A store begins with those of every store; what was decided before a stop is not committed after it."""
    trial.sell()
    ensure_equal(Controls(), trial.store.controls(), "the controls of a new store")
    _control(trial, STOPPED)
    ensure_equal(STOPPED, trial.store.controls(), "the controls after a stop")

    charge = Change(
        guards=(Guard(RecordKind.LICENSE, "lic_1", 1), Guard(RecordKind.CONTROLS, CONTROLS_ID, 0)),
        licenses=(bumped(license()),),
    )
    trial.ensure_refused(
        charge, Guard(RecordKind.CONTROLS, CONTROLS_ID, 0), 1, because="sending was stopped meanwhile"
    )
    next_epoch = attrs.evolve(STOPPED.resumed().in_next_epoch("backup-1", NOW), version=2)
    _control(trial, next_epoch)
    ensure_equal(next_epoch, trial.store.controls(), "the controls after a restore")


@store_check
def check_dossiers_hold_the_controls(trial: Trial) -> None:
    """From the same view as the rest: no decision overlooks a stop."""
    trial.sell()
    _control(trial, STOPPED)

    ensure_equal(STOPPED, trial.dossier().controls, "the controls in a dossier")


@store_check
def check_events_about_the_store_are_stored_once(trial: Trial) -> None:
    """An event without an account is stored like any other; a repeat is a conflict on the controls."""
    told = event(account_id=None, license_id=None)
    (result,) = trial.commit(Change(events=(told,)))
    ensure_equal(result.events, trial.store.events(0, 9), "the event")

    trial.ensure_refused(
        Change(events=(told,)), Guard(RecordKind.CONTROLS, CONTROLS_ID, 0), because="the event is stored"
    )


def _control(trial: Trial, written: Controls) -> None:
    guard = Guard(RecordKind.CONTROLS, CONTROLS_ID, written.version - 1)
    trial.commit(Change(guards=(guard,), controls=(written,)))
