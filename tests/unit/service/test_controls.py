"""Commands on a store as a whole: by the vendor's automation only, repeatable, and on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from billing_core import (
    Actor,
    AsyncBilling,
    Billing,
    BillingPolicy,
    Conflict,
    InvalidInput,
    MemoryStore,
    PermissionDenied,
    check_invariants,
)
from billing_core.stores.port import CommitResult, Guard, RecordKind
from billing_core.testing import ManualClock, ScriptedGateway

OPS = Actor.system("ops")
NOW = "2025-01-31T09:00+00:00"


def _store() -> MemoryStore:
    return MemoryStore(ManualClock(NOW))


def _billing(store: MemoryStore) -> Billing:
    return Billing(store, {"main": ScriptedGateway()}, BillingPolicy(), namespace="controls")


def test_each_command_is_one_event_and_repeating_it_none() -> None:
    """The record's versions follow from the events, as those of every record."""
    billing = _billing(_store())
    for _ in range(2):
        assert billing.stop_sending(actor=OPS, reason="the processor is down").is_stopped
        assert 2 == billing.begin_restore_epoch("backup-1", actor=OPS, reason="a disk broke").epoch
    for _ in range(2):
        assert not billing.resume_sending(actor=OPS).is_stopped
    assert 3 == billing.begin_restore_epoch("backup-2", actor=OPS).epoch
    assert [
        ("sending.stopped", "the processor is down", None),
        ("restore.epoch_begun", "a disk broke", None),
        ("sending.resumed", None, None),
        ("restore.epoch_begun", None, None),
    ] == [(event.type, event.reason, event.account_id) for event in billing.events()]
    assert () == check_invariants(billing.books())
    assert billing.controls() == billing.books().controls


COMMANDS: dict[str, Callable[[Any, Actor], Any]] = {
    "stop_sending": lambda billing, actor: billing.stop_sending(actor=actor, reason="why"),
    "resume_sending": lambda billing, actor: billing.resume_sending(actor=actor),
    "begin_restore_epoch": lambda billing, actor: billing.begin_restore_epoch("backup-1", actor=actor),
}


@pytest.mark.parametrize("actor", [Actor.member("ada"), Actor.support("kim")], ids=lambda actor: actor.kind)
@pytest.mark.parametrize("command", COMMANDS)
def test_nobody_else_may(command: str, actor: Actor) -> None:
    """Neither a member of some account nor support; and nothing is left behind."""
    billing = _billing(_store())
    with pytest.raises(PermissionDenied) as caught:
        COMMANDS[command](billing, actor)
    assert "*" == caught.value.account_id
    assert () == billing.events()


@pytest.mark.parametrize("command", COMMANDS)
def test_asyncio_does_the_same(command: str) -> None:
    """One flow, two drivers."""
    plain, awaited = _store(), _store()
    COMMANDS[command](_billing(plain), OPS)
    billing = AsyncBilling(awaited, {"main": ScriptedGateway()}, BillingPolicy(), namespace="controls")
    asyncio.run(COMMANDS[command](billing, OPS))
    assert plain.events(0, 10) == awaited.events(0, 10)
    assert plain.controls() == asyncio.run(billing.controls())


def test_a_stop_needs_a_reason() -> None:
    """Somebody will wonder why nothing is charged."""
    with pytest.raises(InvalidInput, match="reason"):
        _billing(_store()).stop_sending(actor=OPS, reason=None)  # type: ignore[arg-type]


def test_a_lost_race_is_decided_again() -> None:
    """Somebody else stopped sending at the same time: there is nothing left to do; and no endless tries."""

    class Racing(MemoryStore):
        def commit(self, changes: Any, /) -> tuple[CommitResult, ...]:
            if self.others:
                self.others -= 1
                return (CommitResult(conflict=Guard(RecordKind.CONTROLS, "controls", 0)),)
            return super().commit(changes)

        others = 2

    store = Racing(ManualClock(NOW))
    billing = _billing(store)
    assert billing.stop_sending(actor=OPS, reason="the processor is down").is_stopped
    store.others = 1000
    with pytest.raises(Conflict, match="controls"):
        billing.resume_sending(actor=OPS)
