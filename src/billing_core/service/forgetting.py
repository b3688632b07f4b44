"""
Letting the processor forget a card, once nothing needs its token any more.

A charge keeps the token that its request was frozen with. So a card that was
replaced or removed while its charge was under way is forgotten when that
charge is settled. It is a courtesy to the customer, not a promise: what
fails, or is lost in a crash, is not repeated.
"""

from __future__ import annotations

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import CardToken
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.gateways.capabilities import Operation
from billing_core.service.calls import Detach
from billing_core.service.context import Context
from billing_core.service.requests import Flow, ListAttempts
from billing_core.stores.port import AttemptFilter, Page

__all__ = ["forget", "forget_settled"]


def forget(context: Context, account: Account, card_id: str, gateway_id: str, token: CardToken) -> Flow[None]:
    """
    Let the processor forget a card that is not on the account any more.

    Not while an unresolved charge needs its token, and not if the owner typed
    the same card again: then the same token is on file under another id.
    """
    is_in_use = any(card.gateway_id == gateway_id and card.token == token for card in account.cards)
    if is_in_use or not context.supports(gateway_id, Operation.DETACH_CARD):
        return
    charges: Page[ChargeAttempt] = yield ListAttempts(
        AttemptFilter(is_unresolved=True, card_id=card_id), limit=1
    )
    if not charges.items:
        yield Detach(gateway_id, token)


def forget_settled(context: Context, before: ChargeAttempt | None, after: Dossier) -> Flow[None]:
    """Let the processor forget the card of a charge that was just settled, if it is gone from the account."""
    attempt = after.attempt(before.id) if before is not None else None
    if before is None or attempt is None or not before.is_unresolved or attempt.is_unresolved:
        return
    if any(card.id == attempt.card_id for card in after.account.cards):
        return
    yield from forget(context, after.account, attempt.card_id, attempt.gateway_id, attempt.request.card)
