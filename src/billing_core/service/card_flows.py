"""Commands on cards, as flows. The processor's page takes the card; here only its token arrives."""

from __future__ import annotations

from datetime import datetime

from billing_core.accounts.account import Account, CardSetup, CardSetupStatus
from billing_core.accounts.permissions import Permission, authorize
from billing_core.accounts.saved_card import CardCheck, SavedCard
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
from billing_core.policy import FailedChecks
from billing_core.service.calls import BeginSetup, CompleteSetup
from billing_core.service.commands import By, change_account, load_account
from billing_core.service.context import Context
from billing_core.service.forgetting import forget
from billing_core.service.requests import Flow, GetNow
from billing_core.values.ids import derive_id

__all__ = ["begin_card_setup", "complete_card_setup", "remove_card", "saved_card", "set_default_card"]


def begin_card_setup(
    context: Context, account_id: str, by: By, *, return_url: str, gateway_id: str | None
) -> Flow[CardSetup]:
    """See `Billing.begin_card_setup`."""
    context.ensure_may_call_gateways()
    account = yield from load_account(account_id)
    authorize(by.actor, Permission.MANAGE_CARDS, account)
    by.ensure_saw("account", account)
    gateway = context.gateway(gateway_id)
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
        if current.setup_count != account.setup_count:
            # Two visits were begun at once: they would share an id.
            raise Conflict("card_setup", setup_id)
        begun = current.with_setup(setup, session.customer_ref)
        return begun, (
            Draft(type=EventType.CARD_SETUP_BEGUN, data={"setup_id": setup_id, "gateway": gateway}),
        )

    yield from change_account(context, account_id, Permission.MANAGE_CARDS, by.with_any_version(), decide)
    return setup


def complete_card_setup(
    context: Context, account_id: str, setup_id: str, by: By, *, replace: str | None, make_default: bool
) -> Flow[SavedCard]:
    """See `Billing.complete_card_setup`."""
    context.ensure_may_call_gateways()
    account = yield from load_account(account_id)
    authorize(by.actor, Permission.MANAGE_CARDS, account)
    setup = account.setup(setup_id)
    if setup.status is CardSetupStatus.COMPLETED and setup.card_id is not None:
        return account.card(setup.card_id)
    by.ensure_saw("account", account)
    replaced = account.card(replace) if replace is not None else None
    result: SetupResult = yield CompleteSetup(setup.gateway_id, setup.session_ref)
    now: datetime = yield GetNow()
    if result.card is None:
        outcome = _outcome(setup, result, now)
        raise NotAllowed("card_setup_incomplete", {"setup_id": setup_id, "outcome": outcome.value})
    _ensure_acceptable(context, setup, result.card)
    card = saved_card(derive_id("card", context.namespace, setup_id), setup.gateway_id, result.card, now)

    def decide(current: Account, at: datetime) -> tuple[Account, tuple[Draft, ...]]:
        if current.setup(setup_id).status is CardSetupStatus.COMPLETED:
            return current, ()
        changed = current.with_card(card, setup_id=setup_id, replace=replace, make_default=make_default)
        if result.customer_ref is not None:
            changed = changed.with_customer_ref(setup.gateway_id, result.customer_ref)
        same = current.card_with_token(card.gateway_id, card.token)
        replaces = replace if replace is not None or same is None else same.id
        data = {"card_id": card.id, "brand": card.brand, "last4": card.last4, "replaces": replaces}
        type_ = EventType.CARD_REPLACED if replaces is not None else EventType.CARD_ADDED
        return changed, (Draft(type=type_, data=data),)

    changed = yield from change_account(
        context, account_id, Permission.MANAGE_CARDS, by.with_any_version(), decide
    )
    if replaced is not None:
        yield from forget(context, changed, replaced.id, replaced.gateway_id, replaced.token)
    return changed.card(card.id)


def _outcome(setup: CardSetup, result: SetupResult, now: datetime) -> SetupOutcome:
    """What came of a visit without a card: nothing more is to come of one whose time is over."""
    is_over = setup.expires_at is not None and now >= setup.expires_at
    return SetupOutcome.ABANDONED if is_over and result.outcome is SetupOutcome.PENDING else result.outcome


def _ensure_acceptable(context: Context, setup: CardSetup, card: CardDetails) -> None:
    """
    Refuse a card before it is saved.

    Raises:
        InvalidInput: the token is not of the grammar that the gateway declares.
        NotAllowed: ``card_checks_failed``, if the policy refuses such cards.
    """
    if not context.gateways[setup.gateway_id].accepts_token(card.token):
        raise invalid("token", "invalid_format", example="a token of the grammar that the gateway declares")
    checks = {name: getattr(card.checks, name) for name in ("cvc", "postal_code", "address")}
    failed = [name for name, check in checks.items() if check is CardCheck.FAIL]
    if failed and context.policy.failed_card_checks is FailedChecks.REFUSE:
        raise NotAllowed("card_checks_failed", {"setup_id": setup.id, "failed": ", ".join(failed)})


def remove_card(context: Context, account_id: str, card_id: str, by: By) -> Flow[Account]:
    """See `Billing.remove_card`."""
    context.ensure_may_call_gateways()
    removed: list[SavedCard] = []

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        removed[:] = [account.card(card_id)]
        return account.without_card(card_id), (Draft(type=EventType.CARD_REMOVED, data={"card_id": card_id}),)

    account = yield from change_account(context, account_id, Permission.MANAGE_CARDS, by, decide)
    (gone,) = removed
    yield from forget(context, account, gone.id, gone.gateway_id, gone.token)
    return account


def set_default_card(context: Context, account_id: str, card_id: str, by: By) -> Flow[Account]:
    """See `Billing.set_default_card`."""

    def decide(account: Account, now: datetime) -> tuple[Account, tuple[Draft, ...]]:
        account.card(card_id)
        if account.default_card_id == card_id:
            return account, ()
        made_default = Draft(type=EventType.CARD_MADE_DEFAULT, data={"card_id": card_id})
        return account.with_default_card(card_id), (made_default,)

    return change_account(context, account_id, Permission.MANAGE_CARDS, by, decide)


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
