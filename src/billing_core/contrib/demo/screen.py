"""What the demo shows: progress and tables, with rich where it is installed, in plain text where not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from billing_core.contrib.demo.report import Cast, is_good

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Advance", "Screen"]

#: Tells that a day was lived, and how many charges it had.
Advance = Callable[[date, int], None]

_NUMBERS = {"line", "paid", "amount", "how often", "how many"}


class Screen:
    """
    Args:
        quiet: show nothing but the report that the caller prints.
        plain: do without rich even where it is installed.
    """

    def __init__(self, *, quiet: bool = False, plain: bool = False) -> None:
        self._quiet = quiet
        self._console = None if plain else _console()

    # -- before, while and after playing -----------------------------------------------------

    def show_cast(self, cast: Cast) -> None:
        """Who was read from the file, and what is wrong with the rest."""
        if self._quiet:
            return
        countries, currencies = len(cast.countries), len(cast.currencies)
        self._heading(
            f"{len(cast.customers)} customers in {countries} countries pay in {currencies} currencies."
        )
        if not cast.bad_rows:
            return
        self._heading(
            f"{len(cast.bad_rows)} rows of the file can't be billed, and this is all that is wrong with them:"
        )
        rows: list[tuple[str, ...]] = []
        for row in cast.bad_rows:
            for first, problem in enumerate(row.problems):
                rows.append(("", "", problem) if first else (str(row.line), row.external_id, problem))
        self._table(("line", "customer", "what is wrong"), rows)

    @contextmanager
    def progress(self, days: int, done: int) -> Iterator[Advance]:
        """A bar over the days; a line per month where there is no terminal."""
        if self._quiet or done >= days:
            yield _say_nothing
        elif self._console is not None and self._console.is_terminal:
            with _bar(self._console, days, done) as advance:
                yield advance
        else:
            self._heading("Living through the months (charges by the nightly run):")
            with _line_a_month() as advance:
                yield advance

    def show(self, report: Mapping[str, Any]) -> None:
        """The whole report, for people."""
        hero = report["hero"]
        if hero is not None:
            self._heading(f"One account in trouble: {hero['name']} ({hero['time_zone']})")
            self._table(
                ("when", "who", "what"),
                [(line["at"], line["who"], line["what"]) for line in report["timeline"]],
            )
        if report["refused"]:
            self._heading("Refused, as it must be")
            self._table(("who", "what", "why"), [tuple(refusal.values()) for refusal in report["refused"]])
        self._heading("The stories, and whether they happened as told")
        self._table(
            ("customer", "story", "happened"),
            [(story["customer"], story["story"], story["state"]) for story in report["stories"]],
        )
        self._heading("What was charged")
        amounts = [
            (code, str(entry["invoices"]), _spaced(entry["amount"]))
            for code, entry in report["amounts"].items()
        ]
        self._table(("currency", "paid", "amount") * 2, _side_by_side(amounts))
        self._heading("In all")
        self._table(
            ("what", "how often", "licenses now", "how many"),
            _beside(
                [(name.replace("_", " "), str(count)) for name, count in report["totals"].items()],
                [(name.replace("_", " "), str(count)) for name, count in report["status"].items()],
            ),
        )
        self._verdict(report)

    # -- inside --------------------------------------------------------------------------------

    def _verdict(self, report: Mapping[str, Any]) -> None:
        if is_good(report):
            self._heading(
                "The books are right: every invariant holds, and the processor's ledger agrees.", "green"
            )
            return
        self._heading("SOMETHING IS WRONG", "red")
        wrong = [
            f"{story['customer']}: {story['story']}"
            for story in report["stories"]
            if story["state"] == "DIFFERENT"
        ]
        for line in (*report["violations"], *wrong):
            self._write(f"  {line}")

    def _heading(self, text: str, colour: str = "default") -> None:
        if self._console is not None:
            self._console.print(f"\n{text}", style=f"bold {colour}", highlight=False)
        else:
            self._write(f"\n{text}")

    def _write(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")

    def _table(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        if self._console is not None:
            _rich_table(self._console, titles, rows)
            return
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        self._write("")
        for row in (titles, tuple("-" * width for width in widths), *rows):
            cells = zip(titles, row, widths, strict=True)
            line = "  ".join(
                text.rjust(w) if title in _NUMBERS else text.ljust(w) for title, text, w in cells
            )
            self._write(f"  {line.rstrip()}")


def _console() -> Console | None:
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console()


def _rich_table(console: Console, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(
            title, justify="right" if title in _NUMBERS else "left", no_wrap=title in {"when", "amount"}
        )
    for row in rows:
        table.add_row(*row, style=_style(row))
    console.print(table)


def _style(row: Sequence[str]) -> str:
    """A change of status stands out, and so does what should not be."""
    if "DIFFERENT" in row:
        return "bold red"
    return "yellow" if len(row) == 3 and row[2].startswith("now ") else ""


@contextmanager
def _bar(console: Console, days: int, done: int) -> Iterator[Advance]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[charges]} charges"))
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("Living through the months", total=days, completed=done, charges=0)
        total = 0

        def advance(day: date, charges: int) -> None:
            nonlocal total
            total += charges
            bar.update(task, advance=1, description=f"Living through {day:%B %Y}".ljust(30), charges=total)

        yield advance


@contextmanager
def _line_a_month() -> Iterator[Advance]:
    charges_of: dict[str, int] = {}

    def finish() -> None:
        for month, charges in charges_of.items():
            sys.stdout.write(f"  {month}  {charges:>4}\n")
            sys.stdout.flush()
        charges_of.clear()

    def advance(day: date, charges: int) -> None:
        month = f"{day:%Y-%m}"
        if month not in charges_of:
            finish()
        charges_of[month] = charges_of.get(month, 0) + charges

    yield advance
    finish()


def _say_nothing(_day: date, _charges: int) -> None:
    """For those who want the report only."""


def _spaced(amount: str) -> str:
    """Groups of three digits: 1234567.50 reads as 1,234,567.50."""
    whole, point, rest = amount.partition(".")
    return f"{int(whole):,}{point}{rest}"


def _side_by_side(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """A long narrow table as two halves beside each other."""
    half = (len(rows) + 1) // 2
    return _beside(rows[:half], rows[half:])


def _beside(left: Sequence[tuple[str, ...]], right: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Two tables as one; the shorter one is filled up with empty cells."""
    lines = max(len(left), len(right))
    sides = []
    for rows in (left, right):
        empty = tuple("" for _ in (rows or left)[0]) if (rows or left) else ()
        sides.append([*rows, *[empty] * (lines - len(rows))])
    return [(*a, *b) for a, b in zip(*sides, strict=True)]
