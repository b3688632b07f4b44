"""Cases 9 to 15: what an answer means that is late, broken, refused, or not there at all."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from billing_core.gateways.capabilities import GatewayGrade
from billing_core.gateways.results import ChargeNotFound, ChargeRequest, Outcome
from billing_core.testing.faults import Fault
from billing_core.testing.gateway_kit.bench import Bench, gateway_case
from billing_core.testing.kit_report import ensure, ensure_equal

__all__ = [
    "check_lost_request",
    "check_lost_response",
    "check_refused_connection",
    "check_server_errors",
    "check_stalled_response",
    "check_throttling",
    "check_unreadable_answers",
]

#: What `Fault.THROTTLE` asks for.
_THROTTLED = timedelta(seconds=7)


@gateway_case()
def check_lost_response(bench: Bench) -> None:
    """A lost answer is UNKNOWN; the look-up finds the charge, and a repeat is the same charge."""
    request = bench.request()
    result = bench.send(request, fault=Fault.DROP_AFTER)
    bench.ensure_outcome(result, "when the answer is lost", Outcome.UNKNOWN)
    bench.ensure_charged_once(request, "when the answer is lost")
    _ensure_resolved(bench, request, "after a lost answer")


@gateway_case()
def check_lost_request(bench: Bench) -> None:
    """A request that never arrived is not a success; the look-up finds nothing, and a repeat charges."""
    request = bench.request()
    result = bench.send(request, fault=Fault.DROP_BEFORE)
    bench.ensure_outcome(result, "when the request is lost", Outcome.UNKNOWN, Outcome.NOT_ATTEMPTED)
    bench.ensure_not_charged(request, "when the request is lost")
    if bench.can_look_up and not bench.is_fenced:
        bench.ensure_not_found(request, "a request that never arrived")
    bench.ensure_outcome(bench.send(request), "for a repeat", Outcome.SUCCEEDED)
    bench.ensure_charged_once(request, "after a lost request and a repeat")


@gateway_case()
def check_server_errors(bench: Bench) -> None:
    """A 5xx says nothing about money: UNKNOWN, before and after the processor did it."""
    for fault in (Fault.ERROR_AFTER, Fault.ERROR_BEFORE):
        request = bench.request()
        result = bench.send(request, fault=fault)
        bench.ensure_outcome(result, f"on a 5xx ({fault.value})", Outcome.UNKNOWN)
        if fault is Fault.ERROR_AFTER:
            _ensure_resolved(bench, request, "after a 5xx")
        else:
            bench.ensure_not_charged(request, "after a 5xx on the way")


@gateway_case()
def check_unreadable_answers(bench: Bench) -> None:
    """An answer that is cut short, not JSON, a page for people, or not HTTP, is UNKNOWN."""
    for fault in (Fault.TRUNCATE, Fault.GARBLE, Fault.HTML_ERROR, Fault.NONSENSE):
        request = bench.request()
        result = bench.send(request, fault=fault)
        bench.ensure_outcome(result, f"on an unreadable answer ({fault.value})", Outcome.UNKNOWN)
        _ensure_resolved(bench, request, "after an unreadable answer")


@gateway_case()
def check_stalled_response(bench: Bench) -> None:
    """An answer that does not come, or drips, is UNKNOWN within the declared time-out."""
    timeout = bench.harness.short_timeout
    gateway = bench.new_gateway(send_timeout=timeout)
    ensure_equal(
        timeout, gateway.capabilities.send_timeout, "the send_timeout that the harness was asked for"
    )
    for fault in (Fault.STALL, Fault.DRIP):
        request = bench.request()
        when = f"when the answer does not come ({fault.value})"
        method, arguments = bench.ready(request, gateway)
        # Broken by this thread: whatever the call does, the block ends, and hangs up on it.
        with bench.harness.injecting(fault):
            result = bench.in_time(partial(bench.good, getattr(gateway, method), *arguments), when)
        bench.ensure_outcome(result, when, Outcome.UNKNOWN)
        _ensure_resolved(bench, request, when)


@gateway_case()
def check_throttling(bench: Bench) -> None:
    """A 429 did nothing: NOT_ATTEMPTED, with the time to wait, and nobody is declined."""
    request = bench.request()
    result = bench.send(request, fault=Fault.THROTTLE)
    bench.ensure_outcome(result, "on a 429", Outcome.NOT_ATTEMPTED)
    ensure_equal(_THROTTLED, result.retry_after, "on a 429, retry_after")
    bench.ensure_not_charged(request, "after a 429")
    bench.ensure_outcome(bench.send(request), "for a repeat", Outcome.SUCCEEDED)
    bench.ensure_charged_once(request, "after a 429 and a repeat")


@gateway_case()
def check_refused_connection(bench: Bench) -> None:
    """An outage is nobody's decline: NOT_ATTEMPTED or UNKNOWN."""
    request = bench.request()
    result = bench.send(request, fault=Fault.REFUSE)
    bench.ensure_outcome(result, "when the connection is refused", Outcome.NOT_ATTEMPTED, Outcome.UNKNOWN)
    bench.ensure_outcome(bench.send(request), "after the outage", Outcome.SUCCEEDED)
    bench.ensure_charged_once(request, "after an outage and a repeat")


def _ensure_resolved(bench: Bench, request: ChargeRequest, when: str) -> None:
    """The charge happened: whatever the grade offers must find that out, without a second one."""
    if bench.can_look_up:
        found = bench.find(request, bench.new_gateway())
        ensure(not isinstance(found, ChargeNotFound), f"{when}, the look-up must find the charge")
        ensure_equal(Outcome.SUCCEEDED, getattr(found, "outcome", None), f"{when}, what the look-up finds")
    if bench.capabilities.grade is not GatewayGrade.NONE:
        bench.ensure_outcome(bench.send(request), f"{when}, for a repeat", Outcome.SUCCEEDED)
    bench.ensure_charged_once(request, when)
