"""Case 28: whether the declaration is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from billing_core.errors import CapabilityNotSupported
from billing_core.gateways.capabilities import GatewayGrade, Operation
from billing_core.gateways.results import Outcome, RefundRequest, SetupRequest
from billing_core.testing.faults import Fault
from billing_core.testing.gateway_kit.bench import Bench, gateway_case
from billing_core.testing.gateway_kit.fence import ensure_fence
from billing_core.testing.gateway_kit.harness import CardScenario, NoticeScenario
from billing_core.testing.kit_report import CaseSkipped, ensure, ensure_equal
from billing_core.values.currency import Currency
from billing_core.values.money import Money

__all__ = ["calls_of", "check_capabilities"]

_SOME_CURRENCIES = ("CHF", "SEK", "INR", "USD", "EUR")

#: More charges than one page, of a processor whose pages are small.
_LISTED = 3


@gateway_case()
def check_capabilities(bench: Bench) -> None:
    """What is declared works, what is not declared says so, and what can't be charged is refused unharmed."""
    for operation, call in calls_of(bench).items():
        declared = bench.capabilities.supports(operation)
        try:
            call()
            works = True
        except CapabilityNotSupported:
            works = False
        except CaseSkipped as skipped:
            bench.leave_out(str(skipped))
            continue
        ensure_equal(
            declared, works, f"{operation.value} is {'' if declared else 'not '}declared: whether it works"
        )
    ensure(bench.capabilities == bench.new_gateway().capabilities, "two adapters must declare the same")
    _ensure_limits(bench)
    _ensure_retention(bench)
    _ensure_duplicates(bench)
    if bench.is_fenced:
        ensure_fence(bench)


def calls_of(bench: Bench) -> Mapping[Operation, Callable[[], object]]:
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
        Operation.DESCRIBE_REFUND: lambda: _ensure_unknown(gateway.describe_refund, bench),
        Operation.DESCRIBE_DISPUTE: lambda: _ensure_unknown(gateway.describe_dispute, bench),
        Operation.LIST_CHARGES: lambda: _ensure_listed(bench),
        Operation.CARD_SETUP: lambda: gateway.begin_card_setup(setup),
        Operation.DESCRIBE_CARD: lambda: gateway.describe_card(request.card),
        Operation.DETACH_CARD: lambda: gateway.detach_card(bench.card(CardScenario.DETACHED).token),
        Operation.WEBHOOKS: lambda: gateway.parse_webhook(
            *bench.harness.webhook(NoticeScenario.GOOD, request.reference)
        ),
    }
    return calls


def _ensure_unknown(describe: Callable[[str], object], bench: Bench) -> None:
    """Of what the processor never heard of, nothing is said."""
    ensure_equal(None, describe(bench.new_id("unknown")), "what is said of an id that nobody made")


def _ensure_listed(bench: Bench) -> None:
    """The processor's own list has every charge once, with its reference, over all its pages."""
    since = bench.harness.now() - timedelta(seconds=1)
    first = bench.gateway.list_charges(since)
    requests = [bench.request() for _ in range(_LISTED)]
    for request in requests:
        bench.send(request)
    bench.let_pass_lag()
    page, listed, seen = bench.gateway.list_charges(since), [], set()
    listed += page.items
    while page.next is not None:
        ensure(page.next not in seen, "list_charges must come to an end")
        seen.add(page.next)
        page = bench.gateway.list_charges(since, page.next)
        listed += page.items
    ensure(len(listed) >= len(first.items) + _LISTED, "list_charges must list all pages")
    for request in requests:
        found = [charge.amount for charge in listed if charge.reference == request.reference]
        ensure_equal([request.amount], found, "what list_charges says of a charge's reference")


def _ensure_limits(bench: Bench) -> None:
    """The smallest amount is charged; one less, and a currency that is not declared, are not."""
    price, declared = bench.harness.price, bench.capabilities
    minimum = max(1, declared.minimum_amounts.get(price.currency.code, 1))
    smallest = bench.request(amount=Money(minimum, price.currency))
    bench.ensure_outcome(bench.send(smallest), "for the declared minimum", Outcome.SUCCEEDED)
    refused = [Money(minimum - 1, price.currency)] if minimum > 1 else []
    foreign = [code for code in _SOME_CURRENCIES if not declared.accepts_currency(code)]
    refused += [Money(price.amount_minor, Currency.of(code)) for code in foreign[:1]]
    for amount in refused:
        request = bench.request(amount=amount)
        result = bench.accepted(request)
        if result is not None:
            bench.ensure_outcome(
                result, f"for {amount}, which can't be charged", Outcome.DECLINED, Outcome.NOT_ATTEMPTED
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


def _ensure_duplicates(bench: Bench) -> None:
    """A charge that is only suspected to be a repeat is nobody's decline, and goes through later."""
    window = bench.capabilities.duplicate_window
    if window is None:
        return
    first = bench.request()
    second = bench.request(amount=first.amount)
    bench.send(first)
    suspected = bench.send(second)
    bench.ensure_outcome(
        suspected, "for an equal charge within the duplicate_window", Outcome.DUPLICATE_SUSPECTED
    )
    bench.ensure_not_charged(second, "for an equal charge within the duplicate_window")
    bench.harness.let_pass(window)
    bench.ensure_outcome(bench.send(second), "once the duplicate_window is over", Outcome.SUCCEEDED)
    bench.ensure_charged_once(second, "once the duplicate_window is over")
