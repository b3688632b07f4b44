"""Cases 18 and 19: money that goes back, and notices that may be anybody's."""

from __future__ import annotations

from collections.abc import Mapping

from billing_core.errors import GatewayRequestError, WebhookRejected
from billing_core.gateways.capabilities import Operation
from billing_core.gateways.results import ChargeNotFound, Outcome, RefundRequest, RefundResult
from billing_core.testing.faults import Fault
from billing_core.testing.gateway_kit.bench import Bench, gateway_case
from billing_core.testing.gateway_kit.harness import NoticeScenario
from billing_core.testing.kit_report import ensure, ensure_equal
from billing_core.values.money import Money

__all__ = ["check_refunds", "check_webhooks"]


@gateway_case(Operation.REFUND)
def check_refunds(bench: Bench) -> None:
    """Money goes back once per key, is found again, and is never more than was captured."""
    charge = bench.request()
    result = bench.send(charge)
    part = Money(charge.amount.amount_minor // 3, charge.amount.currency)

    def refund(amount: Money) -> RefundRequest:
        return RefundRequest(
            amount=amount,
            charge_reference=charge.reference,
            gateway_ref=result.gateway_ref,
            reference=bench.new_id("refund"),
            idempotency_key=bench.new_id("refund_key"),
        )

    first = refund(part)
    for when in ("for a part", "for a repeat"):
        _ensure_refunded(first, bench.gateway.refund(first), when)
    ensure_equal([part], bench.refunded(charge), "after a refund and its repeat, the processor's ledger")
    _ensure_found(bench, first)
    lost = refund(part)
    with bench.harness.injecting(Fault.DROP_AFTER):
        ensure_equal(
            Outcome.UNKNOWN, _outcome_of(bench, lost), "when the answer is lost, what refund answers"
        )
    _ensure_found(bench, lost)
    _ensure_refunded(lost, bench.gateway.refund(lost), "for a repeat after a lost answer")
    refused = _outcome_of(bench, refund(charge.amount))
    ensure_equal(Outcome.DECLINED, refused, "for more than is left, what refund answers")
    ensure_equal(
        [part, part], bench.refunded(charge), "after two refunds and one too many, the processor's ledger"
    )


@gateway_case(Operation.WEBHOOKS)
def check_webhooks(bench: Bench) -> None:
    """A notice is believed to be the processor's only if its raw bytes are signed, and fresh."""
    request = bench.request()
    bench.send(request)
    body, headers = bench.harness.webhook(NoticeScenario.GOOD, request.reference)
    for name, spelled in (
        ("as they came", headers),
        ("in small letters", {name.lower(): value for name, value in headers.items()}),
        ("in capitals", {name.upper(): value for name, value in headers.items()}),
    ):
        try:
            notice = bench.gateway.parse_webhook(body, spelled)
        except WebhookRejected as error:
            raise AssertionError(
                f"a good notice must be accepted with its headers {name}: {error}"
            ) from error
        ensure_equal((request.reference,), notice.references, "the references of a good notice")
    changed = body.replace(request.reference.encode(), bench.new_id("ref").encode())
    _ensure_rejected(bench, "with a changed body", changed, headers)
    _ensure_rejected(bench, "with a space more", body + b" ", headers)
    _ensure_rejected(bench, "without a signature", body, {})
    _ensure_rejected(bench, "as text", body.decode(), headers)
    for scenario in (NoticeScenario.WRONG_SECRET, NoticeScenario.STALE, NoticeScenario.NOT_JSON):
        _ensure_rejected(bench, scenario.value, *bench.harness.webhook(scenario, request.reference))


def _outcome_of(bench: Bench, refund: RefundRequest) -> Outcome | None:
    """What a refund came to: refused by an error is DECLINED, and whatever else escapes is UNKNOWN."""
    try:
        result = bench.gateway.refund(refund)
    except GatewayRequestError:
        return Outcome.DECLINED
    except Exception:  # noqa: BLE001 - the library does the same
        return Outcome.UNKNOWN
    return result.outcome if isinstance(result, RefundResult) else None


def _ensure_refunded(refund: RefundRequest, result: RefundResult, when: str) -> None:
    ensure_equal(
        (Outcome.SUCCEEDED, refund.amount), (result.outcome, result.amount), f"{when}, what refund answers"
    )


def _ensure_found(bench: Bench, refund: RefundRequest) -> None:
    if not bench.capabilities.supports(Operation.FIND_REFUND):
        bench.leave_out("find_refund is not declared")
        return
    bench.let_pass_lag()
    found = bench.gateway.find_refund(refund)
    ensure(not isinstance(found, ChargeNotFound), "find_refund must find what was refunded")
    _ensure_refunded(refund, found, "by a look-up")


def _ensure_rejected(bench: Bench, what: str, body: object, headers: Mapping[str, str]) -> None:
    try:
        bench.gateway.parse_webhook(body, headers)
    except WebhookRejected:
        return
    except Exception as error:
        name = type(error).__name__
        raise AssertionError(f"a notice ({what}) must raise WebhookRejected, not {name}") from error
    raise AssertionError(f"a notice ({what}) must raise WebhookRejected")
