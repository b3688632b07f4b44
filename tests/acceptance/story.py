"""
The words that the stories are told with.

A `Story` is one customer of a vendor: real records in a SQLite file, a
processor that keeps its own ledger, and a clock that stands still between two
sentences. Unless a story says otherwise, it is Ada Ltd in Paris: three seats
at 19.99 EUR a month, from 31 January 2025, nine o'clock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from billing_core import (
    Account,
    Actor,
    Billing,
    BillingPolicy,
    CardExpiry,
    ChargeNotFound,
    ChargeRequest,
    ChargeResult,
    Event,
    LedgerEntry,
    License,
    LicenseView,
    Money,
    Plan,
    Role,
    RunReport,
    SavedCard,
    SetupRequest,
    SetupSession,
    Violation,
    check_invariants,
)
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.testing import ManualClock, ScriptedGateway

__all__ = ["BILLING_FORM", "CARD_PAGE", "MONTHLY", "YEARLY", "Processor", "Story"]

BILLING_FORM: Mapping[str, str] = {
    "name": "Ada Lovelace",
    "company": "Ada Ltd",
    "line1": "14 rue de la Roquette",
    "postal_code": "75011",
    "city": "Paris",
    "country": "FR",
    "phone": "+33 1 43 55 12 34",
    "tax_id": "FR40303265045",
}

CARD_PAGE = "https://host.example/account/billing"

MONTHLY = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"))
YEARLY = Plan.yearly("team-yearly", price_per_seat=Money.of("199.00", "EUR"))


class Processor(ScriptedGateway):
    """The scripted processor, and what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.setups: list[SetupRequest] = []
        self.charges: list[ChargeRequest] = []
        self.look_ups: list[ChargeRequest] = []
        self.while_charging: Callable[[], None] = lambda: None
        self.before_answering: Callable[[], None] = lambda: None
        self.look_up_is_down = False

    def begin_card_setup(self, request: SetupRequest, /) -> SetupSession:
        """Open the card page."""
        self.setups.append(request)
        return super().begin_card_setup(request)

    def charge(self, request: ChargeRequest, /) -> ChargeResult:
        """Charge; something else may happen just before, and just before the answer."""
        self.charges.append(request)
        self.while_charging()
        result = super().charge(request)
        self.before_answering()
        return result

    def find_charge(self, request: ChargeRequest, /) -> ChargeResult | ChargeNotFound:
        """Look a charge up."""
        self.look_ups.append(request)
        if self.look_up_is_down:
            raise TimeoutError("the look-up is out of order")
        return super().find_charge(request)


class Story:
    """
    Args:
        folder: where the database file goes.
        at: when the story begins.
        time_zone: where the customer lives.
        policy: how the vendor bills.
    """

    owner = Actor.member("ada")
    admin = Actor.member("ben")
    agent = Actor.member("cleo")
    stranger = Actor.member("mallory")
    support = Actor.support("sam")
    vendor = Actor.system("operations")

    def __init__(
        self,
        folder: Path,
        at: str = "2025-01-31T09:00+01:00",
        time_zone: str = "Europe/Paris",
        policy: BillingPolicy | None = None,
    ) -> None:
        self.database = folder / "billing.db"
        self.clock = ManualClock(at)
        self.processor = Processor()
        self.policy = policy if policy is not None else BillingPolicy(grace_days=7)
        self._time_zone = time_zone
        self._stores: list[SqlStore] = []
        self._told = 0
        self.billing = self.another_worker()
        self._account_id = ""
        self._license_id = ""

    def another_worker(self, namespace: str = "acceptance") -> Billing:
        """Another process of the vendor: its own connections to the same database, the same processor."""
        store = SqlStore.open(f"sqlite:///{self.database}", clock=self.clock)
        self._stores.append(store)
        return Billing(store, {"main": self.processor}, self.policy, namespace=namespace)

    def backup(self) -> Path:
        """A copy of the database as it is now."""
        copy = self.database.with_suffix(".backup")
        with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return copy

    def restore(self, backup: Path) -> None:
        """Somebody puts the copy back; what was committed since is lost. The processor forgets nothing."""
        self.ends()
        for file in self.database.parent.glob(f"{self.database.name}*"):
            file.unlink()
        backup.rename(self.database)
        self.billing = self.another_worker()

    def ends(self) -> None:
        """Close the files."""
        while self._stores:
            self._stores.pop().close()

    # -- what people do ------------------------------------------------------------------

    def on(self, at: str) -> Self:
        """Time passes; nothing runs meanwhile."""
        self.clock.set(at)
        return self

    def account_opens(self, billing_info: Mapping[str, str] | None = BILLING_FORM) -> Account:
        """Ada opens an account, fills in the billing form, and invites an admin and an agent."""
        account = self.billing.open_account(
            "Ada Ltd", currency="EUR", time_zone=self._time_zone, actor=self.owner
        )
        self._account_id = account.id
        self.billing.add_member(account.id, self.admin.id, Role.ADMIN, actor=self.owner)
        self.billing.add_member(account.id, self.agent.id, Role.AGENT, actor=self.owner)
        if billing_info is not None:
            self.billing.update_billing_info(account.id, billing_info, actor=self.owner)
        return self.account

    def owner_enters_card(
        self,
        last4: str = "4242",
        *,
        expires: str = "2099-12",
        replace: SavedCard | None = None,
        **details: Any,
    ) -> SavedCard:
        """The owner goes to the processor's page, types a card there, and comes back."""
        setup = self.billing.begin_card_setup(self.account.id, return_url=CARD_PAGE, actor=self.owner)
        year, month = map(int, expires.split("-"))
        fingerprint = f"fp_{last4}"
        self.processor.customer_enters_card(
            setup.id, last4=last4, expires=CardExpiry(year, month), fingerprint=fingerprint
        )
        return self.billing.complete_card_setup(
            self.account.id,
            setup.id,
            actor=self.owner,
            replace=replace.id if replace is not None else None,
            **details,
        )

    def owner_chooses(self, plan: Plan = MONTHLY, quantity: int = 3) -> License:
        """The owner chooses a plan, and pays for the first period within the same request."""
        license = self.billing.choose_plan(self.account.id, plan, quantity=quantity, actor=self.owner)
        self._license_id = license.id
        self.billing.run_license(license.id, actor=self.owner)
        return self.license

    def signs_up(self, plan: Plan = MONTHLY, quantity: int = 3, **card: Any) -> Self:
        """Account, billing info, card, plan, first payment: all on the first day."""
        self.account_opens()
        self.owner_enters_card(**card)
        self.owner_chooses(plan, quantity)
        return self

    def nightly_run(self) -> RunReport:
        """The vendor's cron job; none of its licenses may fail."""
        report = self.billing.run_due()
        assert () == report.failures
        return report

    def lives_until(self, day: str, *, hour: str = "T12:00+00:00") -> Self:
        """The nightly run of every day from tomorrow until a day, in UTC."""
        while self.clock.now().date().isoformat() < day:
            self.clock.advance(days=1)
            self.on(self.clock.now().date().isoformat() + hour).nightly_run()
        return self

    # -- how things are --------------------------------------------------------------------

    @property
    def account(self) -> Account:
        """The account as it is stored."""
        return self.billing.account(self._account_id)

    @property
    def license(self) -> License:
        """The license as it is stored."""
        return self.billing.dossier(self._license_id).license

    @property
    def view(self) -> LicenseView:
        """What a page about the license would show now."""
        return self.billing.license_view(self._license_id)

    @property
    def standing(self) -> tuple[str, str]:
        """Status and access now."""
        return self.view.status.value, self.view.access.value

    @property
    def paid_until(self) -> str:
        """The first day that is not paid for."""
        return self.view.paid_until.isoformat()

    @property
    def captured(self) -> list[str]:
        """All money that the processor really took, oldest first."""
        return [str(capture.amount) for capture in self.processor.captures]

    @property
    def coverage(self) -> tuple[tuple[str, str, str], ...]:
        """Every stretch of days that is covered or explicitly not: why, from, until."""
        return tuple(
            (row.why.value, row.start.isoformat(), row.end.isoformat()) for row in self.license.coverage
        )

    def events(self) -> tuple[Event, ...]:
        """Everything that happened since this was last asked."""
        events = self.billing.events(self._told)
        self._told += len(events)
        return events

    def happened(self) -> tuple[str, ...]:
        """The names of everything that happened since this was last asked."""
        return tuple(event.type for event in self.events())

    def violations(self) -> tuple[Violation, ...]:
        """What is wrong with the books, compared with the processor's own ledger."""
        ledger = [
            LedgerEntry(
                reference=capture.reference,
                idempotency_key=capture.idempotency_key,
                amount=capture.amount - capture.refunded,
            )
            for capture in self.processor.captures
        ]
        return check_invariants(self.billing.books(ledger))
