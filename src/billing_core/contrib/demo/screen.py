"""What the demo shows: progress and tables, with rich where it is installed, in plain text where not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

__all__ = ["Screen"]

Advance = Callable[[date], None]


class Screen:
    """
    Args:
        quiet: show nothing but the report that the caller prints.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        try:
            from rich.console import Console
        except ImportError:
            self._console = None
        else:
            self._console = Console()

    @contextmanager
    def progress(self, days: int, done: int) -> Iterator[Advance]:
        """A bar over the days; a line per month where there is no terminal."""
        if self._quiet or done >= days:
            yield lambda _: None
        elif self._console is not None and self._console.is_terminal:
            from rich.progress import Progress

            with Progress(console=self._console) as bar:
                task = bar.add_task("Living through the days", total=days, completed=done)
                yield lambda day: bar.update(task, advance=1, description=f"Living through {day:%B %Y}")
        else:
            yield self._line_a_month

    def _line_a_month(self, day: date) -> None:
        if day.day == 1:
            sys.stdout.write(f"  … lived until {day.isoformat()}\n")
            sys.stdout.flush()

    def show(self, report: dict[str, Any]) -> None:
        """The whole report, for people."""
        rows = report["rows"]
        self._heading(
            f"{rows['good']} customers in {report['countries']} countries and {report['currencies']} currencies; "
            f"{rows['bad']} rows with mistakes"
        )
        mistakes = [
            (str(row["line"]), row["external_id"], problem) for row in report["bad_rows"] for problem in row["problems"]
        ]
        self._table(("line", "customer", "what is wrong"), mistakes)
        self._heading("One account in trouble")
        self._table(
            ("when (UTC)", "what", "who", "details"),
            [(line["at"], line["what"], line["who"], line["details"]) for line in report["timeline"]],
        )
        self._heading("Refused, as it must be")
        self._table(("what", "why"), [tuple(text.split(": ", 1)) for text in report["refused"]])
        self._heading("What was charged")
        amounts = [
            (code, str(entry["invoices"]), entry["amount"]) for code, entry in report["amounts"].items()
        ]
        self._table(("currency", "invoices", "amount"), amounts)
        self._heading("In all")
        self._table(("what", "how often"), [(k.replace("_", " "), str(v)) for k, v in report["totals"].items()])
        self._table(("licenses now", "how many"), [(k, str(v)) for k, v in report["status"].items()])
        violations = report["violations"]
        self._heading("The books are right: every invariant holds." if not violations else "THE BOOKS ARE WRONG")
        for violation in violations:
            sys.stdout.write(f"  {violation}\n")

    def _heading(self, text: str) -> None:
        if self._console is not None:
            self._console.print(f"\n[bold]{text}[/bold]")
        else:
            sys.stdout.write(f"\n{text}\n")

    def _table(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        if self._console is None:
            widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
            for row in (titles, *rows):
                line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
                sys.stdout.write(f"  {line.rstrip()}\n")
            return
        from rich.table import Table

        table = Table(*titles, header_style="", border_style="dim")
        for row in rows:
            table.add_row(*row)
        self._console.print(table)
