"""
The future of a license: the preview page.

Runs the very `next_step` that will decide, forward in time, against a gateway
that always approves. With nothing changed meanwhile, this is what happens.
`simulate` is a pure function of a dossier and leaves tax out; `Billing.preview`
plays the same walk with the host's policy, sellers and tax rates.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias

import attrs

from billing_core.advice import Advice
from billing_core.charging.apply import Making, apply_step
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.settle import settle, settle_prepared
from billing_core.charging.settle_refund import settle_refund
from billing_core.charging.steps import (
    Because,
    ChargeInvoice,
    IssueInvoice,
    ResolveAction,
    ResolveCharge,
    ResolveRefund,
    Step,
    StepKind,
    Wait,
)
from billing_core.errors import NotAllowed
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.results import ChargeResult, RefundResult
from billing_core.policy import BillingPolicy
from billing_core.service.context import Context
from billing_core.service.making import making_for
from billing_core.service.requests import Flow, Request
from billing_core.values.money import Money
from billing_core.values.typed import Typed
from billing_core.values.zones import ensure_aware

__all__ = ["PlannedStep", "next_charge", "preview", "simulate"]

#: How far ahead the next charge is looked for: longer than any plan's interval in practice.
_HORIZON = timedelta(days=3700)
#: And through how many steps: more come before no charge that anybody waits for.
_STEPS_AHEAD_MAX = 100


@attrs.frozen(kw_only=True)
class PlannedStep(Typed):
    """
    One step that will be taken.

    Attributes:
        at: when.
        date: the local day, in the license's zone.
        amount: an invoice's total, or what is charged or given back.
    """

    at: datetime
    date: date
    kind: StepKind
    because: Because
    amount: Money | None = None


_Walk: TypeAlias = Generator[PlannedStep | Request, Any, None]


def simulate(
    dossier: Dossier, until: datetime, now: datetime | None = None, policy: BillingPolicy | None = None
) -> Iterator[PlannedStep]:
    """
    All steps of a license until an instant (exclusive), oldest first.

    Args:
        dossier: as it is now. A gateway that the dossier does not know is
            taken to charge.
        until: where to stop.
        now: where to begin; when the license was started, if not given.
        policy: the vendor's choices; the defaults, if not given.

    Raises:
        InvalidInput: a naive instant.
    """
    rules = policy if policy is not None else BillingPolicy()
    start = ensure_aware(now if now is not None else dossier.license.started_at)
    context = Context(namespace="simulation", policy=rules, gateways={}, sellers={})
    for item in _walk(context, dossier, start, ensure_aware(until, "until")):
        assert isinstance(item, PlannedStep), "without sellers nothing is asked"
        yield item


def preview(
    context: Context, dossier: Dossier, until: datetime, now: datetime
) -> Flow[tuple[PlannedStep, ...]]:
    """All steps of a license until an instant, with tax. See `Billing.preview`."""
    walk = _walk(context, dossier, now, ensure_aware(until, "until"))
    return (yield from _steps(walk, lambda _: False))


def next_charge(context: Context, dossier: Dossier, now: datetime) -> Flow[PlannedStep | None]:
    """
    The next charge of a license if nothing changes, with tax; ``None`` if none is planned.

    Also ``None`` while tax can't be decided: then no invoice can be issued either.
    """
    walk = _walk(context, dossier, now, now + _HORIZON)
    ahead = count(1)
    try:
        # A plan that costs nothing renews for ever without a charge.
        steps = yield from _steps(
            walk, lambda step: step.kind is StepKind.CHARGE or next(ahead) == _STEPS_AHEAD_MAX
        )
    except NotAllowed:
        return None
    return steps[-1] if steps and steps[-1].kind is StepKind.CHARGE else None


def _steps(walk: _Walk, is_last: Callable[[PlannedStep], bool]) -> Flow[tuple[PlannedStep, ...]]:
    """The steps of a walk, up to the one that is looked for; its questions are passed on."""
    steps: list[PlannedStep] = []
    answer: Any = None
    while True:
        try:
            item = walk.send(answer)
        except StopIteration:
            return tuple(steps)
        answer = None
        if not isinstance(item, PlannedStep):
            answer = yield item
            continue
        steps.append(item)
        if is_last(item):
            return tuple(steps)


def _walk(context: Context, dossier: Dossier, clock: datetime, until: datetime) -> _Walk:
    # A preview tells of dates and amounts; what a restore makes us look for first changes neither.
    dossier = attrs.evolve(_with_all_gateways(dossier), controls=Controls())
    while clock < until:
        step = next_step(dossier, clock, context.policy)
        if not isinstance(step, Wait):
            making = yield from making_for(context, dossier, step, clock)
            dossier, planned = _taken(dossier, step, clock, making)
            yield planned
        elif step.until is not None:
            clock = step.until
        else:
            return


def _with_all_gateways(dossier: Dossier) -> Dossier:
    taken_to_charge = dict.fromkeys((card.gateway_id for card in dossier.account.cards), Capabilities())
    return dossier.with_gateways({**taken_to_charge, **dossier.gateways})


def _taken(dossier: Dossier, step: Step, clock: datetime, making: Making) -> tuple[Dossier, PlannedStep]:
    is_look_up = isinstance(step, (ResolveCharge, ResolveRefund)) and step.action is ResolveAction.LOOK_UP
    after = dossier if is_look_up else apply_step(step, dossier, clock, making)[0]
    amount = _newest_total(dossier, after) if isinstance(step, IssueInvoice) else None
    attempt = after.unresolved_attempt
    if attempt is not None and (isinstance(step, ChargeInvoice) or _asks(step)):
        amount = attempt.request.amount
        after = _answered(after, attempt, step, clock, making.policy)
    if isinstance(step, ResolveRefund):
        after, amount = _refunded(after, step, clock, is_look_up=is_look_up)
    today = dossier.today(clock)
    return after, PlannedStep(at=clock, date=today, kind=step.kind, because=step.because, amount=amount)


def _refunded(
    dossier: Dossier, step: ResolveRefund, clock: datetime, *, is_look_up: bool
) -> tuple[Dossier, Money]:
    refund = dossier.refund(step.refund_id)
    assert refund is not None, "a step about a refund is about one of the dossier"
    amount = refund.request.amount
    if step.action not in {ResolveAction.LOOK_UP, ResolveAction.RESEND}:
        return dossier, amount
    given_back = RefundResult.succeeded(amount)
    return settle_refund(dossier, refund.id, given_back, clock, is_look_up=is_look_up)[0], amount


def _newest_total(before: Dossier, after: Dossier) -> Money:
    known = {invoice.id for invoice in before.invoices}
    (issued,) = (invoice for invoice in after.invoices if invoice.id not in known)
    return issued.total


def _asks(step: Step) -> bool:
    asking = {ResolveAction.LOOK_UP, ResolveAction.RESEND, ResolveAction.CONFIRM, ResolveAction.CANCEL}
    return isinstance(step, ResolveCharge) and step.action in asking


def _answered(
    dossier: Dossier, attempt: ChargeAttempt, step: Step, clock: datetime, policy: BillingPolicy
) -> Dossier:
    """After the answer of a gateway that approves everything, and calls off what it is told to."""
    action = step.action if isinstance(step, ResolveCharge) else None
    if attempt.is_fenced and action in {None, ResolveAction.RESEND}:
        return settle_prepared(dossier, attempt.id, "simulated", clock)[0]
    is_call_off = action is ResolveAction.CANCEL
    approved = ChargeResult.succeeded(attempt.request.amount)
    result = ChargeResult.declined(Advice.AUTHENTICATE) if is_call_off else approved
    is_look_up = action in {ResolveAction.LOOK_UP, ResolveAction.CANCEL}
    return settle(dossier, attempt.id, result, clock, policy, is_look_up=is_look_up, is_call_off=is_call_off)[
        0
    ]
