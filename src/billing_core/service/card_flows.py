"""Commands on cards, as flows. The processor's page takes the card; here only its token arrives."""

from __future__ import annotations

from datetime import datetime

from billing_core.accounts.account import Account, CardSetup, CardSetupStatus
from billing_core.accounts.permissions import Actor, Permission, authorize
from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.apply import Draft
from billing_core.errors import Conflict, NotAllowed
from billing_core.events import EventType
from billing_core.gateways.results import (
    BillingDetails,
    CardDetails,
    SetupOutcome,
    SetupRequest,
    SetupResult,
    SetupSession,
)
from billing_core.identity.avs import avs_keys
from billing_core.issues import invalid
from billing_core.service.commands import change_account, load_account
from billing_core.service.context import Context
from billing_core.service.requests import (
    BeginSetup,
    CompleteSetup,
    Detach,
    Flow,
    GetNow,
    ListAttempts,
)
from billing_core.stores.port import AttemptFilter
from billing_core.values.ids import derive_id

__all__ = ["begin_card_setup", "complete_card_setup", "remove_card", "saved_card", "set_default_card"]


def begin_card_setup(
    context: Context,
    account_id: str,
    *,
    return_url: str,
    gateway_id: str | None,
    actor: Actor,
    reason: str | None,
) -> Flow[CardSetup]:
    """See `Billing.begin_card_setup`."""
    account = yield from load_account(account_id)
    authorize(actor, Permission.MANAGE_CARDS, account)
    gateway = _gateway(context, gateway_id)
    now: datetime = yield GetNow()
    setup_id = derive_id("setup", context.namespace, account_id, account.setup_count)
    session: SetupSession = yield BeginSetup(gateway, _setup_request(account, setup_id, gateway, return_url))
    setup = CardSetup(
        id=setup_id,
        account_id=account_id,
        gateway_id=gateway,
        session_ref=session.session_ref,
        begun_at=now,
        expires_at=session.expires_at,
        url=session.url,
        client_secret=session.client_secret,
    )

    def decide(current: Account, at: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if any(known.id == setup_id for known in current.card_setups):
            raise Conflict("card_setup", setup_id)
        begun = current.with_setup(setup, session.customer_ref)
        return begun, (Draft(type=EventType.CARD_SETUP_BEGUN, data={"setup_id": setup_id, "gateway": gateway}),)

    yield from change_account(
        context, account_id, Permission.MANAGE_CARDS, decide, actor=actor, reason=reason, expect_version=None
    )
    return setup


def complete_card_setup(
    context: Context,
    account_id: str,
    setup_id: str,
    *,
    replace: str | None,
    make_default: bool,
    actor: Actor,
    reason: str | None,
) -> Flow[SavedCard]:
    """See `Billing.complete_card_setup`."""
    account = yield from load_account(account_id)
    authorize(actor, Permission.MANAGE_CARDS, account)
    setup = account.setup(setup_id)
    if setup.status is CardSetupStatus.COMPLETED and setup.card_id is not None:
        return account.card(setup.card_id)
    if replace is not None:
        account.card(replace)
    result: SetupResult = yield CompleteSetup(setup.gateway_id, setup.session_ref)
    now: datetime = yield GetNow()
    if result.card is None:
        yield from _note_failure(context, account_id, setup, result, now, actor=actor, reason=reason)
        raise NotAllowed("card_setup_incomplete", {"setup_id": setup_id, "outcome": result.outcome.value})
    card_id = derive_id("card", context.namespace, setup_id)
    card = saved_card(card_id, setup.gateway_id, result.card, now)

    def decide(current: Account, at: datetime) -> tuple[Account, tuple[Draft, ...]]:
        known = current.setup(setup_id)
        if known.status is CardSetupStatus.COMPLETED:
            return current, ()
        changed = current.with_card(card, setup_id=setup_id, replace=replace, make_default=make_default)
        data = {"card_id": card.id, "brand": card.brand, "last4": card.last4, "replaces": replace}
        type_ = EventType.CARD_REPLACED if replace is not None else EventType.CARD_ADDED
        return changed, (Draft(type=type_, data=data),)

    changed = yield from change_account(
        context, account_id, Permission.MANAGE_CARDS, decide, actor=actor, reason=reason, expect_version=None
    )
    if replace is not None:
        yield from _forget(account.card(replace))
    return changed.card(card_id)


def remove_card(
    context: Context,
    account_id: str,
    card_id: str,
    *,
    actor: Actor,
    reason: str | None,
    expect_version: int | None,
) -> Flow[Account]:
    """See `Billing.remove_card`."""
    removed: list[SavedCard] = []

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        removed[:] = [account.card(card_id)]
        return account.without_card(card_id), (Draft(type=EventType.CARD_REMOVED, data={"card_id": card_id}),)

    account = yield from change_account(
        context, account_id, Permission.MANAGE_CARDS, decide, actor=actor, reason=reason, expect_version=expect_version
    )
    yield from _forget(removed[0])
    return account


def set_default_card(
    context: Context,
    account_id: str,
    card_id: str,
    *,
    actor: Actor,
    reason: str | None,
    expect_version: int | None,
) -> Flow[Account]:
    """See `Billing.set_default_card`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        account.card(card_id)
        if account.default_card_id == card_id:
            return account, ()
        data = {"card_id": card_id}
        return account.with_default_card(card_id), (Draft(type=EventType.CARD_MADE_DEFAULT, data=data),)

    return change_account(
        context, account_id, Permission.MANAGE_CARDS, decide, actor=actor, reason=reason, expect_version=expect_version
    )


def saved_card(card_id: str, gateway_id: str, details: CardDetails, added_at: datetime) -> SavedCard:
    """A card as the processor described it."""
    return SavedCard(
        id=card_id,
        gateway_id=gateway_id,
        token=details.token,
        brand=details.brand,
        last4=details.last4,
        expires=details.expires,
        added_at=added_at,
        fingerprint=details.fingerprint if details.fingerprint is not None else card_id,
        checks=details.checks,
        network_transaction_id=details.network_transaction_id,
    )


def _gateway(context: Context, gateway_id: str | None) -> str:
    chosen = gateway_id if gateway_id is not None else context.default_gateway_id
    if chosen is None:
        raise invalid("gateway_id", "required")
    if chosen not in context.gateways:
        raise invalid("gateway_id", "unknown_value", allowed=", ".join(sorted(context.gateways)))
    return chosen


def _setup_request(account: Account, setup_id: str, gateway_id: str, return_url: str) -> SetupRequest:
    info = account.billing_info
    details = BillingDetails()
    if info is not None:
        details = BillingDetails(country=info.country, avs=avs_keys(info.address))
    return SetupRequest(
        setup_id=setup_id,
        account_id=account.id,
        return_url=return_url,
        currency=account.currency.code,
        customer_ref=account.customer_refs.get(gateway_id),
        billing=details,
    )


def _note_failure(
    context: Context,
    account_id: str,
    setup: CardSetup,
    result: SetupResult,
    now: datetime,
    *,
    actor: Actor,
    reason: str | None,
) -> Flow[None]:
    """Put on record that a visit is over; one that is still under way stays as it is."""
    is_late = setup.expires_at is not None and now >= setup.expires_at
    if result.outcome is SetupOutcome.PENDING and not is_late:
        return

    def decide(current: Account, at: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if current.setup(setup.id).status is not CardSetupStatus.PENDING:
            return current, ()
        data = {"setup_id": setup.id, "outcome": result.outcome.value}
        return current.with_setup_abandoned(setup.id), (Draft(type=EventType.CARD_SETUP_ENDED, data=data),)

    yield from change_account(
        context, account_id, Permission.MANAGE_CARDS, decide, actor=actor, reason=reason, expect_version=None
    )


def _forget(card: SavedCard) -> Flow[None]:
    """Let the processor forget a card, unless an unresolved charge still needs its token."""
    after: str | None = None
    while True:
        page = yield ListAttempts(AttemptFilter(is_unresolved=True, card_id=card.id), after)
        if page.items:
            return
        after = page.next
        if after is None:
            break
    yield Detach(card.gateway_id, card.token)
