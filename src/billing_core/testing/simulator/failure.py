"""A failure as a file: enough to let exactly the same happen again, without the seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from billing_core.charging.invariants import Violation
from billing_core.issues import invalid
from billing_core.records import decode, encode
from billing_core.testing.simulator.config import SimulationConfig
from billing_core.testing.simulator.faults import Fault, GivenFaults
from billing_core.testing.simulator.simulation import Simulation, SimulationResult
from billing_core.testing.simulator.story import Story

__all__ = ["Failure"]

_FORMAT = 1


@attrs.frozen(kw_only=True)
class Failure:
    """
    A world in which something went wrong.

    Attributes:
        rule, record_id, detail: the violation.
        config: the world.
        faults: what happened in it.
        version: the library's version that it was found with.
    """

    rule: str
    record_id: str = ""
    detail: str = ""
    config: SimulationConfig
    faults: tuple[Fault, ...] = ()
    version: str = ""

    @classmethod
    def of(cls, violation: Violation, config: SimulationConfig, faults: Iterable[Fault]) -> Failure:
        """A failure, as the library of today has it."""
        from billing_core import __version__

        return cls(
            rule=violation.rule,
            record_id=violation.record_id,
            detail=violation.detail,
            config=config,
            faults=tuple(faults),
            version=__version__,
        )

    def to_json(self) -> dict[str, Any]:
        """The failure as JSON-able data."""
        return {"format": _FORMAT, **encode(self), "config": self.config.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Failure:
        """
        Read what `to_json` wrote.

        Raises:
            InvalidInput: it is something else.
        """
        if data.get("format") != _FORMAT:
            raise invalid("format", "not_supported", reason=f"this release reads format {_FORMAT}")
        failure: Failure = decode(cls, {key: value for key, value in data.items() if key != "format"})
        return failure

    def replay(self, **parts: Any) -> SimulationResult:
        """Let it happen again; ``parts`` are passed on to the `Simulation`."""
        return Simulation(self.config, GivenFaults(self.faults), **parts).run()

    def story(self, **parts: Any) -> tuple[str, ...]:
        """What happens in it, one line an event."""
        everything = Story()
        self.replay(tell=everything.teller, **parts)
        return tuple(everything.lines)
