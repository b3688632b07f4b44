"""
Both ledgers, side by side: what the processor captured, and what the books say.

Pure. The rules are those of `check_invariants` on money - each success is
captured, each capture is a success, an orphan or still being resolved, and
nothing is captured twice - and tell, in addition, which charge it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import attrs

from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.refund import Refund
from billing_core.gateways.listing import ListedCharge
from billing_core.issues import Choice
from billing_core.values.money import Money
from billing_core.values.texts import Id
from billing_core.values.typed import Typed, evolve

__all__ = [
    "ShadowFinding",
    "ShadowKind",
    "accounts_for_money",
    "compare_charges",
    "compare_refunds",
    "compare_success",
    "finding_about",
    "keys_with_a_person",
    "taker_of",
]

#: The form of the references that this library derives.
_OURS = re.compile(r"[a-z2-7]{26}")


class ShadowKind(Choice):
    """What can be wrong between two ledgers."""

    #: Charged, and no attempt knows of it; or one that was given up, and is no orphan.
    UNRECORDED = "unrecorded"
    #: Charged by something that is not this library.
    FOREIGN = "foreign"
    #: Recorded as paid, and the processor knows of no such charge.
    MISSING = "missing"
    #: Both know of it, with different amounts.
    AMOUNT_DIFFERS = "amount_differs"
    #: Both know of the charge, and not of the same money that went back.
    REFUND_DIFFERS = "refund_differs"
    #: More than one capture for one invoice.
    CHARGED_TWICE = "charged_twice"
    #: Money that waits for a person's decision.
    UNDECIDED = "undecided"


@attrs.frozen(kw_only=True)
class ShadowFinding(Typed):
    """
    One difference between the two ledgers.

    Attributes:
        reference: of the charge; ``None`` if the processor knows none.
        gateway_ref: the processor's id of the charge.
        attempt_id, invoice_id: where it belongs in the books, if that is known.
        captured: what the processor says; of a refund that differs, what went back in all.
        recorded: what the books say of the same.
        at: when it was captured, or recorded.
    """

    kind: ShadowKind
    reference: Id | None = None
    gateway_ref: Id | None = None
    attempt_id: Id | None = None
    invoice_id: Id | None = None
    captured: Money | None = None
    recorded: Money | None = None
    at: datetime | None = None


def accounts_for_money(attempt: ChargeAttempt) -> bool:
    """Whether money that was captured for an attempt has its place in the books, or will have."""
    return (
        attempt.state is AttemptState.SUCCEEDED
        or attempt.is_unresolved
        or attempt.orphan is not None
        or attempt.decision is not None
    )


def keys_with_a_person(attempts: Iterable[ChargeAttempt]) -> frozenset[str]:
    """
    The keys of attempts whose money a person decides about, or has decided about.

    Each excuses that attempt's own money, and no other's at the same invoice.
    """
    return frozenset(
        it.request.idempotency_key for it in attempts if it.needs_attention or it.decision is not None
    )


def taker_of(charge: ListedCharge, attempts: Iterable[ChargeAttempt]) -> ChargeAttempt | None:
    """Whose charge it is: by its key; where keys are not listed, the one attempt that money can belong to."""
    key = charge.idempotency_key
    if key is None:
        return _only_taker(attempts)
    return next((attempt for attempt in attempts if attempt.request.idempotency_key == key), None)


def compare_charges(
    charges: Sequence[ListedCharge], attempts: Sequence[ChargeAttempt]
) -> Iterator[ShadowFinding]:
    """
    What is wrong with the charges under one reference.

    Args:
        charges: all that the processor listed under the reference.
        attempts: all that the books have under it.
    """
    for charge in charges:
        attempt = taker_of(charge, attempts)
        if attempt is None or not accounts_for_money(attempt):
            is_ours = bool(attempts) or _OURS.fullmatch(charge.reference or "") is not None
            yield _about(charge, attempt, ShadowKind.UNRECORDED if is_ours else ShadowKind.FOREIGN)
        elif _recorded(attempt) not in {None, charge.amount}:
            yield _about(charge, attempt, ShadowKind.AMOUNT_DIFFERS)
    decided = keys_with_a_person(attempts)
    kept = [it for it in charges if it.kept.is_positive and it.idempotency_key not in decided]
    is_unclear = bool(decided) and any(charge.idempotency_key is None for charge in kept)
    if len(kept) > 1 and charges[0].reference is not None and not is_unclear:
        yield _about(kept[-1], _only_taker(attempts), ShadowKind.CHARGED_TWICE)


def compare_refunds(
    charge: ListedCharge, attempt: ChargeAttempt, refunds: Sequence[Refund], now: datetime, lag: timedelta
) -> ShadowFinding | None:
    """
    What is wrong with the money that went back of a charge.

    Args:
        charge: as the processor lists it. If it does not say what went back, nothing is compared.
        attempt: whose charge it is.
        refunds: all refunds of it on the books.
        now: when this is asked.
        lag: how long a new refund may stay invisible.

    Returns:
        ``None`` if nothing is, or if that is not certain yet: a refund is under
        way, fresh, or with a person, or a person has decided about the charge.
    """
    told = charge.refunded
    if told is None or told.currency != attempt.request.amount.currency:
        # A charge in another currency is told of as such.
        return None
    is_with_person = attempt.needs_attention or attempt.decision is not None
    if is_with_person or any(_is_unsettled(it, now, lag) for it in refunds):
        return None
    recorded = Money.total((it.claimed for it in refunds), told.currency)
    if recorded == told:
        return None
    finding = _about(charge, attempt, ShadowKind.REFUND_DIFFERS)
    return evolve(finding, captured=told, recorded=recorded)


def _is_unsettled(refund: Refund, now: datetime, lag: timedelta) -> bool:
    is_fresh = refund.resolved_at is not None and now - refund.resolved_at < lag
    return refund.is_unresolved or refund.needs_attention or is_fresh


def compare_success(
    attempt: ChargeAttempt, now: datetime, lag: timedelta, *, is_known: bool
) -> ShadowKind | None:
    """
    What is wrong with an attempt on the books.

    Args:
        is_known: whether the processor knows of its charge.
        lag: how long a new charge may stay invisible.
    """
    if attempt.needs_attention:
        return ShadowKind.UNDECIDED
    is_paid = attempt.state is AttemptState.SUCCEEDED and attempt.decision is None
    is_fresh = attempt.resolved_at is not None and now - attempt.resolved_at < lag
    return ShadowKind.MISSING if is_paid and not is_known and not is_fresh else None


def finding_about(attempt: ChargeAttempt, kind: ShadowKind) -> ShadowFinding:
    """A finding about an attempt on the books."""
    return ShadowFinding(
        kind=kind,
        reference=attempt.request.reference,
        gateway_ref=attempt.result.gateway_ref if attempt.result is not None else None,
        attempt_id=attempt.id,
        invoice_id=attempt.invoice_id,
        recorded=_recorded(attempt) or attempt.request.amount,
        at=attempt.resolved_at or attempt.last_sent_at,
    )


def _only_taker(attempts: Iterable[ChargeAttempt]) -> ChargeAttempt | None:
    """The one attempt that money can belong to."""
    return next((attempt for attempt in attempts if accounts_for_money(attempt)), None)


def _recorded(attempt: ChargeAttempt) -> Money | None:
    told = attempt.orphan if attempt.orphan is not None else attempt.result
    return told.amount if told is not None else None


def _about(charge: ListedCharge, attempt: ChargeAttempt | None, kind: ShadowKind) -> ShadowFinding:
    return ShadowFinding(
        kind=kind,
        reference=charge.reference,
        gateway_ref=charge.gateway_ref,
        attempt_id=attempt.id if attempt is not None else None,
        invoice_id=attempt.invoice_id if attempt is not None else None,
        captured=charge.amount,
        recorded=_recorded(attempt) if attempt is not None else None,
        at=charge.captured_at,
    )
