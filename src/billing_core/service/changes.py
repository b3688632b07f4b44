"""From a dossier before and after to a guarded change, with the events that tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import is_
from typing import Any, TypeAlias, TypeVar

import attrs

from billing_core.accounts.account import Account
from billing_core.charging.apply import Draft
from billing_core.charging.attempt import ChargeAttempt
from billing_core.charging.controls import Controls
from billing_core.charging.dossier import Dossier
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.errors import InvariantViolated
from billing_core.events import ActorRef, Event, RecordChange, record_change
from billing_core.licenses.license import License
from billing_core.stores.port import Change, Guard, RecordKind, Wake
from billing_core.values.ids import derive_id
from billing_core.values.typed import evolve

__all__ = ["Occasion", "account_change", "controls_change", "license_change", "opening_change"]

R = TypeVar("R", Account, License, Invoice, ChargeAttempt, Refund, Controls)
_Versioned: TypeAlias = Account | License | Invoice | ChargeAttempt | Refund


#: The records that a decision was made from.
_Known: TypeAlias = dict[tuple[RecordKind, str], Any]


@attrs.frozen(kw_only=True)
class Occasion:
    """Who does something, when, why, and in which namespace."""

    namespace: str
    at: datetime
    actor: ActorRef
    reason: str | None = None


def opening_change(occasion: Occasion, account: Account, drafts: Iterable[Draft]) -> tuple[Change, Account]:
    """The change that brings a new account into being."""
    steps = [_Step(RecordKind.ACCOUNT, None, account)]
    change = Change(
        guards=(Guard(RecordKind.ACCOUNT, account.id, 0),),
        accounts=(account,),
        events=_events(occasion, account.id, None, steps, drafts),
    )
    return change, account


def account_change(
    occasion: Occasion, before: Account, after: Account, drafts: Iterable[Draft]
) -> tuple[Change, Account]:
    """The change of one account; it wakes all its licenses."""
    after = _stepped(before, after)
    steps = [_Step(RecordKind.ACCOUNT, before, after)]
    change = Change(
        guards=(Guard(RecordKind.ACCOUNT, before.id, before.version),),
        accounts=(after,),
        events=_events(occasion, before.id, None, steps, drafts),
        wake_accounts=(before.id,),
    )
    return change, after


def controls_change(
    occasion: Occasion, before: Controls, after: Controls, draft: Draft, wake: Iterable[str] = ()
) -> Change:
    """The change of what holds for the whole store; ``wake`` names licenses that must be looked at now."""
    steps = [_Step(RecordKind.CONTROLS, before if before.version else None, after)]
    return Change(
        guards=(Guard(RecordKind.CONTROLS, before.id, before.version),),
        controls=(after,),
        events=_events(occasion, None, None, steps, (draft,)),
        wakes=tuple(Wake(license_id, occasion.at) for license_id in wake),
    )


def license_change(
    occasion: Occasion,
    before: Dossier | None,
    after: Dossier,
    drafts: Iterable[Draft],
    *,
    wake_at: datetime | None,
    account_before: Account | None = None,
) -> tuple[Change, Dossier]:
    """
    The change from one dossier to another.

    Guards every record that the decision read, written or not. All steps in
    memory since the last commit count as one step of each record's version.

    Args:
        before: as loaded; ``None`` for a license that is just started.
        after: as decided.
        wake_at: when to look at the license next.
        account_before: the account as loaded, for a license that is just started.

    Returns:
        The change, and the dossier as it will be once it is committed.
    """
    known: _Known = {}
    if account_before is not None:
        known[RecordKind.ACCOUNT, account_before.id] = account_before
    if before is not None:
        known = {(kind, record.id): record for kind, record in _records(before)}
    stepped = _stepped_dossier(known, after)
    steps = [
        _Step(kind, known.get((kind, record.id)), record)
        for kind, record in _records(stepped)
        if record is not known.get((kind, record.id))
    ]
    guards = [Guard(kind, id_, record.version) for (kind, id_), record in known.items()]
    guards += [Guard(step.kind, step.after.id, 0) for step in steps if step.before is None]
    if before is not None:
        guards.append(Guard(RecordKind.CONTROLS, before.controls.id, before.controls.version))
    account, license_ = stepped.account, stepped.license
    accounts = _written(steps, RecordKind.ACCOUNT)
    change = Change(
        guards=tuple(guards),
        accounts=accounts,
        licenses=_written(steps, RecordKind.LICENSE),
        invoices=_written(steps, RecordKind.INVOICE),
        attempts=_written(steps, RecordKind.ATTEMPT),
        refunds=_written(steps, RecordKind.REFUND),
        events=_events(occasion, account.id, license_.id, steps, drafts),
        wakes=(Wake(license_.id, wake_at),),
        wake_accounts=(account.id,) if accounts else (),
    )
    return change, stepped


@attrs.frozen
class _Step:
    kind: RecordKind
    before: Any
    after: Any

    def recorded(self) -> RecordChange:
        return record_change(self.kind.value, self.before, self.after)


def _written(steps: list[_Step], kind: RecordKind) -> tuple[Any, ...]:
    return tuple(step.after for step in steps if step.kind is kind)


def _records(dossier: Dossier) -> Iterator[tuple[RecordKind, _Versioned]]:
    yield RecordKind.ACCOUNT, dossier.account
    yield RecordKind.LICENSE, dossier.license
    for invoice in dossier.invoices:
        yield RecordKind.INVOICE, invoice
    for attempt in dossier.attempts:
        yield RecordKind.ATTEMPT, attempt
    for refund in dossier.refunds:
        yield RecordKind.REFUND, refund


def _stepped_dossier(known: _Known, dossier: Dossier) -> Dossier:
    """The dossier with every record as it was read, or one version on."""
    stepped = {
        "account": _next(known, RecordKind.ACCOUNT, dossier.account),
        "license": _next(known, RecordKind.LICENSE, dossier.license),
        "invoices": _all_next(known, RecordKind.INVOICE, dossier.invoices),
        "attempts": _all_next(known, RecordKind.ATTEMPT, dossier.attempts),
        "refunds": _all_next(known, RecordKind.REFUND, dossier.refunds),
    }
    changed = {name: value for name, value in stepped.items() if value is not getattr(dossier, name)}
    return evolve(dossier, **changed) if changed else dossier


def _all_next(known: _Known, kind: RecordKind, records: tuple[R, ...]) -> tuple[R, ...]:
    stepped = tuple(_next(known, kind, record) for record in records)
    return records if all(map(is_, stepped, records)) else stepped


def _next(known: _Known, kind: RecordKind, record: R) -> R:
    before: R | None = known.get((kind, record.id))
    # A record may take several steps before it is stored at all: an invoice issued and paid at once.
    return _at_version(1, record) if before is None else _stepped(before, record)


def _stepped(before: R, after: R) -> R:
    """However many steps were taken in memory, a commit is one."""
    return before if after is before or after == before else _at_version(before.version + 1, after)


def _at_version(version: int, record: R) -> R:
    return record if record.version == version else evolve(record, version=version)


def _events(
    occasion: Occasion,
    account_id: str | None,
    license_id: str | None,
    steps: list[_Step],
    drafts: Iterable[Draft],
) -> tuple[Event, ...]:
    changes = tuple(step.recorded() for step in steps)
    # A commit that changes records has versions that no other commit has: its events' ids follow from them.
    mark = ";".join(f"{change.kind}:{change.id}:{change.version}" for change in changes)
    told = tuple(drafts)
    commit_id = derive_id("evt", occasion.namespace, mark, *(draft.type for draft in told))
    events = tuple(
        Event(
            id=f"{commit_id}_{place}",
            type=draft.type,
            at=occasion.at,
            actor=occasion.actor,
            account_id=account_id,
            license_id=license_id,
            invoice_id=draft.invoice_id,
            reason=occasion.reason,
            data=draft.data,
            changes=changes if place == 0 else (),
        )
        for place, draft in enumerate(told)
    )
    if not changes and not events:
        return ()
    if not changes or not events:
        about = f"account {account_id}" if account_id is not None else "the controls"
        raise InvariantViolated(f"{about}: every change has an event, and every event a change")
    return events
