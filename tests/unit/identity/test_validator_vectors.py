"""Numbers of other libraries' tests, with what they say of each."""

import json
from pathlib import Path
from typing import Any

import pytest

from billing_core.identity.phone import PhoneValidity, check_phone
from billing_core.identity.tax_id import check_tax_id

VECTORS = Path(__file__).resolve().parents[2] / "vectors"

#: Where this library says otherwise, and why that is better for a form.
EXCEPTIONS = {
    "ph-0227": "a sentence in front of the number: a form field is no text to pick a number from",
    "ph-1276": "UK is what people type for GB; nothing else could be meant",
}


def vectors(name: str) -> list[dict[str, Any]]:
    """The vectors of a file on which their sources agree."""
    found = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return [vector for vector in found if not vector.get("contested")]


def decoded(raw: Any) -> Any:
    """An input that JSON can't hold, or that would be long."""
    if isinstance(raw, str) and raw.startswith("@repeat:"):
        _, char, count = raw.split(":")
        return char * int(count)
    if isinstance(raw, str) and raw.startswith("@bytes:"):
        return raw.removeprefix("@bytes:").encode()
    return raw


@pytest.mark.parametrize("vector", vectors("vat"), ids=lambda vector: vector["id"])
def test_tax_id(vector: dict[str, Any]) -> None:
    """With the country alone, and with the type as well."""
    type_name = None if vector["type"] == "any" else vector["type"]
    by_country = check_tax_id(vector["input"], vector["country"])
    by_both = check_tax_id(vector["input"], vector["country"], type_name)
    assert (vector["valid"], vector["valid"]) == (by_country.ok, by_both.ok)


@pytest.mark.parametrize("vector", vectors("phone"), ids=lambda vector: vector["id"])
def test_phone(vector: dict[str, Any]) -> None:
    """Validity, E.164, extension and region."""
    checked = check_phone(vector["input"], vector["region"])
    phone = checked.value
    is_valid = phone is not None and phone.validity is PhoneValidity.VALID
    if vector["id"] in EXCEPTIONS:
        assert vector["valid"] is not is_valid
        return
    assert vector["valid"] is is_valid
    if phone is not None and is_valid:
        assert vector["e164"] == phone.e164
        assert vector.get("extension", phone.extension) == phone.extension
        assert vector.get("reported_region", phone.region) == phone.region


@pytest.mark.parametrize(
    "vector",
    [vector for vector in vectors("validators_robustness") if vector["validator"] in {"vat", "phone"}],
    ids=lambda vector: f"{vector['id']} {vector['trap']}",
)
def test_traps(vector: dict[str, Any]) -> None:
    """What users paste, and what breaks the libraries underneath."""
    raw = decoded(vector["input"])
    if vector["validator"] == "vat":
        tax_id = check_tax_id(raw, vector["country"])
        issues, normalised = tax_id.issues, tax_id.value.value if tax_id.value else None
    else:
        phone = check_phone(raw, vector["country"])
        issues, normalised = phone.issues, phone.value.e164 if phone.value else None
    assert vector["ok"] is (normalised is not None)
    if vector["normalised"] is not None:
        assert vector["normalised"] == normalised
    expected = (vector["code"] or "").removeprefix("warning:")
    if expected in {"invalid", "invalid_characters|not_a_number"}:  # the sources name no one code
        assert {issue.code for issue in issues} <= {"placeholder", "two_values"}
    else:
        assert [expected] * bool(expected) == [issue.code for issue in issues]
