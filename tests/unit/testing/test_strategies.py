"""The strategies: complete, within their bounds, registered, and fit for what is drawn to be used."""

from __future__ import annotations

import inspect
import tomllib
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

import billing_core
from billing_core.charging.attempt import AttemptState
from billing_core.charging.invariants import BillingState, check_invariants
from billing_core.gateways.capabilities import GatewayGrade
from billing_core.gateways.results import Outcome
from billing_core.policy import BillingPolicy
from billing_core.testing import _hypothesis_entry, strategies
from billing_core.testing.strategies import registered
from billing_core.testing.strategies.people import built
from billing_core.values.currency import Currency
from billing_core.values.money import Money
from tests.reflection import records

EUR = Currency.of("EUR")
#: The first example that fits will do; making it small would take longer than the rest.
AT_ONCE = settings(max_examples=1000, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
DRAWN = settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])


def test_every_record_has_a_strategy() -> None:
    """And every strategy is of something public."""
    names = set(registered())
    assert set() == {cls.__name__ for cls in records()} - names
    assert set() == names - set(billing_core.__all__)


@pytest.mark.parametrize(
    "name", [name for name in strategies.__all__ if name not in {"register", "registered"}]
)
def test_names_are_plural_and_bounds_are_named(name: str) -> None:
    """As in Hypothesis itself, so that a call reads without its definition."""
    signature = inspect.signature(getattr(strategies, name))
    assert any(word.endswith("s") for word in name.split("_"))
    assert all(it.kind is inspect.Parameter.KEYWORD_ONLY for it in signature.parameters.values())
    assert isinstance(getattr(strategies, name)(), st.SearchStrategy)


def test_hypothesis_finds_the_entry_point() -> None:
    """The name in the package's metadata is that of a function, which registers every type."""
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    (target,) = project["entry-points"]["hypothesis"].values()
    module, _, function = target.partition(":")
    assert _hypothesis_entry.register is getattr(import_module(module), function)
    _hypothesis_entry.register()
    drawn = find(st.from_type(billing_core.SavedCard), lambda card: card.last4[-1] == "7", settings=AT_ONCE)
    assert "7" == drawn.last4[-1]


@given(data=st.data())
def test_bounds_of_values_are_kept(data: st.DataObject) -> None:
    """What is asked for is what is drawn."""
    money = data.draw(strategies.monies(currency=EUR, min_minor=5, max_minor=9))
    assert EUR is money.currency
    assert 5 <= money.amount_minor <= 9
    assert 0 <= data.draw(strategies.unit_prices(currency=EUR, max_minor=3)).numerator <= 3
    assert 1 <= data.draw(strategies.intervals(max_count=2)).count <= 2
    assert date(2025, 1, 1) == data.draw(strategies.days(min_day=date(2025, 1, 1), max_day=date(2025, 1, 1)))
    assert 1 <= data.draw(strategies.periods(max_days=3)).days <= 3
    assert timedelta(0) <= data.draw(strategies.durations(max_days=1)) <= timedelta(days=1)
    assert data.draw(strategies.ids(prefix="acc")).startswith("acc")
    assert len(data.draw(strategies.human_texts(max_length=3))) <= 3
    schedule = data.draw(
        strategies.schedules(anchor=date(2025, 1, 31), interval=billing_core.Interval.weekly())
    )
    assert (date(2025, 1, 31), billing_core.Interval.weekly(), None) == (
        schedule.anchor,
        schedule.interval,
        schedule.anchor_day,
    )


@DRAWN
@given(data=st.data())
def test_bounds_of_records_are_kept(data: st.DataObject) -> None:
    """Also those that reach into what a record holds."""
    account = data.draw(strategies.accounts(currency=EUR, min_cards=1, max_cards=1, gateway_id="main"))
    assert (EUR, ["main"]) == (account.currency, [card.gateway_id for card in account.cards])
    license_ = data.draw(strategies.licenses(account=account, start_on=date(2025, 1, 31)))
    assert (account.id, EUR, date(2025, 1, 31)) == (
        license_.account_id,
        license_.plan.currency,
        license_.starts_on,
    )
    ten = Money.of(10, "EUR")
    request = data.draw(strategies.charge_requests(amount=ten))
    result = data.draw(strategies.charge_results(amount=ten))
    assert ten == request.amount
    assert result.amount in {None, ten}
    assert EUR is data.draw(strategies.invoices(currency=EUR)).total.currency
    assert EUR is data.draw(strategies.tax_lines(currency=EUR)).amount.currency
    assert 2 >= data.draw(strategies.extensions(max_days=2)).days
    assert 1 >= len(data.draw(strategies.webhook_notices(max_references=1)).references)
    grade = data.draw(strategies.capabilities(grade=GatewayGrade.FENCED)).grade
    assert GatewayGrade.FENCED is grade
    advice = billing_core.Advice.NEVER
    assert advice is data.draw(strategies.declines(advice=advice)).advice


@DRAWN
@given(data=st.data())
def test_dossiers_are_such_as_the_library_makes(data: st.DataObject) -> None:
    """Whatever the processor answered on the way, no rule of the books is broken."""
    policy = BillingPolicy(grace_days=7)
    dossier = data.draw(strategies.dossiers(policy=policy, max_steps=20))
    state = BillingState(
        accounts=(dossier.account,),
        licenses=(dossier.license,),
        invoices=dossier.invoices,
        attempts=dossier.attempts,
    )
    assert () == check_invariants(state)


def test_dossiers_reach_an_answered_charge() -> None:
    """They are no blank forms: some have been to the processor."""
    found = find(strategies.dossiers(), lambda dossier: bool(dossier.attempts), settings=AT_ONCE)
    assert found.invoices


@pytest.mark.parametrize(
    "state", [AttemptState.SUCCEEDED, AttemptState.UNKNOWN, AttemptState.REQUIRES_ACTION]
)
def test_attempts_reach_every_kind_of_state(state: AttemptState) -> None:
    """Final, uncertain, and waiting for the cardholder."""
    found = find(strategies.attempts(), lambda attempt: attempt.state is state, settings=AT_ONCE)
    assert state is found.state


def test_an_orphan_can_be_drawn() -> None:
    """Money that turned up late is rare, and matters most."""
    orphaned = find(strategies.attempts(), lambda attempt: attempt.orphan is not None, settings=AT_ONCE)
    assert not orphaned.is_unresolved


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_can_be_drawn(outcome: Outcome) -> None:
    """None is forgotten."""
    found = find(strategies.charge_results(), lambda result: result.outcome is outcome, settings=AT_ONCE)
    assert outcome is found.outcome


def test_neighbours_never_hold_a_card_number() -> None:
    """Such examples are thrown away, not raised."""
    halves = st.just("4242 4242")
    address = built(billing_core.Address, line1=halves, line2=halves, country=st.just("FR"))
    with pytest.raises(Unsatisfiable):
        find(address, lambda _: True, settings=AT_ONCE)


@DRAWN
@given(data=st.data())
def test_every_type_can_be_drawn(data: st.DataObject) -> None:
    """By its strategy, as itself."""
    for name, strategy in registered().items():
        if name != "Dossier":  # drawn above, and long
            assert isinstance(data.draw(strategy), getattr(billing_core, name))
