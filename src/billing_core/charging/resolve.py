"""
How an unresolved attempt is resolved: by looking, never by guessing.

What may be done depends on what the gateway declares. With a look-up, its
answer decides; the same request goes out again only inside the window in
which the processor surely remembers its key; "not found" is believed only
when the last send can't take effect any more. Without a look-up, what the
window leaves unknown goes to a person.
"""

from __future__ import annotations

from datetime import datetime

from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.status import canceled_at
from billing_core.charging.steps import Because, ResolveAction, ResolveCharge
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation

__all__ = ["LOOKS_MAX", "SENDS_MAX", "resolution", "resolution_time"]

#: After so many look-ups without an answer (about a week) a person is asked.
LOOKS_MAX = 9
#: After so many sends of one request only look-ups go on.
SENDS_MAX = 5


def resolution(dossier: Dossier, attempt: ChargeAttempt, now: datetime) -> ResolveCharge | None:
    """
    What to do now about an unresolved attempt; ``None`` to wait.

    Args:
        dossier: for what changed meanwhile (another card, a cancellation).
        attempt: its unresolved attempt.
        now: the instant of the decision.
    """
    if attempt.state is AttemptState.HELD:
        return None
    capabilities = dossier.capabilities(attempt.gateway_id)
    if capabilities is None:
        return None
    if attempt.state is AttemptState.REQUIRES_ACTION:
        return _with_the_cardholder(dossier, attempt, capabilities, now)
    if attempt.is_surely_unsent:
        return _unsent(dossier, attempt, now)
    if capabilities.can_look_up and _was_not_found(attempt):
        step = _after_not_found(attempt, capabilities, now)
        if step is not None:
            return step
    looks_at = resolution_time(dossier, attempt)
    if looks_at is None or now < looks_at:
        return None
    if not capabilities.can_look_up:
        return _without_look_up(attempt, capabilities, now)
    if attempt.looks >= LOOKS_MAX:
        return _step(attempt, ResolveAction.HOLD, "looks_exhausted")
    return _step(attempt, ResolveAction.LOOK_UP, "outcome_unknown")


def resolution_time(dossier: Dossier, attempt: ChargeAttempt) -> datetime | None:
    """When an unresolved attempt is looked at again; ``None`` if only a person can go on."""
    capabilities = dossier.capabilities(attempt.gateway_id)
    if attempt.state is AttemptState.HELD or capabilities is None:
        return None
    if attempt.state is AttemptState.REQUIRES_ACTION:
        ends_at = attempt.ends_action_at(capabilities)
        return min(attempt.look_at, ends_at) if attempt.look_at is not None else ends_at
    proves_at = attempt.last_sent_at + capabilities.not_found_wait
    if attempt.look_at is not None and attempt.looked_at is not None and attempt.looked_at < proves_at:
        # From then on a look-up that finds nothing is a proof.
        return min(attempt.look_at, proves_at)
    if attempt.look_at is not None:
        return attempt.look_at
    # Committed, and no answer on record: in flight until the call can't take any longer.
    return attempt.last_sent_at + capabilities.send_timeout


def _was_not_found(attempt: ChargeAttempt) -> bool:
    """Whether the latest send was looked for, and the processor had heard of nothing."""
    looked = attempt.not_found_at
    return looked is not None and looked >= attempt.last_sent_at and attempt.state is not AttemptState.PENDING


def _after_not_found(
    attempt: ChargeAttempt, capabilities: Capabilities, now: datetime
) -> ResolveCharge | None:
    assert attempt.not_found_at is not None
    if attempt.not_found_at - attempt.last_sent_at >= capabilities.not_found_wait:
        return _step(attempt, ResolveAction.VOID, "not_found_after_wait")
    if now - attempt.first_sent_at < capabilities.resend_window and attempt.sends < SENDS_MAX:
        return _step(attempt, ResolveAction.RESEND, "not_found_inside_window")
    return None


def _without_look_up(attempt: ChargeAttempt, capabilities: Capabilities, now: datetime) -> ResolveCharge:
    in_window = now - attempt.first_sent_at < capabilities.resend_window
    if capabilities.grade is GatewayGrade.KEYED and in_window and attempt.sends < SENDS_MAX:
        return _step(attempt, ResolveAction.RESEND, "inside_key_window")
    return _step(attempt, ResolveAction.HOLD, "cannot_be_found_out")


def _unsent(dossier: Dossier, attempt: ChargeAttempt, now: datetime) -> ResolveCharge | None:
    """Every send surely did nothing: send again, unless the charge is not wanted any more."""
    ended_at = canceled_at(dossier.license)
    card = dossier.account.default_card
    is_unwanted = (
        (ended_at is not None and now >= ended_at)
        or card is None
        or card.id != attempt.card_id
        or not card.is_chargeable_on(dossier.today(now))
    )
    if is_unwanted:
        return _step(attempt, ResolveAction.VOID, "never_sent_and_not_wanted")
    if attempt.look_at is not None and now < attempt.look_at:
        return None
    return _step(attempt, ResolveAction.RESEND, "never_sent")


def _with_the_cardholder(
    dossier: Dossier, attempt: ChargeAttempt, capabilities: Capabilities, now: datetime
) -> ResolveCharge | None:
    card = dossier.account.default_card
    is_card_changed = card is not None and card.id != attempt.card_id
    if is_card_changed and capabilities.supports(Operation.CANCEL_CHARGE):
        return _step(attempt, ResolveAction.CANCEL, "card_changed")
    has_ended = now >= attempt.ends_action_at(capabilities)
    if (
        has_ended
        and attempt.not_found_at is not None
        and attempt.not_found_at >= attempt.ends_action_at(capabilities)
    ):
        return _step(attempt, ResolveAction.END_ACTION, "not_confirmed_in_time")
    looks_at = resolution_time(dossier, attempt)
    if looks_at is None or now < looks_at:
        return None
    if not capabilities.can_look_up:
        return _step(attempt, ResolveAction.HOLD, "cannot_be_found_out") if has_ended else None
    return _step(attempt, ResolveAction.LOOK_UP, "cardholder_may_have_confirmed")


def _step(attempt: ChargeAttempt, action: ResolveAction, rule: str) -> ResolveCharge:
    facts = {"state": attempt.state.value, "sends": attempt.sends, "looks": attempt.looks}
    return ResolveCharge(because=Because(rule, facts), attempt_id=attempt.id, action=action)
