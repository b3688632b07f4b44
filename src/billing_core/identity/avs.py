"""
The address verification service of card networks: what is sent, and what comes back.

An issuer compares only the numerals of the street line and the postal code
with its records; it does so fully for the United States, Canada and the United
Kingdom. The networks' one-letter answers differ in meaning; here they become
two answers of one vocabulary. What they imply is a host's policy: an answer
that is not a mismatch never means anything bad.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.identity.address import Address
from billing_core.identity.plain import as_code
from billing_core.identity.postal import bare_postal_code
from billing_core.identity.text import clean_code
from billing_core.issues import Choice, invalid
from billing_core.values.texts import Text
from billing_core.values.typed import Typed

__all__ = ["AvsKeys", "AvsMatch", "AvsResult", "avs_keys"]

#: Longest value that the networks' messages carry.
_KEY_LENGTH_MAX: Final = 20

#: A flat or suite before the number of the street: ``Flat 4, 12 High St``.
_UNIT: Final = re.compile(
    r"(?:flat|apartment|apt|unit|suite|ste|room|rm|floor|fl|#)\b\.?\s*#?\w+\s*[,/ -]\s*(?=.*[0-9])",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile("[0-9]+")


@attrs.frozen(kw_only=True, repr=False)
class AvsKeys(Typed):
    """
    What an issuer compares, each at most 20 characters; None where there is nothing.

    None holds a card number, though an address has digits enough to give one
    when all that stands between them is left out.

    Attributes:
        street_number: the number of the house or the post box.
        street_digits: all digits of the street line.
        postal: the postal code without spaces; five digits in the United States.
        postal_digits: all digits of the postal code.
    """

    street_number: Text | None = None
    street_digits: Text | None = None
    postal: Text | None = None
    postal_digits: Text | None = None

    def __repr__(self) -> str:
        return "AvsKeys(...)"


def avs_keys(address: Address) -> AvsKeys:
    """
    The keys of an address.

    Args:
        address: a checked address.

    >>> keys = avs_keys(Address(line1="Flat 4, 12a High St", postal_code="SW1A 1AA", country="GB"))
    >>> keys.street_number, keys.street_digits, keys.postal, keys.postal_digits
    ('12', '412', 'SW1A1AA', '11')
    """
    street = clean_code(address.line1, field="line1", max_length=255).value or ""
    without_unit = _UNIT.sub("", street, count=1) if _UNIT.match(street) else street
    number = _DIGITS.search(without_unit)
    postal = bare_postal_code(address.postal_code or "")
    return AvsKeys(
        street_number=_key(number.group()) if number else None,
        street_digits=_key("".join(_DIGITS.findall(street))),
        postal=_key(postal[:5] if address.country == "US" else postal),
        postal_digits=_key("".join(_DIGITS.findall(postal))),
    )


def _key(text: str) -> str | None:
    key = text[:_KEY_LENGTH_MAX]
    # "4242 Road, block 4242 …": no issuer compares so many digits, and none may look like a card's.
    return None if contains_card_number(key) else key or None


class AvsMatch(Choice):
    """How one part of an address compared."""

    MATCH = "match"
    #: It differs, or the network answers so for what was not sent.
    NO_MATCH = "no_match"
    #: The issuer did not look at this part.
    NOT_CHECKED = "not_checked"
    #: The issuer could not answer, or does not take part.
    UNAVAILABLE = "unavailable"


@attrs.frozen(kw_only=True)
class AvsResult(Typed):
    """What the issuer says about the street line and about the postal code."""

    street: AvsMatch
    postal: AvsMatch

    @classmethod
    def from_code(cls, network: str | None, code: str | None) -> AvsResult:
        """
        Read a network's answer.

        Args:
            network: ``visa``, ``mastercard``, ``amex``, ``discover`` and brands
                that run on them, in any case; another one, or none, has the common meanings.
            code: the letter. None or an empty one means that nothing was checked, an
                unknown one that no answer is available.

        Raises:
            InvalidInput: ``invalid_type``, a code that is no text.

        Source: response tables as published by acquirers (Quantum Gateway, Global Payments).

        >>> AvsResult.from_code("visa", "A") == AvsResult.from_code("discover", "Y")
        True
        >>> AvsResult.from_code("discover", "A").postal
        <AvsMatch.MATCH: 'match'>
        """
        if code is not None and not isinstance(code, str):
            raise invalid("code", "invalid_type", expected="text")
        letter = (code or "").strip().upper()
        if not letter:
            return cls(street=AvsMatch.NOT_CHECKED, postal=AvsMatch.NOT_CHECKED)
        name = "".join(filter(str.isalnum, as_code(network).lower()))
        answer = _NETWORKS.get(name, _COMMON).get(letter) or _COMMON.get(letter, "uu")
        return cls(street=_ANSWERS[answer[0]], postal=_ANSWERS[answer[1]])


_ANSWERS: Final = {
    "m": AvsMatch.MATCH,
    "n": AvsMatch.NO_MATCH,
    "-": AvsMatch.NOT_CHECKED,
    "u": AvsMatch.UNAVAILABLE,
}

#: letter: street and postal code, by the letters of `_ANSWERS`
_COMMON: Final = {
    "A": "mn",
    "B": "m-",
    "C": "--",
    "D": "mm",
    "E": "uu",
    "F": "mm",
    "G": "uu",
    "I": "--",
    "M": "mm",
    "N": "nn",
    "P": "-m",
    "R": "uu",
    "S": "uu",
    "U": "uu",
    "W": "nm",
    "X": "mm",
    "Y": "mm",
    "Z": "nm",
}
#: American Express also compares the name; the letters below say so, and the name is left out here.
_AMEX: Final = {"D": "nm", "E": "mm", "F": "mn", "K": "nn", "L": "nm", "M": "mm", "O": "mn", "W": "nn"}
#: Discover turns A and Y round; its W is the absence of data.
_DISCOVER: Final = {"A": "mm", "T": "nm", "W": "uu", "Y": "mn"}

_NETWORKS: Final = {
    "amex": _AMEX,
    "americanexpress": _AMEX,
    "discover": _DISCOVER,
    "diners": _DISCOVER,
    "dinersclub": _DISCOVER,
}
