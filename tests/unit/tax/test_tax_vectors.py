"""Territories, treatments and evidence as the published vectors have them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from billing_core.identity.tax_id import TaxId
from billing_core.tax.answers import RegistryAnswer, RegistryStatus
from billing_core.tax.evidence import LocationEvidence, assess_location
from billing_core.tax.territory import resolve_territory
from billing_core.tax.treatment import TaxSeller, decide_tax_treatment

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "tax_territory.json").read_text("utf-8"))
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def of_kind(kind: str) -> list[Any]:
    return [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["kind"] == kind]


@pytest.mark.parametrize("vector", of_kind("territory"))
def test_territory(vector: dict[str, Any]) -> None:
    """Country, postal code and city lead to the territory, its VAT country and its side of the border."""
    territory = resolve_territory(vector["country"], vector["postal_code"], vector["city"])

    expected = (vector["territory"], vector["in_eu_vat_area"], vector["vat_country"])
    assert expected == (territory.code, territory.in_eu_vat_area, territory.vat_country)


@pytest.mark.parametrize("vector", of_kind("treatment"))
def test_treatment(vector: dict[str, Any]) -> None:
    """Seller, buyer and what the registry said lead to the kind and the country of the tax."""
    country, raw, status = vector["buyer_country"], vector["vat_id"], vector["vat_status"]
    treatment = decide_tax_treatment(
        seller=TaxSeller.of(
            vector["seller_country"], below_eu_threshold=vector.get("below_threshold", False)
        ),
        customer=country,
        customer_postal_code=vector.get("buyer_postal_code"),
        customer_kind=vector["customer_type"],
        tax_id=None if raw is None else TaxId.parse(raw, None if raw[0].isalpha() else country),
        verification=None if status is None else RegistryAnswer(status=RegistryStatus(status), checked_at=AT),
        supply_kind=vector["supply"],
        on=date(2026, 11, 22),
    )

    assert (vector["expected"], vector["tax_country"]) == (treatment.kind, treatment.tax_country)


@pytest.mark.parametrize("vector", of_kind("evidence"))
def test_evidence(vector: dict[str, Any]) -> None:
    """Items that agree suffice; one alone does not."""
    items = [
        LocationEvidence(kind=kind, country=country, source="vector", observed_at=AT)
        for kind, country in vector["evidence"].items()
    ]
    assessment = assess_location(items)

    assert (vector["expected"], vector["country"]) == (assessment.status, assessment.country)
