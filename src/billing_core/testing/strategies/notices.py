"""What processors tell by webhook, and what is on record of it."""

from __future__ import annotations

import attrs
from hypothesis import strategies as st

from billing_core.charging.dispute import Dispute, DisputeStep
from billing_core.gateways.results import CardDetails, Outcome
from billing_core.gateways.webhooks import (
    CardNotice,
    DisputeDetails,
    DisputeStatus,
    RefundDetails,
    WebhookNotice,
)
from billing_core.testing.strategies.gateways import card_details
from billing_core.testing.strategies.values import ids, instants, monies

__all__ = [
    "card_notices",
    "dispute_details",
    "dispute_steps",
    "disputes",
    "refund_details",
    "webhook_notices",
]

_REASONS = (None, "fraudulent", "product_not_received")


def refund_details() -> st.SearchStrategy[RefundDetails]:
    """Refunds as a processor knows them: the library's own, and those made elsewhere."""
    return st.builds(
        RefundDetails,
        gateway_ref=ids(prefix="re"),
        charge_ref=ids(prefix="ch"),
        charge_reference=st.none() | ids(),
        reference=st.none() | ids(),
        amount=monies(min_minor=1),
        outcome=st.sampled_from((Outcome.SUCCEEDED, Outcome.PENDING, Outcome.DECLINED)),
    )


def dispute_details() -> st.SearchStrategy[DisputeDetails]:
    """Disputes as a processor knows them."""
    return st.builds(
        DisputeDetails,
        gateway_ref=ids(prefix="dp"),
        charge_ref=st.none() | ids(prefix="ch"),
        charge_reference=ids(),
        status=st.sampled_from(DisputeStatus),
        amount=monies(min_minor=1),
        reason=st.sampled_from(_REASONS),
        respond_by=st.none() | instants(),
    )


@st.composite
def card_notices(draw: st.DrawFn) -> CardNotice:
    """News of a saved card: what it is now, or that it is closed."""
    details: CardDetails = draw(card_details())
    return CardNotice(
        token=details.token,
        account_id=draw(st.none() | ids(prefix="acc")),
        details=draw(st.sampled_from((None, details))),
        is_closed=draw(st.booleans()),
    )


def webhook_notices(*, max_references: int = 3) -> st.SearchStrategy[WebhookNotice]:
    """Hints that something happened at the processor, and sometimes what."""
    return st.builds(
        WebhookNotice,
        id=ids(prefix="evt"),
        references=st.lists(ids(), max_size=max_references),
        refund=st.none() | refund_details(),
        dispute=st.none() | dispute_details(),
        card=st.none() | card_notices(),
    )


def dispute_steps() -> st.SearchStrategy[DisputeStep]:
    """What was learned of a dispute."""
    return st.builds(
        DisputeStep,
        status=st.sampled_from(DisputeStatus),
        at=instants(),
        notice_id=ids(prefix="evt"),
        is_confirmed=st.booleans(),
    )


@st.composite
def disputes(draw: st.DrawFn, *, max_steps: int = 4) -> Dispute:
    """Disputes after some notices, in any order: only what can be reached."""
    details = draw(dispute_details())
    steps = draw(st.lists(dispute_steps(), min_size=1, max_size=max_steps))
    dispute = Dispute.first_told(details, steps[0])
    for step in steps[1:]:
        dispute = dispute.told(attrs.evolve(details, amount=draw(monies(min_minor=1))), step)
    return dispute
