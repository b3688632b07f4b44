"""The host: workers that run when a license is due, and the weeks in which machines and gateways fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from billing_core.service import running
from billing_core.service.batches import Finished
from billing_core.service.context import Context
from billing_core.service.reports import RunReport
from billing_core.testing.simulator.agenda import DAY, HOUR, MINUTE, SECOND, Agenda
from billing_core.testing.simulator.faults import Fault, Faults
from billing_core.testing.simulator.network import Network
from billing_core.testing.simulator.processes import Process, Stage
from billing_core.testing.simulator.store import ObservedStore

__all__ = ["Host", "Worker"]

_WEEK = 7 * DAY
_IDLE_MAX = 10
#: Kind of fault -> for how long, at least and at most, what it ends stays down.
_DOWN = {
    "worker_down": (MINUTE, 10 * DAY),
    "host_down": (MINUTE, 60 * DAY),
    "restored": (MINUTE, 6 * HOUR),
    # About as long as processors remember a key: what was in flight is found when that is nearly forgotten.
    "power_cut": (20 * HOUR, 26 * HOUR),
}


class Worker(Process):
    """A process that runs `run_due` whenever something is due."""

    def __init__(self, name: str, place: int, offset_ms: int) -> None:
        super().__init__(name, offset_ms)
        self.place = place
        self.is_busy = False
        self.idle_runs = 0
        self.planned_ms: int | None = None


class Host:
    """All workers of the host, and one web server."""

    def __init__(
        self,
        agenda: Agenda,
        faults: Faults,
        store: ObservedStore,
        network: Network,
        context: Context,
        *,
        offsets_s: Sequence[int],
        offset_max_s: int,
    ) -> None:
        self._agenda, self._faults = agenda, faults
        self._store, self._network, self._context = store, network, context
        self._offset_max_ms = offset_max_s * SECOND
        self._down_until_ms = 0
        self.workers = [Worker(f"worker{n}", n, offset * SECOND) for n, offset in enumerate(offsets_s)]
        self.web = Process("web")
        self.stage: Stage | None = None
        self.on_restore: Callable[[Fault], None] | None = None

    def begin(self) -> None:
        """Let the workers work."""
        self._plan_week(1)
        for worker in self.workers:
            self.plan(worker)

    def calm_down(self) -> None:
        """All machines are up, all clocks right, the gateway answers."""
        self._network.outage = None
        self._down_until_ms = 0
        for worker in self.workers:
            worker.offset_ms = 0
            self._restart(worker)
        self._restart(self.web)

    # -- runs ----------------------------------------------------------------------

    def due(self, due_ms: int) -> None:
        """Something is due at this time."""
        for worker in self.workers:
            if worker.planned_ms is None or due_ms - worker.offset_ms < worker.planned_ms:
                self.plan(worker)

    def plan(self, worker: Worker, not_before_ms: int = 0) -> None:
        """Let a worker run when the next license is due by its clock."""
        due = self._store.due_ms()
        if due is None or worker.is_busy or not worker.is_up:
            return
        at_ms = max(self._agenda.now_ms, not_before_ms, due - worker.offset_ms + worker.place * 150)
        worker.planned_ms = at_ms
        self._agenda.at(at_ms, lambda: self._run(worker, at_ms))

    def _run(self, worker: Worker, planned_ms: int) -> None:
        if worker.planned_ms != planned_ms or worker.is_busy or not worker.is_up:
            return
        worker.planned_ms = None
        worker.is_busy = True
        assert self.stage is not None, "set before anybody works"
        flow = running.run_due(self._context, (0, 1), None)
        self.stage.run(worker, flow, worker.name, lambda end: self._ran(worker, end))

    def _ran(self, worker: Worker, finished: Finished) -> None:
        worker.is_busy = False
        report = finished.value
        is_empty = not isinstance(report, RunReport) or not report.licenses or report.stopped
        worker.idle_runs = min(worker.idle_runs + 1, _IDLE_MAX) if is_empty else 0
        # After a run that found nothing there is hardly anything to be found a moment later.
        self.plan(worker, self._agenda.now_ms + SECOND * 2**worker.idle_runs)

    # -- failures ---------------------------------------------------------------------

    def crashed(self, process: Process, fault: Fault) -> None:
        """A process died; somebody starts it again."""
        back_ms = max(self._agenda.now_ms + fault.scaled(5 * SECOND, 2 * HOUR), self._down_until_ms)
        life = process.life

        def restart() -> None:
            if process.life == life:
                self._restart(process)

        self._agenda.at(back_ms, restart)

    def _restart(self, process: Process) -> None:
        process.is_up = True
        if isinstance(process, Worker):
            process.is_busy = bool(process.tasks)
            process.idle_runs = 0
            self.plan(process)

    def _plan_week(self, number: int) -> None:
        def week() -> None:
            fault = self._faults.at("host", "host", number)
            if fault is not None:
                self._agenda.after(fault.scaled(0, _WEEK), lambda: self._happen(fault))
            self._plan_week(number + 1)

        self._agenda.at(number * _WEEK, week)

    def _happen(self, fault: Fault) -> None:
        if self._faults.is_calm:
            return
        worker = self.workers[fault.size % len(self.workers)]
        if fault.kind == "gateway_outage":
            self._network.outage = fault
            self._agenda.after(fault.scaled(HOUR, 4 * DAY), lambda: self._end_outage(fault))
        elif fault.kind == "clock_jump":
            worker.offset_ms = fault.size % 1009 * 2 * self._offset_max_ms // 1008 - self._offset_max_ms
            self.plan(worker)
        else:
            self._go_down(fault, worker)

    def _go_down(self, fault: Fault, worker: Worker) -> None:
        if fault.kind == "worker_down":
            self._end(fault, worker)
        else:
            self.go_dark(fault)
        if fault.kind == "restored" and self.on_restore is not None:
            self.on_restore(fault)

    def go_dark(self, fault: Fault) -> None:
        """All processes end at once."""
        self._end(fault, *self.workers, self.web)

    def _end(self, fault: Fault, *processes: Process) -> None:
        assert self.stage is not None, "set before anybody works"
        self._down_until_ms = self._agenda.now_ms + fault.scaled(*_DOWN[fault.kind])
        for process in processes:
            self.stage.crash(process, fault)

    def _end_outage(self, fault: Fault) -> None:
        if self._network.outage is fault:
            self._network.outage = None
