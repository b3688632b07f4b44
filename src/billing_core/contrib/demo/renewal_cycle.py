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
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs

from billing_core import (
    Billing,
    BillingPolicy,
    Event,
    EventType,
    Interval,
    InvoiceFilter,
    InvoiceStatus,
    LicenseFilter,
    Money,
    RenewalSchedule,
    check_invariants,
)
from billing_core.contrib.demo.customers import Customer, check_row, read_rows
from billing_core.contrib.demo.processor import DemoProcessor
from billing_core.contrib.demo.screen import Screen
from billing_core.contrib.demo.world import World
from billing_core.contrib.sqlalchemy_store import SqlStore
from billing_core.testing import ManualClock

__all__ = ["main", "play"]

FIRST_DAY = date(2024, 1, 1)
MONTHS = 14

#: When the jobs run, in hours UTC: often enough for every zone's midnight.
_HOURS = (0, 6, 12, 18)

_NOT_IN_TIMELINE = {EventType.CHARGE_STARTED, EventType.CARD_SETUP_BEGUN, EventType.INVOICE_ISSUED}


@attrs.frozen(kw_only=True)
class Row:
    """One row of the file with what is wrong with it."""

    line: int
    external_id: str
    problems: tuple[str, ...]


def play(data: Path, db: str, screen: Screen, months: int = MONTHS) -> dict[str, Any]:
    """
    Play the months on a store file, and report.

    Args:
        data: the customers' CSV file.
        db: path of the SQLite file; the processor keeps its own beside it.
        screen: where progress goes.
        months: how many months to play.

    Returns:
        The report as JSON-able data.
    """
    customers, bad_rows, warnings = _read(data)
    clock = ManualClock(datetime.combine(FIRST_DAY, datetime.min.time(), UTC))
    processor = DemoProcessor(f"{db}.processor")
    store = SqlStore.open(f"sqlite:///{db}", clock=clock)
    billing = Billing(store, {"demo": processor}, BillingPolicy(grace_days=7), namespace="demo")
    world = World(billing=billing, processor=processor, customers=tuple(customers))
    last_day = RenewalSchedule(FIRST_DAY, Interval.monthly()).boundary(months)
    _live(world, billing, processor, clock, last_day, screen)
    clock.set(datetime.combine(last_day, datetime.min.time(), UTC))
    return _report(billing, processor, customers, bad_rows, warnings)


def _read(data: Path) -> tuple[list[Customer], list[Row], int]:
    customers, bad_rows, warnings = [], [], 0
    for line, row in read_rows(data):
        checked = check_row(row)
        if checked.ok and checked.value is not None:
            customers.append(checked.value)
            warnings += len(checked.warnings)
        else:
            problems = tuple(f"{issue.field} {issue.message}" for issue in checked.errors)
            bad_rows.append(Row(line=line, external_id=row["external_id"], problems=problems))
    return customers, bad_rows, warnings


def _live(
    world: World, billing: Billing, processor: DemoProcessor, clock: ManualClock, last_day: date, screen: Screen
) -> None:
    """Every day: the night's jobs in every zone, then people. A day that was lived is not lived again."""
    lived_until = processor.recall("lived_until")
    day = date.fromisoformat(lived_until) if lived_until is not None else FIRST_DAY
    with screen.progress((last_day - FIRST_DAY).days, (day - FIRST_DAY).days) as advance:
        while day < last_day:
            for hour in _HOURS:
                clock.set(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))
                billing.run_due()
                if hour == _HOURS[-2]:
                    world.live_through(day)
            day += timedelta(days=1)
            processor.remember("lived_until", day.isoformat())
            processor.remember("refusals", json.dumps(_refusals(processor) + world.refusals))
            world.refusals.clear()
            advance(day)


def _refusals(processor: DemoProcessor) -> list[str]:
    known: list[str] = json.loads(processor.recall("refusals") or "[]")
    return known


def _report(
    billing: Billing, processor: DemoProcessor, customers: list[Customer], bad_rows: list[Row], warnings: int
) -> dict[str, Any]:
    events = list(_events(billing))
    kinds = Counter(event.type for event in events)
    troubled = next((customer for customer in customers if customer.story == "troubled"), None)
    violations = check_invariants(billing.books(processor.ledger()))
    return {
        "rows": {"good": len(customers), "bad": len(bad_rows), "warnings": warnings},
        "bad_rows": [attrs.asdict(row) for row in bad_rows],
        "countries": len({customer.form["country"] for customer in customers}),
        "currencies": len({customer.currency for customer in customers}),
        "timeline": _timeline(events, troubled),
        "refused": _refusals(processor),
        "totals": {
            "renewals": kinds[EventType.LICENSE_RENEWED],
            "charges": kinds[EventType.CHARGE_SUCCEEDED],
            "declines": kinds[EventType.CHARGE_DECLINED],
            "uncertain": kinds[EventType.CHARGE_UNCERTAIN],
            "expiries": kinds[EventType.LICENSE_EXPIRED],
            "extensions": kinds[EventType.EXTENSION_GRANTED],
            "cancellations": kinds[EventType.LICENSE_CANCELED],
            "cards_replaced": kinds[EventType.CARD_REPLACED],
            "events": len(events),
        },
        "amounts": _amounts(billing),
        "status": _statuses(billing),
        "violations": [str(violation) for violation in violations],
    }


def _events(billing: Billing) -> Iterable[Event]:
    after = 0
    while True:
        events = billing.events(after)
        if not events:
            return
        yield from events
        after = events[-1].sequence


def _timeline(events: Iterable[Event], customer: Customer | None) -> list[dict[str, str]]:
    if customer is None:
        return []
    return [
        {
            "at": event.at.strftime("%Y-%m-%d %H:%M"),
            "what": event.type,
            "who": f"{event.actor.role} {event.actor.id}",
            "details": _details(event),
        }
        for event in events
        if event.account_id == customer.external_id and event.type not in _NOT_IN_TIMELINE
    ]


def _details(event: Event) -> str:
    shown = ("amount", "advice", "period", "paid_until", "due_on", "days", "until", "verified", "expires", "last4")
    told = [f"{key} {event.data[key]}" for key in shown if event.data.get(key) is not None]
    return ", ".join(told)


def _amounts(billing: Billing) -> dict[str, dict[str, Any]]:
    """What was charged, per currency."""
    sums: dict[str, Money] = {}
    counts: Counter[str] = Counter()
    after: str | None = None
    while True:
        page = billing.invoices(InvoiceFilter(status=InvoiceStatus.PAID), after=after)
        for invoice in page.items:
            code = invoice.amount_due.currency.code
            sums[code] = sums.get(code, Money.zero(code)) + invoice.amount_due
            counts[code] += 1
        after = page.next
        if after is None:
            return {code: {"invoices": counts[code], "amount": str(sums[code].amount)} for code in sorted(sums)}


def _statuses(billing: Billing) -> dict[str, int]:
    statuses: Counter[str] = Counter()
    after: str | None = None
    while True:
        page = billing.licenses(LicenseFilter(), after=after)
        statuses.update(billing.license_view(license_.id).status.value for license_ in page.items)
        after = page.next
        if after is None:
            return dict(sorted(statuses.items()))


def _packaged_data() -> Path:
    """The customers' file: beside this module in a wheel, under ``examples/`` in a checkout."""
    beside = Path(__file__).with_name("accounts.csv")
    return beside if beside.exists() else Path(__file__).parents[4] / "examples" / "data" / "accounts.csv"


def main(arguments: list[str] | None = None, data: Path | None = None) -> int:
    """
    The command line of the demo.

    Returns:
        0 if the books are right in the end, 1 if not.
    """
    parser = argparse.ArgumentParser(prog="renewal_cycle", description=__doc__)
    parser.add_argument("--db", metavar="PATH", help="keep the SQLite file here (the processor's goes to PATH.processor)")
    parser.add_argument("--data", metavar="CSV", type=Path, default=data or _packaged_data(), help="the customers")
    parser.add_argument("--months", type=int, default=MONTHS, choices=range(1, 37), metavar="N", help="months to play")
    parser.add_argument("--json", action="store_true", help="print the report as JSON, and nothing else")
    options = parser.parse_args(arguments)
    screen = Screen(quiet=options.json)
    with tempfile.TemporaryDirectory() as folder:
        db = options.db if options.db is not None else str(Path(folder) / "billing.db")
        report = play(options.data, db, screen, options.months)
    if options.json:
        json.dump(report, sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        screen.show(report)
    return 1 if report["violations"] else 0
