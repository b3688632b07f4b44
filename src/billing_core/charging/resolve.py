"""
How an unresolved attempt is resolved: by looking, never by guessing.

What may be done depends on what the gateway declares. With a look-up, its
answer decides; the same request goes out again only inside the window in
which the processor surely remembers its key; "not found" is believed only
when the last send can't take effect any more. Without a look-up, what the
window leaves unknown goes to a person. What a fenced gateway has prepared is
read by its id, and confirmed or closed: there no time is counted on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.doubt import LOOKS_MAX, SENDS_MAX
from billing_core.charging.seeking import believed_from, is_from_before_restore
from billing_core.charging.status import canceled_at
from billing_core.charging.steps import Because, ResolveAction, ResolveCharge
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.results import Outcome

__all__ = ["LOOKS_MAX", "SENDS_MAX", "resolution", "resolution_time", "resolution_times"]

#: For how long after the time to confirm it is tried to find out whether the cardholder did.
_LOOKS_AFTER_END = timedelta(days=7)
#: How long to wait after "this is a repeat" where the gateway declares no window. Most are of minutes.
_WINDOW_IF_UNDECLARED = timedelta(hours=1)


def resolution(dossier: Dossier, attempt: ChargeAttempt, now: datetime) -> ResolveCharge | None:
    """
    What to do now about an unresolved attempt; ``None`` to wait.

    Args:
        dossier: for what changed meanwhile (another card, a cancellation).
        attempt: its unresolved attempt.
        now: the instant of the decision.
    """
    capabilities = dossier.capabilities(attempt.gateway_id)
    if attempt.state is AttemptState.HELD or capabilities is None:
        return None
    if attempt.state is AttemptState.REQUIRES_ACTION:
        return _with_the_cardholder(dossier, attempt, capabilities, now)
    if is_from_before_restore(dossier, attempt) and attempt.gateway_ref is None:
        return _perhaps_forgotten(dossier, attempt, capabilities, now)
    if attempt.is_fenced:
        return _fenced(dossier, attempt, capabilities, now)
    return _sent(dossier, attempt, capabilities, now)


def _sent(
    dossier: Dossier, attempt: ChargeAttempt, capabilities: Capabilities, now: datetime
) -> ResolveCharge | None:
    if attempt.is_surely_unsent:
        return _unsent(dossier, attempt, now)
    if capabilities.can_look_up and _was_not_found(attempt):
        step = _after_not_found(attempt, capabilities, now)
        if step is not None:
            return step
    if now < min(_look_times(dossier, attempt, capabilities)):
        return None
    if not capabilities.can_look_up:
        return _without_look_up(attempt, capabilities, now)
    if attempt.looks >= LOOKS_MAX:
        return _step(attempt, ResolveAction.HOLD, "looks_exhausted")
    return _step(attempt, ResolveAction.LOOK_UP, "outcome_unknown")


def resolution_time(dossier: Dossier, attempt: ChargeAttempt) -> datetime | None:
    """When an unresolved attempt is looked at next; ``None`` if only a person can go on."""
    capabilities = dossier.capabilities(attempt.gateway_id)
    if attempt.state is AttemptState.HELD or capabilities is None:
        return None
    return min(_look_times(dossier, attempt, capabilities))


def resolution_times(dossier: Dossier, attempt: ChargeAttempt) -> tuple[datetime, ...]:
    """All instants, known by now, at which there is something to do about an unresolved attempt."""
    capabilities = dossier.capabilities(attempt.gateway_id)
    if attempt.state is AttemptState.HELD or capabilities is None:
        return ()
    return *_look_times(dossier, attempt, capabilities), *_free_times(attempt, capabilities)


def _look_times(dossier: Dossier, attempt: ChargeAttempt, capabilities: Capabilities) -> tuple[datetime, ...]:
    if attempt.state is AttemptState.REQUIRES_ACTION:
        return _times_with_the_cardholder(attempt, capabilities)
    began_at = dossier.controls.epoch_began_at
    if began_at is not None and _is_news_to(began_at, attempt) and is_from_before_restore(dossier, attempt):
        # Whatever was planned before the restore: first of all it is looked up.
        return (began_at,)
    if attempt.gateway_ref is not None and attempt.look_at is not None:
        return (attempt.look_at,)
    if attempt.look_at is None:
        # Committed, and no answer on record: in flight until the call can't take any longer.
        return (attempt.last_sent_at + capabilities.send_timeout,)
    proves_at = believed_from(dossier, attempt, capabilities)
    if attempt.looked_at is not None and attempt.looked_at < proves_at:
        # From then on a look-up that finds nothing is a proof.
        return attempt.look_at, proves_at
    return (attempt.look_at,)


def _free_times(attempt: ChargeAttempt, capabilities: Capabilities) -> tuple[datetime, ...]:
    """When the processor no longer takes the next send for a repeat, if it said that this one was."""
    if attempt.result is None or attempt.result.outcome is not Outcome.DUPLICATE_SUSPECTED:
        return ()
    asked = attempt.result.retry_after if attempt.result.retry_after is not None else timedelta(0)
    declared = capabilities.duplicate_window
    window = declared if declared is not None else _WINDOW_IF_UNDECLARED
    return (attempt.last_sent_at + max(asked, window),)


def _is_free(attempt: ChargeAttempt, capabilities: Capabilities, now: datetime) -> bool:
    return all(at <= now for at in _free_times(attempt, capabilities))


def _is_news_to(began_at: datetime, attempt: ChargeAttempt) -> bool:
    """Whether an attempt was not looked up since."""
    return attempt.looked_at is None or attempt.looked_at < began_at


def _was_not_found(attempt: ChargeAttempt) -> bool:
    """Whether the latest send was looked for, and the processor had heard of nothing."""
    return attempt.not_found_at is not None and attempt.state is not AttemptState.PENDING


def _after_not_found(
    attempt: ChargeAttempt, capabilities: Capabilities, now: datetime
) -> ResolveCharge | None:
    assert attempt.not_found_at is not None
    if attempt.not_found_at - attempt.last_sent_at >= capabilities.not_found_wait:
        return _step(attempt, ResolveAction.VOID, "not_found_after_wait")
    in_window = now - attempt.first_sent_at < capabilities.resend_window
    if in_window and attempt.sends < SENDS_MAX and _is_free(attempt, capabilities, now):
        return _step(attempt, ResolveAction.RESEND, "not_found_inside_window")
    return None


def _perhaps_forgotten(
    dossier: Dossier, attempt: ChargeAttempt, capabilities: Capabilities, now: datetime
) -> ResolveCharge | None:
    """What was sent of it is not surely known since a restore: it is looked up, and never sent again."""
    if not capabilities.can_look_up:
        return _step(attempt, ResolveAction.HOLD, "restored_and_cannot_look_up")
    not_found_at = attempt.not_found_at if attempt.state is not AttemptState.PENDING else None
    if not_found_at is not None and not_found_at >= believed_from(dossier, attempt, capabilities):
        return _step(attempt, ResolveAction.VOID, "not_found_after_restore")
    if now < min(_look_times(dossier, attempt, capabilities)):
        return None
    if attempt.looks >= LOOKS_MAX:
        return _step(attempt, ResolveAction.HOLD, "looks_exhausted")
    return _step(attempt, ResolveAction.LOOK_UP, "restored")


def _without_look_up(
    attempt: ChargeAttempt, capabilities: Capabilities, now: datetime
) -> ResolveCharge | None:
    in_window = now - attempt.first_sent_at < capabilities.resend_window
    if capabilities.grade is GatewayGrade.KEYED and in_window and attempt.sends < SENDS_MAX:
        is_free = _is_free(attempt, capabilities, now)
        return _step(attempt, ResolveAction.RESEND, "inside_key_window") if is_free else None
    return _step(attempt, ResolveAction.HOLD, "cannot_be_found_out")


def _unsent(dossier: Dossier, attempt: ChargeAttempt, now: datetime) -> ResolveCharge | None:
    """Every send surely did nothing: send again, unless the charge is not wanted any more."""
    if _unwanted_because(dossier, attempt, now) is not None:
        return _step(attempt, ResolveAction.VOID, "never_sent_and_not_wanted")
    if attempt.look_at is not None and now < attempt.look_at:
        return None
    return _step(attempt, ResolveAction.RESEND, "never_sent")


def _fenced(
    dossier: Dossier, attempt: ChargeAttempt, capabilities: Capabilities, now: datetime
) -> ResolveCharge | None:
    """
    What was prepared captures at most once, and never after it was closed: no time is counted on.

    Confirming twice at once, or preparing twice, does no harm; waiting for a call only saves work.
    """
    unwanted = _unwanted_because(dossier, attempt, now)
    is_due = now >= min(_look_times(dossier, attempt, capabilities))
    if attempt.gateway_ref is None:
        if unwanted is not None:
            return _step(attempt, ResolveAction.VOID, "never_prepared_and_not_wanted")
        return _step(attempt, ResolveAction.RESEND, "not_prepared") if is_due else None
    if is_due and attempt.looks >= LOOKS_MAX and not attempt.is_surely_unsent:
        return _step(attempt, ResolveAction.HOLD, "looks_exhausted")
    if is_due or attempt.called_off_at is None:
        if _was_turned_down(attempt):
            return _step(attempt, ResolveAction.CANCEL, "declined_not_closed")
        if unwanted is not None and attempt.state is not AttemptState.PENDING:
            return _step(attempt, ResolveAction.CANCEL, unwanted)
    return _confirm_or_look(attempt, capabilities, now, is_due=is_due)


def _was_turned_down(attempt: ChargeAttempt) -> bool:
    return attempt.result is not None and attempt.result.outcome is Outcome.DECLINED


def _confirm_or_look(
    attempt: ChargeAttempt, capabilities: Capabilities, now: datetime, *, is_due: bool
) -> ResolveCharge | None:
    if attempt.is_surely_unsent:
        return _step(attempt, ResolveAction.CONFIRM, "prepared") if is_due else None
    confirms = attempt.sends - attempt.sends_not_attempted
    if _was_not_found(attempt) and confirms < SENDS_MAX and _is_free(attempt, capabilities, now):
        return _step(attempt, ResolveAction.CONFIRM, "not_confirmed_yet")
    return _step(attempt, ResolveAction.LOOK_UP, "outcome_unknown") if is_due else None


def _unwanted_because(dossier: Dossier, attempt: ChargeAttempt, now: datetime) -> str | None:
    """Why a charge that surely did not happen yet should not happen any more, if so."""
    ended_at = canceled_at(dossier.license)
    card = dossier.account.default_card
    if ended_at is not None and now >= ended_at:
        return "license_canceled"
    if card is None or card.id != attempt.card_id:
        return "card_changed"
    return None if card.is_chargeable_on(dossier.today(now)) else "card_not_chargeable"


def _with_the_cardholder(
    dossier: Dossier, attempt: ChargeAttempt, capabilities: Capabilities, now: datetime
) -> ResolveCharge | None:
    unwanted = _unwanted_because(dossier, attempt, now)
    is_look_due = attempt.look_at is None or now >= attempt.look_at
    may_call_off = capabilities.supports(Operation.CANCEL_CHARGE) and (
        attempt.called_off_at is None or is_look_due
    )
    if unwanted is not None and may_call_off:
        return _step(attempt, ResolveAction.CANCEL, unwanted)
    ends_at = attempt.ends_action_at(capabilities)
    is_exhausted = attempt.looked_at is not None and attempt.looked_at >= ends_at + _LOOKS_AFTER_END
    # A confirmation in the last moment shows as late as a charge that was sent in the last moment.
    proves_at = ends_at + capabilities.not_found_wait
    if attempt.not_found_at is not None and attempt.not_found_at >= proves_at and not attempt.is_fenced:
        return _step(attempt, ResolveAction.END_ACTION, "not_confirmed_in_time")
    if now >= ends_at and may_call_off and not is_exhausted:
        # Only what is closed can't be confirmed any more, whatever the processor declares.
        return _step(attempt, ResolveAction.CANCEL, "not_confirmed_in_time")
    if not capabilities.can_look_up:
        return _step(attempt, ResolveAction.HOLD, "cannot_be_found_out") if now >= ends_at else None
    if now < min(_look_times(dossier, attempt, capabilities)):
        return None
    if is_exhausted:
        return _step(attempt, ResolveAction.HOLD, "looks_exhausted")
    return _step(attempt, ResolveAction.LOOK_UP, "cardholder_may_have_confirmed")


def _times_with_the_cardholder(attempt: ChargeAttempt, capabilities: Capabilities) -> tuple[datetime, ...]:
    ends_at = attempt.ends_action_at(capabilities)
    looks = capabilities.can_look_up or attempt.called_off_at is not None
    look_at = (attempt.look_at,) if attempt.look_at is not None and looks else ()
    if not capabilities.can_look_up or attempt.looked_at is None:
        return *look_at, ends_at
    ends = (ends_at, ends_at + capabilities.not_found_wait)
    return *look_at, *(at for at in ends if attempt.looked_at < at)


def _step(attempt: ChargeAttempt, action: ResolveAction, rule: str) -> ResolveCharge:
    facts = {"state": attempt.state.value, "sends": attempt.sends, "looks": attempt.looks}
    return ResolveCharge(because=Because(rule, facts), attempt_id=attempt.id, action=action)
