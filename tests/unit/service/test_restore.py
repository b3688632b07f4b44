"""
A backup is put back, and the processor forgets nothing.

What was charged after the backup is found before anything is charged again,
and booked; zero charged twice, zero lost.
"""

from __future__ import annotations

import copy
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from billing_core import (
    Actor,
    Advice,
    Billing,
    BillingPolicy,
    Capabilities,
    CatchUp,
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    GatewayGrade,
    Interval,
    IntervalUnit,
    LicenseStatus,
    MemoryStore,
    Money,
    Operation,
    Plan,
    RefundRequest,
    RefundResult,
    check_invariants,
    shadow_check,
)
from billing_core.charging.seeking import Namesake
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.service.asking import Answer
from billing_core.service.seek_flow import taken_over
from billing_core.testing import ManualClock, ScriptedGateway

ADA, OPS = Actor.member("ada"), Actor.system("operations")
RETENTION = timedelta(hours=24)
EUR_10 = Money.of("10", "EUR")
DAILY = Plan.monthly("daily", price=EUR_10)
DAILY = attrs.evolve(DAILY, interval=Interval(IntervalUnit.DAY, 1))
MONTHLY = Plan.monthly("monthly", price=EUR_10)


class Processor(ScriptedGateway):
    """It remembers a key for a day, as processors do, and charges again after that."""

    def __init__(self, clock: ManualClock, capabilities: Capabilities | None = None) -> None:
        super().__init__(clock=clock)
        if capabilities is not None:
            self.capabilities = capabilities
        self.time = clock
        self.twice: list[str] = []
        self.is_down = False
        self.chance: random.Random | None = None

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Charge, with what goes wrong by chance; under a key that was forgotten, once more."""
        if self.chance is not None:
            self._goes_wrong(self.chance.random())
        for capture in self.captures:
            is_forgotten = capture.captured_at is None or self.time.now() - capture.captured_at > RETENTION
            if capture.idempotency_key == request.idempotency_key and is_forgotten:
                self.twice.append(request.reference)
                return ChargeResult.succeeded(request.amount, gateway_ref="ch_again")
        return super().charge(request)

    def _goes_wrong(self, draw: float) -> None:
        if draw < 0.1:
            self.next_response_is_lost()
        elif draw < 0.2:
            self.next_request_is_lost()
        elif draw < 0.3:
            self.next_charge_declines(Advice.RETRY_LATER)

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Look it up, unless the look-up is out of order."""
        if self.is_down:
            raise TimeoutError("out of order")
        return super().find_charge(request)

    def charged_twice(self) -> list[str]:
        """The references under which more than one charge was captured."""
        counts = Counter(capture.reference for capture in self.captures)
        return self.twice + [reference for reference, count in counts.items() if count > 1]


class World:
    """A vendor with some customers, a database in memory, and a processor that forgets nothing."""

    def __init__(self, plan: Plan, customers: int = 1, capabilities: Capabilities | None = None) -> None:
        self.clock = ManualClock("2025-01-01T00:00+00:00")
        self.processor = Processor(self.clock, capabilities)
        self.store: Any = self.new_store()
        policy = BillingPolicy(catch_up=CatchUp.BILL_EACH, grace_days=20)
        self.billing = Billing(self.store, {"main": self.processor}, policy, namespace="restore")
        self.policy = policy
        for number in range(customers):
            account = self.billing.open_account(
                f"Customer {number}", currency="EUR", time_zone="UTC", actor=ADA
            )
            self.enter_card(account.id)
            self.billing.choose_plan(account.id, plan, actor=ADA)

    def new_store(self) -> Any:
        """An empty one."""
        return MemoryStore(self.clock)

    def enter_card(self, account_id: str) -> None:
        """The owner enters a card."""
        setup = self.billing.begin_card_setup(account_id, return_url="https://host.example", actor=ADA)
        self.processor.customer_enters_card(setup.id)
        self.billing.complete_card_setup(account_id, setup.id, actor=ADA)

    def backup(self) -> Any:
        """All that is stored."""
        kept = {name: it for name, it in vars(self.store).items() if name not in {"_clock", "_lock"}}
        return copy.deepcopy(kept)

    def restore(self, backup: Any) -> None:
        """It is put back."""
        vars(self.store).update(copy.deepcopy(backup))

    def tell_of_restore(self) -> None:
        """What the host has to do after a restore, and nothing else."""
        self.billing.begin_restore_epoch("backup-1", actor=OPS)

    def run(self) -> None:
        """The run that a scheduler starts."""
        assert () == self.billing.run_due().failures

    def live(self, hours: int, seed: int | None = None, step: int = 1) -> None:
        """Hours go by, with everything that goes wrong in them."""
        self.processor.chance = random.Random(seed) if seed is not None else None
        for _ in range(hours // step):
            self.run()
            self.clock.advance(hours=step)

    def violations(self) -> tuple[Any, ...]:
        """What is wrong with the books."""
        return check_invariants(self.billing.books(self.processor.ledger()))

    @property
    def status(self) -> LicenseStatus:
        """Of the only customer."""
        return self.billing.license_view(self.license_id).status

    @property
    def license_id(self) -> str:
        """Of the only customer."""
        (license,) = self.billing.licenses().items
        return license.id

    def happened(self, since: int) -> list[str]:
        """The types of events after a sequence number."""
        return [event.type for event in self.billing.events(since)]


class FileWorld(World):
    """The same on a file that is copied and put back."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.file = folder / "billing.db"
        super().__init__(plan)

    def new_store(self) -> SqlStore:
        """On the file."""
        return SqlStore.open(f"sqlite:///{self.file}", clock=self.clock)

    def backup(self) -> Path:
        """A copy of the file."""
        kept = self.file.with_suffix(".backup")
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(kept)) as target:
            source.backup(target)
        return kept

    def restore(self, backup: Path) -> None:
        """The copy takes the place of the file."""
        self.store.close()
        for file in self.file.parent.glob(f"{self.file.name}*"):
            file.unlink()
        backup.rename(self.file)
        self.store = self.new_store()
        self.billing = Billing(self.store, {"main": self.processor}, self.policy, namespace="restore")


def lost(world: World, plan: Plan, age_hours: int, seed: int, *, is_told: bool = True) -> World:
    """A backup, charges after it, a crash, the restore, and a week after that."""
    days = 2 if plan is DAILY else 29
    world.live(24 * days + seed % 7, seed, step=1 if plan is DAILY else 6)
    backup = world.backup()
    world.live(age_hours, seed + 1000)
    world.restore(backup)
    if is_told:
        world.tell_of_restore()
    world.live(24 * 7, step=3)
    return world


@pytest.mark.parametrize("age_hours", [1, 12, 48, 120])
@pytest.mark.parametrize("plan", [DAILY, MONTHLY], ids=lambda plan: plan.id)
def test_nothing_is_charged_twice_and_nothing_is_lost(plan: Plan, age_hours: int) -> None:
    """Whatever was lost: requests, answers, declines, one period or five, over backups of hours and days."""
    world = lost(World(plan, customers=2), plan, age_hours, seed=age_hours)
    assert [] == world.processor.charged_twice()
    assert () == world.violations()
    assert () == world.billing.needs_attention().items
    since = world.clock.now() - timedelta(days=60)
    assert () == shadow_check(world.store, world.processor, since).findings


def test_a_restore_that_nobody_tells_of_charges_twice() -> None:
    """Which is what the epoch is for: keys that derive from the period alone are not enough."""
    world = lost(World(DAILY, customers=2), DAILY, 120, seed=120, is_told=False)
    assert [] != world.processor.charged_twice()


def test_a_file_that_is_put_back(tmp_path: Path) -> None:
    """The same with a real database."""
    world = FileWorld(tmp_path, DAILY)
    world.live(24)
    backup = world.backup()
    world.live(72, step=4)
    world.restore(backup)
    world.tell_of_restore()
    world.live(24, step=4)
    assert [] == world.processor.charged_twice()
    assert () == world.violations()
    world.store.close()


@pytest.fixture
def paid() -> Iterator[World]:
    """One monthly customer, a backup before the renewal of February, and a time just after it."""
    world = World(MONTHLY)
    world.run()
    world.clock.set("2025-02-01T00:00+00:00")
    yield world
    assert () == world.violations()


def test_what_is_found_is_booked_at_once(paid: World) -> None:
    """The customer who has paid is a customer who has paid, minutes after the restore."""
    backup = paid.backup()
    paid.run()
    paid.restore(backup)
    paid.tell_of_restore()
    seen = len(paid.billing.events())
    paid.clock.advance(minutes=10)
    paid.run()
    assert ["invoice.issued", "charge.sought", "charge.succeeded", "invoice.paid", "license.renewed"] == (
        paid.happened(seen)
    )
    assert LicenseStatus.ACTIVE is paid.status
    assert 2 == len(paid.processor.captures)


def test_not_found_is_believed_when_no_request_can_be_under_way(paid: World) -> None:
    """Until then the license neither expires nor is charged; after that it is, under a key of its own."""
    paid.tell_of_restore()
    paid.run()
    assert 1 == len(paid.processor.captures)
    wait = paid.processor.capabilities.not_found_wait
    paid.clock.advance(seconds=wait.total_seconds() - 1)
    paid.run()
    assert 1 == len(paid.processor.captures)
    paid.clock.advance(seconds=1)
    paid.run()
    assert 2 == len(paid.processor.captures)
    sought, charged = sorted(
        (it for it in paid.billing.attempts().items if it.first_sent_at > paid.clock.now() - wait * 2),
        key=lambda it: it.number,
    )
    assert ("void", 0, 1) == (sought.state.value, sought.sends, sought.number)
    assert ("succeeded", 1, 2) == (charged.state.value, charged.sends, charged.number)
    # It is known of this license now: the next renewal is charged as ever.
    seen = len(paid.billing.events())
    paid.clock.set("2025-03-01T00:00+00:00")
    paid.run()
    assert "charge.sought" not in paid.happened(seen)
    assert 3 == len(paid.processor.captures)


def test_a_look_up_that_fails_proves_nothing(paid: World) -> None:
    """It is tried again later; nothing is sent meanwhile."""
    backup = paid.backup()
    paid.run()
    paid.restore(backup)
    paid.tell_of_restore()
    paid.processor.is_down = True
    for _ in range(12):
        paid.run()
        paid.clock.advance(hours=1)
    assert LicenseStatus.PAST_DUE is paid.status
    paid.processor.is_down = False
    paid.clock.advance(days=1)
    paid.run()
    assert (LicenseStatus.ACTIVE, 2) == (paid.status, len(paid.processor.captures))


def test_look_ups_that_never_get_an_answer_are_for_a_person(paid: World) -> None:
    """After a week of asking about what was under way when the backup was made; nothing is sent."""
    paid.processor.next_response_is_lost()
    paid.run()
    paid.tell_of_restore()
    paid.processor.is_down = True
    for _ in range(14):
        paid.run()
        paid.clock.advance(days=1)
    (held,) = paid.billing.needs_attention().items
    assert (1, "held", 2) == (held.sends, held.state.value, len(paid.processor.captures))


def test_a_later_attempt_is_found(paid: World) -> None:
    """What was forgotten was declined first, and then never reached the processor, and then was paid."""
    backup = paid.backup()
    paid.processor.next_charge_declines(Advice.RETRY_LATER)
    paid.run()
    paid.processor.next_request_is_lost()
    paid.processor.next_request_is_lost()
    for _ in range(24 * 3):
        paid.clock.advance(hours=1)
        paid.run()
    assert [1, 3] == sorted(
        it.number for it in paid.billing.attempts().items if it.state.value in {"declined", "succeeded"}
    )[1:]
    paid.restore(backup)
    paid.tell_of_restore()
    paid.run()
    assert (LicenseStatus.ACTIVE, 2) == (paid.status, len(paid.processor.captures))


def test_periods_that_were_never_charged_are_charged_once() -> None:
    """Every one that began before the restore is looked for; after that the license is known."""
    world = World(DAILY)
    world.run()
    world.clock.advance(days=3)
    world.tell_of_restore()
    world.live(48, step=4)
    assert [] == world.processor.charged_twice()
    assert 5 == len(world.processor.captures)
    sought = [it for it in world.billing.attempts().items if it.sends == 0]
    assert 3 == len(sought)


def test_what_another_worker_has_settled_is_left(paid: World) -> None:
    """Two workers look for the same charge, and both find it as another attempt: it is taken over once."""
    paid.tell_of_restore()
    paid.run()
    dossier = paid.billing.dossier(paid.license_id)
    sought = dossier.unresolved_attempt
    assert sought is not None
    invoice = dossier.open_invoice
    assert invoice is not None
    other, third = (
        Namesake(invoice.key, attrs.evolve(sought, id=f"att_{number}", number=number)) for number in (2, 3)
    )
    after, drafts = taken_over(dossier, sought.id, other)
    assert ["charge.voided"] == [draft.type for draft in drafts]
    assert (after, ()) == taken_over(after, sought.id, third)
    assert (after, ()) == Answer(sought.id, ChargeNotFound(), None, paid.clock.now(), found=other).settled(
        after, paid.clock.now(), paid.policy
    )


def test_another_amount_is_for_a_person(paid: World) -> None:
    """A forgotten charge that differs from what is owed now is never booked by itself."""
    backup = paid.backup()
    paid.processor.next_charge_gives(ChargeResult.succeeded(Money.of("7", "EUR")))
    paid.run()
    paid.restore(backup)
    paid.tell_of_restore()
    paid.run()
    (held,) = paid.billing.needs_attention().items
    assert ("held", Money.of("7", "EUR")) == (held.state.value, held.result.amount if held.result else None)
    paid.billing.resolve_attention(held.id, "void", actor=OPS, reason="it was a test")
    paid.clock.advance(days=1)
    paid.run()
    assert LicenseStatus.ACTIVE is paid.status


@pytest.mark.parametrize("price", ["10", "25"])
def test_a_plan_change_that_was_forgotten_too(paid: World, price: str) -> None:
    """The period was billed under another key then: booked if the amount is the same, else for a person."""
    backup = paid.backup()
    paid.billing.change_plan(paid.license_id, Plan.monthly("new", price=Money.of(price, "EUR")), actor=ADA)
    paid.run()
    paid.restore(backup)
    paid.tell_of_restore()
    paid.run()
    assert int(price != "10") == len(paid.billing.needs_attention().items)
    assert LicenseStatus.ACTIVE is paid.status if price == "10" else LicenseStatus.PAST_DUE is paid.status
    assert 2 == len(paid.processor.captures)


def test_plan_changes_at_every_boundary_that_were_forgotten() -> None:
    """Each began a term; the periods of all of them are found."""
    world = World(DAILY)
    world.live(24, step=4)
    backup = world.backup()
    for quantity in (2, 3, 4):
        world.billing.change_plan(world.license_id, quantity=quantity, actor=ADA)
        world.live(24, step=4)
    world.restore(backup)
    world.tell_of_restore()
    world.live(24, step=4)
    assert ((), []) == (world.violations(), world.processor.charged_twice())
    assert 5 == len(world.processor.captures)


@pytest.mark.parametrize(
    "answer",
    [ChargeResult.not_attempted(), ChargeResult.duplicate_suspected(), ChargeResult.unknown("busy")],
    ids=lambda answer: answer.outcome.value,
)
def test_a_look_up_without_an_answer_finds_nothing(paid: World, answer: ChargeResult) -> None:
    """Refused under one of the names that a charge may have had, it names no charge: it is asked again."""
    find, own = paid.processor.find_charge, set[str]()

    def busy(request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        own.add(request.reference)
        return find(request) if len(own) == 1 else answer

    paid.processor.find_charge = busy  # type: ignore[method-assign]
    paid.tell_of_restore()
    paid.run()
    january, sought = sorted(paid.billing.attempts().items, key=lambda it: it.first_sent_at)
    assert (1, 0, True) == (sought.number, sought.sends, sought.is_unresolved)
    paid.processor.find_charge = find  # type: ignore[method-assign]
    paid.clock.advance(days=1)
    paid.run()
    paid.clock.advance(days=1)
    paid.run()
    attempts = sorted(paid.billing.attempts().items, key=lambda it: (it.first_sent_at, it.number))
    assert [1, 1, 2] == [it.number for it in attempts]
    assert {january.request.reference, sought.request.reference} == {it.request.reference for it in attempts}
    assert LicenseStatus.ACTIVE is paid.status


def _found_as_the_new_plans(paid: World) -> ChargeRequest:
    """A change to four weeks, and its charge, were forgotten; it is found as the new plan's first period."""
    backup = paid.backup()
    weekly = attrs.evolve(MONTHLY, id="weekly", interval=Interval(IntervalUnit.WEEK, 4))
    paid.billing.change_plan(paid.license_id, weekly, actor=ADA)
    paid.run()
    paid.restore(backup)
    paid.tell_of_restore()
    paid.run()
    assert (LicenseStatus.ACTIVE, 2) == (paid.status, len(paid.processor.captures))
    found = (it for it in paid.billing.attempts().items if it.first_sent_at >= paid.clock.now())
    return next(it.request for it in found if it.state.value == "succeeded")


def test_what_was_found_once_is_not_found_again(paid: World) -> None:
    """One capture pays one period: the next one is looked for under names that are not taken."""
    _found_as_the_new_plans(paid)
    paid.clock.set("2025-03-01T00:00+00:00")
    for _ in range(8):
        paid.run()
        paid.clock.advance(hours=1)
    assert (LicenseStatus.ACTIVE, 3) == (paid.status, len(paid.processor.captures))


def test_the_name_of_a_found_charge_is_not_used_again(paid: World) -> None:
    """Another change of plan begins a term with a number of its own: the processor takes it for no repeat."""
    taken = _found_as_the_new_plans(paid)
    yearly = attrs.evolve(
        Plan.monthly("yearly", price=Money.of("99", "EUR")), interval=Interval(IntervalUnit.YEAR, 1)
    )
    paid.billing.change_plan(paid.license_id, yearly, actor=ADA)
    paid.clock.set("2025-03-01T00:00+00:00")
    for _ in range(8):
        paid.run()
        paid.clock.advance(hours=1)
    terms = paid.billing.dossier(paid.license_id).license.terms
    assert [1, 3] == [term.number for term in terms]
    assert [EUR_10, EUR_10, yearly.price_for(1)] == [capture.amount for capture in paid.processor.captures]
    references = [it.reference for it in paid.processor.captures]
    assert (1, 3) == (references.count(taken.reference), len(set(references)))


def test_what_is_found_waiting_is_asked_for_by_its_name_alone(paid: World) -> None:
    """Found under the new plan's name, and not settled yet: no other charge is taken for it."""
    backup = paid.backup()
    paid.billing.change_plan(paid.license_id, Plan.monthly("new", price=EUR_10), actor=ADA)
    paid.processor.next_charge_gives(ChargeResult.pending())
    paid.run()
    paid.restore(backup)
    paid.tell_of_restore()
    paid.run()
    find, asked = paid.processor.find_charge, list[ChargeRequest]()

    def heard(request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        asked.append(request)
        return find(request)

    paid.processor.find_charge = heard  # type: ignore[method-assign]
    paid.clock.advance(days=1)
    paid.run()
    pending = paid.billing.dossier(paid.license_id).unresolved_attempt
    assert pending is not None
    assert ("pending", [pending.request]) == (pending.state.value, asked)
    assert 1 == len(paid.processor.captures)


def test_the_period_after_a_found_one_is_found_too() -> None:
    """Two periods of another plan were forgotten: the second is looked for as the one that follows."""
    world = World(DAILY)
    world.live(24, step=4)
    backup = world.backup()
    two_days = attrs.evolve(DAILY, id="two", interval=Interval(IntervalUnit.DAY, 2))
    world.billing.change_plan(world.license_id, two_days, actor=ADA)
    world.live(24 * 3, step=4)
    assert 3 == len(world.processor.captures)
    world.restore(backup)
    world.tell_of_restore()
    seen = len(world.processor.captures)
    world.run()
    assert ((), []) == (world.violations(), world.processor.charged_twice())
    # Two were found, for two days. Two more have begun since, and wait until nothing can turn up any more.
    assert seen == len(world.processor.captures)
    world.live(24, step=4)
    assert ((), seen + 2) == (world.violations(), len(world.processor.captures))


@pytest.mark.parametrize("catch_up", [CatchUp.BILL_CURRENT, CatchUp.RESTART])
def test_periods_that_would_lapse_are_looked_for_first(catch_up: CatchUp) -> None:
    """By the old books a customer who paid is expired: what was paid for is found before anything lapses."""
    world = World(DAILY)
    world.policy = BillingPolicy(catch_up=catch_up, grace_days=1)
    world.billing = Billing(world.store, {"main": world.processor}, world.policy, namespace="restore")
    world.live(24, step=4)
    backup = world.backup()
    world.live(24 * 5, step=4)
    world.restore(backup)
    world.tell_of_restore()
    assert LicenseStatus.EXPIRED is world.status
    seen = len(world.billing.events())
    world.run()
    assert ((), [], 6) == (world.violations(), world.processor.charged_twice(), len(world.processor.captures))
    assert "license.periods_lapsed" not in world.happened(seen)
    world.live(24, step=4)
    world.run()
    assert (LicenseStatus.ACTIVE, ()) == (world.status, world.violations())


@pytest.mark.parametrize("catch_up", [CatchUp.BILL_CURRENT, CatchUp.RESTART])
def test_what_was_not_paid_lapses_after_it_was_looked_for(catch_up: CatchUp) -> None:
    """An expired license with a card that works again: one look, and then as ever."""
    world = World(DAILY)
    world.policy = BillingPolicy(catch_up=catch_up, grace_days=1)
    world.billing = Billing(world.store, {"main": world.processor}, world.policy, namespace="restore")
    world.run()
    world.clock.advance(days=6)
    world.tell_of_restore()
    world.live(24, step=4)
    world.run()
    assert (LicenseStatus.ACTIVE, ()) == (world.status, world.violations())
    coverage = world.billing.dossier(world.license_id).license.coverage
    assert ["charge", "lapse", "charge", "charge"] == [row.why.value for row in coverage]


def test_without_a_look_up_a_person_decides_first() -> None:
    """The library never guesses; once told, it charges."""
    keyed = Capabilities(grade=GatewayGrade.KEYED)
    world = World(MONTHLY, capabilities=keyed)
    world.run()
    world.clock.set("2025-02-01T00:00+00:00")
    world.tell_of_restore()
    world.run()
    (held,) = world.billing.needs_attention().items
    assert (0, 1) == (held.sends, len(world.processor.captures))
    world.billing.resolve_attention(held.id, "void", actor=OPS, reason="not at the processor")
    world.run()
    assert (LicenseStatus.ACTIVE, 2) == (world.status, len(world.processor.captures))
    assert () == world.violations()


def test_an_attempt_that_was_surely_unsent_is_looked_up_too(paid: World) -> None:
    """It was, when the backup was made; it may have been sent since."""
    paid.processor.next_charge_gives(ChargeResult.not_attempted(retry_after=timedelta(hours=1)))
    paid.run()
    backup = paid.backup()
    paid.clock.advance(hours=1)
    paid.run()
    assert 2 == len(paid.processor.captures)
    paid.restore(backup)
    paid.clock.advance(days=3)
    paid.tell_of_restore()
    paid.run()
    assert (LicenseStatus.ACTIVE, []) == (paid.status, paid.processor.charged_twice())


def _refund_under_way(paid: World, *, is_heard: bool) -> None:
    """January is given back; the answer is lost, or the request before it."""
    charge = next(it for it in paid.billing.attempts().items)
    give_back = paid.processor.refund

    def lose(request: RefundRequest, /) -> RefundResult:
        if is_heard:
            give_back(request)
        raise TimeoutError("lost")

    paid.processor.refund = lose  # type: ignore[method-assign]
    paid.billing.refund(charge.id, actor=OPS, reason="asked for it")
    paid.processor.refund = give_back  # type: ignore[method-assign]
    paid.clock.advance(minutes=1)


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_refund_from_before_is_looked_up_too(paid: World, is_heard: bool) -> None:
    """It goes back once, and is sent only if it surely was not."""
    _refund_under_way(paid, is_heard=is_heard)
    paid.clock.advance(days=3)
    paid.tell_of_restore()
    paid.run()
    (refund,) = paid.billing.refunds().items
    assert ("succeeded" if is_heard else "unknown") == refund.state.value
    paid.clock.advance(hours=1)
    paid.run()
    paid.clock.advance(days=1)
    paid.run()
    (refund,) = paid.billing.refunds().items
    assert ("succeeded", 1 if is_heard else 2) == (refund.state.value, refund.sends)
    assert EUR_10 == paid.processor.captures[0].refunded


def test_a_refund_decided_again_waits_until_a_forgotten_one_must_show(paid: World) -> None:
    """Decided, sent and forgotten, then decided once more: "not found" is not believed too early."""
    (charge,) = paid.billing.attempts().items
    backup = paid.backup()
    paid.billing.refund(charge.id, EUR_10, actor=OPS, reason="asked for it")
    paid.restore(backup)
    paid.tell_of_restore()
    find = paid.processor.find_refund
    paid.processor.find_refund = lambda _: ChargeNotFound()  # type: ignore[method-assign]
    again = paid.billing.refund(charge.id, EUR_10, actor=OPS, reason="asked for it")
    paid.clock.advance(hours=2)
    paid.run()
    assert ("open", 0, 1) == (again.state.value, again.sends, paid.processor.refund_sends)
    paid.processor.find_refund = find  # type: ignore[method-assign]
    paid.clock.advance(days=1)
    paid.run()
    (refund,) = paid.billing.refunds().items
    assert ("succeeded", 0, 1) == (refund.state.value, refund.sends, paid.processor.refund_sends)
    assert () == paid.violations()


def test_a_refund_that_nobody_can_look_up_is_for_a_person(paid: World) -> None:
    """As it is with charges; and one that was looked up in vain too often."""
    _refund_under_way(paid, is_heard=True)
    paid.processor.capabilities = attrs.evolve(
        paid.processor.capabilities,
        operations=paid.processor.capabilities.operations - {Operation.FIND_REFUND},
    )
    paid.billing = Billing(paid.store, {"main": paid.processor}, paid.policy, namespace="restore")
    paid.tell_of_restore()
    paid.run()
    (refund,) = paid.billing.refunds().items
    assert "held" == refund.state.value


def test_refunds_that_never_get_an_answer_are_for_a_person(paid: World) -> None:
    """After a week of asking."""
    _refund_under_way(paid, is_heard=True)
    paid.tell_of_restore()
    paid.processor.find_refund = lambda _: RefundResult.unknown("down")  # type: ignore[method-assign]
    for _ in range(14):
        paid.run()
        paid.clock.advance(days=1)
    (refund,) = paid.billing.refunds().items
    assert "held" == refund.state.value


def test_a_license_chosen_after_the_restore_is_charged_at_once() -> None:
    """Its id is its own, even if the same owner had chosen one that was forgotten."""
    world = World(MONTHLY)
    backup = world.backup()
    account = world.billing.accounts().items[0]
    forgotten = world.billing.choose_plan(account.id, MONTHLY, actor=ADA)
    world.restore(backup)
    world.tell_of_restore()
    chosen = world.billing.choose_plan(account.id, MONTHLY, actor=ADA)
    assert forgotten.id != chosen.id
    assert () == shadow_check(world.store, world.processor, world.clock.now()).findings
    world.billing.run_license(chosen.id)
    assert 1 == len(world.processor.captures)


def test_what_no_license_asks_for_is_found_by_comparing_ledgers() -> None:
    """A license that was chosen and charged after the backup."""
    world = World(MONTHLY)
    world.run()
    backup = world.backup()
    account = world.billing.accounts().items[0]
    world.billing.choose_plan(account.id, MONTHLY, actor=ADA)
    world.run()
    world.restore(backup)
    world.tell_of_restore()
    world.run()
    (finding,) = shadow_check(world.store, world.processor, world.clock.now()).findings
    assert ("unrecorded", EUR_10) == (finding.kind.value, finding.captured)


def test_without_a_card_nobody_can_be_asked(paid: World) -> None:
    """Nothing can be sent either; a card that comes brings both."""
    account = paid.billing.accounts().items[0]
    paid.billing.remove_card(account.id, account.cards[0].id, actor=ADA)
    paid.tell_of_restore()
    paid.run()
    assert 1 == len(paid.billing.attempts().items)
    paid.enter_card(account.id)
    paid.clock.advance(days=1)
    paid.run()
    assert (LicenseStatus.ACTIVE, 2) == (paid.status, len(paid.processor.captures))
