"""
The people around the billing: owners, supporters, and whoever decides about uncertain money.

They do what the library lets them do, through its own flows, at any time -
often at the worst: in the very seconds in which a charge is under way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Protocol

from billing_core.accounts.account import Account
from billing_core.accounts.permissions import Actor
from billing_core.accounts.saved_card import CardExpiry
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.events import EventType
from billing_core.gateways.results import Outcome
from billing_core.service import account_flows, card_flows, license_flows, refund_flows, running
from billing_core.service.batches import Finished
from billing_core.service.commands import By
from billing_core.service.context import Context
from billing_core.service.requests import Flow
from billing_core.stores.port import Change, CommitResult
from billing_core.testing.simulator.agenda import DAY, HOUR, MINUTE, Agenda
from billing_core.testing.simulator.config import Customer, Sale
from billing_core.testing.simulator.faults import Fault, Faults
from billing_core.testing.simulator.gateway import GatewayModel, SimulatedGateway
from billing_core.testing.simulator.oracle import OracleMemory
from billing_core.values.money import Money
from billing_core.values.zones import local_date

__all__ = ["People", "PeopleStage"]

_DESK = By(actor=Actor.system("desk"), reason="looked at the processor's ledger")
_SUPPORT = By(actor=Actor.support("sam"), reason="asked for by phone")
_MONTH = 30 * DAY
_LICENSES_MAX = 6
#: An answer that sends the owner for another card, sooner or later.
_TROUBLE = frozenset(
    {
        EventType.CARD_FROZEN,
        EventType.NOTICE_CARD_MISSING,
        EventType.NOTICE_CARD_EXPIRING,
        EventType.LICENSE_EXPIRED,
    }
)
_FOR_PEOPLE_OF_REFUNDS = frozenset({EventType.REFUND_HELD, EventType.REFUND_ORPHANED})
_FOR_PEOPLE = frozenset({EventType.CHARGE_HELD, EventType.CHARGE_ORPHANED})
_ZONES = ("Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")


class PeopleStage(Protocol):
    """What people need of the simulation."""

    agenda: Agenda
    faults: Faults
    model: GatewayModel
    context: Context

    @property
    def memory(self) -> OracleMemory:
        """What was committed so far."""
        ...

    def at_the_web_server(
        self, flow: Flow[Any], subject: str, on_end: Callable[[Finished], None] | None = None
    ) -> None:
        """Run a flow in the host's web server, if that is up."""
        ...

    def label_of_account(self, account_id: str | None) -> str:
        """A short name of an account."""
        ...

    def due_ms_of(self, license_id: str) -> int:
        """When a license is due."""
        ...


class People:
    """All owners, one support desk, and one person for uncertain charges."""

    def __init__(self, stage: PeopleStage) -> None:
        self._stage = stage
        self._accounts: dict[str, tuple[Customer, str]] = {}
        self._repairing: set[str] = set()
        self._deciding: set[str] = set()
        self._decisions = 0
        self._cards = 0
        self._versions: dict[str, int] = {}

    # -- signing up -----------------------------------------------------------------

    def sign_up(self, customer: Customer) -> None:
        """Open an account with a card and all its licenses."""
        self._stage.at_the_web_server(self._signing_up(customer), customer.name)

    def _signing_up(self, customer: Customer) -> Flow[None]:
        context, owner = self._stage.context, _owner(customer)
        account: Account = yield from account_flows.open_account(
            context,
            customer.name,
            owner,
            currency=customer.currency,
            time_zone=customer.time_zone,
            owner=None,
            id=f"acc_{customer.name}",
            seller_id="default",
        )
        self._accounts[customer.name] = customer, account.id
        yield from self._new_card(customer, account.id, None)
        for sale in customer.sales:
            yield from self._buying(customer, account.id, sale)
        self._plan_month(customer, 1)

    def _buying(self, customer: Customer, account_id: str, sale: Sale) -> Flow[None]:
        now = self._stage.agenda.instant()
        today = local_date(now, customer.time_zone)
        start_on = today + timedelta(days=sale.starts_after_days) if sale.starts_after_days else None
        yield from license_flows.choose_plan(
            self._stage.context,
            account_id,
            sale.plan(customer.currency),
            _owner(customer),
            quantity=sale.quantity,
            start_on=start_on,
            anchor_day=sale.anchor_day,
        )

    def _new_card(
        self, customer: Customer, account_id: str, replace: str | None, fingerprint: str | None = None
    ) -> Flow[None]:
        stage, owner = self._stage, _owner(customer)
        self._cards += 1
        setup = yield from card_flows.begin_card_setup(
            stage.context, account_id, owner, return_url="https://host.example/ok", gateway_id=None
        )
        now = stage.agenda.instant()
        months = now.year * 12 + now.month - 1 + customer.card_months
        stage.model.customer_enters_card(
            setup.id, expires=CardExpiry(months // 12, months % 12 + 1), fingerprint=fingerprint
        )
        yield from card_flows.complete_card_setup(
            stage.context, account_id, setup.id, owner, replace=replace, make_default=True
        )

    # -- month by month -----------------------------------------------------------------

    def _plan_month(self, customer: Customer, number: int) -> None:
        def month() -> None:
            self._live_a_month(customer, number)
            self._plan_month(customer, number + 1)

        self._stage.agenda.at(number * _MONTH, month)

    def _live_a_month(self, customer: Customer, number: int) -> None:
        faults = self._stage.faults
        for stream in ("owner", "support"):
            fault = faults.at(stream, customer.name, number)
            if fault is not None:
                self._stage.agenda.at(self._moment(customer, fault), self._act(customer, fault))

    def _moment(self, customer: Customer, fault: Fault) -> int:
        """Any time in the month; in every other case in the minute after a license is due."""
        now_ms = self._stage.agenda.now_ms
        if fault.size % 2:
            return now_ms + fault.scaled(0, _MONTH)
        dues = [self._stage.due_ms_of(license_id) for license_id in self._licenses(customer)]
        return min((at for at in dues if at > now_ms), default=now_ms) + fault.size % 997 * 60

    def _licenses(self, customer: Customer) -> list[str]:
        account_id = self._accounts[customer.name][1]
        licenses = self._stage.memory.licenses.values()
        return [
            license.id
            for license in licenses
            if license.account_id == account_id and license.cancellation is None
        ]

    def _act(self, customer: Customer, fault: Fault) -> Callable[[], None]:
        def act() -> None:
            if not self._stage.faults.is_calm:
                for flow, subject in self._doing(customer, fault):
                    self._stage.at_the_web_server(flow, subject)

        return act

    def _doing(self, customer: Customer, fault: Fault) -> Iterator[tuple[Flow[Any], str]]:
        """What a fault of the owner's or the support's month comes to, as flows."""
        kind, context, owner = fault.kind, self._stage.context, _owner(customer)
        account_id = self._accounts[customer.name][1]
        account = self._stage.memory.accounts[account_id]
        licenses = self._licenses(customer)
        if kind == "new_card":
            yield self._new_card(customer, account_id, account.default_card_id), customer.name
        elif kind == "same_card_again" and account.default_card is not None:
            mark = account.default_card.fingerprint
            yield self._new_card(customer, account_id, account.default_card_id, mark), customer.name
        elif kind == "card_removed" and account.default_card_id is not None:
            removed = account.default_card_id
            yield card_flows.remove_card(context, account_id, removed, owner), customer.name
        elif kind == "zone_changed":
            zone = _ZONES[fault.size % len(_ZONES)]
            yield account_flows.change_time_zone(context, account_id, zone, owner), customer.name
        elif kind == "license_added" and len(licenses) < _LICENSES_MAX:
            yield self._buying(customer, account_id, customer.sales[0]), customer.name
        elif kind == "runs_at_once":
            # The host looks within a request, in the very second in which the workers do.
            for license_id in licenses:
                yield running.run_license(context, license_id, None), license_id
        elif licenses:
            chosen = licenses[fault.size // 2 % len(licenses)]
            flow = self._changing(customer, fault, chosen)
            if flow is not None:
                yield flow, chosen

    def _changing(self, customer: Customer, fault: Fault, license_id: str) -> Flow[Any] | None:
        kind, context, owner = fault.kind, self._stage.context, _owner(customer)
        if kind == "plan_changed":
            version = self._versions[license_id] = self._versions.get(license_id, 1) + 1
            sale = customer.sales[fault.size // 3 % len(customer.sales)]
            plan = sale.plan(customer.currency, version)
            return license_flows.change_plan(context, license_id, plan, owner, quantity=1 + fault.size % 5)
        if kind in {"canceled_now", "canceled_at_period_end"}:
            at_end = kind == "canceled_at_period_end"
            return license_flows.cancel(context, license_id, owner, at_period_end=at_end)
        if kind == "extension_granted":
            return license_flows.grant_extension(context, license_id, _SUPPORT, days=1 + fault.size % 14)
        if kind == "paid_elsewhere":
            return self._paying_elsewhere(license_id)
        return self._refunding(license_id, fault)

    def _refunding(self, license_id: str, fault: Fault) -> Flow[Any] | None:
        memory = self._stage.memory
        paid = [
            attempt
            for attempt in (memory.attempts[id_] for id_ in memory.attempts_of[license_id])
            if attempt.state is AttemptState.SUCCEEDED
        ]
        if not paid:
            return None
        attempt = paid[fault.size // 5 % len(paid)]
        amount = attempt.request.amount
        part = Money.of_minor(max(1, fault.size % 997 * amount.amount_minor // 997), amount.currency)
        return refund_flows.refund(
            self._stage.context,
            attempt.id,
            _DESK,
            amount=part if fault.kind == "refunded_partly" else None,
            ends_license=False,
        )

    def _paying_elsewhere(self, license_id: str) -> Flow[Any] | None:
        live = self._stage.memory.live_invoices
        ids = [live[slot] for slot in live if slot[0] == license_id]
        if not ids or not self._stage.memory.invoices[ids[-1]].is_open:
            return None
        reference = f"transfer_{ids[-1]}"
        return license_flows.record_external_payment(self._stage.context, ids[-1], _DESK, reference=reference)

    # -- reacting ----------------------------------------------------------------------

    def read_events(self, change: Change, result: CommitResult) -> None:
        """Owners and desks read what happened, and do something about it some time later."""
        for event in result.events:
            type_ = event.type
            if type_ in _TROUBLE or (
                type_ == EventType.CHARGE_DECLINED and event.data.get("advice") != "retry_later"
            ):
                self._plan_repair(self._stage.label_of_account(event.account_id))
            elif type_ in _FOR_PEOPLE:
                for attempt in change.attempts:
                    if attempt.needs_attention:
                        self._plan_decision(attempt.id, self._stage.label_of_account(event.account_id))
            elif type_ in _FOR_PEOPLE_OF_REFUNDS:
                for refund in change.refunds:
                    self._plan_refund_decision(refund.id)
            elif type_ == EventType.LICENSE_CANCELED:
                self._plan_return(self._stage.label_of_account(event.account_id))

    def look_at_everything(self) -> None:
        """Every owner who owes something looks at the billing page once more."""
        memory = self._stage.memory
        for name, (_, account_id) in self._accounts.items():
            theirs = (memory.invoices[id_] for id_ in memory.live_invoices.values())
            owes = any(invoice.is_open and invoice.account_id == account_id for invoice in theirs)
            if owes or name in self._repairing:
                # Whoever wanted to wait does not do so any longer.
                self._repairing.discard(name)
                self._plan_repair(name)

    def _plan_repair(self, name: str) -> None:
        if name in self._repairing or name not in self._accounts:
            return
        self._repairing.add(name)
        customer, account_id = self._accounts[name]
        fault = self._stage.faults.at("repair", name, self._stage.memory.accounts[account_id].setup_count)
        delay = fault.scaled(MINUTE, 60 * DAY) if fault is not None else 18 * HOUR
        self._stage.agenda.after(delay, lambda: self._repair(customer, account_id))

    def _repair(self, customer: Customer, account_id: str) -> None:
        account = self._stage.memory.accounts[account_id]
        card = account.default_card

        def repaired(finished: Finished) -> None:
            self._repairing.discard(customer.name)
            if finished.error is not None:
                self._plan_repair(customer.name)
                return
            for license_id in self._licenses(customer):
                self._stage.at_the_web_server(
                    running.run_license(self._stage.context, license_id, None), license_id
                )

        flow = self._new_card(customer, account_id, card.id if card is not None else None)
        self._stage.at_the_web_server(flow, customer.name, repaired)

    def _plan_return(self, name: str) -> None:
        """Who has canceled comes back after a while."""
        customer, account_id = self._accounts[name]

        def come_back() -> None:
            if len(self._licenses(customer)) < len(customer.sales):
                self._stage.at_the_web_server(self._buying(customer, account_id, customer.sales[0]), name)

        self._stage.agenda.after(10 * DAY, come_back)

    # -- deciding ----------------------------------------------------------------------

    def _plan_decision(self, attempt_id: str, name: str) -> None:
        if attempt_id in self._deciding:
            return
        self._deciding.add(attempt_id)
        self._decisions += 1
        fault = self._stage.faults.at("person", name, self._decisions)
        # Later than any request lives: whoever decides looks at a ledger that does not change any more.
        delay = fault.scaled(2 * DAY, 20 * DAY) if fault is not None else 36 * HOUR
        self._stage.agenda.after(delay, lambda: self._decide(attempt_id, name))

    def _decide(self, attempt_id: str, name: str) -> None:
        attempt = self._stage.memory.attempts.get(attempt_id)
        self._deciding.discard(attempt_id)
        if attempt is None:
            # Forgotten by a restore.
            return

        def decided(_: Finished) -> None:
            again = self._stage.memory.attempts.get(attempt_id)
            if again is not None and again.needs_attention:
                self._plan_decision(attempt_id, name)

        decision = self._right_decision(attempt)
        flow = license_flows.resolve_attention(self._stage.context, attempt_id, decision, _DESK)
        self._stage.at_the_web_server(flow, attempt.license_id, decided)

    def _plan_refund_decision(self, refund_id: str) -> None:
        def decide() -> None:
            refund = self._stage.memory.refunds.get(refund_id)
            if refund is None:
                return
            went_back = self._stage.memory.given_back[refund.request.idempotency_key]
            decision = "confirm" if went_back else "void"
            flow = refund_flows.resolve_refund(self._stage.context, refund_id, decision, _DESK)
            self._stage.at_the_web_server(flow, refund.license_id, decided)

        def decided(_: Finished) -> None:
            refund = self._stage.memory.refunds.get(refund_id)
            if refund is not None and refund.needs_attention:
                self._plan_refund_decision(refund_id)

        self._stage.agenda.after(36 * HOUR, decide)

    def _right_decision(self, attempt: ChargeAttempt) -> str:
        """What a careful person decides who sees the processor's own ledger."""
        model, key = self._stage.model, attempt.request.idempotency_key
        if not isinstance(model, SimulatedGateway):
            captured = sum(e.amount.amount_minor for e in model.ledger() if e.idempotency_key == key)
            return "adopt" if captured else "void"
        for charge in model.by_key.get(key, ()):
            if charge.answer.outcome in {Outcome.PENDING, Outcome.REQUIRES_ACTION}:
                model.call_off(charge)
        kept = model.kept_minor(key)
        if not kept:
            return "void"
        memory = self._stage.memory
        is_open = memory.invoices[attempt.invoice_id].is_open
        license = memory.licenses[attempt.license_id]
        blocked = attempt.state is not AttemptState.HELD and attempt.license_id in memory.unresolved
        is_whole = kept == attempt.request.amount.amount_minor
        if is_whole and is_open and license.cancellation is None and not blocked:
            return "adopt"
        if not model.terms.refunds:
            model.give_back(key)
        return "refund"


def _owner(customer: Customer) -> By:
    return By(actor=Actor.member(f"owner_{customer.name}"))
