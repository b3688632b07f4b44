"""One physical card, charged by several licenses, accounts and workers: they take turns."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.gateways.capabilities import Capabilities, Operation
from billing_core.licenses.license import License
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service.calls import Send
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Commit
from billing_core.stores.port import Guard, RecordKind, Store
from billing_core.testing import ScriptedGateway
from billing_core.values.money import Money
from tests.unit.service.stage import PRICE, Hand, Stage

DETECTING = Capabilities(operations=frozenset(Operation), duplicate_window=timedelta(minutes=5))


def _stage(kind: str, folder: Path, gateway: ScriptedGateway | None = None) -> Stage:
    stage = Stage(BillingPolicy(retry_days=(1,)), gateway=gateway)
    if kind == "sqlite":
        store: Store = SqlStore.open(f"sqlite:///{folder}/billing.db", clock=stage.clock)
        stage.store = store  # type: ignore[assignment]
        stage.billing = stage.worker()
    return stage


@pytest.fixture(params=["memory", "sqlite"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    """A vendor on each store."""
    return _stage(request.param, tmp_path)


def _licenses_on_one_card(stage: Stage, count: int) -> list[License]:
    """Licenses of as many accounts, which share one physical card."""
    licenses = []
    for number in range(count):
        account = stage.open(f"Ada {number} Ltd")
        stage.add_card(account.id, fingerprint="fp_shared", brand="mastercard")
        licenses.append(stage.subscribe(stage.billing.account(account.id)))
    return licenses


def test_workers_that_charge_one_card_take_turns(stage: Stage) -> None:
    """Both decide on the same history; the second one's commit fails, and it decides again."""
    first, second = (
        Hand(stage, look_after(stage.context, license.id)) for license in _licenses_on_one_card(stage, 2)
    )
    for hand in (first, second):
        hand.until(Commit)
    (ours,) = second.request.change.attempts  # type: ignore[union-attr]
    first.until(Send)
    refused = stage.store.commit([second.request.change])[0]  # type: ignore[union-attr]
    assert Guard(RecordKind.ATTEMPT, ours.id, 0) == refused.conflict
    second.finish()
    first.finish()
    uses = sorted(attempt.card_use for attempt in stage.billing.attempts().items)
    assert ([1, 2], 2) == (uses, len(stage.gateway.captures))
    stage.ensure_sound()


def test_the_last_try_that_a_network_allows_is_made_once(stage: Stage) -> None:
    """Nine declines within a day, and two workers at a time: one makes the tenth, the other waits."""
    licenses = _licenses_on_one_card(stage, 11)
    for license in licenses[:9]:
        stage.gateway.next_charge_declines(Advice.RETRY_LATER)
        stage.billing.run_license(license.id)
    hands = [Hand(stage, look_after(stage.context, license.id)) for license in licenses[9:]]
    for hand in hands:
        hand.until(Commit)
        stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    rules = {hand.finish().wait.because.rule for hand in hands}
    assert ({"network_limit"}, 10) == (rules, stage.gateway.sends)
    stage.ensure_sound()


def test_a_try_that_nobody_knows_the_end_of_counts() -> None:
    """Nine declines and one lost answer: the next one waits, for it could be the eleventh."""
    stage = Stage()
    licenses = _licenses_on_one_card(stage, 11)
    for number, license in enumerate(licenses[:10]):
        if number < 9:
            stage.gateway.next_charge_declines(Advice.RETRY_LATER)
        else:
            stage.gateway.next_response_is_lost()
        stage.billing.run_license(license.id)
    wait = stage.billing.run_license(licenses[10].id).wait
    assert wait is not None
    assert ("network_limit", stage.clock.now() + timedelta(days=1)) == (wait.because.rule, wait.until)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_two_licenses_at_one_price_are_spaced(kind: str, tmp_path: Path) -> None:
    """In one run one of them is charged; the other when the processor can't take it for a repeat any more."""
    stage = _stage(kind, tmp_path, ScriptedGateway(DETECTING))
    account = stage.open()
    for _ in range(2):
        stage.subscribe(stage.billing.account(account.id))
    other = stage.subscribe(
        stage.billing.account(account.id), plan=Plan.monthly("pro", price_per_seat=Money.of("29.00", "EUR"))
    )
    started_at = stage.clock.now()
    stage.billing.run_due()
    assert sorted([PRICE, stage.attempt(other.id).request.amount]) == sorted(
        capture.amount for capture in stage.gateway.captures
    )
    stage.run_until_calm(days=1)
    last = max(attempt.first_sent_at for attempt in stage.billing.attempts().items)
    assert (3, timedelta(minutes=7)) == (len(stage.gateway.captures), last - started_at)
    assert {AttemptState.SUCCEEDED} == {attempt.state for attempt in stage.billing.attempts().items}
    stage.ensure_sound()
