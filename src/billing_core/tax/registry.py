"""
Asking whether a tax id is registered, without ever blocking a customer on an outage.

The registry (VIES, HMRC, ABR …) is a port: the host's adapter answers, `ask`
turns whatever goes wrong there into `UNAVAILABLE`. What answers *mean* over
time is the pure function `next_verification` of `billing_core.tax.verification`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from billing_core.identity.tax_id import TaxId
from billing_core.tax.answers import (
    HMRC_FAULTS,
    VIES_FAULTS,
    RegistryAnswer,
    RegistryStatus,
    answer_from_hmrc_fault,
    answer_from_vies_fault,
)
from billing_core.tax.plain import utc
from billing_core.tax.verification import (
    VerificationOutcome,
    VerificationPolicy,
    VerificationState,
    VerificationVerdict,
    next_verification,
)

__all__ = [
    "HMRC_FAULTS",
    "VIES_FAULTS",
    "AsyncTaxIdRegistry",
    "RegistryAnswer",
    "RegistryStatus",
    "TaxIdRegistry",
    "VerificationOutcome",
    "VerificationPolicy",
    "VerificationState",
    "VerificationVerdict",
    "answer_from_hmrc_fault",
    "answer_from_vies_fault",
    "ask",
    "ask_async",
    "next_verification",
]


@runtime_checkable
class TaxIdRegistry(Protocol):
    """
    A host's adapter to one register. It may raise; `ask` takes care of that.

    It must give up after a few seconds of its own accord: a customer may wait.
    """

    def supports(self, tax_id: TaxId) -> bool:
        """Whether this register knows ids of this type: HMRC ``gb_vat``; VIES ``eu_vat`` and ``xi_vat``."""
        ...

    def check(self, tax_id: TaxId, requester: TaxId | None = None, /) -> RegistryAnswer:
        """Ask about an id; with the seller's own id as requester the register may give a reference."""
        ...


@runtime_checkable
class AsyncTaxIdRegistry(Protocol):
    """The same, for a host that awaits."""

    def supports(self, tax_id: TaxId) -> bool:
        """Whether this register knows ids of this type."""
        ...

    async def check(self, tax_id: TaxId, requester: TaxId | None = None, /) -> RegistryAnswer:
        """Ask about an id, and await the answer."""
        ...


def ask(registry: TaxIdRegistry, tax_id: TaxId, requester: TaxId | None, now: datetime) -> RegistryAnswer:
    """
    One question to a register; *always* an answer, whatever the adapter does.

    Args:
        registry: the host's adapter.
        tax_id: the customer's id.
        requester: the seller's own id, for registers that record who asked.
        now: the aware instant that stands in an answer made here.

    Returns:
        The adapter's answer. UNAVAILABLE if it raised (``fault`` names the
        exception's class), if it gave something else than an answer, or if
        it does not support this type of id.

    Raises:
        InvalidInput: ``now`` is naive.
    """
    instant = utc(now, "now")
    try:
        if not registry.supports(tax_id):
            return _unavailable(instant, "not_supported")
        return _checked_answer(registry.check(tax_id, requester), instant)
    except Exception as error:  # noqa: BLE001 - whatever an adapter raises, the customer is not to blame
        return _unavailable(instant, f"exception_{type(error).__name__}")


async def ask_async(
    registry: AsyncTaxIdRegistry, tax_id: TaxId, requester: TaxId | None, now: datetime
) -> RegistryAnswer:
    """The same as `ask`, awaited. A cancelled task stays cancelled."""
    instant = utc(now, "now")
    try:
        if not registry.supports(tax_id):
            return _unavailable(instant, "not_supported")
        return _checked_answer(await registry.check(tax_id, requester), instant)
    except Exception as error:  # noqa: BLE001 - whatever an adapter raises, the customer is not to blame
        return _unavailable(instant, f"exception_{type(error).__name__}")


def _checked_answer(answer: object, now: datetime) -> RegistryAnswer:
    return answer if isinstance(answer, RegistryAnswer) else _unavailable(now, "not_an_answer")


def _unavailable(now: datetime, fault: str) -> RegistryAnswer:
    return RegistryAnswer(status=RegistryStatus.UNAVAILABLE, checked_at=now, fault=fault)
