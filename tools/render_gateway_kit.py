"""
The tables of `docs/reference/gateway-kit.md`: what each check wants, and which broken gateways are caught.

A test compares; this brings the page up to date, or measures the whole matrix.

    python tools/render_gateway_kit.py            # print the tables
    python tools/render_gateway_kit.py --write    # write them into the page
    python tools/render_gateway_kit.py --measure  # run every check on every broken gateway (some minutes)
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing_core.testing import GATEWAY_CHECKS, run_gateway_kit  # noqa: E402 - from any directory
from billing_core.testing.kit_report import case_name  # noqa: E402
from tests.kits import broken_answers, broken_charges, broken_promises, broken_services  # noqa: E402
from tests.kits.broken_gateway import broken_gateways, catch_of, harness_for  # noqa: E402
from tools import kit_pages  # noqa: E402

__all__ = ["PAGE", "checks_table", "gateways_table", "with_tables"]

PAGE = ROOT / "docs" / "reference" / "gateway-kit.md"
BROKEN = tuple(broken_gateways(broken_charges, broken_answers, broken_services, broken_promises))


def checks_table() -> str:
    """Each check with its number, what it wants, and the broken gateways that it is there for."""
    catchers = {gateway: catch_of(gateway).check for gateway in BROKEN}
    return kit_pages.checks_table("an adapter is right if", GATEWAY_CHECKS, catchers)


def gateways_table() -> str:
    """Each broken gateway with what is wrong about it."""
    return kit_pages.broken_table("broken gateway", BROKEN)


def with_tables(page: str) -> str:
    """The page with its tables as they should be."""
    tables = {"checks": checks_table(), "broken gateways": gateways_table()}
    return kit_pages.with_tables(page, tables, "render_gateway_kit.py")


def _measure() -> None:
    survivors = 0
    for gateway in BROKEN:
        with harness_for(gateway) as harness:
            failed = [case.name for case in run_gateway_kit(harness).failed]
        survivors += case_name(catch_of(gateway).check) not in failed
        print(
            f"{gateway.__name__}: {len(failed)} of {len(GATEWAY_CHECKS)} checks: {', '.join(failed)}",
            flush=True,
        )
    print(f"{len(BROKEN)} broken gateways, {survivors} not caught by the check that is there for them")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        _measure()
    elif "--write" in sys.argv:
        PAGE.write_text(with_tables(PAGE.read_text()))
    else:
        print(checks_table())
        print(gateways_table())
