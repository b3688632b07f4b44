"""What a fence has to hold: money moves at confirm, once, and never after cancel. Part of case 28."""

from __future__ import annotations

from billing_core.gateways.results import Outcome
from billing_core.testing.faults import Fault
from billing_core.testing.gateway_kit.bench import Bench
from billing_core.testing.kit_report import ensure, ensure_equal

__all__ = ["ensure_fence"]

_TIMES = 3


def ensure_fence(bench: Bench) -> None:
    """
    Try prepare, confirm, get and cancel in the orders in which crashes leave them.

    Raises:
        AssertionError: the declared grade FENCED does not hold.
    """
    _ensure_confirmed_once(bench)
    _ensure_seen_at_once(bench)
    _ensure_canceled_for_good(bench)


def _ensure_confirmed_once(bench: Bench) -> None:
    request = bench.request()
    gateway_ref = bench.gateway.prepare_charge(request)
    bench.ensure_not_charged(request, "after prepare_charge")
    before = bench.gateway.get_charge(gateway_ref)
    ensure(before.outcome is not Outcome.SUCCEEDED, "before it is confirmed, a charge must not be SUCCEEDED")
    results = [bench.gateway.confirm_charge(gateway_ref, request) for _ in range(_TIMES)]
    outcomes = {result.outcome for result in results}
    ensure_equal({Outcome.SUCCEEDED}, outcomes, "what repeated confirmations answer")
    bench.ensure_charged_once(request, "after repeated confirmations")


def _ensure_seen_at_once(bench: Bench) -> None:
    request = bench.request()
    gateway_ref = bench.gateway.prepare_charge(request)
    bench.attempt(lambda: bench.gateway.confirm_charge(gateway_ref, request), Fault.DROP_AFTER)
    # No lag may pass here: get_charge is the one read that is never late.
    found = bench.new_gateway().get_charge(gateway_ref)
    ensure_equal(Outcome.SUCCEEDED, found.outcome, "right after a confirmation, what get_charge answers")
    ensure_equal(request.amount, found.amount, "the amount that get_charge reports")


def _ensure_canceled_for_good(bench: Bench) -> None:
    request = bench.request()
    gateway_ref = bench.gateway.prepare_charge(request)
    canceled = bench.gateway.cancel_charge(request)
    outcome = getattr(canceled, "outcome", None)
    ensure(
        outcome is not Outcome.SUCCEEDED,
        "a charge that was canceled before it was confirmed has not SUCCEEDED",
    )
    late = bench.gateway.confirm_charge(gateway_ref, request)
    ensure(late.outcome is not Outcome.SUCCEEDED, "a canceled charge must not be confirmed any more")
    bench.ensure_not_charged(request, "after a charge was canceled, and confirmed too late")
    paid = bench.request()
    bench.send(paid)
    ensure_equal(
        Outcome.SUCCEEDED,
        getattr(bench.gateway.cancel_charge(paid), "outcome", None),
        "what cancel_charge answers for a captured charge",
    )
    bench.ensure_charged_once(paid, "after a captured charge was to be canceled")
