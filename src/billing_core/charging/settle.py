"""
Settling an answer of the gateway: what the records look like afterwards.

Pure, and safe to repeat: an answer for an attempt that is final already
changes nothing, except that a late success is put on record as an orphan,
for which there is exactly one alert and one decision.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from billing_core.advice import Advice
from billing_core.charging.apply import Applied, Draft, with_payment
from billing_core.charging.attempt import AttemptEvent, AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.status import canceled_at
from billing_core.events import EventType
from billing_core.gateways.results import ChargeNotFound, ChargeResult, Outcome
from billing_core.policy import BillingPolicy, CancelUncertain

__all__ = ["settle", "settle_prepared"]

_EVENT_OF_STATE = {
    AttemptState.OPEN: EventType.CHARGE_NOT_ATTEMPTED,
    AttemptState.SUCCEEDED: EventType.CHARGE_SUCCEEDED,
    AttemptState.DECLINED: EventType.CHARGE_DECLINED,
    AttemptState.REQUIRES_ACTION: EventType.CHARGE_REQUIRES_ACTION,
    AttemptState.PENDING: EventType.CHARGE_UNCERTAIN,
    AttemptState.UNKNOWN: EventType.CHARGE_UNCERTAIN,
    AttemptState.HELD: EventType.CHARGE_HELD,
}

_ENDS = frozenset({Outcome.SUCCEEDED, Outcome.DECLINED})


@attrs.frozen(kw_only=True)
class _Asked:
    is_look_up: bool
    is_call_off: bool


def settle(
    dossier: Dossier,
    attempt_id: str,
    answer: ChargeResult | ChargeNotFound,
    now: datetime,
    policy: BillingPolicy,
    *,
    is_look_up: bool = False,
    is_call_off: bool = False,
) -> Applied:
    """
    The dossier after the gateway's answer to a send, a look-up or a call-off.

    Args:
        dossier: as it is now; it may have changed since the send.
        attempt_id: the attempt that was sent or looked up.
        answer: what the gateway said.
        now: when the answer arrived.
        policy: decides about money that arrives after a cancellation.
        is_look_up: whether the answer is to a question, not to a send.
        is_call_off: whether it is to a call-off, which is final at a fenced gateway.
    """
    attempt = dossier.attempt(attempt_id)
    assert attempt is not None, "a dossier holds every attempt that may still be answered"
    if not attempt.is_unresolved:
        return _settle_late(dossier, attempt, answer)
    if attempt.state is AttemptState.HELD:
        return _note_for_person(dossier, attempt, answer)
    if attempt.is_fenced:
        asked = _Asked(is_look_up=is_look_up, is_call_off=is_call_off)
        fenced = _settle_fenced(dossier, attempt, answer, now, asked)
        if fenced is not None:
            return fenced
    if isinstance(answer, ChargeNotFound) or (
        is_look_up and _is_still_waiting_for_cardholder(dossier, attempt, answer, now)
    ):
        data = {"attempt": attempt.number, "found": False}
        looked = Draft(type=EventType.CHARGE_LOOKED_UP, invoice_id=attempt.invoice_id, data=data)
        return dossier.with_attempt(attempt.looked_up_in_vain(now)), (looked,)
    answered = attempt.answered(answer, now, is_look_up=is_look_up)
    if is_look_up and answered.state is attempt.state:
        # Said once already; whoever is notified by events is not asked again with every look.
        unchanged = {**_data(answered), "state": answered.state.value}
        seen = Draft(type=EventType.CHARGE_LOOKED_UP, invoice_id=attempt.invoice_id, data=unchanged)
        return dossier.with_attempt(answered), (seen,)
    draft = Draft(type=_EVENT_OF_STATE[answered.state], invoice_id=attempt.invoice_id, data=_data(answered))
    after = dossier.with_attempt(answered)
    if answered.state is AttemptState.SUCCEEDED:
        return _settle_success(after, answered, draft, now, policy)
    if answered.state is AttemptState.DECLINED:
        return _settle_decline(after, answered, draft)
    return after, (draft,)


def settle_prepared(dossier: Dossier, attempt_id: str, gateway_ref: str, now: datetime) -> Applied:
    """
    The dossier after a fenced gateway prepared a charge.

    If the attempt was ended meanwhile, or has been prepared by somebody else,
    this one stays at the processor, and nobody will ever confirm it.
    """
    attempt = dossier.attempt(attempt_id)
    assert attempt is not None, "a dossier holds every attempt that may still be answered"
    if not attempt.is_unresolved or attempt.gateway_ref is not None:
        return dossier, ()
    data = {"attempt": attempt.number, "gateway_ref": gateway_ref}
    draft = Draft(type=EventType.CHARGE_PREPARED, invoice_id=attempt.invoice_id, data=data)
    return dossier.with_attempt(attempt.prepared(gateway_ref, now)), (draft,)


def _settle_fenced(
    dossier: Dossier,
    attempt: ChargeAttempt,
    answer: ChargeResult | ChargeNotFound,
    now: datetime,
    asked: _Asked,
) -> Applied | None:
    """What an answer means at a fenced gateway only; ``None``: the same as at any other."""
    if attempt.gateway_ref is None:
        # After a restore it may have been prepared under an id that was forgotten: then it is looked up.
        return None if asked.is_look_up else _settle_unprepared(dossier, attempt, answer, now)
    is_decline = isinstance(answer, ChargeResult) and answer.outcome is Outcome.DECLINED
    if asked.is_call_off and (is_decline or isinstance(answer, ChargeNotFound)):
        return _settle_closed(dossier, attempt, answer, now)
    if not is_decline or not isinstance(answer, ChargeResult):
        return None
    turned_down = attempt.turned_down(answer, now)
    data = {**_data(turned_down), "state": turned_down.state.value}
    draft = Draft(type=EventType.CHARGE_LOOKED_UP, invoice_id=attempt.invoice_id, data=data)
    return dossier.with_attempt(turned_down), (draft,)


def _settle_unprepared(
    dossier: Dossier, attempt: ChargeAttempt, answer: ChargeResult | ChargeNotFound, now: datetime
) -> Applied | None:
    """To prepare moves no money, so whatever is no end says only that it has to be done again."""
    if not isinstance(answer, ChargeResult) or answer.outcome in _ENDS:
        return None
    refused = attempt.not_prepared(answer, now)
    draft = Draft(type=EventType.CHARGE_NOT_ATTEMPTED, invoice_id=attempt.invoice_id, data=_data(refused))
    return dossier.with_attempt(refused), (draft,)


def _settle_closed(
    dossier: Dossier, attempt: ChargeAttempt, answer: ChargeResult | ChargeNotFound, now: datetime
) -> Applied:
    """What is closed without a capture can't be captured any more: the end, one way or the other."""
    if attempt.is_surely_unsent:
        voided = attempt.after(AttemptEvent.NEVER_HAPPENED, now)
        data = {"attempt": attempt.number, "because": "closed", "facts": {}}
        draft = Draft(type=EventType.CHARGE_VOIDED, invoice_id=attempt.invoice_id, data=data)
        return dossier.with_attempt(voided), (draft,)
    told = attempt.result if _was_declined(attempt) else answer
    decline = told if isinstance(told, ChargeResult) else ChargeResult.declined(Advice.AUTHENTICATE)
    declined = attempt.after(AttemptEvent.DECLINED, now, decline)
    draft = Draft(type=EventType.CHARGE_DECLINED, invoice_id=attempt.invoice_id, data=_data(declined))
    return _settle_decline(dossier.with_attempt(declined), declined, draft)


def _was_declined(attempt: ChargeAttempt) -> bool:
    return attempt.result is not None and attempt.result.outcome is Outcome.DECLINED


def _settle_success(
    dossier: Dossier, attempt: ChargeAttempt, draft: Draft, now: datetime, policy: BillingPolicy
) -> Applied:
    invoice = dossier.invoice(attempt.invoice_id)
    assert invoice is not None, "an unresolved attempt keeps its invoice in the dossier"
    paid, drafts = with_payment(dossier, invoice.paid(now))
    ended_at = canceled_at(dossier.license)
    if ended_at is None or now < ended_at or policy.cancel_uncertain is CancelUncertain.HONOUR:
        return paid, (draft, *drafts)
    assert attempt.result is not None
    orphan = Draft(
        type=EventType.CHARGE_ORPHANED, invoice_id=invoice.id, data={**_data(attempt), "why": "canceled"}
    )
    return paid.with_attempt(attempt.orphaned(attempt.result)), (draft, *drafts, orphan)


def _settle_decline(dossier: Dossier, attempt: ChargeAttempt, draft: Draft) -> Applied:
    decline = attempt.result.decline if attempt.result is not None else None
    advice = decline.advice if decline is not None else None
    if advice is None or not advice.freezes_card:
        return dossier, (draft,)
    frozen = dossier.account.with_card_frozen(attempt.fingerprint, advice)
    data = {"card_id": attempt.card_id, "advice": advice.value}
    return dossier.with_account(frozen), (draft, Draft(type=EventType.CARD_FROZEN, data=data))


def _note_for_person(
    dossier: Dossier, attempt: ChargeAttempt, answer: ChargeResult | ChargeNotFound
) -> Applied:
    """A person decides about a held attempt; how it ended, if that turns up late, is put before them."""
    if not isinstance(answer, ChargeResult) or answer.outcome not in _ENDS or _told_end(attempt, answer):
        return dossier, ()
    noted = attempt.noted(answer)
    draft = Draft(type=EventType.CHARGE_HELD, invoice_id=attempt.invoice_id, data=_data(noted))
    return dossier.with_attempt(noted), (draft,)


def _told_end(attempt: ChargeAttempt, answer: ChargeResult) -> bool:
    """Whether how it ended is known already. Money that moved is news, even after a decline."""
    told = attempt.result.outcome if attempt.result is not None else None
    return told is Outcome.SUCCEEDED or told is answer.outcome


def _settle_late(dossier: Dossier, attempt: ChargeAttempt, answer: ChargeResult | ChargeNotFound) -> Applied:
    if not isinstance(answer, ChargeResult) or answer.outcome is not Outcome.SUCCEEDED:
        return dossier, ()
    # A person who voided a held attempt knew of this very answer.
    is_known = attempt.orphan is not None or answer == attempt.result
    if is_known or attempt.state is AttemptState.SUCCEEDED:
        return dossier, ()
    data = {"attempt": attempt.number, "amount": str(answer.amount), "why": attempt.state.value}
    orphan = Draft(type=EventType.CHARGE_ORPHANED, invoice_id=attempt.invoice_id, data=data)
    return dossier.with_attempt(attempt.orphaned(answer)), (orphan,)


def _is_still_waiting_for_cardholder(
    dossier: Dossier, attempt: ChargeAttempt, answer: ChargeResult, now: datetime
) -> bool:
    """The time to confirm is over, and the processor says that nobody has."""
    if attempt.state is not AttemptState.REQUIRES_ACTION or answer.outcome is not Outcome.REQUIRES_ACTION:
        return False
    capabilities = dossier.capabilities(attempt.gateway_id)
    return capabilities is not None and now >= attempt.ends_action_at(capabilities)


def _data(attempt: ChargeAttempt) -> dict[str, Any]:
    result = attempt.result
    decline = result.decline if result is not None else None
    data: dict[str, Any] = {"attempt": attempt.number, "amount": str(attempt.request.amount)}
    if decline is not None:
        data |= {"advice": decline.advice.value, "gateway_code": decline.gateway_code}
    if result is not None and result.gateway_ref is not None:
        data["gateway_ref"] = result.gateway_ref
    return data
