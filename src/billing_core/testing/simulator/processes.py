"""
The host's processes: they run the library's flows, one request at a time, and may die at each of them.

A process is a driver of flows in virtual time. It answers what a flow asks
for as the library's own driver does - charges even through that driver, so
that its rules about what an exception means are played as well - but between
a request and its answer anything may happen: another process runs, a pause,
a crash, an error.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from billing_core.errors import BillingError, InvariantViolated
from billing_core.service.batches import Finished
from billing_core.service.breaker import BreakerPolicy
from billing_core.service.breakers import Breakers
from billing_core.service.calls import MoneyCall
from billing_core.service.drivers import SyncDriver
from billing_core.service.requests import Commit, Flow, LoadDossier, Request, SideBySide, StoreRequest
from billing_core.testing.simulator.agenda import MINUTE, SECOND, Agenda, ProcessClock
from billing_core.testing.simulator.faults import Fault, Faults
from billing_core.testing.simulator.network import Network
from billing_core.testing.simulator.store import ObservedStore

__all__ = ["Crashed", "Process", "Stage", "StoreTrouble", "Task"]

_COMMIT_MS = 20


class StoreTrouble(Exception):
    """The store's connection broke: nobody knows from here whether the commit was carried out."""


class Crashed(Exception):
    """The process that ran a flow is gone."""


class Task:
    """One flow under way in a process."""

    __slots__ = ("flow", "life", "on_end", "process", "subject")

    def __init__(
        self, process: Process, flow: Flow[Any], subject: str, on_end: Callable[[Finished], None]
    ) -> None:
        self.process = process
        self.flow = flow
        self.subject = subject
        self.on_end = on_end
        self.life = process.life

    @property
    def is_dead(self) -> bool:
        """Whether the process that ran it has crashed."""
        return self.life != self.process.life


class Process:
    """
    One process of the host.

    Attributes:
        offset_ms: by how much its clock is off.
        life: how often it was started; what an earlier life has begun is lost.
    """

    def __init__(self, name: str, offset_ms: int = 0) -> None:
        self.name = name
        self.offset_ms = offset_ms
        self.life = 1
        self.is_up = True
        self.tasks: set[Task] = set()
        self.driver: SyncDriver | None = None


class Stage:
    """
    What all processes work with.

    Args:
        agenda, clock: true time, and the clock of whoever works at the moment.
        faults: what happens.
        store: where the records are.
        network: the way to the gateway.
        gateway_id: under which the host knows it.
        pause_ms: the longest pause of a process.
        unknown_percent_max: how many unknown outcomes stop a process from sending.
        label_of: a license id -> a short name of it, for the faults' entities.
        state_of: that short name -> where its unresolved attempt stands.
        on_crash: called when a process has crashed.
        on_power_cut: crashes all processes.
        on_bug: called with an error that no flow may raise.
    """

    def __init__(
        self,
        agenda: Agenda,
        clock: ProcessClock,
        faults: Faults,
        store: ObservedStore,
        network: Network,
        *,
        gateway_id: str,
        pause_ms: int,
        unknown_percent_max: int,
        label_of: Callable[[str], str],
        state_of: Callable[[str], str],
        on_crash: Callable[[Process, Fault], None],
        on_power_cut: Callable[[Fault], None],
        on_bug: Callable[[str, Exception], None],
    ) -> None:
        self.agenda, self.clock, self.faults = agenda, clock, faults
        self.store, self.network = store, network
        self.crash_points: Counter[tuple[str, str, str]] = Counter()
        self._gateway_id = gateway_id
        self._unknown_percent_max = unknown_percent_max
        self._pause_ms = pause_ms
        self._label_of, self._state_of = label_of, state_of
        self._on_crash, self._on_power_cut, self._on_bug = on_crash, on_power_cut, on_bug
        self._steps: dict[tuple[str, str], int] = defaultdict(int)

    def run(
        self, process: Process, flow: Flow[Any], subject: str, on_end: Callable[[Finished], None]
    ) -> None:
        """Start a flow in a process."""
        task = Task(process, flow, subject, on_end)
        process.tasks.add(task)
        self._advance(task, None)

    def crash(self, process: Process, fault: Fault) -> None:
        """End a process as it stands; what it had been told and had not committed is gone."""
        process.life += 1
        process.is_up = False
        process.driver = None
        tasks, process.tasks = process.tasks, set()
        for task in tasks:
            task.flow.close()
        self._on_crash(process, fault)
        for task in tasks:
            task.on_end(Finished(error=Crashed(process.name)))

    # -- a flow, step by step --------------------------------------------------------

    def _advance(self, task: Task, answer: Any, error: Exception | None = None) -> None:
        """Give a flow its answer, and go on until it asks for something that takes time."""
        if task.is_dead:
            return
        self.clock.offset_ms = task.process.offset_ms
        while True:
            try:
                request = task.flow.send(answer) if error is None else task.flow.throw(error)
            except StopIteration as end:
                self._end(task, Finished(end.value))
                return
            except Exception as raised:  # noqa: BLE001 - whatever a flow raises is its end
                self._end(task, Finished(error=raised))
                return
            if self._begins(task, request):
                return
            if isinstance(request, LoadDossier):
                task.subject = self._label_of(request.license_id)
            fault = self._at("read", task)
            if fault is not None:
                self._read_badly(task, request, fault)
                return
            answer, error = self._answer(task.process, request)

    def _begins(self, task: Task, request: Request) -> bool:
        """Whether a request takes time; it is under way then."""
        if isinstance(request, Commit):
            self._begin_commit(task, request)
        elif isinstance(request, MoneyCall):
            self._begin_call(task, request)
        elif isinstance(request, SideBySide):
            self._fork(task, request)
        else:
            return False
        return True

    def _answer(self, process: Process, request: Request) -> tuple[Any, Exception | None]:
        try:
            return self._perform(process, request), None
        except BillingError as error:
            return None, error

    def _read_badly(self, task: Task, request: Request, fault: Fault) -> None:
        if fault.kind == "crash_at_read":
            self._crash_in(task, request, "before", fault)
        else:
            self._later(fault.scaled(SECOND, 20 * MINUTE), task, *self._answer(task.process, request))

    def _perform(self, process: Process, request: Request) -> Any:
        if isinstance(request, StoreRequest):
            return self.store.ask(request)
        return self._driver(process).run(_once(request))

    def _driver(self, process: Process) -> SyncDriver:
        """The library's driver in a process: each life has its own, and learns by itself."""
        if process.driver is None:
            breakers = Breakers(BreakerPolicy(unknown_percent_max=self._unknown_percent_max))
            process.driver = SyncDriver(
                self.store.inner, {self._gateway_id: self.network}, threads=1, breakers=breakers
            )
        return process.driver

    def _later(self, delay_ms: int, task: Task, answer: Any, error: Exception | None = None) -> None:
        self.agenda.after(delay_ms, lambda: self._advance(task, answer, error))

    def _end(self, task: Task, finished: Finished) -> None:
        task.process.tasks.discard(task)
        error = finished.error
        if error is not None and (
            isinstance(error, InvariantViolated) or not isinstance(error, (BillingError, StoreTrouble))
        ):
            self._on_bug(task.subject, error)
        task.on_end(finished)

    def _fork(self, task: Task, request: SideBySide) -> None:
        """Run flows at the same time; the task goes on when all of them have ended."""
        ends: dict[int, Finished] = {}

        def joined(place: int, finished: Finished) -> None:
            ends[place] = finished
            if len(ends) == len(request.flows):
                self._advance(task, tuple(ends[number] for number in range(len(ends))))

        for place, flow in enumerate(request.flows):
            if not task.is_dead:
                self.run(task.process, flow, task.subject, partial(joined, place))

    # -- commits ------------------------------------------------------------------------

    def _begin_commit(self, task: Task, request: Commit) -> None:
        fault = self._at("commit", task)
        kind = fault.kind if fault is not None else ""
        if fault is not None and kind == "crash_before_commit":
            self._crash_in(task, request, "before", fault)
        elif kind == "commit_lost":
            self._later(_COMMIT_MS, task, None, StoreTrouble(kind))
        else:
            is_slow = fault is not None and kind == "slow_commit"
            delay = fault.scaled(SECOND, 15 * MINUTE) if fault is not None and is_slow else _COMMIT_MS
            self.agenda.after(delay, lambda: self._commit(task, request, fault))

    def _commit(self, task: Task, request: Commit, fault: Fault | None) -> None:
        if task.is_dead:
            return
        self.clock.offset_ms = task.process.offset_ms
        try:
            result = self.store.commit(request.change)
        except BillingError as error:
            self._advance(task, None, error)
            return
        kind = fault.kind if fault is not None else ""
        if fault is not None and kind == "crash_after_commit":
            self._crash_in(task, request, "after", fault)
        elif kind == "commit_unseen":
            self._later(SECOND, task, None, StoreTrouble(kind))
        elif fault is not None and kind == "pause_after_commit":
            self._later(fault.scaled(SECOND, self._pause_ms), task, result)
        else:
            self._advance(task, result)

    # -- calls ---------------------------------------------------------------------------

    def _begin_call(self, task: Task, request: MoneyCall) -> None:
        fault = self._at("call", task)
        kind = fault.kind if fault is not None else ""
        if fault is not None and kind == "crash_before_call":
            self._crash_in(task, request, "before", fault)
        elif fault is not None and kind == "slow_call":
            delay = fault.scaled(SECOND, self._pause_ms)
            self.agenda.after(delay, lambda: self._call(task, request, None))
        else:
            self._call(task, request, fault)

    def _call(self, task: Task, request: MoneyCall, fault: Fault | None) -> None:
        if task.is_dead:
            return
        self.clock.offset_ms = task.process.offset_ms
        self.network.reply_ms = SECOND
        answer = self._driver(task.process).run(_once(request))
        if fault is not None and fault.kind == "crash_in_flight":
            self._crash_in(task, request, "in flight", fault)
        elif fault is not None and fault.kind == "power_cut":
            self._note_crash(task, request, "in flight")
            self._on_power_cut(fault)
        else:
            self._later(self.network.reply_ms, task, answer)

    # -- points --------------------------------------------------------------------------

    def _at(self, stream: str, task: Task) -> Fault | None:
        if self.faults.is_calm:
            return None
        place = (stream, task.subject)
        self._steps[place] += 1
        return self.faults.at(stream, task.subject, self._steps[place])

    def _crash_in(self, task: Task, request: Request, when: str, fault: Fault) -> None:
        self._note_crash(task, request, when)
        self.crash(task.process, fault)

    def _note_crash(self, task: Task, request: Request, when: str) -> None:
        state = self._state_of(task.subject)
        self.crash_points[state, type(request).__name__, when] += 1


def _once(request: Request) -> Generator[Request, Any, Any]:
    return (yield request)
