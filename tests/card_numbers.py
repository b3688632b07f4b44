"""Card numbers of every network, in every notation that people and programs write them in."""

from __future__ import annotations

import copy
import json
import pickle
import re
import traceback
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import attrs
from hypothesis import strategies as st

__all__ = ["NOTATIONS", "PANS", "card_numbers", "leaks", "with_check_digit"]

#: How the numbers of each network begin, and how long they are.
NETWORKS = {
    "Visa": ("4", (13, 16, 19)),
    "Mastercard": ("51", (16,)),
    "Mastercard, end": ("55", (16,)),
    "Mastercard, 2-series": ("2221", (16,)),
    "Mastercard, 2-series, end": ("2720", (16,)),
    "American Express": ("34", (15,)),
    "American Express, 37": ("37", (15,)),
    "Discover": ("6011", (16, 19)),
    "Discover, 65": ("65", (16, 19)),
    "Diners Club": ("305", (14,)),
    "Diners Club, 36": ("36", (14, 19)),
    "JCB": ("3528", (16, 19)),
    "UnionPay": ("62", (16, 17, 18, 19)),
    "UnionPay, 81": ("81", (16, 19)),
    "Maestro": ("6759", (12, 13, 16, 19)),
    "Maestro, 50": ("5018", (12, 16, 19)),
    "Mir": ("2200", (16, 19)),
    "RuPay": ("60", (16,)),
    "Troy": ("9792", (16,)),
    "Uzcard": ("8600", (16,)),
}


def with_check_digit(digits: str) -> str:
    """The digits, and the one that makes them pass Luhn."""
    total = sum(sum(divmod(int(digit) * (2 - k % 2), 10)) for k, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """Numbers of all networks and lengths, with a right check digit."""
    prefix, lengths = draw(st.sampled_from(list(NETWORKS.values())))
    rest = draw(st.sampled_from(lengths)) - len(prefix) - 1
    body = draw(st.text("0123456789", min_size=rest, max_size=rest))
    return with_check_digit(prefix + body)


#: One number of each network and length. The digits in the middle are no phone's and no tax id's.
PANS = tuple(
    with_check_digit((prefix + "7318264950731826495")[: length - 1])
    for prefix, lengths in NETWORKS.values()
    for length in lengths
)


def _grouped(pan: str, separator: str) -> str:
    return separator.join(pan[k : k + 4] for k in range(0, len(pan), 4))


def _digits_from(zero: str) -> Callable[[str], str]:
    return lambda pan: "".join(chr(ord(zero) + int(digit)) for digit in pan)


NOTATIONS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "spaces": lambda pan: _grouped(pan, " "),
    "dashes": lambda pan: _grouped(pan, "-"),
    "dots": lambda pan: _grouped(pan, "."),
    "no-break spaces": lambda pan: _grouped(pan, "\u00a0"),
    "thin spaces": lambda pan: _grouped(pan, "\u2009"),
    "every digit spaced": " ".join,
    "full-width": _digits_from("０"),
    "Arabic digits": _digits_from("٠"),
    "zero-width spaces": "\u200b".join,
    "zero-width joiners": lambda pan: _grouped(pan, "\u200d"),
    "in a sentence": lambda pan: f"Please charge {_grouped(pan, ' ')}, thanks.",
    "in JSON": lambda pan: f'{{"number": "{pan}"}}',
    "in compact JSON": lambda pan: f'{{"number":"{pan}"}}',
    "with expiry and code": lambda pan: f"{_grouped(pan, ' ')} 12/28 123",
    "after a phone number": lambda pan: f"+44 20 7946 0018 {_grouped(pan, ' ')}",
    "lines": lambda pan: _grouped(pan, "\n"),
    "URL spaces": lambda pan: _grouped(pan, "%20"),
    "HTML breaks": lambda pan: _grouped(pan, "<br>"),
}

#: What stands between digits in a repr or an escape, and is no digit itself.
_ESCAPES = re.compile(r"\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\n|%20|<br>")
#: ASCII that is no digit.
_PLAIN = re.compile(r"[\x00-/:-\x7f]+")


@lru_cache(maxsize=64)
def _digits(text: str) -> str:
    found = (unicodedata.digit(char, None) for char in _PLAIN.sub("", _ESCAPES.sub("", text)))
    return "".join(str(digit) for digit in found if digit is not None)


def leaks(pan: str, thing: Any) -> list[str]:
    """The ways in which a thing, or an exception, shows a card number in any notation."""
    return [name for name, shown in _showings(thing) if pan in _digits(shown)]


def _showings(thing: Any) -> Iterator[tuple[str, str]]:
    yield "repr", repr(thing)
    yield "str", str(thing)
    yield "format", f"{thing}"
    yield "copy", repr(copy.copy(thing))
    if isinstance(thing, BaseException):
        yield "traceback", "".join(traceback.format_exception(thing))
        yield "args", repr(thing.args)
        yield "attributes", repr(vars(thing))
    if hasattr(thing, "to_dict"):
        yield "JSON", json.dumps(thing.to_dict(), ensure_ascii=False)
    if attrs.has(type(thing)):
        yield "fields", repr(attrs.asdict(thing))
    try:
        pickled = pickle.dumps(thing)
    except (TypeError, AttributeError, pickle.PicklingError):
        return
    yield "pickle", pickled.decode("utf-8", "replace")
