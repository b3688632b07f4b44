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
from billing_core.charging.apply import apply_step
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Draft
from billing_core.charging.next_step import next_step
from billing_core.charging.resolve import resolution_time
from billing_core.charging.resolve_refund import refund_resolution, refund_times
from billing_core.charging.steps import (
    Because,
    ChargeInvoice,
    ResolveAction,
    ResolveCharge,
    ResolveRefund,
    Step,
    Wait,
)
from billing_core.errors import Conflict, InvariantViolated
from billing_core.events import ActorRef
from billing_core.policy import BillingPolicy
from billing_core.service.asking import Answer, ask
from billing_core.service.calls import (
    MaySend,
)
from billing_core.service.changes import Occasion, license_change
from billing_core.service.commands import load_dossier, load_refund
from billing_core.service.context import Context
from billing_core.service.forgetting import forget_settled
from billing_core.service.making import making_for
from billing_core.service.requests import Commit, Flow, GetNow, Request
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
    context: Context,
    license_id: str,
    dossier: Dossier | None = None,
    actor: ActorRef = _SYSTEM,
    *,
    refund_id: str | None = None,
) -> Flow[LicenseRun]:
    """
    Do everything that is to be done for a license now.

    Args:
        context: the host's choices.
        license_id: which license.
        dossier: as just claimed; loaded if not given.
        actor: who asked; the system for the nightly run.
        refund_id: see to this refund and nothing else; the license stays due for the rest.

    Raises:
        NotFound: no such license.
        NotAllowed: inside a transaction of the host's; or the invoice's tax can't be decided.
        Conflict: lost too many races in a row; the next run goes on.
    """
    context.ensure_may_call_gateways()
    steps: list[Step] = []
    errors: list[Exception] = []
    answer: Answer | None = None
    attempt_id = (yield from load_refund(refund_id)).attempt_id if refund_id is not None else None
    conflicts = 0
    while True:
        if dossier is None:
            # Somebody else may have settled the attempt meanwhile; its answer still has to be looked at.
            about = answer.attempt_id if answer is not None else attempt_id
            dossier = yield from load_dossier(context, license_id, about)
        dossier = dossier.with_gateways(context.gateways)
        now: datetime = yield GetNow()
        plan = yield from _decide(context, dossier, answer, now, refund_id)
        occasion = Occasion(namespace=context.namespace, at=now, actor=actor)
        change, after = _change(occasion, dossier, plan, context.policy, refund_id)
        result: CommitResult = yield Commit(change)
        if not result.ok:
            conflicts += 1
            if conflicts > _CONFLICTS_MAX:
                raise Conflict("license", license_id)
            dossier = None
            continue
        yield from forget_settled(context, dossier.unresolved_attempt, after)
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
        answer, error = yield from ask(context, dossier, plan.last, now)
        if error is not None:
            errors.append(error)


def _decide(
    context: Context, dossier: Dossier, answer: Answer | None, now: datetime, refund_id: str | None
) -> Generator[Request, Any, _Plan]:
    """Settle what came back, then step in memory until the world is needed or there is nothing to do."""
    current = dossier
    drafts: tuple[Draft, ...] = ()
    if answer is not None:
        current, drafts = answer.settled(dossier, now, context.policy)
    done: list[Step] = []
    for _ in range(_STEPS_MAX):
        step = _next_step(current, now, context.policy, refund_id)
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


def _change(
    occasion: Occasion, dossier: Dossier, plan: _Plan, policy: BillingPolicy, refund_id: str | None
) -> tuple[Change, Dossier]:
    wake_at = _wake_at(plan, occasion.at, policy) if refund_id is None else occasion.at
    change, after = license_change(occasion, dossier, plan.dossier, plan.drafts, wake_at=wake_at)
    # What is paused stays due, and leased: this run does not come back to it.
    return (change if plan.paused is None else attrs.evolve(change, wakes=())), after


def _pause_before(dossier: Dossier, step: Step, now: datetime) -> Flow[str | None]:
    """Why a step that sends something must not be taken now, before its intent is committed."""
    if isinstance(step, ChargeInvoice):
        gateway_id = dossier.account.card(step.card_id).gateway_id
    elif isinstance(step, ResolveCharge) and step.action in {ResolveAction.RESEND, ResolveAction.CONFIRM}:
        attempt = dossier.attempt(step.attempt_id)
        assert attempt is not None
        gateway_id = attempt.gateway_id
    elif isinstance(step, ResolveRefund) and step.action is ResolveAction.RESEND:
        refund = dossier.refund(step.refund_id)
        assert refund is not None
        gateway_id = refund.gateway_id
    else:
        return None
    if dossier.controls.is_stopped:
        return "sending_stopped"
    may_send: bool = yield MaySend(gateway_id, now)
    return None if may_send else "gateway_paused"


def _next_step(dossier: Dossier, now: datetime, policy: BillingPolicy, refund_id: str | None) -> Step:
    if refund_id is None:
        return next_step(dossier, now, policy)
    refund = dossier.refund(refund_id)
    assert refund is not None, "it was loaded with its charge"
    return refund_resolution(dossier, refund, now) or Wait(because=Because("refund_only"), until=None)


def _ensure_an_end(license_id: str, steps: list[Step]) -> None:
    if len(steps) > _STEPS_IN_ALL_MAX:
        raise InvariantViolated(f"license {license_id}: no end of steps, the last one is {steps[-1].because}")


def _only_asks(step: Step) -> bool:
    return isinstance(step, (ResolveCharge, ResolveRefund)) and step.action is ResolveAction.LOOK_UP


def _sends(step: Step) -> bool:
    """Whether the step is put on record, and then the gateway is told something."""
    return isinstance(step, ChargeInvoice) or (
        isinstance(step, (ResolveCharge, ResolveRefund))
        and step.action in {ResolveAction.RESEND, ResolveAction.CONFIRM, ResolveAction.CANCEL}
    )


def _wake_at(plan: _Plan, now: datetime, policy: BillingPolicy) -> datetime | None:
    """While a call is under way, the license is due again when it must be over: a crash forgets nothing."""
    if plan.last is None:
        return now
    if isinstance(plan.last, Wait):
        return plan.last.until
    if isinstance(plan.last, ResolveRefund):
        # A refund keeps nothing from happening: whatever comes first.
        step = next_step(plan.dossier, now, policy)
        return step.until if isinstance(step, Wait) else now
    attempt = plan.dossier.unresolved_attempt
    assert attempt is not None, "whoever calls a gateway has an unresolved attempt"
    times = (resolution_time(plan.dossier, attempt), *refund_times(plan.dossier))
    return min((at for at in times if at is not None), default=None)


def _numbered(dossier: Dossier, result: CommitResult) -> Dossier:
    for invoice in result.invoices:
        dossier = dossier.with_invoice(invoice)
    return dossier
