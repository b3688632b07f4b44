"""
The future of a license, as a pure function: the preview page.

Runs the very `next_step` that will decide, forward in time, against a gateway
that always approves. With nothing changed meanwhile, this is what happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import attrs

from billing_core.advice import Advice
from billing_core.charging.apply import Making, apply_step
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.settle import settle
from billing_core.charging.steps import (
    Because,
    ChargeInvoice,
    IssueInvoice,
    ResolveAction,
    ResolveCharge,
    Step,
    StepKind,
    Wait,
)
from billing_core.gateways.capabilities import Capabilities
from billing_core.gateways.results import ChargeResult
from billing_core.policy import BillingPolicy
from billing_core.values.money import Money
from billing_core.values.zones import ensure_aware

__all__ = ["PlannedStep", "planned_charges", "simulate"]


@attrs.frozen(kw_only=True)
class PlannedStep:
    """
    One step that will be taken.

    Attributes:
        at: when.
        amount: for invoices and charges; before tax, unless it was invoiced already.
    """

    at: datetime
    kind: StepKind
    because: Because
    amount: Money | None = None


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
    clock = ensure_aware(now if now is not None else dossier.license.started_at)
    ensure_aware(until, "until")
    making = Making(namespace="simulation", policy=rules)
    dossier = _with_all_gateways(dossier)
    while clock < until:
        step = next_step(dossier, clock, rules)
        if not isinstance(step, Wait):
            dossier, planned = _taken(dossier, step, clock, making)
            yield planned
        elif step.until is not None:
            clock = step.until
        else:
            return


def planned_charges(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[datetime]:
    """When the card will be charged within the next 400 days, if nothing changes."""
    for planned in simulate(dossier, now + timedelta(days=400), now, policy):
        if planned.kind is StepKind.CHARGE:
            yield planned.at


def _with_all_gateways(dossier: Dossier) -> Dossier:
    taken_to_charge = dict.fromkeys((card.gateway_id for card in dossier.account.cards), Capabilities())
    return dossier.with_gateways({**taken_to_charge, **dossier.gateways})


def _taken(dossier: Dossier, step: Step, clock: datetime, making: Making) -> tuple[Dossier, PlannedStep]:
    amount = dossier.license.next_price if isinstance(step, IssueInvoice) else None
    is_look_up = isinstance(step, ResolveCharge) and step.action is ResolveAction.LOOK_UP
    after = dossier if is_look_up else apply_step(step, dossier, clock, making)[0]
    attempt = after.unresolved_attempt
    if attempt is not None and (isinstance(step, ChargeInvoice) or _asks(step)):
        amount = attempt.request.amount
        after, _ = settle(
            after, attempt.id, _answer(step, amount), clock, making.policy, is_look_up=is_look_up
        )
    return after, PlannedStep(at=clock, kind=step.kind, because=step.because, amount=amount)


def _asks(step: Step) -> bool:
    asking = {ResolveAction.LOOK_UP, ResolveAction.RESEND, ResolveAction.CANCEL}
    return isinstance(step, ResolveCharge) and step.action in asking


def _answer(step: Step, amount: Money) -> ChargeResult:
    """A gateway that approves everything, and calls off what it is told to."""
    if isinstance(step, ResolveCharge) and step.action is ResolveAction.CANCEL:
        return ChargeResult.declined(Advice.AUTHENTICATE)
    return ChargeResult.succeeded(amount)
