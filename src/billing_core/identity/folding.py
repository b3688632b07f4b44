"""
Compare names the way people do: without case, accents, marks and punctuation.

For look-ups only. What was typed is stored as it was typed.
"""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["folded"]

#: Letters with a stroke or a ligature have no decomposition in Unicode.
_PLAIN_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)


def folded(name: str) -> str:
    """
    The name as a key of a look-up: letters and digits only, in lower case, without accents.

    >>> folded("Île-du-Prince-Édouard")
    'ileduprinceedouard'
    >>> folded("JP-13"), folded("東京都")
    ('jp13', '東京都')
    """
    if name.isascii():
        return "".join(filter(str.isalnum, name.lower()))
    bare = unicodedata.normalize("NFKD", name).casefold().translate(_PLAIN_LETTERS)
    return unicodedata.normalize("NFC", "".join(char for char in bare if char.isalnum()))
