"""
From a failure to its smallest story.

Because a fault depends on nothing but its own point, any of them can be left
out. First the faults are thinned out by delta debugging (Zeller and
Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), then
customers, licenses, workers and months go, then the faults once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import attrs

from billing_core.testing.simulator.agenda import DAY
from billing_core.testing.simulator.config import Customer, SimulationConfig
from billing_core.testing.simulator.failure import Failure
from billing_core.testing.simulator.simulation import SimulationResult

__all__ = ["shrink"]

T = TypeVar("T")
Replay = Callable[[Failure], SimulationResult]


def shrink(failure: Failure, replay: Replay = Failure.replay, runs_max: int = 600) -> Failure:
    """
    The smallest failure of the same rule that was found.

    Args:
        failure: as it was found.
        replay: how to let it happen again, with a host's own parts perhaps.
        runs_max: give up looking after so many runs.
    """
    return _Shrinker(failure, replay, runs_max).smallest()


class _Shrinker:
    def __init__(self, failure: Failure, replay: Replay, runs_max: int) -> None:
        self._best = failure
        self._replay = replay
        self._runs_left = runs_max

    def smallest(self) -> Failure:
        size = None
        self._shorten()
        self._only_one_customer()
        while size != (size := _size(self._best)) and self._runs_left > 0:
            self._thin_out_faults()
            for smaller in (_fewer_customers, _fewer_sales, _fewer_workers, _plainer):
                self._try_all(smaller)
            self._shorten()
        return self._best

    def _fails(self, candidate: Failure) -> bool:
        """Whether the candidate fails in the same way; it is the best one then."""
        if self._runs_left <= 0:
            return False
        self._runs_left -= 1
        result = self._replay(candidate)
        found = next((v for v in result.violations if v.rule == self._best.rule), None)
        if found is None:
            return False
        # What was asked for and did not happen is no part of the story.
        happened = tuple(result.faults)
        self._best = attrs.evolve(candidate, faults=happened, record_id=found.record_id, detail=found.detail)
        return True

    def _only_one_customer(self) -> None:
        """Most failures are about one customer: try each of them alone, with the faults that are theirs."""
        config = self._best.config
        for customer in config.customers:
            alone = attrs.evolve(config, customers=(customer,))
            theirs = tuple(
                fault
                for fault in self._best.faults
                if fault.entity.partition(".")[0] in {customer.name, "host", "web"} or fault.entity[0] == "w"
            )
            if self._fails(attrs.evolve(self._best, config=alone, faults=theirs)):
                return

    def _thin_out_faults(self) -> None:
        if self._fails(attrs.evolve(self._best, faults=())):
            return
        chunk = max(1, len(self._best.faults) // 2)
        while True:
            if not self._drop_chunks(chunk) and chunk == 1:
                return
            chunk = max(1, min(chunk // 2, len(self._best.faults) // 2))

    def _drop_chunks(self, size: int) -> bool:
        dropped = False
        place = 0
        while place < len(self._best.faults) and self._runs_left > 0:
            faults = self._best.faults
            if self._fails(attrs.evolve(self._best, faults=(*faults[:place], *faults[place + size :]))):
                dropped = True
            else:
                place += size
        return dropped

    def _try_all(self, smaller: Callable[[SimulationConfig], Iterator[SimulationConfig]]) -> None:
        again = True
        while again:
            again = any(
                self._fails(attrs.evolve(self._best, config=config)) for config in smaller(self._best.config)
            )

    def _shorten(self) -> None:
        result = self._replay(self._best)
        config = self._best.config
        for days in (result.ended_ms // DAY + 1, config.days // 2, config.days * 3 // 4):
            if 0 < days < config.days:
                self._fails(attrs.evolve(self._best, config=attrs.evolve(config, days=days)))


def _size(failure: Failure) -> tuple[int, ...]:
    config = failure.config
    sales = sum(len(customer.sales) for customer in config.customers)
    return len(failure.faults), len(config.customers), sales, len(config.clock_offsets_s), config.days


def _without(items: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """All ways to leave one out, the last one first."""
    for place in reversed(range(len(items))):
        yield (*items[:place], *items[place + 1 :])


def _fewer_customers(config: SimulationConfig) -> Iterator[SimulationConfig]:
    if len(config.customers) > 1:
        yield from (attrs.evolve(config, customers=rest) for rest in _without(config.customers))


def _fewer_sales(config: SimulationConfig) -> Iterator[SimulationConfig]:
    for place, customer in enumerate(config.customers):
        for sales in _without(customer.sales) if len(customer.sales) > 1 else ():
            fewer: list[Customer] = list(config.customers)
            fewer[place] = attrs.evolve(customer, sales=sales)
            yield attrs.evolve(config, customers=tuple(fewer))


def _fewer_workers(config: SimulationConfig) -> Iterator[SimulationConfig]:
    if len(config.clock_offsets_s) > 1:
        yield from (attrs.evolve(config, clock_offsets_s=rest) for rest in _without(config.clock_offsets_s))


def _plainer(config: SimulationConfig) -> Iterator[SimulationConfig]:
    """The same without webhooks, and with right clocks."""
    if config.sends_notices:
        yield attrs.evolve(config, sends_notices=False)
    if any(config.clock_offsets_s):
        yield attrs.evolve(config, clock_offsets_s=(0,) * len(config.clock_offsets_s), offset_max_s=0)
