"""What tests about typed notices share: a gateway that can, or can't, be asked, and its notices."""

from __future__ import annotations

from typing import Any

import attrs

from billing_core.charging.attempt import ChargeAttempt
from billing_core.events import Event, EventType
from billing_core.gateways.capabilities import Capabilities, Operation
from billing_core.gateways.webhooks import WebhookNotice
from billing_core.service.notice_flows import take_notice
from billing_core.service.requests import Commit
from billing_core.stores.port import CommitResult, Guard, RecordKind
from billing_core.testing import ScriptedGateway
from tests.unit.service.stage import Hand, Stage

#: A processor of which nothing can be asked but charges and refunds by our own reference.
MUTE = Capabilities(
    operations=frozenset(Operation)
    - {Operation.DESCRIBE_REFUND, Operation.DESCRIBE_DISPUTE, Operation.DESCRIBE_CARD}
)


def mute(**options: Any) -> Stage:
    """A vendor whose processor can't be asked."""
    return Stage(gateway=ScriptedGateway(MUTE), **options)


def tell(stage: Stage, notice_id: str = "evt_1", **news: Any) -> tuple[str, ...]:
    """The processor sends a notice; the licenses that it woke."""
    notice = WebhookNotice(id=notice_id, **news)
    return stage.billing.handle_webhook(*stage.gateway.signed(notice))


def listen(stage: Stage, gateway_id: str = "main", **news: Any) -> Hand:
    """The same notice, to be followed request by request."""
    return Hand(stage, take_notice(stage.context, gateway_id, WebhookNotice(id="evt_1", **news)))


def ref(attempt: ChargeAttempt) -> str:
    """The processor's id of a charge."""
    assert attempt.charge_ref is not None
    return attempt.charge_ref


def unmatched(stage: Stage) -> list[tuple[Any, Any]]:
    """What was kept for a person: what it was about, and why."""
    kept = [event for event in stage.billing.events() if event.type == EventType.WEBHOOK_UNMATCHED]
    return [(event.data["gateway_ref"], event.data["why"]) for event in kept]


def last(stage: Stage, type_: str) -> Event:
    """The latest event of a type."""
    return [event for event in stage.billing.events() if event.type == type_][-1]


def other(details: Any, **changes: Any) -> Any:
    """The same details, but for this."""
    return attrs.evolve(details, **changes)


def refuse_all(hand: Hand) -> None:
    """Somebody else is faster, every time."""
    while not hand.is_done:
        hand.until(Commit)
        hand.answer(CommitResult(conflict=Guard(RecordKind.LICENSE, "lic_1", 1)))
