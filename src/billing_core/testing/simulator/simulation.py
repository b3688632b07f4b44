"""One simulation: a host with its workers, its customers and its gateway, from the first day to the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from zlib import crc32

import attrs

from billing_core.accounts.permissions import Actor
from billing_core.charging.invariants import Violation
from billing_core.charging.next_step import next_step
from billing_core.charging.status import LicenseStatus, status_at
from billing_core.charging.steps import Wait
from billing_core.events import EventType
from billing_core.gateways.results import ChargeRequest, RefundRequest
from billing_core.service.batches import Finished
from billing_core.service.commands import By
from billing_core.service.context import make_context
from billing_core.service.control_flows import begin_restore_epoch
from billing_core.service.requests import Commit, Flow, StoreRequest
from billing_core.stores.memory import MemoryStore
from billing_core.stores.port import Change, CommitResult
from billing_core.testing.simulator.agenda import DAY, HOUR, SECOND, Agenda, ProcessClock
from billing_core.testing.simulator.config import SimulationConfig
from billing_core.testing.simulator.faults import Fault, Faults
from billing_core.testing.simulator.gateway import GatewayModel, SimulatedCharge, SimulatedGateway
from billing_core.testing.simulator.host import Host
from billing_core.testing.simulator.network import Network
from billing_core.testing.simulator.oracle import Oracle, OracleMemory
from billing_core.testing.simulator.people import People
from billing_core.testing.simulator.processes import Stage
from billing_core.testing.simulator.rest import at_rest
from billing_core.testing.simulator.store import MakeStore, ObservedStore

__all__ = ["CALM_DAYS", "MakeGateway", "Simulation", "SimulationResult"]

#: How long everything works after the last fault, before the books must be in order.
CALM_DAYS = 50
_GATEWAY = "main"
_NAMESPACE = "simulation"
_POLL_MS = 23 * DAY + 5 * HOUR

#: What may be lost in a restore without losing customers, decisions about money, or money given back.
_LOSABLE = frozenset(
    {
        *(it for name, it in vars(EventType).items() if name.startswith(("CHARGE_", "NOTICE_", "INVOICE_"))),
        EventType.LICENSE_RENEWED,
        EventType.LICENSE_EXPIRED,
        EventType.PERIODS_LAPSED,
        EventType.EXTENSION_GRANTED,
        EventType.PLAN_CHANGE_SCHEDULED,
        EventType.TERM_STARTED,
    }
)

#: A simulation -> the gateway model that it plays with.
MakeGateway = Callable[["Simulation"], GatewayModel]


@attrs.frozen(kw_only=True)
class SimulationResult:
    """
    What came of a simulation.

    Attributes:
        violations: what should not be; empty is the only good answer.
        faults: everything that happened, so that it can happen again.
        renewals: invoices that were paid.
        commits, sends: how much work that was.
        crash_points: (state of the attempt, request, when) -> crashes there.
        digest: equal for equal runs.
        ended_ms: how long it took, in virtual milliseconds.
    """

    violations: tuple[Violation, ...]
    faults: tuple[Fault, ...]
    renewals: int
    commits: int
    sends: int
    crash_points: Counter[tuple[str, str, str]]
    digest: int
    ended_ms: int = 0


def _own_gateway(simulation: Simulation) -> GatewayModel:
    return SimulatedGateway(
        simulation.config.gateway,
        simulation.agenda,
        simulation.faults,
        label_of=simulation.label_of_request,
        on_capture=simulation.captured,
        on_refund=simulation.gave_back,
        on_news=simulation.tell_news,
    )


class Simulation:
    """
    One simulation.

    Args:
        config: who takes part.
        faults: what goes wrong.
        make_store: the store to play with.
        make_gateway: the processor to play with.
        tell: called with one line for each thing that happens, to tell the story.
    """

    def __init__(
        self,
        config: SimulationConfig,
        faults: Faults,
        *,
        make_store: MakeStore = MemoryStore,
        make_gateway: MakeGateway = _own_gateway,
        tell: Callable[[Simulation, Change | str, CommitResult | None], None] | None = None,
    ) -> None:
        self.config, self.faults = config, faults
        self.violations: list[Violation] = []
        self.agenda = Agenda(config.start)
        self.clock = ProcessClock(self.agenda)
        self.oracle = Oracle(self.violations.append, is_strict=config.is_strict, kept_minor=self._kept_minor)
        self.history: list[tuple[int, Change, CommitResult]] = []
        self._make_store = make_store
        self._restores = 0
        self.people = People(self)
        self.store = ObservedStore(
            make_store(self.clock), self.agenda, self.clock, self._committed, self._due
        )
        self.model = make_gateway(self)
        self._keeps_ledger = isinstance(self.model, SimulatedGateway)
        self.network = Network(
            self.model,
            config.gateway,
            agenda=self.agenda,
            faults=faults,
            label_of=self.label_of_request,
            label_of_reference=self._label_of_reference,
            on_send=self.oracle.sent,
            on_arrival=self.oracle.arrived,
        )
        self.context = make_context({_GATEWAY: self.network}, config.policy, _NAMESPACE, None)
        self.host: Host = Host(
            self.agenda,
            faults,
            self.store,
            self.network,
            self.context,
            offsets_s=config.clock_offsets_s,
            offset_max_s=config.offset_max_s,
        )
        self.stage = Stage(
            self.agenda,
            self.clock,
            faults,
            self.store,
            self.network,
            gateway_id=_GATEWAY,
            pause_ms=config.gateway.pause_s * SECOND,
            unknown_percent_max=config.unknown_percent_max,
            label_of=self.label_of,
            state_of=self._state_of,
            on_crash=self.host.crashed,
            on_power_cut=self.host.go_dark,
            on_bug=self._bug,
        )
        self.host.stage, self.host.on_restore = self.stage, self.restore
        self._tell = tell
        self._labels: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._notices: Counter[str] = Counter()
        self._digest = 0

    def run(self) -> SimulationResult:
        """Play it to the end, or to the first violation."""
        self.faults.is_calm = True
        for customer in self.config.customers:
            self.people.sign_up(customer)
        self._play_until(30 * SECOND)
        self.faults.is_calm = False
        self.host.begin()
        self._play_until(self.config.days * DAY)
        self.faults.is_calm = True
        self.host.calm_down()
        self.people.look_at_everything()
        if self._play_until((self.config.days + CALM_DAYS) * DAY):
            self.clock.offset_ms = 0
            self.violations.extend(at_rest(self))
        return SimulationResult(
            violations=tuple(self.violations),
            faults=tuple(self.faults.happened),
            renewals=self.memory.renewals,
            commits=self.store.commits,
            sends=sum(self.memory.sends.values()),
            crash_points=self.stage.crash_points,
            digest=self._digest,
            ended_ms=self.agenda.now_ms,
        )

    def _play_until(self, until_ms: int) -> bool:
        """Whether nothing went wrong on the way."""
        step, violations = self.agenda.step, self.violations
        while step(until_ms):
            if violations:
                return False
        return not violations

    @property
    def memory(self) -> OracleMemory:
        """What was committed so far."""
        return self.oracle.memory

    # -- a restore ------------------------------------------------------------------

    def restore(self, fault: Fault) -> None:
        """The store's disk is gone, and a backup is played back; the host says so to the library."""
        cut_ms = self.agenda.now_ms - fault.scaled(HOUR, 20 * DAY)
        kept = [it for it in self.history if it[0] <= cut_ms]
        lost = [event.type for _, change, _ in self.history[len(kept) :] for event in change.events]
        if not kept or not _LOSABLE.issuperset(lost):
            return
        self.say(f"restored; {len(self.history) - len(kept)} commits are lost", "host")
        self.history = kept
        self.store.start_again(self._make_store(self.clock))
        self.clock.offset_ms = 0
        for _, change, _ in kept:
            self.store.inner.commit([change])
            self.store.take(change)
        self.oracle.forget((change, result) for _, change, result in kept)
        self.network.forget_sends()
        self._restores += 1
        self.begin_epoch(f"restore-{self._restores}")

    def begin_epoch(self, restore_id: str) -> None:
        """What a host must do after a restore, before anything else."""
        by = By(actor=Actor.system("desk"), reason="restored from a backup")
        flow = begin_restore_epoch(self.context, restore_id, by)
        answer: Any = None
        with suppress(StopIteration):
            while True:
                request = flow.send(answer)
                if isinstance(request, Commit):
                    answer = self.store.commit(request.change)
                else:
                    assert isinstance(request, StoreRequest), "it calls no gateway"
                    answer = self.store.ask(request)

    # -- what happens --------------------------------------------------------------

    def _committed(self, change: Change, result: CommitResult) -> None:
        for license in change.licenses:
            if license.id not in self._labels:
                self._name(license.id, license.account_id)
        read = [(guard.id, guard.version) for guard in change.guards]
        self._digest = crc32(f"{self._digest}|{self.agenda.now_ms}|{read}".encode())
        self.history.append((self.agenda.now_ms, change, result))
        self.oracle.committed(change, result)
        if self._tell is not None:
            self._tell(self, change, result)
        self.people.read_events(change, result)

    def _due(self, due_ms: int) -> None:
        self.host.due(due_ms)

    def captured(self, charge: SimulatedCharge) -> None:
        """Money moves at the processor."""
        self.say(f"captured {charge.captured}", self.label_of_request(charge.request))
        self.oracle.capturing(charge)
        self.tell_news(charge.request.reference)

    def gave_back(self, request: RefundRequest) -> None:
        """Money goes back at the processor."""
        self.say(f"gave back {request.amount}", self._label_of_reference(request.charge_reference))
        self.oracle.giving_back(request)

    def tell_news(self, reference: str) -> None:
        """The processor sends a notice about a charge - at once, late, twice, or never."""
        if not self.config.sends_notices:
            return
        label = self._label_of_reference(reference)
        self._notices[label] += 1
        number = self._notices[label]
        fault = self.faults.at("notice", label, number)
        kind = fault.kind if fault is not None else ""
        if kind == "notice_lost":
            return
        delay = 2 * SECOND
        if fault is not None and kind in {"notice_late", "notice_years_late"}:
            delay = fault.scaled(5 * SECOND, 3 * DAY if kind == "notice_late" else 900 * DAY)
        notice = partial(self._notify, reference, f"{reference}-{number}")
        self.agenda.after(0 if kind == "notice_early" else delay, notice)
        if fault is not None and kind == "notice_twice":
            self.agenda.after(fault.scaled(0, DAY), notice)

    def _notify(self, reference: str, notice_id: str) -> None:
        from billing_core.gateways.webhooks import WebhookNotice
        from billing_core.service.webhook_flow import wake_by_notice

        notice = WebhookNotice(id=notice_id, references=(reference,))
        self.at_the_web_server(
            wake_by_notice(self.context, notice), self._label_of_reference(reference), is_repeated=True
        )

    def at_the_web_server(
        self,
        flow: Flow[Any],
        subject: str,
        on_end: Callable[[Finished], None] | None = None,
        *,
        is_repeated: bool = False,
    ) -> None:
        """Run a flow in the host's web server; while that is down, an hour later."""
        if not self.host.web.is_up:
            self.agenda.after(
                HOUR, partial(self.at_the_web_server, flow, subject, on_end, is_repeated=is_repeated)
            )
            return
        self.stage.run(self.host.web, flow, self._labels.get(subject, subject), on_end or _nothing)

    # -- polling ----------------------------------------------------------------------

    def _plan_poll(self, license_id: str) -> None:
        def poll() -> None:
            self._poll(license_id)
            self._plan_poll(license_id)

        self.agenda.after(_POLL_MS, poll)

    def _poll(self, license_id: str) -> None:
        """Whoever looks at a license at any time finds nothing to do that it would not be woken for."""
        self.clock.offset_ms = 0
        dossier = self.store.inner.dossier(license_id)
        assert dossier is not None, "licenses are never deleted"
        dossier = dossier.with_gateways(self.context.gateways)
        now = self.clock.now()
        step = next_step(dossier, now, self.config.policy)
        wake_ms = self.store.wakes_ms[license_id]
        if not isinstance(step, Wait) and (wake_ms is None or wake_ms > self.agenda.now_ms):
            when = self.agenda.instant(wake_ms - self.agenda.now_ms) if wake_ms is not None else None
            self._blame("nothing_is_forgotten", license_id, f"{step.because} at {now}, looked at {when}")
        attempt = dossier.unresolved_attempt
        is_expired = status_at(dossier, now, self.config.policy) is LicenseStatus.EXPIRED
        if attempt is not None and attempt.is_uncertain and is_expired:
            self._blame("expired_only_when_certain", license_id, f"{attempt.state.value} at {now}")

    # -- names -------------------------------------------------------------------------

    def _name(self, license_id: str, account_id: str) -> None:
        account = self.label_of_account(account_id)
        number = sum(1 for label in self._labels.values() if label.partition(".")[0] == account)
        self._labels[license_id] = f"{account}.{number}"
        self._ids[f"{account}.{number}"] = license_id
        self._plan_poll(license_id)

    def label_of(self, license_id: str) -> str:
        """A short name of a license."""
        return self._labels.get(license_id, license_id)

    def label_of_account(self, account_id: str | None) -> str:
        """A short name of an account; of none, the host's."""
        return (account_id or "host").removeprefix("acc_")

    def label_of_request(self, request: ChargeRequest) -> str:
        """Whose charge it is."""
        attempt = self.memory.by_key.get(request.idempotency_key)
        return self._labels[attempt.license_id] if attempt is not None else request.reference

    def due_ms_of(self, license_id: str) -> int:
        """When a license is due."""
        return self.agenda.ms_of(self.memory.licenses[license_id].due_at)

    def _label_of_reference(self, reference: str) -> str:
        invoice = self.memory.invoices.get(self.memory.references.get(reference, ""))
        return self._labels[invoice.license_id] if invoice is not None else reference

    def _state_of(self, label: str) -> str:
        attempt = self.memory.unresolved.get(self._ids.get(label, ""))
        return attempt.state.value if attempt is not None else "none"

    def _kept_minor(self, key: str) -> int:
        if isinstance(self.model, SimulatedGateway):
            return self.model.kept_minor(key)
        entries = (entry for entry in self.model.ledger() if entry.idempotency_key == key)
        return sum(entry.amount.amount_minor for entry in entries)

    def say(self, what: str, label: str) -> None:
        """Tell something that is no commit."""
        if self._tell is not None:
            self._tell(self, f"{label}: {what}", None)

    def _bug(self, subject: str, error: Exception) -> None:
        self._blame("flows_end_well", subject, f"{type(error).__name__}: {error}")

    def _blame(self, rule: str, record_id: str, detail: str) -> None:
        self.violations.append(Violation(rule, record_id, detail))


def _nothing(_: Finished) -> None:
    return
