"""A processor's notice only wakes licenses: state comes from looking, never from its body."""

from __future__ import annotations

from datetime import datetime

from billing_core.accounts.permissions import Role
from billing_core.charging.apply import Making, apply_step
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Applied, Draft
from billing_core.charging.next_step import next_step
from billing_core.charging.refund import Refund
from billing_core.charging.settle import settle
from billing_core.charging.settle_refund import settle_refund
from billing_core.charging.steps import StartRefund
from billing_core.events import ActorRef, EventType
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.results import ChargeNotFound, ChargeResult, RefundResult
from billing_core.gateways.webhooks import WebhookNotice
from billing_core.service.calls import LookUp, LookUpRefund, Sent
from billing_core.service.changes import Occasion, license_change
from billing_core.service.commands import TRIES_MAX, load_dossier
from billing_core.service.context import Context
from billing_core.service.requests import Commit, Flow, GetNow, ListAttempts, ListRefunds
from billing_core.stores.port import AttemptFilter, CommitResult, Page, RefundFilter

__all__ = ["WEBHOOK", "commits", "wake_attempt", "wake_by_notice"]

WEBHOOK = ActorRef(kind="system", id="webhook", role=Role.SYSTEM.value)


def wake_by_notice(context: Context, notice: WebhookNotice) -> Flow[tuple[str, ...]]:
    """
    Wake the licenses that a notice is about, and let their attempts be looked up at once.

    A notice about a charge that was given up long ago may tell of money that
    arrived after all. Nobody would ever look there again, so it is looked up
    at once: a late success becomes an orphan, for a person to decide.

    Returns:
        The ids of the licenses that were woken: none for a notice that is
        unknown, repeated, or about something settled. All of these are normal.
    """
    context.ensure_may_call_gateways()
    woken: dict[str, None] = {}
    for reference in notice.references:
        page: Page[ChargeAttempt] = yield ListAttempts(AttemptFilter(reference=reference))
        waiting = [attempt for attempt in page.items if attempt.is_unresolved]
        for attempt in waiting or page.items:
            if attempt.is_unresolved:
                is_news = yield from wake_attempt(context, attempt, notice.id)
            else:
                is_news = yield from _look_again(context, attempt)
            if is_news:
                woken[attempt.license_id] = None
        for refund in (yield from _refunds_about(reference)):
            if (yield from _wake_refund(context, refund, notice)):
                woken[refund.license_id] = None
    return tuple(woken)


def wake_attempt(
    context: Context, noticed: ChargeAttempt, hint: str, actor: ActorRef = WEBHOOK
) -> Flow[bool]:
    """
    Let an unresolved attempt be looked up at once.

    Args:
        context: the host's choices.
        noticed: which attempt.
        hint: for the event: the id of the notice, or what else there may be news by.
        actor: who gave the hint.

    Returns:
        Whether there is something to look at.
    """
    capabilities = context.gateways.get(noticed.gateway_id)
    if capabilities is None or not capabilities.can_look_up:
        # Nobody can be asked, so there is nothing that could be done earlier.
        return False
    for _ in range(TRIES_MAX):
        dossier = yield from load_dossier(context, noticed.license_id, noticed.id)
        attempt = dossier.attempt(noticed.id)
        if attempt is None or not attempt.is_unresolved or attempt.needs_attention:
            return False
        now: datetime = yield GetNow()
        if attempt.look_at is not None and attempt.look_at <= now:
            return True
        occasion = Occasion(namespace=context.namespace, at=now, actor=actor)
        draft = Draft(type=EventType.CHARGE_NOTICED, invoice_id=attempt.invoice_id, data={"notice": hint})
        after = dossier.with_attempt(attempt.woken(now))
        if (yield from commits(occasion, dossier, after, (draft,))):
            return True
    return False


def commits(occasion: Occasion, before: Dossier, after: Dossier, drafts: tuple[Draft, ...]) -> Flow[bool]:
    """Carry a license's change out and wake it; whether it was, or the world has moved."""
    change, _ = license_change(occasion, before, after, drafts, wake_at=occasion.at)
    result: CommitResult = yield Commit(change)
    return result.ok


def _refunds_about(reference: str) -> Flow[tuple[Refund, ...]]:
    """The refund that is meant, or those of the charge that is meant that are not settled."""
    own: Page[Refund] = yield ListRefunds(RefundFilter(reference=reference))
    of_charge: Page[Refund] = yield ListRefunds(RefundFilter(charge_reference=reference, is_unresolved=True))
    return (*own.items, *of_charge.items)


def _wake_refund(context: Context, noticed: Refund, notice: WebhookNotice) -> Flow[bool]:
    if not context.supports(noticed.gateway_id, Operation.FIND_REFUND):
        return False
    answer: RefundResult | None = None
    if not noticed.is_unresolved:
        # It was given up, or refused; what the processor thinks of it now is asked at once.
        found: Sent[RefundResult] | ChargeNotFound = yield LookUpRefund(noticed.gateway_id, noticed.request)
        if isinstance(found, ChargeNotFound):
            return False
        answer = found.result
    for _ in range(TRIES_MAX):
        dossier = yield from load_dossier(context, noticed.license_id, noticed.attempt_id)
        now: datetime = yield GetNow()
        after, drafts = _noticed(dossier, noticed, answer, notice, now)
        if after is dossier:
            refund = dossier.refund(noticed.id)
            return refund is not None and refund.look_at is not None and refund.look_at <= now
        occasion = Occasion(namespace=context.namespace, at=now, actor=WEBHOOK)
        if (yield from commits(occasion, dossier, after, drafts)):
            return True
    return False


def _noticed(
    dossier: Dossier, noticed: Refund, answer: RefundResult | None, notice: WebhookNotice, now: datetime
) -> Applied:
    if answer is not None:
        return settle_refund(dossier, noticed.id, answer, now, is_look_up=True)
    refund = dossier.refund(noticed.id)
    assert refund is not None, "it was loaded with its charge"
    is_due = refund.look_at is not None and refund.look_at <= now
    if is_due or not refund.is_unresolved or refund.needs_attention:
        return dossier, ()
    data = {"refund_id": refund.id, "notice": notice.id}
    draft = Draft(type=EventType.REFUND_NOTICED, invoice_id=refund.invoice_id, data=data)
    return dossier.with_refund(refund.woken(now)), (draft,)


def _look_again(context: Context, noticed: ChargeAttempt) -> Flow[bool]:
    """Look a charge up that was given up; whether it turned out to have succeeded."""
    capabilities = context.gateways.get(noticed.gateway_id)
    is_given_up = noticed.state is not AttemptState.SUCCEEDED and noticed.orphan is None
    if not is_given_up or capabilities is None or not capabilities.can_look_up:
        return False
    found: Sent[ChargeResult] | ChargeNotFound = yield LookUp(noticed.gateway_id, noticed.request)
    if isinstance(found, ChargeNotFound):
        return False
    for _ in range(TRIES_MAX):
        dossier = yield from load_dossier(context, noticed.license_id, noticed.id)
        now: datetime = yield GetNow()
        after, drafts = settle(dossier, noticed.id, found.result, now, context.policy, is_look_up=True)
        if after is dossier:
            return False
        # What was taken for a license that had ended goes back, if the policy says so.
        step = next_step(after, now, context.policy)
        if isinstance(step, StartRefund):
            making = Making(namespace=context.namespace, policy=context.policy)
            after, more = apply_step(step, after, now, making)
            drafts = (*drafts, *more)
        occasion = Occasion(namespace=context.namespace, at=now, actor=WEBHOOK)
        if (yield from commits(occasion, dossier, after, drafts)):
            return True
    return False
