"""
The one cleaner: what happens to every text before anything else looks at it.

Two kinds of text come in. *Human text* (names, address lines, reasons) keeps
its case and script; only what cannot be seen or typed is taken out, and card
numbers are refused. *Codes* (postal codes, tax ids, phone numbers) are folded
to ASCII digits and letters as well, because people type them in full-width
forms and in their own script's digits.

Nothing here raises on any input, and the length is capped before any work is
done on single characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from billing_core.card_numbers import contains_card_number
from billing_core.issues import Checked, Issue

__all__ = ["clean_code", "clean_text", "free_text", "free_texts", "rejected", "split_card_number"]

#: Marks with no look of their own: soft hyphen, zero-width spaces and joiners,
#: word joiner and invisible operators, direction marks, byte order mark.
_INVISIBLE: Final = "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_JOINERS: Final = "\u200c\u200d"
_JOINER_SET: Final = frozenset(_JOINERS)
_BIDI_CONTROLS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

#: `str.split` would take the separators U+001C-001F for spaces; they are controls.
_WHITESPACE: Final = re.compile(r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_JOINER_RUN: Final = re.compile(f"(?s)([^{_JOINERS}]?)([{_JOINERS}]+)(?=(.)?)")

#: Arabic, Syriac, Mongolian, Indic and South-East Asian scripts: where a joiner changes the letters.
_JOINING_SCRIPTS: Final = range(0x0600, 0x1C00)

#: Format characters that are seen: Arabic number signs and their kin.
_VISIBLE_FORMATS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")

#: Planes of Chinese ideographs; Unicode adds to them faster than Python's tables follow.
_IDEOGRAPHIC_PLANES: Final = range(0x20000, 0x3FFFE)

_TEXT_MARKS: Final = dict.fromkeys(map(ord, _INVISIBLE))


class _CodeFolding(dict[int, str | None]):
    """Maps invisible marks to nothing, full-width forms and decimal digits to ASCII, as they come up."""

    def __missing__(self, code: int) -> str | None:
        if 0xFF01 <= code <= 0xFF5E:
            return self.setdefault(code, chr(code - 0xFEE0))
        char = chr(code)
        # Not NFKC: it would read a superscript two or a circled one as digits.
        value = unicodedata.decimal(char, None)
        return char if value is None else self.setdefault(code, str(value))


_CODE_FOLDING: Final = _CodeFolding(dict.fromkeys(map(ord, _INVISIBLE + _JOINERS + _BIDI_CONTROLS)))


def rejected(field: str, code: str, *, suggestion: str | None = None, **params: Any) -> Checked[Any]:
    """
    The answer of a validator that found one error and has no value.

    >>> rejected("name", "required").by_field()["name"][0].code
    'required'
    """
    return Checked(value=None, issues=(Issue(field=field, code=code, params=params, suggestion=suggestion),))


def clean_text(
    raw: object, *, field: str, max_length: int = 255, required: bool = False
) -> Checked[str | None]:
    r"""
    Clean human free text: a name, an address line, a reason.

    Keeps case, script and every visible character. Composes accents (NFC),
    drops invisible marks, makes one space of any white space, and trims.
    Zero-width joiners stay where they shape letters, as in Persian and Sinhala.
    Cleaning a clean text changes nothing.

    Args:
        raw: anything at all; only a `str` can be right.
        field: the name that findings carry.
        max_length: the longest clean text, in characters.
        required: whether nothing (None, blank) is an error; else it is the value None.

    Errors: ``invalid_type``, ``too_long``, ``required``, ``invalid_characters``
    (controls, surrogates, private or unassigned characters, bidi controls),
    ``looks_like_card_number``.

    >>> clean_text("  Ada\u00a0 Lovelace\u200b ", field="name").value
    'Ada Lovelace'
    >>> clean_text("card 4242 4242 4242 4242", field="reason").errors[0].code
    'looks_like_card_number'
    """
    return _cleaned(raw, field=field, max_length=max_length, required=required, is_code=False)


def clean_code(raw: object, *, field: str, max_length: int, required: bool = False) -> Checked[str | None]:
    """
    Clean a code: a postal code, a tax id, a phone number.

    As `clean_text`, but also folds full-width forms and the decimal digits of
    every script to ASCII, and drops all joiners and direction controls. Case
    and punctuation stay. Codes have grammars of their own, so there is no
    search for card numbers.

    Args:
        raw: anything at all; only a `str` can be right.
        field: the name that findings carry.
        max_length: the longest clean code, in characters.
        required: whether nothing (None, blank) is an error; else it is the value None.

    Errors: ``invalid_type``, ``too_long``, ``required``, ``invalid_characters``.

    >>> clean_code("ＤＥ１３６ ６９５９７６", field="tax_id", max_length=64).value
    'DE136 695976'
    """
    # Most codes are typed without any mark. The length comes first, and the empty text is not alphanumeric.
    if type(raw) is str and len(raw) <= max_length and raw.isascii() and raw.isalnum():
        return Checked(value=raw)
    return _cleaned(raw, field=field, max_length=max_length, required=required, is_code=True)


def free_text(field: str, value: object, *, max_length: int = 500) -> str:
    """
    The clean form of a text that a command was given: a reason, a note.

    Args:
        field: the name of the argument.
        value: the text; it must not be blank.
        max_length: the longest clean text, in characters.

    Raises:
        InvalidInput: with the code that `clean_text` found.

    >>> free_text("reason", " card lost ")
    'card lost'
    """
    text = clean_text(value, field=field, max_length=max_length, required=True).unwrap()
    assert text is not None  # `required` leaves no other way
    return text


def free_texts(values: Mapping[str, object], *, max_length: int = 255) -> Checked[dict[str, str | None]]:
    """
    Clean several human texts that stand next to each other in a form.

    Finds what `clean_text` finds in each, and a card number that was spread
    over neighbouring fields, such as two address lines.

    Args:
        values: the texts by field, in the order of the form.
        max_length: the longest clean text of each field, in characters.

    >>> found = free_texts({"line1": "4242 4242", "line2": "4242 4242"})
    >>> [(issue.field, issue.code) for issue in found.errors]
    [('line2', 'looks_like_card_number')]
    """
    checks = {field: clean_text(raw, field=field, max_length=max_length) for field, raw in values.items()}
    issues = tuple(issue for check in checks.values() for issue in check.issues)
    cleaned = {field: check.value for field, check in checks.items()}
    issues += split_card_number(cleaned)
    return Checked(value=None if issues else cleaned, issues=issues)


def split_card_number(values: Mapping[str, str | None]) -> tuple[Issue, ...]:
    """
    Find a card number that is spread over neighbouring clean texts.

    Args:
        values: clean texts by field, in the order of the form; empty ones are skipped.

    Returns:
        One issue at the field in which the number is complete, or none.

    >>> split_card_number({"first_name": "4242 4242 42", "last_name": "42 4242"})[0].field
    'last_name'
    """
    joined = ""
    for field, text in values.items():
        if not text:
            continue
        joined = f"{joined} {text}" if joined else text
        if contains_card_number(joined):
            return (Issue(field=field, code="looks_like_card_number"),)
    return ()


def _cleaned(
    raw: object, *, field: str, max_length: int, required: bool, is_code: bool
) -> Checked[str | None]:
    # `type()`, since a mock or a proxy may lie about its `__class__`.
    if raw is not None and not issubclass(type(raw), str):
        return rejected(field, "invalid_type", expected="text")
    text = "" if raw is None else str.__str__(raw)
    # Room for marks and spaces that will go; what nobody types is not worth reading.
    if len(text) > 4 * max_length + 64:
        return rejected(field, "too_long", max_length=max_length)
    text = _normalised(text, is_code=is_code)
    if not text and not required:
        return Checked(value=None)
    match _fault(text, max_length, is_code=is_code):
        case None:
            return Checked(value=text)
        case "too_long":
            return rejected(field, "too_long", max_length=max_length)
        case code:
            return rejected(field, code)


def _fault(text: str, max_length: int, *, is_code: bool) -> str | None:
    if not text:
        return "required"
    if len(text) > max_length:
        return "too_long"
    if not text.isprintable() and any(map(_is_offending, text)):
        return "invalid_characters"
    if not is_code and contains_card_number(text):
        return "looks_like_card_number"
    return None


def _normalised(text: str, *, is_code: bool) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if not text.isascii():
        # Marks go first: one between a letter and its accent would keep them from composing.
        text = text.translate(_CODE_FOLDING if is_code else _TEXT_MARKS)
        text = unicodedata.normalize("NFC", text)
        if not (is_code or _JOINER_SET.isdisjoint(text)):
            text = _with_joiners(text)
    return _WHITESPACE.sub(" ", text).strip(" ")


def _with_joiners(text: str) -> str:
    once = unicodedata.normalize("NFC", _JOINER_RUN.sub(_kept_joiner, text))
    if _JOINER_RUN.sub(_kept_joiner, once) == once:
        return once
    # Taking a joiner out lets marks change places, and another one stand elsewhere: no real word does that.
    return unicodedata.normalize("NFC", once.translate(dict.fromkeys(map(ord, _JOINERS))))


def _kept_joiner(match: re.Match[str]) -> str:
    """One joiner where it shapes letters (Source: RFC 5892, appendix A), else none."""
    before, joiners, after = match.groups(default="")
    follows_virama = bool(before) and unicodedata.combining(before) == 9
    if follows_virama or (_joins(before) and _joins(after)):
        return f"{before}{joiners[0]}"
    return before


def _joins(char: str) -> bool:
    return bool(char) and ord(char) in _JOINING_SCRIPTS and unicodedata.category(char)[0] in "LM"


def _is_offending(char: str) -> bool:
    if char.isprintable() or char in _VISIBLE_FORMATS or char in _JOINERS:
        return False
    is_new_ideograph = ord(char) in _IDEOGRAPHIC_PLANES and ord(char) & 0xFFFE != 0xFFFE
    return not (is_new_ideograph and unicodedata.category(char) == "Cn")
