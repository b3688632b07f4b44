"""
Status and access of a license, derived from the time.

Nothing has to run for a license to expire: these are pure functions of what
is on file and of the instant asked about. Boundaries are exact: at the first
instant of ``paid_until``, in the zone of the term, the license is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from billing_core.charging.dossier import Dossier
from billing_core.issues import Choice
from billing_core.licenses.coverage import CoverageKind
from billing_core.licenses.license import License
from billing_core.policy import BillingPolicy, ExpiredAccess, TrialEnd
from billing_core.values.typed import check_instance
from billing_core.values.zones import in_utc, local_date

__all__ = ["Access", "LicenseStatus", "access_at", "canceled_at", "expires_at", "status_at"]


class LicenseStatus(Choice):
    """What a license is at an instant."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    EXPIRED = "expired"
    #: It rests: until it is resumed, or until its first day.
    PAUSED = "paused"
    CANCELED = "canceled"


class Access(Choice):
    """What the customer can do with the product."""

    FULL = "full"
    #: Log in, see and fix the billing; nothing else.
    BILLING_ONLY = "billing_only"
    NONE = "none"


#: Status -> access, but for EXPIRED, where the policy says which.
_ACCESS: Mapping[LicenseStatus, Access] = MappingProxyType(
    {
        LicenseStatus.TRIALING: Access.FULL,
        LicenseStatus.ACTIVE: Access.FULL,
        LicenseStatus.PAST_DUE: Access.FULL,
        LicenseStatus.PAUSED: Access.BILLING_ONLY,
        LicenseStatus.CANCELED: Access.NONE,
    }
)

_EXPIRED_ACCESS: Mapping[ExpiredAccess, Access] = MappingProxyType(
    {ExpiredAccess.BILLING_ONLY: Access.BILLING_ONLY, ExpiredAccess.NONE: Access.NONE}
)


def status_at(dossier: Dossier, now: datetime, policy: BillingPolicy) -> LicenseStatus:
    """
    What the license is at this instant.

    Raises:
        InvalidInput: ``invalid_type``, or ``now`` is naive.
    """
    check_instance(dossier, Dossier, "dossier")
    check_instance(policy, BillingPolicy, "policy")
    now = in_utc(now)
    license = dossier.license
    ended_at = canceled_at(license)
    if ended_at is not None and now >= ended_at:
        return LicenseStatus.CANCELED
    if _is_resting(license, now):
        return LicenseStatus.PAUSED
    if now >= license.due_at:
        return LicenseStatus.PAST_DUE if now < expires_at(dossier, now, policy) else LicenseStatus.EXPIRED
    # After a move to the west the last covered day is longer than a day.
    row = license.row_on(local_date(now, license.term_on_instant(now).zone)) or license.last_row
    assert row is not None, "a license that has begun and is not due yet is covered"
    if row.why is CoverageKind.LAPSE:
        return LicenseStatus.EXPIRED
    return LicenseStatus.TRIALING if row.why is CoverageKind.TRIAL else LicenseStatus.ACTIVE


def access_at(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Access:
    """
    What the customer can do at this instant. An extension lifts it to FULL until it ends.

    A canceled license stays without access, whatever was granted before.
    """
    check_instance(dossier, Dossier, "dossier")
    check_instance(policy, BillingPolicy, "policy")
    now = in_utc(now)
    status = status_at(dossier, now, policy)
    if status is not LicenseStatus.CANCELED and any(
        extension.is_active_at(now) for extension in dossier.license.extensions
    ):
        return Access.FULL
    if status is LicenseStatus.EXPIRED:
        return _EXPIRED_ACCESS[policy.expired_access]
    return _ACCESS[status]


def expires_at(dossier: Dossier, now: datetime, policy: BillingPolicy) -> datetime:
    """
    When an unpaid license expires: grace days after it became due, and later
    by the time during which nobody knew whether it was paid.

    While a charge, or the refund of an earlier one, is uncertain the license
    does not expire at all; the answer is then an instant after ``now``.

    Raises:
        InvalidInput: ``invalid_type``, or ``now`` is naive.
    """
    check_instance(dossier, Dossier, "dossier")
    check_instance(policy, BillingPolicy, "policy")
    now = in_utc(now)
    license = dossier.license
    graced = license.term.start_of(license.paid_until + timedelta(days=grace_days(dossier, policy)))
    if dossier.is_in_doubt:
        return max(graced + dossier.uncertain_time(now), now + timedelta(seconds=1))
    return graced + dossier.uncertain_time(now)


def grace_days(dossier: Dossier, policy: BillingPolicy) -> int:
    """For how many local days after the due date an unpaid license keeps its access."""
    license = dossier.license
    last = license.last_row
    if last is not None and last.why is CoverageKind.LAPSE:
        # It had expired before; only money brings it back.
        return 0
    ended_trial = last is not None and last.why is CoverageKind.TRIAL
    if (
        ended_trial
        and policy.trial_end is TrialEnd.EXPIRE
        and dossier.account.chargeable_card(license.paid_until) is None
        and not dossier.needs_no_card
    ):
        return 0
    if not license.was_ever_paid and policy.initial_grace_days is not None:
        return policy.initial_grace_days
    return policy.grace_days


def canceled_at(license: License) -> datetime | None:
    """The first instant without the license, if its end is decided."""
    cancellation = license.cancellation
    if cancellation is None:
        return None
    if cancellation.effective_on is None:
        return cancellation.requested_at
    return license.term_on(cancellation.effective_on).start_of(cancellation.effective_on)


def _is_resting(license: License, now: datetime) -> bool:
    if now < license.term_on(license.starts_on).start_of(license.starts_on):
        return True
    pause = license.pause
    if pause is None or now < license.term.start_of(pause.start):
        return False
    return pause.until is None or now < license.term.start_of(pause.until)
