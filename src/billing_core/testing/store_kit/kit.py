"""All checks, the report, and test methods for those who use pytest or unittest."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from billing_core.testing.kit_report import KitReport, add_tests, as_test, case_name, run_case
from billing_core.testing.store_kit import (
    batches,
    cards,
    controls,
    dossiers,
    guards,
    keys,
    numbers,
    pages,
    races,
    refunds,
    round_trip,
    survival,
    work,
)
from billing_core.testing.store_kit.harness import StoreHarness
from billing_core.testing.store_kit.trial import StoreCheck

__all__ = ["CHECKS", "StoreKitTests", "run_store_kit"]

#: From what everything else rests on to what only shows under load.
_TOPICS = (
    guards,
    keys,
    batches,
    numbers,
    work,
    dossiers,
    cards,
    pages,
    refunds,
    controls,
    round_trip,
    survival,
    races,
)


def _checks_of(topic: ModuleType) -> tuple[StoreCheck, ...]:
    checks = [value for name, value in vars(topic).items() if name.startswith("check_")]
    return tuple(checks)


#: Every check, in the order of the report. Each takes a harness, and raises `AssertionError`.
CHECKS: tuple[StoreCheck, ...] = tuple(check for topic in _TOPICS for check in _checks_of(topic))


def run_store_kit(harness: StoreHarness, *, strict: bool = False) -> KitReport:
    """
    Try every promise of the port on a store.

    Args:
        harness: makes the stores, each check's over data of its own.
        strict: what is skipped because it was not declared counts as failed.

    >>> from billing_core import MemoryStore
    >>> class Memory(StoreHarness):
    ...     race_rounds = 5
    ...
    ...     def begin(self):
    ...         super().begin()
    ...         self.store = MemoryStore(self.clock)
    ...
    ...     def connect(self):
    ...         return self.store
    >>> report = run_store_kit(Memory())
    >>> report.ok, len(report.skipped)
    (True, 3)
    """
    declared = (
        ("durable", "yes" if harness.durable else "no"),
        ("interruptible", "yes" if harness.interruptible else "no"),
        ("race rounds", str(harness.race_rounds)),
    )
    cases = tuple(
        run_case(number, case_name(check), lambda check=check: check(harness))  # type: ignore[misc]
        for number, check in enumerate(CHECKS, start=1)
    )
    report = KitReport(title=f"store kit: {harness.name}", cases=cases, facts=declared)
    return report.strict() if strict else report


class StoreKitTests:
    """
    Each check as a test method, for pytest and unittest.

    Subclass it as ``TestMyStore``, and say how to get a harness::

        class TestMyStore(StoreKitTests):
            def make_harness(self):
                return MyHarness()

    With unittest, derive from `unittest.TestCase` as well.

    Attributes:
        strict: fail what would be skipped.
    """

    strict: ClassVar[bool] = False

    def make_harness(self) -> StoreHarness:
        """A new harness; called by each test."""
        raise NotImplementedError

    def _run(self, check: StoreCheck) -> None:
        with as_test(strict=self.strict):
            check(self.make_harness())


add_tests(StoreKitTests, CHECKS)
