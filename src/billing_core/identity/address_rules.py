"""
What an address needs, by country and by what it is for.

A tax decision needs less of an address than a letter, and an invoice more than
a card check. What is needed is an error where it is missing; what only makes
the address better is a warning.
"""

from __future__ import annotations

from functools import cache
from typing import Final, assert_never

import attrs

from billing_core.issues import Choice

__all__ = ["AddressPurpose", "Requirements", "format_of", "requirements"]


class AddressPurpose(Choice):
    """What an address is for; it decides which fields are required."""

    #: Where the customer is, for VAT, GST and sales tax.
    TAX = "tax"
    #: What the card issuer compares with its own records.
    AVS = "avs"
    #: The customer's full name and address on an invoice (Directive 2006/112/EC, art. 226(5)).
    INVOICE = "invoice"
    #: What a postman needs.
    MAIL = "mail"


@attrs.frozen(kw_only=True)
class Requirements:
    """
    The fields that an address needs.

    Attributes:
        required: fields without which the address can't be used.
        advised: fields that its country expects, but that can be done without.
        needs_addressee: whether a name or a company is required.
    """

    required: frozenset[str]
    advised: frozenset[str] = frozenset()
    needs_addressee: bool = False


#: Where the postal code tells territories with a tax of their own from the rest.
_TAX_BY_POSTAL_CODE: Final = frozenset(
    {"AT", "CA", "CY", "DE", "ES", "FI", "FR", "GB", "GR", "IT", "NO", "PT", "US"}
)
#: Where a tax follows the state or province.
_TAX_BY_REGION: Final = frozenset({"AU", "BR", "CA", "IN", "US"})

_FIELDS: Final = {"A": "line1", "C": "city", "S": "region", "Z": "postal_code"}


@cache
def requirements(country: str, purpose: AddressPurpose) -> Requirements:
    """
    What an address of a country needs for a purpose.

    Args:
        country: ISO 3166-1 alpha-2.
        purpose: what the address is for.

    >>> sorted(requirements("US", AddressPurpose.TAX).required)
    ['postal_code', 'region']
    >>> requirements("FR", AddressPurpose.INVOICE).needs_addressee
    True
    """
    postal = frozenset(_FIELDS[letter] for letter in format_of(country)[2] if letter in _FIELDS)
    match purpose:
        case AddressPurpose.MAIL:
            return Requirements(required=postal)
        case AddressPurpose.INVOICE:
            required = (postal | {"line1"}) - {"region"}
            return Requirements(required=required, advised=postal - required, needs_addressee=True)
        case AddressPurpose.AVS:
            return Requirements(required=frozenset({"line1"}) | (postal & {"postal_code"}))
        case AddressPurpose.TAX:
            by_postal_code = {"postal_code"} if country in _TAX_BY_POSTAL_CODE else set()
            by_region = {"region"} if country in _TAX_BY_REGION else set()
            return Requirements(required=frozenset(by_postal_code | by_region))
    assert_never(purpose)


def format_of(country: str) -> tuple[str, str, str, str, str]:
    """
    Local format, Latin format, required letters, postal prefix abroad, and city where none is typed.

    Args:
        country: ISO 3166-1 alpha-2; an unknown one has the format of most.

    >>> format_of("NZ")[2]
    'ACZ'
    """
    from billing_core.identity.data.address_table import COUNTRIES

    local, latin, required, prefix, city, *_ = COUNTRIES.get(country, COUNTRIES["AG"])
    return local, latin or local, required, prefix, city
