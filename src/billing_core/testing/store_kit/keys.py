"""What only one record may hold, whatever the caller does."""

from __future__ import annotations

import attrs

from billing_core.charging.attempt import AttemptEvent
from billing_core.gateways.results import ChargeResult
from billing_core.stores.port import Change, Guard, InvoiceFilter, RecordKind
from billing_core.testing.kit_report import ensure_equal
from billing_core.testing.store_kit.records import NOW, attempt, change, event, invoice, license
from billing_core.testing.store_kit.trial import Trial, bumped, payer, store_check

__all__ = [
    "check_attempt_numbers_are_unique",
    "check_events_are_stored_once",
    "check_idempotency_keys_are_unique",
    "check_invoice_keys_are_unique",
    "check_keys_are_compared_as_a_whole",
    "check_keys_hold_within_a_change",
    "check_one_change_may_replace",
    "check_one_live_invoice_per_period",
    "check_one_unresolved_attempt_per_license",
    "check_resolved_attempts_make_room",
    "check_resolved_attempts_stay_resolved",
    "check_void_invoices_stay_void",
]

INVOICE, ATTEMPT = RecordKind.INVOICE, RecordKind.ATTEMPT


@store_check
def check_invoice_keys_are_unique(trial: Trial) -> None:
    """One invoice per key, for ever: after a void, only the next revision may bill the period."""
    trial.sell()
    trial.commit(change(invoice(), reads=(license(),)))
    trial.commit(change(invoice().voided()))

    same_key = change(invoice("inv_2"), reads=(license(),))
    trial.ensure_refused(same_key, Guard(INVOICE, "inv_2", 0), because="the invoice key was used before")
    trial.commit(change(invoice("inv_2", revision=1), reads=(license(),)))


@store_check
def check_one_live_invoice_per_period(trial: Trial) -> None:
    """A second invoice for the period of an open or paid one is refused, whatever its revision."""
    trial.sell()
    trial.commit(change(invoice(), reads=(license(),)))
    second = change(invoice("inv_2", revision=1), reads=(license(),))
    guard = Guard(INVOICE, "inv_2", 0)

    trial.ensure_refused(second, guard, because="the period has an open invoice")
    trial.commit(change(invoice().paid(NOW)))
    trial.ensure_refused(second, guard, because="the period has a paid invoice")


@store_check
def check_one_change_may_replace(trial: Trial) -> None:
    """Voiding and billing again is one decision; so is settling an attempt and starting the next."""
    trial.sell()
    first, started = trial.charge()
    declined = started.after(AttemptEvent.DECLINED, NOW)
    again = attempt("att_2", at=first, number=2)
    trial.commit(change(again, declined, reads=(first,)))
    trial.commit(change(again.after(AttemptEvent.DECLINED, NOW)))
    trial.commit(change(invoice("inv_2", revision=1), first.voided(), reads=(license(),)))

    ensure_equal(
        [("inv_1", 1, "void"), ("inv_2", 2, "open")],
        [(it.id, it.number, it.status.value) for it in trial.store.invoices(InvoiceFilter(), None, 9).items],
        "the invoices",
    )


@store_check
def check_keys_hold_within_a_change(trial: Trial) -> None:
    """One change can neither bill a period twice nor start two attempts."""
    trial.sell()
    billed_twice = change(invoice(), invoice("inv_2", revision=1), reads=(license(),))
    trial.ensure_refused(billed_twice, Guard(INVOICE, "inv_2", 0), because="it bills a period twice")

    other = invoice("inv_2", index=1)
    charged_twice = change(invoice(), other, attempt(), attempt("att_2", at=other), reads=(license(),))
    trial.ensure_refused(charged_twice, Guard(ATTEMPT, "att_2", 0), because="it starts two attempts")


@store_check
def check_keys_are_compared_as_a_whole(trial: Trial) -> None:
    """The same period of another term, and the same number of another license, is something else."""
    trial.sell()
    other = license("lic_2")
    trial.commit(change(other, reads=(payer(),)))
    theirs = invoice("inv_2", of=other)
    trial.charge()
    trial.commit(change(theirs, attempt("att_2", at=theirs), reads=(other,)))
    trial.commit(change(invoice("inv_3", index=1), reads=(license(),)))
    trial.commit(
        change(invoice("inv_4", key=attrs.evolve(invoice().key, term=2)), reads=(license(),)),
    )

    ensure_equal(4, len(trial.store.invoices(InvoiceFilter(), None, 9).items), "the number of invoices")


@store_check
def check_attempt_numbers_are_unique(trial: Trial) -> None:
    """An invoice has one attempt of each number, also after that was resolved."""
    trial.sell()
    first, started = trial.charge()
    trial.commit(change(started.after(AttemptEvent.DECLINED, NOW)))

    again = change(attempt("att_2", at=first, number=1), reads=(first,))
    trial.ensure_refused(again, Guard(ATTEMPT, "att_2", 0), because="the invoice has an attempt 1")


@store_check
def check_idempotency_keys_are_unique(trial: Trial) -> None:
    """Two attempts never share a key, not even of different licenses, not even one after the other."""
    trial.sell()
    _, started = trial.charge()
    trial.commit(change(started.after(AttemptEvent.DECLINED, NOW)))
    other = license("lic_2")
    theirs = invoice("inv_2", of=other)
    trial.commit(change(other, theirs, reads=(payer(),)))

    twin = change(attempt("att_2", at=theirs, request=started.request), reads=(theirs,))
    trial.ensure_refused(twin, Guard(ATTEMPT, "att_2", 0), because="the idempotency key was used before")


@store_check
def check_one_unresolved_attempt_per_license(trial: Trial) -> None:
    """No second charge starts while one is unresolved, for no invoice, and whatever its doubt is."""
    trial.sell()
    first, started = trial.charge()
    coming = invoice("inv_2", index=1)
    trial.commit(change(coming, reads=(license(),)))
    guard = Guard(ATTEMPT, "att_2", 0)

    for second in (attempt("att_2", at=first, number=2), attempt("att_2", at=coming)):
        trial.ensure_refused(change(second, reads=(first, coming)), guard, because="an attempt is open")
    unknown = attrs.evolve(started.resent(NOW).after(AttemptEvent.UNKNOWN, NOW), version=2)
    trial.commit(change(unknown))
    trial.ensure_refused(
        change(attempt("att_2", at=coming), reads=(coming,)), guard, because="an attempt is unknown"
    )


@store_check
def check_resolved_attempts_make_room(trial: Trial) -> None:
    """Once an attempt is final, the next may start."""
    trial.sell()
    billed, started = trial.charge()
    for number, happened in enumerate(
        (AttemptEvent.DECLINED, AttemptEvent.NEVER_HAPPENED, AttemptEvent.SUCCEEDED), start=2
    ):
        trial.commit(change(started.after(happened, NOW)))
        started = attempt(f"att_{number}", at=billed, number=number)
        trial.commit(change(started, reads=(billed,)))


@store_check
def check_void_invoices_stay_void(trial: Trial) -> None:
    """Nothing overwrites a void invoice."""
    trial.sell()
    trial.commit(change(invoice(), reads=(license(),)))
    trial.commit(change(invoice().voided()))

    revived = change(attrs.evolve(invoice(), version=3))
    trial.ensure_refused(revived, Guard(INVOICE, "inv_1", 0), because="the invoice is void")


@store_check
def check_resolved_attempts_stay_resolved(trial: Trial) -> None:
    """A final attempt may still learn of an orphan, but never becomes unresolved again."""
    trial.sell()
    _, started = trial.charge()
    declined = started.after(AttemptEvent.DECLINED, NOW)
    trial.commit(change(declined))
    trial.commit(change(declined.orphaned(ChargeResult.succeeded(started.request.amount))))

    reopened = change(attrs.evolve(started, version=4))
    trial.ensure_refused(reopened, Guard(ATTEMPT, "att_1", 0), because="the attempt is declined")


@store_check
def check_events_are_stored_once(trial: Trial) -> None:
    """The same event twice means that the same thing was committed twice."""
    trial.sell()
    trial.commit(Change(events=(event(),)))
    again = change(bumped(license()), events=(event("evt_2"), event()))
    guard = Guard(RecordKind.LICENSE, "lic_1", 0)
    trial.ensure_refused(again, guard, because="one of its events is stored already")

    told = event("evt_3", license_id=None)
    twice = Change(events=(told, told))
    guard = Guard(RecordKind.ACCOUNT, "acc_1", 0)
    trial.ensure_refused(twice, guard, because="it tells of the same thing twice")
