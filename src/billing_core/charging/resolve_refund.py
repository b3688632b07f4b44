"""
How a refund is started by policy, sent, and resolved: by looking, never by guessing.

The same rules as for charges (`billing_core.charging.resolve`). Refunds block
no charge, and each has its own time to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dispute import held_by
from billing_core.charging.dossier import Dossier
from billing_core.charging.doubt import LOOKS_MAX, after_not_found, look_times, without_look_up
from billing_core.charging.refund import Refund, RefundState
from billing_core.charging.status import canceled_at
from billing_core.charging.steps import Because, ResolveAction, ResolveRefund, StartRefund
from billing_core.gateways.capabilities import Capabilities, Operation
from billing_core.policy import BillingPolicy, CancelUncertain
from billing_core.values.money import Money

__all__ = ["next_refund_step", "refund_resolution", "refund_times", "refundable"]

#: A refund that the processor has accepted may take weeks; after about two months a person is asked.
_PENDING_LOOKS_MAX = 60
#: After so many refused sends (about a month) it is given up.
_REFUSED_MAX = 30


def refundable(attempt: ChargeAttempt, refunds: Iterable[Refund]) -> Money | None:
    """
    What is left of a charge to give back; ``None`` if nothing is known to have been captured.

    What went back before, and what may still have gone back, is not left. Nor
    is what a dispute withholds or took: that money is not with the vendor.
    """
    captured = attempt.captured
    if captured is None:
        return None
    claimed = Money.total((refund.claimed for refund in refunds), captured.currency)
    return max(Money.zero(captured.currency), captured - claimed - held_by(attempt.disputes, captured))


def next_refund_step(
    dossier: Dossier, now: datetime, policy: BillingPolicy
) -> StartRefund | ResolveRefund | None:
    """What to do now about money that goes back; ``None`` if there is nothing, or to wait."""
    return next(_steps(dossier, now, policy), None)


def refund_resolution(dossier: Dossier, refund: Refund, now: datetime) -> ResolveRefund | None:
    """What to do now about a refund; ``None`` to wait, or once it is resolved."""
    step = _resolution(dossier, refund, now)
    if step is None or step.action is not ResolveAction.RESEND or not _is_disputed(dossier, refund):
        return step
    # What the cardholder's bank has taken is not given as well.
    action = ResolveAction.VOID if refund.is_surely_unsent else ResolveAction.HOLD
    return _step(refund, action, "charge_disputed")


def _is_disputed(dossier: Dossier, refund: Refund) -> bool:
    """Whether disputes leave less of the charge than is to go back."""
    attempt = dossier.attempt(refund.attempt_id)
    assert attempt is not None, "a refund in a dossier comes with its charge"
    if not attempt.disputes:
        return False
    left = refundable(attempt, (it for it in dossier.refunds_of(attempt) if it.id != refund.id))
    return left is not None and refund.request.amount > left


def _resolution(dossier: Dossier, refund: Refund, now: datetime) -> ResolveRefund | None:
    capabilities = dossier.capabilities(refund.gateway_id)
    if capabilities is None or not refund.is_unresolved or refund.state is RefundState.HELD:
        return None
    if (restored_at := _forgotten_since(dossier, refund)) is not None:
        return _perhaps_forgotten(refund, capabilities, restored_at, now)
    can_look_up = capabilities.supports(Operation.FIND_REFUND)
    if refund.is_surely_unsent:
        must_look = can_look_up and not _is_surely_new(dossier, refund, capabilities)
        return _unsent(refund, now, must_look=must_look)
    if can_look_up and refund.not_found_at is not None and refund.state is not RefundState.PENDING:
        found = after_not_found(refund, capabilities, now)
        if found is not None:
            return _step(refund, *found)
    if now < min(look_times(refund, capabilities)):
        return None
    if not can_look_up:
        return _step(refund, *without_look_up(refund, capabilities, now))
    looks_max = _PENDING_LOOKS_MAX if refund.state is RefundState.PENDING else LOOKS_MAX
    if refund.looks >= looks_max:
        return _step(refund, ResolveAction.HOLD, "looks_exhausted")
    return _step(refund, ResolveAction.LOOK_UP, "outcome_unknown")


def refund_times(dossier: Dossier) -> Iterator[datetime]:
    """All instants, known by now, at which there is something to do about unresolved refunds."""
    for refund in dossier.unresolved_refunds:
        capabilities = dossier.capabilities(refund.gateway_id)
        if capabilities is not None and refund.state is not RefundState.HELD:
            yield from _times(dossier, refund, capabilities)


def _steps(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[StartRefund | ResolveRefund]:
    for attempt in dossier.attempts:
        if _goes_back(dossier, attempt, now, policy):
            amount = refundable(attempt, dossier.refunds_of(attempt))
            if amount is not None and amount.is_positive:
                because = Because("canceled_money_goes_back", {"attempt": attempt.number})
                yield StartRefund(because=because, attempt_id=attempt.id, amount=amount)
    for refund in dossier.unresolved_refunds:
        step = refund_resolution(dossier, refund, now)
        if step is not None:
            yield step


def _goes_back(dossier: Dossier, attempt: ChargeAttempt, now: datetime, policy: BillingPolicy) -> bool:
    """
    Whether the policy gives back what was taken for a license that had ended.

    Once: if the processor refuses, a person decides.
    """
    if attempt.orphan is None or attempt.decision is not None or attempt.refund_count > 0:
        return False
    ended_at = canceled_at(dossier.license)
    capabilities = dossier.capabilities(attempt.gateway_id)
    return (
        policy.cancel_uncertain is CancelUncertain.REFUND
        and ended_at is not None
        and now >= ended_at
        and capabilities is not None
        and capabilities.supports(Operation.REFUND)
    )


def _unsent(refund: Refund, now: datetime, *, must_look: bool) -> ResolveRefund | None:
    if refund.sends_not_attempted >= _REFUSED_MAX:
        return _step(refund, ResolveAction.VOID, "never_sent")
    if refund.look_at is not None and now < refund.look_at:
        return None
    if must_look:
        is_exhausted = refund.looks >= LOOKS_MAX
        action = ResolveAction.HOLD if is_exhausted else ResolveAction.LOOK_UP
        return _step(refund, action, "looks_exhausted" if is_exhausted else "restored")
    return _step(refund, ResolveAction.RESEND, "never_sent" if refund.sends else "not_sent_yet")


def _is_surely_new(dossier: Dossier, refund: Refund, capabilities: Capabilities) -> bool:
    """Whether no send under its key can have been forgotten; one from before a restore may show late."""
    restored_at = dossier.controls.epoch_began_at
    if restored_at is None:
        return True
    proves_at = restored_at + capabilities.not_found_wait
    return refund.not_found_at is not None and refund.not_found_at >= proves_at


def _forgotten_since(dossier: Dossier, refund: Refund) -> datetime | None:
    """When the store was restored, if sends of a refund may have been forgotten by that."""
    restored_at = dossier.controls.epoch_began_at
    if restored_at is None or refund.decided_at >= restored_at:
        return None
    is_sent_since = refund.last_sent_at is not None and refund.last_sent_at >= restored_at
    return None if is_sent_since else restored_at


def _perhaps_forgotten(
    refund: Refund, capabilities: Capabilities, restored_at: datetime, now: datetime
) -> ResolveRefund | None:
    """A refund from before a restore: it is looked up first, and sent only if it surely was not."""
    if not capabilities.supports(Operation.FIND_REFUND):
        return _step(refund, ResolveAction.HOLD, "restored_and_cannot_look_up")
    is_pending = refund.state is RefundState.PENDING
    proves_at = restored_at + capabilities.not_found_wait
    if refund.not_found_at is not None and refund.not_found_at >= proves_at and not is_pending:
        return _step(refund, ResolveAction.RESEND, "not_found_after_restore")
    if now < min(_times_since(refund, capabilities, restored_at)):
        return None
    if refund.looks >= (_PENDING_LOOKS_MAX if is_pending else LOOKS_MAX):
        return _step(refund, ResolveAction.HOLD, "looks_exhausted")
    return _step(refund, ResolveAction.LOOK_UP, "restored")


def _times_since(refund: Refund, capabilities: Capabilities, restored_at: datetime) -> tuple[datetime, ...]:
    if refund.looked_at is None or refund.looked_at < restored_at or refund.look_at is None:
        return (restored_at,)
    proves_at = restored_at + capabilities.not_found_wait
    return (refund.look_at, proves_at) if refund.looked_at < proves_at else (refund.look_at,)


def _times(dossier: Dossier, refund: Refund, capabilities: Capabilities) -> tuple[datetime, ...]:
    if (restored_at := _forgotten_since(dossier, refund)) is not None:
        return _times_since(refund, capabilities, restored_at)
    if refund.sends == 0:
        return (refund.look_at if refund.look_at is not None else refund.decided_at,)
    return look_times(refund, capabilities)


def _step(refund: Refund, action: ResolveAction, rule: str) -> ResolveRefund:
    facts = {"state": refund.state.value, "sends": refund.sends, "looks": refund.looks}
    return ResolveRefund(because=Because(rule, facts), refund_id=refund.id, action=action)
