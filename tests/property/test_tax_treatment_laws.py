"""Laws of tax treatment: total, pure, and never hard on a customer for a registry's outage."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from billing_core.identity.tax_id import TaxId
from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.evidence import (
    EvidenceKind,
    LocationAssessment,
    LocationEvidence,
    LocationStatus,
    assess_location,
)
from billing_core.tax.territory import Territory, resolve_territory
from billing_core.tax.territory_data import EU_MEMBERSHIP, TERRITORY_ROWS
from billing_core.tax.treatment import (
    CustomerKind,
    InvoiceTax,
    PendingAction,
    SupplyKind,
    TaxPolicy,
    TaxSeller,
    Treatment,
    TreatmentKind,
    decide_tax_treatment,
)
from billing_core.tax.verification import VerificationState

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
ON = date(2026, 11, 22)

#: One address for each kind of place there is.
ADDRESSES = [
    ("DE", "10115"),
    ("FR", "75001"),
    ("MC", None),
    ("FR", "97200"),
    ("ES", "35001"),
    ("FI", "22100"),
    ("GB", "SW1A 1AA"),
    ("GB", "BT1 5GS"),
    ("NO", "0150"),
    ("US", "94043"),
    ("AU", "2000"),
    ("AD", "AD500"),
]
TAX_IDS = [
    None,
    *map(TaxId.parse, ("DE136695976", "FR40303265045", "GB980780684", "XI980780684", "NO995525828MVA")),
    TaxId.parse("83914571673", "AU"),
]
ANSWERS = [None, *(RegistryAnswer(status=status, checked_at=AT) for status in RegistryStatus)]

countries = st.sampled_from(
    sorted({row.country for row in TERRITORY_ROWS} | set(EU_MEMBERSHIP) | {"US", "AU", "JP"})
)
postal_codes = st.none() | st.from_regex(r"[0-9]{3,5}", fullmatch=True)
territories = st.builds(resolve_territory, countries, postal_codes) | st.sampled_from(
    [resolve_territory(row.country, city=min(row.cities)) for row in TERRITORY_ROWS if row.cities]
)
evidence = st.none() | st.lists(
    st.builds(
        LocationEvidence,
        kind=st.sampled_from(EvidenceKind),
        country=countries,
        source=st.just("test"),
        observed_at=st.just(AT),
        third_party=st.booleans(),
    ),
    max_size=4,
).map(assess_location)
answers = st.builds(
    RegistryAnswer,
    status=st.sampled_from(RegistryStatus),
    checked_at=st.integers(-900, 10).map(lambda days: AT + timedelta(days=days)),
)
verifications = (
    st.none()
    | answers
    | st.builds(VerificationState, last_valid=st.none() | answers, last_answer=st.none() | answers)
)
sellers = st.builds(
    TaxSeller,
    territory=territories,
    has_tax_id=st.booleans(),
    below_eu_threshold=st.booleans(),
    also_established_in=st.frozensets(countries, max_size=2),
)
questions = st.fixed_dictionaries(
    {
        "seller": sellers,
        "customer": territories,
        "customer_kind": st.sampled_from(CustomerKind),
        "tax_id": st.sampled_from(TAX_IDS),
        "verification": verifications,
        "supply_kind": st.sampled_from(SupplyKind),
        "on": st.dates(date(2000, 1, 1), date(2040, 1, 1)),
        "evidence": evidence,
        "policy": st.builds(TaxPolicy, pending=st.sampled_from(PendingAction)),
    }
)


@given(questions)
def test_any_question_has_one_complete_answer(question: dict[str, object]) -> None:
    """Every combination gives a treatment that cites something, says why, and survives being stored."""
    treatment = decide_tax_treatment(**question)  # type: ignore[arg-type]

    assert treatment.legal_basis
    assert treatment.reasons
    assert (treatment.kind is TreatmentKind.PENDING_VERIFICATION) is (treatment.pending_action is not None)
    assert treatment == decide_tax_treatment(**question)  # type: ignore[arg-type]
    assert treatment == Treatment.from_dict(json.loads(json.dumps(treatment.to_dict())))


@given(questions)
def test_charging_names_whose_tax_and_which_rate(question: dict[str, object]) -> None:
    """An invoice that charges tax knows the country and the key of the rate."""
    treatment = decide_tax_treatment(**question)  # type: ignore[arg-type]
    if treatment.invoice_tax is InvoiceTax.CHARGE:
        assert treatment.tax_country is not None
        assert treatment.jurisdiction is not None


@given(questions)
def test_tax_is_left_out_for_a_reason(question: dict[str, object]) -> None:
    """A reverse charge always has a verified id behind it, and says so on the invoice."""
    treatment = decide_tax_treatment(**question)  # type: ignore[arg-type]
    if treatment.kind is TreatmentKind.REVERSE_CHARGE:
        assert {"tax_id_valid", "tax_id_in_grace"} & set(treatment.reasons)
        assert question["customer_kind"] is not CustomerKind.CONSUMER
        assert treatment.invoice_notes == ("Reverse charge",)


@given(questions, st.sampled_from([RegistryStatus.UNAVAILABLE, RegistryStatus.REFUSED]))
def test_an_outage_is_never_an_invalid_id(question: dict[str, object], status: RegistryStatus) -> None:
    """Whatever else holds, an answer without a verdict never gives the reason `tax_id_invalid`."""
    down = RegistryAnswer(status=status, checked_at=AT)
    treatment = decide_tax_treatment(**{**question, "verification": down})  # type: ignore[arg-type]
    assert "tax_id_invalid" not in treatment.reasons


@given(
    questions,
    st.sampled_from(
        [("MC", "FR", "75001"), ("IM", "GB", "SW1A 1AA"), ("XI", "GB", "SW1A 1AA"), ("LI", "CH", "8001")]
    ),
)
def test_two_places_under_one_vat_law_are_treated_alike(
    question: dict[str, object], places: tuple[str, str, str]
) -> None:
    """Who moves from Nice to Monaco keeps the kind of treatment, and whose tax it is."""
    own_code, country, postal_code = places
    first, second = (
        decide_tax_treatment(**{**question, "customer": place, "evidence": None})  # type: ignore[arg-type]
        for place in (resolve_territory(own_code), resolve_territory(country, postal_code))
    )
    assert (first.kind, first.tax_country) == (second.kind, second.tax_country)


def test_table_of_all_combinations() -> None:
    """All places, customers, ids and answers: total, and reverse charge exactly where it belongs."""
    count = 0
    for seller, customer, kind, tax_id, answer in product(
        ADDRESSES, ADDRESSES, CustomerKind, TAX_IDS, ANSWERS
    ):
        treatment = decide_tax_treatment(
            seller=SELLERS[seller],
            customer=PLACES[customer],
            customer_kind=kind,
            tax_id=tax_id,
            verification=answer,
            on=ON,
        )
        expected = _is_reverse_charge(SELLERS[seller].territory, PLACES[customer], kind, tax_id, answer)
        assert expected is (treatment.kind is TreatmentKind.REVERSE_CHARGE), (
            seller,
            customer,
            kind,
            tax_id,
            answer,
        )
        count += 1
    assert count == len(ADDRESSES) ** 2 * len(CustomerKind) * len(TAX_IDS) * len(ANSWERS)


SELLERS = {address: TaxSeller.of(*address) for address in ADDRESSES}
PLACES = {address: resolve_territory(*address) for address in ADDRESSES}


def _is_reverse_charge(
    seller: Territory,
    customer: Territory,
    kind: CustomerKind,
    tax_id: TaxId | None,
    answer: RegistryAnswer | None,
) -> bool:
    """The rule said another way: a verified id of the customer's place, under a law that knows it."""
    if tax_id is None or answer is None or answer.status != "valid" or kind == "consumer":
        return False
    if "FI-01" in (seller.code, customer.code) or customer.place == seller.place:
        return False
    if seller.code == "FR-MQ" and customer.place == "FR":
        return False
    types = {
        "DE": {"eu_vat"},
        "FR": {"eu_vat"},
        "GB": {"gb_vat", "xi_vat"},
        "NO": {"no_vat"},
        "AU": {"au_abn"},
    }
    if tax_id.type not in types.get(customer.place, set()) or tax_id.country != customer.place:
        return False
    return customer.in_eu_vat_area or not seller.in_eu_vat_area


@given(evidence)
def test_sufficient_evidence_names_a_country(
    assessment: LocationAssessment | None,
) -> None:
    """A country is named exactly when the evidence suffices, and then some item carries it."""
    if assessment is not None:
        sufficient = assessment.status is LocationStatus.SUFFICIENT
        assert sufficient is (assessment.country is not None)
        assert not sufficient or assessment.used
