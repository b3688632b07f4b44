"""
The catalogue of issue codes with their English texts.

Error data and error text are different modules: `billing_core.issues` says
*what* is wrong, this table says it in English. A host translates by code and
formats with the same parameters. A text follows the field's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from billing_core.errors import withheld

__all__ = ["CODES", "message_for"]

#: Every code that an `Issue` may carry. A text may name parameters in braces;
#: a part in square brackets is left out where its parameters are not given.
CODES: Mapping[str, str] = MappingProxyType(
    {
        "required": "is required",
        "invalid_type": "has the wrong type[; expected {expected}]",
        "too_long": "is too long[; at most {max_length} characters]",
        "too_short": "is too short[; at least {min_length} characters]",
        "invalid_characters": "contains characters that are not allowed here[; allowed: {allowed}]",
        "invalid_format": "does not have the right form[; for example {example}]",
        "invalid_length": "has the wrong length[; expected {expected}]",
        "invalid_checksum": "has a wrong check digit; compare it with the original[; for example {example}]",
        "placeholder": "is a placeholder, not a real value",
        "unknown_value": "is not a known value[; allowed: {allowed}]",
        "unknown_key": "is not a field that exists here[; allowed: {allowed}]",
        "country_missing": "needs its country to be understood",
        "country_unknown": "is not a known country[; for example {example}]",
        "country_mismatch": "belongs to another country than the one given[; given: {country}]",
        "region_required": "is required in this country",
        "region_unknown": "is not a region of this country",
        "postal_code_mismatch_region": "does not belong to the region given",
        "postal_code_other_country": "looks like a postal code of another country",
        "not_supported": "is not supported[; {reason}]",
        "unallocated": "is possible, but is not known to be in use",
        "two_values": "contains more than one value; give one only",
        "looks_like_card_number": "looks like a card number; card numbers must never be entered here",
        "out_of_range": "must be between {min} and {max}",
        "negative": "must not be negative",
        "zero": "must not be zero",
        "too_precise": "has more digits after the point than {currency} has; round it first",
        "naive_datetime": "must be an aware datetime; give it a time zone",
        "withdrawn_currency": "is withdrawn since {withdrawn}; open no new business in it",
        "not_unique": "must be unique",
        "overlaps": "overlaps with {other}",
        "mismatch": "does not agree with {other}",
    }
)


def message_for(code: str, params: Mapping[str, Any]) -> str:
    """
    The English text of a code.

    Args:
        code: a key of `CODES`; an unknown code is returned as it is, so that
            a newer adapter's code still reads.
        params: values for the braces.

    >>> message_for("too_long", {"max_length": 64})
    'is too long; at most 64 characters'
    >>> message_for("too_long", {})
    'is too long'
    """
    template = CODES.get(code, code)
    head, bracket, rest = template.partition("[")
    optional, _, tail = rest.partition("]")
    text = head if not bracket else head + (_filled(optional, params) or "") + tail
    return str(withheld(_filled(text, params) or text))


def _filled(text: str, params: Mapping[str, Any]) -> str | None:
    try:
        return text.format_map(params)
    except KeyError:
        return None
