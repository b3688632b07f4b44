"""What is put on record of a saved card that a network's updater knows more of: its successor, or its end."""

from __future__ import annotations

from datetime import datetime

import attrs

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import SavedCard
from billing_core.advice import Advice
from billing_core.charging.drafts import Draft
from billing_core.errors import Conflict
from billing_core.events import EventType
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.results import CardDetails
from billing_core.gateways.webhooks import CardNotice
from billing_core.licenses.license import License
from billing_core.service.books import all_pages
from billing_core.service.calls import DescribeCard
from billing_core.service.changes import Occasion, account_change
from billing_core.service.commands import TRIES_MAX, load_account
from billing_core.service.context import Context
from billing_core.service.requests import Commit, Flow, GetNow, ListAccounts, ListLicenses, LoadAccount
from billing_core.service.webhook_flow import WEBHOOK
from billing_core.stores.port import CommitResult, LicenseFilter, Page
from billing_core.values.typed import check_instance

__all__ = ["take_card"]


def take_card(context: Context, gateway_id: str, notice_id: str, told: CardNotice) -> Flow[tuple[str, ...]]:
    """
    Put on record what a card is now, on every account that has it, and wake the licenses that wait for it.

    A card that is on no account is nobody's business here: it was removed, or is another system's.

    Raises:
        Conflict: others kept changing the account.
    """
    woken: tuple[str, ...] = ()
    for account in (yield from _accounts_with(gateway_id, told)):
        woken += yield from _take_for(context, gateway_id, notice_id, told, account)
    return woken


def _take_for(
    context: Context, gateway_id: str, notice_id: str, told: CardNotice, account: Account
) -> Flow[tuple[str, ...]]:
    for _ in range(TRIES_MAX):
        saved = account.card_with_token(gateway_id, told.token)
        if saved is None:
            return ()
        details = yield from _details(context, gateway_id, told, saved)
        now: datetime = yield GetNow()
        after, drafts = _changed(account, saved, told, details, now)
        if after is account:
            return ()
        occasion = Occasion(namespace=context.namespace, at=now, actor=WEBHOOK)
        named = [attrs.evolve(draft, data={**draft.data, "notice": notice_id}) for draft in drafts]
        change, _ = account_change(occasion, account, after, named)
        result: CommitResult = yield Commit(change)
        if result.ok:
            return (yield from _licenses_of(account.id))
        account = yield from load_account(account.id)
    raise Conflict("account", account.id)


def _accounts_with(gateway_id: str, told: CardNotice) -> Flow[tuple[Account, ...]]:
    """Whose card it is; where the notice does not name the account, all are looked through."""
    if told.account_id is not None:
        named: Account | None = yield LoadAccount(told.account_id)
        return (named,) if named is not None else ()
    found: list[Account] = []
    after: str | None = None
    while True:
        page: Page[Account] = yield ListAccounts(after)
        found += [it for it in page.items if it.card_with_token(gateway_id, told.token) is not None]
        after = page.next
        if after is None:
            return tuple(found)


def _details(
    context: Context, gateway_id: str, told: CardNotice, saved: SavedCard
) -> Flow[CardDetails | None]:
    """What the processor says of the card now; what the notice says, where it can't be asked."""
    if not context.supports(gateway_id, Operation.DESCRIBE_CARD):
        # Notices come in any order: what makes a card's life shorter is an older one.
        is_older = told.details is not None and told.details.expires.is_before(saved.expires)
        return None if is_older else told.details
    found: CardDetails | None = yield DescribeCard(gateway_id, told.token)
    if found is None:
        return None
    check_instance(found, CardDetails, "answer")
    return found if found.token == told.token else None


def _changed(
    account: Account, saved: SavedCard, told: CardNotice, details: CardDetails | None, now: datetime
) -> tuple[Account, tuple[Draft, ...]]:
    """The account with what is known of the card now; itself if that is no news."""
    drafts: list[Draft] = []
    after, card = account, saved
    if details is not None:
        card = saved.updated(
            brand=details.brand,
            last4=details.last4,
            expires=details.expires,
            fingerprint=details.fingerprint,
            at=now,
        )
    if card is not saved:
        after = after.with_card_updated(card)
        data = {"card_id": card.id, "brand": card.brand, "last4": card.last4, "expires": str(card.expires)}
        drafts.append(Draft(type=EventType.CARD_UPDATED, data=data))
    if told.is_closed and card.frozen_because is not Advice.NEVER and _is_same(card, told.details):
        after = after.with_card_frozen(card.fingerprint, Advice.NEVER)
        drafts.append(Draft(type=EventType.CARD_CLOSED, data={"card_id": card.id}))
    return after, tuple(drafts)


def _is_same(card: SavedCard, closed: CardDetails | None) -> bool:
    """Whether the card that was closed is the one on file, and not one that it has followed on."""
    return closed is None or (closed.last4, closed.expires) == (card.last4, card.expires)


def _licenses_of(account_id: str) -> Flow[tuple[str, ...]]:
    filter_ = LicenseFilter(account_id=account_id)
    owned: tuple[License, ...] = yield from all_pages(lambda after: ListLicenses(filter_, after))
    return tuple(license_.id for license_ in owned)
