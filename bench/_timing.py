"""
Time several ways of doing one thing so that their ratios mean something.

The ways take turns within every round, each batch long enough to drown the
timer, and the median over the rounds is kept: what else the machine does hits
all of them alike. Absolute times are those of one machine; ratios travel.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter_ns

__all__ = ["compare", "report"]

Work = Callable[[], object]


def compare(
    ways: Mapping[str, Work], *, rounds: int = 15, operations: int = 1, batch_ms: float = 20.0
) -> dict[str, float]:
    """
    The median time of one operation, in nanoseconds, for each way.

    ways: names with functions of no arguments; each call does `operations` operations.
    rounds: how often the ways take turns.
    batch_ms: about how long a way runs in each turn.
    """
    repeats = {name: _repeats(work, batch_ms) for name, work in ways.items()}
    samples: dict[str, list[float]] = {name: [] for name in ways}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, work in ways.items():
                samples[name].append(_time(work, repeats[name]) / (repeats[name] * operations))
    finally:
        if collecting:
            gc.enable()
    return {name: median(times) for name, times in samples.items()}


def report(title: str, medians: Mapping[str, float], *, target: tuple[str, float] | None = None) -> bool:
    """
    Print the medians, each beside the first one, and whether the target is met.

    target: a peer's name, and how many times faster than it the first way shall be.
    """
    ours, base = next(iter(medians.items()))
    width = max(len(name) for name in medians)
    print(title)
    for name, nanoseconds in medians.items():
        print(f"  {name:<{width}}  {nanoseconds:>12,.0f} ns  x {nanoseconds / base:.2f}")
    if target is None:
        return True
    peer, wanted = target
    reached = medians[peer] / base
    met = reached >= wanted
    print(
        f"  {ours} is {reached:.1f} times as fast as {peer}; wanted {wanted:g}: {'met' if met else 'MISSED'}"
    )
    return met


def _repeats(work: Work, batch_ms: float) -> int:
    work()  # imports and caches
    once = max(min(_time(work, 1) for _ in range(3)), 1)
    return max(1, int(batch_ms * 1e6 / once))


def _time(work: Work, repeats: int) -> int:
    start = perf_counter_ns()
    for _ in range(repeats):
        work()
    return perf_counter_ns() - start
