"""Addresses that other projects' own tests state, and traps that were found in other validators."""

import json
from pathlib import Path
from typing import Any

import pytest

from billing_core.identity.address import Address, AddressPurpose, check_address
from billing_core.identity.address_format import format_address
from billing_core.issues import Checked

VECTORS = Path(__file__).parents[2] / "vectors"

#: Vectors to which this library gives another answer, and why it is the better one.
DIFFERENT = {
    # A London code under Gibraltar is a wrong country or a wrong code, and which one only the customer
    # knows: putting Gibraltar's one code in its place would hide the mistake from tax and from the issuer.
    "addr-218": "a typed code is never replaced by another one",
    # Contested in the file: each is one project's policy.
    "addr-465": "letters to South Georgia need the post town and the code, as Google's data says",
    "addr-494": "the house style of one shop; Chinese forms of the post have the postal code first",
    "addr-501": "the house style of one shop; the family name is not guessed, and no honorific is added",
    "addr-504": "no lists of cities: they are large, soon out of date, and reject customers",
    "addr-505": "no lists of districts, likewise",
    "addr-506": "77-777 is 77777 with a hyphen",
}


def load(name: str) -> list[dict[str, Any]]:
    """The parsed file of vectors."""
    vectors: list[dict[str, Any]] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return vectors


def of_kind(*kinds: str) -> list[Any]:
    """The vectors of some kinds whose answers are shared, each under its id."""
    vectors = [v for v in load("address") if v["kind"] in kinds and v["id"] not in DIFFERENT]
    return [pytest.param(vector, id=vector["id"]) for vector in vectors]


def check_code(vector: dict[str, Any], typed: str) -> Checked[Address]:
    """The check of a postal code in an address that is otherwise complete."""
    fields = {"name": "x", "line1": "x", "city": "x", "postal_code": typed}
    return check_address(fields | {"country": vector["country"]})


def codes(checked: Checked[Address], field: str) -> set[str]:
    """The codes of the findings about a field."""
    return {issue.code for issue in checked.by_field().get(field, ())}


@pytest.mark.parametrize("vector", of_kind("postal_valid"))
def test_postal_code_is_valid_or_not(vector: dict[str, Any]) -> None:
    """A code is valid in its country, or wrong, or another country's."""
    assert vector["valid"] == (not codes(check_code(vector, vector["postal_code"]), "postal_code"))


@pytest.mark.parametrize("vector", of_kind("postal_normalise"))
def test_postal_code_gets_its_official_form(vector: dict[str, Any]) -> None:
    """What people type becomes the official form; what can't be read stays an error."""
    checked = check_code(vector, vector["input"])

    if checked.value is None:
        assert vector["input"] == vector["normalised"]
        assert {"invalid_format"} == codes(checked, "postal_code")
    else:
        assert vector["normalised"] == checked.value.postal_code


@pytest.mark.parametrize("vector", of_kind("postal_other_country"))
def test_postal_code_of_another_country_suggests_it(vector: dict[str, Any]) -> None:
    """A neighbour's code is a warning that names the neighbour."""
    checked = check_code(vector, vector["postal_code"])
    (warning,) = checked.by_field()["postal_code"]

    assert ("postal_code_other_country", vector["suggest_country"]) == (warning.code, warning.suggestion)
    assert checked.ok


@pytest.mark.parametrize("vector", of_kind("postal_region"))
def test_postal_code_agrees_with_region(vector: dict[str, Any]) -> None:
    """A code of another region is a warning, on a border it is not."""
    fields = {key: vector[key] for key in ("country", "region", "postal_code")}
    checked = check_address(fields, AddressPurpose.TAX)

    assert checked.ok
    assert vector["valid"] == (not checked.warnings)


@pytest.mark.parametrize("vector", of_kind("validate"))
def test_address_is_valid_or_not(vector: dict[str, Any]) -> None:
    """A whole address is right, or the fields that are wrong are named."""
    # The phone number has a validator of its own.
    fields = {key: value for key, value in vector["fields"].items() if key != "phone"}
    checked = check_address(fields | {"country": vector["country"]}, AddressPurpose.MAIL)
    disagreeing = {issue.field for issue in checked.warnings if issue.code == "postal_code_mismatch_region"}
    wrong = {issue.field for issue in checked.errors} | disagreeing

    if vector.get("errors_mode") == "includes":
        assert vector["errors"].keys() <= wrong
    else:
        assert vector["errors"].keys() == wrong
    for field, expected in vector.get("normalised", {}).items():
        assert expected == getattr(checked.value, field)


@pytest.mark.parametrize("vector", of_kind("format"))
def test_address_is_written_in_lines(vector: dict[str, Any]) -> None:
    """The lines are those of the country."""
    origin = vector["country"] if vector.get("note") == "without country line" else None
    address = Address(country=vector["country"], **vector["fields"])

    assert vector["lines"] == list(format_address(address, origin_country=origin))


@pytest.mark.parametrize(
    "vector",
    [pytest.param(v, id=v["id"]) for v in load("validators_robustness") if v["validator"] == "address"],
)
def test_trap_of_other_validators(vector: dict[str, Any]) -> None:
    """Hostile and unusual input is judged field by field, and nothing of it is lost."""
    fields = {field: _expanded(value) for field, value in vector["fields"].items()}
    checked = check_address(fields | {"country": vector["country"]}, AddressPurpose.MAIL)
    found = {issue.field: issue.code for issue in checked.errors}

    assert vector["ok"] == checked.ok
    assert vector["errors"].keys() == found.keys()
    for field, code in vector["errors"].items():
        assert found[field] == {"invalid": "invalid_format", "unknown": "country_unknown"}.get(code, code)
    for field, expected in vector["normalised"].items():
        assert expected == getattr(checked.value, field)


def _expanded(value: Any) -> Any:
    """``@repeat:A:3`` is AAA: a megabyte has no place in a file."""
    if isinstance(value, str) and value.startswith("@repeat:"):
        _, char, count = value.split(":")
        return char * int(count)
    return value
