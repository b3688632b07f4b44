"""
Whether a customer counts as a business: a registry's word, never a checksum.

Source: Implementing Regulation (EU) 282/2011 art. 18.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import attrs

from billing_core.identity.tax_id import TaxId
from billing_core.issues import Choice
from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.place_rules import PlaceRule
from billing_core.tax.treatment_types import CustomerKind, LeftToHost, TreatmentReason
from billing_core.tax.verification import VerificationState, VerificationVerdict

__all__ = ["BusinessProof", "ProofStatus", "business_proof", "is_younger"]


class ProofStatus(Choice):
    """Whether the customer is proven to be a business, is not, or nobody can say yet."""

    PROVEN = "proven"
    PENDING = "pending"
    NOT_PROVEN = "not_proven"


@attrs.frozen
class BusinessProof:
    """What is known, why, and what the host should look at."""

    status: ProofStatus
    reason: TreatmentReason
    left_to_host: tuple[LeftToHost, ...] = ()


_NO_VERDICT: Final[Mapping[RegistryStatus, TreatmentReason]] = {
    RegistryStatus.UNAVAILABLE: TreatmentReason.REGISTRY_UNAVAILABLE,
    RegistryStatus.REFUSED: TreatmentReason.REGISTRY_REFUSED,
}


def business_proof(
    *,
    customer_kind: CustomerKind,
    tax_id: TaxId | None,
    verification: RegistryAnswer | VerificationState | None,
    rule: PlaceRule | None,
    place: str,
    on: date,
    verified_days_max: int,
) -> BusinessProof:
    """
    Whether the customer is proven to be a business *at this place*.

    Args:
        customer_kind: what the customer says to be.
        tax_id: the id given, of the right form at least.
        verification: what the registry said about it.
        rule: the law of the place; None where this library knows none, so that
            the customer's own word has to do.
        place: the VAT country of the customer.
        on: the day of the supply.
        verified_days_max: how old a VALID answer may be on that day.
    """
    if customer_kind is CustomerKind.CONSUMER:
        doubt = () if tax_id is None else (LeftToHost.CUSTOMER_KIND_CONTRADICTS_TAX_ID,)
        return BusinessProof(ProofStatus.NOT_PROVEN, TreatmentReason.CUSTOMER_IS_CONSUMER, doubt)
    if rule is None:
        return _by_own_word(customer_kind)
    if tax_id is None:
        return BusinessProof(ProofStatus.NOT_PROVEN, TreatmentReason.TAX_ID_NOT_GIVEN)
    if tax_id.type not in rule.tax_id_types or tax_id.country != place:
        return BusinessProof(
            ProofStatus.NOT_PROVEN,
            TreatmentReason.TAX_ID_OF_OTHER_PLACE,
            (LeftToHost.TAX_ID_OF_OTHER_PLACE,),
        )
    if isinstance(verification, VerificationState):
        proof, valid = _by_state(verification)
    else:
        proof, valid = _by_answer(verification), verification
    too_old = valid is not None and not is_younger(valid, on, verified_days_max)
    if proof.status is ProofStatus.PROVEN and too_old:
        return BusinessProof(ProofStatus.PENDING, TreatmentReason.TAX_ID_ANSWER_TOO_OLD)
    return proof


def is_younger(answer: RegistryAnswer, on: date, days_max: int) -> bool:
    """Whether an answer was at most so many days old on a day; a later one counts too."""
    return (on - answer.checked_at.date()).days <= days_max


def _by_own_word(customer_kind: CustomerKind) -> BusinessProof:
    if customer_kind is CustomerKind.BUSINESS:
        return BusinessProof(
            ProofStatus.PROVEN, TreatmentReason.BUSINESS_BY_OWN_WORD, (LeftToHost.PROOF_OF_BUSINESS,)
        )
    return BusinessProof(ProofStatus.NOT_PROVEN, TreatmentReason.TAX_ID_NOT_GIVEN)


def _by_answer(answer: RegistryAnswer | None) -> BusinessProof:
    if answer is None:
        return BusinessProof(ProofStatus.PENDING, TreatmentReason.TAX_ID_NOT_CHECKED)
    if answer.status is RegistryStatus.VALID:
        return BusinessProof(ProofStatus.PROVEN, TreatmentReason.TAX_ID_VALID)
    if answer.status is RegistryStatus.INVALID:
        return BusinessProof(ProofStatus.NOT_PROVEN, TreatmentReason.TAX_ID_INVALID)
    return BusinessProof(ProofStatus.PENDING, _NO_VERDICT[answer.status])


def _by_state(state: VerificationState) -> tuple[BusinessProof, RegistryAnswer | None]:
    if state.verdict is VerificationVerdict.INVALID:
        return BusinessProof(ProofStatus.NOT_PROVEN, TreatmentReason.TAX_ID_INVALID), None
    if state.verdict is VerificationVerdict.UNVERIFIED:
        return _by_answer(_without_verdict(state.last_answer)), None
    last = state.last_answer
    in_grace = last is not None and last.status in _NO_VERDICT
    reason = TreatmentReason.TAX_ID_IN_GRACE if in_grace else TreatmentReason.TAX_ID_VALID
    return BusinessProof(ProofStatus.PROVEN, reason), state.last_valid or last


def _without_verdict(answer: RegistryAnswer | None) -> RegistryAnswer | None:
    # Grace can end by time alone, with VALID still the last answer: it proves nothing any more.
    return answer if answer is not None and answer.status in _NO_VERDICT else None
