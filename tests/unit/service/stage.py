"""A small vendor with one customer, for tests that play with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor, Role
from billing_core.accounts.saved_card import SavedCard
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.invariants import LedgerEntry, check_invariants
from billing_core.charging.invoice import Invoice
from billing_core.charging.refund import Refund
from billing_core.gateways.capabilities import Capabilities, GatewayGrade, Operation
from billing_core.licenses.coverage import CoverageKind
from billing_core.licenses.license import License
from billing_core.licenses.plan import Plan
from billing_core.policy import BillingPolicy
from billing_core.service.billing import Billing
from billing_core.service.context import Context, make_context
from billing_core.service.drivers import SyncDriver
from billing_core.service.renewal_flow import look_after
from billing_core.service.requests import Flow, Request
from billing_core.stores.memory import MemoryStore
from billing_core.stores.port import AttemptFilter, LicenseFilter, RefundFilter
from billing_core.testing import ManualClock, ScriptedGateway
from billing_core.values.money import Money

START = "2025-01-31T09:00+01:00"
TEAM = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"))
PRICE = TEAM.price_for(3)
ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "12 rue de la Paix",
    "city": "Paris",
    "postal_code": "75002",
    "country": "FR",
    "phone": "+33 1 42 68 53 00",
}

ADA = Actor.member("ada")
BOB = Actor.member("bob")
EVE = Actor.member("eve")
SAM = Actor.support("sam")
SYSTEM = Actor.system("jobs")

#: A gateway of each grade that can be asked for its declarations.
KEYED = Capabilities(grade=GatewayGrade.KEYED, operations=frozenset({Operation.CARD_SETUP}))
NO_KEYS = Capabilities(
    grade=GatewayGrade.NONE, operations=frozenset({Operation.CARD_SETUP}), key_retention=None
)


class Stage:
    """One store, one gateway, one vendor; everything in reach."""

    def __init__(self, policy: BillingPolicy | None = None, *, gateway: Any = None, **options: Any) -> None:
        self.clock = ManualClock(START)
        self.store = MemoryStore(clock=self.clock)
        self.gateway: Any = gateway if gateway is not None else ScriptedGateway()
        self.policy = policy if policy is not None else BillingPolicy()
        self.options = options
        self.billing = self.worker()

    def worker(self) -> Billing:
        """One more process of the same vendor."""
        return Billing(self.store, {"main": self.gateway}, self.policy, "test", **self.options)

    @property
    def context(self) -> Context:
        """What flows of this vendor share."""
        return make_context({"main": self.gateway}, self.policy, "test", self.options.get("sellers"))

    @property
    def driver(self) -> SyncDriver:
        """Answers single requests of a flow that a test drives by hand."""
        return SyncDriver(self.store, {"main": self.gateway}, self.options.get("tax_rates"))

    def open(self, name: str = "Ada Ltd") -> Account:
        """An account of Ada's, with Bob as admin and Eve as agent."""
        account = self.billing.open_account(name, currency="EUR", time_zone="Europe/Paris", actor=ADA)
        self.billing.add_member(account.id, BOB.id, Role.ADMIN, actor=ADA)
        return self.billing.add_member(account.id, EVE.id, Role.AGENT, actor=ADA)

    def add_card(self, account_id: str, replace: str | None = None, **card: Any) -> SavedCard:
        """What an owner does on the card page."""
        setup = self.billing.begin_card_setup(account_id, return_url="https://host/ok", actor=ADA)
        self.gateway.customer_enters_card(setup.id, **card)
        return self.billing.complete_card_setup(account_id, setup.id, replace=replace, actor=ADA)

    def subscribe(self, account: Account | None = None, *, plan: Plan = TEAM) -> License:
        """An account with a card and a license of three seats that is due."""
        account = account if account is not None else self.open()
        if not account.cards:
            self.add_card(account.id)
        return self.billing.choose_plan(account.id, plan, quantity=3, actor=ADA)

    def attempts(self, license_id: str) -> tuple[ChargeAttempt, ...]:
        """All attempts for one license, oldest first."""
        page = self.billing.attempts(AttemptFilter(license_id=license_id))
        return tuple(sorted(page.items, key=lambda attempt: (attempt.first_sent_at, attempt.number)))

    def attempt(self, license_id: str) -> ChargeAttempt:
        """The one attempt for a license."""
        (attempt,) = self.attempts(license_id)
        return attempt

    def refunds(self, attempt_id: str) -> tuple[Refund, ...]:
        """All refunds of one charge, oldest first."""
        page = self.billing.refunds(RefundFilter(attempt_id=attempt_id))
        return tuple(sorted(page.items, key=lambda refund: refund.number))

    def paid(self) -> tuple[License, Invoice, ChargeAttempt]:
        """A license whose first period was just paid."""
        license = self.subscribe()
        self.billing.run_due()
        (invoice,) = self.billing.invoices().items
        return self.license(license.id), invoice, self.attempt(license.id)

    def license(self, license_id: str) -> License:
        """The license as it is stored."""
        return self.billing.dossier(license_id).license

    def run_until_calm(self, days: int = 12) -> None:
        """Run whenever a license is due, for so many days and one more."""
        end = self.clock.now() + timedelta(days=days + 1)
        is_idle = False
        while True:
            page = self.store.licenses(LicenseFilter(), None, 1000)
            wakes = [
                at for at in (self.store.wake_at(license.id) for license in page.items) if at is not None
            ]
            # What a crashed worker has claimed is given to others after ten minutes.
            earliest = self.clock.now() + timedelta(minutes=10 if is_idle else 0)
            if not wakes or max(min(wakes), earliest) > end:
                break
            self.clock.set(max(min(wakes), earliest))
            is_idle = 0 == self.billing.run_due().licenses
        self.clock.set(end)

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """What the processor captured."""
        return tuple(
            LedgerEntry(
                reference=c.reference, idempotency_key=c.idempotency_key, amount=c.amount - c.refunded
            )
            for c in self.gateway.captures
        )

    def ensure_sound(self) -> None:
        """The books hold every invariant, and agree with the processor."""
        assert () == check_invariants(self.billing.books(self.ledger(), self.gateway.refund_ledger()))

    def contents(self) -> Any:
        """Everything that is stored, to compare."""
        return self.billing.books()

    def event_types(self) -> Counter[str]:
        """How often each thing happened."""
        return Counter(event.type for event in self.billing.events())


def paid_periods(license: License) -> list[date]:
    """The first days of all periods that were charged."""
    return [row.start for row in license.coverage if row.why is CoverageKind.CHARGE]


def states(attempts: tuple[ChargeAttempt, ...]) -> list[AttemptState]:
    """The state of each attempt."""
    return [attempt.state for attempt in attempts]


class Hand:
    """Drives one flow request by request; to stop in the middle is what a crash does."""

    def __init__(self, stage: Stage, flow: Flow[Any]) -> None:
        self.driver = stage.driver
        self.flow = flow
        self.request: Request | None = None
        self.result: Any = None
        self.is_done = False
        self._advance(lambda: next(flow))

    def step(self) -> None:
        """Answer the request that the flow waits for."""
        assert self.request is not None
        self.answer(self.driver.run(_once(self.request)))

    def answer(self, answer: Any) -> None:
        """Answer it with this."""
        self._advance(lambda: self.flow.send(answer))

    def until(self, kind: type) -> Any:
        """Go on until the flow asks for this; the request, not answered yet."""
        while not isinstance(self.request, kind):
            assert not self.is_done, f"the flow never asked for a {kind.__name__}"
            self.step()
        return self.request

    def finish(self) -> Any:
        """Go on until the flow returns."""
        while not self.is_done:
            self.step()
        return self.result

    def _advance(self, move: Callable[[], Request]) -> None:
        try:
            self.request = move()
        except StopIteration as end:
            self.request, self.result, self.is_done = None, end.value, True


def _once(request: Request) -> Generator[Request, Any, Any]:
    return (yield request)


def at(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text)


def changed(record: Any, **changes: Any) -> Any:
    """The record with other fields."""
    return attrs.evolve(record, **changes)


def crash_points(
    fates: Iterable[str], prepare: Callable[[str], tuple[Stage, str]], yields_max: int
) -> Iterator[tuple[str, int, bool]]:
    """Each fate with each request of the license's flow, crashed before and after it was answered."""
    for fate in fates:
        stage, license_id = prepare(fate)
        hand = Hand(stage, look_after(stage.context, license_id))
        points = 0
        while not hand.is_done:
            yield fate, points, False
            hand.step()
            yield fate, points, True
            points += 1
        assert points < yields_max


def end_of(stage: Stage, license_id: str) -> object:
    """What a crash must not change: periods, coverage, the invoice and its number."""
    license = stage.license(license_id)
    invoice = stage.billing.invoices().items[0]
    return paid_periods(license), license.paid_until, invoice.status, invoice.number
