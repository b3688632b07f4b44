"""
A tax id registry that answers by the last digits of the id, like the test service of VIES.

No network, no randomness: the same id always gets the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from billing_core.identity.tax_id import TaxId
from billing_core.tax.registry import (
    RegistryAnswer,
    RegistryStatus,
    answer_from_vies_fault,
)

__all__ = ["FAULT_BY_LAST_DIGITS", "FakeTaxIdRegistry"]

#: Which fault an id that ends in these digits gets.
FAULT_BY_LAST_DIGITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "201": "INVALID_INPUT",
        "202": "INVALID_REQUESTER_INFO",
        "300": "SERVICE_UNAVAILABLE",
        "301": "MS_UNAVAILABLE",
        "302": "TIMEOUT",
        "400": "VAT_BLOCKED",
        "401": "IP_BLOCKED",
        "500": "GLOBAL_MAX_CONCURRENT_REQ",
        "501": "GLOBAL_MAX_CONCURRENT_REQ_TIME",
        "600": "MS_MAX_CONCURRENT_REQ",
        "601": "MS_MAX_CONCURRENT_REQ_TIME",
    }
)


class FakeTaxIdRegistry:
    """
    A `TaxIdRegistry` for tests.

    An id ending in ``100`` is valid, in ``200`` invalid; `FAULT_BY_LAST_DIGITS`
    lists the faults. `answers` overrules both, so that real ids with a right
    check digit can be used. Any other id gets the answer ``otherwise``.

    Args:
        now: the clock: called for each answer, gives an aware instant.
        otherwise: the status for ids that none of the rules knows.
        types: the types of id that are supported; None: all.

    Attributes:
        calls: the ids asked about, in order, by their canonical value.
        answers: status by canonical value; change it as the test goes on.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        otherwise: RegistryStatus = RegistryStatus.UNAVAILABLE,
        types: frozenset[str] | None = None,
    ) -> None:
        self._now = now
        self._otherwise = otherwise
        self._types = types
        self.calls: list[str] = []
        self.answers: dict[str, RegistryStatus] = {}

    def supports(self, tax_id: TaxId) -> bool:
        """Whether the type of id is one of those given."""
        return self._types is None or tax_id.type in self._types

    def check(self, tax_id: TaxId, requester: TaxId | None = None, /) -> RegistryAnswer:
        """The answer by rule; with a requester, a VALID one carries a reference."""
        self.calls.append(tax_id.value)
        at = self._now()
        digits = "".join(character for character in tax_id.value if character.isdigit())[-3:]
        fault = FAULT_BY_LAST_DIGITS.get(digits)
        if tax_id.value not in self.answers and fault is not None:
            return answer_from_vies_fault(fault, at)
        status = self.answers.get(tax_id.value, self._by_digits(digits))
        if status is not RegistryStatus.VALID:
            return RegistryAnswer(status=status, checked_at=at)
        reference = None if requester is None else f"FAKE{len(self.calls):08d}"
        return RegistryAnswer(
            status=status, checked_at=at, reference=reference, name="John Doe", address="---"
        )

    def _by_digits(self, digits: str) -> RegistryStatus:
        known = {"100": RegistryStatus.VALID, "200": RegistryStatus.INVALID}
        return known.get(digits, self._otherwise)
