"""Whatever happens in the middle of a commit, the tables hold all of it or nothing."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from billing_core.charging.attempt import AttemptEvent
from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.stores.port import Change, Wake
from tests.builders import NOW, account, attempt, change, invoice, license
from tests.builders import event as told
from tests.contrib.store_helpers import bumped, charged, commit, dump, store_account


def settlement(sql_store: SqlStore) -> Change:
    """A change that touches every table."""
    first, started = charged(sql_store)
    return change(
        bumped(store_account()),
        bumped(license()),
        first.voided(),
        invoice("inv_2", revision=1),
        started.after(AttemptEvent.NEVER_HAPPENED, NOW),
        attempt("att_2", at=invoice("inv_2", revision=1)),
        events=(told(), told("evt_2")),
        wakes=(Wake("lic_1", NOW),),
        wake_accounts=("acc_1",),
    )


class Crash(Exception):
    """Something that no code expects."""


def test_a_crash_between_any_two_statements_leaves_nothing(sql_store: SqlStore) -> None:
    """Whatever is raised wherever, every table is as it was, and the same change then succeeds."""
    wanted = settlement(sql_store)
    before = dump(sql_store.engine)
    fine = change(account("acc_2"), events=(told("evt_0"),))
    crash_at, sent = 0, 0

    def crash(*_: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == crash_at:
            raise Crash

    while True:
        crash_at, sent = crash_at + 1, 0
        event.listen(sql_store.engine, "before_cursor_execute", crash)
        try:
            results = sql_store.commit([fine, wanted])
            break
        except Crash:
            event.remove(sql_store.engine, "before_cursor_execute", crash)
            assert before == dump(sql_store.engine)
    event.remove(sql_store.engine, "before_cursor_execute", crash)

    assert crash_at > 25
    assert [True, True] == [result.ok for result in results]
    assert before != dump(sql_store.engine)


def test_a_commit_that_fails_leaves_nothing(sql_store: SqlStore) -> None:
    """The database may refuse at the very last moment, when everything else is done."""
    wanted = settlement(sql_store)
    before = dump(sql_store.engine)

    def crash(_: Any) -> None:
        raise Crash

    event.listen(sql_store.engine, "commit", crash)
    with pytest.raises(Crash):
        sql_store.commit([wanted])
    event.remove(sql_store.engine, "commit", crash)

    assert before == dump(sql_store.engine)
    commit(sql_store, wanted)


def test_a_refused_change_leaves_no_trace_in_any_table(sql_store: SqlStore) -> None:
    """Also in tables that the port does not show: numbers, keys, leases, counters."""
    wanted = settlement(sql_store)
    before = dump(sql_store.engine)
    late = attrs.evolve(wanted, wakes=(Wake("nobody", NOW),))

    (result,) = sql_store.commit([late])

    assert not result.ok
    assert before == dump(sql_store.engine)


def test_a_bug_is_no_conflict(sql_store: SqlStore) -> None:
    """A broken foreign key is raised, and rolls everything back; only taken keys are conflicts."""
    before = dump(sql_store.engine)
    lost = attempt(account_id="nobody")

    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        sql_store.commit([change(bumped(store_account())), change(invoice(), lost, reads=(license(),))])
    assert before == dump(sql_store.engine)


def test_a_trigger_of_the_host_may_refuse(sql_store: SqlStore) -> None:
    """Whatever else the database objects to is raised as it is, and nothing is written."""
    with sql_store.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_more BEFORE INSERT ON billing_events BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
    before = dump(sql_store.engine)

    with pytest.raises(IntegrityError, match="no more"):
        sql_store.commit([change(bumped(license()), events=(told(),))])
    assert before == dump(sql_store.engine)
