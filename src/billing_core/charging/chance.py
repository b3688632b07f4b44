"""Whether a due invoice can be charged: now, at a given instant, or not before something changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import attrs

from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.attempt import AttemptState
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.retry import next_retry_at
from billing_core.charging.seeking import made
from billing_core.charging.steps import Because
from billing_core.gateways.capabilities import RetryOwner
from billing_core.gateways.network_limits import earliest_attempt_at
from billing_core.policy import BillingPolicy

__all__ = ["GATEWAY_AGAIN", "Chance", "charging_chance"]

#: When to look again for a gateway that this process was not given: no record tells that it is given now.
GATEWAY_AGAIN: Final = timedelta(days=1)


@attrs.frozen(kw_only=True)
class Chance:
    """
    Whether money can be had.

    Attributes:
        because: why, or why not.
        is_now: whether it can be had now.
        card: what to charge now; ``None`` if nothing needs to be charged.
        at: when to try, if not now; ``None``: not before something changes.
        is_spacing: whether nobody but us causes the wait, for the sake of the processor.
    """

    because: Because
    is_now: bool = False
    card: SavedCard | None = None
    at: datetime | None = None
    is_spacing: bool = False


def charging_chance(
    dossier: Dossier, invoice: Invoice | None, now: datetime, policy: BillingPolicy
) -> Chance:
    """
    Whether an invoice can be charged at an instant.

    Args:
        dossier: without an unresolved attempt.
        invoice: the open one; ``None`` for the one that would be issued.
        now: the instant.
        policy: when a decline is retried.
    """
    if invoice is None and dossier.needs_no_card:
        return Chance(because=Because("nothing_to_charge"), is_now=True)
    card = dossier.account.default_card
    if card is None:
        return _not_before_a_change("no_card")
    obstacle = _obstacle(dossier, card, now)
    if obstacle is not None:
        return obstacle
    attempts = dossier.attempts_of(invoice) if invoice is not None else ()
    undecided = next((attempt for attempt in attempts if attempt.needs_attention), None)
    if undecided is not None:
        # Money for this very invoice turned up late: nobody is charged twice knowingly.
        return _not_before_a_change("late_money_undecided", attempt=undecided.number)
    refund = dossier.awaited_refund
    if refund is not None:
        # If it proves never to have happened, that money is here, and a person decides first.
        return _not_before_a_change("refund_unresolved", refund=refund.number, state=refund.state.value)
    if invoice is None:
        return _now(card, "renewal_due")
    is_first = not made(attempts)
    chance = _now(card, "renewal_due") if is_first else _next_attempt(dossier, invoice, card, now, policy)
    return (_spaced(dossier, invoice, card, now) or chance) if chance.is_now else chance


def _spaced(dossier: Dossier, invoice: Invoice, card: SavedCard, now: datetime) -> Chance | None:
    """
    Why to wait although the card could be charged now: the processor would take this for a repeat.

    Two licenses at one price on one card, due in one run, look like one charge sent twice.
    """
    capabilities = dossier.capabilities(card.gateway_id)
    if capabilities is None or capabilities.duplicate_window is None:
        return None
    free_at = max(
        (
            tried.at + capabilities.send_timeout + capabilities.duplicate_window
            for tried in dossier.tries_on(card)
            if tried.may_have_captured
            and (tried.gateway_id, tried.amount) == (card.gateway_id, invoice.amount_due)
        ),
        default=now,
    )
    if free_at <= now:
        return None
    facts = {"amount_due": str(invoice.amount_due), "gateway_id": card.gateway_id}
    return Chance(because=Because("equal_charge_just_before", facts), at=free_at, is_spacing=True)


def _obstacle(dossier: Dossier, card: SavedCard, now: datetime) -> Chance | None:
    """Why this card can't be charged now, whatever for."""
    if card.frozen_because is not None:
        return _not_before_a_change("card_frozen", advice=card.frozen_because.value)
    if card.is_expired_on(dossier.today(now)):
        return _not_before_a_change("card_expired", expires=str(card.expires))
    capabilities = dossier.capabilities(card.gateway_id)
    if capabilities is None:
        because = Because("gateway_not_given", {"gateway_id": card.gateway_id})
        return Chance(because=because, at=now + GATEWAY_AGAIN)
    if not capabilities.accepts_currency(dossier.account.currency.code):
        return _not_before_a_change("currency_not_supported", gateway_id=card.gateway_id)
    declines = (tried.at for tried in dossier.tries_on(card) if tried.may_be_declined)
    limited_until = earliest_attempt_at(card.brand, declines)
    if limited_until is not None and limited_until > now:
        return Chance(because=Because("network_limit", {"brand": card.brand}), at=limited_until)
    return None


def _next_attempt(
    dossier: Dossier, invoice: Invoice, card: SavedCard, now: datetime, policy: BillingPolicy
) -> Chance:
    """Whether an invoice that was tried before may be tried again."""
    last = made(dossier.attempts_of(invoice))[-1]
    due_on = invoice.due_on.isoformat()
    is_updated = card.updated_at is not None and card.updated_at > last.first_sent_at
    if last.card_id != card.id or is_updated:
        return _now(card, "card_changed", due_on=due_on)
    if last.state is AttemptState.VOID:
        return _now(card, "earlier_attempt_never_happened", attempt=last.number)
    capabilities = dossier.capabilities(card.gateway_id)
    if capabilities is not None and capabilities.retry_owner is RetryOwner.GATEWAY:
        return _not_before_a_change("gateway_owns_retries")
    decline = last.result.decline if last.result is not None else None
    if decline is None or not decline.advice.retries_same_card:
        return _not_before_a_change("new_card_needed", advice=decline.advice.value if decline else "none")
    retry_at = next_retry_at(invoice, last, dossier.license.term.zone, policy, dossier.uncertain_time(now))
    if retry_at is None:
        return _not_before_a_change("retries_exhausted", attempts=last.number)
    if now < retry_at:
        return Chance(because=Because("retry_planned", {"attempts": last.number}), at=retry_at)
    return _now(card, "retry_day", due_on=due_on)


def _now(card: SavedCard, rule: str, **facts: object) -> Chance:
    return Chance(because=Because(rule, facts), is_now=True, card=card)


def _not_before_a_change(rule: str, **facts: object) -> Chance:
    return Chance(because=Because(rule, facts))
