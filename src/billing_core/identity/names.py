"""
Names of people and companies: one field, kept as it was typed.

Some people have one name, some have digits in theirs, and few rules hold for
all. So this asks for something that can be read, and changes nothing else.
"""

from __future__ import annotations

from billing_core.identity.text import clean_text, rejected
from billing_core.issues import Checked

__all__ = ["check_name"]


def check_name(
    raw: object, *, field: str = "name", required: bool = True, max_length: int = 200
) -> Checked[str]:
    """
    Check the name of a person or a company.

    Args:
        raw: anything at all; only a `str` can be right.
        field: the name that findings carry.
        required: whether nothing (None, blank) is an error; else it is the value None.
        max_length: the longest clean name, in characters.

    Errors: those of `clean_text`, and ``invalid_format`` for a name without
    any letter or digit.

    >>> check_name("  Søren  Kierkegaard ").value
    'Søren Kierkegaard'
    >>> check_name("---").errors[0].code
    'invalid_format'
    """
    cleaned = clean_text(raw, field=field, max_length=max_length, required=required)
    if cleaned.value is not None and not any(map(str.isalnum, cleaned.value)):
        return rejected(field, "invalid_format", example="Ada Lovelace")
    return Checked(value=cleaned.value, issues=cleaned.issues)
