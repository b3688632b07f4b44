"""Plain data: every key accounted for, no value repeated."""

import re
from enum import StrEnum
from unittest.mock import Mock

import pytest

from billing_core.errors import InvalidInput
from billing_core.identity.plain import as_code, fits, read_choice, read_texts


class Colour(StrEnum):
    """Something to choose from."""

    RED = "red"
    BLUE = "blue"


def test_reads_what_was_written() -> None:
    """Optional keys that hold nothing are absent."""
    assert {"a": "1", "b": "2"} == read_texts({"a": "1", "b": "2", "c": None}, ["a"], optional=["b", "c"])


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("text", [("", "invalid_type")]),
        (None, [("", "invalid_type")]),
        ({}, [("a", "required")]),
        ({"a": None}, [("a", "required")]),
        ({"a": 1, "b": []}, [("a", "invalid_type"), ("b", "invalid_type")]),
        ({"a": "1", "4242424242424242": "x"}, [("", "unknown_key")]),
    ],
)
def test_everything_else_is_an_error(data: object, found: list[tuple[str, str]]) -> None:
    """All at once, and without an echo: an unknown key may be a pasted card number."""
    with pytest.raises(InvalidInput) as caught:
        read_texts(data, ["a"], optional=["b"])
    assert found == [(issue.field, issue.code) for issue in caught.value.issues]
    assert "4242" not in str(caught.value) + repr(caught.value)


def test_reads_a_choice() -> None:
    """By value; anything else names what is allowed."""
    assert Colour.RED is read_choice("colour", "red", Colour)
    with pytest.raises(InvalidInput, match=r"^colour: is not a known value; allowed: red, blue$"):
        read_choice("colour", "secret", Colour)


def test_fits_says_no_to_other_types() -> None:
    """Without raising."""
    assert [True, False, False, False] == [
        fits(value, re.compile("[0-9]+")) for value in ("12", "1a", 12, None)
    ]


def test_a_code_is_short() -> None:
    """Anything else is no code, whatever it claims to be."""
    assert ["EL", "EU_VAT", "", "", ""] == [
        as_code(value) for value in (" el ", "eu_vat", "x" * 1_000_000, None, Mock(spec=str))
    ]
