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

    Args:
        invoice: what was declined.
        last: its latest attempt.
        zone: the IANA zone of its term.
        policy: `BillingPolicy.retry_days`.
        uncertain: for how long nobody knew the outcome of its attempts, this one included.

    Returns:
        The first retry instant after the declined attempt was made, but not
        before the network allows it; ``None`` if the plan is exhausted.
    """
    # Doubt stops the clock of the plan. The attempt was made by the plan as it stood before its own doubt.
    doubt = last.uncertain_for
    plan_then = retry_times(invoice, zone, policy, uncertain - doubt)
    planned = next((at + doubt for at in plan_then if at > last.first_sent_at), None)
    decline = last.result.decline if last.result is not None else None
    if planned is None or decline is None or decline.not_before is None or last.declined_at is None:
        return planned
    return max(planned, last.declined_at + decline.not_before)
