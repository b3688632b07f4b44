"""Many seeds, one after the other, and what came of all of them together."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from billing_core.testing.simulator.chance import Chance
from billing_core.testing.simulator.failure import Failure
from billing_core.testing.simulator.faults import DrawnFaults
from billing_core.testing.simulator.profiles import Profile, draw_config
from billing_core.testing.simulator.simulation import Simulation, SimulationResult

__all__ = ["Campaign", "run_seed"]

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def run_seed(
    seed: int, profile: Profile = Profile.SWARM, **parts: Any
) -> tuple[SimulationResult, Failure | None]:
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
    if not hasattr(gc, "set_threshold"):  # PyPy decides by itself
        yield
        return
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


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
        after_each: Callable[[Campaign], None] | None = None,
        **parts: Any,
    ) -> None:
        """
        Play seeds until there were enough of them and enough renewals, or enough went wrong.

        Args:
            first_seed: where to begin; the next ones follow.
            renewals, seeds: how many of each, at least.
            failures_max: how many failures end it.
            after_each: called after every seed, to tell of the progress.
            parts: see `run_seed`.
        """
        seed = first_seed
        with _collecting_seldom():
            while (self.seeds < seeds or self.renewals < renewals) and len(self.failures) < failures_max:
                self.add(seed, *run_seed(seed, self.profile, **parts))
                seed += 1
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
