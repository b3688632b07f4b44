"""
What a conformance kit found out: one case a line, as data and as a table.

The kits know no test framework. A check is a function that returns, raises
`AssertionError` with what it found, or raises `CaseSkipped` with the reason
why it does not apply to what was declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from textwrap import wrap
from typing import Any
from unittest import SkipTest

import attrs

from billing_core.issues import Choice

__all__ = [
    "Case",
    "CaseOutcome",
    "CaseSkipped",
    "KitReport",
    "add_tests",
    "as_test",
    "case_name",
    "ensure",
    "ensure_equal",
    "run_case",
]

#: The table's last column is wrapped, so that it fits a terminal and a CI log.
_REASON_WIDTH = 72


class CaseOutcome(Choice):
    """How a case ended."""

    PASS = "pass"  # noqa: S105 - an outcome, no password
    SKIP = "skip"
    FAIL = "fail"


class CaseSkipped(Exception):
    """Raised by a check that does not apply. Its text is the reason, and names what was declared."""


@attrs.frozen(kw_only=True)
class Case:
    """
    What became of one check.

    Attributes:
        number: its place in the kit, from 1. Numbers are stable: reports of different days compare.
        name: the check's function without ``check_``.
        outcome: pass, skip or fail.
        reason: why it failed or was skipped; ``None`` if it passed.
        cause: what the check raised, for a debugger; not compared.
    """

    number: int
    name: str
    outcome: CaseOutcome
    reason: str | None = None
    cause: Exception | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class KitReport:
    """
    What a kit found out about one adapter.

    Attributes:
        title: the kit, and what it was run against.
        cases: in the kit's order.
        facts: what was declared, such as a gateway's grade: (name, value), printed above the table.

    >>> report = KitReport(
    ...     title="store kit: MyStore",
    ...     facts=(("durable", "no"),),
    ...     cases=(
    ...         Case(number=1, name="stale_version", outcome=CaseOutcome.PASS),
    ...         Case(number=2, name="reopened", outcome=CaseOutcome.SKIP, reason="nothing to reopen"),
    ...     ),
    ... )
    >>> print(report.to_text())
    store kit: MyStore
    durable: no
    <BLANKLINE>
     1  pass  stale_version
     2  skip  reopened       nothing to reopen
    <BLANKLINE>
    1 passed, 1 skipped, 0 failed
    >>> report.ok, report.strict().ok
    (True, False)
    """

    title: str
    cases: tuple[Case, ...]
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def passed(self) -> tuple[Case, ...]:
        """The cases that passed."""
        return self._with(CaseOutcome.PASS)

    @property
    def skipped(self) -> tuple[Case, ...]:
        """The cases that did not apply to what was declared."""
        return self._with(CaseOutcome.SKIP)

    @property
    def failed(self) -> tuple[Case, ...]:
        """The cases that found something."""
        return self._with(CaseOutcome.FAIL)

    @property
    def ok(self) -> bool:
        """Whether nothing failed. Skipped cases don't count; see `strict`."""
        return not self.failed

    def strict(self) -> KitReport:
        """The same report with every skipped case as a failed one, reason kept."""
        return attrs.evolve(
            self,
            cases=tuple(
                attrs.evolve(case, outcome=CaseOutcome.FAIL) if case.outcome is CaseOutcome.SKIP else case
                for case in self.cases
            ),
        )

    def ensure_ok(self) -> KitReport:
        """
        This report, if nothing failed.

        Raises:
            AssertionError: with the table; its cause is what the first failed check raised.
        """
        if not self.ok:
            raise AssertionError(self.to_text()) from self.failed[0].cause
        return self

    def to_text(self) -> str:
        """The table: number, outcome, name, and the reason if there is one."""
        width = max((len(case.name) for case in self.cases), default=0)
        return "\n".join(
            (
                self.title,
                *(f"{name}: {value}" for name, value in self.facts),
                "",
                *(line for case in self.cases for line in _lines(case, width)),
                "",
                f"{len(self.passed)} passed, {len(self.skipped)} skipped, {len(self.failed)} failed",
            )
        )

    def __str__(self) -> str:
        return self.to_text()

    def _with(self, outcome: CaseOutcome) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.outcome is outcome)


def case_name(check: Callable[..., Any]) -> str:
    """
    The name of a check in reports.

    >>> def check_lost_response(): ...
    >>> case_name(check_lost_response)
    'lost_response'
    """
    return check.__name__.removeprefix("check_")


@contextmanager
def as_test(*, strict: bool) -> Iterator[None]:
    """A check as a test: what does not apply is skipped, or fails if it is ``strict``."""
    try:
        yield
    except CaseSkipped as skipped:
        if strict:
            raise AssertionError(str(skipped)) from None
        raise SkipTest(str(skipped)) from None


def add_tests(tests: Any, checks: Iterable[Callable[..., Any]]) -> None:
    """Give a class one test method for each check, which its ``_run`` carries out."""
    for check in checks:
        _add_test(tests, check)


def _add_test(tests: Any, check: Callable[..., Any]) -> None:
    def test(self: Any) -> None:
        self._run(check)

    test.__name__ = f"test_{case_name(check)}"
    test.__qualname__ = f"{tests.__qualname__}.{test.__name__}"
    test.__doc__ = check.__doc__
    setattr(tests, test.__name__, test)


def run_case(number: int, name: str, check: Callable[[], object]) -> Case:
    """
    Run one check, and say what became of it.

    Nothing that a check raises gets out, so that one broken promise does not hide the others.
    An exception that is neither `AssertionError` nor `CaseSkipped` is a failure, too: the
    adapter raised it.
    """
    try:
        check()
    except CaseSkipped as skipped:
        return Case(number=number, name=name, outcome=CaseOutcome.SKIP, reason=str(skipped))
    except AssertionError as found:
        return Case(number=number, name=name, outcome=CaseOutcome.FAIL, reason=str(found), cause=found)
    except Exception as raised:  # noqa: BLE001 - whatever an adapter raises is what the case found
        reason = f"raised {type(raised).__name__}: {raised}"
        return Case(number=number, name=name, outcome=CaseOutcome.FAIL, reason=reason, cause=raised)
    return Case(number=number, name=name, outcome=CaseOutcome.PASS)


def ensure(holds: object, otherwise: str) -> None:
    """
    A check's assertion. It also holds under ``python -O``, and needs no framework to be readable.

    Raises:
        AssertionError: with the text, unless ``holds`` is true.
    """
    if not holds:
        raise AssertionError(otherwise)


def ensure_equal(expected: object, actual: object, what: str) -> None:
    """
    Say what differs, and how.

    Raises:
        AssertionError: unless they are equal.
    """
    if expected != actual:
        raise AssertionError(f"{what}: expected {expected!r}, got {actual!r}")


def _lines(case: Case, width: int) -> Iterator[str]:
    head = f"{case.number:2}  {case.outcome.value}  {case.name:{width}}"
    first, *rest = wrap(case.reason or "", _REASON_WIDTH) or [""]
    yield f"{head}  {first}".rstrip()
    indent = " " * (len(head) + 2)
    yield from (f"{indent}{line}" for line in rest)
