"""What only one record may hold, in every store and whatever the caller does."""

from __future__ import annotations

import attrs
import pytest

from billing_core.charging.attempt import AttemptEvent
from billing_core.gateways.results import ChargeResult
from billing_core.stores.port import Change, Guard, InvoiceFilter, RecordKind, Store
from tests.builders import NOW, attempt, change, event, invoice, license
from tests.contrib.store_helpers import bumped, charged, commit, conflict, store_account

ACCOUNT, LICENSE, INVOICE, ATTEMPT, REFUND, _ = RecordKind


def test_a_period_has_one_live_invoice(billed: Store) -> None:
    """A second invoice for the period of an open or paid one is refused, whatever its revision."""
    first = invoice()
    commit(billed, change(first, reads=(license(),)))
    second = change(invoice("inv_2", revision=1), reads=(license(),))
    assert (Guard(INVOICE, "inv_2", 0), None) == conflict(billed, second)

    commit(billed, change(first.paid(NOW)))
    assert (Guard(INVOICE, "inv_2", 0), None) == conflict(billed, second)


def test_a_void_invoice_makes_room_for_the_next_revision(billed: Store) -> None:
    """After a void the period can be billed again, under a new revision only."""
    commit(billed, change(invoice(), reads=(license(),)))
    commit(billed, change(invoice().voided()))

    assert (Guard(INVOICE, "inv_2", 0), None) == conflict(
        billed, change(invoice("inv_2"), reads=(license(),))
    )
    commit(billed, change(invoice("inv_2", revision=1), reads=(license(),)))


def test_one_change_may_replace_an_invoice(billed: Store) -> None:
    """Voiding and billing again in one go is one decision."""
    commit(billed, change(invoice(), reads=(license(),)))
    commit(billed, change(invoice("inv_2", revision=1), invoice().voided(), reads=(license(),)))

    assert [(1, "void"), (2, "open")] == [
        (it.number, it.status.value) for it in billed.invoices(InvoiceFilter(), None, 9).items
    ]


def test_one_change_can_not_bill_a_period_twice(billed: Store) -> None:
    """The key holds within a change as well."""
    twice = change(invoice(), invoice("inv_2", revision=1), reads=(license(),))

    assert (Guard(INVOICE, "inv_2", 0), None) == conflict(billed, twice)


def test_a_period_of_another_term_or_license_is_another_period(billed: Store) -> None:
    """Keys are compared as a whole."""
    other = license("lic_2")
    key = invoice().key
    commit(billed, change(other, reads=(store_account(),)))
    commit(billed, change(invoice(), reads=(license(),)))
    commit(billed, change(invoice("inv_2", of=other), reads=(other,)))
    commit(billed, change(invoice("inv_3", index=1), reads=(license(),)))
    commit(billed, change(invoice("inv_4", key=attrs.evolve(key, term=2)), reads=(license(),)))

    assert 4 == len(billed.invoices(InvoiceFilter(), None, 9).items)


def test_a_license_has_one_unresolved_attempt(billed: Store) -> None:
    """No second charge starts while one is unresolved, not even for another invoice."""
    first, _ = charged(billed)
    next_ = invoice("inv_2", index=1)
    commit(billed, change(next_, reads=(license(),)))

    for second in (attempt("att_2", at=first, number=2), attempt("att_2", at=next_)):
        refused = change(second, reads=(first, next_))
        assert (Guard(ATTEMPT, "att_2", 0), None) == conflict(billed, refused)


@pytest.mark.parametrize(
    "happened", [AttemptEvent.SUCCEEDED, AttemptEvent.DECLINED, AttemptEvent.NEVER_HAPPENED]
)
def test_a_resolved_attempt_makes_room_for_the_next(billed: Store, happened: AttemptEvent) -> None:
    """Once an attempt is final, another may start."""
    first, started = charged(billed)
    commit(billed, change(started.after(happened, NOW)))
    commit(billed, change(attempt("att_2", at=first, number=2), reads=(first,)))


def test_an_attempt_that_stays_unresolved_keeps_its_place(billed: Store) -> None:
    """Resends, look-ups and doubt don't open the license to another attempt."""
    first, started = charged(billed)
    unknown = started.resent(NOW).after(AttemptEvent.UNKNOWN, NOW)
    commit(billed, change(attrs.evolve(unknown, version=2)))

    second = change(attempt("att_2", at=first, number=2), reads=(first,))
    assert (Guard(ATTEMPT, "att_2", 0), None) == conflict(billed, second)


def test_one_change_may_replace_an_attempt(billed: Store) -> None:
    """Settling one attempt and starting the next in one go is one decision."""
    first, started = charged(billed)
    declined = started.after(AttemptEvent.DECLINED, NOW)
    commit(billed, change(attempt("att_2", at=first, number=2), declined, reads=(first,)))


def test_one_change_can_not_start_two_attempts(billed: Store) -> None:
    """The key holds within a change as well."""
    twice = change(
        invoice(), invoice("inv_2", index=1), attempt(), attempt("att_2", at=invoice("inv_2", index=1)),
        reads=(license(),),
    )  # fmt: skip

    assert (Guard(ATTEMPT, "att_2", 0), None) == conflict(billed, twice)


def test_an_idempotency_key_is_used_once(billed: Store) -> None:
    """Two attempts never share a key, not even of different licenses."""
    _, started = charged(billed)
    other = license("lic_2")
    their_invoice = invoice("inv_2", of=other)
    twin = attempt("att_2", at=their_invoice, request=started.request)
    commit(billed, change(other, their_invoice, reads=(store_account(),)))

    assert (Guard(ATTEMPT, "att_2", 0), None) == conflict(billed, change(twin, reads=(their_invoice,)))


def test_an_invoice_has_one_attempt_of_each_number(billed: Store) -> None:
    """The number of an attempt is never given twice, not even after it was resolved."""
    first, started = charged(billed)
    commit(billed, change(started.after(AttemptEvent.DECLINED, NOW)))

    again = change(attempt("att_2", at=first, number=1), reads=(first,))
    assert (Guard(ATTEMPT, "att_2", 0), None) == conflict(billed, again)


def test_a_void_invoice_stays_void(billed: Store) -> None:
    """Nothing overwrites a void invoice."""
    voided = invoice().voided()
    commit(billed, change(invoice(), reads=(license(),)))
    commit(billed, change(voided))

    revived = attrs.evolve(invoice(), version=3)
    assert (Guard(INVOICE, "inv_1", 0), None) == conflict(billed, change(revived))


def test_a_resolved_attempt_stays_resolved(billed: Store) -> None:
    """A final attempt may still learn of an orphan, but never becomes unresolved again."""
    _, started = charged(billed)
    declined = started.after(AttemptEvent.DECLINED, NOW)
    commit(billed, change(declined))
    commit(billed, change(declined.orphaned(ChargeResult.succeeded(started.request.amount))))

    reopened = attrs.evolve(started, version=4)
    assert (Guard(ATTEMPT, "att_1", 0), None) == conflict(billed, change(reopened))


def test_an_event_is_stored_once(billed: Store) -> None:
    """The same event twice means that the same thing was committed twice."""
    commit(billed, Change(events=(event(),)))
    again = change(bumped(license()), events=(event("evt_2"), event()))
    assert (Guard(LICENSE, "lic_1", 0), None) == conflict(billed, again)

    about_account = event("evt_3", license_id=None)
    twice = Change(events=(about_account, about_account))
    assert (Guard(ACCOUNT, "acc_1", 0), None) == conflict(billed, twice)
