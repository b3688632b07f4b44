"""
The simulator's own test: the library, each time with one safety rule broken.

A mutant replaces one function or constant; nothing else changes. One that the
simulator does not find would mean that an invariant is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import attrs

from billing_core.accounts.account import Account
from billing_core.advice import Advice
from billing_core.charging import apply, next_step, resolve, settle
from billing_core.charging.attempt import AttemptEvent, ChargeAttempt
from billing_core.charging.dossier import Dossier
from billing_core.charging.steps import ResolveAction, ResolveCharge, Wait
from billing_core.gateways.capabilities import Capabilities, GatewayGrade
from billing_core.gateways.results import ChargeRequest, ChargeResult, Outcome
from billing_core.licenses.license import License
from billing_core.service import asking, drivers, renewal_flow, running, world
from billing_core.service.calls import Send, Sent
from billing_core.service.requests import Commit
from billing_core.stores.memory import MemoryStore
from billing_core.stores.port import Change, Guard
from billing_core.testing.simulator import Simulation
from billing_core.testing.simulator.gateway import SimulatedGateway
from billing_core.testing.simulator.profiles import Profile
from billing_core.values.schedule import Period

__all__ = ["MUTANTS", "Mutant"]


@attrs.frozen
class Mutant:
    """
    One broken rule.

    Attributes:
        name: short, for tables.
        says: what is broken, in words.
        profile: where it is looked for.
        apply: breaks it, for the time of a ``with`` block.
    """

    name: str
    says: str
    profile: Profile
    apply: Callable[[], AbstractContextManager[Any]]

    @property
    def slug(self) -> str:
        """The name for files."""
        return self.name.replace(" ", "-")


def _patched(target: object, name: str, new: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: mock.patch.object(target, name, new)


# -- intent and sends ---------------------------------------------------------------------


@contextmanager
def _intent_after_the_call() -> Iterator[None]:
    """The gateway is called first, and the intent is committed with the answer in hand."""
    real = renewal_flow.look_after

    def look_after(*arguments: Any, **options: Any) -> Any:
        flow = real(*arguments, **options)
        early: dict[str, Any] = {}
        answer: Any = None
        while True:
            try:
                request = flow.send(answer)
            except StopIteration as end:
                return end.value
            if isinstance(request, Commit):
                for attempt in request.change.attempts:
                    if attempt.version == 1:
                        send = Send(attempt.gateway_id, attempt.request, attempt.last_sent_at)
                        early[attempt.request.idempotency_key] = yield send
            if isinstance(request, Send) and request.request.idempotency_key in early:
                answer = early.pop(request.request.idempotency_key)
            else:
                answer = yield request

    with mock.patch.object(running, "look_after", look_after):
        yield


def _unrecorded_resend(attempt: ChargeAttempt, now: Any) -> ChargeAttempt:
    return attrs.evolve(attempt, version=attempt.version + 1, look_at=None, not_found_at=None)


@contextmanager
def _resends_are_not_recorded() -> Iterator[None]:
    with (
        mock.patch.object(ChargeAttempt, "resent", _unrecorded_resend),
        mock.patch.object(world, "SEND_DELAY_MAX", timedelta(days=999)),
    ):
        yield


def _question_with(change: Callable[[ChargeRequest, Dossier | None], ChargeRequest]) -> Any:
    real = asking._question

    def question(attempt: ChargeAttempt, step: Any) -> Any:
        request = real(attempt, step)
        if isinstance(request, Send) and attempt.sends > 1:
            return attrs.evolve(request, request=change(request.request, None))
        return request

    return question


def _new_key(request: ChargeRequest, _: Any) -> ChargeRequest:
    return attrs.evolve(request, idempotency_key=f"again-{request.idempotency_key[:40]}")


@contextmanager
def _live_price_on_resend() -> Iterator[None]:
    """A resend charges what the plan costs now, to the card that is on file now."""
    real_ask = asking.ask

    def ask(context: Any, dossier: Dossier, step: Any, now: Any) -> Any:
        attempt = dossier.unresolved_attempt
        card = dossier.account.default_card
        if attempt is not None and attempt.sends > 1 and card is not None:
            live = attrs.evolve(
                attempt.request, amount=dossier.license.next_price or attempt.request.amount, card=card.token
            )
            dossier = dossier.with_attempt(attrs.evolve(attempt, request=live))
        return real_ask(context, dossier, step, now)

    with mock.patch.object(renewal_flow, "ask", ask):
        yield


# -- what an answer means ------------------------------------------------------------------


def _declined_by_time_out(request: Any, error: BaseException) -> Sent[Any] | None:
    if isinstance(request, Send) and isinstance(error, TimeoutError):
        return Sent(ChargeResult.declined(Advice.RETRY_LATER))
    return _real_escaped(request, error)


_real_escaped = world.escaped
_real_fail = SimulatedGateway.fail


def _declined_by_5xx(gateway: SimulatedGateway, request: ChargeRequest, *, has_effect: bool) -> ChargeResult:
    _real_fail(gateway, request, has_effect=has_effect)
    return ChargeResult.declined(Advice.RETRY_LATER, gateway_code="http_500")


def _any_amount(attempt: ChargeAttempt, result: ChargeResult, *, is_look_up: bool) -> AttemptEvent:
    if result.outcome is Outcome.SUCCEEDED:
        return AttemptEvent.SUCCEEDED
    return _real_event_of(attempt, result, is_look_up=is_look_up)


_real_event_of = ChargeAttempt._event_of


def _paid_again(dossier: Dossier, attempt: ChargeAttempt, answer: Any) -> Any:
    """A success that is reported twice - by the answer and by a webhook's look-up - pays twice."""
    invoice = dossier.invoice(attempt.invoice_id)
    is_success = isinstance(answer, ChargeResult) and answer.outcome is Outcome.SUCCEEDED
    if not is_success or invoice is None:
        return dossier, ()
    license = dossier.license
    extended, drafts = apply.with_payment(
        dossier.with_license(license), attrs.evolve(invoice, period=license.next_period)
    )
    return extended.with_invoice(invoice), drafts


# -- windows and waits ---------------------------------------------------------------------


def _window_without_margin(capabilities: Capabilities) -> timedelta:
    if capabilities.grade is GatewayGrade.NONE or capabilities.key_retention is None:
        return timedelta(0)
    return capabilities.key_retention


def _small_margin(capabilities: Capabilities) -> timedelta:
    """Three hours in all, where two clocks may differ by four and a request may live for one: too few."""
    return max(timedelta(0), _window_without_margin(capabilities) - timedelta(hours=3))


def _wait_without_lag(capabilities: Capabilities) -> timedelta:
    return capabilities.request_life


# -- one at a time --------------------------------------------------------------------------


@contextmanager
def _unresolved_does_not_block() -> Iterator[None]:
    real_next, real_slots = next_step.next_step, MemoryStore._check_slots

    def blind(dossier: Dossier, now: Any, policy: Any) -> Any:
        attempts = tuple(attempt for attempt in dossier.attempts if not attempt.is_unresolved)
        return real_next(attrs.evolve(dossier, attempts=attempts), now, policy)

    def one_slot_less(store: MemoryStore, change: Change) -> Any:
        freed, taken = real_slots(store, attrs.evolve(change, attempts=()))
        return freed, taken

    with (
        mock.patch.object(renewal_flow, "next_step", blind),
        mock.patch.object(MemoryStore, "_check_slots", one_slot_less),
    ):
        yield


@contextmanager
def _no_unique_keys() -> Iterator[None]:
    """Neither a unique key nor a guard stands against a record that is there already."""
    real = MemoryStore._check_guard

    def check_guard(store: MemoryStore, guard: Guard) -> None:
        if guard.version:
            real(store, guard)

    with (
        mock.patch.object(MemoryStore, "_check_slots", return_value=(set(), {})),
        mock.patch.object(MemoryStore, "_check_guard", check_guard),
    ):
        yield


def _skips_voided(dossier: Dossier, attempt: ChargeAttempt, *arguments: Any) -> ResolveCharge | None:
    """Another card ends a charge that waits for the cardholder, and the processor is not told."""
    step = _real_with_the_cardholder(dossier, attempt, *arguments)
    if step is not None and step.action is ResolveAction.CANCEL:
        return attrs.evolve(step, action=ResolveAction.END_ACTION)
    return step


_real_with_the_cardholder = resolve._with_the_cardholder


# -- time -------------------------------------------------------------------------------------


def _period_from_the_last_end(license: License) -> Period:
    """The previous date plus one interval: month ends drift."""
    start = license.paid_until
    schedule = attrs.evolve(license.term.schedule, anchor=start, anchor_day=None)
    return schedule.period(0)


def _asleep_while_calling(plan: Any, now: Any, policy: Any) -> Any:
    """While a call is under way nobody is to look: a crash then is for ever."""
    calls = plan.last is not None and not isinstance(plan.last, Wait)
    return None if calls else _real_wake_at(plan, now, policy)


_real_wake_at = renewal_flow._wake_at


def _forgets_retries(dossier: Any, now: Any, policy: Any, because: Any, chance_at: Any = None) -> Any:
    return _real_idle(dossier, now, policy, because, None)


_real_idle = next_step._idle

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "intent after the call",
        "the gateway is called before the intent is committed",
        Profile.SWARM,
        _intent_after_the_call,
    ),
    Mutant(
        "resends are not recorded",
        "a resend goes out without a commit of its time and number",
        Profile.BOUNDARY,
        _resends_are_not_recorded,
    ),
    Mutant(
        "new key on resend",
        "a resend has another idempotency key",
        Profile.SWARM,
        _patched(asking, "_question", _question_with(_new_key)),
    ),
    Mutant(
        "live price on resend",
        "a resend takes today's price and card",
        Profile.SWARM,
        _live_price_on_resend,
    ),
    Mutant(
        "time-out is a decline",
        "no answer counts as no",
        Profile.SWARM,
        _patched(drivers, "escaped", _declined_by_time_out),
    ),
    Mutant(
        "5xx is a decline",
        "the adapter takes an error of the processor for a no of the issuer",
        Profile.SWARM,
        _patched(SimulatedGateway, "fail", _declined_by_5xx),
    ),
    Mutant(
        "any amount will do",
        "a success counts whatever was captured",
        Profile.SWARM,
        _patched(ChargeAttempt, "_event_of", _any_amount),
    ),
    Mutant(
        "paid twice by a webhook",
        "a success that is heard of twice pays for two periods",
        Profile.SWARM,
        _patched(settle, "_settle_late", _paid_again),
    ),
    Mutant(
        "resend after retention",
        "the same key is sent again however old it is",
        Profile.BOUNDARY,
        _patched(Capabilities, "resend_window", property(lambda self: timedelta(days=3650))),
    ),
    Mutant(
        "no retention margin",
        "the same key is sent again to the last second of its retention",
        Profile.BOUNDARY,
        _patched(Capabilities, "resend_window", property(_window_without_margin)),
    ),
    Mutant(
        "margin of three hours",
        "clocks may differ by four hours and requests live for one, and three are allowed for",
        Profile.BOUNDARY,
        _patched(Capabilities, "resend_window", property(_small_margin)),
    ),
    Mutant(
        "void without waiting",
        "a look-up that finds nothing is believed at once",
        Profile.BOUNDARY,
        _patched(Capabilities, "not_found_wait", property(lambda self: timedelta(0))),
    ),
    Mutant(
        "void without lag and margin",
        "a look-up that finds nothing is believed before it can see everything",
        Profile.BOUNDARY,
        _patched(Capabilities, "not_found_wait", property(_wait_without_lag)),
    ),
    Mutant(
        "unresolved does not block",
        "a second attempt starts while the first is unresolved",
        Profile.SWARM,
        _unresolved_does_not_block,
    ),
    Mutant(
        "no unique keys",
        "a record that exists is written once more as new",
        Profile.SWARM,
        _no_unique_keys,
    ),
    Mutant(
        "no compare-and-swap",
        "commits do not look at the versions that their decision read",
        Profile.SWARM,
        _patched(MemoryStore, "_check_guard", lambda store, guard: None),
    ),
    Mutant(
        "no cancel fence",
        "a charge that waits for the cardholder is given up without telling the processor",
        Profile.SWARM,
        _patched(resolve, "_with_the_cardholder", _skips_voided),
    ),
    Mutant(
        "no restore epoch",
        "nobody tells the library that its store was restored from a backup",
        Profile.RESTORE,
        _patched(Simulation, "begin_epoch", lambda simulation, restore_id: None),
    ),
    Mutant(
        "cards are not frozen",
        "a card that must never be charged again is charged for another license",
        Profile.SWARM,
        _patched(Account, "with_card_frozen", lambda account, fingerprint, because: account),
    ),
    Mutant(
        "period from the last date",
        "a period starts where the last one ended, and lasts one interval",
        Profile.SWARM,
        _patched(License, "next_period", property(_period_from_the_last_end)),
    ),
    Mutant(
        "asleep while calling",
        "a license is not looked at again if the process dies in a call",
        Profile.CRASH_ONLY,
        _patched(renewal_flow, "_wake_at", _asleep_while_calling),
    ),
    Mutant(
        "retries are forgotten",
        "the time of a retry is no reason to wake up",
        Profile.SWARM,
        _patched(next_step, "_idle", _forgets_retries),
    ),
)
