"""
All small cases of one license, two workers and one charge.

A case is what the issuer says, what becomes of the first send, and one more
thing that goes wrong anywhere later: where a process dies, its commit goes
wrong, a look-up fails, another send is lost. The places for that are not
counted beforehand: each pair of answer and fate is played without it once,
and every place that the play comes by is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, product

import attrs

from billing_core.gateways.capabilities import GatewayGrade
from billing_core.testing.simulator.config import Customer, GatewayTerms, Sale, SimulationConfig
from billing_core.testing.simulator.failure import Failure
from billing_core.testing.simulator.faults import FAULTS, Fault, GivenFaults
from billing_core.testing.simulator.simulation import Simulation

__all__ = ["SmallCase", "play_small_cases"]

_LICENSE = "A0.0"
#: Half of the most: a process is down for an hour, a request travels for half of its life.
_SIZE = 500_000
#: Where one more thing may go wrong.
_STREAMS = ("read", "commit", "call", "send", "look_up", "cardholder", "pending")
#: A read changes nothing and takes no time: to die at it is to die before the commit or call that follows.
_LIKE_OTHERS = frozenset({"crash_at_read"})

_Point = tuple[str, int]


@attrs.frozen
class SmallCase:
    """
    One case that was played.

    Attributes:
        faults: what happened.
        failure: what went wrong by it, if anything.
    """

    faults: tuple[Fault, ...]
    failure: Failure | None


class _PointsPassed(GivenFaults):
    """Given faults, and a list of the license's points at which something might have happened."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults)
        self.points: list[_Point] = []

    def _find(self, stream: str, entity: str, step: int) -> Fault | None:
        if entity == _LICENSE:
            self.points.append((stream, step))
        return super()._find(stream, entity, step)


def play_small_cases(grade: GatewayGrade, *, first: int = 0, every: int = 1) -> Iterator[SmallCase]:
    """
    Play all cases at a gateway of a grade.

    Args:
        grade: the gateway's.
        first, every: play only every n-th pair of answer and fate, from a first
            one on, and with each of them only every n-th further fault.
    """
    kinds = _kinds(grade)
    for beginning in islice(_beginnings(kinds), first % every, None, every):
        case, points = _play(grade, beginning)
        yield case
        further = (
            Fault(stream, _LICENSE, step, kind, _SIZE)
            for stream, step in points
            if stream in _STREAMS and (stream, step) != ("send", 1)
            for kind in kinds[stream]
        )
        for fault in islice(further, first % every, None, every):
            yield _play(grade, (*beginning, fault))[0]


def _kinds(grade: GatewayGrade) -> dict[str, tuple[str, ...]]:
    """What may happen at the points of each stream."""
    skipped = _LIKE_OTHERS
    if grade is GatewayGrade.NONE:
        # Without keys every repeat by the network is a second charge; nothing helps against that.
        skipped |= {"delivered_twice"}
    return {stream: tuple(it for it in kinds if it not in skipped) for stream, kinds in FAULTS.items()}


def _beginnings(kinds: dict[str, tuple[str, ...]]) -> Iterator[tuple[Fault, ...]]:
    """Each answer of the issuer with each fate of the first send."""
    said = (None, *(Fault("issuer", _LICENSE, 1, kind) for kind in kinds["issuer"]))
    fates = (None, *(Fault("send", _LICENSE, 1, kind, _SIZE) for kind in kinds["send"]))
    for pair in product(said, fates):
        yield tuple(fault for fault in pair if fault is not None)


def _play(grade: GatewayGrade, faults: tuple[Fault, ...]) -> tuple[SmallCase, list[_Point]]:
    # After twelve days it is calm; in the calm the license is due once more.
    config = SimulationConfig(
        start=datetime(2025, 1, 31, 9, tzinfo=UTC),
        days=12,
        customers=(Customer(name="A0", sales=(Sale(count=2, starts_after_days=1),)),),
        clock_offsets_s=(0, 0),
        gateway=GatewayTerms(grade=grade.value),
        sends_notices=False,
    )
    given = _PointsPassed(faults)
    violations = Simulation(config, given).run().violations
    failure = Failure.of(violations[0], config, faults) if violations else None
    return SmallCase(faults, failure), given.points
