"""Every kind of fault happens, at every grade of gateway, and nothing goes wrong."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from billing_core.testing.simulator import (
    FAULTS,
    Customer,
    Fault,
    GatewayTerms,
    GivenFaults,
    Sale,
    Simulation,
    SimulationResult,
)
from tests.simulator.small_worlds import small_config

#: Whose points the faults of a stream are given to.
ENTITIES = {
    **dict.fromkeys(("read", "commit", "call", "send", "look_up", "issuer"), "A0.0"),
    **dict.fromkeys(("cardholder", "pending", "notice"), "A0.0"),
    **dict.fromkeys(("owner", "support", "repair", "person"), "A0"),
    "host": "host",
}
WORLD = small_config(
    days=200,
    customers=(
        Customer(
            name="A0",
            sales=(Sale(unit="day", count=4, starts_after_days=1), Sale(quantity=3, trial_days=7)),
            card_months=4,
        ),
    ),
    clock_offsets_s=(0, 60),
    offset_max_s=60,
    sends_notices=True,
)


def played(grade: str, faults: Iterable[Fault], days: int = WORLD.days, **terms: object) -> SimulationResult:
    """The small world with a gateway of a grade, and these faults."""
    config = small_config(
        days=days,
        customers=WORLD.customers,
        clock_offsets_s=WORLD.clock_offsets_s,
        offset_max_s=WORLD.offset_max_s,
        sends_notices=True,
        gateway=GatewayTerms(grade=grade, **terms),  # type: ignore[arg-type]
    )
    return Simulation(config, GivenFaults(faults)).run()


def one_after_the_other(stream: str, every: int = 3, size: int = 300_001) -> list[Fault]:
    """Each kind of a stream, at every third point of it, say."""
    return [
        Fault(stream, ENTITIES[stream], 1 + every * place, kind, size + place)
        for place, kind in enumerate(FAULTS[stream])
    ]


def test_every_stream_has_an_entity() -> None:
    """No stream is left out below."""
    assert set(FAULTS) == set(ENTITIES)


@pytest.mark.parametrize("streams", [
    ("read", "commit", "call"),
    ("send", "look_up", "notice"),
    ("issuer", "cardholder", "pending", "repair", "person"),
    ("owner", "support"),
    ("host", "send"),
], ids="+".join)  # fmt: skip
def test_each_kind_of_fault_once(streams: tuple[str, ...]) -> None:
    """Whatever happens once, everything due is paid in the end."""
    faults = [
        fault
        for stream in streams
        for fault in one_after_the_other(stream, every=1 if stream in {"owner", "support"} else 3)
    ]
    result = played("keyed_with_lookup", faults, days=340 if "owner" in streams else WORLD.days)
    assert () == result.violations
    assert {fault.kind for fault in result.faults}
    assert result.renewals > 30


SENDS = (
    "request_lost",
    "reply_lost",
    "zombie",
    "error_with_effect",
    "throttled",
    "garbage",
    "delivered_twice",
)
TROUBLE = [
    *(Fault("send", "A0.0", 3 * place + 2, kind, 500_000) for place, kind in enumerate(SENDS)),
    Fault("issuer", "A0.0", 4, "decline_new_card"),
    Fault("issuer", "A0.0", 9, "requires_action"),
    Fault("issuer", "A0.0", 12, "pending"),
    Fault("issuer", "A0.0", 15, "captures_less"),
    Fault("look_up", "A0.0", 2, "look_up_throttled"),
    Fault("look_up", "A0.0", 5, "look_up_late"),
    Fault("support", "A0", 4, "refunded", 400_001),
    Fault("support", "A0", 6, "refunded_partly", 400_003),
    Fault("send", "refund of A0.0", 1, "error_without_effect"),
    Fault("send", "refund of A0.0", 2, "reply_lost"),
    Fault("send", "refund of A0.0", 3, "throttled"),
    Fault("look_up", "refund of A0.0", 1, "look_up_fails"),
    Fault("person", "A0", 1, "person_waits", 100_000),
    Fault("host", "host", 9, "gateway_outage", 2),
    Fault("host", "host", 20, "gateway_outage", 300_001),
]


@pytest.mark.parametrize(
    ("grade", "stores_errors"),
    [("keyed_with_lookup", True), ("keyed", False), ("none", True), ("fenced", False)],
)
def test_every_grade(grade: str, *, stores_errors: bool) -> None:
    """Lost answers, declines, refunds and outages, with whatever a gateway can do about them."""
    faults = [it for it in TROUBLE if grade != "none" or it.kind != "delivered_twice"]
    result = played(grade, faults, stores_errors=stores_errors, intent=not stores_errors)
    assert () == result.violations
    assert result.renewals > 30


@pytest.mark.parametrize("grade", ["keyed_with_lookup", "fenced"])
def test_restored_from_a_backup(grade: str) -> None:
    """Charges that the store has forgotten are found, and not made again."""
    faults = [
        Fault("host", "host", 6, "restored", 900_000),
        Fault("host", "host", 12, "restored", 2),
        Fault("send", "A0.0", 12, "reply_lost"),
        Fault("issuer", "A0.0", 8, "captures_less"),
        Fault("support", "A0", 3, "refunded", 1),
        Fault("host", "host", 14, "restored", 999_999),
    ]
    result = played(grade, faults)
    assert () == result.violations


def test_a_person_gives_back_by_hand() -> None:
    """Where the gateway can't give money back, whoever decides does it at the processor."""
    faults = [Fault("issuer", "A0.0", 4, "captures_less"), Fault("issuer", "A0.0", 8, "captures_less")]
    result = played("keyed_with_lookup", faults, refunds=False)
    assert () == result.violations
