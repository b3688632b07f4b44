"""What a step is carried out with: the vendor's choices, and the tax of an invoice."""

from __future__ import annotations

from datetime import datetime

import attrs

from billing_core.charging.apply import Making
from billing_core.charging.dossier import Dossier
from billing_core.charging.steps import IssueInvoice, Step
from billing_core.service.context import Context
from billing_core.service.requests import Flow, LookUpTaxRate
from billing_core.service.taxation import assess_tax, rate_question

__all__ = ["making_for"]


def making_for(context: Context, dossier: Dossier, step: Step, now: datetime) -> Flow[Making]:
    """
    The making of a step; asks for a tax rate only where an invoice needs one.

    Raises:
        NotAllowed: ``tax_pending_verification``, ``tax_rate_unknown``.
    """
    making = Making(namespace=context.namespace, policy=context.policy)
    seller = context.sellers.get(dossier.account.seller_id)
    if seller is None or not isinstance(step, IssueInvoice):
        return making
    question = rate_question(seller, dossier, step.period, now)
    rate = None
    if question.jurisdiction is not None:
        rate = yield LookUpTaxRate(
            question.jurisdiction, dossier.license.plan.tax_category, step.period.start
        )
    return attrs.evolve(making, tax=assess_tax(question, rate))
