"""
The flow that looks after one license: decide, commit, call, settle, until there is nothing to do.

Two commits make a renewal: the intent - invoice, attempt, frozen request, key -
before the gateway is called, and the outcome - payment, coverage, what follows -
after. A commit whose guard fails means that the world has moved: the dossier
is read again and decided again. The gateway is never called again for that.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import Any

import attrs

from billing_core.accounts.permissions import Role
from billing_core.charging.apply import Applied, Draft, apply_step
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.resolve import resolution_time
from billing_core.charging.settle import settle, settle_prepared
from billing_core.charging.steps import (
    ChargeInvoice,
    ResolveAction,
    ResolveCharge,
    Step,
    Wait,
)
from billing_core.errors import Conflict, InvariantViolated
from billing_core.events import ActorRef
from billing_core.gateways.results import ChargeNotFound, ChargeResult, Outcome
from billing_core.policy import BillingPolicy
from billing_core.service.changes import Occasion, license_change
from billing_core.service.commands import load_dossier
from billing_core.service.context import Context
from billing_core.service.drivers import SEND_DELAY_MAX
from billing_core.service.making import making_for
from billing_core.service.requests import (
    CallOff,
    Commit,
    Confirm,
    Flow,
    Get,
    GetNow,
    LookUp,
    MaySend,
    Prepare,
    Prepared,
    Request,
    Send,
    Sent,
)
from billing_core.service.seek_flow import look_for, taken_over
from billing_core.stores.port import Change, CommitResult
from billing_core.values.texts import Id, Word
from billing_core.values.typed import Typed

__all__ = ["LicenseRun", "look_after"]

#: Decisions that go into one commit; a license that has more to catch up with gets another one.
_STEPS_MAX = 200
#: Decisions in one go; more means that two rules undo each other.
_STEPS_IN_ALL_MAX = 20_000
#: Lost races in a row before the work is left to the next run.
_CONFLICTS_MAX = 20

_SYSTEM = ActorRef(kind="system", id="billing", role=Role.SYSTEM.value)


@attrs.frozen(kw_only=True)
class LicenseRun(Typed):
    """
    What was done for one license in one go.

    Attributes:
        paused: why nothing was sent although something is due:
            ``sending_stopped`` or ``gateway_paused``. It stays due.
    """

    license_id: Id
    steps: tuple[Step, ...] = ()
    errors: tuple[Exception, ...] = ()
    paused: Word | None = None

    @property
    def wait(self) -> Wait | None:
        """Until when nothing is left to do."""
        last = self.steps[-1] if self.steps else None
        return last if isinstance(last, Wait) else None


@attrs.frozen
class _Answer:
    """What a gateway said about an attempt, and when it was asked."""

    attempt_id: str
    result: ChargeResult | ChargeNotFound | Prepared
    asked: ResolveAction | None
    asked_at: datetime
    #: The attempt that was found in the place of the one that was sought, if another one was.
    found: ChargeAttempt | None = None

    def settled(self, dossier: Dossier, now: datetime, policy: BillingPolicy) -> Applied:
        """The dossier after it."""
        if self.found is None:
            return self._settled_as(self.attempt_id, dossier, now, policy)
        dossier, drafts = taken_over(dossier, self.attempt_id, self.found)
        if not drafts:
            # Another worker has settled it meanwhile.
            return dossier, ()
        settled, more = self._settled_as(self.found.id, dossier, now, policy)
        return settled, (*drafts, *more)

    def _settled_as(self, attempt_id: str, dossier: Dossier, now: datetime, policy: BillingPolicy) -> Applied:
        if isinstance(self.result, Prepared):
            return settle_prepared(dossier, attempt_id, self.result.gateway_ref, now)
        is_look_up = self.asked in {ResolveAction.LOOK_UP, ResolveAction.CANCEL}
        # "Not yet" proves nothing about the time since.
        is_too_old = is_look_up and now - self.asked_at > SEND_DELAY_MAX and not _is_an_end(self.result)
        return settle(
            dossier,
            attempt_id,
            ChargeResult.unknown("answer_too_old") if is_too_old else self.result,
            now,
            policy,
            is_look_up=is_look_up,
            is_call_off=self.asked is ResolveAction.CANCEL,
        )


@attrs.frozen
class _Plan:
    """
    Where deciding led: some steps done in memory, and one that needs the world.

    ``last`` is ``None`` if there is more to decide after a commit. ``paused``
    says why the next step, which would send something, must wait.
    """

    dossier: Dossier
    drafts: tuple[Draft, ...]
    steps: tuple[Step, ...]
    last: Step | None
    paused: str | None = None

    @property
    def is_end(self) -> bool:
        """Whether there is nothing to do now, or nothing that may be done."""
        return self.paused is not None or isinstance(self.last, Wait)


def look_after(
    context: Context, license_id: str, dossier: Dossier | None = None, actor: ActorRef = _SYSTEM
) -> Flow[LicenseRun]:
    """
    Do everything that is to be done for a license now.

    Args:
        context: the host's choices.
        license_id: which license.
        dossier: as just claimed; loaded if not given.
        actor: who asked; the system for the nightly run.

    Raises:
        NotFound: no such license.
        NotAllowed: inside a transaction of the host's; or the invoice's tax can't be decided.
        Conflict: lost too many races in a row; the next run goes on.
    """
    context.ensure_may_call_gateways()
    steps: list[Step] = []
    errors: list[Exception] = []
    answer: _Answer | None = None
    conflicts = 0
    while True:
        if dossier is None:
            # Somebody else may have settled the attempt meanwhile; its answer still has to be looked at.
            dossier = yield from load_dossier(
                context, license_id, answer.attempt_id if answer is not None else None
            )
        dossier = dossier.with_gateways(context.gateways)
        now: datetime = yield GetNow()
        plan = yield from _decide(context, dossier, answer, now)
        occasion = Occasion(namespace=context.namespace, at=now, actor=actor)
        change, after = _change(occasion, dossier, plan)
        result: CommitResult = yield Commit(change)
        if not result.ok:
            conflicts += 1
            if conflicts > _CONFLICTS_MAX:
                raise Conflict("license", license_id)
            dossier = None
            continue
        steps.extend(plan.steps)
        if plan.is_end:
            ends = (plan.last,) if plan.last is not None else ()
            return LicenseRun(
                license_id=license_id, steps=(*steps, *ends), errors=tuple(errors), paused=plan.paused
            )
        dossier, answer = _numbered(after, result), None
        if plan.last is None:
            _ensure_an_end(license_id, steps)
            continue
        if _only_asks(plan.last):
            steps.append(plan.last)
        answer, error = yield from _ask(context, dossier, plan.last, now)
        if error is not None:
            errors.append(error)


def _decide(
    context: Context, dossier: Dossier, answer: _Answer | None, now: datetime
) -> Generator[Request, Any, _Plan]:
    """Settle what came back, then step in memory until the world is needed or there is nothing to do."""
    current = dossier
    drafts: tuple[Draft, ...] = ()
    if answer is not None:
        current, drafts = answer.settled(dossier, now, context.policy)
    done: list[Step] = []
    for _ in range(_STEPS_MAX):
        step = next_step(current, now, context.policy)
        if isinstance(step, Wait) or _only_asks(step):
            return _Plan(current, drafts, tuple(done), step)
        paused = yield from _pause_before(current, step, now)
        if paused is not None:
            return _Plan(current, drafts, tuple(done), None, paused)
        making = yield from making_for(context, current, step, now)
        current, more = apply_step(step, current, now, making)
        drafts = (*drafts, *more)
        done.append(step)
        if _sends(step):
            return _Plan(current, drafts, tuple(done), step)
    return _Plan(current, drafts, tuple(done), None)


def _change(occasion: Occasion, dossier: Dossier, plan: _Plan) -> tuple[Change, Dossier]:
    wake_at = _wake_at(plan, occasion.at)
    change, after = license_change(occasion, dossier, plan.dossier, plan.drafts, wake_at=wake_at)
    # What is paused stays due, and leased: this run does not come back to it.
    return (change if plan.paused is None else attrs.evolve(change, wakes=())), after


def _pause_before(dossier: Dossier, step: Step, now: datetime) -> Flow[str | None]:
    """Why a step that sends a charge must not be taken now, before its intent is committed."""
    if isinstance(step, ChargeInvoice):
        gateway_id = dossier.account.card(step.card_id).gateway_id
    elif isinstance(step, ResolveCharge) and step.action in {ResolveAction.RESEND, ResolveAction.CONFIRM}:
        attempt = dossier.attempt(step.attempt_id)
        assert attempt is not None
        gateway_id = attempt.gateway_id
    else:
        return None
    if dossier.controls.is_stopped:
        return "sending_stopped"
    may_send: bool = yield MaySend(gateway_id, now)
    return None if may_send else "gateway_paused"


def _ensure_an_end(license_id: str, steps: list[Step]) -> None:
    if len(steps) > _STEPS_IN_ALL_MAX:
        raise InvariantViolated(f"license {license_id}: no end of steps, the last one is {steps[-1].because}")


def _is_an_end(result: ChargeResult | ChargeNotFound) -> bool:
    return isinstance(result, ChargeResult) and result.outcome in {Outcome.SUCCEEDED, Outcome.DECLINED}


def _only_asks(step: Step) -> bool:
    return isinstance(step, ResolveCharge) and step.action is ResolveAction.LOOK_UP


def _sends(step: Step) -> bool:
    """Whether the step is put on record, and then the gateway is told something."""
    return isinstance(step, ChargeInvoice) or (
        isinstance(step, ResolveCharge)
        and step.action in {ResolveAction.RESEND, ResolveAction.CONFIRM, ResolveAction.CANCEL}
    )


def _wake_at(plan: _Plan, now: datetime) -> datetime | None:
    """While a call is under way, the license is due again when it must be over: a crash forgets nothing."""
    if plan.last is None:
        return now
    if isinstance(plan.last, Wait):
        return plan.last.until
    attempt = plan.dossier.unresolved_attempt
    assert attempt is not None, "whoever calls a gateway has an unresolved attempt"
    return resolution_time(plan.dossier, attempt)


def _ask(
    context: Context, dossier: Dossier, step: Step, now: datetime
) -> Generator[Request, Any, tuple[_Answer, Exception | None]]:
    attempt = dossier.unresolved_attempt
    assert attempt is not None, "whoever calls a gateway has an unresolved attempt"
    action = step.action if isinstance(step, ResolveCharge) else None
    if attempt.sends == 0:
        return (yield from _seek(context, dossier, attempt, now))
    sent: Sent | Prepared | ChargeNotFound = yield _question(attempt, action)
    if isinstance(sent, Sent):
        return _Answer(attempt.id, sent.result, action, now), sent.error
    return _Answer(attempt.id, sent, action, now), None


def _seek(
    context: Context, dossier: Dossier, sought: ChargeAttempt, now: datetime
) -> Generator[Request, Any, tuple[_Answer, Exception | None]]:
    look_up = ResolveAction.LOOK_UP
    found = yield from look_for(dossier, sought, context.namespace)
    if isinstance(found.answer, ChargeNotFound):
        return _Answer(sought.id, found.answer, look_up, now), None
    later = found.attempt if found.attempt is not sought else None
    answer = _Answer(sought.id, found.answer.result, look_up, now, found=later)
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


def _numbered(dossier: Dossier, result: CommitResult) -> Dossier:
    for invoice in result.invoices:
        dossier = dossier.with_invoice(invoice)
    return dossier
