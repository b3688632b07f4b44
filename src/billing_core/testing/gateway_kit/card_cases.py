"""Cases 26 and 27: cards that come, and cards that go."""

from __future__ import annotations

from billing_core.advice import Advice
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.results import (
    CardDetails,
    ChargeRequest,
    Outcome,
    SetupOutcome,
    SetupRequest,
    SetupSession,
)
from billing_core.testing.gateway_kit.bench import Bench, gateway_case
from billing_core.testing.gateway_kit.harness import CardScenario, KitCard, SetupScenario
from billing_core.testing.kit_report import CaseSkipped, ensure, ensure_equal

__all__ = ["check_card_setup", "check_cards_gone"]


@gateway_case(Operation.CARD_SETUP)
def check_card_setup(bench: Bench) -> None:
    """A card page gives one chargeable card, however often it is asked; a page that was left gives none."""
    for scenario in (SetupScenario.ABANDONED, SetupScenario.EXPIRED):
        session = _begun(bench)
        bench.harness.finish_setup(session, scenario)
        outcome = bench.gateway.complete_card_setup(session.session_ref).outcome
        ensure_equal(SetupOutcome.ABANDONED, outcome, f"for a page that was {scenario.value}, the set-up")
    session = _begun(bench)
    outcome = bench.gateway.complete_card_setup(session.session_ref).outcome
    ensure_equal(SetupOutcome.PENDING, outcome, "before the owner has finished, the set-up")
    card, customer_ref = _entered(bench, session)
    again = bench.new_gateway().complete_card_setup(session.session_ref)
    ensure_equal(card, again.card, "when the set-up is completed again, its card")
    request = bench.request(KitCard(token=card.token, customer_ref=customer_ref))
    bench.ensure_outcome(bench.send(request), "for the card that was set up", Outcome.SUCCEEDED)
    bench.ensure_charged_once(request, "for the card that was set up")


@gateway_case()
def check_cards_gone(bench: Bench) -> None:
    """A card that was detached, or belongs to somebody else, is never charged."""
    for scenario in (CardScenario.WRONG_CUSTOMER, CardScenario.DETACHED):
        if bench.harness.card(scenario) is None:
            bench.leave_out(f"the harness has no card that is {scenario.value}")
        else:
            _ensure_not_chargeable(bench, bench.request(scenario), scenario.value)
    if bench.capabilities.supports(Operation.DETACH_CARD):
        _ensure_detached(bench)


def _ensure_detached(bench: Bench) -> None:
    if not bench.capabilities.supports(Operation.CARD_SETUP):
        raise CaseSkipped("card_setup is not declared, so the kit has no card to detach")
    card, customer_ref = _entered(bench, _begun(bench))
    bench.gateway.detach_card(card.token)
    try:
        bench.gateway.detach_card(card.token)
    except Exception as error:
        raise AssertionError(f"to detach a card twice must be fine, not {type(error).__name__}") from error
    request = bench.request(KitCard(token=card.token, customer_ref=customer_ref))
    _ensure_not_chargeable(bench, request, "detached by the adapter")
    if bench.capabilities.supports(Operation.DESCRIBE_CARD):
        ensure(
            bench.gateway.describe_card(card.token) is None,
            "describe_card must give None for a detached card",
        )


def _begun(bench: Bench) -> SetupSession:
    session = bench.gateway.begin_card_setup(
        SetupRequest(
            setup_id=bench.new_id("setup"),
            account_id=bench.new_id("account"),
            return_url="https://host.example/cards",
            currency=bench.harness.price.currency.code,
        )
    )
    if not isinstance(session, SetupSession) or not (session.url or session.client_secret):
        raise AssertionError("begin_card_setup must return a SetupSession with a url or a client_secret")
    return session


def _entered(bench: Bench, session: SetupSession) -> tuple[CardDetails, str | None]:
    bench.harness.finish_setup(session, SetupScenario.ENTERED)
    result = bench.gateway.complete_card_setup(session.session_ref)
    ensure_equal(SetupOutcome.COMPLETED, result.outcome, "when the owner has typed a card, the set-up")
    card = result.card
    ensure(
        bench.capabilities.accepts_token(card.token), "the card's token must be in the declared token_grammar"
    )
    if bench.capabilities.supports(Operation.DESCRIBE_CARD):
        described = bench.gateway.describe_card(card.token)
        ensure(described is not None, "describe_card must know a card that was just set up")
        ensure_equal(
            (card.token, card.last4, card.expires),
            (described.token, described.last4, described.expires),
            "what describe_card says of the card that was set up",
        )
    return card, result.customer_ref or session.customer_ref


def _ensure_not_chargeable(bench: Bench, request: ChargeRequest, what: str) -> None:
    result = bench.accepted(request)
    if result is not None:
        bench.ensure_outcome(result, f"for a card that is {what}", Outcome.DECLINED)
        assert result.decline is not None
        ensure_equal(Advice.NEW_CARD, result.decline.advice, f"the advice for a card that is {what}")
    bench.ensure_not_charged(request, f"for a card that is {what}")
