"""What the owner is told ahead of time, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TypeAlias

from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.dossier import Dossier
from billing_core.charging.status import LicenseStatus, canceled_at, expires_at, status_at
from billing_core.charging.steps import Because, Notify
from billing_core.licenses.extension import Extension
from billing_core.licenses.license import License, NoticeKind
from billing_core.policy import BillingPolicy
from billing_core.values.zones import local_date

__all__ = ["due_notices", "end_of_card", "notice_times"]

#: What there is to tell: of which kind, about which day or instant, and the facts.
_News: TypeAlias = tuple[NoticeKind, str, dict[str, str]]


def due_notices(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[Notify]:
    """All announcements that are due and were not made yet, most urgent first."""
    sent = dossier.license.notices
    for news in (_renewal_news, _extension_news):
        for kind, subject, data in news(dossier, now, policy):
            key = f"{kind.value}:{subject}"
            if key not in sent:
                yield Notify(because=Because(kind.value, data), notice=kind, key=key, data=data)


def notice_times(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[datetime]:
    """Instants, past or to come, from which on another announcement may be due."""
    card = dossier.account.default_card
    if _is_of_interest(dossier, now):
        if _is_announced(dossier.license, policy):
            yield _announced_from(dossier.license, policy)
        if card is not None and now >= dossier.license.due_at:
            ends_at = end_of_card(card, dossier.license)
            if ends_at <= expires_at(dossier, now, policy):
                yield ends_at
    extension = _running_extension(dossier, now)
    if extension is not None and policy.extension_notice_days:
        yield extension.until - timedelta(days=policy.extension_notice_days)


def _is_of_interest(dossier: Dossier, now: datetime) -> bool:
    """Whether there will be another renewal, and nobody waits for the outcome of one."""
    due_at, ended_at = dossier.license.due_at, canceled_at(dossier.license)
    if ended_at is not None and (ended_at <= due_at or ended_at <= now):
        return False
    return dossier.unresolved_attempt is None


def _is_announced(license: License, policy: BillingPolicy) -> bool:
    """Whether the renewal is announced ahead; the start of a license is not."""
    return bool(policy.renewal_notice_days and license.coverage)


def _announced_from(license: License, policy: BillingPolicy) -> datetime:
    return license.term.start_of(license.paid_until - timedelta(days=policy.renewal_notice_days))


def _renewal_news(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[_News]:
    license, card = dossier.license, dossier.account.default_card
    due_on = license.paid_until
    is_due = now >= license.due_at
    is_early = not is_due and (not _is_announced(license, policy) or now < _announced_from(license, policy))
    if is_early or not _is_of_interest(dossier, now):
        return
    facts = {"due_on": due_on.isoformat()}
    if card is None or card.frozen_because is not None:
        reason = "no_card" if card is None else "card_frozen"
        yield NoticeKind.CARD_MISSING, due_on.isoformat(), {**facts, "reason": reason}
    elif card.is_expired_on(_day_card_is_needed(dossier, now, policy)):
        data = {**facts, "expires": str(card.expires), "brand": card.brand, "last4": card.last4}
        yield NoticeKind.CARD_EXPIRING, due_on.isoformat(), data
    elif not is_due:
        yield NoticeKind.RENEWAL_COMING, due_on.isoformat(), facts


def _day_card_is_needed(dossier: Dossier, now: datetime, policy: BillingPolicy) -> date:
    """The due day; and while it is past due each day, until the license expires."""
    license = dossier.license
    if now < license.due_at:
        return license.paid_until
    expires_on = local_date(expires_at(dossier, now, policy), license.term.zone)
    return max(license.paid_until, min(dossier.today(now), expires_on))


def end_of_card(card: SavedCard, license: License) -> datetime:
    """The first instant of the license's zone at which a card has expired."""
    year, month = card.expires.year, card.expires.month
    return license.term.start_of(date(year + month // 12, month % 12 + 1, 1))


def _extension_news(dossier: Dossier, now: datetime, policy: BillingPolicy) -> Iterator[_News]:
    extension = _running_extension(dossier, now)
    if extension is None or not policy.extension_notice_days:
        return
    if now < extension.until - timedelta(days=policy.extension_notice_days):
        return
    if status_at(dossier, now, policy) is LicenseStatus.EXPIRED:
        until = extension.until.isoformat()
        yield NoticeKind.EXTENSION_ENDING, until, {"until": until}


def _running_extension(dossier: Dossier, now: datetime) -> Extension | None:
    running = (extension for extension in dossier.license.extensions if extension.is_active_at(now))
    return max(running, key=lambda extension: extension.until, default=None)
