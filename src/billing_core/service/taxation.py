"""Tax on an invoice: the treatment decides whose tax, the host's provider says the rate."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import TaxLine
from billing_core.charging.taxes import TaxAssessment
from billing_core.errors import NotAllowed
from billing_core.tax.territory import Territory
from billing_core.tax.treatment import (
    InvoiceTax,
    TaxPolicy,
    TaxSeller,
    Treatment,
    decide_tax_treatment,
)
from billing_core.values.money import Money
from billing_core.values.rounding import Rounding
from billing_core.values.schedule import Period
from billing_core.values.typed import Typed

__all__ = ["RateQuestion", "SellerTax", "assess_tax", "rate_question"]


@attrs.frozen(kw_only=True)
class SellerTax(Typed):
    """
    How one seller's sales are taxed by this library.

    Attributes:
        seller: where it is established and registered.
        policy: what the host decided once for all sales.
    """

    seller: TaxSeller
    policy: TaxPolicy = TaxPolicy()


@attrs.frozen(kw_only=True)
class RateQuestion:
    """A treatment with the amount it applies to, waiting for the rate."""

    treatment: Treatment
    base: Money
    category: str

    @property
    def jurisdiction(self) -> str | None:
        """Whose rate is asked for; ``None`` if there is nothing to ask."""
        if self.treatment.invoice_tax in {InvoiceTax.CHARGE, InvoiceTax.HOST_DECIDES}:
            return self.treatment.jurisdiction
        return None


def rate_question(seller: SellerTax, dossier: Dossier, period: Period, now: datetime) -> RateQuestion:
    """
    Decide how a period is taxed.

    A customer without billing information is taxed like one at the seller's
    own place: nothing is known that would justify to leave the tax out.

    Raises:
        NotAllowed: ``tax_pending_verification`` - the policy issues no invoice
            while a registry can't say whether the tax id is valid.
    """
    account, license_ = dossier.account, dossier.license
    info = account.billing_info
    where: Territory | str = seller.seller.territory if info is None else info.country
    treatment = decide_tax_treatment(
        seller=seller.seller,
        customer=where,
        customer_postal_code=info.address.postal_code if info is not None else None,
        customer_city=info.address.city if info is not None else None,
        tax_id=info.tax_id if info is not None else None,
        verification=account.tax_verification,
        on=dossier.today(now),
        policy=seller.policy,
    )
    if treatment.invoice_tax is InvoiceTax.DO_NOT_ISSUE:
        raise NotAllowed("tax_pending_verification", {"license_id": license_.id, "due_on": period.start})
    base = license_.plan.price_for(license_.quantity)
    return RateQuestion(treatment=treatment, base=base, category=license_.plan.tax_category)


def assess_tax(question: RateQuestion, rate_percent: Decimal | None) -> TaxAssessment:
    """
    The invoice's tax lines, treatment and notes. Tax is rounded once, HALF_UP at the minor unit.

    Raises:
        NotAllowed: ``tax_rate_unknown`` - tax is due, and the host's provider
            knows no rate; an invoice can't be made without it.
    """
    treatment = question.treatment
    notes = treatment.invoice_notes
    if rate_percent is None:
        if treatment.invoice_tax is InvoiceTax.CHARGE:
            params = {
                "jurisdiction": treatment.jurisdiction,
                "category": question.category,
                "on": treatment.on,
            }
            raise NotAllowed("tax_rate_unknown", params)
        return TaxAssessment(treatment=treatment, notes=notes)
    ratio = Fraction(rate_percent) / 100
    line = TaxLine(
        jurisdiction=treatment.jurisdiction or "",
        rate_percent=rate_percent,
        base=question.base,
        amount=question.base.times(ratio, Rounding.HALF_UP),
    )
    return TaxAssessment(lines=(line,), treatment=treatment, notes=notes)
