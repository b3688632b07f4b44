"""
Does a text hold a payment card number?

Human free text must never store one. A row of digits counts as a card number
when it starts like a known issuer's numbers, has that issuer's length, passes
the Luhn check, and is written as one number: in one piece, in groups of four,
digit by digit, or with one separator throughout. That last part keeps two phone
numbers or two dates in a row from looking like a card.

Ids, keys, hashes, phone numbers and tax ids are never scanned: they have
grammars of their own, and a Brazilian company number may well pass Luhn.

Source: ISO/IEC 7812-1 (numbering, Luhn formula); issuer ranges as the card
networks publish them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import Final

__all__ = ["contains_card_number"]

_16_TO_19: Final = (16, 17, 18, 19)

#: Networks, how their numbers start (a pattern), and how long they are. The
#: first pattern that fits decides, so narrow ones stand before wide ones.
#: Fewer than 16 digits are listed only where the prefix is narrow or the
#: network uses nothing else: phone numbers and dates are that short too.
_ISSUERS: Final = (
    ("Visa", "4", (13, 16, 19)),
    ("Mastercard", "5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    ("American Express", "3[47]", (15,)),
    ("Diners Club", "30[0-5]|3095|3[689]", (14, *_16_TO_19)),
    ("JCB", "352[89]|35[3-8]", _16_TO_19),
    ("Discover", "6011|64[4-9]|65", _16_TO_19),
    ("UnionPay", "62|81", _16_TO_19),
    ("Maestro", "5018|5020|5038|5893|6304|6390|6759|676[1-3]", (12, 13, 14, 15, *_16_TO_19)),
    ("Maestro, Verve, Elo, Bancontact", "50|5[6-8]|63|67", _16_TO_19),
    ("Mir, Borica", "220[0-5]", _16_TO_19),
    ("RuPay, Hipercard", "60|82", (16,)),
    ("Troy, Napas, Uzcard, Humo", "9792|9704|8600|9860", (16, 19)),
)
_LENGTHS: Final = tuple(lengths for _, _, lengths in _ISSUERS)
_START: Final = re.compile(f"(?={'|'.join(f'({prefixes})' for _, prefixes, _ in _ISSUERS)})")

#: Twelve or more digits, with anything but letters between them.
_RUN: Final = re.compile(r"[0-9](?:[\W_]{0,5}[0-9]){11,}")
_GROUP: Final = re.compile("[0-9]+")

#: Separators that are spelled out: URL, HTML and JSON escapes, and tags.
_SPELLED_SEPARATOR: Final = re.compile(
    r"%[0-9a-f]{2}|</?[a-z]{1,10}\s{0,2}/?>|&#?\w{1,8};|\\[nrt]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}", re.IGNORECASE
)
_SPELLING_MARKS: Final = frozenset("%<&\\")

#: An international phone number in one piece. Cards that short are no longer issued.
_PHONE: Final = re.compile(r"\+[0-9]{11,13}(?![\W_]{0,5}[0-9])")

#: More digits than an honest text has: refused unread, so that a hostile text costs nothing.
_DIGITS_MAX: Final = 2000
_DIGITS_MIN: Final = 12
_PREFIX_LENGTH_MAX: Final = 4

_DIGITS: Final = b"0123456789"
_VALUES: Final = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED: Final = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))


class _Folding(dict[int, str | None]):
    """Maps all kinds of digits to ASCII, invisible and combining marks to nothing, as they come up."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        digit = unicodedata.digit(char, None)
        folded: str | None = char if digit is None else str(digit)
        if unicodedata.category(char) in {"Cf", "Me", "Mn"}:
            folded = None
        # Ideographs are not kept: a table of all that can be typed would be large.
        if folded != char or code < 0x3000:
            self[code] = folded
        return folded


_FOLDING: Final = _Folding()


def contains_card_number(text: str) -> bool:
    """
    Tell whether a human text holds something that reads as a card number.

    Finds numbers in one piece or in groups, with spaces, dashes, dots or other
    signs between them, in any script's digits, with invisible marks inside,
    and with an expiry date or a phone number beside them. Does not find a
    number that is spelled in words, encoded, or spread over several texts
    (`billing_core.identity.text.free_texts` looks at fields that belong together).

    Args:
        text: any text. Time is linear in its length; a text with more than
            2000 digits is taken to hold a card number, unread.

    >>> contains_card_number("my card is 4242-4242-4242-4242, ok?")
    True
    >>> contains_card_number("call +44 20 7946 0018 about invoice 2025-000123")
    False
    """
    if len(text) < _DIGITS_MIN:
        return False
    digits_count = _digits_count(text)
    if not _DIGITS_MIN <= digits_count <= _DIGITS_MAX:
        return digits_count > _DIGITS_MAX
    if not text.isascii():
        text = text.translate(_FOLDING)
    if not _SPELLING_MARKS.isdisjoint(text):
        text = _SPELLED_SEPARATOR.sub(" ", text)
    if "+" in text:
        text = _PHONE.sub("", text)
    return any(_run_holds_card(match.group()) for match in _RUN.finditer(text))


def _digits_count(text: str) -> int:
    """How many digits of any script a text has. Most texts have too few to need a closer look."""
    if not text.isascii():
        return sum(map(str.isdigit, text))
    raw = text.encode()
    return len(raw) - len(raw.translate(None, _DIGITS))


def _run_holds_card(run: str) -> bool:
    groups = _GROUP.findall(run)
    digits = "".join(groups)
    raw = digits.encode()
    values, doubled = raw.translate(_VALUES), raw.translate(_DOUBLED)
    # No number starts in the last eleven digits; four are looked at where one may start.
    for match in _START.finditer(digits, 0, len(digits) - _DIGITS_MIN + _PREFIX_LENGTH_MAX):
        start = match.start()
        for length in _LENGTHS[(match.lastindex or 1) - 1]:
            stop = start + length
            if stop > len(digits):
                break
            # Luhn: from the right, every second digit is doubled and its digits are added.
            total = sum(values[stop - 1 : start - 1 if start else None : -2])
            total += sum(doubled[stop - 2 : start - 1 if start else None : -2])
            if total % 10 == 0 and _is_written_as_one(run, groups, start, stop):
                return True
    return False


def _is_written_as_one(run: str, groups: list[str], start: int, stop: int) -> bool:
    """Whether digits ``start`` to ``stop`` of a run are written as one number."""
    bounds = list(accumulate(map(len, groups), initial=0))
    first, last = bisect_right(bounds, start) - 1, bisect_right(bounds, stop - 1) - 1
    cuts = [start, *bounds[first + 1 : last + 1], stop]
    sizes = [right - left for left, right in pairwise(cuts)]
    is_in_equal_groups = sizes[0] in {1, 4} and set(sizes[:-1]) == {sizes[0]} and sizes[-1] <= sizes[0]
    if len(sizes) == 1 or is_in_equal_groups or sizes in ([4, 6, 4], [4, 6, 5]):
        return True
    separators = _GROUP.split(run)[first + 1 : last + 1]
    return start == bounds[first] and stop == bounds[last + 1] and len(set(separators)) == 1
