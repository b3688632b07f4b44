"""What an invoice says about tax: lines, treatment and notes, as assessed when it is issued."""

from __future__ import annotations

import attrs

from billing_core.charging.invoice import TaxLine
from billing_core.tax.treatment import Treatment

__all__ = ["NO_TAX", "TaxAssessment"]


@attrs.frozen(kw_only=True)
class TaxAssessment:
    """Tax on one invoice. Empty for a seller who leaves tax to the host."""

    lines: tuple[TaxLine, ...] = ()
    treatment: Treatment | None = None
    notes: tuple[str, ...] = ()


NO_TAX = TaxAssessment()
