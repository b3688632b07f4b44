"""The preview is what then happens: `simulate` against real nightly runs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core.accounts.permissions import Actor
from billing_core.charging.steps import StepKind
from billing_core.events import EventType
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy, CatchUp, TrialEnd
from billing_core.service.billing import Billing
from billing_core.service.simulate import simulate
from billing_core.stores.memory import MemoryStore
from billing_core.testing import ManualClock, ScriptedGateway
from billing_core.values.money import Money
from billing_core.values.schedule import Interval
from billing_core.values.zones import start_of

DAYS = 100
ADA = Actor.member("ada")
ZONES = ("UTC", "Europe/Paris", "Africa/Cairo", "America/Santiago", "Asia/Beirut", "Pacific/Kiritimati")
STARTS = (date(2025, 1, 31), date(2024, 2, 29), date(2025, 3, 29), date(2025, 9, 6), date(2025, 12, 1))

#: Which event tells of which step.
KIND_OF_EVENT = {
    EventType.INVOICE_ISSUED: StepKind.ISSUE_INVOICE,
    EventType.CHARGE_STARTED: StepKind.CHARGE,
    EventType.NOTICE_RENEWAL_COMING: StepKind.NOTIFY,
    EventType.NOTICE_CARD_MISSING: StepKind.NOTIFY,
    EventType.LICENSE_EXPIRED: StepKind.EXPIRE,
    EventType.LICENSE_CANCELED: StepKind.CANCEL,
    EventType.TERM_STARTED: StepKind.START_TERM,
    EventType.PERIODS_LAPSED: StepKind.SKIP_PERIODS,
}

plans = st.builds(
    Plan,
    id=st.just("team"),
    interval=st.sampled_from([Interval.monthly(), Interval.yearly(), Interval.monthly(2)]),
    unit_price=st.sampled_from(["0.00", "0.20", "19.99"]).map(lambda price: Money.of(price, "EUR")),
    trial_days=st.sampled_from([0, 14]),
)
policies = st.builds(
    BillingPolicy,
    grace_days=st.sampled_from([0, 7]),
    renewal_notice_days=st.sampled_from([0, 7]),
    catch_up=st.sampled_from(CatchUp),
    trial_end=st.sampled_from(TrialEnd),
)
wishes = st.sampled_from(["nothing", "seats", "zone", "cancel"])


def vendor(start: datetime, policy: BillingPolicy) -> tuple[Billing, ManualClock, ScriptedGateway]:
    clock = ManualClock(start)
    small = Capabilities(
        grade=GatewayGrade.KEYED_WITH_LOOKUP, operations=frozenset(Operation), minimum_amounts={"EUR": 50}
    )
    gateway = ScriptedGateway(small)
    return Billing(MemoryStore(clock=clock), {"main": gateway}, policy, "test", threads=1), clock, gateway


def midnights(start_on: date, zones: set[str]) -> list[datetime]:
    """When nightly jobs run in these zones."""
    days = [start_on + timedelta(days=days) for days in range(1, DAYS)]
    return sorted(start_of(day, zone) for day in days for zone in zones)


def happened(billing: Billing, after: int) -> list[tuple[datetime, StepKind]]:
    """The steps that events tell of."""
    events = billing.events(after, 1000)
    return [(event.at, KIND_OF_EVENT[event.type]) for event in events if event.type in KIND_OF_EVENT]


@settings(max_examples=8)
@given(
    plan=plans,
    policy=policies,
    zone=st.sampled_from(ZONES),
    start_on=st.sampled_from(STARTS),
    anchor_day=st.sampled_from([None, None, 1, 31]),
    has_card=st.sampled_from([True, True, True, False]),
    wish=wishes,
)
def test_preview_is_what_happens(  # noqa: PLR0917 - Hypothesis fills them by name
    plan: Plan,
    policy: BillingPolicy,
    zone: str,
    start_on: date,
    anchor_day: int | None,
    has_card: bool,
    wish: str,
) -> None:
    """Night by night, over three months: the same steps at the same instants over the same amounts."""
    billing, clock, gateway = vendor(start_of(start_on, zone) + timedelta(hours=9), policy)
    account = billing.open_account("Ada Ltd", currency="EUR", time_zone=zone, actor=ADA)
    if has_card:
        setup = billing.begin_card_setup(account.id, return_url="https://host.example/ok", actor=ADA)
        gateway.customer_enters_card(setup.id)
        billing.complete_card_setup(account.id, setup.id, actor=ADA)
    license = billing.choose_plan(account.id, plan, quantity=2, anchor_day=anchor_day, actor=ADA)
    billing.run_due()
    wished(billing, account.id, license.id, wish)
    seen = len(billing.events(0, 1000))
    captured = len(gateway.captures)

    dossier = billing.dossier(license.id)
    until = start_of(start_on + timedelta(days=DAYS), zone)
    preview = list(simulate(dossier, until, clock.now(), policy))

    billing.run_due()
    for midnight in midnights(start_on, {zone, "Asia/Tokyo"} if wish == "zone" else {zone}):
        clock.set(max(clock.now(), midnight))
        billing.run_due()

    told = [(step.at, step.kind) for step in preview if step.kind in KIND_OF_EVENT.values()]
    assert told == happened(billing, seen)
    charged = [step.amount for step in preview if step.kind is StepKind.CHARGE]
    assert charged == [capture.amount for capture in gateway.captures[captured:]]


def wished(billing: Billing, account_id: str, license_id: str, wish: str) -> None:
    """What the owner asks for before the preview is made."""
    changes: dict[str, Any] = {
        "nothing": lambda: None,
        "seats": lambda: billing.change_plan(license_id, quantity=5, actor=ADA),
        "zone": lambda: billing.change_time_zone(account_id, "Asia/Tokyo", actor=ADA),
        "cancel": lambda: billing.cancel(license_id, at_period_end=True, actor=ADA),
    }
    if wish != "seats" or billing.dossier(license_id).open_invoice is None:
        changes[wish]()
