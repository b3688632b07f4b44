"""Two at once: whoever comes second looks again, and nobody pays twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from billing_core.accounts.permissions import Permission, Role
from billing_core.charging.apply import Draft
from billing_core.charging.attempt import AttemptState
from billing_core.errors import BillingError, Conflict
from billing_core.gateways.results import ChargeResult
from billing_core.service import account_flows, card_flows, license_flows
from billing_core.service.calls import CompleteSetup, LookUp, Send
from billing_core.service.commands import By, change_account
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Commit, Flow
from billing_core.stores.port import CommitResult, Guard, RecordKind
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, PRICE, SAM, SYSTEM, TEAM, Hand, Stage, paid_periods, states


def _credit(stage: Stage, account_id: str, text: str) -> None:
    """Give the account credit, as a refund will."""

    def decide(account: Any, now: Any) -> Any:
        return account.with_balance(Money.of(text, "EUR")), (Draft(type="account.credited"),)

    stage.driver.run(
        change_account(stage.context, account_id, Permission.MANAGE_MEMBERS, By(actor=SYSTEM), decide)
    )


def test_lost_wake_up() -> None:
    """A worker that decided "no card" while the owner added one can't put the license to sleep."""
    stage = Stage()
    account = stage.open()
    license = stage.billing.choose_plan(account.id, TEAM, quantity=3, actor=ADA)
    stage.billing.run_due()
    stage.clock.advance(days=8)  # the expiry is due
    worker = Hand(stage, look_after(stage.context, license.id))
    worker.until(Commit)
    stage.add_card(account.id)
    run = worker.finish()
    assert 1 == len(stage.gateway.captures)
    assert run.wait is not None
    assert [date(2025, 1, 31)] == paid_periods(stage.license(license.id))
    stage.ensure_sound()


def test_two_licenses_share_one_balance() -> None:
    """Two renewals decide on the same credit; only one uses it."""
    stage = Stage()
    account = stage.open()
    first = stage.subscribe(account)
    second = stage.subscribe(stage.billing.account(account.id))
    _credit(stage, account.id, "50.00")
    hands = [Hand(stage, look_after(stage.context, license.id)) for license in (first, second)]
    for hand in hands:
        hand.until(Commit)
    for hand in hands:
        hand.finish()
    assert Money.zero(account.currency) == stage.billing.account(account.id).balance
    assert [PRICE - Money.of("50.00", "EUR"), PRICE] == [capture.amount for capture in stage.gateway.captures]
    stage.ensure_sound()


def _command(name: str) -> Callable[[Stage, str, str], Flow[Any]]:
    by = By(actor=ADA)
    return {
        "cancel now": lambda s, account, lic: license_flows.cancel(s.context, lic, by, at_period_end=False),
        "cancel later": lambda s, account, lic: license_flows.cancel(s.context, lic, by, at_period_end=True),
        "change seats": lambda s, account, lic: license_flows.change_plan(
            s.context, lic, None, by, quantity=5
        ),
        "extension": lambda s, account, lic: license_flows.grant_extension(
            s.context, lic, By(actor=SAM, reason="card lost"), days=3
        ),
        "add member": lambda s, account, lic: account_flows.add_member(
            s.context, account, "new", Role.AGENT, by
        ),
        "time zone": lambda s, account, lic: account_flows.change_time_zone(
            s.context, account, "Asia/Tokyo", by
        ),
        "remove card": lambda s, account, lic: card_flows.remove_card(
            s.context, account, s.billing.account(account).cards[0].id, by
        ),
        "renewal": lambda s, account, lic: look_after(s.context, lic),
    }[name]


COMMANDS = [
    "cancel now",
    "cancel later",
    "change seats",
    "extension",
    "add member",
    "time zone",
    "remove card",
    "renewal",
]


@pytest.mark.parametrize("is_lost", [False, True], ids=["answered", "answer lost"])
@pytest.mark.parametrize("name", COMMANDS)
def test_command_and_renewal_interleaved(name: str, is_lost: bool) -> None:
    """A command starts at any point of a renewal, and the renewal goes on at any point of the command."""
    for renewal_steps in range(9):
        for command_steps in range(6):
            stage = Stage()
            license = stage.subscribe()
            if is_lost:
                stage.gateway.next_response_is_lost()
            renewal = Hand(stage, look_after(stage.context, license.id))
            _go(renewal, renewal_steps)
            command = Hand(stage, _command(name)(stage, license.account_id, license.id))
            is_refused = not _go(command, command_steps)
            renewal.finish()
            if not is_refused:
                _go(command, 100)
            stage.run_until_calm(days=9)
            where = (name, renewal_steps, command_steps)
            is_unwanted = {"cancel now", "cancel later", "remove card"} & {name}
            captures = len(stage.gateway.captures)
            assert captures == 1 or (is_unwanted and captures == 0), where
            assert captures == len(paid_periods(stage.license(license.id))), where
            stage.ensure_sound()


def _go(hand: Hand, steps: int) -> bool:
    """Some steps; whether the flow was not refused."""
    try:
        for _ in range(steps):
            if not hand.is_done:
                hand.step()
    except BillingError:
        return False
    return True


def test_conflict_after_the_charge_calls_no_gateway_again() -> None:
    """The outcome is committed on what the world has become meanwhile; the charge is not repeated."""
    stage = Stage()
    license = stage.subscribe()
    hand = Hand(stage, look_after(stage.context, license.id))
    hand.until(Send)
    hand.step()
    stage.billing.grant_extension(license.id, days=2, actor=SAM, reason="was on the phone")
    hand.finish()
    assert 1 == stage.gateway.sends
    settled = stage.license(license.id)
    assert (1, [date(2025, 1, 31)]) == (len(settled.extensions), paid_periods(settled))
    stage.ensure_sound()


def test_reply_after_somebody_else_found_out() -> None:
    """A look-up settles while the send's reply is on its way; the reply then changes nothing."""
    stage = Stage()
    license = stage.subscribe()
    hand = Hand(stage, look_after(stage.context, license.id))
    hand.until(Send)
    hand.step()
    stage.clock.advance(minutes=3)
    stage.billing.run_license(license.id)
    stage.clock.advance(days=28)
    stage.billing.run_due()
    assert [AttemptState.SUCCEEDED] * 2 == states(stage.attempts(license.id))
    events = len(stage.billing.events())
    hand.finish()
    assert events == len(stage.billing.events())
    assert 2 == len(stage.gateway.captures)
    stage.ensure_sound()


def test_look_up_beside_look_up() -> None:
    """Two workers look the same charge up; one settles."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    stage.clock.advance(minutes=6)
    hands = [Hand(stage, look_after(stage.context, license.id)) for _ in range(2)]
    for hand in hands:
        hand.until(LookUp)
    for hand in hands:
        hand.finish()
    assert 1 == stage.event_types()["charge.succeeded"]
    stage.ensure_sound()


def test_two_completions_of_one_card_setup() -> None:
    """The owner's browser and the webhook handler complete at once: one card, one event."""
    stage = Stage()
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    hands = [
        Hand(
            stage,
            card_flows.complete_card_setup(
                stage.context, account.id, setup.id, By(actor=ADA), replace=None, make_default=True
            ),
        )
        for _ in range(2)
    ]
    for hand in hands:
        hand.until(CompleteSetup)
    first, second = (hand.finish() for hand in hands)
    assert first == second
    assert 1 == stage.event_types()["card.added"]


def test_two_card_setups_begun_at_once() -> None:
    """They would share an id, so the second is told to begin again."""
    stage = Stage()
    account = stage.open()
    hands = [
        Hand(
            stage,
            card_flows.begin_card_setup(
                stage.context, account.id, By(actor=ADA), return_url="https://host/ok", gateway_id=None
            ),
        )
        for _ in range(2)
    ]
    for hand in hands:
        hand.until(Commit)
    hands[0].finish()
    with pytest.raises(Conflict):
        hands[1].finish()
    assert 1 == stage.event_types()["card.setup_begun"]


class _NeverCommits:
    """A store on which somebody else is always faster."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, changes: Any) -> Any:
        """Refuse everything."""
        return tuple(CommitResult(conflict=Guard(RecordKind.ACCOUNT, "acc_1", 1)) for _ in changes)


def test_command_that_always_loses_gives_up() -> None:
    """After twenty lost races a command raises a Conflict, and has written nothing."""
    stage = Stage()
    license = stage.subscribe()
    account_id = license.account_id
    before = stage.contents()
    stage.store = _NeverCommits(stage.store)  # type: ignore[assignment]
    billing = stage.worker()
    card_id = billing.account(account_id).cards[0].id
    for command in (
        lambda: billing.open_account("Ada", currency="EUR", time_zone="UTC", actor=ADA),
        lambda: billing.open_account("Ada", currency="EUR", time_zone="UTC", actor=ADA, id="acc_mine"),
        lambda: billing.remove_card(account_id, card_id, actor=ADA),
        lambda: billing.choose_plan(account_id, TEAM, actor=ADA),
        lambda: billing.cancel(license.id, actor=ADA),
        lambda: billing.run_license(license.id),
        lambda: billing.import_license(
            account_id,
            TEAM,
            external_id="x",
            anchor=date(2025, 1, 1),
            paid_until=date(2025, 2, 1),
            actor=SYSTEM,
        ),
    ):
        with pytest.raises(Conflict):
            command()
    assert before == stage.contents()
    assert 0 == stage.gateway.sends


def test_run_lists_the_license_whose_races_were_all_lost() -> None:
    """The nightly run goes on with the others."""
    stage = Stage()
    stage.subscribe()
    stage.store = _NeverCommits(stage.store)  # type: ignore[assignment]
    report = stage.worker().run_due()
    assert ["Conflict"] == [type(failure.error).__name__ for failure in report.failures]


def test_four_threads_charge_fifty_licenses_once_each() -> None:
    """Workers on one store share the work; every license is charged exactly once."""
    stage = Stage()
    account = stage.open()
    stage.add_card(account.id)
    ids = [stage.billing.choose_plan(account.id, TEAM, quantity=3, actor=ADA).id for _ in range(50)]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: stage.worker().run_due(), range(4)))
    assert [()] * 4 == [report.failures for report in reports]
    assert 50 == len(stage.gateway.captures) == stage.gateway.sends
    assert [1] * 50 == [len(paid_periods(stage.license(license_id))) for license_id in ids]
    stage.ensure_sound()


def test_lease_keeps_others_away() -> None:
    """A claimed license is left to its worker for ten minutes, and to anybody after that."""
    stage = Stage()
    license = stage.subscribe()
    hand = Hand(stage, _claim(stage))
    assert [license.id] == hand.finish()
    assert 0 == stage.billing.run_due().licenses
    stage.clock.advance(minutes=10)
    assert 1 == stage.billing.run_due().licenses


def _claim(stage: Stage) -> Flow[list[str]]:
    from billing_core.service.requests import ClaimDue
    from billing_core.service.running import LEASE
    from billing_core.stores.port import Shard

    dossiers = yield ClaimDue(10, LEASE, Shard())
    return [dossier.license.id for dossier in dossiers]


def test_not_attempted_at_once_again_is_no_loop() -> None:
    """A processor that asks to come back at once is left alone after a few times."""
    stage = Stage()
    license = stage.subscribe()
    calls = []

    def refuse(request: object) -> ChargeResult:
        calls.append(request)
        return (
            ChargeResult.not_attempted(retry_after=timedelta(0))
            if len(calls) < 20
            else ChargeResult.pending()
        )

    stage.gateway.charge = refuse
    assert () == stage.billing.run_due().failures
    assert 20 > len(calls)
    assert AttemptState.OPEN is stage.attempt(license.id).state


def test_called_off_in_vain_is_no_loop() -> None:
    """A new card, and a processor that fails to call off the charge on the old one: asked, not hammered."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_requires_action()
    stage.billing.run_due()
    calls = []

    def fail(request: object) -> ChargeResult:
        calls.append(request)
        return ChargeResult.unknown("http_500") if len(calls) < 20 else ChargeResult.pending()

    stage.gateway.cancel_charge = fail
    stage.add_card(license.account_id)
    assert () == stage.billing.run_due().failures
    assert 3 > len(calls)
    assert AttemptState.REQUIRES_ACTION is stage.attempt(license.id).state
