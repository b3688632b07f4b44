"""Refunds as processors leave them."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

from billing_core.charging.refund import Refund
from billing_core.gateways.results import Outcome
from billing_core.testing.strategies.gateways import refund_requests, refund_results
from billing_core.testing.strategies.values import durations, ids, instants

__all__ = ["refunds"]


@st.composite
def refunds(draw: st.DrawFn, *, max_answers: int = 4) -> Refund:
    """Refunds after some answers of a processor: only states that can be reached."""
    now = draw(instants(max_at=datetime(2090, 1, 1)))  # noqa: DTZ001 - a bound in UTC
    refund = Refund(
        id=draw(ids(prefix="ref")),
        attempt_id=draw(ids(prefix="att")),
        invoice_id=draw(ids(prefix="inv")),
        license_id=draw(ids(prefix="lic")),
        account_id=draw(ids(prefix="acc")),
        number=draw(st.integers(1, 9)),
        gateway_id=draw(ids()),
        request=draw(refund_requests()),
        decided_at=now,
        look_at=now,
    )
    for result in draw(st.lists(refund_results(), max_size=max_answers)):
        if not refund.is_unresolved:
            is_late = result.outcome is Outcome.SUCCEEDED and draw(st.booleans())
            return refund.orphaned(result) if is_late else refund
        now += draw(durations(max_days=2))
        if refund.needs_attention:
            return refund
        refund = refund.sent(now) if refund.is_surely_unsent else refund
        refund = refund.answered(result, now)
    return refund
