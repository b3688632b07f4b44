"""
A vendor, a customer or three, a processor and time, moved by Hypothesis through the public commands.

Every rule does something, or shows that something is refused and leaves nothing
behind. After every step the books are checked against the processor's own.
`make_store` is all that a run over another store replaces.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from billing_core import (
    Access,
    Account,
    Actor,
    Advice,
    AttemptState,
    AttentionDecision,
    Billing,
    BillingPolicy,
    CardExpiry,
    CardNotice,
    ChargeAttempt,
    ChargeResult,
    DisputeStatus,
    Invoice,
    License,
    LicenseFilter,
    LicenseStatus,
    MemoryStore,
    Money,
    NotAllowed,
    Outcome,
    PermissionDenied,
    Plan,
    RenewalSchedule,
    Role,
    WebhookNotice,
    check_invariants,
)
from billing_core.policy import CancelUncertain, CatchUp, TrialEnd
from billing_core.testing import ManualClock, ScriptedGateway

SAM, JOBS, STRANGER = Actor.support("sam"), Actor.system("jobs"), Actor.member("mallory")
USERS = ("ada", "bob", "eve")
PLANS = (
    Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR")),
    Plan.monthly("solo", price=Money.of("9", "EUR"), trial_days=14),
    Plan.yearly("year", price=Money.of("200", "EUR")),
    Plan.monthly("free", price=Money.of("0", "EUR")),
)
#: What the processor may answer to the next charge, by name.
ANSWERS = {
    "pending": ChargeResult.pending(),
    "not attempted": ChargeResult.not_attempted(retry_after=timedelta(minutes=1)),
    "repeat": ChargeResult.duplicate_suspected(),
    "unknown": ChargeResult.unknown("http_500"),
}
WAITS = (timedelta(minutes=2), timedelta(hours=3), timedelta(days=1), timedelta(days=9), timedelta(days=40))
ACCOUNTS_MAX, LICENSES_MAX = 2, 3

picks = st.integers(0, 7)


class BillingMachine(RuleBasedStateMachine):
    """The whole surface of `Billing`, over one store and one scripted processor."""

    def make_store(self, clock: ManualClock) -> Any:
        """The store of one run."""
        return MemoryStore(clock=clock)

    @initialize(
        catch_up=st.sampled_from(CatchUp),
        trial_end=st.sampled_from(TrialEnd),
        uncertain=st.sampled_from(CancelUncertain),
        sold=st.sampled_from((None, *PLANS)),
    )
    def begin(
        self, catch_up: CatchUp, trial_end: TrialEnd, uncertain: CancelUncertain, sold: Plan | None
    ) -> None:
        """A vendor with some policy, and mostly with a customer: else few runs get as far as a charge."""
        self.clock = ManualClock("2025-01-31T09:00+01:00")
        self.store = self.make_store(self.clock)
        self.gateway = ScriptedGateway(clock=self.clock)
        policy = BillingPolicy(catch_up=catch_up, trial_end=trial_end, cancel_uncertain=uncertain)
        self.billing = Billing(self.store, {"main": self.gateway}, policy, namespace="machine")
        self.setups: list[tuple[str, str]] = []
        self.done_setups: list[tuple[str, str, bool]] = []
        self.imported = self.renewed = 0
        self.canceled: set[str] = set()
        if sold is not None:
            self.open_account("Europe/Paris")
            self.begin_card_setup(0)
            self.leave_the_card_page(1, (2099, 12), gives_up=False)
            self.complete_card_setup(replaces=False, again=False)
            self.choose_plan(0, sold, 3)
            self.billing.run_due()

    # -- what is there -------------------------------------------------------------------

    @property
    def accounts(self) -> tuple[Account, ...]:
        return self.billing.accounts().items

    @property
    def licenses(self) -> tuple[License, ...]:
        return self.billing.licenses(LicenseFilter()).items

    def attempts(self, *states: AttemptState) -> list[ChargeAttempt]:
        return [it for it in self.billing.attempts().items if not states or it.state in states]

    @property
    def with_cards(self) -> list[Account]:
        return [account for account in self.accounts if account.cards]

    @property
    def lasting(self) -> list[License]:
        """Licenses that nobody has canceled yet."""
        return [license for license in self.licenses if license.cancellation is None]

    @property
    def payable(self) -> list[Invoice]:
        """Open invoices whose charge is not under way."""
        busy = {it.license_id for it in self.attempts() if it.is_unresolved}
        return [it for it in self.billing.invoices().items if it.is_open and it.license_id not in busy]

    def owner(self, account_id: str) -> Actor:
        account = self.billing.account(account_id)
        return Actor.member(next(it.user_id for it in account.members if it.role is Role.OWNER))

    def refused(self, error: type[Exception], command: Any) -> None:
        """It is refused, and leaves nothing behind."""
        before = self.billing.books()
        try:
            command()
        except error:
            assert before == self.billing.books(), "a refused command left something behind"
        else:
            raise AssertionError(f"should have been refused: {error.__name__}")

    def tried(self, command: Any) -> None:
        """It is done, or refused by a rule of its own and leaves nothing behind."""
        before = self.billing.books()
        try:
            command()
        except NotAllowed:
            assert before == self.billing.books(), "a refused command left something behind"

    # -- owners ------------------------------------------------------------------------------

    @precondition(lambda self: len(self.accounts) < ACCOUNTS_MAX)
    @rule(zone=st.sampled_from(("UTC", "Europe/Paris", "America/St_Johns", "Pacific/Kiritimati")))
    def open_account(self, zone: str) -> None:
        account = self.billing.open_account("Ada", currency="EUR", time_zone=zone, actor=Actor.member("ada"))
        self.billing.add_member(account.id, "bob", Role.ADMIN, actor=Actor.member("ada"))

    @precondition(lambda self: self.accounts and len(self.setups) < 2)
    @rule(pick=picks)
    def begin_card_setup(self, pick: int) -> None:
        account = _one(self.accounts, pick)
        owner = self.owner(account.id)
        setup = self.billing.begin_card_setup(account.id, return_url="https://host.example", actor=owner)
        self.setups.append((account.id, setup.id))

    @precondition(lambda self: self.setups)
    @rule(card=st.integers(1, 3), expires=st.sampled_from(((2025, 2), (2099, 12))), gives_up=st.booleans())
    def leave_the_card_page(self, card: int, expires: tuple[int, int], gives_up: bool) -> None:
        account_id, setup_id = self.setups.pop()
        if gives_up:
            self.gateway.customer_gives_up(setup_id)
        else:
            self.gateway.customer_enters_card(
                setup_id, last4=f"424{card}", expires=CardExpiry(*expires), fingerprint=f"fp_{card}"
            )
        self.done_setups.append((account_id, setup_id, gives_up))

    @precondition(lambda self: self.done_setups)
    @rule(replaces=st.booleans(), again=st.booleans())
    def complete_card_setup(self, replaces: bool, again: bool) -> None:
        account_id, setup_id, gave_up = self.done_setups.pop()
        account = self.billing.account(account_id)
        old = account.default_card_id if replaces and account.cards else None

        def complete() -> object:
            return self.billing.complete_card_setup(
                account_id, setup_id, actor=self.owner(account_id), replace=old
            )

        if gave_up:
            self.refused(NotAllowed, complete)
            return
        card = complete()
        if again and old is None:
            assert card == complete(), "completed twice is completed once"

    @precondition(lambda self: self.with_cards)
    @rule(pick=picks, card=picks)
    def remove_card(self, pick: int, card: int) -> None:
        account = _one(self.with_cards, pick)
        self.billing.remove_card(account.id, _one(account.cards, card).id, actor=self.owner(account.id))

    @precondition(lambda self: any(len(account.cards) > 1 for account in self.accounts))
    @rule(card=picks)
    def set_default_card(self, card: int) -> None:
        account = next(it for it in self.accounts if len(it.cards) > 1)
        others = [it for it in account.cards if it.id != account.default_card_id]
        chosen = _one(others, card)
        self.tried(lambda: self.billing.set_default_card(account.id, chosen.id, actor=self.owner(account.id)))

    @precondition(lambda self: self.accounts and len(self.licenses) < LICENSES_MAX)
    @rule(pick=picks, plan=st.sampled_from(PLANS), seats=st.integers(1, 4))
    def choose_plan(self, pick: int, plan: Plan, seats: int) -> None:
        account = _one(self.accounts, pick)
        self.billing.choose_plan(account.id, plan, quantity=seats, actor=self.owner(account.id))

    @precondition(lambda self: self.lasting)
    @rule(pick=picks, plan=st.sampled_from(PLANS), seats=st.integers(1, 4))
    def change_plan(self, pick: int, plan: Plan, seats: int) -> None:
        license = _one(self.lasting, pick)
        owner = self.owner(license.account_id)
        self.tried(lambda: self.billing.change_plan(license.id, plan, quantity=seats, actor=owner))

    @precondition(lambda self: self.lasting)
    @rule(pick=picks, at_period_end=st.booleans())
    def cancel(self, pick: int, at_period_end: bool) -> None:
        license = _one(self.lasting, pick)
        owner = self.owner(license.account_id)
        self.tried(lambda: self.billing.cancel(license.id, at_period_end=at_period_end, actor=owner))

    @precondition(lambda self: self.accounts)
    @rule(pick=picks, zone=st.sampled_from(("UTC", "Asia/Tokyo", "America/New_York")))
    def change_time_zone(self, pick: int, zone: str) -> None:
        account = _one(self.accounts, pick)
        self.tried(lambda: self.billing.change_time_zone(account.id, zone, actor=self.owner(account.id)))

    @precondition(lambda self: self.accounts)
    @rule(pick=picks)
    def transfer_ownership(self, pick: int) -> None:
        account = _one(self.accounts, pick)
        other = next((it for it in account.members if it.role is not Role.OWNER), None)
        if other is None:
            self.refused(
                NotAllowed,
                lambda: self.billing.remove_member(
                    account.id, account.members[0].user_id, actor=self.owner(account.id)
                ),
            )
            return
        self.billing.transfer_ownership(account.id, other.user_id, actor=self.owner(account.id))
        assert self.owner(account.id) == Actor.member(other.user_id)

    # -- the vendor ----------------------------------------------------------------------------

    @precondition(lambda self: self.licenses)
    @rule(pick=picks, days=st.integers(1, 10))
    def grant_extension(self, pick: int, days: int) -> None:
        license = _one(self.licenses, pick)
        self.tried(
            lambda: self.billing.grant_extension(license.id, days=days, actor=SAM, reason="card is late")
        )
        after = self.billing.dossier(license.id).license
        assert (license.coverage, license.due_at) == (after.coverage, after.due_at)

    @precondition(lambda self: self.payable)
    @rule(pick=picks)
    def record_external_payment(self, pick: int) -> None:
        invoice = _one(self.payable, pick)
        paid = self.billing.record_external_payment(invoice.id, reference=f"wire_{invoice.id}", actor=JOBS)
        again = self.billing.record_external_payment(invoice.id, reference=f"wire_{invoice.id}", actor=JOBS)
        assert paid == again, "recorded twice is paid once"

    @precondition(lambda self: self.billing.needs_attention().items)
    @rule(pick=picks, adopts=st.booleans())
    def resolve_attention(self, pick: int, adopts: bool) -> None:
        """A person looks at the processor, and decides by what is there."""
        attempt = _one(self.billing.needs_attention().items, pick)
        has_money = any(
            it.idempotency_key == attempt.request.idempotency_key and it.amount > it.refunded
            for it in self.gateway.captures
        )
        decision = AttentionDecision.ADOPT if adopts else AttentionDecision.REFUND
        if not has_money:
            decision = AttentionDecision.VOID
        self.tried(
            lambda: self.billing.resolve_attention(attempt.id, decision, actor=JOBS, reason="looked at it")
        )

    @precondition(lambda self: self.attempts(AttemptState.SUCCEEDED))
    @rule(pick=picks, cents=st.integers(1, 1000), ends=st.booleans())
    def refund(self, pick: int, cents: int, ends: bool) -> None:
        """A part, or all that is left, if anything is."""
        attempt = _one(self.attempts(AttemptState.SUCCEEDED), pick)
        amount = Money(amount_minor=cents, currency=attempt.request.amount.currency) if cents < 900 else None

        def refund() -> object:
            return self.billing.refund(
                attempt.id, amount, actor=JOBS, reason="asked for it", ends_license=ends
            )

        self.tried(refund)

    @precondition(lambda self: len(self.licenses) < LICENSES_MAX and len(self.accounts) < ACCOUNTS_MAX)
    @rule(days=st.integers(0, 100))
    def import_customer(self, days: int) -> None:
        self.imported += 1
        schedule = RenewalSchedule(
            anchor=self.clock.now().date() - timedelta(days=days), interval=PLANS[0].interval
        )
        paid_until = schedule.next_after(self.clock.now().date())
        for _ in range(2):
            account = self.billing.import_account(
                "Bob",
                external_id=f"old_{self.imported}",
                currency="EUR",
                time_zone="UTC",
                owner="bob",
                actor=JOBS,
            )
            license = self.billing.import_license(
                account.id,
                PLANS[0],
                external_id=f"old_{self.imported}",
                anchor=schedule.anchor,
                paid_until=paid_until,
                actor=JOBS,
            )
        assert paid_until == license.paid_until

    @precondition(lambda self: self.licenses)
    @rule(pick=picks, who=st.sampled_from((STRANGER, SAM, JOBS)), what=st.integers(0, 3))
    def others_are_denied(self, pick: int, who: Actor, what: int) -> None:
        """Only an owner changes cards, plan and people."""
        license = _one(self.licenses, pick)
        commands = (
            lambda: self.billing.cancel(license.id, actor=who),
            lambda: self.billing.change_plan(license.id, PLANS[0], actor=who),
            lambda: self.billing.begin_card_setup(
                license.account_id, return_url="https://h.example", actor=who
            ),
            lambda: self.billing.transfer_ownership(license.account_id, "mallory", actor=who),
        )
        self.refused(PermissionDenied, commands[what])

    @precondition(lambda self: self.licenses)
    @rule()
    def stop_and_resume(self) -> None:
        """While sending is stopped no call charges anybody."""
        self.billing.stop_sending(actor=JOBS, reason="a look at it")
        sends = self.gateway.sends
        self.billing.run_due()
        assert sends == self.gateway.sends
        self.billing.resume_sending(actor=JOBS)

    # -- the processor ---------------------------------------------------------------------------

    @rule(answer=st.sampled_from(sorted(ANSWERS)))
    def next_answer(self, answer: str) -> None:
        self.gateway.next_charge_gives(ANSWERS[answer])

    @rule(advice=st.sampled_from(Advice))
    def next_decline(self, advice: Advice) -> None:
        self.gateway.next_charge_declines(advice)

    @rule(kind=st.sampled_from(("asks the cardholder", "loses the answer", "loses the request", "breaks")))
    def next_trouble(self, kind: str) -> None:
        if kind == "asks the cardholder":
            self.gateway.next_charge_requires_action()
        elif kind == "loses the answer":
            self.gateway.next_response_is_lost()
        elif kind == "loses the request":
            self.gateway.next_request_is_lost()
        else:
            self.gateway.next_charge_raises(ValueError("garbage"))

    @precondition(lambda self: self.attempts(AttemptState.REQUIRES_ACTION))
    @rule(pick=picks)
    def cardholder_confirms(self, pick: int) -> None:
        attempt = _one(self.attempts(AttemptState.REQUIRES_ACTION), pick)
        result = attempt.result
        action = result.action if result is not None else None
        ends_at = action.expires_at if action is not None and action.expires_at is not None else None
        latest = attempt.last_sent_at + self.gateway.capabilities.action_lifetime
        if self.clock.now() < (ends_at if ends_at is not None else latest):
            self.gateway.cardholder_confirms(attempt.request.reference)

    @precondition(lambda self: self.attempts(AttemptState.PENDING))
    @rule(pick=picks, succeeds=st.booleans())
    def pending_charge_settles(self, pick: int, succeeds: bool) -> None:
        attempt = _one(self.attempts(AttemptState.PENDING), pick)
        amount = attempt.request.amount
        result = ChargeResult.succeeded(amount) if succeeds else ChargeResult.declined(Advice.RETRY_LATER)
        self.gateway.pending_charge_settles(attempt.request.reference, result)

    @precondition(lambda self: self.attempts())
    @rule(pick=picks, times=st.integers(1, 2))
    def webhook(self, pick: int, times: int) -> None:
        """About any charge, however old, once or twice."""
        attempt = _one(self.attempts(), pick)
        body, headers = self.gateway.notice(attempt.request.reference)
        for _ in range(times):
            self.billing.handle_webhook(body, headers)

    def told(self, times: int, **news: Any) -> None:
        """The processor tells of it, once or twice."""
        body, headers = self.gateway.signed(WebhookNotice(id="evt_news", **news))
        for _ in range(times):
            self.billing.handle_webhook(body, headers)

    @precondition(lambda self: self.kept)
    @rule(pick=picks, cents=st.integers(1, 1000), times=st.integers(1, 2))
    def refund_in_the_dashboard(self, pick: int, cents: int, times: int) -> None:
        """A part of what is left, or all of it: once told, the books have it once."""
        attempt, left = _one(self.kept, pick)
        amount = min(left, Money(amount_minor=cents, currency=left.currency)) if cents < 900 else left
        self.told(times, refund=self.gateway.refund_elsewhere(attempt.charge_ref, amount))

    @precondition(lambda self: self.attempts(AttemptState.SUCCEEDED))
    @rule(
        pick=picks,
        cents=st.integers(1, 1000),
        ends=st.permutations(list(DisputeStatus)),
        says=st.integers(1, 3),
    )
    def dispute(self, pick: int, cents: int, ends: list[DisputeStatus], says: int) -> None:
        """Of a part or all of it, through some states in some order: the last one is on record."""
        attempt = _one(self.attempts(AttemptState.SUCCEEDED), pick)
        part = Money(amount_minor=cents, currency=attempt.request.amount.currency)
        told = self.gateway.cardholder_disputes(attempt.charge_ref, part if cents < 900 else None)
        for status in ends[:says]:
            self.gateway.dispute_becomes(told.gateway_ref, status)
            self.told(1, dispute=told)
        (after,) = (it for it in self.attempts() if it.id == attempt.id)
        assert after.disputes[-1].status is ends[says - 1]
        if after.disputes[-1].status is DisputeStatus.OPENED and part.amount_minor >= 900:
            self.refused(
                NotAllowed, lambda: self.billing.refund(attempt.id, actor=JOBS, reason="it is disputed")
            )

    @precondition(lambda self: self.with_cards)
    @rule(pick=picks, is_other=st.booleans(), closes=st.booleans())
    def card_is_renewed(self, pick: int, is_other: bool, closes: bool) -> None:
        """By its issuer, as the same plastic or another one; or closed by it."""
        card = _one(_one(self.with_cards, pick).cards, pick)
        self.renewed += 1
        self.gateway.card_is_renewed(
            card.token,
            expires=CardExpiry(2099, 1 + self.renewed % 12),
            fingerprint=f"fp_renewed_{self.renewed}" if is_other else None,
        )
        self.told(2, card=CardNotice(token=card.token, is_closed=closes))

    @property
    def kept(self) -> list[tuple[ChargeAttempt, Money]]:
        """Charges of which something is still here, and how much."""
        left = {it.gateway_ref: it.amount - it.refunded for it in self.gateway.captures}
        paid = [(it, left[it.charge_ref]) for it in self.attempts(AttemptState.SUCCEEDED) if it.charge_ref]
        return [(attempt, money) for attempt, money in paid if money.is_positive]

    # -- time --------------------------------------------------------------------------------------

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.clock.advance(seconds=int(wait.total_seconds()))

    @rule(wait=st.sampled_from(WAITS))
    def nightly_run(self, wait: timedelta) -> None:
        self.clock.advance(seconds=int(wait.total_seconds()))
        assert () == self.billing.run_due().failures

    @precondition(lambda self: self.licenses)
    @rule(pick=picks)
    def run_license(self, pick: int) -> None:
        license = _one(self.licenses, pick)
        self.billing.run_license(license.id, actor=self.owner(license.account_id))

    # -- what always holds ---------------------------------------------------------------------------

    @invariant()
    def books_are_sound(self) -> None:
        """Every rule of the books, with the processor's ledger: doubles, losses, owners, wakes, events."""
        assert () == check_invariants(self.billing.books(self.gateway.ledger(), self.gateway.refund_ledger()))

    @invariant()
    def views_agree_with_the_books(self) -> None:
        """What a page shows is what is on file."""
        now = self.clock.now()
        for license in self.licenses:
            view = self.billing.license_view(license.id)
            dossier = self.billing.dossier(license.id)
            # No extension reaches beyond the end of a license.
            is_extended = view.status is not LicenseStatus.CANCELED and any(
                it.is_active_at(now) for it in license.extensions
            )
            serves = {LicenseStatus.ACTIVE, LicenseStatus.TRIALING, LicenseStatus.PAST_DUE}
            assert (view.status in serves or is_extended) == (view.access is Access.FULL)
            owed = dossier.open_invoice
            assert view.amount_due == (owed.amount_due if owed is not None else Money.zero("EUR"))
            if license.id in self.canceled:
                assert view.status is LicenseStatus.CANCELED
            if view.status is LicenseStatus.CANCELED:
                self.canceled.add(license.id)

    @invariant()
    def money_moved_once(self) -> None:
        """No reference has two captures that nobody gave back."""
        kept = [it.reference for it in self.gateway.captures if it.amount > it.refunded]
        assert len(kept) == len(set(kept))

    def teardown(self) -> None:
        """Time goes on without new trouble: nothing stays unresolved that nobody was asked about."""
        for _ in range(12):
            self.clock.advance(days=1)
            assert () == self.billing.run_due().failures
        self.books_are_sound()
        for attempt in self.attempts():
            known = attempt.result.outcome if attempt.result is not None else None
            may_last = attempt.state in {AttemptState.HELD, AttemptState.REQUIRES_ACTION} or (
                known in {Outcome.PENDING, Outcome.REQUIRES_ACTION}
            )
            assert not attempt.is_unresolved or may_last, f"forgotten: {attempt}"


def _one(items: Any, pick: int) -> Any:
    return items[pick % len(items)]
