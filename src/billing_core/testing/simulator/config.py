"""What a simulation plays with: customers, clocks, a gateway's terms, a policy, and the rates of faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Idempotency, Operation
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.records import decode, encode
from billing_core.values.interval import Interval, IntervalUnit
from billing_core.values.money import Money

__all__ = ["Customer", "GatewayTerms", "Sale", "SimulationConfig"]


@attrs.frozen(kw_only=True)
class Sale:
    """One license that a customer buys."""

    unit: str = "month"
    count: int = 1
    price_minor: int = 1999
    quantity: int = 1
    trial_days: int = 0
    anchor_day: int | None = None
    starts_after_days: int = 0

    def plan(self, currency: str, version: int = 1) -> Plan:
        """The plan that is sold; each version is a little dearer."""
        return Plan(
            id=f"plan_{self.unit}_{self.count}",
            version=version,
            name="Plan",
            interval=Interval(IntervalUnit(self.unit), self.count),
            unit_price=Money.of_minor(self.price_minor + version - 1, currency),
            trial_days=self.trial_days,
        )


@attrs.frozen(kw_only=True)
class Customer:
    """One account and what it buys."""

    name: str
    time_zone: str = "Europe/Paris"
    currency: str = "EUR"
    sales: tuple[Sale, ...] = (Sale(),)
    card_months: int = 60


@attrs.frozen(kw_only=True)
class GatewayTerms:
    """
    What a gateway declares, and what is true of it.

    Attributes:
        grade: a `GatewayGrade`.
        retention_s, life_s, lag_s: declared: how long keys are kept, requests
            may live, and charges may stay invisible, in seconds.
        true_retention_s, true_life_s, true_lag_s: how it really is.
        pause_s: the longest pause of a process between a commit and what follows.
        stores_errors: whether a 5xx is replayed under its key.
        intent: whether a repeat answers what has become of the charge.
        refunds: whether money can be given back through the gateway.
    """

    grade: str = GatewayGrade.KEYED_WITH_LOOKUP.value
    retention_s: int = 24 * 3600
    life_s: int = 3600
    lag_s: int = 60
    true_retention_s: int = 24 * 3600
    true_life_s: int = 3600
    true_lag_s: int = 60
    pause_s: int = 1800
    stores_errors: bool = False
    intent: bool = False
    refunds: bool = True

    def capabilities(self) -> Capabilities:
        """The declaration."""
        grade = GatewayGrade(self.grade)
        is_findable = grade in {GatewayGrade.KEYED_WITH_LOOKUP, GatewayGrade.FENCED}
        finds = {Operation.FIND_CHARGE, Operation.CANCEL_CHARGE, Operation.WEBHOOKS}
        refunds = {Operation.REFUND, *({Operation.FIND_REFUND} if is_findable else ())}
        return Capabilities(
            grade=grade,
            operations=frozenset(
                {
                    Operation.CARD_SETUP,
                    *(finds if is_findable else ()),
                    *(refunds if self.refunds else ()),
                }
            ),
            idempotency=_idempotency(grade, is_intent=self.intent),
            key_retention=timedelta(seconds=self.retention_s) if grade is not GatewayGrade.NONE else None,
            request_life=timedelta(seconds=self.life_s),
            look_up_lag=timedelta(seconds=self.lag_s),
        )


def _idempotency(grade: GatewayGrade, *, is_intent: bool) -> Idempotency:
    if grade is GatewayGrade.NONE:
        return Idempotency.NONE
    return Idempotency.NATIVE_INTENT if is_intent else Idempotency.NATIVE_REPLAY


@attrs.frozen(kw_only=True)
class SimulationConfig:
    """
    Everything about one simulation but its faults.

    Attributes:
        profile: the name of the profile it was drawn for.
        start: when it begins, in UTC.
        days: how long faults happen; a calm phase follows.
        customers: who buys what.
        clock_offsets_s: for each worker, how far its clock is off at first, in seconds.
        offset_max_s: the most by which any worker's clock is ever off.
        rates: fault kind -> its chance at each point, in millionths.
        sends_notices: whether the gateway tells of its charges by webhooks.
        is_strict: whether all declared assumptions are true, so that nothing
            may go wrong; otherwise what goes wrong must be loud.
        unknown_percent_max: how many unknown outcomes stop a process from sending.
    """

    profile: str = "swarm"
    start: datetime
    days: int = 365
    customers: tuple[Customer, ...] = ()
    clock_offsets_s: tuple[int, ...] = (0, 0)
    offset_max_s: int = 0
    gateway: GatewayTerms = GatewayTerms()
    policy: BillingPolicy = BillingPolicy()
    rates: Mapping[str, int] = attrs.field(factory=dict)
    sends_notices: bool = True
    is_strict: bool = True
    unknown_percent_max: int = 100

    def to_json(self) -> dict[str, Any]:
        """The config as JSON-able data; of the policy only what differs from the defaults."""
        usual = encode(BillingPolicy())
        chosen = {name: it for name, it in encode(self.policy).items() if it != usual[name]}
        return {**encode(self), "policy": chosen}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SimulationConfig:
        """
        Read what `to_json` wrote.

        Raises:
            InvalidInput: it is no config.
        """
        config: SimulationConfig = decode(cls, data)
        return config
