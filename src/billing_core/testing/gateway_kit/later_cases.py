"""Cases 16, 22, 24, 25, 29 and 30: look-ups, company, and what another process can still find out."""

from __future__ import annotations

from functools import partial

import attrs

from billing_core.accounts.saved_card import CardToken
from billing_core.gateways.capabilities import GatewayGrade, Operation
from billing_core.gateways.results import ChargeNotFound, ChargeRequest, ChargeResult, Outcome
from billing_core.testing.faults import Fault
from billing_core.testing.gateway_kit.bench import Bench, gateway_case, in_background
from billing_core.testing.gateway_kit.bridge import Bridge
from billing_core.testing.gateway_kit.harness import CardScenario
from billing_core.testing.kit_report import ensure, ensure_equal

__all__ = [
    "check_abandoned_call",
    "check_fresh_process",
    "check_look_up_lag",
    "check_pending_settles",
    "check_same_key_at_once",
    "check_unknown_reference",
]

_WORKERS = 4


@gateway_case(Operation.FIND_CHARGE)
def check_unknown_reference(bench: Bench) -> None:
    """What was never sent is not found, be there as many charges like it as you please."""
    card = bench.card(CardScenario.OK)
    known = bench.request(card)
    bench.send(known)
    bench.ensure_not_found(bench.request(card, known.amount), "a charge that was never asked for")
    declined = bench.request(CardScenario.INSUFFICIENT_FUNDS)
    bench.send(declined)
    other = bench.next_attempt(declined, CardScenario.OK)
    bench.ensure_not_found(other, "an attempt that was never sent")


@gateway_case(keyed=True)
def check_same_key_at_once(bench: Bench) -> None:
    """Workers that race with one key make one charge; losers say the same, or that they don't know."""
    request = bench.request()
    gateways = [bench.gateway, bench.gateway, *(bench.new_gateway() for _ in range(_WORKERS - 2))]
    waits = [in_background(partial(bench.send, request, gateway)) for gateway in gateways]
    results = [wait(None) for wait in waits]
    for result in results:
        bench.ensure_outcome(result, "in a race with one key", Outcome.SUCCEEDED, Outcome.UNKNOWN)
    winners = {result.gateway_ref for result in results if result.outcome is Outcome.SUCCEEDED}
    ensure_equal(1, len(winners), "in a race with one key, different ids among the successes")
    bench.ensure_charged_once(request, "after a race with one key")


@gateway_case(Operation.FIND_CHARGE)
def check_pending_settles(bench: Bench) -> None:
    """A charge that settles later is PENDING until it does; then it is paid or declined, and stays so."""
    for approved, final in ((True, Outcome.SUCCEEDED), (False, Outcome.DECLINED)):
        request = bench.request(CardScenario.PENDING)
        bench.ensure_outcome(bench.send(request), "for a card that settles later", Outcome.PENDING)
        bench.ensure_not_charged(request, "before it settles")
        _ensure_found(bench, request, Outcome.PENDING, "before it settles")
        bench.harness.settle(request.reference, approved=approved)
        for _ in range(2):
            _ensure_found(bench, request, final, "after it settled")
        bench.send(request)
        _ensure_found(bench, request, final, "after it settled and was sent again")
        ensure_equal(
            [request.amount] if approved else [],
            bench.captured(request),
            "after it settled, the processor's ledger",
        )


@gateway_case(Operation.FIND_CHARGE)
def check_look_up_lag(bench: Bench) -> None:
    """A new charge may be invisible for the declared lag, and never for longer."""
    request = bench.request()
    bench.send(request)
    early = bench.gateway.find_charge(request)
    ensure(
        isinstance(early, ChargeNotFound) or early.outcome in {Outcome.SUCCEEDED, Outcome.UNKNOWN},
        "right after a charge, the look-up must find it, or nothing",
    )
    _ensure_found(bench, request, Outcome.SUCCEEDED, "once the declared look_up_lag has passed")
    bench.ensure_charged_once(request, "after two look-ups")


@gateway_case()
def check_abandoned_call(bench: Bench) -> None:
    """A call that is given up half-way loses no money, and holds nobody else up."""
    request = bench.request()
    if bench.bridge is None:
        _abandon_in_thread(bench, request)
    else:
        _cancel_task(bench, bench.bridge, request)
    bench.ensure_charged_once(request, "after a call was given up")


@gateway_case(Operation.FIND_CHARGE)
def check_fresh_process(bench: Bench) -> None:
    """What one adapter sent, a fresh one can resolve: nothing is kept in memory."""
    request = bench.request()
    bench.send(request, fault=Fault.DROP_AFTER)
    fresh = bench.new_gateway()
    # What a process reads from the store are equal records, and not the same objects.
    restored = attrs.evolve(request, card=CardToken(request.card.value, grammar=request.card.grammar))
    _ensure_outcome(bench.find(restored, fresh), Outcome.SUCCEEDED, "from a fresh adapter")
    if bench.capabilities.grade is not GatewayGrade.NONE:
        again = bench.send(restored, bench.new_gateway())
        bench.ensure_outcome(again, "for a repeat by a fresh adapter", Outcome.SUCCEEDED)
    bench.ensure_charged_once(request, "after three adapters")


def _abandon_in_thread(bench: Bench, request: ChargeRequest) -> None:
    """A thread can't be canceled; but while one call waits for ever, the others must not."""
    method, arguments = bench.ready(request, bench.gateway)
    with bench.harness.injecting(Fault.STALL):
        in_background(lambda: getattr(bench.gateway, method)(*arguments))
        bench.wait_until(lambda: bench.captured(request), "the charge must arrive at the processor")
        if bench.can_look_up:
            bench.let_pass_lag()
            found = bench.in_time(
                lambda: bench.gateway.find_charge(request), "while another call waits for its answer"
            )
            _ensure_outcome(found, Outcome.SUCCEEDED, "while another call waits for its answer")


def _cancel_task(bench: Bench, bridge: Bridge, request: ChargeRequest) -> None:
    """A canceled task must end as canceled: whatever it returned instead would be believed."""
    method, arguments = bench.ready(request, bench.gateway)
    with bench.harness.injecting(Fault.STALL):
        task = bridge.begin(lambda: getattr(bench.gateway.awaited, method)(*arguments))
        bench.wait_until(lambda: bench.captured(request), "the charge must arrive at the processor")
        result = bridge.give_up(task, bench.harness.timing_slack.total_seconds())
    ensure(
        result is None or result.outcome is Outcome.UNKNOWN,
        "a canceled call must end as canceled, or answer UNKNOWN",
    )
    if bench.can_look_up:
        _ensure_found(bench, request, Outcome.SUCCEEDED, "after a canceled call")


def _ensure_found(bench: Bench, request: ChargeRequest, outcome: Outcome, when: str) -> None:
    _ensure_outcome(bench.find(request), outcome, when)


def _ensure_outcome(found: ChargeResult | ChargeNotFound, outcome: Outcome, when: str) -> None:
    became = None if isinstance(found, ChargeNotFound) else found.outcome
    ensure_equal(outcome, became, f"{when}, what the look-up finds")
