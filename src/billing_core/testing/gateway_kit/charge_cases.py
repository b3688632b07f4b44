"""Cases 1 to 8, 20 and 23: what a charge answers, and what it does to money."""

from __future__ import annotations

import attrs

from billing_core.advice import Advice
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.results import Outcome
from billing_core.testing.gateway_kit.bench import Bench, gateway_case
from billing_core.testing.gateway_kit.harness import CardScenario
from billing_core.testing.kit_report import CaseSkipped, ensure, ensure_equal
from billing_core.values.currency import Currency
from billing_core.values.money import Money

__all__ = [
    "check_changed_request",
    "check_charge",
    "check_hard_declines",
    "check_minor_units",
    "check_new_card_after_decline",
    "check_next_period",
    "check_reported_amount",
    "check_requires_action",
    "check_same_key",
    "check_soft_decline",
]

#: 114.53 * 100 is 11452.999… as a float, and 19.99 * 100 is 1998.999…
_TRAPS_MINOR = (11453, 1999)

#: Without cents, and with a thousandth whose last digit every processor takes.
_OTHER_EXPONENTS = (("JPY", 1999), ("KWD", 12340))


@gateway_case()
def check_charge(bench: Bench) -> None:
    """A good card is charged: exactly the amount, exactly once, and the answer says so."""
    for amount_minor in (bench.harness.price.amount_minor, *_TRAPS_MINOR):
        request = bench.request(amount=Money(amount_minor, bench.harness.price.currency))
        result = bench.send(request)
        bench.ensure_outcome(result, "for a good card", Outcome.SUCCEEDED)
        ensure_equal(request.amount, result.amount, "the amount that charge reports")
        ensure(result.gateway_ref, "a success must carry the processor's id as gateway_ref")
        bench.ensure_charged_once(request, "after one charge")


@gateway_case()
def check_soft_decline(bench: Bench) -> None:
    """Insufficient funds are a decline that may be tried again later; no money moves."""
    request = bench.request(CardScenario.INSUFFICIENT_FUNDS)
    _ensure_declined(bench, CardScenario.INSUFFICIENT_FUNDS, Advice.RETRY_LATER)
    result = bench.send(request)
    ensure(
        result.decline is not None and result.decline.gateway_code, "a decline must keep the processor's code"
    )


@gateway_case()
def check_hard_declines(bench: Bench) -> None:
    """Lost or stolen is NEVER, expired is NEW_CARD, a withdrawn consent is STOP_RECURRING."""
    advices = {
        CardScenario.LOST_OR_STOLEN: Advice.NEVER,
        CardScenario.EXPIRED: Advice.NEW_CARD,
        CardScenario.REVOKED: Advice.STOP_RECURRING,
    }
    for scenario, advice in advices.items():
        if bench.harness.card(scenario) is None:
            bench.leave_out(f"the harness has no card that is {scenario.value}")
        else:
            _ensure_declined(bench, scenario, advice)


@gateway_case()
def check_requires_action(bench: Bench) -> None:
    """A charge that needs its cardholder says so, with a way to go on; it is paid once they confirmed."""
    request = bench.request(CardScenario.AUTHENTICATION_REQUIRED)
    result = bench.send(request)
    bench.ensure_outcome(result, "for a card that needs its holder", Outcome.REQUIRES_ACTION)
    action = result.action
    ensure(
        action is not None and (action.url or action.client_secret), "the action must have a url or a secret"
    )
    bench.ensure_not_charged(request, "before the cardholder confirmed")
    if bench.can_look_up:
        bench.harness.confirm_action(request.reference)
        ensure_equal(
            Outcome.SUCCEEDED,
            getattr(bench.find(request), "outcome", None),
            "after the cardholder confirmed, what the look-up finds",
        )
        bench.ensure_charged_once(request, "after the cardholder confirmed")


@gateway_case(keyed=True)
def check_same_key(bench: Bench) -> None:
    """The same request under the same key is the same charge, however often it is sent."""
    request = bench.request()
    first = bench.send(request)
    for gateway in (bench.gateway, bench.new_gateway()):
        again = bench.send(request, gateway)
        bench.ensure_outcome(again, "for a repeat", Outcome.SUCCEEDED)
        ensure_equal(first.gateway_ref, again.gateway_ref, "the id that a repeat reports")
    bench.ensure_charged_once(request, "after a charge and two repeats")


@gateway_case(keyed=True)
def check_changed_request(bench: Bench) -> None:
    """Another amount under a used key is an error of ours, and never an old answer."""
    request = bench.request()
    bench.send(request)
    changed = attrs.evolve(request, amount=request.amount * 2)
    result = bench.accepted(changed)
    if result is not None:
        raise AssertionError(
            f"another amount under a used key must raise GatewayRequestError, not be {result.outcome.name}"
        )
    bench.ensure_charged_once(request, "after a changed request")


@gateway_case()
def check_next_period(bench: Bench) -> None:
    """The next period's key is another one, to its last character, and charges again."""
    card = bench.card(CardScenario.OK)
    first = bench.request(card)
    second = bench.request(card, first.amount)
    results = [bench.send(first)]
    if bench.capabilities.duplicate_window is not None:
        bench.harness.let_pass(bench.capabilities.duplicate_window)
    results.append(bench.send(second))
    for request, result in zip((first, second), results, strict=True):
        bench.ensure_outcome(result, "for two periods", Outcome.SUCCEEDED)
        bench.ensure_charged_once(request, "after two periods")
    ensure(results[0].gateway_ref != results[1].gateway_ref, "two periods must be two charges, with two ids")


@gateway_case()
def check_new_card_after_decline(bench: Bench) -> None:
    """After a decline, the same invoice is charged on another card, under another key."""
    declined = bench.request(CardScenario.INSUFFICIENT_FUNDS)
    bench.ensure_outcome(bench.send(declined), "for an empty account", Outcome.DECLINED)
    request = bench.next_attempt(declined, CardScenario.OK)
    bench.ensure_outcome(bench.send(request), "for a good card after a decline", Outcome.SUCCEEDED)
    bench.ensure_charged_once(request, "after a decline and a success")


@gateway_case()
def check_minor_units(bench: Bench) -> None:
    """Amounts of currencies without cents, and with thousandths, arrive as they are."""
    accepted = [code for code, _ in _OTHER_EXPONENTS if bench.capabilities.accepts_currency(code)]
    if not accepted:
        raise CaseSkipped("neither JPY nor KWD is declared")
    for code, amount_minor in _OTHER_EXPONENTS:
        if code in accepted:
            request = bench.request(amount=Money(amount_minor, Currency.of(code)))
            result = bench.send(request)
            bench.ensure_outcome(result, f"for {request.amount}", Outcome.SUCCEEDED)
            ensure_equal(request.amount, result.amount, "the amount that charge reports")
            bench.ensure_charged_once(request, f"after a charge of {request.amount}")


@gateway_case()
def check_reported_amount(bench: Bench) -> None:
    """When less is captured than was asked, the answer and the look-up say how much it was."""
    if not bench.capabilities.partial_approval:
        raise CaseSkipped("partial_approval is not declared")
    request = bench.request(CardScenario.PARTIAL)
    result = bench.send(request)
    bench.ensure_outcome(result, "for a partial approval", Outcome.SUCCEEDED)
    (captured,) = bench.captured(request)
    ensure(captured < request.amount, "the harness's card must capture less than was asked")
    ensure_equal(captured, result.amount, "the amount that charge reports")
    if bench.can_look_up:
        found = bench.find(request)
        ensure_equal(captured, getattr(found, "amount", None), "the amount that the look-up reports")


def _ensure_declined(bench: Bench, scenario: CardScenario, advice: Advice) -> None:
    request = bench.request(scenario)
    result = bench.send(request)
    bench.ensure_outcome(result, f"for a card that is {scenario.value}", Outcome.DECLINED)
    assert result.decline is not None
    ensure_equal(advice, result.decline.advice, f"the advice for a card that is {scenario.value}")
    bench.ensure_not_charged(request, "after a decline")
    if bench.capabilities.supports(Operation.FIND_CHARGE):
        ensure_equal(
            result.outcome,
            getattr(bench.find(request), "outcome", None),
            "what the look-up finds of a decline",
        )
