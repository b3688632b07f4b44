"""
Phone numbers, as people type them, in E.164.

Numbering plans change every fortnight, so a number that could exist but is not
known to be in use is accepted with a warning. Nobody should be forced to have
a phone: where a form leaves it open, check it with ``required=False``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.identity.phone_reading import is_known_number, read_phone
from billing_core.identity.plain import fits, read_choice, read_texts
from billing_core.identity.text import clean_code, rejected
from billing_core.issues import Checked, Choice, Issue, Severity, invalid
from billing_core.values.typed import Typed

__all__ = ["Phone", "PhoneKind", "PhonePolicy", "PhoneValidity", "check_phone"]

_LENGTH_MAX: Final = 64

#: E.164 ends at 15 digits, but Japan and Indonesia have service numbers of 17, all in use.
_E164: Final = re.compile(r"\+[1-9][0-9]{3,19}")
_EXTENSION: Final = re.compile("[0-9]{1,11}")
_REGION: Final = re.compile("[A-Z]{2}")


class PhoneValidity(Choice):
    """Whether a number is known to be in use, or only could be."""

    VALID = "valid"
    POSSIBLE = "possible"


class PhoneKind(Choice):
    """What a number is for, as far as its range tells."""

    FIXED_LINE = "fixed_line"
    MOBILE = "mobile"
    FIXED_LINE_OR_MOBILE = "fixed_line_or_mobile"
    TOLL_FREE = "toll_free"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL_NUMBER = "personal_number"
    PAGER = "pager"
    UAN = "uan"
    VOICEMAIL = "voicemail"
    UNKNOWN = "unknown"


#: By phonenumbers' `PhoneNumberType`, which counts from zero in this order.
_KINDS: Final = dict(enumerate(kind for kind in PhoneKind if kind is not PhoneKind.UNKNOWN))


@attrs.frozen(kw_only=True)
class PhonePolicy(Typed):
    """
    How strict a form is about phone numbers.

    Attributes:
        allow_letters: whether ``1-800-FLOWERS`` is a number. It is one only if
            the digits before the letters are none by themselves.
        unallocated: whether a number of a range that is not known to be in use
            is a warning (plans change faster than releases) or an error.
    """

    allow_letters: bool = True
    unallocated: Severity = Severity.WARNING


_DEFAULT_POLICY: Final = PhonePolicy()


@attrs.frozen(kw_only=True)
class Phone:
    """
    A phone number.

    Attributes:
        e164: plus, calling code and national number, without separators.
        extension: digits to dial after the call is answered.
        region: ISO 3166 code of the region whose plan it belongs to; None for
            numbers of no region, such as satellite phones.
        kind: what its range is for, when it was checked.
        validity: what was known of its range, when it was checked.

    >>> Phone.parse("020 7946 0018", region="GB").e164
    '+442079460018'
    """

    e164: str
    extension: str | None = None
    region: str | None = None
    kind: PhoneKind = PhoneKind.UNKNOWN
    validity: PhoneValidity = PhoneValidity.POSSIBLE

    def __attrs_post_init__(self) -> None:
        if not fits(self.e164, _E164):
            raise invalid("e164", "invalid_format", example="+442079460018")
        if self.extension is not None and not fits(self.extension, _EXTENSION):
            raise invalid("extension", "invalid_format", example="123")
        if self.region is not None and not fits(self.region, _REGION):
            raise invalid("region", "invalid_format", example="GB")
        if not isinstance(self.kind, PhoneKind):
            raise invalid("kind", "unknown_value", allowed=", ".join(PhoneKind))
        if not isinstance(self.validity, PhoneValidity):
            raise invalid("validity", "unknown_value", allowed=", ".join(PhoneValidity))
        # As long as the cards of networks that are still issued: only a known number may be.
        if len(self.e164) > 13 and contains_card_number(self.e164[1:]) and not is_known_number(self.e164):
            raise invalid("e164", "looks_like_card_number")

    def __repr__(self) -> str:
        hidden = "*" * (len(self.e164) - 3)
        extension = None if self.extension is None else "*" * len(self.extension)
        return (
            f"Phone(e164='+{hidden}{self.e164[-2:]}', extension={extension!r}, region={self.region!r}, "
            f"kind={str(self.kind)!r}, validity={str(self.validity)!r})"
        )

    @classmethod
    def parse(cls, raw: object, region: str | None = None) -> Phone:
        """
        Check a phone number, and give it back or raise.

        Raises:
            InvalidInput: with the finding of `check_phone`.

        >>> Phone.parse("+1 (202) 555-0143").region
        'US'
        """
        return check_phone(raw, region).unwrap()

    def format_international(self) -> str:
        """
        The form to print for readers in other countries.

        >>> Phone.parse("020 7946 0018", region="GB").format_international()
        '+44 20 7946 0018'
        """
        return self._formatted("INTERNATIONAL")

    def format_national(self) -> str:
        """
        The form to print for readers in the same country.

        >>> Phone.parse("+442079460018").format_national()
        '020 7946 0018'
        """
        return self._formatted("NATIONAL")

    def _formatted(self, form: str) -> str:
        import phonenumbers

        number = phonenumbers.parse(self.e164)
        number.extension = self.extension
        return str(phonenumbers.format_number(number, getattr(phonenumbers.PhoneNumberFormat, form)))

    def to_dict(self) -> dict[str, str | None]:
        """Plain data, for storage."""
        return {
            "e164": self.e164,
            "extension": self.extension,
            "region": self.region,
            "kind": str(self.kind),
            "validity": str(self.validity),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Phone:
        """
        The phone that `to_dict` wrote. It is not checked anew: plans change, what was accepted stays.

        Raises:
            InvalidInput: on missing or unknown keys, or on what can't be a phone number.
        """
        texts = read_texts(data, ("e164", "kind", "validity"), optional=("extension", "region"))
        return cls(
            e164=texts["e164"],
            extension=texts.get("extension"),
            region=texts.get("region"),
            kind=read_choice("kind", texts["kind"], PhoneKind),
            validity=read_choice("validity", texts["validity"], PhoneValidity),
        )


def check_phone(
    raw: object,
    region: str | None = None,
    *,
    field: str = "phone",
    required: bool = True,
    policy: PhonePolicy = _DEFAULT_POLICY,
) -> Checked[Phone]:
    """
    Check a phone number as a person typed it.

    Separators, an extension, ``tel:`` and keypad letters are understood. Other
    text around the number is an error: a form must not pick digits out of a
    sentence.

    Args:
        raw: anything at all; only a `str` can be right.
        region: ISO 3166 code of the country whose national form may be meant.
            Not needed for a number with a plus.
        field: the name that findings carry.
        required: whether nothing (None, blank) is an error; else it is the value None.
        policy: how strict the form is.

    Errors: ``required``, ``invalid_type``, ``too_long``, ``too_short``,
    ``invalid_length``, ``invalid_characters``, ``invalid_format``,
    ``placeholder``, ``two_values``, ``looks_like_card_number``,
    ``country_missing``, ``country_unknown``. Warning (an error by policy):
    ``unallocated``.

    >>> check_phone("1-800-FLOWERS", region="US").value.e164
    '+18003569377'
    >>> check_phone("+44 20 7946 0018 / +44 20 7946 0019").errors[0].code
    'two_values'
    """
    cleaned = clean_code(raw, field=field, max_length=_LENGTH_MAX, required=required)
    if cleaned.value is None:
        return Checked(value=None, issues=cleaned.issues)
    reading = read_phone(cleaned.value, region, allow_letters=policy.allow_letters)
    if isinstance(reading, str):
        return rejected(field, reading)
    if not reading.is_known and contains_card_number(reading.e164[1:]):
        return rejected(field, "looks_like_card_number")
    phone = Phone(
        e164=reading.e164,
        extension=reading.extension,
        region=reading.region,
        kind=_KINDS.get(reading.number_type, PhoneKind.UNKNOWN),
        validity=PhoneValidity.VALID if reading.is_known else PhoneValidity.POSSIBLE,
    )
    if reading.is_known:
        return Checked(value=phone)
    issue = Issue(field=field, code="unallocated", severity=policy.unallocated)
    return Checked(value=None if issue.severity is Severity.ERROR else phone, issues=(issue,))
