"""The one cleaner: what is kept, what goes, what is refused, and that nothing makes it raise."""

import unicodedata
from collections.abc import Callable
from time import perf_counter
from typing import Any
from unittest.mock import Mock

import pytest

from billing_core.errors import InvalidInput
from billing_core.identity.text import clean_code, clean_text, free_text, free_texts, split_card_number


def codes(checked: Any) -> list[str]:
    """The codes of all findings."""
    return [issue.code for issue in checked.issues]


def text(raw: object, **options: Any) -> str | None:
    """The clean form of a text that must be right."""
    checked = clean_text(raw, field="name", **options)
    assert codes(checked) == []
    return checked.value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Ada", "Ada"),
        ("  Ada \t\r\n Lovelace ", "Ada Lovelace"),
        ("Ada\u00a0\u2003\u3000Lovelace", "Ada Lovelace"),
        ("line one\u2028line two\u0085end", "line one line two end"),
        ("Bjo\u0308rn", "Björn"),
        ("e\u200b\u0301", "é"),
        ("soft\u00adhyphen\ufeff\u2060", "softhyphen"),
        ("\u200eعلي\u200f", "علي"),
        ("McDonald-O’Neill, Jr.", "McDonald-O’Neill, Jr."),
        ("北京 株式会社", "北京 株式会社"),
        ("１２ Ｍａｉｎ ²", "１２ Ｍａｉｎ ²"),
        ("👩‍💻".replace("\u200d", ""), "👩💻"),
    ],
)
def test_human_text_keeps_what_is_seen(raw: str, expected: str) -> None:
    """Accents are composed, marks go, white space becomes one space; case, script and width stay."""
    assert expected == text(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("അവന്\u200d", "അവന്\u200d"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("A\u200dd\u200ca", "Ada"),
        ("\u200cAda\u200d", "Ada"),
        ("می\u200c", "می"),
        ("می\u200c x", "می x"),
    ],
)
def test_joiners_stay_where_they_shape_letters(raw: str, expected: str) -> None:
    """Between letters of a joining script, or behind a virama; elsewhere they are invisible and go."""
    assert expected == text(raw)


def test_cleaning_twice_is_cleaning_once_where_marks_change_places() -> None:
    """Without the joiner that kept them apart, marks are ordered anew, and others lose their reason."""
    raw = "o\u200c\u094d\u200c\u0308\u200c\u094d\u200cr"
    once = text(raw)
    assert once == text(once)
    assert "\u200c" not in (once or "\u200c")


@pytest.mark.parametrize(
    "raw",
    [
        "a\x00b",
        "a\x1cb",
        "a\x7fb",
        "\u202eevil",
        "\u2066x\u2069",
        "\ud800",
        "\ue000",
        "a\uffffb",
        "a\u0378b",
        "\U000e0041hidden",
        "\ufff9note",
        "\U0002fffe",
    ],
)
def test_what_cannot_be_shown_is_refused(raw: str) -> None:
    """Controls, bidi controls, lone surrogates, private and unassigned characters, tags."""
    assert ["invalid_characters"] == codes(clean_text(raw, field="name"))


def test_arabic_number_signs_are_seen() -> None:
    """They are format characters, but they have a look."""
    assert "\u06dd12" == text("\u06dd12")


def test_ideographs_newer_than_this_python_are_letters() -> None:
    """A rare character of a real name must not depend on the age of Python's tables."""
    newest = "\U00033479"
    assert "Cn" == unicodedata.category(newest)
    assert newest == text(newest)


@pytest.mark.parametrize("raw", [None, "", "   ", "\u200b\ufeff", "\u200c"])
def test_nothing_is_none_or_required(raw: object) -> None:
    """Blank is no error by itself."""
    assert (None, []) == (clean_text(raw, field="x").value, codes(clean_text(raw, field="x")))
    assert ["required"] == codes(clean_text(raw, field="x", required=True))
    assert ["required"] == codes(clean_code(raw, field="x", max_length=9, required=True))


class Lying:
    """Claims to be a text."""

    __class__ = str  # type: ignore[assignment]


@pytest.mark.parametrize(
    "make",
    [int, float, bool, bytes, bytearray, list, dict, object, lambda: str, Lying, lambda: Mock(spec=str)],
)
def test_other_types_are_no_text(make: Callable[[], object]) -> None:
    """Not even those that say they are."""
    raw = make()
    assert ["invalid_type"] == codes(clean_text(raw, field="x"))
    assert ["invalid_type"] == codes(clean_code(raw, field="x", max_length=9))


class Safe(str):
    """A text of a template engine, with ideas of its own."""

    __slots__ = ()

    def __len__(self) -> int:
        raise AssertionError

    def __str__(self) -> str:
        raise AssertionError


def test_a_subclass_of_text_is_read_as_plain_text() -> None:
    """Its own methods are not asked."""
    value = text(Safe("Ada"))
    assert ("Ada", str) == (value, type(value))


def test_the_longest_text_counts_clean_characters() -> None:
    """What is dropped does not count; but nobody types four times too much."""
    assert "a" * 10 == text("  " + "\u200ba" * 10, max_length=10)
    assert ["too_long"] == codes(clean_text("a" * 11, field="x", max_length=10))
    assert ["too_long"] == codes(clean_text("a" + "\u200b" * 104, field="x", max_length=10))
    assert {"max_length": 10} == dict(clean_text("a" * 11, field="x", max_length=10).issues[0].params)


@pytest.mark.parametrize("char", ["a", "4", "\u0301", "\u200b", "\ud800", "é"])
def test_a_megabyte_is_refused_unread(char: str) -> None:
    """The length is looked at before anything else."""
    huge = char * 1_000_000
    seconds = []
    for _ in range(5):
        start = perf_counter()
        found = codes(clean_text(huge, field="x")) + codes(clean_code(huge, field="x", max_length=64))
        seconds.append(perf_counter() - start)
        assert ["too_long", "too_long"] == found
    assert min(seconds) < 0.002


def test_findings_never_repeat_what_was_typed() -> None:
    """An issue may be logged."""
    for raw in ("4242 4242 4242 4242", "secret\x00", "secret" * 100):
        checked = clean_text(raw, field="name")
        assert checked.value is None
        assert "secret" not in repr(checked)
        assert "4242" not in repr(checked)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ＤＥ１３６－６９", "DE136-69"),
        ("١٢٣٤", "1234"),
        ("\u202b12\u200d3\u202c", "123"),
        ("a\u0301", "á"),
        ("1 \t2\n3", "1 2 3"),
        ("A\uff11\u0301", "A1\u0301"),
        ("aB-c", "aB-c"),
    ],
)
def test_codes_are_folded(raw: str, expected: str) -> None:
    """Full-width forms and every script's decimal digits become ASCII; all marks go; case stays."""
    assert expected == clean_code(raw, field="x", max_length=20).value


@pytest.mark.parametrize("raw", ["DE²", "①②", "Ⅷ"])
def test_codes_are_not_compatibility_folded(raw: str) -> None:
    """A superscript two is no two."""
    assert raw == clean_code(raw, field="x", max_length=20).value


def test_codes_may_pass_luhn() -> None:
    """Codes have grammars of their own."""
    assert "4242424242424242" == clean_code("4242424242424242", field="x", max_length=20).value


def test_human_text_refuses_card_numbers() -> None:
    """However it is written, and whatever stands around it."""
    assert ["looks_like_card_number"] == codes(clean_text("my card: 4242\n4242\t4242 4242!", field="note"))


def test_free_text_raises() -> None:
    """The form for arguments of commands."""
    assert "card lost" == free_text("reason", " card\u00a0lost ")
    for raw, code in ((None, "required"), (" ", "required"), (7, "invalid_type"), ("x" * 501, "too_long")):
        with pytest.raises(InvalidInput) as caught:
            free_text("reason", raw)
        assert [("reason", code)] == [(issue.field, issue.code) for issue in caught.value.issues]
    with pytest.raises(InvalidInput, match="note: is too long"):
        free_text("note", "abc", max_length=2)


def test_free_texts_cleans_each_field() -> None:
    """Values by field, findings by field."""
    assert {"first": "Ada", "last": None} == free_texts({"first": " Ada ", "last": ""}).value
    found = free_texts({"first": 5, "last": "\x00"})
    assert [("first", "invalid_type"), ("last", "invalid_characters")] == [
        (issue.field, issue.code) for issue in found.issues
    ]
    assert found.value is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"line1": "42424242", "line2": "42424242"}, "line2"),
        ({"line1": "card 4242 4242", "line2": None, "city": "4242 4242 Paris"}, "city"),
        ({"first": "4242", "middle": "4242", "last": "4242 4242"}, "last"),
        ({"a": "37", "b": "8282246310005"}, "b"),
    ],
)
def test_a_card_number_spread_over_neighbours_is_found(values: dict[str, str | None], field: str) -> None:
    """In the field in which it is complete; empty fields in between do not help."""
    assert [(field, "looks_like_card_number")] == [(i.field, i.code) for i in split_card_number(values)]
    assert ["looks_like_card_number"] == codes(free_texts(values))


def test_honest_neighbours_are_left_alone() -> None:
    """House numbers, postal codes and boxes."""
    assert () == split_card_number({"line1": "12 Main St", "line2": "Apt 4", "postal_code": "94043-1351"})
