"""Cases 17, 21 and 28: credentials, secrets, and whether the declaration is true."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.errors import CapabilityNotSupported, GatewayConfigError, GatewayRequestError, is_plain_id
from billing_core.gateways.capabilities import GatewayGrade, Operation
from billing_core.gateways.results import Outcome, RefundRequest, SetupRequest
from billing_core.testing.faults import Fault
from billing_core.testing.gateway_kit.bench import Bench, gateway_case
from billing_core.testing.gateway_kit.fence import ensure_fence
from billing_core.testing.gateway_kit.harness import CardScenario, NoticeScenario
from billing_core.testing.kit_report import CaseSkipped, ensure, ensure_equal
from billing_core.values.currency import Currency
from billing_core.values.money import Money

__all__ = ["check_capabilities", "check_nothing_leaks", "check_wrong_credentials"]

_SOME_CURRENCIES = ("CHF", "SEK", "INR", "USD", "EUR")


@gateway_case()
def check_wrong_credentials(bench: Bench) -> None:
    """A key that the processor does not take stops the run: GatewayConfigError, and nobody is declined."""
    request = bench.request()
    stranger = bench.new_gateway(wrong_credentials=True)
    calls = {"charge": partial(bench.send, request, stranger)}
    if bench.can_look_up:
        calls["find_charge"] = partial(stranger.find_charge, request)
    for name, call in calls.items():
        try:
            result = call()
        except GatewayConfigError:
            continue
        raise AssertionError(
            f"with a wrong key, {name} must raise GatewayConfigError, not answer {type(result).__name__}"
        )
    bench.ensure_not_charged(request, "with a wrong key")


@gateway_case()
def check_nothing_leaks(bench: Bench) -> None:
    """No token, key or secret is in a result, an error, an adapter's text or a log line."""
    request = bench.request()
    secrets = {
        f"secret {n} of the harness": secret for n, secret in enumerate(bench.harness.secrets, start=1)
    }
    secrets["the card's token"] = request.card.value
    shown: dict[str, str] = {"the adapter": repr(bench.gateway)}
    with _logged() as lines:
        for result in (bench.send(request), bench.send(bench.request(CardScenario.INSUFFICIENT_FUNDS))):
            shown[f"a result ({result.outcome.value})"] = f"{result} {result!r}"
        if bench.harness.card(CardScenario.AUTHENTICATION_REQUIRED) is not None:
            waiting = bench.send(bench.request(CardScenario.AUTHENTICATION_REQUIRED))
            shown["a result (requires_action)"] = f"{waiting} {waiting!r}"
            if waiting.action is not None and waiting.action.client_secret:
                secrets["the client_secret"] = waiting.action.client_secret
        errors: dict[str, Callable[[], object]] = {
            "an error about a wrong key": lambda: bench.send(
                bench.request(), bench.new_gateway(wrong_credentials=True)
            ),
            "an error about a changed request": lambda: bench.send(
                attrs.evolve(request, amount=request.amount * 2)
            ),
        }
        for name, call in errors.items():
            try:
                call()
            except Exception as error:  # noqa: BLE001 - whatever it is, it may be logged somewhere
                shown[name] = f"{error} {error!r} {error.__cause__!r}"
    shown["a log line"] = "\n".join(lines)
    _ensure_clean(shown, secrets)


@gateway_case()
def check_capabilities(bench: Bench) -> None:
    """What is declared works, what is not declared says so, and what can't be charged is refused unharmed."""
    for operation, call in _calls(bench).items():
        declared = bench.capabilities.supports(operation)
        try:
            call()
            works = True
        except CapabilityNotSupported:
            works = False
        ensure_equal(
            declared, works, f"{operation.value} is {'' if declared else 'not '}declared: whether it works"
        )
    ensure_equal(bench.capabilities, bench.new_gateway().capabilities, "what a second adapter declares")
    _ensure_limits(bench)
    _ensure_retention(bench)
    if bench.is_fenced:
        ensure_fence(bench)


def _calls(bench: Bench) -> Mapping[Operation, Callable[[], object]]:
    """Something that each operation can do."""
    gateway, request = bench.gateway, bench.request()
    result = bench.send(request)
    refund = RefundRequest(
        amount=Money(1, request.amount.currency),
        charge_reference=request.reference,
        gateway_ref=result.gateway_ref,
        reference=bench.new_id("refund"),
        idempotency_key=bench.new_id("refund_key"),
    )
    setup = SetupRequest(
        setup_id=bench.new_id("setup"),
        account_id=bench.new_id("account"),
        return_url="https://host.example/cards",
        currency=request.amount.currency.code,
    )
    calls: dict[Operation, Callable[[], object]] = {
        Operation.FIND_CHARGE: lambda: gateway.find_charge(request),
        Operation.CANCEL_CHARGE: lambda: gateway.cancel_charge(request),
        Operation.REFUND: lambda: gateway.refund(refund),
        Operation.FIND_REFUND: lambda: gateway.find_refund(refund),
        Operation.CARD_SETUP: lambda: gateway.begin_card_setup(setup),
        Operation.DESCRIBE_CARD: lambda: gateway.describe_card(request.card),
        Operation.DETACH_CARD: lambda: gateway.detach_card(bench.card(CardScenario.DETACHED).token),
        Operation.WEBHOOKS: lambda: gateway.parse_webhook(
            *bench.harness.webhook(NoticeScenario.GOOD, request.reference)
        ),
    }
    return calls


def _ensure_limits(bench: Bench) -> None:
    """The smallest amount is charged; one less, and a currency that is not declared, are not."""
    price, declared = bench.harness.price, bench.capabilities
    minimum = declared.minimum_amounts.get(price.currency.code, 1)
    smallest = bench.request(amount=Money(minimum, price.currency))
    bench.ensure_outcome(bench.send(smallest), "for the declared minimum", Outcome.SUCCEEDED)
    refused = [Money(minimum - 1, price.currency)] if minimum > 1 else []
    foreign = [code for code in _SOME_CURRENCIES if not declared.accepts_currency(code)]
    refused += [Money(price.amount_minor, Currency.of(code)) for code in foreign[:1]]
    for amount in refused:
        request = bench.request(amount=amount)
        try:
            result = bench.send(request)
        except GatewayRequestError:
            result = None
        if result is not None:
            bench.ensure_outcome(
                result, f"for {amount}, which can't be charged,", Outcome.DECLINED, Outcome.NOT_ATTEMPTED
            )
        bench.ensure_not_charged(request, f"for {amount}, which can't be charged")


def _ensure_retention(bench: Bench) -> None:
    """Within the window that follows from the declared times, a repeat is still the same charge."""
    declared = bench.capabilities
    if declared.grade is GatewayGrade.NONE:
        return
    request = bench.request()
    bench.send(request, fault=Fault.DROP_AFTER)
    try:
        bench.harness.let_pass(declared.resend_window)
    except CaseSkipped as skipped:
        bench.leave_out(f"the declared key_retention was not tried: {skipped}")
        return
    bench.send(request)
    bench.ensure_charged_once(request, "after a repeat at the end of the declared resend window")


def _ensure_clean(shown: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    for where, text in shown.items():
        for what, secret in secrets.items():
            ensure(secret not in text, f"{where} must not show {what}")
        words = (word for word in text.split() if not is_plain_id(word))
        ensure(
            not contains_card_number(" ".join(words)), f"{where} must not show what looks like a card number"
        )


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.exc_info!r}")


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Everything that is logged inside the block, whatever the host's settings are."""
    root, handler = logging.getLogger(), _Lines()
    level: Any = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
