"""
Every example runs as it is told, without a warning, and says the same every time.

What they must say is in ``golden/``; ``UPDATE_GOLDEN=1`` writes it anew.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from billing_core.contrib.demo.renewal_cycle import main, play, read_cast
from billing_core.contrib.demo.screen import Advance, Screen

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
GOLDEN = Path(__file__).parent / "golden"
CUSTOMERS = EXAMPLES / "data" / "accounts.csv"

REPORT_KEYS = [
    "rows",
    "bad_rows",
    "countries",
    "currencies",
    "hero",
    "timeline",
    "refused",
    "stories",
    "totals",
    "events",
    "amounts",
    "status",
    "violations",
]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A Python of its own, in an empty folder, in which every warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=600,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
    )


def assert_golden(name: str, text: str) -> None:
    """The text is what it was, and names nothing of this machine."""
    path = GOLDEN / f"{name}.txt"
    assert str(ROOT) not in text
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def dump(database: Path) -> list[str]:
    """All tables of a database, row by row."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("name", ["by_hand", "own_gateway", "async_host"])
def test_a_small_example(name: str, tmp_path: Path) -> None:
    """It prints what it always prints."""
    done = run(str(EXAMPLES / f"{name}.py"), folder=tmp_path)
    assert ("", 0) == (done.stderr, done.returncode)
    assert_golden(name, done.stdout)


# -- the main job -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The fourteen months, played once, and their report."""
    folder = tmp_path_factory.mktemp("cycle")
    done = run(str(EXAMPLES / "renewal_cycle.py"), "--json", "--db", "billing.db", folder=folder)
    assert ("", 0) == (done.stderr, done.returncode)
    return folder, json.loads(done.stdout)


def test_the_report_of_fourteen_months(
    played: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Mistakes, the account in trouble, the stories, amounts and totals, as people read them."""
    _, report = played
    screen = Screen(plain=True)
    screen.show_cast(read_cast(CUSTOMERS))
    screen.show(report)
    assert_golden("renewal_cycle", capsys.readouterr().out)


def test_the_books_are_right_after_fourteen_months(played: tuple[Path, dict[str, Any]]) -> None:
    """No violation; every story is over and happened as it is told."""
    _, report = played
    assert REPORT_KEYS == list(report)
    assert [] == report["violations"]
    assert {"as told"} == {story["state"] for story in report["stories"]}
    assert report["totals"]["renewals"] == sum(entry["invoices"] for entry in report["amounts"].values())


def test_playing_on_the_same_file_again_changes_nothing(played: tuple[Path, dict[str, Any]]) -> None:
    """Not a byte of any table, at the vendor's or at the processor's; and the report is the same."""
    folder, report = played
    before = dump(folder / "billing.db"), dump(folder / "billing.db.processor")
    again = run(str(EXAMPLES / "renewal_cycle.py"), "--json", "--db", "billing.db", folder=folder)
    assert ("", 0) == (again.stderr, again.returncode)
    assert report == json.loads(again.stdout)
    assert before == (dump(folder / "billing.db"), dump(folder / "billing.db.processor"))


def test_the_example_from_an_installed_package(tmp_path: Path) -> None:
    """``python -m billing_core demo``, one month; stories that need longer are not yet over."""
    done = run("-m", "billing_core", "demo", "--months", "1", "--json", folder=tmp_path)
    assert ("", 0) == (done.stderr, done.returncode)
    report = json.loads(done.stdout)
    assert REPORT_KEYS == list(report)
    assert ([], {"active": 45, "past_due": 1}) == (report["violations"], report["status"])
    assert [] == list(tmp_path.iterdir())


def test_in_a_pipe_it_tells_month_by_month(tmp_path: Path) -> None:
    """Without a terminal there is no bar, and the exit code says whether the books are right."""
    done = run(str(EXAMPLES / "renewal_cycle.py"), "--months", "1", folder=tmp_path)
    assert ("", 0) == (done.stderr, done.returncode)
    assert "\n  2024-01 " in done.stdout
    assert done.stdout.rstrip().endswith("ledger agrees.")
    assert "\x1b" not in done.stdout


class PowerCut(SystemExit):
    """Nothing catches it."""


class OutlivedBy(Screen):
    """A screen that goes dark in the middle of a day, before anybody could remember it."""

    def __init__(self, last_day: date) -> None:
        super().__init__(quiet=True)
        self._last_day = last_day

    @contextmanager
    def progress(self, days: int, done: int) -> Iterator[Advance]:
        """Until that day."""

        def advance(day: date, charges: int) -> None:
            if day == self._last_day:
                raise PowerCut

        yield advance


@pytest.mark.parametrize("last_day", [date(2024, 1, 31), date(2024, 6, 9), date(2024, 6, 12)])
def test_a_cycle_that_was_interrupted_goes_on_where_it_was(last_day: date, tmp_path: Path) -> None:
    """The day of the power cut is lived again: sign-up, support call, new card; and nothing happens twice."""
    whole = read_cast(CUSTOMERS)
    cast, quiet = attrs.evolve(whole, customers=whole.customers[:3]), Screen(quiet=True)
    with pytest.raises(PowerCut):
        play(cast, str(tmp_path / "broken.db"), OutlivedBy(last_day), months=6)
    went_on = play(cast, str(tmp_path / "broken.db"), quiet, months=6)
    told_once = play(cast, str(tmp_path / "whole.db"), quiet, months=6)
    assert [] == went_on["violations"]
    for key in ("totals", "amounts", "status", "stories"):
        assert told_once[key] == went_on[key]


def test_every_wrong_cell_of_a_file_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of one's own: field by field, with what would be right, and without what was typed."""
    header, good = CUSTOMERS.read_text(encoding="utf-8").splitlines()[:2]
    wrong = "crm-1001,,,,,,,,,,,,Mars/Olympus,ZZZ,weekly,none,soon,visa 4242 4242 4242 4242,never,"
    file = tmp_path / "accounts.csv"
    file.write_text(f"{header}\n{good}\n{wrong}\ncrm-2\n", encoding="utf-8")
    assert 0 == main(["--data", str(file), "--months", "1", "--json"])
    first, second = json.loads(capsys.readouterr().out)["bad_rows"]
    assert (3, "crm-1001") == (first["line"], first["external_id"])
    assert [
        "name",
        "country",
        "owner",
        "time_zone",
        "currency",
        "plan",
        "seats",
        "starts_on",
        "card",
        "card_expires",
        "external_id",
    ] == [problem.split(" ")[0] for problem in first["problems"]]
    assert "Olympus" not in str(first) + str(second)
    assert "4242 4242" not in str(first)


def test_a_file_that_is_not_there_is_said_to_be_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error, not a traceback."""
    with pytest.raises(SystemExit) as ended:
        main(["--data", "nowhere.csv"])
    assert 2 == ended.value.code
    assert "there is no file nowhere.csv" in capsys.readouterr().err
