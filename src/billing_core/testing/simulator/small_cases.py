"""All small cases: one license, two workers, and every combination of what the issuer says, what becomes of
the first send, and where the process that made it dies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

from billing_core.gateways.capabilities import GatewayGrade
from billing_core.testing.simulator.config import Customer, GatewayTerms, Sale, SimulationConfig
from billing_core.testing.simulator.failure import Failure
from billing_core.testing.simulator.faults import FAULTS, Fault, GivenFaults
from billing_core.testing.simulator.simulation import Simulation

__all__ = ["play_small_cases", "small_cases"]

_LICENSE = "A0.0"
#: How many reads, commits and calls of the license are tried as the place of a crash.
_READS, _COMMITS, _CALLS = 6, 4, 2


def small_cases(grade: GatewayGrade) -> Iterator[tuple[Fault, ...]]:
    """Every combination for a gateway of a grade, as the faults that make it."""
    sends = [it for it in FAULTS["send"] if grade is not GatewayGrade.NONE or it != "delivered_twice"]
    said = (None, *(Fault("issuer", _LICENSE, 1, it) for it in FAULTS["issuer"]))
    fates = (None, *(Fault("send", _LICENSE, 1, it, 500_000) for it in sends))
    for chosen in product(said, fates, (None, *_ends())):
        yield tuple(fault for fault in chosen if fault is not None)


def _ends() -> Iterator[Fault]:
    """Every place at which a process may die, or its commit may go wrong."""
    for stream, count in (("read", _READS), ("commit", _COMMITS), ("call", _CALLS)):
        for kind, step in product(FAULTS[stream], range(1, count + 1)):
            yield Fault(stream, _LICENSE, step, kind, 500_000)


def play_small_cases(grade: GatewayGrade, *, first: int = 0, every: int = 1) -> Iterator[Failure | None]:
    """Play them, or every n-th of them from a first one on; a failure for each that goes wrong."""
    config = SimulationConfig(
        start=datetime(2025, 1, 31, 9, tzinfo=UTC),
        days=12,
        customers=(Customer(name="A0", sales=(Sale(starts_after_days=1),)),),
        clock_offsets_s=(0, 0),
        gateway=GatewayTerms(grade=grade.value),
        sends_notices=False,
    )
    for place, faults in enumerate(small_cases(grade)):
        if place % every == first % every:
            result = Simulation(config, GivenFaults(faults)).run()
            violation = next(iter(result.violations), None)
            yield Failure.of(violation, config, faults) if violation is not None else None
