"""One question of tax treatment, and how its answer is put together."""

from __future__ import annotations

from datetime import date
from typing import Final

import attrs

from billing_core.tax.answers import RegistryAnswer
from billing_core.tax.business_proof import BusinessProof, ProofStatus
from billing_core.tax.evidence import LocationAssessment, LocationStatus
from billing_core.tax.place_rules import PlaceRule
from billing_core.tax.territory import Territory
from billing_core.tax.treatment_inputs import TaxPolicy, TaxSeller
from billing_core.tax.treatment_types import (
    LeftToHost,
    PendingAction,
    SupplyKind,
    Treatment,
    TreatmentKind,
    TreatmentReason,
)
from billing_core.tax.verification import VerificationState

__all__ = ["RULES_FROM", "RULES_UNTIL", "Case"]

#: The days for which the rules were read: from the e-commerce package to the single registration of ViDA.
RULES_FROM: Final = date(2021, 7, 1)
RULES_UNTIL: Final = date(2028, 7, 1)

_REVERSE_CHARGE: Final = "Reverse charge"

#: Kinds under which the seller needs a tax id of its own.
_NEEDS_SELLER_TAX_ID: Final = frozenset(
    {
        TreatmentKind.DOMESTIC,
        TreatmentKind.DESTINATION_VAT,
        TreatmentKind.REVERSE_CHARGE,
        TreatmentKind.PENDING_VERIFICATION,
    }
)

#: Kinds under which there is a rate to look up.
_HAS_RATE: Final = frozenset(
    {
        TreatmentKind.DOMESTIC,
        TreatmentKind.DESTINATION_VAT,
        TreatmentKind.PENDING_VERIFICATION,
        TreatmentKind.SALES_TAX,
    }
)


@attrs.frozen(kw_only=True)
class Case:
    """One question: both places resolved, and the customer's standing judged."""

    seller: TaxSeller
    customer: Territory
    supply_kind: SupplyKind
    verification: RegistryAnswer | VerificationState | None
    evidence: LocationAssessment | None
    on: date
    policy: TaxPolicy
    rule: PlaceRule | None
    proof: BusinessProof

    @property
    def treats_as_consumer(self) -> bool:
        """Whether nothing proves, or may yet prove, a business."""
        return self.proof.status is ProofStatus.NOT_PROVEN

    @property
    def place_is_sellers(self) -> bool:
        """Whether the general rule for services to consumers applies (art. 45)."""
        return self.supply_kind is SupplyKind.OTHER_SERVICE and self.treats_as_consumer

    def treatment(
        self,
        kind: TreatmentKind,
        *,
        place: Territory | None,
        basis: tuple[str, ...],
        reasons: tuple[TreatmentReason, ...],
        left: tuple[LeftToHost, ...] = (),
        pending_action: PendingAction | None = None,
    ) -> Treatment:
        """
        One answer, with what every answer of this kind carries.

        Args:
            kind: the way to tax.
            place: whose tax it is; None where nobody here knows.
            basis: the articles.
            reasons: why.
            left: what this rule leaves to the host.
            pending_action: for a pending verification, what to do meanwhile.
        """
        provisional = pending_action is PendingAction.PROVISIONAL_REVERSE_CHARGE
        reverses = kind is TreatmentKind.REVERSE_CHARGE or provisional
        return Treatment(
            kind=kind,
            on=self.on,
            tax_country=None if place is None else place.tax_country,
            jurisdiction=place.jurisdiction if place is not None and kind in _HAS_RATE else None,
            customer_territory=self.customer.code,
            legal_basis=basis,
            invoice_notes=(_REVERSE_CHARGE,) if reverses else (),
            invoice_must_show=_must_show(self) if reverses else (),
            reasons=(*reasons, *_place_remarks(self.customer)),
            left_to_host=(*left, *self.proof.left_to_host, *_always_left(self, kind)),
            pending_action=pending_action,
            evidence_status=None if self.evidence is None else self.evidence.status,
        )


def _place_remarks(customer: Territory) -> tuple[TreatmentReason, ...]:
    return (TreatmentReason.NORTHERN_IRELAND_IS_UK_FOR_SERVICES,) if customer.code == "GB-NIR" else ()


def _must_show(case: Case) -> tuple[str, ...]:
    """Art. 226(3) and (4); a seller outside the EU has no number that the first could mean."""
    if case.seller.territory.in_eu_vat_area:
        return ("seller_tax_id", "customer_tax_id")
    return ("customer_tax_id",)


def _always_left(case: Case, kind: TreatmentKind) -> tuple[LeftToHost, ...]:
    """What is open whichever rule answered."""
    evidence = case.evidence
    open_points = {
        LeftToHost.SELLER_NOT_REGISTERED: kind in _NEEDS_SELLER_TAX_ID and not case.seller.has_tax_id,
        LeftToHost.POSTAL_CODE_MISSING: case.customer.postal_code_missing,
        LeftToHost.LOCATION_EVIDENCE_INSUFFICIENT: case.treats_as_consumer
        and evidence is not None
        and evidence.status is LocationStatus.INSUFFICIENT,
        LeftToHost.RULES_NOT_REVIEWED_FOR_DATE: not RULES_FROM <= case.on < RULES_UNTIL,
    }
    return tuple(point for point, is_open in open_points.items() if is_open)
