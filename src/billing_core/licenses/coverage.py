"""Which days of a license are covered, and why. Rows are dated, disjoint, and tile time."""

from __future__ import annotations

from datetime import date

import attrs

from billing_core.errors import InvariantViolated
from billing_core.issues import Choice
from billing_core.records import Record
from billing_core.values.schedule import Period
from billing_core.values.texts import Id

__all__ = ["CoverageKind", "CoverageRow", "appended"]


class CoverageKind(Choice):
    """Why a stretch of days is covered, or that it is not."""

    CHARGE = "charge"
    TRIAL = "trial"
    GRANT = "grant"
    CREDIT = "credit"
    IMPORTED = "imported"
    #: Days without service that nobody pays for: an explicit gap.
    LAPSE = "lapse"


@attrs.frozen(kw_only=True)
class CoverageRow(Record):
    """
    A stretch of local days ``[start, end)`` in the zone of its term.

    Attributes:
        why: what covers it.
        term: the number of the term it belongs to.
        index: the period's index within the term, for ``charge`` rows and lapses.
        source: the id of the invoice that paid for it.
    """

    start: date
    end: date
    why: CoverageKind
    term: int
    index: int | None = None
    source: Id | None = None

    def _check_together(self) -> None:
        Period(self.start, self.end)

    @property
    def period(self) -> Period:
        """The row's days."""
        return Period(self.start, self.end)


def appended(rows: tuple[CoverageRow, ...], row: CoverageRow) -> tuple[CoverageRow, ...]:
    """
    The rows with one more at the end.

    Raises:
        InvariantViolated: the row does not begin where the last one ends.
    """
    if rows and rows[-1].end != row.start:
        raise InvariantViolated(f"coverage ends on {rows[-1].end} but the next row starts on {row.start}")
    return (*rows, row)
