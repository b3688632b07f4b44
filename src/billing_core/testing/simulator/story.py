"""A simulation told in words: one line for each thing that happened."""

from __future__ import annotations

from collections.abc import Callable

from billing_core.events import Event
from billing_core.stores.port import Change, CommitResult
from billing_core.testing.simulator.simulation import Simulation

__all__ = ["Story"]

_TOLD = ("because", "attempt", "advice", "state", "found", "why", "decision", "period", "amount_due")


class Story:
    """
    Collects what happened.

    Args:
        label: only what concerns this license ("A0.1") or account ("A0"); everything, if not given.
    """

    def __init__(self, label: str = "") -> None:
        self.lines: list[str] = []
        self._label = label
        self._faults = 0

    @property
    def teller(self) -> Callable[[Simulation, Change | str, CommitResult | None], None]:
        """What a `Simulation` takes to tell its story."""
        return self._tell

    def _tell(self, simulation: Simulation, what: Change | str, result: CommitResult | None) -> None:
        self._tell_faults(simulation)
        if isinstance(what, str):
            self._add(simulation, what.partition(":")[0], what.partition(":")[2].strip())
            return
        for event in result.events if result is not None else ():
            label = (
                simulation.label_of(event.license_id)
                if event.license_id is not None
                else simulation.label_of_account(event.account_id)
            )
            self._add(simulation, label, _words(event))

    def _tell_faults(self, simulation: Simulation) -> None:
        happened = simulation.faults.happened
        for fault in happened[self._faults :]:
            self._add(simulation, fault.entity, f"! {fault.kind}")
        self._faults = len(happened)

    def _add(self, simulation: Simulation, label: str, words: str) -> None:
        is_wanted = label.startswith((self._label, "worker", "web", "host"))
        if not is_wanted and not self._label.startswith(label):
            return
        at = simulation.agenda.instant().strftime("%Y-%m-%d %H:%M:%S")
        self.lines.append(f"{at}  {label:8} {words}")


def _words(event: Event) -> str:
    told = ", ".join(f"{name}={event.data[name]}" for name in _TOLD if event.data.get(name) is not None)
    return f"{event.type}{f' ({told})' if told else ''} by {event.actor.id}"
