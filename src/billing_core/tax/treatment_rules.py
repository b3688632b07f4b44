"""
The rules of tax treatment, in the order in which they are asked.

Each is a function of one case that answers, or passes. What no rule knows is
outside the scope, so every case has exactly one treatment.

Sources: Directive 2006/112/EC art. 44, 45, 58, 59c, 196, 226;
Implementing Regulation (EU) 282/2011 art. 18, 24b, 24d, 24f, 53.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, TypeAlias

from billing_core.tax.business_proof import ProofStatus, is_younger
from billing_core.tax.evidence import LocationAssessment, LocationStatus
from billing_core.tax.place_rules import EU_RULE, SALES_TAX_COUNTRIES, PlaceRule
from billing_core.tax.territory import HostRule, Territory
from billing_core.tax.treatment_case import Case
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

__all__ = ["first_answer", "rule_of_place"]

_DIRECTIVE: Final = "Directive 2006/112/EC"
_REGULATION: Final = "Implementing Regulation (EU) 282/2011"


def rule_of_place(
    customer: Territory, seller: TaxSeller, supply_kind: SupplyKind, on: date, policy: TaxPolicy
) -> PlaceRule | None:
    """
    The law of the customer's place on services from elsewhere, if this library knows one.

    For a seller in the EU what leaves the EU is outside its scope, whatever the
    other side asks for; the invoice says so and the rest is left to the host.
    """
    if customer.in_eu_vat_area:
        return EU_RULE
    if seller.territory.in_eu_vat_area or supply_kind is SupplyKind.OTHER_SERVICE:
        return None
    rule = policy.remote_rules.get(customer.place)
    return rule if rule is not None and rule.holds_on(on) else None


def first_answer(case: Case) -> Treatment:
    """The treatment by the first rule that knows the case; outside every known scope if none does."""
    for rule in _RULES:
        treatment = rule(case)
        if treatment is not None:
            return treatment
    return _outside_scope(case)


def _special_territory(case: Case) -> Treatment | None:
    """Territories in whose tax only the host knows its way: Åland; French overseas for sellers in France."""
    seller = case.seller.territory
    if not (_has_own_rules(case.customer, seller) or _has_own_rules(seller, case.customer)):
        return None
    return _territory_rules(case, TreatmentReason.TERRITORY_HAS_OWN_RULES)


def _has_own_rules(territory: Territory, other_side: Territory) -> bool:
    if territory.host_rule is HostRule.HOME_SELLERS:
        return territory.country == other_side.place
    return territory.host_rule is HostRule.EVERYBODY


def _territory_rules(case: Case, reason: TreatmentReason) -> Treatment:
    return case.treatment(
        TreatmentKind.SPECIAL_TERRITORY,
        place=None,
        basis=(f"{_DIRECTIVE} art. 6",),
        reasons=(reason,),
        left=(LeftToHost.TERRITORY_RULES,),
    )


def _evidence_conflict(case: Case) -> Treatment | None:
    """Art. 24b and 24f: where a consumer is needs evidence that does not contradict itself."""
    if case.evidence is None or not case.treats_as_consumer or case.place_is_sellers:
        return None
    if not _contradicts(case.evidence, case.customer):
        return None
    return case.treatment(
        TreatmentKind.EVIDENCE_CONFLICT,
        place=None,
        basis=(f"{_REGULATION} art. 24b", f"{_REGULATION} art. 24d", f"{_REGULATION} art. 24f"),
        reasons=(TreatmentReason.LOCATION_EVIDENCE_CONFLICT,),
        left=(LeftToHost.LOCATION_EVIDENCE_CONFLICT,),
    )


def _contradicts(evidence: LocationAssessment, customer: Territory) -> bool:
    if evidence.status is LocationStatus.CONFLICT:
        return True
    # Evidence often knows the parent country only: an address in Las Palmas and a Spanish card agree.
    told = {customer.place, customer.code, customer.country}
    return evidence.status is LocationStatus.SUFFICIENT and evidence.country not in told


def _sales_tax(case: Case) -> Treatment | None:
    """Sales inside a country without a national VAT: the rules of state and city are the host's."""
    country = case.customer.place
    if country not in SALES_TAX_COUNTRIES or case.seller.territory.place != country:
        return None
    return case.treatment(
        TreatmentKind.SALES_TAX,
        place=case.customer,
        basis=(f"{country}: state and local law",),
        reasons=(TreatmentReason.SALES_TAX_BY_STATE,),
        left=(LeftToHost.SALES_TAX_RULES,),
    )


def _same_place(case: Case) -> Treatment | None:
    """Seller and customer under one VAT law: domestic, with or without a tax id."""
    if case.customer.place != case.seller.territory.place:
        return None
    if case.customer.tax_country is None:
        return _territory_rules(case, TreatmentReason.TERRITORY_OUTSIDE_VAT)
    return case.treatment(
        TreatmentKind.DOMESTIC,
        place=case.customer,
        basis=_domestic_basis(case),
        reasons=(TreatmentReason.SAME_VAT_COUNTRY,),
    )


def _domestic_basis(case: Case) -> tuple[str, ...]:
    if not case.customer.in_eu_vat_area:
        return (_national_law(case.customer),)
    if case.place_is_sellers:
        return (f"{_DIRECTIVE} art. 45",)
    return (f"{_DIRECTIVE} art. {'58' if case.treats_as_consumer else '44'}",)


def _national_law(territory: Territory) -> str:
    return f"{territory.place}: national law"


def _establishment(case: Case) -> Treatment | None:
    """Art. 53 of the Regulation: a seller's establishment that takes part in the sale makes it domestic."""
    if case.customer.place not in case.seller.also_established_in:
        return None
    in_eu = case.customer.in_eu_vat_area
    return case.treatment(
        TreatmentKind.DOMESTIC,
        place=case.customer,
        basis=(f"{_REGULATION} art. 53",) if in_eu else (_national_law(case.customer),),
        reasons=(TreatmentReason.ESTABLISHMENT_IN_CUSTOMER_COUNTRY,),
    )


def _place_of_seller(case: Case) -> Treatment | None:
    """Art. 45: services other than electronic ones are taxed where the seller is, if a consumer buys."""
    if not case.place_is_sellers:
        return None
    seller = case.seller.territory
    charged = seller.in_eu_vat_area
    unknown = () if charged else (LeftToHost.LOCAL_TAX_MAY_APPLY,)
    return case.treatment(
        TreatmentKind.DOMESTIC if charged else TreatmentKind.OUTSIDE_SCOPE,
        place=seller,
        basis=(f"{_DIRECTIVE} art. 45",),
        reasons=(TreatmentReason.PLACE_OF_SELLER, case.proof.reason),
        left=(LeftToHost.EXCEPTIONS_TO_PLACE_OF_SUPPLY, *unknown),
    )


def _pending(case: Case) -> Treatment | None:
    """Art. 18: a business once its id is confirmed; until then the host's policy says what to do."""
    if case.rule is None or case.proof.status is not ProofStatus.PENDING:
        return None
    action = case.policy.pending
    fallback: tuple[TreatmentReason, ...] = ()
    if action is PendingAction.PROVISIONAL_REVERSE_CHARGE and not _was_recently_valid(case):
        action, fallback = PendingAction.CHARGE_AND_CREDIT, (TreatmentReason.NO_RECENT_VALID_ANSWER,)
    confirmation = (f"{_REGULATION} art. 18",) if case.customer.in_eu_vat_area else ()
    return case.treatment(
        TreatmentKind.PENDING_VERIFICATION,
        place=case.customer,
        basis=(*confirmation, *case.rule.business_basis),
        reasons=(case.proof.reason, *fallback),
        pending_action=action,
    )


def _was_recently_valid(case: Case) -> bool:
    state = case.verification
    if not isinstance(state, VerificationState) or state.last_valid is None:
        return False
    return is_younger(state.last_valid, case.on, case.policy.provisional_days_max)


def _reverse_charge(case: Case) -> Treatment | None:
    """Art. 44 and 196: a proven business elsewhere accounts for the tax itself."""
    if case.rule is None or case.proof.status is not ProofStatus.PROVEN:
        return None
    in_eu = case.customer.in_eu_vat_area
    wording = (f"{_DIRECTIVE} art. 226(11a)",) if in_eu else ()
    is_listed = in_eu and case.seller.territory.in_eu_vat_area
    listing = (LeftToHost.RECAPITULATIVE_STATEMENT,) if is_listed else ()
    return case.treatment(
        TreatmentKind.REVERSE_CHARGE,
        place=case.customer,
        basis=(*case.rule.business_basis, *wording),
        reasons=(case.proof.reason,),
        left=(LeftToHost.CONFIRM_NAME_AND_ADDRESS, *listing),
    )


def _below_threshold(case: Case) -> Treatment | None:
    """Art. 59c: a small seller of one member state charges its own VAT to consumers in the others."""
    seller = case.seller
    if not _threshold_asked(case) or seller.is_established_in_several_eu_countries(case.on):
        return None
    return case.treatment(
        TreatmentKind.DOMESTIC,
        place=seller.territory,
        basis=(f"{_DIRECTIVE} art. 59c", f"{_DIRECTIVE} art. 45"),
        reasons=(TreatmentReason.BELOW_EU_THRESHOLD, case.proof.reason),
    )


def _threshold_asked(case: Case) -> bool:
    both_in_eu = case.customer.in_eu_vat_area and case.seller.territory.in_eu_vat_area
    return case.seller.below_eu_threshold and both_in_eu and case.treats_as_consumer


def _destination(case: Case) -> Treatment | None:
    """Art. 58: electronic services to consumers are taxed where the customer is."""
    if case.rule is None:
        return None
    several = (LeftToHost.THRESHOLD_NEEDS_ONE_MEMBER_STATE,) if _threshold_asked(case) else ()
    threshold = (LeftToHost.LOCAL_THRESHOLD,) if case.rule.has_threshold else ()
    return case.treatment(
        TreatmentKind.DESTINATION_VAT,
        place=case.customer,
        basis=case.rule.consumer_basis,
        reasons=(case.proof.reason,),
        left=(*several, *threshold),
    )


def _outside_scope(case: Case) -> Treatment:
    """Art. 44 and 58: the place of supply is outside every law that is known here."""
    outside = TreatmentReason.CUSTOMER_OUTSIDE_EU
    if case.customer.tax_country is None:
        outside = TreatmentReason.TERRITORY_OUTSIDE_VAT
    seller = case.seller.territory
    article = f"{_DIRECTIVE} art. {'58' if case.treats_as_consumer else '44'}"
    return case.treatment(
        TreatmentKind.OUTSIDE_SCOPE,
        place=case.customer,
        basis=(article if seller.in_eu_vat_area else _national_law(seller),),
        reasons=(outside,),
        left=(LeftToHost.LOCAL_TAX_MAY_APPLY,),
    )


_Rule: TypeAlias = Callable[[Case], Treatment | None]

_RULES: Final[tuple[_Rule, ...]] = (
    _special_territory,
    _evidence_conflict,
    _sales_tax,
    _same_place,
    _establishment,
    _place_of_seller,
    _pending,
    _reverse_charge,
    _below_threshold,
    _destination,
)
