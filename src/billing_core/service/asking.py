"""What is asked of a gateway for a step of a license, and what its answer makes of the dossier."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import Any, cast

import attrs

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Applied
from billing_core.charging.refund import Refund
from billing_core.charging.seeking import Namesake
from billing_core.charging.settle import settle, settle_prepared
from billing_core.charging.settle_refund import settle_refund
from billing_core.charging.steps import ResolveAction, ResolveCharge, ResolveRefund, Step
from billing_core.gateways.results import ChargeNotFound, ChargeResult, Outcome, RefundResult
from billing_core.policy import BillingPolicy
from billing_core.service.calls import (
    CallOff,
    Confirm,
    Get,
    LookUp,
    LookUpRefund,
    Prepare,
    Prepared,
    Send,
    SendRefund,
    Sent,
)
from billing_core.service.context import Context
from billing_core.service.requests import Request
from billing_core.service.seek_flow import look_for, taken_over
from billing_core.service.world import SEND_DELAY_MAX

__all__ = ["Answer", "ask"]

_STALE = "answer_too_old"


@attrs.frozen
class Answer:
    """What a gateway said about a charge, or about a refund of it, and when it was asked."""

    attempt_id: str
    result: ChargeResult | RefundResult | ChargeNotFound | Prepared
    asked: ResolveAction | None
    asked_at: datetime
    #: What was found in the place of the attempt that was sought, if another one was.
    found: Namesake | None = None
    refund_id: str | None = None

    def settled(self, dossier: Dossier, now: datetime, policy: BillingPolicy) -> Applied:
        """The dossier after it."""
        if self.refund_id is not None:
            told = cast("RefundResult | ChargeNotFound", self.result)
            back = RefundResult.unknown(_STALE) if self._is_stale(now) else told
            return settle_refund(dossier, self.refund_id, back, now, is_look_up=self._is_look_up)
        if self.found is None:
            return self._settled_as(self.attempt_id, dossier, now, policy)
        dossier, drafts = taken_over(dossier, self.attempt_id, self.found)
        if not drafts:
            # Another worker has settled it meanwhile.
            return dossier, ()
        settled, more = self._settled_as(self.found.attempt.id, dossier, now, policy)
        return settled, (*drafts, *more)

    def _settled_as(self, attempt_id: str, dossier: Dossier, now: datetime, policy: BillingPolicy) -> Applied:
        if isinstance(self.result, Prepared):
            return settle_prepared(dossier, attempt_id, self.result.gateway_ref, now)
        told = cast("ChargeResult | ChargeNotFound", self.result)
        return settle(
            dossier,
            attempt_id,
            ChargeResult.unknown(_STALE) if self._is_stale(now) else told,
            now,
            policy,
            is_look_up=self._is_look_up,
            is_call_off=self.asked is ResolveAction.CANCEL,
        )

    @property
    def _is_look_up(self) -> bool:
        return self.asked in {ResolveAction.LOOK_UP, ResolveAction.CANCEL}

    def _is_stale(self, now: datetime) -> bool:
        # "Not yet" proves nothing about the time since.
        return self._is_look_up and now - self.asked_at > SEND_DELAY_MAX and not _is_an_end(self.result)


def ask(
    context: Context, dossier: Dossier, step: Step, now: datetime
) -> Generator[Request, Any, tuple[Answer, Exception | None]]:
    """Do what a step asks of a gateway; its answer, and what the host must hear of besides."""
    if isinstance(step, ResolveRefund):
        return (yield from _ask_about_refund(dossier, step, now))
    attempt = dossier.unresolved_attempt
    assert attempt is not None, "whoever charges has an unresolved attempt"
    action = step.action if isinstance(step, ResolveCharge) else None
    if attempt.is_only_sought:
        return (yield from _seek(context, dossier, attempt, now))
    sent: Sent[ChargeResult] | Prepared | ChargeNotFound = yield _question(attempt, action)
    if isinstance(sent, Sent):
        return Answer(attempt.id, sent.result, action, now), sent.error
    return Answer(attempt.id, sent, action, now), None


def _ask_about_refund(
    dossier: Dossier, step: ResolveRefund, now: datetime
) -> Generator[Request, Any, tuple[Answer, Exception | None]]:
    refund = dossier.refund(step.refund_id)
    assert refund is not None, "a step about a refund is about one of the dossier"
    sent: Sent[RefundResult] | ChargeNotFound = yield _question_of_refund(refund, step)
    result = sent.result if isinstance(sent, Sent) else sent
    answer = Answer(refund.attempt_id, result, step.action, now, refund_id=refund.id)
    return answer, sent.error if isinstance(sent, Sent) else None


def _question_of_refund(refund: Refund, step: ResolveRefund) -> Request:
    if step.action is ResolveAction.LOOK_UP:
        return LookUpRefund(refund.gateway_id, refund.request)
    assert refund.last_sent_at is not None, "a send is put on record before it is made"
    return SendRefund(refund.gateway_id, refund.request, refund.last_sent_at)


def _seek(
    context: Context, dossier: Dossier, sought: ChargeAttempt, now: datetime
) -> Generator[Request, Any, tuple[Answer, Exception | None]]:
    look_up = ResolveAction.LOOK_UP
    found = yield from look_for(dossier, sought, context.namespace)
    if isinstance(found.answer, ChargeNotFound):
        return Answer(sought.id, found.answer, look_up, now), None
    answer = Answer(sought.id, found.answer.result, look_up, now, found=found.namesake)
    return answer, found.answer.error


def _question(attempt: ChargeAttempt, action: ResolveAction | None) -> Request:
    gateway_id, ref = attempt.gateway_id, attempt.gateway_ref
    if action in {None, ResolveAction.RESEND}:
        send = Prepare if attempt.is_fenced else Send
        return send(gateway_id, attempt.request, attempt.last_sent_at)
    if action is ResolveAction.CONFIRM:
        assert ref is not None, "only what was prepared is confirmed"
        return Confirm(gateway_id, attempt.request, attempt.last_sent_at, ref)
    if action is ResolveAction.CANCEL:
        return CallOff(gateway_id, attempt.known_request)
    if ref is not None:
        return Get(gateway_id, attempt.known_request, ref)
    return LookUp(gateway_id, attempt.request)


def _is_an_end(result: object) -> bool:
    if not isinstance(result, (ChargeResult, RefundResult)):
        return False
    return result.outcome in {Outcome.SUCCEEDED, Outcome.DECLINED}
