"""Names in code are the words of the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

import billing_core
from tools.source_tree import ROOT

TERMS = re.findall(r"^\*\*(.+)\*\*$", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE)

# Words of programming, and the verbs of steps: they say what a class is, and the glossary what it is about.
TECHNICAL = frozenset(
    {"async", "base", "checked", "details", "filter", "id", "info", "key", "keys", "kind", "line", "memory"}
    | {"notify", "page", "provider", "record", "report", "request", "result", "row", "session", "use", "view"}
    | {"wait"}
)


def words_of(name: str) -> set[str]:
    """The words of a class name, without plurals: ``TaxIdAnswers`` has tax, id and answer."""
    return {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", name)}


def unexplained(names: Iterable[str]) -> list[str]:
    """The names of records and ports in which no word is one of the glossary's."""
    text = " ".join(TERMS).lower()
    words = re.findall(r"[a-z]+", f"{text} {text.replace('-', '')}")
    known = {word.removesuffix("s") for word in words}
    return [name for name in names if not (nouns := words_of(name) - TECHNICAL) & known and nouns]


def is_record_or_port(thing: object) -> bool:
    """Enums, errors and functions only describe these."""
    return isinstance(thing, type) and (attrs.has(thing) or bool(getattr(thing, "_is_protocol", False)))


def test_terms_are_in_alphabetical_order() -> None:
    """A reader finds a term where it belongs, and once."""
    assert sorted(set(TERMS), key=str.lower) == TERMS


def test_public_nouns_are_in_the_glossary() -> None:
    """Each public record and port is named with a word that the glossary explains."""
    names = [name for name in billing_core.__all__ if is_record_or_port(getattr(billing_core, name))]
    assert [] == unexplained(names)


def test_unexplained_name_is_found() -> None:
    """A name from another vocabulary is found; plurals and technical words don't matter."""
    assert ["Subscriber", "DunningRecord"] == unexplained(
        ["Subscriber", "DunningRecord", "SavedCard", "Capabilities", "TaxId", "AVSKeys", "MemoryView"]
    )
