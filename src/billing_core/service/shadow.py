"""
The shadow check: both ledgers compared, both ways, on any day.

It is the one check that also catches what nobody thought of: it does not ask
what the library meant to do, only what the processor did.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import attrs

from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.ledgers import (
    ShadowFinding,
    ShadowKind,
    compare_charges,
    compare_refunds,
    compare_success,
    finding_about,
    taker_of,
)
from billing_core.charging.refund import Refund
from billing_core.gateways.capabilities import Capabilities, Operation
from billing_core.gateways.listing import ChargePage, ListedCharge
from billing_core.gateways.port import AsyncPaymentGateway, PaymentGateway
from billing_core.gateways.results import ChargeNotFound, Outcome
from billing_core.service.arguments import checked
from billing_core.service.books import all_pages
from billing_core.service.calls import ListCharges, LookUp
from billing_core.service.drivers import AsyncDriver, SyncDriver
from billing_core.service.requests import Flow, GetNow, ListAttempts, ListRefunds, Request
from billing_core.stores.port import AsyncStore, AttemptFilter, Page, RefundFilter, Store
from billing_core.values.typed import Typed
from billing_core.values.zones import ensure_aware

__all__ = ["ShadowReport", "shadow_check", "shadow_check_async"]

_ANY_GATEWAY = "any"
#: A look-up that fails says nothing against a charge.
_PERHAPS_CAPTURED = frozenset({Outcome.SUCCEEDED, Outcome.UNKNOWN})

_Walk: TypeAlias = Generator[Request, Any, None]


@attrs.frozen(kw_only=True)
class ShadowReport(Typed):
    """
    How two ledgers compare.

    Attributes:
        since, until: what was compared.
        charges: how many charges the processor listed.
        attempts: how many attempts of the books were compared.
        is_listed: whether the processor could list its charges. If not, only
            what the books know of was looked up: a charge that they don't know
            of can't be found.
        findings: every difference; charges that are not this library's among them.
    """

    since: datetime
    until: datetime
    charges: int
    attempts: int
    is_listed: bool
    findings: tuple[ShadowFinding, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to do. Charges of others are none of our business."""
        return all(finding.kind is ShadowKind.FOREIGN for finding in self.findings)

    def count(self, kind: ShadowKind) -> int:
        """How many findings there are of a kind."""
        return sum(finding.kind is kind for finding in self.findings)

    def to_text(self) -> str:
        """The report as a table, for a terminal or a mail: ids and amounts only."""
        counts = Counter(finding.kind.value for finding in self.findings)
        since, until = (f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" for at in (self.since, self.until))
        lines = [f"{self.charges} charges and {self.attempts} attempts from {since} to {until} UTC"]
        if not self.is_listed:
            lines.append("the processor lists no charges: only what is on the books was looked up")
        lines.append(
            ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "no difference"
        )
        return "\n".join([*lines, *(_line(finding) for finding in self.findings)])


@checked
def shadow_check(
    store: Store, gateway: PaymentGateway, since: datetime, *, gateway_id: str | None = None
) -> ShadowReport:
    """
    Compare a store with its processor, both ways. It reads; it repairs nothing.

    Args:
        store: the books.
        gateway: the adapter; with `Operation.LIST_CHARGES` also what the books
            don't know of is found.
        since: from when on. A day more than the time since the last check does no harm.
        gateway_id: compare only what was charged through this gateway, for a
            host with several.

    Returns:
        What differs. A charge that may still be under way, or invisible to
        look-ups, is no difference yet.

    Raises:
        InvalidInput: ``since`` is naive.
    """
    chosen = gateway_id if gateway_id is not None else _ANY_GATEWAY
    driver = SyncDriver(store, {chosen: gateway})
    return driver.run(_compare(gateway.capabilities, ensure_aware(since, "since"), gateway_id))


@checked
async def shadow_check_async(
    store: AsyncStore | Store,
    gateway: AsyncPaymentGateway | PaymentGateway,
    since: datetime,
    *,
    gateway_id: str | None = None,
) -> ShadowReport:
    """See `shadow_check`."""
    chosen = gateway_id if gateway_id is not None else _ANY_GATEWAY
    driver = AsyncDriver(store, {chosen: gateway})
    return await driver.run(_compare(gateway.capabilities, ensure_aware(since, "since"), gateway_id))


def _compare(capabilities: Capabilities, since: datetime, gateway_id: str | None) -> Flow[ShadowReport]:
    now: datetime = yield GetNow()
    is_listed = capabilities.supports(Operation.LIST_CHARGES)
    listed = (yield from _listed(gateway_id or _ANY_GATEWAY, since)) if is_listed else ()
    known = frozenset(charge.idempotency_key or charge.reference for charge in listed)
    check = _Check(capabilities, since, now, gateway_id, known if is_listed else None)
    findings: list[ShadowFinding] = []
    yield from _find_unrecorded(check, listed, findings)
    attempts = yield from _find_missing(check, findings)
    return ShadowReport(
        since=since,
        until=now,
        charges=len(listed),
        attempts=attempts,
        is_listed=is_listed,
        findings=tuple(findings),
    )


@attrs.frozen
class _Check:
    """What the books are compared with; ``known`` are keys and references, ``None`` if none are listed."""

    capabilities: Capabilities
    since: datetime
    now: datetime
    gateway_id: str | None
    known: frozenset[str | None] | None

    @property
    def lag(self) -> timedelta:
        """How long a charge that was answered may stay invisible."""
        return self.capabilities.look_up_lag + self.capabilities.send_timeout

    def concerns(self, attempt: ChargeAttempt) -> bool:
        """Whether an attempt belongs to the time and the gateway."""
        return attempt.first_sent_at >= self.since and self.gateway_id in {None, attempt.gateway_id}

    def is_known(self, attempt: ChargeAttempt) -> Flow[bool]:
        """Whether the processor captured what the books call paid; taken to be so if it can't be asked."""
        if attempt.state is not AttemptState.SUCCEEDED:
            return False
        if self.known is not None:
            return bool({attempt.request.idempotency_key, attempt.request.reference} & self.known)
        if not self.capabilities.can_look_up:
            return True
        found = yield LookUp(self.gateway_id or _ANY_GATEWAY, attempt.request)
        return not isinstance(found, ChargeNotFound) and found.result.outcome in _PERHAPS_CAPTURED


def _listed(gateway_id: str, since: datetime) -> Flow[tuple[ListedCharge, ...]]:
    found: list[ListedCharge] = []
    after: str | None = None
    while True:
        page: ChargePage = yield ListCharges(gateway_id, since, after)
        found.extend(page.items)
        after = page.next
        if after is None:
            return tuple(found)


def _find_unrecorded(check: _Check, listed: tuple[ListedCharge, ...], findings: list[ShadowFinding]) -> _Walk:
    """From the processor to the books."""
    by_reference: Mapping[str | None, list[ListedCharge]] = defaultdict(list)
    for charge in listed:
        by_reference[charge.reference].append(charge)
    for reference, charges in by_reference.items():
        attempts: tuple[ChargeAttempt, ...] = ()
        if reference is not None:
            attempts = yield from _attempts_under(reference)
        findings.extend(compare_charges(charges, attempts))
        for charge in charges:
            findings.extend((yield from _wrong_refunds(check, charge, taker_of(charge, attempts))))


def _wrong_refunds(
    check: _Check, charge: ListedCharge, attempt: ChargeAttempt | None
) -> Flow[tuple[ShadowFinding, ...]]:
    """Whether the same money went back by both ledgers; nothing is read where neither knows of any."""
    if attempt is None or charge.refunded is None:
        return ()
    if charge.refunded.is_zero and not attempt.refund_count:
        return ()
    of_charge = RefundFilter(attempt_id=attempt.id)
    refunds: tuple[Refund, ...] = yield from all_pages(lambda after: ListRefunds(of_charge, after))
    finding = compare_refunds(charge, attempt, refunds, check.now, check.lag)
    return (finding,) if finding is not None else ()


def _attempts_under(reference: str) -> Flow[tuple[ChargeAttempt, ...]]:
    return all_pages(lambda after: ListAttempts(AttemptFilter(reference=reference), after))


def _find_missing(check: _Check, findings: list[ShadowFinding]) -> Flow[int]:
    """From the books to the processor; how many attempts were compared."""
    compared = 0
    after: str | None = None
    while True:
        page: Page[ChargeAttempt] = yield ListAttempts(AttemptFilter(), after)
        for attempt in filter(check.concerns, page.items):
            compared += 1
            is_known = yield from check.is_known(attempt)
            kind = compare_success(attempt, check.now, check.lag, is_known=is_known)
            if kind is not None:
                findings.append(finding_about(attempt, kind))
        after = page.next
        if after is None:
            return compared


def _line(finding: ShadowFinding) -> str:
    at = finding.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if finding.at is not None else "-"
    cells = (
        finding.kind.value,
        at,
        finding.reference,
        finding.gateway_ref,
        finding.attempt_id,
        f"captured {finding.captured}" if finding.captured is not None else None,
        f"recorded {finding.recorded}" if finding.recorded is not None else None,
    )
    return "  ".join(cell if cell is not None else "-" for cell in cells)
