"""
Fourteen months of renewals, day by day, on SQLite.

Reads the customers, reports every row with a mistake, lets the others sign up,
plays the days with all that goes wrong in them, and checks the books in the
end. Playing the same file again changes nothing: the world has moved on.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from billing_core import Billing, BillingPolicy, Interval, RenewalSchedule, message_for
from billing_core.contrib.demo.customers import Customer, check_row, read_rows
from billing_core.contrib.demo.processor import DemoProcessor
from billing_core.contrib.demo.report import BadRow, Cast, is_good, report_on
from billing_core.contrib.demo.screen import Screen
from billing_core.contrib.demo.stories import STORIES
from billing_core.contrib.demo.world import Memory, Standing, World
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.testing import ManualClock

__all__ = ["main", "play", "read_cast"]

FIRST_DAY = date(2024, 1, 1)
MONTHS = 14

#: When the vendor's job runs, in hours UTC: twice a day, so that each zone's renewals fall on their day.
_RUNS_AT = (0, 12)
#: When people are up.
_NOON = 12


def play(cast: Cast, db: str, screen: Screen, months: int = MONTHS) -> dict[str, Any]:
    """
    Play the months on a store file, and report.

    Args:
        cast: the customers.
        db: path of the SQLite file; the processor keeps its own beside it.
        screen: where progress goes.
        months: how many months to play, from January 2024 on.

    Returns:
        The report as JSON-able data.
    """
    clock = ManualClock(_hour_of(FIRST_DAY, 0))
    processor = DemoProcessor(f"{db}.processor")
    store = SqlStore.open(f"sqlite:///{db}", clock=clock)
    billing = Billing(store, {"demo": processor}, BillingPolicy(grace_days=7), namespace="demo")
    world = World(
        billing,
        processor,
        customers=cast.customers,
        stories=STORIES,
        hero=cast.hero,
        memory=_remembered(processor),
    )
    last_day = RenewalSchedule(FIRST_DAY, Interval.monthly()).boundary(months)
    try:
        _live(world, clock, last_day, screen)
        clock.set(_hour_of(last_day, 0))
        billing.run_due()
        return report_on(billing, processor.ledger(), cast, world.memory, last_day)
    finally:
        store.close()
        processor.close()


def read_cast(data: Path) -> Cast:
    """The customers' file, row by row."""
    customers: dict[str, Customer] = {}
    bad_rows: list[BadRow] = []
    warnings = 0
    for line, row in read_rows(data):
        checked = check_row(row)
        warnings += len(checked.warnings)
        problems = [f"{issue.field} {issue.message}" for issue in checked.errors]
        if row.get("external_id") in customers:
            problems.append(f"external_id {message_for('not_unique', {})}")
        if checked.value is not None and not problems:
            customers[checked.value.external_id] = checked.value
        else:
            bad_rows.append(
                BadRow(line=line, external_id=row.get("external_id", ""), problems=tuple(problems))
            )
    return Cast(customers=tuple(customers.values()), bad_rows=tuple(bad_rows), warnings=warnings)


def _live(world: World, clock: ManualClock, last_day: date, screen: Screen) -> None:
    """Every day: the vendor's job, and people at noon. No day is lived twice."""
    day = world.memory.until
    with screen.progress((last_day - FIRST_DAY).days, (day - FIRST_DAY).days) as advance:
        while day < last_day:
            charges = 0
            for hour in _RUNS_AT:
                clock.set(_hour_of(day, hour))
                charges += world.billing.run_due().charges
                if hour == _NOON:
                    world.live_through(clock.now())
            advance(day, charges)
            day = world.memory.until = day + timedelta(days=1)
            _remember(world.processor, world.memory)


def _remembered(processor: DemoProcessor) -> Memory:
    noted = processor.recall("memory")
    if noted is None:
        return Memory(until=FIRST_DAY)
    memory = json.loads(noted)
    return Memory(
        until=date.fromisoformat(memory["until"]),
        refused=memory["refused"],
        diary=[Standing.from_dict(note) for note in memory["diary"]],
    )


def _remember(processor: DemoProcessor, memory: Memory) -> None:
    diary = [note.to_dict() for note in memory.diary]
    noted = {"until": memory.until.isoformat(), "refused": memory.refused, "diary": diary}
    processor.remember("memory", json.dumps(noted))


def _hour_of(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def _packaged_data() -> Path:
    """The customers' file: beside this module in a wheel, under ``examples/`` in a checkout."""
    beside = Path(__file__).with_name("accounts.csv")
    return beside if beside.exists() else Path(__file__).parents[4] / "examples" / "data" / "accounts.csv"


def main(arguments: list[str] | None = None, data: Path | None = None) -> int:
    """
    The command line of the demo.

    Returns:
        0 if the books are right in the end and every story happened as told, 1 if not.
    """
    parser = argparse.ArgumentParser(
        prog="renewal_cycle", description="Fourteen months of renewals on SQLite."
    )
    parser.add_argument(
        "--db", metavar="PATH", help="keep the SQLite file here (the processor's goes to PATH.processor)"
    )
    parser.add_argument(
        "--data", metavar="CSV", type=Path, default=data or _packaged_data(), help="the customers"
    )
    parser.add_argument(
        "--months", type=int, default=MONTHS, choices=range(1, 37), metavar="N", help="months to play"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON, and nothing else")
    options = parser.parse_args(arguments)
    if not options.data.is_file():
        parser.error(f"there is no file {options.data}")
    screen = Screen(quiet=options.json)
    cast = read_cast(options.data)
    screen.show_cast(cast)
    with tempfile.TemporaryDirectory() as folder:
        db = options.db if options.db is not None else str(Path(folder) / "billing.db")
        report = play(cast, db, screen, options.months)
    if options.json:
        json.dump(report, sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        screen.show(report)
    return 0 if is_good(report) else 1
