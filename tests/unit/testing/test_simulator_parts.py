"""The simulator's parts, where no simulation leads to: what the processor refuses, and what rest finds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from billing_core.charging.attempt import AttemptState
from billing_core.charging.steps import Because, Wait
from billing_core.errors import BillingError, GatewayRequestError, InvariantViolated, NotFound
from billing_core.gateways.results import ChargeNotFound, ChargeResult, Outcome, RefundRequest
from billing_core.service.batches import Finished
from billing_core.service.calls import CompleteSetup
from billing_core.service.requests import Commit
from billing_core.stores.port import Change, Guard, RecordKind
from billing_core.testing import ScriptedGateway
from billing_core.testing.simulator import Fault, GivenFaults, Simulation, rest
from billing_core.testing.simulator.faults import Faults
from billing_core.testing.simulator.gateway import SimulatedGateway
from billing_core.testing.simulator.processes import Task
from billing_core.testing.simulator.rest import at_rest
from tests.simulator.small_worlds import small_config


def after_a_run(days: int = 40, faults: tuple[Fault, ...] = ()) -> Simulation:
    """A simulation that went well."""
    simulation = Simulation(small_config(days=days), GivenFaults(faults))
    assert () == simulation.run().violations
    return simulation


@pytest.fixture(scope="module")
def played() -> Simulation:
    """One for tests that change nothing."""
    return after_a_run()


def gateway_of(simulation: Simulation) -> SimulatedGateway:
    """The processor that it was played with."""
    assert isinstance(simulation.model, SimulatedGateway)
    return simulation.model


def lose_an_attempt(simulation: Simulation) -> None:
    simulation.memory.by_key.clear()


def keep_a_case(simulation: Simulation) -> None:
    for key, attempt in simulation.memory.by_key.items():
        orphan = attempt.orphaned(ChargeResult.succeeded(attempt.request.amount))
        simulation.memory.by_key[key] = orphan


def capture_more(simulation: Simulation) -> None:
    charge = gateway_of(simulation).charges[-1]
    assert charge.captured is not None
    charge.captured = charge.captured * 2


def wait_for_days(simulation: Simulation) -> None:
    simulation.agenda.now_ms += 40 * 24 * 3600 * 1000


WRONG: dict[str, tuple[Callable[[Simulation], None], set[str]]] = {
    "lost attempt": (lose_an_attempt, {"captures_are_recorded"}),
    "case for a person": (keep_a_case, {"people_are_asked_in_time"}),
    "money without a place": (capture_more, {"captures_within_amount_due", "single_charge"}),
    "another record": (lambda it: it.memory.licenses.clear(), {"stores_keep_what_they_promised"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_rest_finds_what_is_wrong(name: str) -> None:
    """One thing wrong after a run that went well."""
    simulation = after_a_run(days=20)
    spoil, rules = WRONG[name]
    spoil(simulation)
    assert rules <= {violation.rule for violation in at_rest(simulation)}


def test_rest_finds_who_was_forgotten() -> None:
    """A license that is due, or will be, and that nobody will look at; and doubt without end."""
    simulation = after_a_run(days=20)
    (license_id,) = simulation.memory.licenses
    store = simulation.store.inner
    later = datetime(2099, 1, 1, tzinfo=UTC)
    store.wake_at = lambda _: later  # type: ignore[method-assign]
    assert "nothing_is_forgotten" in {violation.rule for violation in at_rest(simulation)}
    wait_for_days(simulation)
    simulation.clock.now()
    assert "nothing_is_forgotten" in {violation.rule for violation in at_rest(simulation)}
    simulation.store.wakes_ms[license_id] = None
    simulation._poll(license_id)
    assert "nothing_is_forgotten" in {violation.rule for violation in simulation.violations}


def test_rest_finds_doubt_and_debt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A charge that nobody resolves, and a license that nobody pays, after the calm."""
    simulation = after_a_run(days=20)
    store = simulation.store.inner
    (license_id,) = simulation.memory.licenses
    dossier = store.dossier(license_id)
    assert dossier is not None
    wait_for_days(simulation)
    last = max(simulation.memory.attempts.values(), key=lambda it: it.first_sent_at)
    doubted = attrs.evolve(
        last,
        state=AttemptState.HELD,
        resolved_at=None,
        first_sent_at=last.first_sent_at - timedelta(days=90),
        uncertain_since=last.first_sent_at,
    )
    in_doubt = dossier.with_attempt(doubted)
    store.dossier = lambda _: in_doubt  # type: ignore[method-assign]
    assert "doubt_ends" in {violation.rule for violation in at_rest(simulation)}
    paid = dossier
    store.dossier = lambda _: paid  # type: ignore[method-assign]
    waits = Wait(because=Because("no_card"), until=None)
    monkeypatch.setattr(rest, "next_step", lambda *_: waits)
    assert "everything_due_is_charged" in {violation.rule for violation in at_rest(simulation)}


def test_broken_promises_must_be_loud() -> None:
    """Money without a place is no violation where the comparison of ledgers tells of it."""
    simulation = after_a_run(days=20)
    simulation.config = attrs.evolve(simulation.config, is_strict=False)
    capture_more(simulation)
    assert [] == list(at_rest(simulation))
    lose_an_attempt(simulation)
    assert {"broken_promises_are_loud"} == {violation.rule for violation in at_rest(simulation)}


def test_a_refund_that_happened_twice() -> None:
    """A refund whose key the processor forgot too soon goes out twice; the list of refunds tells of it."""
    partly = Fault("support", "A0", 1, "refunded_partly", 199_801)
    simulation = after_a_run(faults=(partly,))
    (refund,) = simulation.memory.refunds.values()
    gateway_of(simulation).refund(refund.request)
    assert {"refunds_happened", "single_charge"} == {violation.rule for violation in at_rest(simulation)}
    simulation.config = attrs.evolve(simulation.config, is_strict=False)
    assert [] == list(at_rest(simulation))


def test_what_the_processor_refuses(played: Simulation) -> None:
    """A used key for another request, an unknown card page, more back than was captured."""
    gateway = gateway_of(played)
    request = gateway.charges[-1].request
    played.agenda.now_ms = gateway.charges[-1].made_ms
    with pytest.raises(GatewayRequestError):
        gateway.charge(attrs.evolve(request, amount=request.amount * 2))
    with pytest.raises(NotFound):
        gateway.complete_card_setup("sess_unknown")
    refund = RefundRequest(
        amount=request.amount * 2,
        charge_reference=request.reference,
        gateway_ref=gateway.charges[-1].ref,
        reference="refund_1",
        idempotency_key="refund_key_1",
    )
    assert Outcome.DECLINED is gateway.refund(refund).outcome
    unknown = attrs.evolve(request, idempotency_key="unknown")
    assert ChargeNotFound() == gateway.cancel_charge(unknown)


def test_what_comes_too_late(played: Simulation) -> None:
    """A confirmation, or a refusal, of what has ended otherwise changes nothing."""
    gateway = gateway_of(played)
    charge = gateway.charges[-1]
    answer = charge.answer
    gateway._confirm(charge, Outcome.PENDING)
    gateway._refuse_pending(charge)
    gateway.call_off(charge)
    assert answer == charge.answer


def test_faults_have_to_come_from_somewhere() -> None:
    """The base class knows none."""
    with pytest.raises(NotImplementedError):
        Faults().at("send", "A0.0", 1)


def test_errors_that_no_flow_may_raise(played: Simulation) -> None:
    """A flow that ends with a bug is a violation."""
    played.violations.clear()

    def broken() -> object:
        yield from ()
        raise ZeroDivisionError("never")

    ends: list[Finished] = []
    played.stage.run(played.host.web, broken(), "A0.0", ends.append)  # type: ignore[arg-type]
    assert ["flows_end_well"] == [violation.rule for violation in played.violations]
    assert [ZeroDivisionError] == [type(end.error) for end in ends]


def test_a_restore_without_a_backup(played: Simulation) -> None:
    """Before anything was committed there is nothing to restore."""
    held = played.history
    played.history = []
    played.restore(Fault("host", "host", 1, "restored", 1))
    assert 0 == played._restores
    played.history = held


def test_the_rest_of_the_port_goes_through() -> None:
    """What has no faults is answered by the model itself."""
    simulation = Simulation(small_config(), GivenFaults(()), make_gateway=lambda _: ScriptedGateway())
    script = simulation.model
    assert isinstance(script, ScriptedGateway)
    body, headers = script.notice("ref_1")
    assert ("ref_1",) == simulation.network.parse_webhook(body, headers).references
    assert 0 == simulation._kept_minor("unknown")


def test_machines_that_are_gone(played: Simulation) -> None:
    """What was planned for an earlier life of a process, or of an outage, does nothing any more."""
    host, stage, web = played.host, played.stage, played.host.web
    first, second = Fault("host", "host", 1, "gateway_outage"), Fault("host", "host", 2, "gateway_outage")
    played.network.outage = second
    host._end_outage(first)
    assert second is played.network.outage
    played.network.outage = None
    played.faults.is_calm = True
    host._happen(first)
    assert played.network.outage is None
    task = Task(web, iter(()), "A0.0", lambda _: None)  # type: ignore[arg-type]
    stage.crash(web, first)
    stage.crash(web, second)
    played.agenda.step(played.agenda.now_ms + 10**9)
    assert task.is_dead
    commits = played.store.commits
    stage._commit(task, None, None)  # type: ignore[arg-type]
    stage._call(task, None, None)  # type: ignore[arg-type]
    stage._advance(task, None)
    assert commits == played.store.commits
    web.is_up = True


def test_a_store_that_refuses(played: Simulation) -> None:
    """What a store or a gateway raises is told to the flow that asked."""
    told: list[object] = []

    def asks() -> object:
        for request in (
            Commit(Change(guards=(Guard(RecordKind.ACCOUNT, "a", 1),) * 2)),
            CompleteSetup("main", "?"),
        ):
            try:
                yield request
            except BillingError as error:
                told.append(type(error))

    played.stage.run(played.host.web, asks(), "A0", lambda _: None)  # type: ignore[arg-type]
    while played.agenda.step(played.agenda.now_ms + 10**4):
        pass
    assert [InvariantViolated, NotFound] == told


def test_people_with_a_plain_gateway() -> None:
    """Whoever decides reads the ledger that there is."""
    simulation = Simulation(small_config(days=10), GivenFaults(()), make_gateway=lambda _: ScriptedGateway())
    simulation.run()
    attempt = next(iter(simulation.memory.attempts.values()))
    assert "adopt" == simulation.people._right_decision(attempt)
    unsent = attrs.evolve(attempt, request=attrs.evolve(attempt.request, idempotency_key="unknown"))
    assert "void" == simulation.people._right_decision(unsent)
    simulation.network.detach_card(attempt.request.card)


def test_people_forget_what_a_restore_forgot(played: Simulation) -> None:
    """A decision about a record that is gone is none."""
    before = played.store.commits
    played.people._decide("att_gone", "A0")
    played.people._plan_refund_decision("re_gone")
    end_ms = played.agenda.now_ms + 40 * 3600 * 1000
    while played.agenda.step(end_ms):
        pass
    assert before <= played.store.commits
