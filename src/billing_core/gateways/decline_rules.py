"""What a code in a decline says about the next attempt: one row of a table, and how a row is found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import attrs

from billing_core.advice import Advice
from billing_core.values.texts import Code, Text
from billing_core.values.typed import Typed

__all__ = ["DeclineRule", "rule_for"]


@attrs.frozen(kw_only=True)
class DeclineRule(Typed):
    """
    One code, and what it means for the next attempt.

    Attributes:
        code: as processors and networks send it.
        meaning: in a few words.
        advice: ``None`` if the code says nothing about the next attempt; another code decides then.
        not_before: how long the network asks to wait, if it names a time.
        category: Visa's, from 1 (never approves) to 4 (no reason given).
        since: the first day on which the row holds; ``None``: as far back as matters.
        is_certain: whether what the owner of the code publishes leaves no other reading.
            If not, the row is this library's reading, on the careful side.
    """

    code: Code
    meaning: Text
    advice: Advice | None
    not_before: timedelta | None = None
    category: int | None = None
    since: date | None = None
    is_certain: bool = True


def rule_for(rules: Iterable[DeclineRule], code: str | None, on: date | None) -> DeclineRule | None:
    """
    The row of a code that holds on a day.

    Args:
        rules: a table; the rows of one code stand in the order of their days.
        code: as received; ``None`` and codes that the table does not know have no row.
        on: the day of the decline; ``None`` for the latest row.
    """
    found = None
    for rule in rules:
        if rule.code == code and (on is None or rule.since is None or rule.since <= on):
            found = rule
    return found
