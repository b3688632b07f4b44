"""
The tables of `docs/reference/gateway-kit.md`: what each check wants, and which broken gateways are caught.

A test compares; this brings the page up to date, or measures the whole matrix.

    python tools/render_gateway_kit.py            # print the tables
    python tools/render_gateway_kit.py --write    # write them into the page
    python tools/render_gateway_kit.py --measure  # run every check on every broken gateway (some minutes)
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing_core.testing import GATEWAY_CHECKS, run_gateway_kit  # noqa: E402 - from any directory
from billing_core.testing.gateway_kit.bench import GatewayCheck  # noqa: E402
from billing_core.testing.gateway_kit.kit import check_name  # noqa: E402
from tests.kits import broken_answers, broken_charges, broken_promises, broken_services  # noqa: E402
from tests.kits.broken_gateway import broken_gateways, catch_of, harness_for  # noqa: E402

__all__ = ["PAGE", "checks_table", "gateways_table", "with_tables"]

_END = "<!-- end -->"

PAGE = ROOT / "docs" / "reference" / "gateway-kit.md"
BROKEN = tuple(broken_gateways(broken_charges, broken_answers, broken_services, broken_promises))


def checks_table() -> str:
    """Each check with its number, what it wants, and the broken gateways that it is there for."""
    rows = (
        f"| {number} | `{check_name(check)}` | {_summary(check)} | {', '.join(_caught(check))} |"
        for number, check in enumerate(GATEWAY_CHECKS, start=1)
    )
    return "\n".join(("| | check | an adapter is right if | catches |", "|---|---|---|---|", *rows, ""))


def gateways_table() -> str:
    """Each broken gateway with what is wrong about it."""
    rows = (f"| `{gateway.__name__}` | {_summary(gateway)} |" for gateway in BROKEN)
    return "\n".join(("| broken gateway | what is wrong |", "|---|---|", *rows, ""))


def with_tables(page: str) -> str:
    """The page with its tables as they should be."""
    for name, table in (("checks", checks_table()), ("broken gateways", gateways_table())):
        begin = f"<!-- begin {name}: python tools/render_gateway_kit.py --write -->\n"
        head, rest = page.split(begin)
        _, tail = rest.split(_END, maxsplit=1)
        page = f"{head}{begin}\n{table}\n{_END}{tail}"
    return page


def _summary(documented: object) -> str:
    first = (inspect.getdoc(documented) or "").split("\n\n", maxsplit=1)[0]
    return " ".join(first.split()).replace("``", "`").replace("|", "\\|")


def _caught(check: GatewayCheck) -> Iterator[str]:
    return (f"`{gateway.__name__}`" for gateway in BROKEN if catch_of(gateway).check is check)


def _measure() -> None:
    survivors = 0
    for gateway in BROKEN:
        with harness_for(gateway) as harness:
            failed = [case.name for case in run_gateway_kit(harness).failed]
        survivors += check_name(catch_of(gateway).check) not in failed
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
