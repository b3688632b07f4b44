"""
The oracle: after every commit and every capture, does everything still hold?

It keeps its own copy of what was committed, compares each change with what
was there before, and compares both with the processor's ledger. Only what
changed is looked at, so that a check costs as little with the thousandth
renewal as with the first. What can only be said of the whole is left to
`rest.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from billing_core.accounts.account import Account
from billing_core.advice import Advice
from billing_core.charging.attempt import AttemptState, ChargeAttempt
from billing_core.charging.invariants import Violation
from billing_core.charging.invoice import Invoice, InvoiceStatus
from billing_core.charging.refund import Refund, RefundState
from billing_core.charging.status import canceled_at
from billing_core.events import Event, EventType
from billing_core.gateways.network_limits import earliest_attempt_at
from billing_core.gateways.results import ChargeRequest, RefundRequest
from billing_core.licenses.coverage import CoverageKind
from billing_core.licenses.license import License
from billing_core.stores.port import Change, CommitResult
from billing_core.testing.simulator.gateway import SimulatedCharge

__all__ = ["Oracle", "OracleMemory"]

_OWNER_ONLY = frozenset(
    {
        EventType.BILLING_INFO_UPDATED,
        EventType.CARD_ADDED,
        EventType.CARD_REPLACED,
        EventType.CARD_REMOVED,
        EventType.CARD_MADE_DEFAULT,
        EventType.LICENSE_STARTED,
        EventType.OWNERSHIP_TRANSFERRED,
        EventType.PLAN_CHANGE_SCHEDULED,
        EventType.CANCELLATION_SCHEDULED,
    }
)
#: After it, money without a place is announced once more if the decision failed.
_DECIDED = frozenset({EventType.ATTENTION_RESOLVED, EventType.REFUND_STARTED})


class OracleMemory:
    """What was committed so far, as far as the rules need it."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.licenses: dict[str, License] = {}
        self.invoices: dict[str, Invoice] = {}
        self.attempts: dict[str, ChargeAttempt] = {}
        self.by_key: dict[str, ChargeAttempt] = {}
        self.unresolved: dict[str, ChargeAttempt] = {}
        self.succeeded: dict[str, ChargeAttempt] = {}
        self.live_invoices: dict[tuple[str, int, int], str] = {}
        self.attempts_of: dict[str, list[str]] = defaultdict(list)
        #: Reference -> the invoice that it names, and the keys of its attempts.
        self.references: dict[str, str] = {}
        self.keys_of: dict[str, set[str]] = defaultdict(set)
        self.refunds: dict[str, Refund] = {}
        self.refund_keys: dict[str, Refund] = {}
        self.given_back: dict[str, int] = defaultdict(int)
        self.sends: dict[str, int] = defaultdict(int)
        self.orphan_alerts: dict[tuple[str | None, object], int] = defaultdict(int)
        self.declines: dict[str, dict[str, ChargeAttempt]] = defaultdict(dict)
        #: Cards, and fingerprints, that were declined for ever.
        self.dead_cards: set[str] = set()
        self.events = 0
        self.renewals = 0


class Oracle:
    """
    Checks each change and each capture.

    Args:
        on_violation: told about everything that should not be.
        is_strict: whether the gateway keeps all its promises, so that no
            charge may ever happen outside the library's knowledge.
        kept_minor: an idempotency key -> what the processor holds for it.
    """

    def __init__(
        self,
        on_violation: Callable[[Violation], None],
        *,
        is_strict: bool,
        kept_minor: Callable[[str], int],
    ) -> None:
        self.memory = OracleMemory()
        self._report = on_violation
        self._is_strict = is_strict
        self._kept_minor = kept_minor
        self._is_muted = False
        #: What a restore made the store forget.
        self._forgotten: dict[str, ChargeAttempt] = {}

    def forget(self, history: Iterable[tuple[Change, CommitResult]]) -> None:
        """The store was restored from a backup, and holds no more than this."""
        before, self.memory = self.memory, OracleMemory()
        self.memory.given_back, self.memory.sends = before.given_back, before.sends
        self._forgotten |= before.by_key
        # It was right when it happened; the processor's ledger has moved on since.
        self._is_muted = True
        for change, result in history:
            self.committed(change, result)
        self._is_muted = False
        for reference, keys in before.keys_of.items():
            self.memory.keys_of[reference] |= keys

    def _known(self, key: str) -> ChargeAttempt | None:
        return self.memory.by_key.get(key) or self._forgotten.get(key)

    # -- at the processor --------------------------------------------------------

    def arrived(self, request: ChargeRequest) -> None:
        """A charge request has reached the processor."""
        memory, key = self.memory, request.idempotency_key
        memory.sends[key] += 1
        attempt = self._known(key)
        if attempt is None:
            self._blame("intent_is_durable_first", key, "a request was sent that no committed attempt knows")
        elif attempt.request != request:
            self._blame("frozen_terms", attempt.id, "a send differs from the request that was committed")

    def sent(self, request: ChargeRequest, sends: int) -> None:
        """A process has handed over a charge request for the ``sends``-th time."""
        attempt = self.memory.by_key.get(request.idempotency_key)
        if attempt is not None and sends > attempt.sends:
            self._blame("sends_are_persisted", attempt.id, f"send {sends}, but {attempt.sends} are on record")

    def capturing(self, charge: SimulatedCharge) -> None:
        """Money moves."""
        request = charge.request
        attempt = self._known(request.idempotency_key)
        before = self._held(request.reference) - charge.kept_minor
        if not self._is_strict or attempt is None:
            return
        if before > 0:
            self._blame("single_charge", attempt.id, f"{before} minor units were captured already")
        if not attempt.is_unresolved and request.idempotency_key in self.memory.by_key:
            self._blame("no_charge_after_the_end", attempt.id, f"captured when it was {attempt.state.value}")

    def giving_back(self, request: RefundRequest) -> None:
        """Money goes back."""
        memory, key = self.memory, request.idempotency_key
        memory.given_back[key] += 1
        refund = memory.refund_keys.get(key)
        if refund is None:
            self._blame("intent_is_durable_first", key, "money went back that no committed refund asked for")
            return
        if refund.request != request:
            self._blame("frozen_terms", refund.id, "a refund differs from the request that was committed")
        if memory.given_back[key] > 1 and self._is_strict:
            self._blame("single_refund", refund.id, f"given back {memory.given_back[key]} times")

    def _held(self, reference: str) -> int:
        """What is at the processor for an invoice, but for what a person has decided about."""
        memory = self.memory
        known = ((key, self._known(key)) for key in memory.keys_of[reference])
        return sum(self._kept_minor(key) for key, it in known if it is None or it.decision is None)

    # -- in the store ----------------------------------------------------------------

    def committed(self, change: Change, result: CommitResult) -> None:
        """A change was carried out."""
        memory = self.memory
        for account in change.accounts:
            memory.accounts[account.id] = account
        for license in change.licenses:
            self._check_license(memory.licenses.get(license.id), license, change)
        for invoice in result.invoices:
            self._check_invoice(memory.invoices.get(invoice.id), invoice)
        # After the invoices, which they are measured against.
        licenses = {license.id: license for license in change.licenses}
        for attempt in change.attempts:
            before = memory.attempts.get(attempt.id)
            if before is None:
                self._check_new_attempt(attempt, licenses)
            else:
                self._check_attempt(before, attempt, change)
            self._remember(attempt)
        memory.licenses.update(licenses)
        for refund in change.refunds:
            self._check_refund(memory.refunds.get(refund.id), refund)
        for invoice in result.invoices:
            unresolved = memory.unresolved.get(invoice.license_id)
            is_closed = invoice.status is InvoiceStatus.VOID
            if is_closed and unresolved is not None and unresolved.invoice_id == invoice.id:
                self._blame("unresolved_blocks", invoice.id, "voided while its charge was unresolved")
        self._check_rows(change, result)
        self._check_events(change, result)

    def _check_license(self, before: License | None, after: License, change: Change) -> None:
        if before is None:
            return
        count = len(before.coverage)
        if after.coverage[:count] != before.coverage or after.terms[: len(before.terms)] != before.terms:
            self._blame("history_is_kept", after.id, "coverage or terms were rewritten")
        if before.cancellation is not None and after.cancellation is None:
            self._blame("canceled_stays_canceled", after.id, "the cancellation is gone")
        if len(after.extensions) > len(before.extensions) and (
            len(after.coverage) != count or change.invoices or change.attempts
        ):
            self._blame("extensions_change_nothing_else", after.id, "an extension came with something else")

    def _check_invoice(self, before: Invoice | None, after: Invoice) -> None:
        memory = self.memory
        slot = (after.license_id, after.key.term, after.key.index)
        if before is None:
            if slot in memory.live_invoices:
                self._blame("one_live_invoice_per_period", after.id, "the period is billed already")
        elif before.status is not InvoiceStatus.OPEN and after.status is not before.status:
            self._blame("final_is_final", after.id, f"{before.status.value} became {after.status.value}")
        if after.status is InvoiceStatus.VOID:
            memory.live_invoices.pop(slot, None)
        else:
            memory.live_invoices[slot] = after.id
        memory.invoices[after.id] = after

    def _check_rows(self, change: Change, result: CommitResult) -> None:
        """Each paid invoice got its row, in the same commit, and no row came without one."""
        paid = {invoice.id: invoice for invoice in result.invoices if invoice.status is InvoiceStatus.PAID}
        for license in change.licenses:
            terms = {term.number: term for term in license.terms}
            for row in license.coverage[-3:]:
                if row.why is not CoverageKind.CHARGE:
                    continue
                invoice = self.memory.invoices.get(row.source or "")
                if invoice is None or invoice.status is not InvoiceStatus.PAID:
                    self._blame("rows_are_paid_for", license.id, f"{row.start} is covered by no paid invoice")
                elif row.period != invoice.period:
                    self._blame("rows_are_paid_for", invoice.id, "its row covers other days")
                if row.index is None or terms[row.term].schedule.period(row.index) != row.period:
                    self._blame("boundaries_follow_the_schedule", license.id, f"{row.start} to {row.end}")
                paid.pop(row.source or "", None)
            sources = [row.source for row in license.coverage[-3:] if row.source is not None]
            if len(set(sources)) != len(sources):
                self._blame("rows_are_paid_for", license.id, "one invoice covers two stretches")
        for invoice_id, invoice in paid.items():
            license_now = self.memory.licenses[invoice.license_id]
            if invoice_id not in {row.source for row in license_now.coverage}:
                self._blame("rows_are_paid_for", invoice_id, "paid, but covers nothing")

    # -- attempts ----------------------------------------------------------------------

    def _check_new_attempt(self, attempt: ChargeAttempt, licenses: dict[str, License]) -> None:
        memory, request = self.memory, attempt.request
        other = memory.unresolved.get(attempt.license_id)
        if other is not None:
            self._blame("one_unresolved_per_license", attempt.id, f"{other.id} is {other.state.value}")
        if request.idempotency_key in memory.by_key:
            self._blame("keys_name_one_attempt", attempt.id, "its idempotency key was used before")
        names = memory.references.setdefault(request.reference, attempt.invoice_id)
        # What is found after a restore may have been charged under the name that the period had then.
        if names != attempt.invoice_id and attempt.is_unresolved:
            self._blame("keys_name_one_attempt", attempt.id, "its reference names another invoice")
        if attempt.invoice_id in memory.succeeded:
            self._blame("one_success_per_invoice", attempt.id, "the invoice was paid by another attempt")
        self._check_terms(attempt)
        if not attempt.is_unresolved:
            # Found after a restore, in the place of one that was sought.
            self._check_against_ledger(attempt)
            return
        if not self.memory.invoices[attempt.invoice_id].is_open:
            self._blame("one_success_per_invoice", attempt.id, "its invoice is not open")
        if attempt.sends == 0:
            # Nothing is charged: after a restore it is looked for what may have been.
            return
        self._check_card(attempt)
        license = licenses.get(attempt.license_id) or memory.licenses[attempt.license_id]
        ended_at = canceled_at(license)
        if ended_at is not None and attempt.first_sent_at > ended_at:
            self._blame("canceled_stays_canceled", attempt.id, f"started after the end at {ended_at}")

    def _check_terms(self, attempt: ChargeAttempt) -> None:
        invoice = self.memory.invoices[attempt.invoice_id]
        if attempt.request.amount != invoice.amount_due + invoice.carried_out:
            self._blame("frozen_terms", attempt.id, "another amount than its invoice's")
        if attempt.first_sent_at < invoice.due_at:
            self._blame("nothing_charged_early", attempt.id, "sent before its invoice was due")

    def _check_card(self, attempt: ChargeAttempt) -> None:
        account = self.memory.accounts[attempt.account_id]
        card = account.default_card
        if card is None or card.id != attempt.card_id or card.token != attempt.request.card:
            self._blame("the_right_card", attempt.id, "not the account's default card")
        elif card.frozen_because is not None or not self.memory.dead_cards.isdisjoint(
            {attempt.card_id, f"{attempt.account_id} {attempt.fingerprint}"}
        ):
            self._blame("no_charge_on_a_frozen_card", attempt.id, "an earlier decline forbids it")
        declined = self.memory.declines[attempt.fingerprint].values()
        times = [other.resolved_at for other in declined if other.resolved_at is not None]
        allowed_at = earliest_attempt_at(attempt.brand, [at for at in times if at < attempt.first_sent_at])
        if allowed_at is not None and attempt.first_sent_at < allowed_at:
            self._blame("network_limits_are_kept", attempt.id, f"allowed again at {allowed_at}")

    def _check_attempt(self, before: ChargeAttempt, after: ChargeAttempt, change: Change) -> None:
        if before.request is not after.request and before.request != after.request:
            self._blame("frozen_terms", after.id, "its request was changed")
        if not before.is_unresolved and after.state is not before.state:
            self._blame("final_is_final", after.id, f"{before.state.value} became {after.state.value}")
        if after.sends < before.sends or after.first_sent_at != before.first_sent_at:
            self._blame("final_is_final", after.id, "its sends were rewritten")
        if not before.is_unresolved or after.is_unresolved:
            return
        is_decided = any(event.type == EventType.ATTENTION_RESOLVED for event in change.events)
        if before.state is AttemptState.HELD and not is_decided:
            self._blame("people_decide_held_charges", after.id, f"became {after.state.value} by itself")
        if not is_decided:
            self._check_against_ledger(after)

    def _check_against_ledger(self, attempt: ChargeAttempt) -> None:
        kept = self._kept_minor(attempt.request.idempotency_key)
        if attempt.state is AttemptState.SUCCEEDED:
            if kept != attempt.request.amount.amount_minor and self._is_strict:
                asked = attempt.request.amount.amount_minor
                self._blame("successes_are_captured", attempt.id, f"booked {asked}, captured {kept}")
            paid_by = self.memory.succeeded.get(attempt.invoice_id)
            if paid_by is not None and paid_by.id != attempt.id:
                self._blame("one_success_per_invoice", attempt.id, f"{paid_by.id} had succeeded")
        elif kept > 0 and self._is_strict:
            self._blame("captures_are_recorded", attempt.id, f"captured, but {attempt.state.value}")

    def _remember(self, attempt: ChargeAttempt) -> None:
        memory = self.memory
        if attempt.id not in memory.attempts:
            memory.attempts_of[attempt.license_id].append(attempt.id)
        memory.attempts[attempt.id] = attempt
        memory.by_key[attempt.request.idempotency_key] = attempt
        memory.keys_of[attempt.request.reference].add(attempt.request.idempotency_key)
        if attempt.is_unresolved:
            memory.unresolved[attempt.license_id] = attempt
        elif memory.unresolved.get(attempt.license_id, attempt).id == attempt.id:
            memory.unresolved.pop(attempt.license_id, None)
        if attempt.state is AttemptState.SUCCEEDED:
            memory.succeeded.setdefault(attempt.invoice_id, attempt)
        if attempt.state is AttemptState.DECLINED:
            memory.declines[attempt.fingerprint][attempt.id] = attempt
            self._remember_decline(attempt)

    def _remember_decline(self, attempt: ChargeAttempt) -> None:
        decline = attempt.result.decline if attempt.result is not None else None
        if decline is None or not decline.advice.freezes_card:
            return
        self.memory.dead_cards.add(attempt.card_id)
        if decline.advice is Advice.NEVER:
            # Typing the same card once more gives new consent, but brings no stolen card back.
            self.memory.dead_cards.add(f"{attempt.account_id} {attempt.fingerprint}")

    # -- refunds -----------------------------------------------------------------------

    def _check_refund(self, before: Refund | None, after: Refund) -> None:
        memory = self.memory
        memory.refunds[after.id] = after
        memory.refund_keys[after.request.idempotency_key] = after
        claimed = sum(
            refund.claimed.amount_minor
            for refund in memory.refunds.values()
            if refund.attempt_id == after.attempt_id
        )
        result = memory.attempts[after.attempt_id].result
        captured = result.amount.amount_minor if result is not None and result.amount is not None else None
        if captured is not None and claimed > captured:
            self._blame("no_over_refund", after.id, f"{claimed} of {captured} minor units")
        if before is None:
            return
        if before.request != after.request or after.sends < before.sends:
            self._blame("frozen_terms", after.id, "a refund was rewritten")
        if not before.is_unresolved and after.state is not before.state:
            self._blame("final_is_final", after.id, f"{before.state.value} became {after.state.value}")
        went_back = memory.given_back[after.request.idempotency_key]
        is_told = after.decision is None and before.is_unresolved and not after.is_unresolved
        is_true = (after.state is RefundState.SUCCEEDED) == bool(went_back)
        if is_told and not is_true and self._is_strict:
            self._blame("refunds_are_true", after.id, f"{after.state.value}, given back {went_back}")

    # -- events ------------------------------------------------------------------------

    def _check_events(self, change: Change, result: CommitResult) -> None:
        has_writes = bool(change.writes)
        if has_writes != bool(result.events):
            self._blame("every_change_has_an_event", change.guards[0].id, "a change without an event")
        for event in result.events:
            self._check_event(event)

    def _check_event(self, event: Event) -> None:
        memory = self.memory
        memory.events += 1
        if event.sequence != memory.events:
            self._blame("events_are_numbered", event.id, f"{event.sequence} instead of {memory.events}")
        if event.type in _OWNER_ONLY and event.actor.role not in {"owner", "admin"}:
            self._blame("owners_decide", event.id, f"{event.type} by {event.actor.role}")
        if event.type == EventType.INVOICE_PAID:
            memory.renewals += 1
        elif event.type == EventType.LICENSE_EXPIRED:
            attempt = memory.unresolved.get(event.license_id or "")
            if attempt is not None and attempt.is_uncertain:
                self._blame("expired_only_when_certain", event.license_id or "", attempt.state.value)
        elif event.type in _DECIDED:
            memory.orphan_alerts.pop((event.invoice_id, event.data.get("attempt")), None)
        elif event.type == EventType.CHARGE_ORPHANED:
            place = (event.invoice_id, event.data.get("attempt"))
            memory.orphan_alerts[place] += 1
            if memory.orphan_alerts[place] > 1:
                self._blame("one_alert_per_orphan", event.invoice_id or "", "announced again")

    def _blame(self, rule: str, record_id: str, detail: str) -> None:
        if not self._is_muted:
            self._report(Violation(rule, record_id, detail))
