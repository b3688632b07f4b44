"""
Chance without a stream: each number depends on the seed and on what it is for, and on nothing else.

So one fault can be taken out of a story, and everything else in it stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

__all__ = ["MILLION", "Chance"]

T = TypeVar("T")

#: Chances and sizes are whole millionths, so that a failure file holds no floats.
MILLION = 1_000_000


class Chance:
    """
    All random decisions of one seed.

    Args:
        seed: any whole number.

    >>> Chance(1).pair("owner", "A0", 3) == Chance(1).pair("owner", "A0", 3)
    True
    """

    def __init__(self, seed: int) -> None:
        self._base = blake2b(str(seed).encode(), digest_size=8)

    def pair(self, stream: str, entity: str, step: int) -> tuple[int, int]:
        """Two independent numbers below a million: whether something happens, and how much of it."""
        hashed = self._base.copy()
        hashed.update(f"|{stream}|{entity}|{step}".encode())
        number = int.from_bytes(hashed.digest(), "big")
        return number % MILLION, (number >> 24) % MILLION

    def number(self, name: str, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.pair("number", name, 0)[1] * (high - low + 1) // MILLION

    def happens(self, name: str, millionths: int) -> bool:
        """Whether something happens that has this chance."""
        return self.pair("happens", name, 0)[0] < millionths

    def choice(self, name: str, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.number(name, 0, len(options) - 1)]
