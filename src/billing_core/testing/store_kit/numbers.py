"""Invoice numbers and events: given inside the commit, in order, without gaps."""

from __future__ import annotations

import attrs

from billing_core.events import Event
from billing_core.stores.port import Change, Guard, RecordKind
from billing_core.testing.kit_report import ensure, ensure_equal
from billing_core.testing.store_kit.records import NOW, change, event, invoice, license
from billing_core.testing.store_kit.trial import Trial, store_check

__all__ = [
    "check_events_are_numbered_in_commit_order",
    "check_events_are_read_from_where_one_stopped",
    "check_invoice_numbers_have_no_gaps",
    "check_invoices_keep_their_number",
    "check_one_change_numbers_its_invoices_in_order",
]


@store_check
def check_invoice_numbers_have_no_gaps(trial: Trial) -> None:
    """Per seller and series, from 1, whatever is refused in between."""
    trial.sell()
    given: dict[tuple[str, str], list[int | None]] = {}
    for index, (seller, series) in enumerate([("a", "X"), ("a", "Y"), ("b", "X")] * 3):
        lost = invoice(f"lost_{index}", index=index, seller_id=seller, series=series)
        kept = invoice(f"inv_{index}", index=index, seller_id=seller, series=series)
        stale = Change(
            guards=(Guard(RecordKind.LICENSE, "lic_1", 9), Guard(RecordKind.INVOICE, lost.id, 0)),
            invoices=(lost,),
        )
        taken = change(lost, reads=(license(),))
        results = trial.store.commit([stale, change(kept, reads=(license(),)), taken])
        ensure_equal([False, True, False], [it.ok for it in results], "which invoices were issued")
        found = trial.store.invoice(kept.id)
        given.setdefault((seller, series), []).append(found.number if found else None)

    ensure_equal(
        {("a", "X"): [1, 2, 3], ("a", "Y"): [1, 2, 3], ("b", "X"): [1, 2, 3]}, given, "invoice numbers"
    )


@store_check
def check_one_change_numbers_its_invoices_in_order(trial: Trial) -> None:
    """A catch-up that bills three periods numbers them as they come, and hands the numbers back."""
    trial.sell()
    three = [invoice(f"inv_{letter}", index=index) for index, letter in enumerate("zyx")]
    (result,) = trial.commit(change(*three, reads=(license(),)))

    ensure_equal([1, 2, 3], [it.number for it in result.invoices], "the numbers handed back")
    ensure_equal(
        [1, 2, 3],
        [getattr(trial.store.invoice(it.id), "number", None) for it in three],
        "the numbers stored",
    )


@store_check
def check_invoices_keep_their_number(trial: Trial) -> None:
    """Also if whoever pays it has never seen the number; and no other number replaces it."""
    trial.sell()
    (issued,) = trial.commit(change(invoice(), reads=(license(),)))
    (paid,) = trial.commit(change(invoice().paid(NOW)))
    ensure_equal([1, 1], [issued.invoices[0].number, paid.invoices[0].number], "the number before and after")

    renumbered = attrs.evolve(paid.invoices[0], version=3, number=7)
    trial.ensure_refused(
        change(renumbered), Guard(RecordKind.INVOICE, "inv_1", 0), because="the invoice has a number"
    )
    trial.commit(change(attrs.evolve(renumbered, number=1, notes=("reprinted",))))


@store_check
def check_events_are_numbered_in_commit_order(trial: Trial) -> None:
    """Whatever is refused in between, each event has the next number, once; the result says which."""
    trial.sell()
    handed: list[Event] = []
    for round_ in range(5):
        good = Change(events=(event(f"z{round_}"), event(f"a{round_}")))
        bad = Change(guards=(Guard(RecordKind.LICENSE, "lic_1", 99),), events=(event(f"bad_{round_}"),))
        handed += trial.store.commit([bad, good, bad])[1].events

    stored = trial.store.events(0, 100)
    ensure_equal(list(range(1, 11)), [it.sequence for it in stored], "the sequence of events")
    ensure_equal(
        [f"{letter}{n}" for n in range(5) for letter in "za"], [it.id for it in stored], "the order of events"
    )
    ensure_equal(tuple(handed), stored, "the events that commits handed back, and those stored")


@store_check
def check_events_are_read_from_where_one_stopped(trial: Trial) -> None:
    """A consumer goes on after the last number that it has seen, and gets no more than it asks for."""
    trial.sell()
    trial.commit(Change(events=tuple(event(f"evt_{number}") for number in range(1, 6))))

    ensure_equal(["evt_3", "evt_4"], [it.id for it in trial.store.events(2, 2)], "two events after number 2")
    ensure_equal(["evt_1"], [it.id for it in trial.store.events(-3, 1)], "one event after number -3")
    ensure(not trial.store.events(5, 10), "there are events after the last one")
