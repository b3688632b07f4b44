"""The steps that a license can need next, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

import attrs

from billing_core.issues import Choice
from billing_core.licenses.license import NoticeKind, Term
from billing_core.records import as_dict
from billing_core.values.money import Money
from billing_core.values.schedule import Period
from billing_core.values.texts import Id, Word
from billing_core.values.typed import Typed

__all__ = [
    "Because",
    "CarryOver",
    "ChargeInvoice",
    "IssueInvoice",
    "Notify",
    "RecordCancellation",
    "RecordExpiry",
    "ResolveAction",
    "ResolveCharge",
    "ResolveRefund",
    "SeekCharge",
    "SkipPeriods",
    "StartRefund",
    "StartTerm",
    "Step",
    "StepKind",
    "VoidInvoice",
    "Wait",
]


class StepKind(Choice):
    """The kinds of steps, for reports and previews."""

    ISSUE_INVOICE = "issue_invoice"
    CHARGE = "charge"
    SEEK = "seek"
    CARRY_OVER = "carry_over"
    RESOLVE = "resolve"
    REFUND = "refund"
    RESOLVE_REFUND = "resolve_refund"
    SKIP_PERIODS = "skip_periods"
    START_TERM = "start_term"
    VOID_INVOICE = "void_invoice"
    NOTIFY = "notify"
    EXPIRE = "expire"
    CANCEL = "cancel"
    WAIT = "wait"


@attrs.frozen
class Because(Typed):
    """
    Why a step is next: a stable rule code and the facts it looked at.

    >>> str(Because("retry_day", {"due_on": "2025-02-28"}))
    'retry_day (due_on=2025-02-28)'
    """

    rule: Word
    facts: Mapping[Word, Any] = attrs.field(factory=dict, converter=as_dict)

    def __str__(self) -> str:
        facts = ", ".join(f"{key}={value}" for key, value in self.facts.items())
        return f"{self.rule} ({facts})" if facts else self.rule


@attrs.frozen(kw_only=True)
class Step(Typed):
    """The next thing to do for one license."""

    kind: ClassVar[StepKind]

    because: Because


@attrs.frozen(kw_only=True)
class IssueInvoice(Step):
    """Bill one period."""

    kind = StepKind.ISSUE_INVOICE

    term: int
    index: int
    period: Period


@attrs.frozen(kw_only=True)
class ChargeInvoice(Step):
    """Charge an open invoice to a card. The attempt is committed before the gateway is called."""

    kind = StepKind.CHARGE

    invoice_id: Id
    card_id: Id


@attrs.frozen(kw_only=True)
class SeekCharge(Step):
    """Look for a charge of an open invoice that a restore may have made us forget, before a new one."""

    kind = StepKind.SEEK

    invoice_id: Id
    card_id: Id


@attrs.frozen(kw_only=True)
class CarryOver(Step):
    """Leave an amount below the processor's minimum to the next invoice."""

    kind = StepKind.CARRY_OVER

    invoice_id: Id


class ResolveAction(Choice):
    """How to find out, or to end, what an unresolved attempt or refund came to."""

    LOOK_UP = "look_up"
    #: Send the same request under the same key again; a refund also for the first time.
    RESEND = "resend"
    #: Confirm what was prepared at a fenced gateway.
    CONFIRM = "confirm"
    #: Call a charge off that waits for the cardholder, or close what was prepared.
    CANCEL = "cancel"
    #: Surely nothing happened.
    VOID = "void"
    #: The cardholder did not confirm in time.
    END_ACTION = "end_action"
    #: Nothing more can be found out: a person decides.
    HOLD = "hold"


@attrs.frozen(kw_only=True)
class ResolveCharge(Step):
    """Find out what an unresolved attempt came to, or end it."""

    kind = StepKind.RESOLVE

    attempt_id: Id
    action: ResolveAction


@attrs.frozen(kw_only=True)
class StartRefund(Step):
    """Give money back that the policy says is not the vendor's. Sent after it is committed."""

    kind = StepKind.REFUND

    attempt_id: Id
    amount: Money


@attrs.frozen(kw_only=True)
class ResolveRefund(Step):
    """Send a refund that was decided, find out what it came to, or end it."""

    kind = StepKind.RESOLVE_REFUND

    refund_id: Id
    action: ResolveAction


@attrs.frozen(kw_only=True)
class SkipPeriods(Step):
    """Days that went by without service lapse; nobody pays for them. Voids the open invoice."""

    kind = StepKind.SKIP_PERIODS

    until: date
    invoice_id: Id | None = None


@attrs.frozen(kw_only=True)
class StartTerm(Step):
    """From the next unbilled boundary on, bill by another plan or from another anchor."""

    kind = StepKind.START_TERM

    term: Term


@attrs.frozen(kw_only=True)
class VoidInvoice(Step):
    """Nobody owes this invoice any more."""

    kind = StepKind.VOID_INVOICE

    invoice_id: Id


@attrs.frozen(kw_only=True)
class Notify(Step):
    """Tell the owner, once."""

    kind = StepKind.NOTIFY

    notice: NoticeKind
    key: Id
    data: Mapping[Word, Any] = attrs.field(factory=dict, converter=as_dict)


@attrs.frozen(kw_only=True)
class RecordExpiry(Step):
    """Put on record that the license has expired; it had without this, by the time."""

    kind = StepKind.EXPIRE

    key: Id


@attrs.frozen(kw_only=True)
class RecordCancellation(Step):
    """Put on record that the license has ended."""

    kind = StepKind.CANCEL

    key: Id


@attrs.frozen(kw_only=True)
class Wait(Step):
    """Nothing to do until an instant; ``None`` until somebody changes something."""

    kind = StepKind.WAIT

    until: datetime | None
