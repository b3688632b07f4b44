"""Reports of the conformance kits: what a case becomes, and how it reads."""

from __future__ import annotations

import pytest

from billing_core.testing.kit_report import (
    Case,
    CaseOutcome,
    CaseSkipped,
    KitReport,
    ensure,
    ensure_equal,
    run_case,
)


def holds() -> None:
    """A check that finds nothing."""
    ensure(True, "never said")
    ensure_equal(1, 1, "one")


def does_not_apply() -> None:
    """A check for something that was not declared."""
    raise CaseSkipped("no refunds are declared")


def finds_something() -> None:
    """A check that finds a wrong value."""
    ensure_equal("19.99 EUR", "20.00 EUR", "the amount")


def breaks() -> None:
    """A check whose adapter raises."""
    raise KeyError("charge")


def report() -> KitReport:
    """One case of each kind."""
    checks = [holds, does_not_apply, finds_something, breaks]
    cases = tuple(run_case(number, it.__name__, it) for number, it in enumerate(checks, start=1))
    return KitReport(title="some kit: SomeAdapter", cases=cases, facts=(("grade", "keyed"),))


def test_a_check_passes_fails_or_is_skipped() -> None:
    """Whatever a check raises becomes a case; nothing gets out."""
    assert (
        Case(number=1, name="holds", outcome=CaseOutcome.PASS),
        Case(number=2, name="does_not_apply", outcome=CaseOutcome.SKIP, reason="no refunds are declared"),
        Case(
            number=3,
            name="finds_something",
            outcome=CaseOutcome.FAIL,
            reason="the amount: expected '19.99 EUR', got '20.00 EUR'",
        ),
        Case(number=4, name="breaks", outcome=CaseOutcome.FAIL, reason="raised KeyError: 'charge'"),
    ) == report().cases


def test_strict_counts_what_was_skipped_as_failed() -> None:
    """The reason stays, so that one sees what to declare."""
    assert (1, 1, 2) == (len(report().passed), len(report().skipped), len(report().failed))
    assert (1, 0, 3) == (
        len(report().strict().passed),
        len(report().strict().skipped),
        len(report().strict().failed),
    )
    assert "no refunds are declared" == report().strict().cases[1].reason


def test_a_failed_report_raises_its_table() -> None:
    """With the first failure as its cause; a good one is handed on."""
    with pytest.raises(AssertionError, match="1 passed, 1 skipped, 2 failed") as raised:
        report().ensure_ok()
    assert report().failed[0].reason == str(raised.value.__cause__)

    fine = KitReport(title="some kit: SomeAdapter", cases=report().passed)
    assert fine is fine.ensure_ok()


def test_a_condition_that_does_not_hold_is_said() -> None:
    """In the words of the check."""
    with pytest.raises(AssertionError, match="two charges for one key"):
        ensure([], "two charges for one key")


def test_the_table_is_wrapped() -> None:
    """Long reasons stay under their column."""
    long = Case(number=7, name="race", outcome=CaseOutcome.FAIL, reason="twice " * 20)
    table = KitReport(title="kit", cases=(long,)).to_text().splitlines()

    assert ["kit", "", " 7  fail  race  " + ("twice " * 12).strip()] == table[:3]
    assert " " * 16 + ("twice " * 8).strip() == table[3]
    assert str(KitReport(title="kit", cases=())).endswith("0 passed, 0 skipped, 0 failed")
