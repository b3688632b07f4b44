"""The look-up of a charge that a restore made us forget, under every key that it may have had."""

from __future__ import annotations

import attrs

from billing_core.charging.apply import Applied, Draft
from billing_core.charging.attempt import AttemptEvent, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.seeking import Namesake, namesakes
from billing_core.events import EventType
from billing_core.gateways.results import ChargeNotFound, ChargeResult, Outcome
from billing_core.service.calls import LookUp, Sent
from billing_core.service.requests import Flow

__all__ = ["Found", "look_for", "taken_over"]

#: What tells of a charge. A look-up that was refused, or that says nothing, tells of none.
_TELLS = frozenset({Outcome.SUCCEEDED, Outcome.PENDING, Outcome.REQUIRES_ACTION, Outcome.DECLINED})


@attrs.frozen
class Found:
    """What was found, and under which other name; ``None`` for the attempt's own."""

    namesake: Namesake | None
    answer: Sent[ChargeResult] | ChargeNotFound


def look_for(dossier: Dossier, sought: ChargeAttempt, namespace: str) -> Flow[Found]:
    """
    Look a sought attempt up, under its own key and all others that it may have had.

    Money counts more than anything else that is found; of several declines the
    latest counts. If any look-up fails, nothing is known.
    """
    invoice = dossier.invoice(sought.invoice_id)
    assert invoice is not None, "an unresolved attempt keeps its invoice in the dossier"
    answer: Sent[ChargeResult] | ChargeNotFound = yield LookUp(sought.gateway_id, sought.request)
    best = Found(None, answer)
    for other in namesakes(sought, invoice, dossier.license, namespace):
        if _ends_search(best.answer):
            break
        answer = yield LookUp(sought.gateway_id, other.attempt.request)
        if isinstance(answer, Sent):
            best = Found(other if answer.result.outcome in _TELLS else None, answer)
    return best


def taken_over(dossier: Dossier, sought_id: str, namesake: Namesake) -> Applied:
    """
    The dossier in which a sought attempt gives way to the one that was found.

    The name under which it was found is taken. If another period would have it
    one day, the license says so: two charges of one name pass for a repeat.
    """
    sought = dossier.attempt(sought_id)
    if sought is None or not sought.is_unresolved:
        return dossier, ()
    invoice, found = dossier.invoice(sought.invoice_id), namesake.attempt
    assert invoice is not None, "an unresolved attempt keeps its invoice in the dossier"
    if namesake.is_of_another_period(invoice):
        dossier = dossier.with_license(dossier.license.found_as(namesake.key.term, namesake.key.index))
    void = sought.after(AttemptEvent.NEVER_HAPPENED, found.first_sent_at)
    facts = {"attempt": found.number}
    data = {"attempt": sought.number, "because": "found_as_another", "facts": facts}
    draft = Draft(type=EventType.CHARGE_VOIDED, invoice_id=sought.invoice_id, data=data)
    return dossier.with_attempt(void).with_attempt(found), (draft,)


def _ends_search(answer: Sent[ChargeResult] | ChargeNotFound) -> bool:
    """Money was found, or nobody can be asked now; a decline may have been followed by another attempt."""
    return isinstance(answer, Sent) and answer.result.outcome is not Outcome.DECLINED
