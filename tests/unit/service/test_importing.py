"""Moving customers in, in mid-period: once, without a charge before it is due."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing_core.accounts.account import Account
from billing_core.accounts.saved_card import CardExpiry, CardToken
from billing_core.errors import CurrencyMismatch, InvalidInput, NotFound
from billing_core.gateways.results import CardDetails
from billing_core.licenses.coverage import CoverageKind
from billing_core.licenses.license import License
from billing_core.licenses.plan import Plan
from billing_core.service.commands import By
from billing_core.service.importing import import_account
from billing_core.service.requests import Commit
from billing_core.testing import ScriptedGateway
from billing_core.values.money import Money
from tests.unit.service.stage import ADDRESS, SYSTEM, TEAM, Hand, Stage, paid_periods

CARD = CardDetails(token=CardToken("tok_old"), brand="visa", last4="1111", expires=CardExpiry(2030, 1))
CUSTOMER: dict[str, Any] = {
    "external_id": "old-1",
    "currency": "EUR",
    "time_zone": "Europe/Paris",
    "owner": "olga",
    "actor": SYSTEM,
}


def _account(stage: Stage, **changes: Any) -> Account:
    return stage.billing.import_account("Old Ltd", **{**CUSTOMER, **changes})


def _license(stage: Stage, account: Account, **changes: Any) -> License:
    values: dict[str, Any] = {
        "plan": TEAM,
        "external_id": "sub-1",
        "anchor": date(2024, 8, 31),
        "paid_until": date(2025, 2, 28),
        "quantity": 3,
        "actor": SYSTEM,
        **changes,
    }
    return stage.billing.import_license(account.id, **values)


def test_account_with_everything() -> None:
    """Owner, billing information, card and the processor's customer come along; the other system's id too."""
    stage = Stage()
    account = _account(stage, billing_info=ADDRESS, card=CARD, customer_ref="cus_old")
    assert (("olga",), "old-1", 1) == (account.owners, account.external_id, account.version)
    assert account.billing_info is not None
    assert ({"main": "cus_old"}, "visa ····1111") == (account.customer_refs, account.cards[0].label)
    (event,) = stage.billing.events()
    assert ("account.imported", "jobs", "system") == (event.type, event.actor.id, event.actor.role)
    stage.ensure_sound()


def test_account_with_nothing() -> None:
    """Neither billing information nor a card is a must, and a card needs no customer."""
    stage = Stage()
    assert ((), {}) == (_account(stage).cards, _account(stage).customer_refs)
    assert {} == _account(stage, external_id="old-2", card=CARD).customer_refs


def test_account_twice() -> None:
    """The second import finds the first."""
    stage = Stage()
    first = _account(stage, card=CARD)
    before = stage.contents()
    assert first == _account(stage, card=CARD)
    assert before == stage.contents()


def test_account_by_two_workers_at_once() -> None:
    """Whoever comes second gets what the first made."""
    stage = Stage()
    hands = [
        Hand(
            stage,
            import_account(
                stage.context,
                "Old Ltd",
                By(actor=SYSTEM),
                external_id="old-1",
                currency="EUR",
                time_zone="UTC",
                owner="olga",
                billing_info=None,
                card=None,
                gateway_id=None,
                customer_ref=None,
                seller_id="default",
            ),
        )
        for _ in range(2)
    ]
    for hand in hands:
        hand.until(Commit)
    first, second = (hand.finish() for hand in hands)
    assert first == second
    assert 1 == len(stage.billing.events())


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "4242424242424242"}, "external_id"),
        ({"billing_info": {"name": ""}}, "country"),
        ({"card": CARD, "gateway_id": "other"}, "gateway_id"),
        ({"currency": "XXQ"}, "currency"),
    ],
)
def test_account_refuses(wrong: dict[str, Any], match: str) -> None:
    """Wrong values are named, and nothing is imported."""
    stage = Stage()
    with pytest.raises(InvalidInput, match=match):
        _account(stage, **wrong)
    assert () == stage.billing.events()


def test_card_of_one_of_several_gateways() -> None:
    """The host says whose token it is."""
    stage = Stage()
    gateways = {"main": stage.gateway, "other": ScriptedGateway()}
    billing = type(stage.billing)(stage.store, gateways, stage.policy, "test")
    with pytest.raises(InvalidInput, match="gateway_id: is required"):
        billing.import_account("Old Ltd", **CUSTOMER, card=CARD)
    account = billing.import_account("Old Ltd", **CUSTOMER, card=CARD, gateway_id="other")
    assert "other" == account.cards[0].gateway_id


def test_license_in_mid_period() -> None:
    """Nothing is charged before `paid_until`; from there on periods follow the old anchor."""
    stage = Stage()
    license = _license(stage, _account(stage, card=CARD))
    (row,) = license.coverage
    assert (CoverageKind.IMPORTED, date(2025, 1, 31), date(2025, 2, 28)) == (row.why, row.start, row.end)
    stage.clock.set("2025-02-27T23:59:59+01:00")
    stage.billing.run_due()
    assert () == stage.gateway.captures
    stage.clock.set("2025-02-28T00:00+01:00")
    stage.billing.run_due()
    assert [date(2025, 2, 28)] == paid_periods(stage.license(license.id))
    assert date(2025, 3, 31) == stage.license(license.id).paid_until
    stage.ensure_sound()


def test_license_twice() -> None:
    """The second import finds the first, whatever happened to it since."""
    stage = Stage()
    account = _account(stage, card=CARD)
    license = _license(stage, account)
    stage.clock.set("2025-02-28T00:00+01:00")
    stage.billing.run_due()
    before = stage.contents()
    again = _license(stage, account)
    assert (license.id, date(2025, 3, 31)) == (again.id, again.paid_until)
    assert before == stage.contents()


def test_license_with_an_agreed_day() -> None:
    """Renewing on the 15th, whatever the day it was sold on."""
    stage = Stage()
    account = _account(stage, card=CARD)
    license = _license(stage, account, anchor=date(2024, 12, 3), anchor_day=15, paid_until=date(2025, 2, 15))
    stage.clock.set("2025-02-15T00:00+01:00")
    stage.billing.run_due()
    assert date(2025, 3, 15) == stage.license(license.id).paid_until
    stage.ensure_sound()


def test_license_that_was_never_paid() -> None:
    """`paid_until` at the anchor: nothing is covered yet, and the first period is due."""
    stage = Stage()
    license = _license(
        stage, _account(stage, card=CARD), anchor=date(2025, 1, 31), paid_until=date(2025, 1, 31)
    )
    assert () == license.coverage
    stage.billing.run_due()
    assert [date(2025, 1, 31)] == paid_periods(stage.license(license.id))
    stage.ensure_sound()


def test_license_of_a_plan_with_a_trial() -> None:
    """The trial is over elsewhere; the anchor is taken as it is."""
    stage = Stage()
    plan = Plan.monthly("team", price=Money.of(10, "EUR"), trial_days=14)
    license = _license(stage, _account(stage), plan=plan)
    assert (date(2024, 8, 31), date(2025, 2, 28)) == (license.terms[0].start, license.paid_until)


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        ({"paid_until": date(2025, 2, 10)}, InvalidInput, "2025-01-31 or 2025-02-28"),
        ({"paid_until": date(2025, 3, 30)}, InvalidInput, "2025-02-28 or 2025-03-31"),
        ({"paid_until": date(2024, 8, 30)}, InvalidInput, "paid_until: must be between 2024-08-31"),
        ({"external_id": "a b"}, InvalidInput, "external_id"),
        ({"quantity": 0}, InvalidInput, "quantity"),
        ({"plan": Plan.monthly("usd", price=Money.of(1, "USD"))}, CurrencyMismatch, "EUR"),
    ],
)
def test_license_refuses(wrong: dict[str, Any], error: type[Exception], match: str) -> None:
    """A wrong `paid_until` is answered with the nearest boundaries; nothing is imported."""
    stage = Stage()
    account = _account(stage)
    before = stage.contents()
    with pytest.raises(error, match=match):
        _license(stage, account, **wrong)
    assert before == stage.contents()


def test_license_of_an_unknown_account() -> None:
    """First the account, then its licenses."""
    stage = Stage()
    account = _account(Stage())
    with pytest.raises(NotFound):
        _license(stage, account)
