"""
The tables of `docs/reference/store-kit.md`: what each check tries, and which broken stores are caught.

A test compares; this brings the page up to date, or measures the whole matrix.

    python tools/render_store_kit.py            # print the tables
    python tools/render_store_kit.py --write    # write them into the page
    python tools/render_store_kit.py --measure  # run every check on every broken store (a minute)
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing_core.testing.store_kit import CHECKS, run_store_kit  # noqa: E402 - from any directory
from tests.kits import broken_commits, broken_reads, broken_work  # noqa: E402
from tests.kits.broken import broken_stores, catcher_of  # noqa: E402
from tests.kits.plain_store import PlainHarness  # noqa: E402
from tools import kit_pages  # noqa: E402

__all__ = ["PAGE", "checks_table", "stores_table", "with_tables"]

PAGE = ROOT / "docs" / "reference" / "store-kit.md"
BROKEN = tuple(broken_stores(broken_commits, broken_work, broken_reads))


def checks_table() -> str:
    """Each check with its number, what it tries, and the broken stores that it is there for."""
    return kit_pages.checks_table("tries that", CHECKS, {store: catcher_of(store) for store in BROKEN})


def stores_table() -> str:
    """Each broken store with what is wrong about it."""
    return kit_pages.broken_table("broken store", BROKEN)


def with_tables(page: str) -> str:
    """The page with its tables as they should be."""
    tables = {"checks": checks_table(), "broken stores": stores_table()}
    return kit_pages.with_tables(page, tables, "render_store_kit.py")


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
