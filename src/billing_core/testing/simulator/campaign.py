"""Many seeds, one after the other, and what came of all of them together."""

from __future__ import annotations

import gc
import multiprocessing
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from typing import Any, TypeAlias

import attrs

from billing_core.testing.simulator.chance import Chance
from billing_core.testing.simulator.failure import Failure
from billing_core.testing.simulator.faults import DrawnFaults
from billing_core.testing.simulator.profiles import Profile, draw_config
from billing_core.testing.simulator.simulation import Simulation, SimulationResult

__all__ = ["Campaign", "run_seed"]

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
#: Seeds that are begun before the results of the first are needed, for each process: they take unlike times.
_SEEDS_AHEAD = 4

#: What came of a seed.
_Played: TypeAlias = tuple[SimulationResult, Failure | None]


def run_seed(seed: int, profile: Profile = Profile.SWARM, **parts: Any) -> _Played:
    """
    Play one seed.

    Args:
        seed: any whole number; the same one plays the same simulation.
        profile: what kind of world.
        parts: a host's own parts, see `Simulation`: ``make_store``, ``make_gateway``.

    Returns:
        What came of it, and the failure if anything went wrong.
    """
    config = draw_config(seed, profile)
    result = Simulation(config, DrawnFaults(Chance(seed), config.rates), **parts).run()
    if not result.violations:
        return result, None
    return result, Failure.of(result.violations[0], config, result.faults)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Look for garbage in cycles less often: nearly all that a simulation makes lives until its end."""
    if not hasattr(gc, "set_threshold"):  # other interpreters than CPython decide by themselves
        yield
        return
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _play_here(first_seed: int, profile: Profile, parts: dict[str, Any]) -> Generator[tuple[int, _Played]]:
    with _collecting_seldom():
        for seed in count(first_seed):
            yield seed, run_seed(seed, profile, **parts)


def _play_in(
    processes: int, first_seed: int, profile: Profile, parts: dict[str, Any]
) -> Generator[tuple[int, _Played]]:
    """The same seeds with the same results in the same order, whichever process was quick."""
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))
    begun: deque[tuple[int, Future[_Played]]] = deque()
    try:
        for seed in count(first_seed):
            begun.append((seed, pool.submit(_play_alone, seed, profile, parts)))
            if len(begun) > _SEEDS_AHEAD * processes:
                next_seed, future = begun.popleft()
                yield next_seed, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _play_alone(seed: int, profile: Profile, parts: dict[str, Any]) -> _Played:
    with _collecting_seldom():
        return run_seed(seed, profile, **parts)


@attrs.define
class Campaign:
    """
    What came of many seeds.

    Attributes:
        seeds, renewals, commits, sends: how much was played.
        faults: how often each kind of fault happened.
        crash_points: (state of the attempt, request, when) -> crashes there.
        failures: what went wrong, by seed.
    """

    profile: Profile = Profile.SWARM
    seeds: int = 0
    renewals: int = 0
    commits: int = 0
    sends: int = 0
    faults: Counter[str] = attrs.field(factory=Counter)
    crash_points: Counter[tuple[str, str, str]] = attrs.field(factory=Counter)
    failures: dict[int, Failure] = attrs.field(factory=dict)

    def add(self, seed: int, result: SimulationResult, failure: Failure | None) -> None:
        """One more seed."""
        self.seeds += 1
        self.renewals += result.renewals
        self.commits += result.commits
        self.sends += result.sends
        self.faults.update(fault.kind for fault in result.faults)
        self.crash_points.update(result.crash_points)
        if failure is not None:
            self.failures[seed] = failure

    def play(
        self,
        first_seed: int,
        *,
        renewals: int = 0,
        seeds: int = 1,
        failures_max: int = 1,
        processes: int = 1,
        after_each: Callable[[Campaign], None] | None = None,
        **parts: Any,
    ) -> None:
        """
        Play seeds until there were enough of them and enough renewals, or enough went wrong.

        Args:
            first_seed: where to begin; the next ones follow.
            renewals, seeds: how many of each, at least.
            failures_max: how many failures end it.
            processes: how many seeds are played at the same time; the results are the same.
            after_each: called after every seed, to tell of the progress.
            parts: see `run_seed`.
        """
        if processes == 1:
            seeds_played = _play_here(first_seed, self.profile, parts)
        else:
            seeds_played = _play_in(processes, first_seed, self.profile, parts)
        with closing(seeds_played):
            while (self.seeds < seeds or self.renewals < renewals) and len(self.failures) < failures_max:
                seed, (result, failure) = next(seeds_played)
                self.add(seed, result, failure)
                if after_each is not None:
                    after_each(self)

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON-able data."""
        return {
            "profile": self.profile.value,
            "seeds": self.seeds,
            "renewals": self.renewals,
            "commits": self.commits,
            "sends": self.sends,
            "faults": dict(sorted(self.faults.items())),
            "crash_points": {" / ".join(point): n for point, n in sorted(self.crash_points.items())},
            "failures": {str(seed): failure.to_json() for seed, failure in self.failures.items()},
        }
