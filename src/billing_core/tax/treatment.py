"""
How a sale of services is taxed: one pure, total function.

Both places become territories first, then `billing_core.tax.treatment_rules`
are asked in order. Each answer cites its article, says why in stable codes, and
names what is left to the host: this is not tax advice.
"""

from __future__ import annotations

from datetime import date
from typing import Final, TypeVar

from billing_core.identity.tax_id import TaxId
from billing_core.issues import invalid
from billing_core.tax.answers import RegistryAnswer
from billing_core.tax.business_proof import business_proof
from billing_core.tax.evidence import LocationAssessment
from billing_core.tax.territory import Territory
from billing_core.tax.treatment_case import Case
from billing_core.tax.treatment_inputs import TaxPolicy, TaxSeller
from billing_core.tax.treatment_rules import first_answer, rule_of_place
from billing_core.tax.treatment_types import (
    CustomerKind,
    InvoiceTax,
    LeftToHost,
    PendingAction,
    SupplyKind,
    Treatment,
    TreatmentKind,
    TreatmentReason,
)
from billing_core.tax.verification import VerificationState
from billing_core.values.period import check_day

__all__ = [
    "CustomerKind",
    "InvoiceTax",
    "LeftToHost",
    "PendingAction",
    "SupplyKind",
    "TaxPolicy",
    "TaxSeller",
    "Treatment",
    "TreatmentKind",
    "TreatmentReason",
    "decide_tax_treatment",
]

_DEFAULT_POLICY: Final = TaxPolicy()
_Choice = TypeVar("_Choice", CustomerKind, SupplyKind)


def decide_tax_treatment(
    *,
    seller: TaxSeller,
    customer: Territory | str,
    customer_postal_code: str | None = None,
    customer_city: str | None = None,
    customer_kind: CustomerKind | str = CustomerKind.UNKNOWN,
    tax_id: TaxId | None = None,
    verification: RegistryAnswer | VerificationState | None = None,
    supply_kind: SupplyKind | str = SupplyKind.ELECTRONIC_SERVICE,
    on: date,
    evidence: LocationAssessment | None = None,
    policy: TaxPolicy = _DEFAULT_POLICY,
) -> Treatment:
    """
    Decide how one sale of services is taxed. Pure: no clock, no network, no rates.

    Args:
        seller: where the seller is, and what holds for it.
        customer: the customer's territory, or the ISO country code of the address.
        customer_postal_code: with a country code: the postal code, in any spelling.
        customer_city: with a country code: the city.
        customer_kind: ``business``, ``consumer`` or ``unknown``; the last is a business
            once its tax id is verified.
        tax_id: the customer's tax id, of the right form.
        verification: what a registry said about *this* id: one answer, or the state
            over time (a verified state lasts through an outage, see `next_verification`).
        supply_kind: what is sold.
        on: the day of the supply.
        evidence: where a consumer is, by `assess_location`; without it nothing is held against it.
        policy: what the host decided once for all sales.

    Returns:
        Exactly one treatment for every combination. Look at ``left_to_host`` before
        issuing an invoice.

    Raises:
        InvalidInput: an argument of the wrong type or form, never a combination.

    Source: Directive 2006/112/EC art. 44, 45, 58, 59c, 196, 226(11a);
    Implementing Regulation (EU) 282/2011 art. 18, 24b, 24d, 24f, 53.

    >>> treatment = decide_tax_treatment(
    ...     seller=TaxSeller.of("DE"), customer="FR", customer_postal_code="75001",
    ...     customer_kind="consumer", on=date(2026, 1, 31),
    ... )
    >>> treatment.kind.value, treatment.tax_country, treatment.legal_basis
    ('destination_vat', 'FR', ('Directive 2006/112/EC art. 58',))
    """
    check_day(on, "on")
    kind = _member(CustomerKind, customer_kind, "customer_kind")
    supply = _member(SupplyKind, supply_kind, "supply_kind")
    place = _resolved(customer, customer_postal_code, customer_city, on, policy)
    rule = rule_of_place(place, seller, supply, on, policy)
    proof = business_proof(
        customer_kind=kind,
        tax_id=tax_id,
        verification=verification,
        rule=rule,
        place=place.place,
        on=on,
        verified_days_max=policy.verified_days_max,
    )
    return first_answer(
        Case(
            seller=seller,
            customer=place,
            supply_kind=supply,
            verification=verification,
            evidence=evidence,
            on=on,
            policy=policy,
            rule=rule,
            proof=proof,
        )
    )


def _resolved(
    customer: Territory | str, postal_code: str | None, city: str | None, on: date, policy: TaxPolicy
) -> Territory:
    if not isinstance(customer, Territory):
        return policy.territories.resolve(customer, postal_code, city, on=on)
    if postal_code is not None or city is not None:
        raise invalid("customer", "two_values")
    return customer


def _member(kind: type[_Choice], value: _Choice | str, field: str) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        raise invalid(field, "unknown_value", allowed=", ".join(kind)) from None
