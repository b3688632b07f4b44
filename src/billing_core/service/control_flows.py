"""Commands on a store as a whole: the stop switch, and the epoch after a restore."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from billing_core.accounts.permissions import Permission, authorize_vendor
from billing_core.charging.apply import Draft
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.invoice import Invoice, InvoiceStatus
from billing_core.charging.refund import Refund
from billing_core.errors import Conflict
from billing_core.events import EventType
from billing_core.service.books import all_pages
from billing_core.service.changes import Occasion, controls_change
from billing_core.service.commands import TRIES_MAX, By
from billing_core.service.context import Context
from billing_core.service.requests import (
    Commit,
    Flow,
    GetNow,
    ListAttempts,
    ListInvoices,
    ListRefunds,
    LoadControls,
)
from billing_core.stores.port import AttemptFilter, CommitResult, InvoiceFilter, RefundFilter
from billing_core.values.ids import check_id

__all__ = ["begin_restore_epoch", "controls", "resume_sending", "stop_sending"]

#: The controls after a command with what tells of it; ``None`` if they are so already.
_Decision: TypeAlias = Callable[[Controls, datetime], "tuple[Controls, Draft] | None"]


def controls() -> Flow[Controls]:
    """See `Billing.controls`."""
    found: Controls = yield LoadControls()
    return found


def stop_sending(context: Context, by: By) -> Flow[Controls]:
    """See `Billing.stop_sending`."""
    reason = by.reason
    assert reason is not None, "the command requires one"

    def decide(before: Controls, now: datetime) -> tuple[Controls, Draft] | None:
        if before.is_stopped:
            return None
        return before.stopped(reason, now), Draft(type=EventType.SENDING_STOPPED)

    return _change_controls(context, Permission.STOP_SENDING, by, decide)


def resume_sending(context: Context, by: By) -> Flow[Controls]:
    """See `Billing.resume_sending`."""

    def decide(before: Controls, now: datetime) -> tuple[Controls, Draft] | None:
        if before.stopped_at is None:
            return None
        data = {"stopped_at": before.stopped_at.isoformat()}
        return before.resumed(), Draft(type=EventType.SENDING_RESUMED, data=data)

    return _change_controls(context, Permission.STOP_SENDING, by, decide)


def begin_restore_epoch(context: Context, restore_id: str, by: By) -> Flow[Controls]:
    """See `Billing.begin_restore_epoch`."""
    check_id(restore_id, "restore_id")

    def decide(before: Controls, now: datetime) -> tuple[Controls, Draft] | None:
        if before.restore_id == restore_id:
            return None
        data = {"restore_id": restore_id, "epoch": before.epoch + 1}
        return before.in_next_epoch(restore_id, now), Draft(type=EventType.EPOCH_BEGUN, data=data)

    authorize_vendor(by.actor, Permission.BEGIN_EPOCH)
    in_doubt = yield from _licenses_in_doubt()
    return (yield from _change_controls(context, Permission.BEGIN_EPOCH, by, decide, in_doubt))


def _licenses_in_doubt() -> Flow[tuple[str, ...]]:
    """Those whose next look was planned without knowing of a restore: they have something unpaid."""
    attempts: tuple[ChargeAttempt, ...] = yield from all_pages(
        lambda after: ListAttempts(AttemptFilter(is_unresolved=True), after)
    )
    invoices: tuple[Invoice, ...] = yield from all_pages(
        lambda after: ListInvoices(InvoiceFilter(status=InvoiceStatus.OPEN), after)
    )
    refunds: tuple[Refund, ...] = yield from all_pages(
        lambda after: ListRefunds(RefundFilter(is_unresolved=True), after)
    )
    concerned = {it.license_id for it in attempts} | {it.license_id for it in invoices}
    return tuple(sorted(concerned | {it.license_id for it in refunds}))


def _change_controls(
    context: Context, permission: Permission, by: By, decide: _Decision, wake: tuple[str, ...] = ()
) -> Flow[Controls]:
    role = authorize_vendor(by.actor, permission)
    for _ in range(TRIES_MAX):
        before: Controls = yield LoadControls()
        now: datetime = yield GetNow()
        decided = decide(before, now)
        if decided is None:
            return before
        after, draft = decided
        occasion = Occasion(namespace=context.namespace, at=now, actor=by.actor.ref(role), reason=by.reason)
        result: CommitResult = yield Commit(controls_change(occasion, before, after, draft, wake))
        if result.ok:
            return after
    raise Conflict("controls", before.id)
