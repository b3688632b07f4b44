"""
The tables of `docs/reference/store-kit.md`: what each check tries, and which broken stores are caught.

A test compares; this brings the page up to date, or measures the whole matrix.

    python tools/render_store_kit.py            # print the tables
    python tools/render_store_kit.py --write    # write them into the page
    python tools/render_store_kit.py --measure  # run every check on every broken store (a minute)
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing_core.testing.store_kit import CHECKS, StoreCheck, run_store_kit  # noqa: E402 - from any directory
from tests.kits import broken_commits, broken_reads, broken_work  # noqa: E402
from tests.kits.broken import broken_stores, catcher_of  # noqa: E402
from tests.kits.plain_store import PlainHarness  # noqa: E402

__all__ = ["PAGE", "checks_table", "stores_table", "with_tables"]

_END = "<!-- end -->"

PAGE = ROOT / "docs" / "reference" / "store-kit.md"
BROKEN = tuple(broken_stores(broken_commits, broken_work, broken_reads))


def checks_table() -> str:
    """Each check with its number, what it tries, and the broken stores that it is there for."""
    rows = (
        f"| {number} | `{_name(check)}` | {_summary(check)} | {', '.join(_caught(check))} |"
        for number, check in enumerate(CHECKS, start=1)
    )
    return "\n".join(("| | check | tries that | catches |", "|---|---|---|---|", *rows, ""))


def stores_table() -> str:
    """Each broken store with what is wrong about it."""
    rows = (f"| `{store.__name__}` | {_summary(store)} |" for store in BROKEN)
    return "\n".join(("| broken store | what is wrong |", "|---|---|", *rows, ""))


def with_tables(page: str) -> str:
    """The page with its tables as they should be."""
    for name, table in (("checks", checks_table()), ("broken stores", stores_table())):
        begin = f"<!-- begin {name}: python tools/render_store_kit.py --write -->\n"
        head, rest = page.split(begin)
        _, tail = rest.split(_END, maxsplit=1)
        page = f"{head}{begin}\n{table}\n{_END}{tail}"
    return page


def _name(check: StoreCheck) -> str:
    return check.__name__.removeprefix("check_")


def _summary(documented: object) -> str:
    first = (inspect.getdoc(documented) or "").split("\n\n", maxsplit=1)[0]
    return " ".join(first.split()).replace("``", "`").replace("|", "\\|")


def _caught(check: StoreCheck) -> Iterator[str]:
    return (f"`{store.__name__}`" for store in BROKEN if catcher_of(store) is check)


def _measure() -> None:
    for store in BROKEN:
        failed = [case.name for case in run_store_kit(PlainHarness(store)).failed]
        print(f"{store.__name__}: {len(failed)} of {len(CHECKS)} checks: {', '.join(failed)}", flush=True)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        _measure()
    elif "--write" in sys.argv:
        PAGE.write_text(with_tables(PAGE.read_text()))
    else:
        print(checks_table())
        print(stores_table())
