"""No cent is lost to a float, and the check for it can fail."""

from __future__ import annotations

import pytest

from tools.check_money import applies_to, findings
from tools.source_tree import SourceFile, modules

MONEY = tuple(filter(applies_to, modules()))


@pytest.mark.parametrize("module", MONEY)
def test_money_is_divided_in_one_place(module: str) -> None:
    """No room that computes money divides, rounds or holds a float."""
    assert [] == findings(SourceFile.read(module))


@pytest.mark.parametrize(
    "source",
    [
        "x = total / 3",
        "ratio = Fraction(percent / 100)",
        "total /= 3",
        "round(total * rate)",
        "f = lambda x: round(x, 2)",
        "float(total)",
        "fee = total * 0.2",
        "rate: float = -1.5e3",
        "import operator as o\nmap(o.truediv, a, b)",
        "from operator import truediv as div\ndiv(1, 2)",
    ],
)
def test_lossy_arithmetic_is_found(source: str) -> None:
    """Each way to lose a cent is found, at its line."""
    (finding,) = findings(SourceFile.parse("charging/invoice", source))
    assert source.count("\n") + 1 == finding.line


@pytest.mark.parametrize(
    "source",
    [
        "cents = total.times(3)",
        "months, rest = divmod(months, 12)",
        "week = days // 7",
        "if isinstance(amount, float): raise TypeError",
        "def f(price: float) -> None: ...",
        "path = f'{a}/{b}'",
        "share = Fraction(3, 28)",
        "from fractions import Fraction\nratio = Fraction(percent) / 100",
        "money.round(Rounding.HALF_UP)",
    ],
)
def test_exact_arithmetic_passes(source: str) -> None:
    """Integers, fractions, dates and rounding by its name pass."""
    assert [] == findings(SourceFile.parse("charging/invoice", source))


def test_scope_is_where_money_is_computed() -> None:
    """Dates may be divided where no money is; rounding itself divides."""
    assert all(map(applies_to, ("charging/proration", "licenses/plan", "service/billing", "values/money")))
    assert not any(map(applies_to, ("values/schedule", "values/rounding", "identity/phone")))
