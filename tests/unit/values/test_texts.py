"""The kinds of texts: what each takes."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import pytest

from billing_core.errors import InvalidInput
from billing_core.issues import invalid
from billing_core.values.texts import (
    PRIVATE,
    Code,
    CountryCode,
    CurrencyCode,
    Id,
    Pattern,
    Private,
    Secret,
    Text,
    TextKind,
    Url,
    Word,
    ZoneName,
    remembering,
)

KINDS = (Id, Text, Code, Word, Url, Secret, CountryCode, CurrencyCode, Pattern, ZoneName)
CARD = "4242 4242 4242 4242"


def kind_of(annotation: Any) -> TextKind:
    """The kind that an annotation names."""
    kind: TextKind = get_args(annotation)[1]
    return kind


def refusal(annotation: Any, value: Any) -> InvalidInput | None:
    """What a kind says against a value."""
    try:
        kind_of(annotation).check(value, "field")
    except InvalidInput as error:
        return error
    return None


def finding(annotation: Any, value: Any) -> str | None:
    """The code of what is wrong with a value; the field is always named, the value never repeated."""
    error = refusal(annotation, value)
    if error is None:
        return None
    (issue,) = error.issues
    assert issue.field in {"field", "time_zone"}
    assert "4242" not in str(error) + repr(error)
    return issue.code


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Id, "acc_1"),
        (Id, "d9428888-122b-11e1-b85c-61cd3cbb3210"),
        (Text, ""),
        (Text, "Straße 12, 3. Stock — bitte klingeln"),
        (Text, "x" * 2000),
        (Code, "insufficient_funds"),
        (Code, "05: do not honor"),
        (Code, "12345678901"),
        (Code, "X" * 64),
        (Word, "account.opened"),
        (Word, "visa"),
        (Word, "a1"),
        (Url, "https://processor.example/pay/cs_test_a1?x=1#y"),
        (Url, "app://done"),
        (Url, "https://host.example/4242424242424243"),
        (Url, "https://host.example/account/msg_4242424242424242"),
        (Secret, "pi_1_secret_2"),
        (CountryCode, "FR"),
        (CurrencyCode, "EUR"),
        (Pattern, "pm_[A-Za-z0-9]{8,64}"),
        (ZoneName, "Europe/Paris"),
    ],
)
def test_what_is_right_passes(annotation: Any, value: str) -> None:
    """Of each kind."""
    assert finding(annotation, value) is None


@pytest.mark.parametrize(
    ("annotation", "value", "code"),
    [
        (Id, "", "required"),
        (Id, "a b", "invalid_characters"),
        (Id, "4242424242424242", "looks_like_card_number"),
        (Text, "x" * 2001, "too_long"),
        (Text, f"my card is {CARD}", "looks_like_card_number"),
        (Code, "", "invalid_format"),
        (Code, "é", "invalid_format"),
        (Code, "a\n", "invalid_format"),
        (Code, "x" * 65, "too_long"),
        (Code, "123456789012", "looks_like_card_number"),
        (Code, CARD, "looks_like_card_number"),
        (Code, "a1b2c3d4e5f6g7h8i9j0k1l2", "looks_like_card_number"),
        (Word, "Visa", "invalid_format"),
        (Word, "", "invalid_format"),
        (Word, "1a", "invalid_format"),
        (Word, "a-b", "invalid_format"),
        (Word, "x" * 65, "too_long"),
        (Word, "v4242424242424242", "looks_like_card_number"),
        (Url, "processor.example/pay", "invalid_format"),
        (Url, "javascript:alert(1)", "invalid_format"),
        (Url, "JavaScript:alert(1)", "invalid_format"),
        (Url, "data:text/html,x", "invalid_format"),
        (Url, "vbscript:x", "invalid_format"),
        (Url, "file:///etc/passwd", "invalid_format"),
        (Url, "https://a b", "invalid_format"),
        (Url, "https://é.example", "invalid_format"),
        (Url, "https:", "invalid_format"),
        (Url, "https://a/" + "x" * 2040, "too_long"),
        (Url, "https://a/4242424242424242", "looks_like_card_number"),
        (Url, "https://a/?x=4242-4242-4242-4242&y=1", "looks_like_card_number"),
        (Url, "https://a/?x=4242%204242%204242%204242", "looks_like_card_number"),
        (Secret, "", "invalid_characters"),
        (Secret, "a b", "invalid_characters"),
        (Secret, "x" * 2049, "too_long"),
        (Secret, "4242424242424242", "looks_like_card_number"),
        (CountryCode, "fr", "country_unknown"),
        (CountryCode, "FRA", "country_unknown"),
        (CurrencyCode, "eur", "unknown_value"),
        (CurrencyCode, "EU", "unknown_value"),
        (Pattern, "(", "invalid_format"),
        (Pattern, "4242424242424242|x", "looks_like_card_number"),
        (Pattern, "x" * 256, "too_long"),
        (ZoneName, "Europe/Atlantis", "unknown_value"),
    ],
)
def test_what_is_wrong_is_refused(annotation: Any, value: str, code: str) -> None:
    """By a stable code."""
    assert code == finding(annotation, value)


@pytest.mark.parametrize("annotation", KINDS)
@pytest.mark.parametrize("value", [None, 7, True, b"FR", ["FR"], 4242424242424242])
def test_a_text_is_a_text(annotation: Any, value: Any) -> None:
    """Of whatever kind."""
    assert "invalid_type" == finding(annotation, value)


@pytest.mark.parametrize("annotation", KINDS)
@pytest.mark.parametrize(
    "value", [CARD, "4242424242424242", "4242-4242-4242-4242", "４２４２４２４２４２４２４２４２"]
)
def test_no_kind_takes_a_card_number(annotation: Any, value: str) -> None:
    """Whatever it says against it."""
    assert finding(annotation, value) is not None


def test_kinds_have_names() -> None:
    """By which documents can list the fields of a kind."""
    expected = ["id", "text", "code", "word", "url", "secret", "country", "currency", "pattern", "zone"]
    assert expected == [kind_of(annotation).name for annotation in KINDS]


def test_private_is_a_mark_beside_the_kind() -> None:
    """The kind stays, and can be optional."""
    private: Any = Private
    assert (str, kind_of(Url), PRIVATE) == get_args(private[Url])
    assert Annotated[Url | None, PRIVATE] == private[Url | None]
    assert "PRIVATE" == repr(PRIVATE)


def test_texts_beyond_those_remembered_are_looked_at_like_the_first() -> None:
    """More texts than are remembered change nothing: the right ones pass, wrong ones name their field."""
    calls: list[str] = []

    def look(value: str, field: str) -> None:
        calls.append(value)
        if value == "wrong":
            raise invalid(field, "invalid_format", example="right")

    check = remembering(look)
    many = [f"text {number}" for number in range(9000)]
    for value in (*many, *many[-3:]):
        check(value, "name")
    assert many == calls, "what was accepted lately is not looked at again"
    check(many[0], "name")
    assert [*many, many[0]] == calls, "what was forgotten is"
    for field in ("first", "second"):
        with pytest.raises(InvalidInput, match=field):
            check("wrong", field)
