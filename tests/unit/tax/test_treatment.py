"""Each rule of tax treatment, by the case it is for."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from billing_core.errors import InvalidInput
from billing_core.identity.tax_id import TaxId
from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.evidence import EvidenceKind, LocationEvidence, assess_location
from billing_core.tax.place_rules import REMOTE_RULES, PlaceRule
from billing_core.tax.territory import TerritoryTable, resolve_territory
from billing_core.tax.treatment import (
    LeftToHost,
    PendingAction,
    SupplyKind,
    TaxPolicy,
    TaxSeller,
    Treatment,
    TreatmentKind,
    TreatmentReason,
    decide_tax_treatment,
)
from billing_core.tax.verification import VerificationState, VerificationVerdict, next_verification

ON = date(2026, 11, 22)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
GERMANY = TaxSeller.of("DE")
FRENCH_ID = TaxId.parse("FR40303265045")
GERMAN_ID = TaxId.parse("DE136695976")
BRITISH_ID = TaxId.parse("GB980780684")
NORTHERN_IRISH_ID = TaxId.parse("XI980780684")


def answer(status: str, at: datetime = AT) -> RegistryAnswer:
    return RegistryAnswer(status=RegistryStatus(status), checked_at=at)


def decide(customer: str = "FR", postal_code: str | None = None, **changes: Any) -> Treatment:
    """A treatment for a German seller, unless changed."""
    arguments = {"seller": GERMANY, "on": ON, "customer_postal_code": postal_code, **changes}
    return decide_tax_treatment(customer=customer, **arguments)


def business(
    customer: str = "FR", status: str | None = "valid", tax_id: TaxId = FRENCH_ID, **changes: Any
) -> Treatment:
    verification = None if status is None else answer(status)
    return decide(customer, customer_kind="business", tax_id=tax_id, verification=verification, **changes)


def consumer(customer: str = "FR", postal_code: str | None = None, **changes: Any) -> Treatment:
    return decide(customer, postal_code, customer_kind="consumer", **changes)


def outline(treatment: Treatment) -> tuple[str, str | None, str]:
    return treatment.kind.value, treatment.tax_country, treatment.invoice_tax.value


def test_verified_business_elsewhere_is_reverse_charge() -> None:
    """Art. 44 and 196; the invoice says so and shows both numbers."""
    treatment = business(customer_postal_code="75001")

    assert outline(treatment) == ("reverse_charge", "FR", "none")
    assert treatment.legal_basis == tuple(
        f"Directive 2006/112/EC art. {number}" for number in ("44", "196", "226(11a)")
    )
    assert treatment.invoice_notes == ("Reverse charge",)
    assert treatment.invoice_must_show == ("seller_tax_id", "customer_tax_id")
    assert treatment.reasons == (TreatmentReason.TAX_ID_VALID,)
    assert treatment.left_to_host == (
        LeftToHost.CONFIRM_NAME_AND_ADDRESS,
        LeftToHost.RECAPITULATIVE_STATEMENT,
    )
    assert treatment.jurisdiction is None


def test_reverse_charge_by_a_seller_outside_the_eu() -> None:
    """The same place of supply; but no EU number and no statement of the seller's."""
    treatment = business(seller=TaxSeller.of("US"), customer_postal_code="75001")

    assert outline(treatment) == ("reverse_charge", "FR", "none")
    assert treatment.invoice_must_show == ("customer_tax_id",)
    assert treatment.left_to_host == (LeftToHost.CONFIRM_NAME_AND_ADDRESS,)


@pytest.mark.parametrize("kind", ["business", "unknown"])
def test_without_a_tax_id_everybody_is_charged_where_they_are(kind: str) -> None:
    """Art. 18(2) with art. 58: who gives no id is no business for electronic services."""
    treatment = decide("PT", "9500-321", customer_kind=kind)

    assert outline(treatment) == ("destination_vat", "PT", "charge")
    assert treatment.jurisdiction == "PT-20"
    assert treatment.legal_basis == ("Directive 2006/112/EC art. 58",)
    assert treatment.reasons == (TreatmentReason.TAX_ID_NOT_GIVEN,)


def test_unknown_kind_with_a_valid_id_is_a_business() -> None:
    """The registry's word makes the business."""
    assert outline(decide(tax_id=FRENCH_ID, verification=answer("valid")))[0] == "reverse_charge"


def test_invalid_id_is_charged() -> None:
    """INVALID is a verdict."""
    treatment = business(status="invalid")
    assert outline(treatment) == ("destination_vat", "FR", "charge")
    assert treatment.reasons == (TreatmentReason.TAX_ID_INVALID,)


def test_consumer_with_an_id_stays_a_consumer_and_is_pointed_out() -> None:
    """Bought for private use (art. 19), or a wrong box ticked: the host asks."""
    treatment = consumer(tax_id=FRENCH_ID, verification=answer("valid"))
    assert outline(treatment) == ("destination_vat", "FR", "charge")
    assert LeftToHost.CUSTOMER_KIND_CONTRADICTS_TAX_ID in treatment.left_to_host


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (None, TreatmentReason.TAX_ID_NOT_CHECKED),
        ("unavailable", TreatmentReason.REGISTRY_UNAVAILABLE),
        ("refused", TreatmentReason.REGISTRY_REFUSED),
    ],
)
def test_without_a_verdict_it_is_pending_and_charged(status: str | None, reason: TreatmentReason) -> None:
    """Nobody knows: charged for now, to be credited, and never called invalid."""
    treatment = business(status=status)

    assert outline(treatment) == ("pending_verification", "FR", "charge")
    assert treatment.pending_action is PendingAction.CHARGE_AND_CREDIT
    assert treatment.reasons == (reason,)
    assert treatment.jurisdiction == "FR"
    assert treatment.legal_basis[0] == "Implementing Regulation (EU) 282/2011 art. 18"


def test_pending_can_block() -> None:
    """A host may rather issue nothing."""
    treatment = business(status="unavailable", policy=TaxPolicy(pending=PendingAction.BLOCK))
    assert outline(treatment) == ("pending_verification", "FR", "do_not_issue")
    assert treatment.invoice_notes == ()


@pytest.mark.parametrize(
    ("age_days", "action"), [(90, "provisional_reverse_charge"), (91, "charge_and_credit")]
)
def test_provisional_reverse_charge_needs_a_recent_valid_answer(age_days: int, action: str) -> None:
    """On the strength of an answer young enough, counted to the day of supply."""
    checked_at = datetime(2026, 11, 22, tzinfo=UTC) - timedelta(days=age_days)
    state = VerificationState(last_valid=answer("valid", checked_at), last_answer=answer("unavailable"))
    policy = TaxPolicy(pending=PendingAction.PROVISIONAL_REVERSE_CHARGE)
    treatment = decide(tax_id=FRENCH_ID, verification=state, policy=policy)

    assert action == treatment.pending_action
    provisional = action == "provisional_reverse_charge"
    assert (("Reverse charge",) if provisional else ()) == treatment.invoice_notes
    assert provisional is (treatment.invoice_tax == "none")
    assert provisional is (TreatmentReason.NO_RECENT_VALID_ANSWER not in treatment.reasons)


@pytest.mark.parametrize(
    "verification", [answer("unavailable"), VerificationState(last_answer=answer("refused"))]
)
def test_provisional_without_any_valid_answer_charges(
    verification: RegistryAnswer | VerificationState,
) -> None:
    """There is nothing to rest it on."""
    policy = TaxPolicy(pending=PendingAction.PROVISIONAL_REVERSE_CHARGE)
    treatment = decide(tax_id=FRENCH_ID, verification=verification, policy=policy)
    assert treatment.pending_action is PendingAction.CHARGE_AND_CREDIT


def test_a_verified_state_lasts_through_an_outage() -> None:
    """In grace the known business is not charged because a register is down."""
    verified, _ = next_verification(VerificationState(), answer("valid"), AT)
    later = AT + timedelta(days=31)
    down, _ = next_verification(verified, answer("unavailable", later), later)

    for state, reason in ((verified, TreatmentReason.TAX_ID_VALID), (down, TreatmentReason.TAX_ID_IN_GRACE)):
        treatment = decide(tax_id=FRENCH_ID, verification=state, on=later.date())
        assert treatment.kind is TreatmentKind.REVERSE_CHARGE
        assert treatment.reasons == (reason,)


def test_states_without_a_verdict() -> None:
    """After grace it is pending, after a revocation it is charged; a new state was never checked."""
    verified, _ = next_verification(VerificationState(), answer("valid"), AT)
    ended, _ = next_verification(verified, None, AT + timedelta(days=60))
    revoked, _ = next_verification(verified, answer("invalid"), AT)
    treatments = [
        decide(tax_id=FRENCH_ID, verification=state) for state in (ended, revoked, VerificationState())
    ]

    assert [
        ("pending_verification", TreatmentReason.TAX_ID_NOT_CHECKED),
        ("destination_vat", TreatmentReason.TAX_ID_INVALID),
        ("pending_verification", TreatmentReason.TAX_ID_NOT_CHECKED),
    ] == [(treatment.kind.value, treatment.reasons[0]) for treatment in treatments]


def test_a_state_made_by_hand_rests_on_its_last_answer() -> None:
    """Verified without a kept VALID answer: the last answer's age counts."""
    state = VerificationState(last_answer=answer("valid"))
    assert decide(tax_id=FRENCH_ID, verification=state).kind is TreatmentKind.REVERSE_CHARGE
    bare = VerificationState(verdict=VerificationVerdict.VERIFIED)
    assert decide(tax_id=FRENCH_ID, verification=bare).kind is TreatmentKind.REVERSE_CHARGE


@pytest.mark.parametrize(("days", "kind"), [(365, "reverse_charge"), (366, "pending_verification")])
def test_an_old_valid_answer_proves_nothing(days: int, kind: str) -> None:
    """Ids get revoked: after a year nobody knows."""
    checked_at = datetime(2026, 11, 22, tzinfo=UTC) - timedelta(days=days)
    assert kind == decide(tax_id=FRENCH_ID, verification=answer("valid", checked_at)).kind


@pytest.mark.parametrize("tax_id", [GERMAN_ID, NORTHERN_IRISH_ID, TaxId.parse("CHE107787577IVA")])
def test_an_id_of_another_place_proves_no_business_here(tax_id: TaxId) -> None:
    """Place and number disagree: charged as without, and left to the host to ask."""
    treatment = business(tax_id=tax_id)
    assert outline(treatment) == ("destination_vat", "FR", "charge")
    assert LeftToHost.TAX_ID_OF_OTHER_PLACE in treatment.left_to_host


@pytest.mark.parametrize("status", [None, "valid", "invalid", "unavailable"])
def test_same_country_is_domestic_with_or_without_an_id(status: str | None) -> None:
    """No reverse charge at home."""
    treatment = business("DE", status=status, tax_id=GERMAN_ID, customer_postal_code="10115")
    assert outline(treatment) == ("domestic", "DE", "charge")
    assert treatment.reasons == (TreatmentReason.SAME_VAT_COUNTRY,)


@pytest.mark.parametrize(
    ("seller", "customer", "country"),
    [
        ("FR", "MC", "FR"),
        ("MC", "FR", "FR"),
        ("GB", "IM", "GB"),
        ("CH", "LI", "CH"),
        ("AU", "AU", "AU"),
        ("AD", "AD", "AD"),
    ],
)
def test_one_vat_law_is_one_country(seller: str, customer: str, country: str) -> None:
    """Monaco is France, Man is the UK, Liechtenstein is Switzerland."""
    assert outline(consumer(customer, seller=TaxSeller.of(seller))) == ("domestic", country, "charge")


def test_domestic_articles() -> None:
    """What a domestic sale rests on depends on who buys what; outside the EU it is national law."""
    other = SupplyKind.OTHER_SERVICE
    treatments = [
        business("DE", tax_id=GERMAN_ID),
        consumer("DE"),
        consumer("DE", supply_kind=other),
        consumer("NO", seller=TaxSeller.of("NO")),
    ]
    assert [
        "Directive 2006/112/EC art. 44",
        "Directive 2006/112/EC art. 58",
        "Directive 2006/112/EC art. 45",
        "NO: national law",
    ] == [treatment.legal_basis[0] for treatment in treatments]


def test_small_seller_charges_at_home() -> None:
    """Art. 59c, for consumers in other member states only."""
    small = TaxSeller.of("DE", below_eu_threshold=True)

    treatment = consumer(seller=small)
    assert outline(treatment) == ("domestic", "DE", "charge")
    assert treatment.legal_basis[0] == "Directive 2006/112/EC art. 59c"
    assert treatment.jurisdiction == "DE"
    assert business(seller=small).kind is TreatmentKind.REVERSE_CHARGE
    assert consumer("US", seller=small).kind is TreatmentKind.OUTSIDE_SCOPE
    assert consumer(seller=TaxSeller.of("US", below_eu_threshold=True)).kind is TreatmentKind.DESTINATION_VAT


def test_threshold_needs_one_member_state() -> None:
    """Established in two, the flag can't be right: charged where the customer is, and pointed out."""
    seller = TaxSeller(
        territory=resolve_territory("DE"), below_eu_threshold=True, also_established_in=frozenset({"AT"})
    )
    treatment = consumer(seller=seller)

    assert outline(treatment) == ("destination_vat", "FR", "charge")
    assert LeftToHost.THRESHOLD_NEEDS_ONE_MEMBER_STATE in treatment.left_to_host
    outside = TaxSeller(
        territory=resolve_territory("DE"),
        below_eu_threshold=True,
        also_established_in=frozenset({"US", "DE"}),
    )
    assert consumer(seller=outside).kind is TreatmentKind.DOMESTIC


@pytest.mark.parametrize(
    ("place", "customer", "basis"),
    [("FR", "MC", "Implementing Regulation (EU) 282/2011 art. 53"), ("uk", "GB", "GB: national law")],
)
def test_an_establishment_that_takes_part_makes_it_domestic(place: str, customer: str, basis: str) -> None:
    """A sale by the local branch is local."""
    seller = TaxSeller(territory=resolve_territory("DE"), also_established_in=frozenset({place}))
    treatment = consumer(customer, seller=seller)

    assert treatment.kind is TreatmentKind.DOMESTIC
    assert treatment.tax_country == resolve_territory(customer).vat_country
    assert treatment.legal_basis == (basis,)


OUTSIDE = TreatmentReason.CUSTOMER_OUTSIDE_EU
NO_VAT = TreatmentReason.TERRITORY_OUTSIDE_VAT


@pytest.mark.parametrize(
    ("place", "kind", "expected"),
    [
        (("US", None), "business", ("US", OUTSIDE, "44")),
        (("US", None), "consumer", ("US", OUTSIDE, "58")),
        (("GB", "SW1A 1AA"), "consumer", ("GB", OUTSIDE, "58")),
        (("NO", None), "consumer", ("NO", OUTSIDE, "58")),
        (("ES", "35001"), "business", (None, NO_VAT, "44")),
        (("FR", "97200"), "consumer", (None, NO_VAT, "58")),
        (("DE", "27498"), "consumer", (None, NO_VAT, "58")),
    ],
)
def test_outside_scope(
    place: tuple[str, str | None], kind: str, expected: tuple[str | None, TreatmentReason, str]
) -> None:
    """What leaves the EU VAT area leaves its scope; local tax is left to the host."""
    treatment = decide(*place, customer_kind=kind)
    country, reason, article = expected

    assert outline(treatment) == ("outside_scope", country, "none")
    assert (reason,) == treatment.reasons
    assert (f"Directive 2006/112/EC art. {article}",) == treatment.legal_basis
    assert LeftToHost.LOCAL_TAX_MAY_APPLY in treatment.left_to_host


def test_outside_scope_between_countries_outside_the_eu() -> None:
    """Nothing known here taxes it; the seller's own law is named."""
    treatment = consumer("US", seller=TaxSeller.of("JP"))
    assert outline(treatment) == ("outside_scope", "US", "none")
    assert treatment.legal_basis == ("JP: national law",)


def test_business_outside_the_eu_needs_proof_that_the_host_keeps() -> None:
    """Its own word is taken, and that is said."""
    assert LeftToHost.PROOF_OF_BUSINESS in decide("US", customer_kind="business").left_to_host
    assert LeftToHost.PROOF_OF_BUSINESS not in decide("US", customer_kind="unknown").left_to_host


def test_belfast_is_the_united_kingdom_for_services() -> None:
    """An XI number gives no EU reverse charge."""
    treatment = business("GB", tax_id=NORTHERN_IRISH_ID, customer_postal_code="BT1 5GS")

    assert outline(treatment) == ("outside_scope", "GB", "none")
    assert TreatmentReason.NORTHERN_IRELAND_IS_UK_FOR_SERVICES in treatment.reasons


@pytest.mark.parametrize(
    ("seller", "customer"),
    [
        (("DE", None), ("FI", "22100")),
        (("US", None), ("AX", None)),
        (("FI", "22100"), ("SE", "11143")),
        (("FR", "75001"), ("FR", "97200")),
        (("RE", None), ("FR", "75001")),
        (("IC", None), ("ES", "35001")),
        (("DE", None), ("CY", "99010")),
    ],
)
def test_special_territories_are_the_hosts(
    seller: tuple[str, str | None], customer: tuple[str, str | None]
) -> None:
    """Åland for everybody, French overseas for sellers in France, and sales inside a territory."""
    treatment = consumer(*customer, seller=TaxSeller.of(*seller))

    assert outline(treatment) == ("special_territory", None, "host_decides")
    assert LeftToHost.TERRITORY_RULES in treatment.left_to_host


def test_sales_tax_is_the_hosts() -> None:
    """Inside the United States states and cities tax."""
    treatment = consumer("US", seller=TaxSeller.of("US"))
    assert outline(treatment) == ("sales_tax", "US", "host_decides")
    assert treatment.jurisdiction == "US"


@pytest.mark.parametrize("country", sorted(REMOTE_RULES))
def test_other_laws_tax_foreign_sellers_of_electronic_services(country: str) -> None:
    """A seller outside the EU charges consumers there, and cites that country's act."""
    treatment = consumer(country, seller=TaxSeller.of("US"))

    assert outline(treatment) == ("destination_vat", country, "charge")
    assert treatment.legal_basis[0].startswith(f"{country}: ")
    assert REMOTE_RULES[country].has_threshold is (LeftToHost.LOCAL_THRESHOLD in treatment.left_to_host)


@pytest.mark.parametrize("tax_id", [BRITISH_ID, NORTHERN_IRISH_ID])
def test_verified_business_under_another_law_accounts_itself(tax_id: TaxId) -> None:
    """For a non-EU seller a Northern Irish number is a British one."""
    american = TaxSeller.of("US")
    verified = business("GB", tax_id=tax_id, seller=american, customer_postal_code="BT1 5GS")
    pending = business("GB", status="unavailable", tax_id=tax_id, seller=american)

    assert outline(verified) == ("reverse_charge", "GB", "none")
    assert verified.legal_basis == REMOTE_RULES["GB"].business_basis
    assert outline(pending) == ("pending_verification", "GB", "charge")
    assert pending.legal_basis == REMOTE_RULES["GB"].business_basis


def test_a_host_brings_its_own_law() -> None:
    """Rules are data, dated, by VAT country."""
    rule = PlaceRule(
        tax_id_types=frozenset(),
        business_basis=("JP: act",),
        consumer_basis=("JP: act",),
        valid_from=date(2015, 10, 1),
        valid_until=date(2030, 1, 1),
    )
    policy = TaxPolicy(remote_rules={"JP": rule})
    kinds = [
        consumer("JP", seller=TaxSeller.of("US"), policy=policy, on=on).kind.value
        for on in (date(2015, 9, 30), date(2015, 10, 1), date(2029, 12, 31), date(2030, 1, 1))
    ]
    assert kinds == ["outside_scope", "destination_vat", "destination_vat", "outside_scope"]


def test_other_services_to_consumers_are_taxed_where_the_seller_is() -> None:
    """Art. 45, with exceptions that the host knows."""
    other = SupplyKind.OTHER_SERVICE
    european = consumer(supply_kind=other)
    american = consumer(supply_kind=other, seller=TaxSeller.of("US"))

    assert outline(european) == ("domestic", "DE", "charge")
    assert outline(american) == ("outside_scope", "US", "none")
    for treatment in (european, american):
        assert treatment.legal_basis == ("Directive 2006/112/EC art. 45",)
        assert LeftToHost.EXCEPTIONS_TO_PLACE_OF_SUPPLY in treatment.left_to_host
    assert business(supply_kind=other).kind is TreatmentKind.REVERSE_CHARGE


def test_other_services_have_no_remote_rules() -> None:
    """The laws of electronic services say nothing about consulting."""
    treatment = decide(
        "NO", customer_kind="business", supply_kind=SupplyKind.OTHER_SERVICE, seller=TaxSeller.of("US")
    )
    assert outline(treatment) == ("outside_scope", "NO", "none")


def seen(*countries: str) -> Any:
    kinds = (EvidenceKind.BILLING_ADDRESS, EvidenceKind.IP, EvidenceKind.CARD)
    return assess_location(
        LocationEvidence(kind=kind, country=country, source="test", observed_at=AT)
        for kind, country in zip(kinds, countries, strict=False)
    )


@pytest.mark.parametrize("countries", [("FR", "DE"), ("BE", "BE")])
def test_contradicting_evidence_is_the_hosts(countries: tuple[str, ...]) -> None:
    """Evidence against itself, or against the address; both are kept by the host."""
    treatment = consumer(evidence=seen(*countries))
    assert outline(treatment) == ("evidence_conflict", None, "host_decides")
    assert LeftToHost.LOCATION_EVIDENCE_CONFLICT in treatment.left_to_host


def test_evidence_that_agrees_changes_nothing_but_is_noted() -> None:
    """Spanish evidence does not contradict an address in Las Palmas."""
    assert consumer(evidence=seen("FR", "MC")).evidence_status == "sufficient"
    assert consumer(evidence=seen("FR", "MC")).kind is TreatmentKind.DESTINATION_VAT
    assert consumer("ES", "35001", evidence=seen("ES", "ES")).kind is TreatmentKind.OUTSIDE_SCOPE


def test_too_little_evidence_is_pointed_out() -> None:
    """Treated by the address, with the gap named."""
    treatment = consumer(evidence=seen("FR"))
    assert treatment.kind is TreatmentKind.DESTINATION_VAT
    assert LeftToHost.LOCATION_EVIDENCE_INSUFFICIENT in treatment.left_to_host


def test_evidence_does_not_matter_for_a_business_or_for_art_45() -> None:
    """The seat of a business decides, or the seller's; not where somebody browses."""
    conflict = seen("FR", "DE")
    assert business(evidence=conflict).kind is TreatmentKind.REVERSE_CHARGE
    other = consumer(evidence=conflict, supply_kind=SupplyKind.OTHER_SERVICE)
    assert other.kind is TreatmentKind.DOMESTIC


def test_a_seller_without_a_tax_id_decides_itself() -> None:
    """Nobody charges a tax it is not registered for."""
    unregistered = TaxSeller.of("DE", has_tax_id=False)
    charged, reverse = consumer(seller=unregistered), business(seller=unregistered)

    assert outline(charged) == ("destination_vat", "FR", "host_decides")
    assert outline(reverse) == ("reverse_charge", "FR", "none")
    for treatment in (charged, reverse):
        assert LeftToHost.SELLER_NOT_REGISTERED in treatment.left_to_host
    assert LeftToHost.SELLER_NOT_REGISTERED not in consumer("US", seller=unregistered).left_to_host


def test_missing_postal_code_is_pointed_out() -> None:
    """France without a postal code may be Martinique."""
    assert LeftToHost.POSTAL_CODE_MISSING in consumer("FR").left_to_host
    assert LeftToHost.POSTAL_CODE_MISSING not in consumer("FR", "75001").left_to_host


@pytest.mark.parametrize(
    ("on", "reviewed"),
    [
        (date(2021, 6, 30), False),
        (date(2021, 7, 1), True),
        (date(2028, 6, 30), True),
        (date(2028, 7, 1), False),
    ],
)
def test_days_beyond_the_review_are_pointed_out(on: date, reviewed: bool) -> None:
    """The rules were read for certain years; others are answered, with a warning."""
    treatment = consumer("FR", "75001", on=on)
    assert reviewed is (LeftToHost.RULES_NOT_REVIEWED_FOR_DATE not in treatment.left_to_host)


def test_the_united_kingdom_of_2020_is_in_the_eu() -> None:
    """Dated territories decide by the day of supply."""
    treatment = consumer("GB", "SW1A 1AA", on=date(2020, 6, 1))
    assert outline(treatment) == ("destination_vat", "GB", "charge")


def test_a_territory_can_be_given_ready() -> None:
    """A host that resolved the place already does not resolve it again."""
    assert outline(consumer(resolve_territory("MC")))[1] == "FR"  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="customer: contains more than one value"):
        consumer(resolve_territory("MC"), "98000")  # type: ignore[arg-type]


def test_a_host_brings_its_own_territories() -> None:
    """The resolver is a port."""
    policy = TaxPolicy(territories=TerritoryTable(()))
    assert outline(consumer("ES", "35001", policy=policy))[:2] == ("destination_vat", "ES")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"on": AT}, "on"),
        ({"customer_kind": "robot"}, "customer_kind"),
        ({"supply_kind": "goods"}, "supply_kind"),
        ({"customer": "France"}, "country"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], field: str) -> None:
    """A value that is none is refused by field."""
    with pytest.raises(InvalidInput) as caught:
        decide(**arguments)
    assert field == caught.value.issues[0].field


@pytest.mark.parametrize("field", ["provisional_days_max", "verified_days_max"])
@pytest.mark.parametrize("days", [0, 3661, True, "90"])
def test_policy_is_checked(field: str, days: object) -> None:
    """Days are counted from 1 to ten years."""
    with pytest.raises(InvalidInput) as caught:
        TaxPolicy(**{field: days})  # type: ignore[arg-type]
    assert field == caught.value.issues[0].field


def test_establishments_are_country_codes() -> None:
    """A name is refused."""
    with pytest.raises(InvalidInput, match="also_established_in"):
        TaxSeller(territory=resolve_territory("DE"), also_established_in=frozenset({"France"}))


def test_round_trip() -> None:
    """What is stored with an invoice comes back equal."""
    for treatment in (
        business(),
        business(status="unavailable"),
        consumer(evidence=seen("FR")),
        consumer("US"),
    ):
        assert treatment == Treatment.from_dict(json.loads(json.dumps(treatment.to_dict())))


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"kind": "free"}, "treatment.kind", "unknown_value"),
        ({"on": "soon"}, "treatment.on", "invalid_format"),
        ({"on": None}, "treatment.on", "required"),
        ({"reasons": "tax_id_valid"}, "treatment.reasons", "invalid_type"),
        ({"reasons": ["because"]}, "treatment.reasons", "unknown_value"),
        ({"legal_basis": [44]}, "treatment.legal_basis", "invalid_type"),
        ({"pending_action": "block"}, "treatment.pending_action", "mismatch"),
        ({"kind": "pending_verification"}, "treatment.pending_action", "mismatch"),
        ({"card": "4242"}, "treatment", "unknown_key"),
    ],
)
def test_misfits_are_refused(change: dict[str, object], field: str, code: str) -> None:
    """A wrong record is refused by field and code."""
    with pytest.raises(InvalidInput) as caught:
        Treatment.from_dict({**business().to_dict(), **change})
    assert (field, code) == (caught.value.issues[0].field, caught.value.issues[0].code)
