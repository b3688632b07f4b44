"""From two dossiers to one guarded change."""

from __future__ import annotations

import pytest

from billing_core.charging.apply import Draft
from billing_core.errors import InvariantViolated
from billing_core.events import ActorRef
from billing_core.service.changes import Occasion, account_change, license_change
from billing_core.stores.port import RecordKind
from tests.unit.service.stage import Stage, at

OCCASION = Occasion(
    namespace="test",
    at=at("2025-01-31T09:00+01:00"),
    actor=ActorRef(kind="system", id="jobs", role="system"),
)


def test_every_change_has_an_event_and_every_event_a_change() -> None:
    """Neither is committed without the other, so that the events tell the whole history."""
    stage = Stage()
    dossier = stage.billing.dossier(stage.subscribe().id)
    with pytest.raises(InvariantViolated, match="every change has an event"):
        account_change(OCCASION, dossier.account, dossier.account.touched(), ())
    with pytest.raises(InvariantViolated, match="every event a change"):
        license_change(OCCASION, dossier, dossier, (Draft(type="license.nothing"),), wake_at=None)


def test_many_steps_in_memory_are_one_version() -> None:
    """A commit raises each version by one, however often the record was changed before it."""
    account = Stage().open()
    change, after = account_change(
        OCCASION, account, account.touched().touched().touched(), (Draft(type="account.touched"),)
    )
    assert account.version + 1 == after.version == change.accounts[0].version


def test_every_record_that_was_read_is_guarded() -> None:
    """Written or not: account, license, invoices and attempts."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    dossier = stage.billing.dossier(license.id)
    change, after = license_change(OCCASION, dossier, dossier, (), wake_at=None)
    assert dossier == after
    assert ((), ()) == (change.writes, change.events)
    assert set(RecordKind) - {RecordKind.REFUND} == {guard.kind for guard in change.guards}


def test_ids_of_events_follow_from_what_changed() -> None:
    """Two workers that decide the same make the same event, so that it can be stored only once."""
    account = Stage().open()
    first, second = (
        account_change(OCCASION, account, account.touched(), (Draft(type="account.touched"),))[0]
        for _ in range(2)
    )
    assert [event.id for event in first.events] == [event.id for event in second.events]
    (event,) = account_change(OCCASION, account, account.touched(), (Draft(type="account.other"),))[0].events
    assert event.id != first.events[0].id
