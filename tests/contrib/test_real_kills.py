"""Workers and the processor die by SIGKILL; the store and the processor's ledger agree all the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tools.kill_books import compare
from tools.kill_test import run
from tools.kill_worker import open_billing

KILLS = 3
LICENSES = 12


@pytest.mark.parametrize("grade", ["keyed", "fenced"])
def test_both_books_agree_after_real_kills(tmp_path: Path, grade: str) -> None:
    """Nothing is charged twice, nothing is lost, and everybody is paid until the same day."""
    figures = run(tmp_path, kills=KILLS, seed=20250131, grade=grade, licenses=LICENSES, spread=0.2)

    assert figures.books is not None
    assert figures.worker_kills >= KILLS
    assert figures.months * (LICENSES - 1) == figures.books.captures
    _ensure_that_damage_is_found(tmp_path, figures.months)


def _ensure_that_damage_is_found(folder: Path, months: int) -> None:
    """The comparison can fail: on money that only one of the books knows, and on money taken twice."""
    billing = open_billing(folder, port=1, grade="keyed")
    row = "kind, charge, amount, currency, {reference}, idempotency_key, card, at"
    told = "kind, charge, amount, currency, reference, idempotency_key, card, at"
    for reference, found in (("reference", "captured twice"), ("'somebody_else'", "lost or invented")):
        copy = f"INSERT INTO ledger ({told}) SELECT {row.format(reference=reference)} FROM ledger LIMIT 1"
        with closing(sqlite3.connect(folder / "processor.db", isolation_level=None)) as db:
            db.execute(copy)
        with pytest.raises(AssertionError, match=found):
            compare(billing, folder, months=months)
        with closing(sqlite3.connect(folder / "processor.db", isolation_level=None)) as db:
            db.execute("DELETE FROM ledger WHERE number = (SELECT max(number) FROM ledger)")
