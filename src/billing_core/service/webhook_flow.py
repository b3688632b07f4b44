"""A processor's notice only wakes licenses: state comes from looking, never from its body."""

from __future__ import annotations

from datetime import datetime

from billing_core.accounts.permissions import Role
from billing_core.charging.apply import Draft
from billing_core.events import ActorRef, EventType
from billing_core.gateways.results import WebhookNotice
from billing_core.service.changes import Occasion, license_change
from billing_core.service.commands import load_dossier
from billing_core.service.context import Context
from billing_core.service.requests import Commit, Flow, GetNow, ListAttempts
from billing_core.stores.port import AttemptFilter, CommitResult

__all__ = ["wake_by_notice"]

_TRIES_MAX = 20


def wake_by_notice(context: Context, notice: WebhookNotice) -> Flow[tuple[str, ...]]:
    """
    Wake the licenses that a notice is about, and let their attempts be looked up at once.

    Returns:
        The ids of the licenses that were woken: none for a notice that is
        unknown, repeated, or about something settled. All of these are normal.
    """
    woken: list[str] = []
    for reference in notice.references:
        page = yield ListAttempts(AttemptFilter(reference=reference, is_unresolved=True))
        for attempt in page.items:
            if (yield from _wake(context, attempt.license_id, attempt.id, notice.id)):
                woken.append(attempt.license_id)
    return tuple(woken)


def _wake(context: Context, license_id: str, attempt_id: str, notice_id: str) -> Flow[bool]:
    for _ in range(_TRIES_MAX):
        dossier = yield from load_dossier(license_id, attempt_id)
        attempt = dossier.attempt(attempt_id)
        if attempt is None or not attempt.is_unresolved or attempt.needs_attention:
            return False
        now: datetime = yield GetNow()
        if attempt.look_at is not None and attempt.look_at <= now:
            return True
        actor = ActorRef(kind="system", id="webhook", role=Role.SYSTEM.value)
        occasion = Occasion(namespace=context.namespace, at=now, actor=actor)
        draft = Draft(type=EventType.CHARGE_NOTICED, invoice_id=attempt.invoice_id, data={"notice": notice_id})
        change, _ = license_change(occasion, dossier, dossier.with_attempt(attempt.woken(now)), (draft,), wake_at=now)
        result: CommitResult = yield Commit(change)
        if result.ok:
            return True
    return False
