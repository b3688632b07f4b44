"""Each command: what it changes, what it writes down, and what it refuses without a trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest

from billing_core.accounts.permissions import Actor, Role
from billing_core.accounts.saved_card import CardCheck, CardChecks, CardExpiry
from billing_core.advice import Advice
from billing_core.charging.invoice import InvoiceStatus
from billing_core.charging.status import Access, LicenseStatus
from billing_core.errors import Conflict, CurrencyMismatch, InvalidInput, NotAllowed, NotFound
from billing_core.events import EventType
from billing_core.gateways.capabilities import Capabilities, Operation
from billing_core.gateways.results import SetupOutcome, SetupResult
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy, FailedChecks, OpenInvoiceRule
from billing_core.tax.registry import RegistryAnswer, RegistryStatus
from billing_core.tax.verification import VerificationPolicy
from billing_core.testing import ScriptedGateway
from billing_core.values.money import Money
from tests.unit.service.stage import ADA, ADDRESS, BOB, SAM, START, SYSTEM, TEAM, Stage, at, paid_periods


def _last(stage: Stage) -> tuple[str, str, str, str | None]:
    event = stage.billing.events()[-1]
    return event.type, event.actor.id, event.actor.role, event.reason


def _refuses(stage: Stage, error: type[Exception], match: str, call: Callable[[], object]) -> None:
    """The call fails so, and leaves nothing behind."""
    before = stage.contents()
    with pytest.raises(error, match=match):
        call()
    assert before == stage.contents()


# -- accounts ---------------------------------------------------------------------------


def test_open_account() -> None:
    """The member who opens it owns it; who, when and why are on record."""
    stage = Stage()
    account = stage.billing.open_account(
        "Ada Ltd", currency="EUR", time_zone="Europe/Paris", actor=ADA, reason="signed up"
    )
    assert (("ada",), "default", 1) == (account.owners, account.seller_id, account.version)
    assert (EventType.ACCOUNT_OPENED, "ada", "owner", "signed up") == _last(stage)
    assert at(START) == stage.billing.events()[-1].at
    assert account == stage.billing.account(account.id)


def test_open_account_twice_at_one_instant() -> None:
    """Two accounts of one name are two accounts."""
    stage = Stage()
    first, second = stage.open(), stage.open()
    assert first.id != second.id


def test_open_account_by_the_system() -> None:
    """The system says whose it is, and may give the host's own id, once."""
    stage = Stage()
    opened = stage.billing.open_account(
        "Ada", currency="EUR", time_zone="UTC", actor=SYSTEM, owner="ada", id="acc_mine", seller_id="fr"
    )
    assert ("acc_mine", "fr", ("ada",)) == (opened.id, opened.seller_id, opened.owners)
    assert (EventType.ACCOUNT_OPENED, "jobs", "system", None) == _last(stage)
    _refuses(
        stage,
        Conflict,
        "acc_mine",
        lambda: stage.billing.open_account(
            "Bob", currency="EUR", time_zone="UTC", actor=SYSTEM, owner="bob", id="acc_mine"
        ),
    )
    _refuses(
        stage,
        InvalidInput,
        "owner: is required",
        lambda: stage.billing.open_account("X", currency="EUR", time_zone="UTC", actor=SYSTEM),
    )


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"currency": "EURO"}, "currency"),
        ({"currency": "DEM"}, "withdrawn"),
        ({"time_zone": "Paris"}, "time_zone"),
        ({"name": " "}, "name"),
        ({"name": "4242 4242 4242 4242"}, "card number"),
        ({"seller_id": "a b"}, "seller_id"),
    ],
)
def test_open_account_refuses(wrong: dict[str, str], match: str) -> None:
    """Wrong values are named, and nothing is opened."""
    stage = Stage()
    values = {"name": "Ada", "currency": "EUR", "time_zone": "UTC", **wrong}
    _refuses(stage, InvalidInput, match, lambda: stage.billing.open_account(actor=ADA, **values))


def test_update_billing_info() -> None:
    """Checked as a whole; saying the same again changes nothing."""
    stage = Stage()
    account = stage.open()
    info = stage.billing.update_billing_info(account.id, ADDRESS, actor=ADA, reason="moved").billing_info
    assert info is not None
    assert ("FR", "Ada Lovelace") == (info.country, info.name)
    assert (EventType.BILLING_INFO_UPDATED, "ada", "owner", "moved") == _last(stage)
    before = stage.contents()
    stage.billing.update_billing_info(account.id, ADDRESS, actor=ADA)
    assert before == stage.contents()
    _refuses(
        stage,
        InvalidInput,
        r"(?s)city.*postal_code",
        lambda: stage.billing.update_billing_info(
            account.id, {**ADDRESS, "city": "", "postal_code": ""}, actor=ADA
        ),
    )


def test_change_time_zone_moves_each_license_at_its_next_boundary() -> None:
    """No day is lost, none is billed twice; repeating it changes nothing more."""
    stage = Stage()
    license = stage.subscribe()
    ending = stage.subscribe(stage.billing.account(license.account_id))
    stage.billing.run_due()
    stage.billing.cancel(ending.id, actor=ADA)
    moved = stage.billing.change_time_zone(license.account_id, "Asia/Tokyo", actor=ADA)
    assert "Asia/Tokyo" == moved.time_zone
    change = stage.license(license.id).pending_change
    assert change is not None
    assert "Asia/Tokyo" == change.zone
    assert stage.license(ending.id).pending_change is None
    before = stage.contents()
    stage.billing.change_time_zone(license.account_id, "Asia/Tokyo", actor=ADA)
    assert before == stage.contents()
    # The boundary itself is still the one in Paris that was paid for; from there on days begin in Tokyo.
    stage.clock.set("2025-02-28T00:00+01:00")
    stage.billing.run_due()
    renewed = stage.license(license.id)
    assert ("Asia/Tokyo", date(2025, 3, 31)) == (renewed.term.zone, renewed.paid_until)
    stage.ensure_sound()


def test_change_time_zone_over_many_licenses_and_pages() -> None:
    """All licenses follow, however many pages they fill."""
    stage = Stage()
    account = stage.open()
    for _ in range(201):
        stage.billing.choose_plan(account.id, TEAM, actor=ADA)
    stage.billing.change_time_zone(account.id, "Asia/Tokyo", actor=ADA)
    first = stage.billing.licenses(limit=1000)
    assert {"Asia/Tokyo"} == {it.pending_change.zone for it in first.items if it.pending_change is not None}
    assert 201 == sum(it.pending_change is not None for it in first.items)


def test_change_time_zone_refuses() -> None:
    """Only zones that exist."""
    stage = Stage()
    account = stage.open()
    _refuses(
        stage,
        InvalidInput,
        "time_zone",
        lambda: stage.billing.change_time_zone(account.id, "Mars/Olympus", actor=ADA),
    )


def test_members() -> None:
    """Members come, change roles and go; saying the same twice changes nothing."""
    stage = Stage()
    account = stage.open()
    assert (EventType.MEMBER_ADDED, "ada", "owner", None) == _last(stage)
    before = stage.contents()
    stage.billing.add_member(account.id, "bob", "admin", actor=ADA)
    assert before == stage.contents()
    promoted = stage.billing.add_member(account.id, "bob", Role.OWNER, actor=ADA)
    assert ("ada", "bob") == tuple(sorted(promoted.owners))
    stage.billing.remove_member(account.id, "bob", actor=ADA, reason="left")
    assert (EventType.MEMBER_REMOVED, "ada", "owner", "left") == _last(stage)
    _refuses(
        stage, NotAllowed, "last_owner", lambda: stage.billing.remove_member(account.id, "ada", actor=ADA)
    )
    _refuses(stage, NotFound, "zoe", lambda: stage.billing.remove_member(account.id, "zoe", actor=ADA))
    _refuses(
        stage, InvalidInput, "role", lambda: stage.billing.add_member(account.id, "zoe", "boss", actor=ADA)
    )
    _refuses(
        stage,
        InvalidInput,
        "role",
        lambda: stage.billing.add_member(account.id, "zoe", Role.SUPPORT, actor=ADA),
    )
    _refuses(
        stage,
        NotAllowed,
        "last_owner",
        lambda: stage.billing.add_member(account.id, "ada", Role.ADMIN, actor=ADA),
    )


def test_transfer_ownership() -> None:
    """The new owner may everything, the old one stays as an admin."""
    stage = Stage()
    account = stage.open()
    before = stage.contents()
    stage.billing.transfer_ownership(account.id, "ada", actor=ADA)
    assert before == stage.contents()
    moved = stage.billing.transfer_ownership(account.id, "bob", actor=ADA, reason="sold")
    ada = moved.member("ada")
    assert ada is not None
    assert (("bob",), Role.ADMIN) == (moved.owners, ada.role)
    assert (EventType.OWNERSHIP_TRANSFERRED, "ada", "owner", "sold") == _last(stage)
    _refuses(stage, NotFound, "zoe", lambda: stage.billing.transfer_ownership(account.id, "zoe", actor=BOB))


def test_verify_owner() -> None:
    """The outcome is on record, field by field; what was said and what is on file is not."""
    stage = Stage()
    account = stage.open()
    stage.billing.update_billing_info(account.id, ADDRESS, actor=ADA)
    claims = {"name": "ada lovelace", "phone": "0142685300", "postal_code": "75002"}
    assert stage.billing.verify_owner(account.id, claims, actor=SAM, reason="call 17").verified
    event = stage.billing.events()[-1]
    assert (EventType.OWNER_VERIFIED, "sam", "support", "call 17") == _last(stage)
    assert {"verified": True, "fields": dict.fromkeys(claims, "match")} == event.data
    assert not stage.billing.verify_owner(account.id, {**claims, "name": "Eve"}, actor=SAM).verified
    _refuses(stage, InvalidInput, "claims", lambda: stage.billing.verify_owner(account.id, {}, actor=SAM))


def test_record_tax_answer() -> None:
    """What a registry said is kept with the account; the same letter twice is one."""
    stage = Stage()
    account = stage.open()
    answer = RegistryAnswer(status=RegistryStatus.VALID, checked_at=stage.clock.now(), reference="WAPIAAAAW1")
    kept = stage.billing.record_tax_answer(
        account.id, answer, actor=SYSTEM, policy=VerificationPolicy(reverify_days=10)
    ).tax_verification
    assert kept is not None
    assert (answer.reference, stage.clock.now() + timedelta(days=10)) == (
        kept.last_valid.reference if kept.last_valid is not None else None,
        kept.next_check_at,
    )
    assert {"status": "valid", "outcomes": ["verified"]} == stage.billing.events()[-1].data
    old = RegistryAnswer(status=RegistryStatus.INVALID, checked_at=at("2024-01-01T00:00+00:00"))
    before = stage.contents()
    stage.billing.record_tax_answer(
        account.id, old, actor=SYSTEM, policy=VerificationPolicy(reverify_days=10)
    )
    assert before == stage.contents()


# -- cards --------------------------------------------------------------------------------


def test_card_setup() -> None:
    """The owner goes to the processor's page; a card comes back, once, however often it is asked for."""
    stage = Stage()
    account = stage.open()
    stage.billing.update_billing_info(account.id, ADDRESS, actor=ADA)
    asked = []
    begin = stage.gateway.begin_card_setup

    def spied(request: Any) -> Any:
        asked.append(request)
        return begin(request)

    stage.gateway.begin_card_setup = spied
    setup = stage.billing.begin_card_setup(
        account.id, return_url="https://host/ok", actor=ADA, reason="first"
    )
    assert (EventType.CARD_SETUP_BEGUN, "ada", "owner", "first") == _last(stage)
    assert [("FR", "https://host/ok")] == [(request.billing.country, request.return_url) for request in asked]
    assert f"https://processor.example/sess_{setup.id}" == setup.url
    stage.gateway.customer_enters_card(setup.id, last4="1881", brand="mastercard")
    card = stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert (EventType.CARD_ADDED, "ada", "owner", None) == _last(stage)
    before = stage.contents()
    assert card == stage.billing.complete_card_setup(account.id, setup.id, actor=ADA, expect_version=1)
    assert before == stage.contents()
    stored = stage.billing.account(account.id)
    assert ("mastercard ····1881", card.id) == (card.label, stored.default_card_id)
    assert {"main": f"cus_{account.id}"} == stored.customer_refs


def test_customer_that_the_processor_makes_at_completion() -> None:
    """Its id is kept, and charges carry it."""
    stage = Stage()
    account = stage.open()
    begin = stage.gateway.begin_card_setup

    def without_customer(request: Any) -> Any:
        from tests.unit.service.stage import changed

        return changed(begin(request), customer_ref=None)

    stage.gateway.begin_card_setup = without_customer
    license = stage.subscribe(account)
    stage.billing.run_due()
    assert f"cus_{account.id}" == stage.attempt(license.id).request.customer_ref


def test_processor_that_makes_no_customers() -> None:
    """A card without a customer is charged without one."""
    stage = Stage()
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    complete = stage.gateway.complete_card_setup
    stage.gateway.complete_card_setup = lambda ref: SetupResult(
        outcome=SetupOutcome.COMPLETED, card=complete(ref).card
    )
    card = stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert card == stage.billing.account(account.id).default_card


@pytest.mark.parametrize("outcome", [SetupOutcome.PENDING, SetupOutcome.ABANDONED, SetupOutcome.DECLINED])
def test_card_setup_that_is_not_complete(outcome: SetupOutcome) -> None:
    """Nothing is saved, nothing is noted; the host may ask again later."""
    stage = Stage()
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    stage.gateway.complete_card_setup = lambda ref: SetupResult(outcome=outcome)
    _refuses(
        stage,
        NotAllowed,
        f"card_setup_incomplete .*outcome={outcome.value}",
        lambda: stage.billing.complete_card_setup(account.id, setup.id, actor=ADA),
    )


def test_card_setup_refuses() -> None:
    """Unknown gateways, set-ups and cards to replace."""
    stage = Stage()
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    billing = stage.billing
    _refuses(
        stage,
        InvalidInput,
        "gateway_id",
        lambda: billing.begin_card_setup(
            account.id, return_url="https://host/ok", gateway_id="other", actor=ADA
        ),
    )
    _refuses(
        stage, NotFound, "card_setup", lambda: billing.complete_card_setup(account.id, "setup_1", actor=ADA)
    )
    _refuses(
        stage,
        NotFound,
        "card_1",
        lambda: billing.complete_card_setup(account.id, setup.id, replace="card_1", actor=ADA),
    )


@pytest.mark.parametrize("rule", list(FailedChecks))
@pytest.mark.parametrize("check", list(CardCheck))
def test_a_card_with_a_wrong_address(rule: FailedChecks, check: CardCheck) -> None:
    """Only a check that failed counts, and only where the policy says so; nothing is saved then."""
    stage = Stage(BillingPolicy(failed_card_checks=rule))
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    stage.gateway.customer_enters_card(setup.id, checks=CardChecks(postal_code=check))
    if rule is FailedChecks.REFUSE and check is CardCheck.FAIL:
        with pytest.raises(NotAllowed) as caught:
            stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
        assert ("card_checks_failed", "postal_code") == (caught.value.code, caught.value.params["failed"])
        assert () == stage.billing.account(account.id).cards
    else:
        assert check is stage.billing.complete_card_setup(account.id, setup.id, actor=ADA).checks.postal_code


def test_a_token_that_is_not_of_the_gateways_grammar() -> None:
    """A processor's answer with a strange token is refused before anything is saved."""
    strict = attrs.evolve(ScriptedGateway().capabilities, token_grammar="pm_[a-z0-9]+")
    stage = Stage(gateway=ScriptedGateway(strict))
    account = stage.open()
    setup = stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    with pytest.raises(InvalidInput, match="token"):
        stage.billing.complete_card_setup(account.id, setup.id, actor=ADA)
    assert () == stage.billing.account(account.id).cards


def test_processor_that_is_down_at_card_setup() -> None:
    """What its adapter raises reaches the host; nothing is saved."""
    stage = Stage()
    account = stage.open()

    def down(_: object) -> Any:
        raise TimeoutError("down")

    stage.gateway.begin_card_setup = down
    _refuses(
        stage,
        TimeoutError,
        "down",
        lambda: stage.billing.begin_card_setup(account.id, return_url="https://host/ok", actor=ADA),
    )


def test_replaced_card_is_forgotten_by_the_processor() -> None:
    """The new card takes the old one's place; the old token is detached."""
    stage = Stage()
    account = stage.open()
    old = stage.add_card(account.id)
    new = stage.add_card(account.id, replace=old.id, last4="1881")
    assert (EventType.CARD_REPLACED, "ada", "owner", None) == _last(stage)
    assert (new,) == stage.billing.account(account.id).cards
    assert None is stage.gateway.describe_card(old.token)
    assert None is not stage.gateway.describe_card(new.token)


def test_card_that_an_unresolved_charge_needs_is_not_forgotten() -> None:
    """Its token is still needed to find out, or to send again."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    card = stage.billing.account(license.account_id).cards[0]
    stage.billing.remove_card(license.account_id, card.id, actor=ADA, reason="lost it")
    assert (EventType.CARD_REMOVED, "ada", "owner", "lost it") == _last(stage)
    assert None is not stage.gateway.describe_card(card.token)
    stage.run_until_calm(days=0)
    assert [date(2025, 1, 31)] == paid_periods(stage.license(license.id))


def test_processor_that_forgets_no_cards() -> None:
    """An adapter without the operation is not asked for it."""
    stage = Stage(gateway=ScriptedGateway(Capabilities()))
    assert Operation.DETACH_CARD not in stage.gateway.capabilities.operations
    account = stage.open()
    card = stage.add_card(account.id)
    removed = stage.billing.remove_card(account.id, card.id, actor=ADA)
    assert ((), None) == (removed.cards, removed.default_card_id)
    assert None is not stage.gateway.describe_card(card.token)


def test_set_default_card() -> None:
    """Renewals go to it from now on."""
    stage = Stage()
    account = stage.open()
    first, second = stage.add_card(account.id), stage.add_card(account.id)
    assert second.id == stage.billing.account(account.id).default_card_id
    before = stage.contents()
    stage.billing.set_default_card(account.id, second.id, actor=ADA)
    assert before == stage.contents()
    stage.billing.set_default_card(account.id, first.id, actor=ADA, reason="prefers it")
    assert (EventType.CARD_MADE_DEFAULT, "ada", "owner", "prefers it") == _last(stage)
    license = stage.subscribe(stage.billing.account(account.id))
    stage.billing.run_due()
    assert first.id == stage.attempt(license.id).card_id
    _refuses(
        stage, NotFound, "card_1", lambda: stage.billing.set_default_card(account.id, "card_1", actor=ADA)
    )
    _refuses(stage, NotFound, "card_1", lambda: stage.billing.remove_card(account.id, "card_1", actor=ADA))


# -- licenses -------------------------------------------------------------------------------


def test_choose_plan() -> None:
    """A license starts today in the account's zone, and is due at once."""
    stage = Stage()
    account = stage.open()
    stage.add_card(account.id)
    license = stage.billing.choose_plan(account.id, TEAM, quantity=3, actor=ADA, reason="team grows")
    assert (EventType.LICENSE_STARTED, "ada", "owner", "team grows") == _last(stage)
    assert (date(2025, 1, 31), 3, 1) == (license.paid_until, license.quantity, license.version)
    later = stage.billing.choose_plan(account.id, TEAM, actor=ADA, start_on=date(2025, 2, 10), anchor_day=15)
    assert later.id != license.id
    stage.billing.run_due()
    assert [[date(2025, 1, 31)], []] == [paid_periods(stage.license(it.id)) for it in (license, later)]
    stage.clock.set("2025-02-10T00:00+01:00")
    stage.billing.run_due()
    assert date(2025, 2, 15) == stage.license(later.id).paid_until


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        ({"quantity": 0}, InvalidInput, "quantity"),
        ({"quantity": True}, InvalidInput, "quantity"),
        ({"start_on": date(2025, 1, 30)}, InvalidInput, "start_on"),
        ({"anchor_day": 32}, InvalidInput, "anchor_day"),
        ({"plan": Plan.monthly("usd", price=Money.of(1, "USD"))}, CurrencyMismatch, "EUR"),
    ],
)
def test_choose_plan_refuses(wrong: dict[str, Any], error: type[Exception], match: str) -> None:
    """Wrong values are named, and no license starts."""
    stage = Stage()
    account = stage.open()
    values = {"plan": TEAM, **wrong}
    _refuses(stage, error, match, lambda: stage.billing.choose_plan(account.id, actor=ADA, **values))


def test_change_plan_from_the_next_period_on() -> None:
    """The period that is paid for stays as it was sold."""
    stage = Stage()
    license = stage.subscribe()
    stage.billing.run_due()
    big = Plan.monthly("big", price_per_seat=Money.of(30, "EUR"))
    changed = stage.billing.change_plan(license.id, big, actor=ADA, reason="more")
    assert ("team", 3) == (changed.plan.id, changed.quantity)
    event = stage.billing.events()[-1]
    assert {"plan": "big", "quantity": 3, "from": "2025-02-28"} == event.data
    stage.billing.change_plan(license.id, quantity=4, actor=ADA)
    assert Money.of(120, "EUR") == stage.billing.license_view(license.id).next_charge_amount
    stage.clock.set("2025-02-28T00:00+01:00")
    stage.billing.run_due()
    assert Money.of(120, "EUR") == stage.gateway.captures[-1].amount
    stage.ensure_sound()


def test_change_plan_refuses() -> None:
    """Nothing to change, another currency, a canceled license, an open invoice."""
    stage = Stage()
    license = stage.subscribe()
    billing = stage.billing
    usd = Plan.monthly("usd", price=Money.of(1, "USD"))
    _refuses(stage, InvalidInput, "plan: is required", lambda: billing.change_plan(license.id, actor=ADA))
    _refuses(stage, InvalidInput, "quantity", lambda: billing.change_plan(license.id, quantity=-1, actor=ADA))
    _refuses(stage, CurrencyMismatch, "EUR", lambda: billing.change_plan(license.id, usd, actor=ADA))
    stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    billing.run_due()
    _refuses(
        stage, NotAllowed, "invoice_open", lambda: billing.change_plan(license.id, quantity=5, actor=ADA)
    )
    billing.cancel(license.id, actor=ADA)
    _refuses(
        stage, NotAllowed, "license_canceled", lambda: billing.change_plan(license.id, quantity=5, actor=ADA)
    )


def test_change_plan_after_the_open_invoice_is_settled() -> None:
    """By policy a change waits behind the invoice that is open."""
    stage = Stage(BillingPolicy(open_invoice=OpenInvoiceRule.SETTLE_FIRST))
    license = stage.subscribe()
    stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    stage.billing.run_due()
    stage.billing.change_plan(license.id, quantity=5, actor=ADA)
    assert "2025-02-28" == stage.billing.events()[-1].data["from"]
    stage.clock.advance(days=1)
    stage.billing.run_due()
    assert [TEAM.price_for(3)] == [capture.amount for capture in stage.gateway.captures]
    stage.clock.set("2025-02-28T00:00+01:00")
    stage.billing.run_due()
    assert TEAM.price_for(5) == stage.gateway.captures[-1].amount


def test_cancel_at_period_end_then_now() -> None:
    """A paid period runs to its end, unless the owner wants it to end at once."""
    stage = Stage()
    license = stage.subscribe()
    stage.billing.run_due()
    canceled = stage.billing.cancel(license.id, actor=ADA, reason="too dear").cancellation
    assert canceled is not None
    assert (date(2025, 2, 28), "too dear") == (canceled.effective_on, canceled.reason)
    assert (EventType.CANCELLATION_SCHEDULED, "ada", "owner", "too dear") == _last(stage)
    before = stage.contents()
    stage.billing.cancel(license.id, actor=ADA)
    assert before == stage.contents()
    view = stage.billing.license_view(license.id)
    assert (LicenseStatus.ACTIVE, None) == (view.status, view.next_charge_on)
    stage.billing.grant_extension(license.id, days=1, actor=SAM, reason="asked for it")
    stage.billing.cancel(license.id, actor=ADA, at_period_end=False)
    view = stage.billing.license_view(license.id)
    assert (LicenseStatus.CANCELED, Access.NONE) == (view.status, view.access)
    _refuses(stage, NotAllowed, "license_canceled", lambda: stage.billing.cancel(license.id, actor=ADA))
    _refuses(
        stage,
        NotAllowed,
        "license_canceled",
        lambda: stage.billing.grant_extension(license.id, days=1, actor=SAM, reason="asked for it"),
    )
    stage.clock.advance(days=400)
    stage.billing.run_due()
    assert 1 == len(stage.gateway.captures)
    stage.ensure_sound()


def test_cancel_of_an_unpaid_license_ends_it_and_its_debt() -> None:
    """Nobody paid for the period, so it ends at once, and the invoice is void."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_declines(Advice.RETRY_LATER)
    stage.billing.run_due()
    stage.billing.cancel(license.id, actor=ADA)
    stage.billing.run_due()
    assert [InvoiceStatus.VOID] == [invoice.status for invoice in stage.billing.invoices().items]
    assert LicenseStatus.CANCELED is stage.billing.license_view(license.id).status
    stage.run_until_calm()
    assert () == stage.gateway.captures
    stage.ensure_sound()


def test_grant_extension() -> None:
    """Full access for some days, by support, with a reason; dates, debt and retries stay as they are."""
    stage = Stage(BillingPolicy(grace_days=0))
    license = stage.subscribe()
    stage.gateway.next_charge_declines(Advice.NEW_CARD)
    stage.billing.run_due()
    assert Access.BILLING_ONLY is stage.billing.license_view(license.id).access
    extended = stage.billing.grant_extension(license.id, days=2, actor=SAM, reason=" card lost ")
    assert (EventType.EXTENSION_GRANTED, "sam", "support", "card lost") == _last(stage)
    assert license.paid_until == extended.paid_until
    view = stage.billing.license_view(license.id)
    assert (LicenseStatus.EXPIRED, Access.FULL, at("2025-02-02T09:00+01:00")) == (
        view.status,
        view.access,
        view.extended_until,
    )
    assert TEAM.price_for(3) == view.amount_due
    stage.clock.advance(days=2)
    assert Access.BILLING_ONLY is stage.billing.license_view(license.id).access


@pytest.mark.parametrize(
    ("days", "reason", "error", "match"),
    [
        (0, "card lost", InvalidInput, "days"),
        (15, "card lost", InvalidInput, "days"),
        (2.0, "card lost", InvalidInput, "days"),
        (2, "", InvalidInput, "reason"),
        (2, None, InvalidInput, "reason"),
        (12, "card lost", NotAllowed, "extension_limit"),
    ],
)
def test_grant_extension_refuses(days: Any, reason: Any, error: type[Exception], match: str) -> None:
    """Limits are the policy's, and a reason is a must."""
    stage = Stage(BillingPolicy(extension_days_per_year_max=20))
    license = stage.subscribe()
    stage.billing.grant_extension(license.id, days=9, actor=SAM, reason="card lost")
    _refuses(
        stage,
        error,
        match,
        lambda: stage.billing.grant_extension(license.id, days=days, actor=SAM, reason=reason),
    )


def test_record_external_payment() -> None:
    """A bank transfer pays the invoice; telling it twice is fine, another one is refused."""
    stage = Stage()
    license = stage.subscribe()
    stage.gateway.next_charge_declines(Advice.NEW_CARD)
    stage.billing.run_due()
    invoice = stage.billing.invoices().items[0]
    billing = stage.billing
    _refuses(
        stage,
        Conflict,
        "expected at version 9",
        lambda: billing.record_external_payment(
            invoice.id, reference="wire-1", actor=SYSTEM, expect_version=9
        ),
    )
    paid = billing.record_external_payment(
        invoice.id, reference="wire-1", actor=SYSTEM, reason="statement 7", expect_version=invoice.version
    )
    assert (InvoiceStatus.PAID, "wire-1") == (paid.status, paid.external_payment)
    assert (EventType.LICENSE_RENEWED, "jobs", "system", "statement 7") == _last(stage)
    assert date(2025, 2, 28) == stage.license(license.id).paid_until
    before = stage.contents()
    assert paid == billing.record_external_payment(invoice.id, reference="wire-1", actor=SYSTEM)
    assert before == stage.contents()
    _refuses(
        stage,
        NotAllowed,
        "invoice_not_open",
        lambda: billing.record_external_payment(invoice.id, reference="wire-2", actor=SYSTEM),
    )
    stage.run_until_calm()
    assert () == stage.gateway.captures


def test_external_payment_waits_for_the_charge_under_way() -> None:
    """While nobody knows whether the card was charged, a transfer can't be taken for the same invoice."""
    stage = Stage()
    stage.subscribe()
    stage.gateway.next_response_is_lost()
    stage.billing.run_due()
    invoice = stage.billing.invoices().items[0]
    _refuses(
        stage,
        NotAllowed,
        "charge_unresolved",
        lambda: stage.billing.record_external_payment(invoice.id, reference="wire-1", actor=SYSTEM),
    )
    _refuses(
        stage,
        InvalidInput,
        "reference",
        lambda: stage.billing.record_external_payment(invoice.id, reference="4242424242424242", actor=SYSTEM),
    )


# -- what all have in common ---------------------------------------------------------------------

OLD = 1


def _versioned(
    stage: Stage, account_id: str, license_id: str, version: int
) -> dict[str, Callable[[], object]]:
    billing: Any = stage.billing
    by = {"expect_version": version}
    card_id = billing.account(account_id).cards[0].id
    setup_id = billing.account(account_id).card_setups[-1].id
    answer = RegistryAnswer(status=RegistryStatus.VALID, checked_at=stage.clock.now())
    return {
        "update_billing_info": lambda: billing.update_billing_info(account_id, ADDRESS, actor=ADA, **by),
        "change_time_zone": lambda: billing.change_time_zone(account_id, "UTC", actor=ADA, **by),
        "add_member": lambda: billing.add_member(account_id, "new", Role.AGENT, actor=ADA, **by),
        "remove_member": lambda: billing.remove_member(account_id, "bob", actor=ADA, **by),
        "transfer_ownership": lambda: billing.transfer_ownership(account_id, "bob", actor=ADA, **by),
        "verify_owner": lambda: billing.verify_owner(account_id, {"name": "A"}, actor=SAM, **by),
        "record_tax_answer": lambda: billing.record_tax_answer(account_id, answer, actor=SYSTEM, **by),
        "begin_card_setup": lambda: billing.begin_card_setup(
            account_id, return_url="https://host/ok", actor=ADA, **by
        ),
        "complete_card_setup": lambda: billing.complete_card_setup(account_id, setup_id, actor=ADA, **by),
        "remove_card": lambda: billing.remove_card(account_id, card_id, actor=ADA, **by),
        "set_default_card": lambda: billing.set_default_card(account_id, card_id, actor=ADA, **by),
        "choose_plan": lambda: billing.choose_plan(account_id, TEAM, actor=ADA, **by),
        "change_plan": lambda: billing.change_plan(license_id, quantity=7, actor=ADA, **by),
        "cancel": lambda: billing.cancel(license_id, actor=ADA, **by),
        "grant_extension": lambda: billing.grant_extension(
            license_id, days=1, actor=SAM, reason="card lost", **by
        ),
    }


def _played() -> tuple[Stage, str, str]:
    stage = Stage()
    license = stage.subscribe()
    stage.billing.run_due()
    setup = stage.billing.begin_card_setup(license.account_id, return_url="https://host/ok", actor=ADA)
    stage.gateway.customer_enters_card(setup.id)
    return stage, license.account_id, license.id


COMMANDS = list(_versioned(*_played(), version=OLD))


@pytest.mark.parametrize("name", COMMANDS)
def test_expected_version(name: str) -> None:
    """A command decided on an old version is refused without a trace; on the current one it passes."""
    stage, account_id, license_id = _played()
    _refuses(stage, Conflict, "expected at version 1", _versioned(stage, account_id, license_id, OLD)[name])
    is_license = name in {"change_plan", "cancel", "grant_extension"}
    current = (stage.license(license_id) if is_license else stage.billing.account(account_id)).version
    _versioned(stage, account_id, license_id, current)[name]()


@pytest.mark.parametrize("name", COMMANDS)
def test_unknown_id(name: str) -> None:
    """No such account or license."""
    stage, _, _ = _played()
    billing = stage.billing
    unknown: dict[str, Callable[[], object]] = {
        "update_billing_info": lambda: billing.update_billing_info("none", ADDRESS, actor=ADA),
        "change_time_zone": lambda: billing.change_time_zone("none", "UTC", actor=ADA),
        "add_member": lambda: billing.add_member("none", "new", Role.AGENT, actor=ADA),
        "remove_member": lambda: billing.remove_member("none", "bob", actor=ADA),
        "transfer_ownership": lambda: billing.transfer_ownership("none", "bob", actor=ADA),
        "verify_owner": lambda: billing.verify_owner("none", {"name": "A"}, actor=SAM),
        "record_tax_answer": lambda: billing.record_tax_answer(
            "none", RegistryAnswer(status=RegistryStatus.VALID, checked_at=stage.clock.now()), actor=SYSTEM
        ),
        "begin_card_setup": lambda: billing.begin_card_setup("none", return_url="https://host/ok", actor=ADA),
        "complete_card_setup": lambda: billing.complete_card_setup("none", "setup_1", actor=ADA),
        "remove_card": lambda: billing.remove_card("none", "card_1", actor=ADA),
        "set_default_card": lambda: billing.set_default_card("none", "card_1", actor=ADA),
        "choose_plan": lambda: billing.choose_plan("none", TEAM, actor=ADA),
        "change_plan": lambda: billing.change_plan("none", quantity=7, actor=ADA),
        "cancel": lambda: billing.cancel("none", actor=ADA),
        "grant_extension": lambda: billing.grant_extension("none", days=1, actor=SAM, reason="card lost"),
    }
    _refuses(stage, NotFound, "none", unknown[name])


def test_unknown_ids_of_other_records() -> None:
    """No such invoice, attempt or license to read or run."""
    stage = Stage()
    billing = stage.billing
    _refuses(
        stage,
        NotFound,
        "invoice",
        lambda: billing.record_external_payment("none", reference="wire-1", actor=SYSTEM),
    )
    for call in (
        lambda: billing.run_license("none"),
        lambda: billing.run_license("none", actor=ADA),
        lambda: billing.dossier("none"),
        lambda: billing.license_view("none"),
        lambda: billing.account("none"),
    ):
        _refuses(stage, NotFound, "none", call)


def test_stranger_learns_nothing_from_the_order_of_checks() -> None:
    """Whoever may not is told so, whatever version they expect."""
    stage, account_id, _ = _played()
    from billing_core.errors import PermissionDenied

    with pytest.raises(PermissionDenied):
        stage.billing.remove_card(account_id, "card_1", actor=Actor.member("mallory"), expect_version=OLD)


def test_an_expired_card_renews_nothing_until_it_is_replaced() -> None:
    """The owner is told before; a replacement is charged at once."""
    stage = Stage()
    account = stage.open()
    old = stage.add_card(account.id, expires=CardExpiry(2025, 2))
    license = stage.subscribe(stage.billing.account(account.id))
    stage.billing.run_due()
    stage.clock.set(datetime(2025, 3, 31, 0, 0, tzinfo=at(START).tzinfo) - timedelta(days=31))
    stage.billing.run_due()
    stage.clock.set("2025-03-31T00:00+02:00")
    stage.billing.run_due()
    assert LicenseStatus.PAST_DUE is stage.billing.license_view(license.id).status
    assert None is stage.billing.license_view(license.id).next_charge_on
    stage.add_card(account.id, replace=old.id)
    stage.billing.run_license(license.id, actor=ADA)
    assert LicenseStatus.ACTIVE is stage.billing.license_view(license.id).status
    charged = [e for e in stage.billing.events() if e.type == EventType.CHARGE_STARTED]
    assert ("ada", "owner") == (charged[-1].actor.id, charged[-1].actor.role)
