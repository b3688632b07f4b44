"""When a declined charge is tried again: days after the due date, so that nothing drifts."""

from __future__ import annotations

from datetime import datetime, timedelta

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.invoice import Invoice
from billing_core.policy import BillingPolicy
from billing_core.values.zones import start_of

__all__ = ["next_retry_at", "retry_times"]


def retry_times(
    invoice: Invoice, zone: str, policy: BillingPolicy, uncertain: timedelta = timedelta(0)
) -> tuple[datetime, ...]:
    """
    All instants at which a declined invoice is tried again.

    Args:
        invoice: days count from its due date.
        zone: the IANA zone of its term.
        policy: `BillingPolicy.retry_days`.
        uncertain: time during which nobody knew the outcome; it shifts all of them.
    """
    return tuple(
        start_of(invoice.due_on + timedelta(days=days), zone) + uncertain for days in policy.retry_days
    )


def next_retry_at(
    invoice: Invoice,
    last: ChargeAttempt,
    zone: str,
    policy: BillingPolicy,
    uncertain: timedelta = timedelta(0),
) -> datetime | None:
    """
    When the next attempt after a decline is planned.

    Returns:
        The first retry instant after the declined attempt was made, but not
        before the network allows it; ``None`` if the plan is exhausted.
    """
    tried_at = last.first_sent_at
    declined_at = last.resolved_at or tried_at
    planned = next((at for at in retry_times(invoice, zone, policy, uncertain) if at > tried_at), None)
    decline = last.result.decline if last.result is not None else None
    if planned is None or decline is None or decline.not_before is None:
        return planned
    return max(planned, declined_at + decline.not_before)
