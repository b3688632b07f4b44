"""What the pages of the two conformance kits share: tables of checks and of what is broken on purpose."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from billing_core.testing.kit_report import case_name

__all__ = ["broken_table", "checks_table", "with_tables"]

_END = "<!-- end -->"


def checks_table(
    wants: str, checks: Iterable[Callable[..., Any]], broken: Mapping[type, Callable[..., Any]]
) -> str:
    """
    Each check with its number, what it wants, and what it is there to catch.

    Args:
        wants: the head of the column that says it.
        checks: in the kit's order.
        broken: what is broken on purpose, each with the check that must catch it.
    """
    rows = (
        f"| {number} | `{case_name(check)}` | {_summary(check)} | {_caught(check, broken)} |"
        for number, check in enumerate(checks, start=1)
    )
    return "\n".join((f"| | check | {wants} | catches |", "|---|---|---|---|", *rows, ""))


def broken_table(what: str, broken: Iterable[type]) -> str:
    """Everything that is broken on purpose, with what is wrong about it."""
    rows = (f"| `{it.__name__}` | {_summary(it)} |" for it in broken)
    return "\n".join((f"| {what} | what is wrong |", "|---|---|", *rows, ""))


def with_tables(page: str, tables: Mapping[str, str], tool: str) -> str:
    """The page with its tables, by the names between their marks, as they should be."""
    for name, table in tables.items():
        begin = f"<!-- begin {name}: python tools/{tool} --write -->\n"
        head, rest = page.split(begin)
        _, tail = rest.split(_END, maxsplit=1)
        page = f"{head}{begin}\n{table}\n{_END}{tail}"
    return page


def _summary(documented: object) -> str:
    first = (inspect.getdoc(documented) or "").split("\n\n", maxsplit=1)[0]
    return " ".join(first.split()).replace("``", "`").replace("|", "\\|")


def _caught(check: Callable[..., Any], broken: Mapping[type, Callable[..., Any]]) -> str:
    return ", ".join(f"`{it.__name__}`" for it, catcher in broken.items() if catcher is check)
