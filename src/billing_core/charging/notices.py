"""What the owner is told ahead of time, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from billing_core.charging.dossier import Dossier
from billing_core.charging.status import LicenseStatus, canceled_at, status_at
from billing_core.charging.steps import Because, Notify
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import NoticeKind
from billing_core.policy import BillingPolicy

__all__ = ["due_notices", "notice_times"]


def due_notices(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[Notify]:
    """All announcements that are due and were not made yet, most urgent first."""
    sent = dossier.license.notices
    for notice in (*_renewal_notices(dossier, now, policy), *_extension_notices(dossier, now, policy)):
        if notice.key not in sent:
            yield notice


def notice_times(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[datetime]:
    """When the next announcements fall due."""
    if _announces_renewal(dossier, policy):
        yield _announced_from(dossier, policy)
    extension = _running_extension(dossier, now)
    if extension is not None and policy.extension_notice_days:
        yield extension.until - timedelta(days=policy.extension_notice_days)


def _announces_renewal(dossier: Dossier, policy: BillingPolicy) -> bool:
    license = dossier.license
    ended_at = canceled_at(license)
    ends_first = ended_at is not None and ended_at <= license.due_at
    return bool(policy.renewal_notice_days and license.coverage) and not ends_first


def _announced_from(dossier: Dossier, policy: BillingPolicy) -> datetime:
    license = dossier.license
    return license.term.start_of(license.paid_until - timedelta(days=policy.renewal_notice_days))


def _renewal_notices(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[Notify]:
    license, account = dossier.license, dossier.account
    due_on = license.paid_until
    is_due = now >= license.due_at
    if not is_due and (not _announces_renewal(dossier, policy) or now < _announced_from(dossier, policy)):
        return
    card = account.default_card
    facts = {"due_on": due_on.isoformat()}
    if card is None or card.frozen_because is not None:
        reason = "no_card" if card is None else "card_frozen"
        yield _notice(NoticeKind.CARD_MISSING, due_on.isoformat(), {**facts, "reason": reason})
    elif card.is_expired_on(max(due_on, dossier.today(now))):
        data = {**facts, "expires": str(card.expires), "brand": card.brand, "last4": card.last4}
        yield _notice(NoticeKind.CARD_EXPIRING, due_on.isoformat(), data)
    elif not is_due:
        yield _notice(NoticeKind.RENEWAL_COMING, due_on.isoformat(), facts)


def _extension_notices(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[Notify]:
    extension = _running_extension(dossier, now)
    if extension is None or not policy.extension_notice_days:
        return
    if now < extension.until - timedelta(days=policy.extension_notice_days):
        return
    if status_at(dossier, now, policy) is LicenseStatus.EXPIRED:
        until = extension.until.isoformat()
        yield _notice(NoticeKind.EXTENSION_ENDING, until, {"until": until})


def _running_extension(dossier: Dossier, now: datetime) -> Extension | None:
    running = (extension for extension in dossier.license.extensions if extension.is_active_at(now))
    return max(running, key=lambda extension: extension.until, default=None)


def _notice(kind: NoticeKind, subject: str, data: dict[str, str]) -> Notify:
    because = Because(kind.value, data)
    return Notify(because=because, notice=kind, key=f"{kind.value}:{subject}", data=data)
