"""The page on card numbers: its list of ids is the list of ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_type_hints

import attrs

from billing_core.values import texts
from billing_core.values.texts import TextKind
from tests.card_numbers import NOTATIONS
from tests.reflection import records
from tools.source_tree import ROOT

PAGE = (ROOT / "docs" / "explanation" / "card-numbers.md").read_text("utf-8")


def kinds(hint: Any) -> Iterator[str]:
    """The kinds of texts that an annotation names, at any depth."""
    yield from (mark.name for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, TextKind))
    for argument in getattr(hint, "__args__", ()):
        yield from kinds(argument)


def test_every_id_is_listed() -> None:
    """By record and field, and nothing else is."""
    actual = {}
    for cls in records():
        hints = get_type_hints(cls, include_extras=True)
        if ids := [field.name for field in attrs.fields(cls) if "id" in kinds(hints[field.name])]:
            actual[cls.__name__] = ids
    section = PAGE.partition("| record | ids |")[2].partition("\n\n")[0]
    listed = {
        record: re.findall(r"`(\w+)`", fields)
        for record, fields in re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE)
    }
    assert actual == listed


def test_every_kind_is_explained() -> None:
    """With the name that annotations use."""
    named = {name for name in texts.__all__ if any(kinds(getattr(texts, name)))}
    section = PAGE.partition("| kind | what it takes")[2].partition("\n\n")[0]
    assert named | {"Last4"} == set(re.findall(r"`([A-Z]\w+)`", section))


def test_the_number_of_notations_is_right() -> None:
    """Nineteen, in words."""
    assert 19 == len(NOTATIONS)
    assert "in nineteen notations" in PAGE
