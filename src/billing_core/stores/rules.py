"""
What every store refuses, whatever its caller does.

Two kinds of refusal: a change that breaks the port's contract raises, before
anything is read; a change that is too late, or takes what another record
holds, is a conflict: a value, and nothing was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from billing_core.accounts.account import Account
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import CONTROLS_ID, Controls
from billing_core.charging.invoice import Invoice, InvoiceStatus
from billing_core.charging.refund import Refund
from billing_core.errors import InvariantViolated
from billing_core.events import Event
from billing_core.licenses.license import License
from billing_core.stores.port import Change, Guard, RecordKind, Wake

__all__ = ["AnyRecord", "Slot", "ensure_sound", "event_guard", "may_follow", "slots", "wake_guard"]

AnyRecord = Account | License | Invoice | ChargeAttempt | Refund | Controls

#: Something that only one record at a time can hold.
Slot = tuple[str | int, ...]


def ensure_sound(changes: Iterable[Change]) -> None:
    """
    Refuse changes that no decision of this library makes.

    Every record is guarded and written once, at the version after its guard's; a new record
    also guards the one it belongs to, and only stores give invoice numbers.

    Raises:
        InvariantViolated: naming the record.
    """
    for change in changes:
        guarded = {(guard.kind, guard.id): guard.version for guard in change.guards}
        writes = change.writes
        written = {(kind, record.id) for kind, record in writes}
        if len(guarded) != len(change.guards) or len(written) != len(writes):
            raise InvariantViolated("a change guards a record once, and writes it once")
        for kind, record in writes:
            before = guarded.get((kind, record.id))
            if before is None or record.version != before + 1:
                raise InvariantViolated(
                    f"{kind.value} {record.id}: version {record.version} must be one above its guard's, "
                    f"which is {before}"
                )
            if before == 0:
                _ensure_placed(kind, record, guarded, written)


def _ensure_placed(
    kind: RecordKind,
    record: AnyRecord,
    guarded: dict[tuple[RecordKind, str], int],
    written: set[tuple[RecordKind, str]],
) -> None:
    owner = _owner(record)
    # Guarded at version 0 and not written means: surely missing.
    if owner is not None and not (guarded.get(owner) or (owner in guarded and owner in written)):
        raise InvariantViolated(f"{kind.value} {record.id}: its {owner[0].value} is not guarded")
    if isinstance(record, Invoice) and record.number is not None:
        raise InvariantViolated(f"invoice {record.id}: stores give the number, inside the commit")


def _owner(record: AnyRecord) -> tuple[RecordKind, str] | None:
    if isinstance(record, License):
        return RecordKind.ACCOUNT, record.account_id
    if isinstance(record, Invoice):
        return RecordKind.LICENSE, record.license_id
    if isinstance(record, ChargeAttempt):
        return RecordKind.INVOICE, record.invoice_id
    if isinstance(record, Refund):
        return RecordKind.ATTEMPT, record.attempt_id
    return None


def may_follow(before: AnyRecord, after: AnyRecord) -> bool:
    """
    Whether a record may be overwritten so: what is final stays final.

    A void invoice never changes, a resolved attempt or refund never becomes
    unresolved again, and a number once given stays. (An invoice that its writer has not
    seen the number of keeps it.)
    """
    if isinstance(before, Invoice) and isinstance(after, Invoice):
        return before.status is not InvoiceStatus.VOID and after.number in {None, before.number}
    if isinstance(before, ChargeAttempt) and isinstance(after, ChargeAttempt):
        return before.is_unresolved or not after.is_unresolved
    if isinstance(before, Refund) and isinstance(after, Refund):
        return before.is_unresolved or not after.is_unresolved
    return True


def slots(record: AnyRecord) -> Iterator[Slot]:
    """
    What no other record may hold at the same time.

    A database keeps these promises by primary and unique keys.
    """
    if isinstance(record, Invoice):
        key = record.key
        yield ("invoice", key.license_id, key.term, key.index, key.revision)
        if record.status is not InvoiceStatus.VOID:
            yield ("live invoice", key.license_id, key.term, key.index)
    elif isinstance(record, ChargeAttempt):
        yield ("attempt", record.invoice_id, record.number)
        yield ("idempotency key", record.request.idempotency_key)
        if record.card_use:
            yield ("card use", record.fingerprint, record.card_use)
        if record.is_unresolved:
            yield ("open attempt", record.license_id)
    elif isinstance(record, Refund):
        yield ("refund", record.attempt_id, record.number)
        yield ("refund key", record.request.idempotency_key)
        if record.is_unresolved:
            yield ("open refund", record.attempt_id)


def event_guard(events: Sequence[Event]) -> Guard:
    """What a conflict names when one of a change's events was stored before: what they are about."""
    first = events[0]
    if first.license_id is not None:
        return Guard(RecordKind.LICENSE, first.license_id, 0)
    if first.account_id is not None:
        return Guard(RecordKind.ACCOUNT, first.account_id, 0)
    return Guard(RecordKind.CONTROLS, CONTROLS_ID, 0)


def wake_guard(wake: Wake) -> Guard:
    """What a conflict names when there is no such license to wake: it had to exist."""
    return Guard(RecordKind.LICENSE, wake.license_id, 1)
