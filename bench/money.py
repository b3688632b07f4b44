"""
Money + Money against py-moneyed, plus parsing, products and splits for scale.

python bench/money.py
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import moneyed

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench._timing import compare, report  # the root is put on the path just above
from billing_core.values.currency import Currency
from billing_core.values.money import Money, UnitPrice
from billing_core.values.rounding import Rounding

SIZE = 997


def main() -> int:
    dice = random.Random(4217)
    minors = [dice.randrange(-1_000_000, 10_000_000) for _ in range(SIZE)]
    eur = Currency.of("EUR")
    ours = [Money(minor, eur) for minor in minors]
    theirs = [moneyed.Money(Decimal(minor).scaleb(-2), moneyed.EUR) for minor in minors]
    our_pairs = list(zip(ours, reversed(ours), strict=True))
    their_pairs = list(zip(theirs, reversed(theirs), strict=True))

    def measure(
        title: str,
        ours: Callable[[], object],
        theirs: Callable[[], object] | None = None,
        wanted: float | None = None,
    ) -> bool:
        ways = {"billing-core": ours} | ({"py-moneyed": theirs} if theirs else {})
        target = ("py-moneyed", wanted) if wanted else None
        return report(title, compare(ways, operations=SIZE), target=target)

    met = measure(
        "a + b",
        lambda: [a + b for a, b in our_pairs],
        lambda: [a + b for a, b in their_pairs],
        wanted=2,
    )
    measure("a * 12", lambda: [a * 12 for a in ours], lambda: [a * 12 for a in theirs])
    measure("a == b", lambda: [a == b for a, b in our_pairs], lambda: [a == b for a, b in their_pairs])
    measure("a < b", lambda: [a < b for a, b in our_pairs], lambda: [a < b for a, b in their_pairs])
    measure(
        "from a text",
        lambda: [Money.of("1234.56", "EUR") for _ in range(SIZE)],
        lambda: [moneyed.Money("1234.56", "EUR") for _ in range(SIZE)],
    )
    price = UnitPrice.of("0.000123", "EUR")
    their_price = moneyed.Money("0.000123", "EUR")
    measure(
        "quantity * 0.000123, to cents",
        lambda: [price.times(minor, Rounding.HALF_EVEN) for minor in minors],
        lambda: [(their_price * minor).round(2) for minor in minors],
    )
    measure("allocate 50:30:20", lambda: [a.allocate([50, 30, 20]) for a in ours])
    measure("split by 12", lambda: [a.split(12) for a in ours])
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
