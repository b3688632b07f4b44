"""
Ids and keys that follow from what they stand for, and the check for ids of others.

Nothing here is random: the same facts give the same id on every machine, in
every retry, after every restore. Distinct lists of parts never give the same text to
the hash, and what one function derives no other one does.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256

from billing_core.card_numbers import contains_card_number
from billing_core.errors import is_plain_id
from billing_core.issues import invalid

__all__ = ["MAX_ID_LENGTH", "check_id", "derive_id", "derive_key", "derive_reference"]

#: The longest id that is taken from a host or a processor, in characters.
MAX_ID_LENGTH = 255

#: Part of every hash. A change of the scheme must change it, for it changes every id.
_VERSION = "bc1"

# 26 characters of 5 bits: 130 bits, as many as a random UUID has, and a few more.
_SHORT = 26
# All 256 bits, and four zeros behind them.
_WHOLE = 52

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
# Two characters at once, by ten bits: a tenth of the time of `base64.b32encode`.
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)

_PREFIX = re.compile(r"[a-z]{1,12}")
_VISIBLE = re.compile(r"[!-~]+")
_BARE_DIGITS = re.compile(r"[0-9]{12,19}")


def derive_id(prefix: str, *parts: str | int) -> str:
    """
    The id of a record, from the facts that make it the one it is.

    Args:
        prefix: says what it is an id of, such as ``"inv"``: 1 to 12 small letters.
        parts: texts and ints, in order; ``1`` and ``"1"`` are different.

    Returns:
        The prefix, an underscore, and 26 characters of a-z and 2-7.

    Raises:
        InvalidInput: ``invalid_format`` for the prefix; ``required`` or
            ``invalid_type`` for the parts.

    >>> derive_id("inv", "production", "lic_1", 0)
    'inv_mnlo762phx5b3lbxad7z5pgczo'
    """
    if type(prefix) is not str:
        raise invalid("prefix", "invalid_format", example="inv")
    return f"{prefix}_{_digest(_id_head(prefix), parts, _SHORT)}"


def derive_key(*parts: str | int) -> str:
    """
    An idempotency key: 52 characters of a-z and 2-7, the whole of a SHA-256.

    Raises:
        InvalidInput: ``required`` or ``invalid_type``.
    """
    return _digest(_head("key", ""), parts, _WHOLE)


def derive_reference(*parts: str | int) -> str:
    """
    A reference to look a charge up by: 26 characters of a-z and 2-7, as processors keep references short.

    Raises:
        InvalidInput: ``required`` or ``invalid_type``.
    """
    return _digest(_head("reference", ""), parts, _SHORT)


def check_id(value: str, field: str, max_length: int = MAX_ID_LENGTH) -> str:
    """
    An id that somebody else made, if it can be one.

    Ids of letters and digits are never searched for card numbers: many would look like one by
    chance. An id that is nothing but 12 to 19 digits is refused, for it may *be* one; so is a
    card number in groups, with no letter in it, or in something that is no id (JSON, a tag).

    Args:
        value: 1 to ``max_length`` visible ASCII characters, without spaces.
        field: the name to blame.
        max_length: in characters.

    Raises:
        InvalidInput: ``invalid_type``, ``required``, ``too_long``,
            ``invalid_characters`` or ``looks_like_card_number``.

    >>> check_id("cus_NffrFeUfNV2Hib", "customer_id")
    'cus_NffrFeUfNV2Hib'
    """
    if not isinstance(value, str):
        raise invalid(field, "invalid_type", expected="a text")
    if not value:
        raise invalid(field, "required")
    if len(value) > max_length:
        raise invalid(field, "too_long", max_length=max_length)
    if is_plain_id(value):
        return value
    if not _VISIBLE.fullmatch(value):
        raise invalid(field, "invalid_characters", allowed="visible ASCII without spaces")
    if _BARE_DIGITS.fullmatch(value) or contains_card_number(value):
        raise invalid(field, "looks_like_card_number")
    return value


@lru_cache(maxsize=64)
def _id_head(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        raise invalid("prefix", "invalid_format", example="inv")
    return _head("id", prefix)


@lru_cache(maxsize=64)
def _head(purpose: str, prefix: str) -> str:
    """How every text begins that is hashed for one purpose."""
    return "".join(map(_framed, (_VERSION, purpose, prefix)))


def _digest(head: str, parts: tuple[str | int, ...], length: int) -> str:
    """The first ``length`` characters, an even number, of the hash in base 32 (RFC 4648, small letters)."""
    if not parts:
        raise invalid("parts", "required")
    text = head + "".join(map(_framed, parts))
    # A lone surrogate is no character, but it is a text that a host may hold: it has a hash like any other.
    hashed = sha256(text.encode("utf-8", "surrogatepass")).digest()
    bits = int.from_bytes(hashed, "big") << 4
    return "".join([_PAIRS[bits >> shift & 1023] for shift in range(250, 250 - 5 * length, -10)])


def _framed(part: str | int) -> str:
    """A part with its kind and its length before it, so that no other list of parts reads the same."""
    if isinstance(part, str):
        text = str(part)
        return f"s{len(text)}:{text}"
    if type(part) is int:
        text = str(part)
        return f"i{len(text)}:{text}"
    raise invalid("parts", "invalid_type", expected="texts and ints")
