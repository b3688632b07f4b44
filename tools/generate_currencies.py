"""
Write `billing_core/values/_currency_table.py` from the `iso4217` package.

Run ``python tools/generate_currencies.py`` when ISO publishes an amendment
(update the package first), and ``--check`` to see whether the table is current.
Active currencies come from the package; withdrawn ones from
`tools/data/withdrawn_currencies.csv`, where a code must be entered by hand, with
its month, when it leaves the active list. The generator refuses to lose one.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any, TypeAlias

import iso4217

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "src/billing_core/values/_currency_table.py"
WITHDRAWN = ROOT / "tools/data/withdrawn_currencies.csv"

#: numeric code, exponent, month of withdrawal, name
Row: TypeAlias = tuple[int | None, int | None, str | None, str]

HEADER = '''\
"""
ISO 4217: every active currency, and every withdrawn one with its month.

Written by tools/generate_currencies.py; do not edit. Active list as published
on {published}, from the iso4217 package; withdrawn list from
tools/data/withdrawn_currencies.csv, which names its sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

__all__ = ["CURRENCIES", "PUBLISHED"]

#: numeric code, exponent (None: no minor unit, or none known), month of withdrawal, name
Row: TypeAlias = tuple[int | None, int | None, str | None, str]

#: The day on which ISO published the active list.
PUBLISHED = "{published}"

CURRENCIES: Mapping[str, Row] = MappingProxyType(
    {{
{rows}
    }}
)
'''


def active_rows() -> dict[str, Row]:
    """The active currencies of the package: funds, metals and test codes included."""
    rows: dict[str, Row] = {}
    table: dict[str | None, dict[str, Any]] = iso4217.raw_table  # type: ignore[assignment]
    for code, entry in table.items():
        if code is None:  # territories that have no currency of their own
            continue
        units = entry["CcyMnrUnts"]
        rows[code] = (entry["CcyNbr"], int(units) if units.isdigit() else None, None, _clean(entry["CcyNm"]))
    return rows


def withdrawn_rows() -> dict[str, Row]:
    """The withdrawn currencies of the checked-in list."""
    with WITHDRAWN.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(line for line in lines if not line.startswith("#"))
        return {
            entry["code"]: (
                int(entry["numeric"]) if entry["numeric"] else None,
                int(entry["exponent"]) if entry["exponent"] else None,
                entry["withdrawn"],
                _clean(entry["name"]),
            )
            for entry in table
        }


def render() -> str:
    """The text of the generated module."""
    # A code that came back into use (or was reused) is active.
    rows = withdrawn_rows() | active_rows()
    lines = (f"        {_quoted(code)}: {_tuple(row)}," for code, row in sorted(rows.items()))
    return HEADER.format(published=iso4217.__published__.isoformat(), rows="\n".join(lines))


def lost_codes(old: str, new: str) -> list[str]:
    """Codes of the old text that the new one no longer has."""
    codes = [
        {line.split('"')[1] for line in text.splitlines() if line.startswith(" " * 8 + '"')}
        for text in (old, new)
    ]
    return sorted(codes[0] - codes[1])


def _clean(name: str) -> str:
    return " ".join(name.split())


def _quoted(text: str | None) -> str:
    if text is None:
        return "None"
    return repr(text) if '"' in text else f'"{text}"'


def _tuple(row: Row) -> str:
    numeric, exponent, withdrawn, name = row
    return f"({numeric}, {exponent}, {_quoted(withdrawn)}, {_quoted(name)})"


def main(arguments: list[str]) -> int:
    """Write the table, or compare it; the exit status of the process."""
    old = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    new = render()
    if lost := lost_codes(old, new):
        print(f"withdrawn by ISO: enter in {WITHDRAWN.relative_to(ROOT)} with the month: {', '.join(lost)}")
        return 1
    if arguments == ["--check"]:
        print("current" if old == new else "out of date: run tools/generate_currencies.py")
        return int(old != new)
    TABLE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
