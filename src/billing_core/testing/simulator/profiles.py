"""The profiles: what kind of world each seed is played in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import attrs

from billing_core.issues import Choice
from billing_core.policy import BillingPolicy, CancelUncertain, CatchUp, OpenInvoiceRule, TrialEnd
from billing_core.testing.simulator.chance import MILLION, Chance
from billing_core.testing.simulator.config import Customer, GatewayTerms, Sale, SimulationConfig
from billing_core.testing.simulator.faults import FAULTS

__all__ = ["Profile", "draw_config"]

_PERCENT = MILLION // 100


class Profile(Choice):
    """What kind of world."""

    #: Each seed has other faults, off or on, rare or frequent.
    SWARM = "swarm"
    #: Everything at the edge of what is promised: clocks, lags, lives of requests.
    BOUNDARY = "boundary"
    #: The store is restored from a backup that is up to twenty days old.
    RESTORE = "restore"
    #: Only crashes, and many.
    CRASH_ONLY = "crash_only"
    #: The world breaks its promises. What goes wrong then must be loud.
    ASSUMPTION_BREAKING = "assumption_breaking"
    #: Hardly any faults: how fast is it?
    PERFORMANCE = "performance"


#: The most that each fault is ever likely, per point, in millionths.
_RATES: Mapping[str, int] = MappingProxyType(
    {
        "crash_at_read": 6_000,
        "slow_read": 10_000,
        "crash_before_commit": 3 * _PERCENT,
        "crash_after_commit": 3 * _PERCENT,
        "commit_lost": 3 * _PERCENT,
        "commit_unseen": 3 * _PERCENT,
        "slow_commit": 5 * _PERCENT,
        "pause_after_commit": 2 * _PERCENT,
        "crash_before_call": 3 * _PERCENT,
        "crash_in_flight": 5 * _PERCENT,
        "slow_call": 3 * _PERCENT,
        "power_cut": 0,
        "request_lost": 12 * _PERCENT,
        "reply_lost": 12 * _PERCENT,
        "reply_late": 12 * _PERCENT,
        "zombie": 12 * _PERCENT,
        "delivered_twice": 8 * _PERCENT,
        "throttled": 8 * _PERCENT,
        "refused": 8 * _PERCENT,
        "error_without_effect": 8 * _PERCENT,
        "error_with_effect": 8 * _PERCENT,
        "garbage": 3 * _PERCENT,
        "wrong_credentials": 1 * _PERCENT,
        "look_up_fails": 20 * _PERCENT,
        "look_up_throttled": 15 * _PERCENT,
        "look_up_late": 15 * _PERCENT,
        "look_up_garbage": 5 * _PERCENT,
        "decline_retry_later": 15 * _PERCENT,
        "decline_not_before": 3 * _PERCENT,
        "decline_new_card": 4 * _PERCENT,
        "decline_authenticate": 3 * _PERCENT,
        "decline_stop_recurring": 2 * _PERCENT,
        "decline_never": 3 * _PERCENT,
        "decline_fix_config": 2 * _PERCENT,
        "requires_action": 6 * _PERCENT,
        "pending": 6 * _PERCENT,
        "captures_less": 2 * _PERCENT,
        "confirms_never": 30 * _PERCENT,
        "confirms_late": 30 * _PERCENT,
        "pending_declined": 30 * _PERCENT,
        "pending_long": 30 * _PERCENT,
        "notice_lost": 30 * _PERCENT,
        "notice_late": 30 * _PERCENT,
        "notice_twice": 20 * _PERCENT,
        "notice_early": 15 * _PERCENT,
        "notice_years_late": 5 * _PERCENT,
        "new_card": 15 * _PERCENT,
        "same_card_again": 5 * _PERCENT,
        "card_removed": 6 * _PERCENT,
        "plan_changed": 15 * _PERCENT,
        "canceled_now": 5 * _PERCENT,
        "canceled_at_period_end": 5 * _PERCENT,
        "zone_changed": 5 * _PERCENT,
        "license_added": 8 * _PERCENT,
        "runs_at_once": 20 * _PERCENT,
        "extension_granted": 15 * _PERCENT,
        "paid_elsewhere": 10 * _PERCENT,
        "refunded": 4 * _PERCENT,
        "refunded_partly": 4 * _PERCENT,
        "owner_waits": 40 * _PERCENT,
        "person_waits": 40 * _PERCENT,
        "host_down": 6_000,
        "gateway_outage": 2 * _PERCENT,
        "clock_jump": 5 * _PERCENT,
        "worker_down": 4 * _PERCENT,
        "restored": 0,
    }
)
_CRASHES = tuple(kind for kind in _RATES if kind.startswith("crash_"))
#: At a gateway without keys every repeat by the network is a second charge; nothing helps against that.
_NEEDS_KEYS = ("delivered_twice",)
#: Where times are counted on, they matter most with keys alone.
_EDGY_GRADES = ("keyed_with_lookup", "keyed_with_lookup", "keyed", "keyed", "fenced")
_ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "UTC",
)
_CURRENCIES = ("EUR", "USD", "JPY", "KWD")
_UNITS = ("month", "month", "month", "week", "week", "day", "year")
#: Days near which clocks change, months end, and leap days fall.
_STARTS = (
    datetime(2024, 1, 31, 22, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 9, tzinfo=UTC),
    datetime(2025, 3, 29, 23, tzinfo=UTC),
    datetime(2025, 10, 25, 12, tzinfo=UTC),
    datetime(2026, 12, 31, 11, tzinfo=UTC),
    datetime(2027, 11, 6, 18, tzinfo=UTC),
    datetime(2032, 2, 28, 4, tzinfo=UTC),
    datetime(2049, 8, 30, 15, tzinfo=UTC),
)


def draw_config(seed: int, profile: Profile) -> SimulationConfig:
    """The world of one seed."""
    return _DRAWS[profile](Chance(seed), profile)


def _swarm(chance: Chance, profile: Profile) -> SimulationConfig:
    number = chance.number
    terms = _terms(chance)
    skew_s = chance.choice("skew", (0, 0, 300, 7200))
    offsets = tuple(number(f"offset{n}", -skew_s, skew_s) for n in range(number("workers", 1, 3)))
    return SimulationConfig(
        profile=profile.value,
        start=chance.choice("start", _STARTS) + timedelta(hours=number("start", 0, 24 * 40)),
        days=number("days", 150, 500),
        customers=_customers(chance, 4),
        clock_offsets_s=offsets,
        offset_max_s=skew_s,
        gateway=terms,
        policy=_policy(chance),
        rates=_rates(chance, terms),
        sends_notices=chance.happens("notices", 60 * _PERCENT),
        unknown_percent_max=chance.choice("breaker", (100, 100, 100, 50, 2)),
    )


def _boundary(chance: Chance, profile: Profile) -> SimulationConfig:
    """Everything as bad as it may be: the margins are made for this."""
    swarm = attrs.evolve(
        _swarm(chance, profile), customers=_customers(chance, 1), days=chance.number("days", 60, 200)
    )
    skew_s = 7200
    terms = attrs.evolve(
        swarm.gateway,
        grade=chance.choice("grade", _EDGY_GRADES),
        lag_s=3600,
        true_lag_s=chance.choice("lag", (3600 - 180, 60)),
    )
    rates = {
        **swarm.rates,
        "zombie": 30 * _PERCENT,
        "request_lost": 10 * _PERCENT,
        "reply_lost": 20 * _PERCENT,
        "pause_after_commit": 3 * _PERCENT,
        "power_cut": 5 * _PERCENT,
        "look_up_fails": 50 * _PERCENT,
        "look_up_throttled": 10 * _PERCENT,
        "gateway_outage": 10 * _PERCENT,
        "clock_jump": 20 * _PERCENT,
        "notice_lost": 90 * _PERCENT,
        "notice_late": 5 * _PERCENT,
        "notice_twice": 0,
        "notice_early": 0,
        "notice_years_late": 0,
        "host_down": 2 * _PERCENT,
    }
    third = chance.number("third", -skew_s, skew_s)
    # Of workers that start again together the first one in the row is the first to look.
    offsets = chance.choice("first clock", ((skew_s, -skew_s, third), (-skew_s, skew_s, third)))
    return attrs.evolve(
        swarm,
        clock_offsets_s=offsets,
        offset_max_s=skew_s,
        gateway=terms,
        rates=rates,
    )


def _restore(chance: Chance, profile: Profile) -> SimulationConfig:
    swarm = attrs.evolve(
        _swarm(chance, profile), customers=_customers(chance, 1), days=chance.number("days", 60, 200)
    )
    calm = {kind: rate // 4 for kind, rate in swarm.rates.items()}
    people = dict.fromkeys((*FAULTS["owner"], *FAULTS["support"]), 0)
    grade = chance.choice("grade", ("keyed_with_lookup", "fenced"))
    return attrs.evolve(
        swarm,
        gateway=attrs.evolve(swarm.gateway, grade=grade),
        rates={
            **calm,
            **people,
            "plan_changed": 30 * _PERCENT,
            "restored": 15 * _PERCENT,
            "captures_less": 0,
        },
        offset_max_s=0,
        clock_offsets_s=(0, 0),
    )


def _crash_only(chance: Chance, profile: Profile) -> SimulationConfig:
    swarm = _swarm(chance, profile)
    rates = {kind: 5 * _RATES[kind] for kind in _CRASHES}
    return attrs.evolve(swarm, rates=rates, offset_max_s=0, clock_offsets_s=(0, 0, 0))


def _assumption_breaking(chance: Chance, profile: Profile) -> SimulationConfig:
    boundary = _boundary(chance, profile)
    hour = 3600
    terms = attrs.evolve(
        boundary.gateway,
        true_retention_s=chance.choice("true retention", (hour, 6 * hour, 24 * hour)),
        true_life_s=chance.choice("true life", (hour, 12 * hour, 48 * hour)),
        true_lag_s=chance.choice("true lag", (60, 12 * hour)),
        pause_s=chance.choice("pause", (1800, 26 * hour)),
    )
    return attrs.evolve(boundary, gateway=terms, is_strict=False, sends_notices=True)


def _performance(chance: Chance, profile: Profile) -> SimulationConfig:
    return SimulationConfig(
        profile=profile.value,
        start=_STARTS[0],
        days=700,
        customers=_customers(chance, 8),
        clock_offsets_s=(0,),
        sends_notices=False,
    )


_DRAWS: Mapping[Profile, Callable[[Chance, Profile], SimulationConfig]] = MappingProxyType(
    {
        Profile.SWARM: _swarm,
        Profile.BOUNDARY: _boundary,
        Profile.RESTORE: _restore,
        Profile.CRASH_ONLY: _crash_only,
        Profile.ASSUMPTION_BREAKING: _assumption_breaking,
        Profile.PERFORMANCE: _performance,
    }
)


def _customers(chance: Chance, most: int) -> tuple[Customer, ...]:
    customers = []
    for place in range(chance.number("customers", 1, most)):
        name = f"A{place}"
        sales = tuple(_sale(chance, f"{name}.{sale}") for sale in range(chance.number(f"{name} sales", 1, 3)))
        customers.append(
            Customer(
                name=name,
                time_zone=chance.choice(f"{name} zone", _ZONES),
                currency=chance.choice(f"{name} currency", _CURRENCIES),
                sales=sales,
                card_months=chance.choice(f"{name} card", (3, 8, 60, 60)),
            )
        )
    return tuple(customers)


def _sale(chance: Chance, name: str) -> Sale:
    unit = chance.choice(f"{name} unit", _UNITS)
    return Sale(
        unit=unit,
        count=chance.choice(f"{name} count", (1, 1, 1, 2, 3)) if unit != "day" else 5,
        price_minor=chance.number(f"{name} price", 1, 9_999),
        quantity=chance.number(f"{name} quantity", 1, 4),
        trial_days=chance.choice(f"{name} trial", (0, 0, 0, 7, 30)),
        anchor_day=chance.choice(f"{name} anchor", (None, None, 1, 31)) if unit == "month" else None,
        starts_after_days=chance.number(f"{name} start", 0, 20),
    )


def _terms(chance: Chance) -> GatewayTerms:
    grades = ("keyed_with_lookup",) * 5 + ("fenced",) * 3 + ("keyed", "none")
    return GatewayTerms(
        grade=chance.choice("grade", grades),
        lag_s=chance.choice("declared lag", (60, 60, 3600)),
        true_lag_s=chance.choice("true lag", (0, 30)),
        stores_errors=chance.happens("stores errors", 50 * _PERCENT),
        intent=chance.happens("intent", 50 * _PERCENT),
        refunds=chance.happens("refunds", 70 * _PERCENT),
    )


def _policy(chance: Chance) -> BillingPolicy:
    return BillingPolicy(
        grace_days=chance.choice("grace", (0, 3, 7, 14)),
        retry_days=chance.choice("retries", ((1, 3, 5), (1,), (), (2, 4, 8, 16))),
        catch_up=chance.choice("catch up", tuple(CatchUp)),
        renewal_notice_days=chance.choice("notice", (0, 7)),
        trial_end=chance.choice("trial end", tuple(TrialEnd)),
        open_invoice=chance.choice("open invoice", tuple(OpenInvoiceRule)),
        cancel_uncertain=chance.choice("cancel", tuple(CancelUncertain)),
    )


def _rates(chance: Chance, terms: GatewayTerms) -> dict[str, int]:
    """Swarm testing: each kind of fault is off in a third of all seeds, and at any rate in the others."""
    rates = {
        kind: chance.number(f"rate {kind}", 0, most)
        for kind, most in _RATES.items()
        if not chance.happens(f"off {kind}", 30 * _PERCENT)
    }
    if terms.grade == "none":
        for kind in _NEEDS_KEYS:
            rates.pop(kind, None)
    return rates


assert set(_RATES) == {kind for kinds in FAULTS.values() for kind in kinds}, "each fault has a rate"
