"""
Dossiers in every situation, and a driver without store or network that plays a processor.

The builders take what a test is about and default the rest: one account in
Paris with one valid card on the gateway ``main``, one seat of a monthly plan
for 20.00 EUR that starts on 31 January 2025.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import CardExpiry, CardToken, SavedCard
from billing_core.advice import Advice
from billing_core.charging.apply import Draft, Making, apply_step
from billing_core.charging.attempt import AttemptEvent, AttemptState, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.next_step import next_step
from billing_core.charging.settle import settle
from billing_core.charging.steps import ChargeInvoice, ResolveAction, ResolveCharge, Step, Wait
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.gateways.results import ActionRequired, ChargeNotFound, ChargeRequest, ChargeResult
from billing_core.licenses.coverage import CoverageKind, CoverageRow
from billing_core.licenses.license import License
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.values.money import Money
from billing_core.values.zones import start_of

__all__ = [
    "CAPABILITIES",
    "JAN_31",
    "PARIS",
    "PRICE",
    "Answer",
    "account_with",
    "an_attempt",
    "answering",
    "approve",
    "asks",
    "at",
    "capabilities_of",
    "card_named",
    "carry_out",
    "covered",
    "dossier_of",
    "driven",
    "kinds",
    "license_of",
    "monthly",
    "paris",
    "reasons",
    "sent",
    "yearly",
]

PARIS = "Europe/Paris"
PRICE = Money.of("20.00", "EUR")
JAN_31 = date(2025, 1, 31)

#: What the gateway ``main`` declares unless a test says otherwise: everything.
CAPABILITIES = Capabilities(operations=frozenset(Operation))

Answer = ChargeResult | ChargeNotFound
#: What the processor says to a request, and to which question.
Processor = Callable[[ChargeRequest, Step], Answer]


def at(text: str) -> datetime:
    """An instant in UTC: ``at("2025-01-31 09:00")``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def paris(day: str | date, days: int = 0, **later: float) -> datetime:
    """The first instant of a day in Paris, and some time later."""
    first = day if isinstance(day, date) else date.fromisoformat(day)
    return start_of(first + timedelta(days=days), PARIS) + timedelta(**later)


def capabilities_of(grade: GatewayGrade = GatewayGrade.KEYED_WITH_LOOKUP, **changes: Any) -> Capabilities:
    """A gateway of this grade that offers everything else."""
    return attrs.evolve(CAPABILITIES, grade=grade, **changes)


def card_named(id: str = "card_1", **changes: Any) -> SavedCard:
    """A Visa on the gateway ``main``, valid for decades."""
    card = SavedCard(
        id=id,
        gateway_id="main",
        token=CardToken(f"tok_{id}"),
        brand="visa",
        last4="4242",
        expires=CardExpiry(2199, 12),
        added_at=at("2025-01-01 00:00"),
        fingerprint=f"fp_{id}",
    )
    return attrs.evolve(card, **changes)


def account_with(*cards: SavedCard, zone: str = PARIS, **changes: Any) -> Account:
    """An account whose last card is the default one; without a card if none is given."""
    account = Account.open(
        "acc_1", "Ada Ltd", currency="EUR", time_zone=zone, owner="ada", opened_at=at("2025-01-01 00:00")
    )
    for card in cards:
        account = account.with_card(card)
    return attrs.evolve(account, **changes)


def monthly(price: Money = PRICE, **changes: Any) -> Plan:
    """A plan by the month, per seat."""
    return Plan.monthly("team", price_per_seat=price, **changes)


def yearly(price: Money = PRICE, **changes: Any) -> Plan:
    """A plan by the year, per seat."""
    return Plan.yearly("team_year", price_per_seat=price, **changes)


def license_of(
    plan: Plan | None = None, start_on: date = JAN_31, *, zone: str = PARIS, quantity: int = 1, **changes: Any
) -> License:
    """A license as it is just after its start."""
    anchor_day = changes.pop("anchor_day", None)
    license = License.start(
        "lic_1",
        "acc_1",
        plan if plan is not None else monthly(),
        quantity=quantity,
        start_on=start_on,
        time_zone=zone,
        started_at=start_of(start_on, zone),
        anchor_day=anchor_day,
    )
    return attrs.evolve(license, **changes)


def covered(license: License, periods: int = 1, why: CoverageKind = CoverageKind.CHARGE) -> License:
    """The license with its next periods paid for."""
    for _ in range(periods):
        period = license.next_period
        row = CoverageRow(
            start=period.start, end=period.end, why=why, term=license.term.number, index=license.next_index
        )
        license = license.with_row(row)
    return license


def dossier_of(
    license: License | None = None,
    account: Account | None = None,
    capabilities: Capabilities = CAPABILITIES,
    **changes: Any,
) -> Dossier:
    """What is known about the license: its account has one good card unless another one is given."""
    owner = account if account is not None else account_with(card_named())
    dossier = Dossier.of(
        owner, license if license is not None else license_of(), gateways={"main": capabilities}
    )
    return attrs.evolve(dossier, **changes)


_DUE_AT = paris(JAN_31)


def an_attempt(
    state: AttemptState = AttemptState.OPEN, *, sent_at: datetime = _DUE_AT, **changes: Any
) -> ChargeAttempt:
    """A first attempt over 20.00 EUR in this state, sent once; final states were reached an hour later."""
    attempt = ChargeAttempt(
        id="att_1",
        invoice_id="inv_1",
        license_id="lic_1",
        account_id="acc_1",
        number=1,
        gateway_id="main",
        card_id="card_1",
        fingerprint="fp_card_1",
        brand="visa",
        request=ChargeRequest(
            amount=PRICE, reference="ref_1", idempotency_key="key_1", card=CardToken("tok_card_1")
        ),
        first_sent_at=sent_at,
        last_sent_at=sent_at,
    )
    if state is not AttemptState.OPEN:
        attempt = attempt.after(_EVENT_TO[state], sent_at + timedelta(hours=1), _RESULT_OF.get(state))
    return attrs.evolve(attempt, **changes)


_EVENT_TO: Mapping[AttemptState, AttemptEvent] = {
    AttemptState.SUCCEEDED: AttemptEvent.SUCCEEDED,
    AttemptState.DECLINED: AttemptEvent.DECLINED,
    AttemptState.REQUIRES_ACTION: AttemptEvent.ACTION_REQUIRED,
    AttemptState.PENDING: AttemptEvent.PENDING,
    AttemptState.UNKNOWN: AttemptEvent.UNKNOWN,
    AttemptState.HELD: AttemptEvent.GAVE_UP,
    AttemptState.VOID: AttemptEvent.NEVER_HAPPENED,
}

_RESULT_OF: Mapping[AttemptState, ChargeResult] = {
    AttemptState.SUCCEEDED: ChargeResult.succeeded(PRICE, gateway_ref="ch_1"),
    AttemptState.DECLINED: ChargeResult.declined(Advice.RETRY_LATER),
    AttemptState.REQUIRES_ACTION: ChargeResult.requires_action(ActionRequired(url="https://bank.example/")),
    AttemptState.PENDING: ChargeResult.pending(gateway_ref="ch_1"),
    AttemptState.UNKNOWN: ChargeResult.unknown("timeout"),
}


# -- a processor, and a driver without a store --------------------------------------


def approve(request: ChargeRequest, step: Step) -> Answer:
    """A processor that says yes to everything."""
    return ChargeResult.succeeded(request.amount, gateway_ref="ch_1")


def answering(*answers: Answer) -> Processor:
    """A processor that gives these answers, one a question, and then approves."""
    left = list(answers)
    return lambda request, step: left.pop(0) if left else approve(request, step)


def asks(step: Step) -> bool:
    """Whether carrying out the step calls the processor."""
    return isinstance(step, ChargeInvoice) or (
        isinstance(step, ResolveCharge)
        and step.action in {ResolveAction.RESEND, ResolveAction.LOOK_UP, ResolveAction.CANCEL}
    )


def carry_out(
    dossier: Dossier,
    step: Step,
    now: datetime,
    policy: BillingPolicy,
    processor: Processor = approve,
) -> tuple[Dossier, tuple[Draft, ...]]:
    """One step with the processor's answer to it, if it asks for one."""
    making = Making(namespace="test", policy=policy)
    drafts: tuple[Draft, ...] = ()
    is_look_up = isinstance(step, ResolveCharge) and step.action is not ResolveAction.RESEND
    if not (isinstance(step, ResolveCharge) and step.action is ResolveAction.LOOK_UP):
        dossier, drafts = apply_step(step, dossier, now, making)
    if not asks(step):
        return dossier, drafts
    attempt = dossier.unresolved_attempt
    assert attempt is not None
    answer = processor(attempt.request, step)
    dossier, more = settle(dossier, attempt.id, answer, now, policy, is_look_up=is_look_up)
    return dossier, (*drafts, *more)


def driven(
    dossier: Dossier,
    now: datetime,
    policy: BillingPolicy | None = None,
    processor: Processor = approve,
    steps_max: int = 100,
) -> tuple[Dossier, list[Step]]:
    """All steps that are due now, with what they lead to; the last one is a `Wait`."""
    rules = policy if policy is not None else BillingPolicy()
    steps: list[Step] = []
    for _ in range(steps_max):
        step = next_step(dossier, now, rules)
        steps.append(step)
        if isinstance(step, Wait):
            return dossier, steps
        dossier, _ = carry_out(dossier, step, now, rules, processor)
    raise AssertionError(f"no end of steps: {[str(step.because) for step in steps[-5:]]}")


def sent(dossier: Dossier, now: datetime, policy: BillingPolicy | None = None) -> Dossier:
    """The dossier at the moment when its charge is under way: invoice and attempt are on file."""
    rules = policy if policy is not None else BillingPolicy()
    for _ in range(20):
        step = next_step(dossier, now, rules)
        assert not isinstance(step, Wait), step
        dossier, _ = apply_step(step, dossier, now, Making(namespace="test", policy=rules))
        if isinstance(step, ChargeInvoice):
            return dossier
    raise AssertionError("nothing is charged")


def kinds(steps: Iterable[Step]) -> list[str]:
    """The kinds of steps, as text."""
    return [step.kind.value for step in steps]


def reasons(steps: Iterable[Step]) -> list[str]:
    """Why each step was next."""
    return [step.because.rule for step in steps]
