"""Findings as data, and the answers that carry them."""

from __future__ import annotations

import copy
import pickle
from enum import Enum
from typing import Any

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.issues import Checked, Choice, Issue, Severity, invalid
from tests.reflection import core_modules

ERROR = Issue(field="name", code="required")
WARNING = Issue(field="phone", code="unallocated", severity=Severity.WARNING)


def test_a_finding_reads_as_english() -> None:
    """The text follows the field's name."""
    assert "is required" == ERROR.message
    assert (
        "is too long; at most 5 characters"
        == Issue(field="a", code="too_long", params={"max_length": 5}).message
    )


def test_a_finding_can_be_seen_from_a_form_around_it() -> None:
    """Everything else about it stays."""
    issue = Issue(field="line1", code="too_long", severity=Severity.WARNING, params={"a": 1}, suggestion="FR")
    assert attrs.evolve(issue, field="address.line1") == issue.at("address")
    assert attrs.evolve(issue, field="address") == attrs.evolve(issue, field="").at("address")


def test_params_are_the_findings_own() -> None:
    """Neither their maker nor their reader can change them."""
    params = {"min": 1}
    issue = Issue(field="a", code="out_of_range", params=params)
    params["min"] = 2
    assert {"min": 1} == issue.params
    with pytest.raises(TypeError, match="does not support item assignment"):
        issue.params["min"] = 3  # type: ignore[index]


def test_findings_can_be_compared_hashed_copied_and_pickled() -> None:
    """Also those with parameters that have no hash."""
    issue = Issue(field="a", code="unknown_value", params={"allowed": ["x"]}, suggestion="y")
    assert 1 == len({issue, copy.deepcopy(issue), pickle.loads(pickle.dumps(issue))})
    assert issue != ERROR


@pytest.mark.parametrize("field", ["field", "code", "suggestion"])
def test_no_finding_holds_a_card_number(field: str) -> None:
    """Wherever it was put."""
    arguments = {"field": "a", "code": "b", field: "4242 4242 4242 4242"}
    issue = Issue(**arguments, params={"given": "4242-4242-4242-4242"})
    assert "4242" not in repr(issue) + issue.message
    assert b"4242" not in pickle.dumps(issue)


class TestChecked:
    """The answer of a validator."""

    @pytest.mark.parametrize(
        ("issues", "ok"), [((), True), ((WARNING,), True), ((ERROR,), False), ((WARNING, ERROR), False)]
    )
    def test_only_errors_stop_a_value(self, issues: tuple[Issue, ...], ok: bool) -> None:
        """Warnings are for a person, who may overrule them."""
        checked = Checked(value=1, issues=issues)
        assert ok is checked.ok
        assert issues == (*checked.warnings, *checked.errors)

    def test_findings_by_field(self) -> None:
        """In the order in which fields were looked at."""
        second = Issue(field="name", code="too_long")
        assert {"name": (ERROR, second), "phone": (WARNING,)} == Checked(
            value=None, issues=(ERROR, WARNING, second)
        ).by_field()

    def test_unwrapping(self) -> None:
        """The value with its warnings, or all errors at once."""
        assert 3 == Checked(value=3, issues=(WARNING,)).unwrap()
        assert None is Checked(value=None).unwrap()
        with pytest.raises(InvalidInput) as caught:
            Checked(value=None, issues=(ERROR, WARNING, ERROR)).unwrap()
        assert (ERROR, ERROR) == caught.value.issues


def test_invalid_makes_one_finding() -> None:
    """Ready to be raised."""
    error = invalid("quantity", "out_of_range", min=1, max=10)
    assert (Issue(field="quantity", code="out_of_range", params={"min": 1, "max": 10}),) == error.issues


class Color(Choice):
    """An enum of two words."""

    RED = "red"
    BLUE = "blue"


class TestChoices:
    """Enums of the library."""

    def test_a_value_is_found_by_its_text(self) -> None:
        """As in every enum."""
        assert (Color.RED, "red") == (Color("red"), str(Color.RED))

    @pytest.mark.parametrize("value", ["green", "4242 4242 4242 4242", None, 7, ["red"], ""])
    def test_another_value_is_refused_and_not_repeated(self, value: Any) -> None:
        """Python's own error would show it; this one says what would be right."""
        with pytest.raises(InvalidInput) as caught:
            Color(value)
        assert "color: is not a known value; allowed: red, blue" == str(caught.value)
        assert caught.value.__context__ is None or "4242" not in repr(caught.value.__context__)
        assert value not in list(Color)

    def test_all_enums_of_the_library_are_choices(self) -> None:
        """So that no text of a host's form is repeated by one of them."""
        enums = {
            thing
            for module in core_modules()
            for thing in vars(module).values()
            if isinstance(thing, type)
            and issubclass(thing, Enum)
            and thing.__module__.startswith("billing_core")
        }
        assert len(enums) > 30
        assert set() == {enum for enum in enums if not issubclass(enum, Choice)}
