"""
What the texts of a record are. The annotation says it, and the record checks it.

``id: Id`` is a machine's id, ``reason: Text`` is what a person wrote. A record
has no field that is just a `str`: each text has a kind, and no kind takes a
card number. What people write is searched for one; ids are not, as long as
they have a letter, since hashes and random ids look like card numbers by chance.

To a type checker all kinds are `str`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.errors import is_plain_id
from billing_core.issues import invalid
from billing_core.values.ids import check_id
from billing_core.values.zones import zone

__all__ = [
    "PRIVATE",
    "Check",
    "Code",
    "CountryCode",
    "CurrencyCode",
    "Id",
    "Pattern",
    "Private",
    "Secret",
    "Text",
    "TextKind",
    "Url",
    "Word",
    "ZoneName",
    "remembering",
]

T = TypeVar("T")

#: Looks at a value of the field of this name, and raises `InvalidInput` if it is none for it.
Check: TypeAlias = Callable[[Any, str], object]

#: Longer than any text that a person writes into a form here.
_TEXT_LENGTH_MAX: Final = 2000
#: Longer than any address that a processor or a browser takes.
_URL_LENGTH_MAX: Final = 2048
_CODE_LENGTH_MAX: Final = 64
_ID_LENGTH_MAX: Final = 255

#: How many texts of a kind are remembered: those of a batch of licenses, a dozen times over.
_REMEMBERED: Final = 8192
_REMEMBERED_LENGTH: Final = 80

#: Twelve digits are the shortest card number; no code and no word needs as many.
_DIGITS_MAX: Final = 11

_WORD: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_CODE: Final = re.compile(r"[ -~]+")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_VISIBLE: Final = re.compile(r"[!-~]+")
_URL: Final = re.compile(r"(?i:(?!javascript:|data:|vbscript:|file:)[a-z][a-z0-9+.-]*):[!-~]+")
_PART_ENDS: Final = re.compile(r"[/?&=#;]")


@attrs.frozen
class TextKind:
    """
    A kind of text: its name for people, and what refuses a text that is none.

    ``check`` gets the text and the name of its field, and raises `InvalidInput`.
    """

    name: str
    check: Check


class _PrivateMark:
    def __repr__(self) -> str:
        return "PRIVATE"


#: Marks a field that holds personal data or a secret: in events it is a hash.
PRIVATE: Final = _PrivateMark()
Private: TypeAlias = Annotated[T, PRIVATE]


def remembering(check: Check) -> Check:
    """
    The same check, for texts that come again and again: what it accepted lately it does not look at again.

    Only for texts that are no secret. Long ones are not kept, and none that is refused.
    """
    accepted: set[str] = set()

    def check_anew(value: Any, field: str) -> None:
        # A text of another type may be equal to one that was accepted, and say something else.
        if type(value) is str and value in accepted:
            return
        check(value, field)
        if type(value) is str and len(value) <= _REMEMBERED_LENGTH:
            if len(accepted) >= _REMEMBERED:
                # To forget all of them now and then takes less than to know which one was used last.
                accepted.clear()
            accepted.add(value)

    return check_anew


def _require_text(value: object, field: str, max_length: int) -> None:
    if not isinstance(value, str):
        raise invalid(field, "invalid_type", expected="text")
    if len(value) > max_length:
        raise invalid(field, "too_long", max_length=max_length)


def _check_text(value: str, field: str) -> None:
    _require_text(value, field, _TEXT_LENGTH_MAX)
    if contains_card_number(value):
        raise invalid(field, "looks_like_card_number")


def _check_code(value: str, field: str) -> None:
    _require_text(value, field, _CODE_LENGTH_MAX)
    if not _CODE.fullmatch(value):
        raise invalid(field, "invalid_format", example="a short code, such as insufficient_funds")
    _require_few_digits(value, field)


def _check_word(value: str, field: str) -> None:
    _require_text(value, field, _CODE_LENGTH_MAX)
    if not _WORD.fullmatch(value):
        raise invalid(field, "invalid_format", example="small letters, digits and underscores: visa")
    _require_few_digits(value, field)


def _require_few_digits(value: str, field: str) -> None:
    if len(value) > _DIGITS_MAX and sum(map(value.count, "0123456789")) > _DIGITS_MAX:
        raise invalid(field, "looks_like_card_number")


def _check_url(value: str, field: str) -> None:
    _require_text(value, field, _URL_LENGTH_MAX)
    if not _URL.fullmatch(value):
        raise invalid(field, "invalid_format", example="https://example.com/billing")
    _require_no_number_in_parts(value, field)


def _check_secret(value: str, field: str) -> None:
    _require_text(value, field, _URL_LENGTH_MAX)
    if not _VISIBLE.fullmatch(value):
        raise invalid(field, "invalid_characters", allowed="visible ASCII without spaces")
    _require_no_number_in_parts(value, field)


def _require_no_number_in_parts(value: str, field: str) -> None:
    # Part by part: an id within an address is an id like any other.
    for part in _PART_ENDS.split(value):
        if not is_plain_id(part) and contains_card_number(part):
            raise invalid(field, "looks_like_card_number")


def _check_country(value: str, field: str) -> None:
    _require_text(value, field, _CODE_LENGTH_MAX)
    if not _COUNTRY.fullmatch(value):
        raise invalid(field, "country_unknown", example="DE")


def _check_currency(value: str, field: str) -> None:
    _require_text(value, field, _CODE_LENGTH_MAX)
    if not _CURRENCY.fullmatch(value):
        raise invalid(field, "unknown_value", allowed="ISO 4217 codes, such as EUR")


def _check_pattern(value: str, field: str) -> None:
    _require_text(value, field, _ID_LENGTH_MAX)
    try:
        re.compile(value)
    except re.error:
        raise invalid(field, "invalid_format", example="pm_[A-Za-z0-9]{8,64}") from None
    if contains_card_number(value):
        raise invalid(field, "looks_like_card_number")


def _check_zone(value: str, _: str) -> None:
    zone(value)


#: An id that a machine made: visible ASCII without spaces, at most 255 characters.
Id: TypeAlias = Annotated[str, TextKind("id", remembering(check_id))]
#: What a person wrote, or will read: at most 2000 characters, searched for card numbers.
Text: TypeAlias = Annotated[str, TextKind("text", _check_text)]
#: A short code of another system, as received: printable ASCII, at most 64 characters and 11 digits.
Code: TypeAlias = Annotated[str, TextKind("code", remembering(_check_code))]
#: A name of this library's or the host's own: small letters, digits, underscores and dots.
Word: TypeAlias = Annotated[str, TextKind("word", remembering(_check_word))]
#: An address to send a browser to; nothing that a browser would run.
Url: TypeAlias = Annotated[str, TextKind("url", _check_url)]
#: What only the owner's browser may see: visible ASCII, at most 2048 characters.
Secret: TypeAlias = Annotated[str, TextKind("secret", _check_secret)]
#: ISO 3166-1 alpha-2, by its form.
CountryCode: TypeAlias = Annotated[str, TextKind("country", remembering(_check_country))]
#: ISO 4217, by its form.
CurrencyCode: TypeAlias = Annotated[str, TextKind("currency", remembering(_check_currency))]
#: A regular expression that whole ids of some kind match: at most 255 characters.
Pattern: TypeAlias = Annotated[str, TextKind("pattern", _check_pattern)]
#: The name of an IANA time zone.
ZoneName: TypeAlias = Annotated[str, TextKind("zone", remembering(_check_zone))]
