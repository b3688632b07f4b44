"""
Read a postal code the way a clerk does: the official form out of how people write it.

A code is compared without spaces, hyphens and dots, in upper case, and written
back with the separators that its country uses. What is not right at once gets
one chance: a prefix of international mail, a habit of the country, or digits
and letters that look alike. Patterns always match the whole code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import attrs

__all__ = [
    "SEPARATORS",
    "PostalCode",
    "PostalRule",
    "bare_postal_code",
    "likely_country",
    "postal_rule",
    "read_postal_code",
]

#: What people put between the parts of a code: spaces, points, and the hyphens and dashes of the world.
SEPARATORS: Final = (
    " -.,/_~():·〒〶\u3000\u058a\u05be\u1806\u1b60"
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2053\u2212\u223c"
    "\u2e17\u2e1a\u2e3a\u2e3b\u301c\u3030\u30a0\u30fb\u30fc\ufe58\ufe63\uff0d\uff65\uff70"
)
_WITHOUT_SEPARATORS: Final = dict.fromkeys(map(ord, SEPARATORS))

_DIGITS_MEANT: Final = str.maketrans("OILZSB", "011258")
_LETTERS_MEANT: Final = str.maketrans("0258", "OZSB")
#: Canadian codes use neither D, F, I, O, Q nor U.
_CANADIAN_DIGITS: Final = str.maketrans("OILZSBDQ", "01125800")
_CANADIAN_LETTERS: Final = str.maketrans("02581FU", "OZSBLEV")
_EIRCODE_SIGNS: Final = str.maketrans("BGIJLMOQS", "86111W005")


@attrs.frozen(kw_only=True)
class PostalCode:
    """
    A postal code that was understood.

    Attributes:
        text: the code as its country writes it.
        bare: the code without separators, for comparisons.
        other_country: the country that the code belongs to, where it is not the one given.
    """

    text: str
    bare: str
    other_country: str | None = None


@attrs.frozen(kw_only=True)
class PostalRule:
    """
    The postal codes of one country.

    Attributes:
        country: ISO 3166-1 alpha-2.
        pattern: for a bare code; an empty group marks the place of a separator.
        separators: one for each empty group.
        example: a code as it is written.
        shapes: forms by which look-alikes are told apart (A a letter, 9 a digit).
        is_uncertain: whether the sources disagree on the form.
    """

    country: str
    pattern: re.Pattern[str]
    separators: tuple[str, ...]
    example: str
    shapes: tuple[str, ...]
    is_uncertain: bool

    def written(self, bare: str) -> str | None:
        """The code with its separators, or None where it is not one of this country."""
        match = self.pattern.fullmatch(bare)
        if match is None or not self.separators:
            return match and bare
        text = bare
        for group in range(len(self.separators), 0, -1):
            place = match.start(group)
            if place >= 0:
                text = f"{text[:place]}{self.separators[group - 1]}{text[place:]}"
        return text


@cache
def postal_rule(country: str) -> PostalRule | None:
    """The rule of a country; None where it has no postal codes, or where the country is unknown."""
    from billing_core.identity.data.address_table import COUNTRIES

    row = COUNTRIES.get(country)
    if row is None or not row[5]:
        return None
    return PostalRule(
        country=country,
        pattern=re.compile(row[5], re.ASCII),
        separators=tuple(row[6].split("|")) if row[6] else (),
        example=row[7],
        shapes=tuple(row[8].split()),
        is_uncertain="u" in row[9],
    )


def bare_postal_code(text: str) -> str:
    """
    The code in upper case, without separators.

    >>> bare_postal_code("sw1a 1aa")
    'SW1A1AA'
    """
    if text.isascii():
        return text.upper() if text.isalnum() else text.translate(_WITHOUT_SEPARATORS).upper()
    # Only ASCII letters: the upper case of ß is SS.
    bare = text.translate(_WITHOUT_SEPARATORS)
    return bare.upper() if bare.isascii() else bare


def read_postal_code(country: str, text: str) -> PostalCode | None:
    """
    Understand a postal code.

    Args:
        country: ISO 3166-1 alpha-2, the country of the address.
        text: a clean code (see `billing_core.identity.text.clean_code`).

    Returns:
        The code in its official form; as it was typed where the country has no
        postal codes; None where it is not a code of this country.

    Source: Google's address data with an overlay, see NOTICE.

    >>> read_postal_code("NL", "1071ln").text
    '1071 LN'
    >>> read_postal_code("FR", "97137").other_country
    'GP'
    >>> read_postal_code("US", "9404") is None
    True
    """
    rule, bare = postal_rule(country), bare_postal_code(text)
    neighbours = _neighbours(country)
    if neighbours is not None and (match := neighbours.fullmatch(bare)):
        return _of_another(match)
    if rule is None:
        return PostalCode(text=text, bare=bare)
    written = rule.written(bare)
    if written is not None:
        return PostalCode(text=written, bare=bare)
    if (match := _unmistakable().fullmatch(bare)) and match.lastgroup != country:
        return _of_another(match)
    repaired = _repaired(rule, bare)
    return None if repaired is None else PostalCode(text=repaired, bare=bare_postal_code(repaired))


def likely_country(country: str, text: str) -> str | None:
    """
    The one country whose distinctive codes a wrong code would fit, if there is one.

    >>> likely_country("US", "SW1A 1AA")
    'GB'
    """
    from billing_core.identity.data.postal_habits import DISTINCTIVE

    bare = bare_postal_code(text)
    rules = (rule for code in DISTINCTIVE if code != country and (rule := postal_rule(code)))
    found = [rule.country for rule in rules if rule.pattern.fullmatch(bare)]
    return found[0] if len(found) == 1 else None


@cache
def _neighbours(country: str) -> re.Pattern[str] | None:
    from billing_core.identity.data.postal_habits import NEIGHBOURS

    return re.compile(NEIGHBOURS[country], re.ASCII) if country in NEIGHBOURS else None


@cache
def _unmistakable() -> re.Pattern[str]:
    from billing_core.identity.data.postal_habits import UNMISTAKABLE

    return re.compile(UNMISTAKABLE, re.ASCII)


def _of_another(match: re.Match[str]) -> PostalCode | None:
    country = match.lastgroup
    rule = postal_rule(country) if country else None
    assert rule is not None
    written = rule.written(match.group())
    return None if written is None else PostalCode(text=written, bare=match.group(), other_country=country)


def _repaired(rule: PostalRule, bare: str) -> str | None:
    for candidate in _candidates(rule, bare):
        written = rule.written(candidate)
        if written is not None:
            return written
    return None


def _candidates(rule: PostalRule, bare: str) -> Iterator[str]:
    for pattern, meaning in _habits(rule.country):
        if match := pattern.fullmatch(bare):
            yield match.expand(meaning)
    if not bare.isascii():
        return
    stripped = _without_prefix(rule.country, bare)
    yield stripped
    if rule.pattern.pattern.startswith(rule.country):
        yield f"{rule.country}{stripped}"
    yield from _lookalikes(rule, bare)
    if stripped != bare:
        yield from _lookalikes(rule, stripped)


@cache
def _habits(country: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    from billing_core.identity.data.postal_habits import HABITS

    return tuple((re.compile(pattern, re.ASCII), meaning) for pattern, meaning in HABITS.get(country, ()))


def _without_prefix(country: str, bare: str) -> str:
    from billing_core.identity.data.postal_habits import VEHICLE_CODES

    for prefix in (country, VEHICLE_CODES.get(country, country)):
        if bare.startswith(prefix):
            return bare.removeprefix(prefix)
    return bare.removesuffix(country)


def _lookalikes(rule: PostalRule, bare: str) -> Iterator[str]:
    """What the code would be with O for 0 and the like put right, if only one form comes out."""
    # Words made of look-alikes only ("BOLZ") are no codes.
    if not any(map(str.isdigit, bare)):
        return
    meant = {_in_shape(rule.country, shape, bare) for shape in rule.shapes if len(shape) == len(bare)}
    right = [text for text in meant if rule.pattern.fullmatch(text)]
    if len(right) == 1:
        yield right[0]


def _in_shape(country: str, shape: str, bare: str) -> str:
    return "".join(_as_kind(country, kind, char) for kind, char in zip(shape, bare, strict=True))


def _as_kind(country: str, kind: str, char: str) -> str:
    is_canadian = country == "CA"
    match kind:
        case "9":
            return char.translate(_CANADIAN_DIGITS if is_canadian else _DIGITS_MEANT)
        case "A":
            return char.translate(_CANADIAN_LETTERS if is_canadian else _LETTERS_MEANT)
        case _:
            return char.translate(_EIRCODE_SIGNS)
