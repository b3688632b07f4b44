"""One account's events as sentences, in the account's own time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from billing_core import ActorKind, Event, EventType
from billing_core.contrib.demo.customers import Customer
from billing_core.contrib.demo.world import Standing
from billing_core.values.zones import zone

__all__ = ["tell"]

#: How an event reads; what is not here goes without saying.
_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        EventType.ACCOUNT_OPENED: "opens an account",
        EventType.BILLING_INFO_UPDATED: "fills in the billing form",
        EventType.MEMBER_ADDED: "adds {user_id} as {role}",
        EventType.CARD_ADDED: "adds a card, {brand} ····{last4}",
        EventType.CARD_REPLACED: "replaces the card by {brand} ····{last4}",
        EventType.LICENSE_STARTED: "chooses plan {plan}, {quantity} seats",
        EventType.LICENSE_RENEWED: "{amount_due} charged, paid until {paid_until}",
        EventType.LICENSE_EXPIRED: "expires the license, unpaid since {paid_until}",
        EventType.CHARGE_DECLINED: "{amount} declined: {advice}",
        EventType.NOTICE_CARD_EXPIRING: "warns: the card runs out before {due_on}",
        EventType.OWNER_VERIFIED: "verifies the caller: {verified}",
        EventType.EXTENSION_GRANTED: "extends access by {days} days",
    }
)


def tell(events: Iterable[Event], diary: Iterable[Standing], customer: Customer) -> Iterator[dict[str, str]]:
    """
    The story of one customer, line by line.

    Args:
        events: everything that happened, in order.
        diary: when status and access were seen to change.
        customer: whose story it is.
    """
    own = [event for event in events if event.account_id == customer.external_id]
    lines = [(event.at, 1, event) for event in own] + [(note.at, 2 * note.is_after, note) for note in diary]
    paid: Mapping[str, object] = {}
    for at, _, line in sorted(lines, key=lambda line: line[:2]):
        if isinstance(line, Standing):
            what = f"now {line.status}, access: {line.access}".replace("_", " ")
            yield _line(at, customer, "", what, "status")
            continue
        if line.type == EventType.INVOICE_PAID:
            paid = line.data
        sentence = _SENTENCES.get(line.type)
        if sentence is not None:
            what = sentence.format(**_readable({**paid, **line.data}))
            said = f' - "{line.reason}"' if line.reason else ""
            yield _line(at, customer, _who(line), what + said, line.type)


def _readable(data: Mapping[str, object]) -> dict[str, object]:
    """Codes as words."""
    words = {True: "yes", False: "no"}
    return {
        key: words[value] if isinstance(value, bool) else str(value).replace("_", " ")
        for key, value in data.items()
    }


def _who(event: Event) -> str:
    is_support = event.actor.kind == ActorKind.SUPPORT
    return f"{event.actor.id} ({event.actor.kind})" if is_support else event.actor.id


def _line(at: datetime, customer: Customer, who: str, what: str, event: str) -> dict[str, str]:
    local = at.astimezone(zone(customer.time_zone))
    return {"at": local.strftime("%Y-%m-%d %H:%M"), "who": who, "what": what, "event": event}
