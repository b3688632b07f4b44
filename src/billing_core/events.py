"""
What happened, as records that are committed together with what changed.

Events are the audit log and the outbox in one: they name the actor and the
reason, they are stored in the transaction that changed the records, and
folding their `RecordChange` entries reproduces every state and version.
Personal data and card tokens appear in them only as hashes: what is such is
said by the records, whose fields are `Private`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from billing_core.errors import InvariantViolated
from billing_core.issues import invalid
from billing_core.records import Record, encode_record
from billing_core.values.encoding import appended, encode, stored_fields, stored_values
from billing_core.values.frozen import FrozenDict
from billing_core.values.texts import Id, Text, Word
from billing_core.values.typed import evolve, trusted

__all__ = ["ActorRef", "Event", "EventType", "RecordChange", "fold", "masked_state", "record_change"]


class EventType:
    """The names of all events. They are API: never renamed, never reused."""

    ACCOUNT_OPENED = "account.opened"
    ACCOUNT_IMPORTED = "account.imported"
    BILLING_INFO_UPDATED = "account.billing_info_updated"
    TIME_ZONE_CHANGED = "account.time_zone_changed"
    MEMBER_ADDED = "account.member_added"
    MEMBER_REMOVED = "account.member_removed"
    OWNERSHIP_TRANSFERRED = "account.ownership_transferred"
    TAX_ID_CHECKED = "account.tax_id_checked"
    OWNER_VERIFIED = "account.owner_verified"
    CARD_SETUP_BEGUN = "card.setup_begun"
    CARD_ADDED = "card.added"
    CARD_REPLACED = "card.replaced"
    CARD_REMOVED = "card.removed"
    CARD_MADE_DEFAULT = "card.made_default"
    CARD_FROZEN = "card.frozen"
    CARD_UPDATED = "card.updated"
    CARD_CLOSED = "card.closed"
    LICENSE_STARTED = "license.started"
    LICENSE_IMPORTED = "license.imported"
    LICENSE_RENEWED = "license.renewed"
    LICENSE_EXPIRED = "license.expired"
    LICENSE_CANCELED = "license.canceled"
    CANCELLATION_SCHEDULED = "license.cancellation_scheduled"
    PLAN_CHANGE_SCHEDULED = "license.plan_change_scheduled"
    TERM_STARTED = "license.term_started"
    PERIODS_LAPSED = "license.periods_lapsed"
    EXTENSION_GRANTED = "license.extension_granted"
    INVOICE_ISSUED = "invoice.issued"
    INVOICE_PAID = "invoice.paid"
    INVOICE_VOIDED = "invoice.voided"
    CHARGE_STARTED = "charge.started"
    CHARGE_SOUGHT = "charge.sought"
    CHARGE_PREPARED = "charge.prepared"
    CHARGE_CONFIRMING = "charge.confirming"
    CHARGE_RESENT = "charge.resent"
    CHARGE_CALLED_OFF = "charge.called_off"
    CHARGE_SUCCEEDED = "charge.succeeded"
    CHARGE_DECLINED = "charge.declined"
    CHARGE_REQUIRES_ACTION = "charge.requires_action"
    CHARGE_UNCERTAIN = "charge.uncertain"
    CHARGE_NOT_ATTEMPTED = "charge.not_attempted"
    CHARGE_LOOKED_UP = "charge.looked_up"
    CHARGE_NOTICED = "charge.noticed"
    CHARGE_VOIDED = "charge.voided"
    CHARGE_HELD = "charge.held"
    CHARGE_ORPHANED = "charge.orphaned"
    ATTENTION_RESOLVED = "charge.attention_resolved"
    REFUND_STARTED = "refund.started"
    REFUND_SENT = "refund.sent"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    REFUND_UNCERTAIN = "refund.uncertain"
    REFUND_NOT_ATTEMPTED = "refund.not_attempted"
    REFUND_LOOKED_UP = "refund.looked_up"
    REFUND_NOTICED = "refund.noticed"
    REFUND_HELD = "refund.held"
    REFUND_ORPHANED = "refund.orphaned"
    REFUND_RESOLVED = "refund.resolved"
    REFUND_MADE_ELSEWHERE = "refund.made_elsewhere"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_CHANGED = "dispute.changed"
    DISPUTE_WON = "dispute.won"
    DISPUTE_LOST = "dispute.lost"
    WEBHOOK_UNMATCHED = "webhook.unmatched"
    SENDING_STOPPED = "sending.stopped"
    SENDING_RESUMED = "sending.resumed"
    EPOCH_BEGUN = "restore.epoch_begun"
    NOTICE_RENEWAL_COMING = "notice.renewal_coming"
    NOTICE_CARD_MISSING = "notice.card_missing"
    NOTICE_CARD_EXPIRING = "notice.card_expiring"
    NOTICE_EXTENSION_ENDING = "notice.extension_ending"


def _plain(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """A deep copy as JSON-able data: what comes back from a store is equal, and nobody else can change it."""
    if not isinstance(mapping, (dict, Mapping)):
        raise invalid("data", "invalid_type", expected="a mapping")
    return FrozenDict(encode(mapping))


@attrs.frozen(kw_only=True)
class ActorRef(Record):
    """Who caused an event: a kind (member, support, system), an id, and the role it acted in."""

    kind: Word
    id: Id
    role: Word


@attrs.frozen(kw_only=True)
class RecordChange(Record):
    """
    One record's step to its next version, enough to rebuild it by folding.

    Attributes:
        kind: ``account``, ``license``, ``invoice``, ``attempt``, ``refund`` or ``controls``.
        id: the record's id.
        version: the version after the step; the first is 1.
        patch: changed top-level fields. ``{"+": rows}`` appends to a list.
    """

    kind: Word
    id: Id
    version: int
    patch: Mapping[Word, Any] = attrs.field(converter=_plain)


@attrs.frozen(kw_only=True)
class Event(Record):
    """
    One thing that happened.

    Attributes:
        id: unique and deterministic; consumers drop repeats by it.
        type: one of `EventType`.
        at: when it was decided, by the store's clock.
        account_id: ``None`` for what concerns the whole store.
        sequence: its place in commit order, given by the store; 0 before.
        reason: what a person gave as the reason, if anything.
        data: ids, dates, amounts and codes; no personal data.
        changes: the records that the same commit changed (on the first event
            of the commit).
    """

    id: Id
    type: Word
    at: datetime
    actor: ActorRef
    account_id: Id | None = None
    license_id: Id | None = None
    invoice_id: Id | None = None
    sequence: int = 0
    reason: Text | None = None
    data: Mapping[Word, Any] = attrs.field(factory=dict, converter=_plain)
    changes: tuple[RecordChange, ...] = ()

    def at_sequence(self, sequence: int) -> Event:
        """The same event with its place in commit order."""
        return evolve(self, sequence=sequence)

    def with_changes(self, changes: tuple[RecordChange, ...]) -> Event:
        """The same event, carrying the record changes of its commit."""
        return evolve(self, changes=changes)


def record_change(kind: str, before: Record | None, after: Any) -> RecordChange:
    """
    The step from one version of a record to the next, without personal data.

    Args:
        kind: see `RecordChange`.
        before: the version before, if there was one.
        after: a record with an id and a version.
    """
    patch = masked_state(after) if before is None else dict(_patches(before, after))
    return trusted(RecordChange, kind=kind, id=after.id, version=after.version, patch=FrozenDict(patch))


def _patches(before: Record, after: Record) -> Iterator[tuple[str, Any]]:
    cls: Any = type(after)
    for field, old, new in zip(stored_fields(cls), stored_values(before), stored_values(after), strict=True):
        if old is new:
            continue
        more = None if field.is_private else appended(old, new)
        if more is not None:
            yield field.name, {"+": encode(more, _hashed)}
            continue
        was, now = field.encode(old, _hashed), field.encode(new, _hashed)
        if was != now:
            yield field.name, _patched(was, now)


def fold(events: Iterable[Event]) -> dict[tuple[str, str], dict[str, Any]]:
    """
    Rebuild every record's state, without personal data, from the events alone.

    Raises:
        InvariantViolated: a version is missing or appears twice.
    """
    states: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        for change in event.changes:
            state = states.setdefault((change.kind, change.id), {"version": 0})
            if change.version != state["version"] + 1:
                known = state["version"]
                raise InvariantViolated(
                    f"{change.kind} {change.id}: version {change.version} follows {known} in the events"
                )
            for key, value in change.patch.items():
                state[key] = _applied(state.get(key), value)
    return states


def masked_state(record: Record) -> dict[str, Any]:
    """A record's state as folding its events must give it."""
    return encode_record(record, hide=_hashed)


def _patched(old: Any, new: Any) -> Any:
    if isinstance(old, list) and old and isinstance(new, list) and new[: len(old)] == old:
        return {"+": new[len(old) :]}
    return new


def _applied(old: Any, value: Any) -> Any:
    # A field that is a list stays one, so that no mapping is taken for rows to append.
    if isinstance(old, list) and isinstance(value, Mapping):
        return [*old, *value["+"]]
    return value


#: The same text for equal data, whatever it is.
_in_one_form = json.JSONEncoder(sort_keys=True, ensure_ascii=True).encode


def _hashed(value: Any) -> str:
    text = _in_one_form(value)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:32]
