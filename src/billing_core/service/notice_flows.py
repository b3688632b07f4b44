"""
What is put on record of a processor's notice about money: refunds made elsewhere, and disputes.

Where the processor can be asked, it is: after the records were read, so that an
answer is never older than what it is compared with. What has no place in the
books is kept as an event, for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

import attrs

from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.drafts import Applied
from billing_core.charging.told import book_refund, known_refund, put_dispute, why_not_booked
from billing_core.errors import Conflict
from billing_core.events import Event, EventType
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.results import Outcome
from billing_core.gateways.webhooks import DisputeDetails, RefundDetails, WebhookNotice
from billing_core.service.calls import DescribeDispute, DescribeRefund
from billing_core.service.card_notice_flow import take_card
from billing_core.service.changes import Occasion
from billing_core.service.commands import TRIES_MAX, load_dossier
from billing_core.service.context import Context
from billing_core.service.requests import Commit, Flow, GetNow, ListAttempts
from billing_core.service.webhook_flow import WEBHOOK, commits, wake_by_notice
from billing_core.stores.port import AttemptFilter, Change, Page
from billing_core.values.ids import derive_id
from billing_core.values.typed import check_instance, evolve

__all__ = ["take_notice"]

_Told: TypeAlias = RefundDetails | DisputeDetails

#: The dossier afterwards; or why there is no place in it for what is told.
_Decision: TypeAlias = Callable[[Dossier, ChargeAttempt, Any, datetime], Applied | str]

_ASK: Mapping[type[_Told], tuple[Operation, Callable[[str, str], DescribeRefund | DescribeDispute]]] = (
    MappingProxyType(
        {
            RefundDetails: (Operation.DESCRIBE_REFUND, DescribeRefund),
            DisputeDetails: (Operation.DESCRIBE_DISPUTE, DescribeDispute),
        }
    )
)


def take_notice(context: Context, gateway_id: str, notice: WebhookNotice) -> Flow[tuple[str, ...]]:
    """See `Billing.handle_webhook`."""
    refund, dispute = notice.refund, notice.dispute
    own = (refund.reference,) if refund is not None and refund.reference is not None else ()
    hint = evolve(notice, references=tuple(dict.fromkeys((*notice.references, *own))))
    woken = yield from wake_by_notice(context, hint)
    if refund is not None:
        woken += yield from _take_refund(_Matter(context, gateway_id, notice.id, refund))
    if dispute is not None:
        woken += yield from _take_dispute(_Matter(context, gateway_id, notice.id, dispute))
    if notice.card is not None:
        woken += yield from take_card(context, gateway_id, notice.id, notice.card)
    return tuple(dict.fromkeys(woken))


@attrs.frozen
class _Matter:
    """What is told, by which gateway, in which notice."""

    context: Context
    gateway_id: str
    notice_id: str
    told: _Told

    @property
    def can_ask(self) -> bool:
        """Whether the processor itself can be asked about it."""
        return self.context.supports(self.gateway_id, _ASK[type(self.told)][0])

    def asked(self) -> Flow[_Told | None]:
        """What the processor says of it now; what the notice says, where it can't be asked."""
        if not self.can_ask:
            return self.told
        request = _ASK[type(self.told)][1](self.gateway_id, self.told.gateway_ref)
        found: _Told | None = yield request
        if found is None:
            return None
        check_instance(found, type(self.told), "answer")
        return found if found.gateway_ref == self.told.gateway_ref else None

    def occasion(self, now: datetime) -> Occasion:
        """On which its events happen."""
        return Occasion(namespace=self.context.namespace, at=now, actor=WEBHOOK)


def _take_refund(matter: _Matter) -> Flow[tuple[str, ...]]:
    """Book a refund that was made elsewhere, once it has happened."""

    def decide(dossier: Dossier, attempt: ChargeAttempt, told: RefundDetails, now: datetime) -> Applied | str:
        known = known_refund(dossier, attempt, told)
        if known is not None:
            # One of our own was woken. A booked one whose money came back is for a person.
            is_back = known.elsewhere_ref is not None and told.outcome is Outcome.DECLINED
            return "refund_failed" if is_back else (dossier, ())
        if told.outcome is not Outcome.SUCCEEDED:
            return dossier, ()
        why = why_not_booked(dossier, attempt, told)
        if why is not None:
            return why
        namespace = matter.context.namespace
        return book_refund(dossier, attempt, told, now, namespace=namespace, notice_id=matter.notice_id)

    return _record(matter, decide)


def _take_dispute(matter: _Matter) -> Flow[tuple[str, ...]]:
    """Put a dispute on its charge's record."""

    def decide(dossier: Dossier, attempt: ChargeAttempt, told: DisputeDetails, now: datetime) -> Applied:
        return put_dispute(
            dossier, attempt, told, now, notice_id=matter.notice_id, is_confirmed=matter.can_ask
        )

    return _record(matter, decide)


def _record(matter: _Matter, decide: _Decision) -> Flow[tuple[str, ...]]:
    """
    Put on record what is told of a charge; the license it concerns, if that is news.

    Raises:
        Conflict: others kept changing the license. The processor tells again whoever answers with an error.
    """
    for _ in range(TRIES_MAX):
        charge = yield from _charge_of(matter)
        if charge is None:
            return (yield from _keep(matter, "charge_unknown", None))
        dossier = yield from load_dossier(matter.context, charge.license_id, charge.id)
        attempt = dossier.attempt(charge.id)
        assert attempt is not None, "the dossier was loaded with it"
        told = yield from matter.asked()
        if told is None or not _is_about(told, attempt):
            return (yield from _keep(matter, "not_confirmed", attempt))
        now: datetime = yield GetNow()
        decided = decide(dossier, attempt, told, now)
        if isinstance(decided, str):
            return (yield from _keep(matter, decided, attempt))
        after, drafts = decided
        if after is dossier:
            return ()
        if (yield from commits(matter.occasion(now), dossier, after, drafts)):
            return (attempt.license_id,)
    raise Conflict(type(matter.told).__name__, matter.told.gateway_ref)


def _charge_of(matter: _Matter) -> Flow[ChargeAttempt | None]:
    """The charge that is told of; if the notice does not say enough, what the processor says."""
    found = yield from _attempt_named(matter.gateway_id, matter.told)
    if found is not None or not matter.can_ask:
        return found
    told = yield from matter.asked()
    return (yield from _attempt_named(matter.gateway_id, told)) if told is not None else None


def _attempt_named(gateway_id: str, told: _Told) -> Flow[ChargeAttempt | None]:
    """The attempt at this gateway that took the money, or may have."""
    named: list[ChargeAttempt] = []
    if told.charge_ref is not None:
        named += yield from _attempts(AttemptFilter(gateway_ref=told.charge_ref))
    if told.charge_reference is not None:
        named += yield from _attempts(AttemptFilter(reference=told.charge_reference))
    # Of several attempts at one invoice, the one that took its money.
    for attempt in sorted(named, key=lambda it: it.captured is None):
        may_have_money = attempt.captured is not None or attempt.is_unresolved
        if attempt.gateway_id == gateway_id and may_have_money and _is_about(told, attempt):
            return attempt
    return None


def _attempts(wanted: AttemptFilter) -> Flow[tuple[ChargeAttempt, ...]]:
    page: Page[ChargeAttempt] = yield ListAttempts(wanted)
    return page.items


def _is_about(told: _Told, attempt: ChargeAttempt) -> bool:
    """Whether nothing that is told of the charge contradicts what is on file."""
    is_other = None not in {told.charge_ref, attempt.charge_ref} and told.charge_ref != attempt.charge_ref
    return not is_other and told.charge_reference in {None, attempt.request.reference}


def _keep(matter: _Matter, why: str, attempt: ChargeAttempt | None) -> Flow[tuple[str, ...]]:
    """Keep what has no place in the books as an event, once; it wakes nobody."""
    told = matter.told
    status = told.status.value if isinstance(told, DisputeDetails) else told.outcome.value
    about = {
        "kind": "dispute" if isinstance(told, DisputeDetails) else "refund",
        "gateway": matter.gateway_id,
        "gateway_ref": told.gateway_ref,
        "status": status,
        "why": why,
    }
    now: datetime = yield GetNow()
    event = Event(
        id=derive_id("evt", matter.context.namespace, "unmatched", *about.values()),
        type=EventType.WEBHOOK_UNMATCHED,
        at=now,
        actor=WEBHOOK,
        account_id=attempt.account_id if attempt is not None else None,
        license_id=attempt.license_id if attempt is not None else None,
        invoice_id=attempt.invoice_id if attempt is not None else None,
        data={
            **about,
            "amount": str(told.amount),
            "charge": told.charge_ref,
            "reference": told.charge_reference,
            "notice": matter.notice_id,
        },
    )
    # A repeat is refused for the event's id: it was told before.
    yield Commit(Change(events=(event,)))
    return ()
