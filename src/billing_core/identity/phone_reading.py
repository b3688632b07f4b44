"""
How a typed text becomes a phone number: strict about what stands around it, then phonenumbers.

phonenumbers was made to find numbers in texts: it reads
"my number is 020 7946 0018 thanks" as a number with the digits of "thanks" at
its end. A form field is no text, so a grammar comes first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

from billing_core.identity.plain import as_code

if TYPE_CHECKING:
    from phonenumbers import NumberParseException, PhoneNumber

__all__ = ["Reading", "is_known_number", "read_phone"]

#: E.164 allows 15, a few plans have more, and a prefix of five to dial abroad may come on top.
_DIGITS_MAX: Final = 22

#: Codes for places that share another's numbering plan, or that are no ISO codes.
_REGION_ALIASES: Final = {
    "BV": "NO",
    "EL": "GR",
    "GS": "FK",
    "HM": "AU",
    "PN": "NZ",
    "TF": "FR",
    "UK": "GB",
    "UM": "US",
    "XI": "GB",
}

#: Places without a numbering plan, and the code for an unknown one: a plus is needed.
_WITHOUT_PLAN: Final = frozenset({"AQ", "ZZ"})

_MARKS: Final = r" ()\[\].\-‐-―−ー/"

#: A number with at most one extension: ``ext. 12``, ``x12``, ``#12``, ``, 12``, ``доб. 12`` …
#: Poland dials ``0~0`` to go abroad.
_WRITTEN: Final = re.compile(
    rf"(?:tel:?\s*)?(?P<number>(?:0~)?\+{{0,2}}[{_MARKS}]*[0-9][0-9{_MARKS}]*)"
    r"(?P<extension>(?:[ ,;~-]*(?:;?ext=|(?:e?xt(?:ensi[oó]n?)?|e?xtn|int|anexo|доб|x|#)[:. ,-]*)[0-9]{1,11}"
    r"|[,;][, ]*[0-9]{1,7}|~ *[0-9]{1,9})#?)?",
    re.IGNORECASE,
)

#: RFC 3966: ``tel:331-6005;phone-context=+64``.
_TEL_URI: Final = re.compile(
    rf"(?:tel:)?\+?[0-9{_MARKS}]+(?:;(?:ext=[0-9]{{1,11}}|isub=[^;]*|phone-context=[+a-z0-9.-]+))+",
    re.IGNORECASE,
)

#: Letters that stand for digits, as on a keypad: three digits or more, then three letters or more.
_KEYPAD: Final = re.compile(
    rf"(?P<digits>\+?(?:[{_MARKS}]*[0-9]){{3,}}[{_MARKS}]*)[a-z](?:[{_MARKS}]*[a-z0-9])*", re.IGNORECASE
)

_BETWEEN_NUMBERS: Final = re.compile(r"[,;|&/\n]|\bor\b|\band\b|(?<=[0-9 ])\+", re.IGNORECASE)


#: phonenumbers' numbers for what went wrong. They are part of its interface, as in
#: all ports of libphonenumber, and this table is needed before it is loaded.
_PARSE_CODES: Final = {2: "too_short", 3: "too_short", 4: "too_long"}
_LENGTH_CODES: Final = {2: "too_short", 3: "too_long", 4: "too_short", 5: "invalid_length"}
_INVALID_COUNTRY_CODE: Final = 0
_UNKNOWN_TYPE: Final = 99


class Reading(NamedTuple):
    """What phonenumbers made of a text."""

    e164: str
    extension: str | None
    region: str | None
    number_type: int

    @property
    def is_known(self) -> bool:
        """Whether the number belongs to a range that is in use."""
        return self.number_type != _UNKNOWN_TYPE


def read_phone(text: str, region: object, *, allow_letters: bool) -> Reading | str:
    """
    Read a clean text as one phone number.

    Args:
        text: as `clean_code` leaves it.
        region: ISO 3166 code, or an alias such as ``UK``.
        allow_letters: whether keypad letters count as digits.

    Returns:
        The reading, or the code of what is wrong.

    >>> read_phone("0112 496 0000", "GB", allow_letters=False)
    Reading(e164='+441124960000', extension=None, region='GB', number_type=99)
    """
    known = _known_region(region)
    if known is None:
        return "country_unknown"
    reading = _read_grammar(text, known, allow_letters=allow_letters)
    return "two_values" if isinstance(reading, str) and _holds_two(text) else reading


def is_known_number(e164: str) -> bool:
    """
    Whether a number belongs to a range that is in use.

    >>> is_known_number("+442079460018")
    True
    """
    return _is_known(read_phone(e164, None, allow_letters=False))


def _known_region(region: object) -> str | None:
    """The code that phonenumbers understands, ZZ for none, None for one that does not exist."""
    import phonenumbers

    if region is None:
        return "ZZ"
    code = as_code(region)
    code = _REGION_ALIASES.get(code, code)
    if code in _WITHOUT_PLAN:
        return "ZZ"
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


def _read_grammar(text: str, region: str, *, allow_letters: bool) -> Reading | str:
    written = _WRITTEN.fullmatch(text)
    if written is None:
        if _TEL_URI.fullmatch(text):
            return _parsed(text, region)
        return _read_letters(text, region) if allow_letters else "invalid_characters"
    if sum(map(written["number"].count, "0123456789")) > _DIGITS_MAX:
        return "too_long"
    reading = _parsed(text, region)
    if not _is_known(reading) and text.startswith("00") and region != "ZZ":
        # 00 is not every country's way to dial abroad, but it is what people write.
        abroad = _parsed(f"+{text[2:]}", region)
        reading = abroad if _is_known(abroad) else reading
    if isinstance(reading, Reading) and written["extension"] and reading.extension is None:
        return "invalid_format"
    return reading


def _is_known(reading: Reading | str) -> TypeGuard[Reading]:
    return isinstance(reading, Reading) and reading.is_known


def _read_letters(text: str, region: str) -> Reading | str:
    keypad = _KEYPAD.fullmatch(text)
    if keypad is None or len(re.findall("[A-Za-z]", text)) < 3:
        return "invalid_characters"
    # Behind a number that is complete, letters are a remark and not digits.
    if isinstance(_parsed(keypad["digits"], region), Reading):
        return "invalid_characters"
    reading = _parsed(text, region)
    return reading if _is_known(reading) else "invalid_characters"


def _holds_two(text: str) -> bool:
    parts: list[str] = _BETWEEN_NUMBERS.split(text)
    return sum(sum(map(part.count, "0123456789")) >= 6 for part in parts) >= 2


def _parsed(text: str, region: str) -> Reading | str:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        return _code_of(error, text)
    number_type = phonenumbers.number_type(number)
    national = phonenumbers.national_significant_number(number)
    if number_type != _UNKNOWN_TYPE:
        own_region = phonenumbers.region_code_for_number(number)
    else:
        code = _why_impossible(number, national)
        if code is not None:
            return code
        own_region = _shared_region(number, region)
    return Reading(
        e164=f"+{number.country_code}{national}",
        extension=number.extension,
        region=None if own_region == "001" else own_region,
        number_type=number_type,
    )


def _code_of(error: NumberParseException, text: str) -> str:
    kind: int = error.error_type
    if kind == _INVALID_COUNTRY_CODE and not text.startswith("+"):
        return "country_missing"
    return _PARSE_CODES.get(kind, "invalid_format")


def _why_impossible(number: PhoneNumber, national: str) -> str | None:
    import phonenumbers

    if len(set(national)) == 1:
        return "placeholder"
    again = phonenumbers.parse(f"+{number.country_code}{national}")
    if phonenumbers.national_significant_number(again) != national:
        # It starts with a trunk or carrier prefix once more: not the same number when read again.
        return "invalid_format"
    reason = phonenumbers.is_possible_number_with_reason(number)
    return (
        None
        if reason == phonenumbers.ValidationResult.IS_POSSIBLE
        else _LENGTH_CODES.get(reason, "invalid_format")
    )


def _shared_region(number: PhoneNumber, region: str) -> str | None:
    """The given region if the number has its calling code, else the calling code's main region."""
    import phonenumbers

    if phonenumbers.country_code_for_region(region) == number.country_code:
        return region
    return str(phonenumbers.region_code_for_country_code(number.country_code or 0))
