"""
Renewals through the whole of `run_due`, against plain sqlite3 writing what they wrote.

Ours is everything but a database and a network: claim, decide, commit the
intent, charge, settle, commit the outcome - in one thread, with a store in
memory and a gateway that approves at once. So it is what the library itself
costs, in CPU time, with every check, id, key and event.

The peer is sqlite3, in memory as well, with the same records and events as
JSON that is ready: two transactions a renewal, one INSERT or UPDATE a record,
nothing read, nothing decided. No billing system writes less than that for a
renewal, and every host knows how fast its database is; the ratio says how many
times that the decisions cost. It travels between machines; renewals per CPU
second do not.

python bench/renewals.py [LICENSES]
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from statistics import median
from time import process_time

from billing_core import (
    Account,
    Actor,
    Billing,
    BillingPolicy,
    Event,
    MemoryStore,
    Money,
    Plan,
    RenewalSchedule,
)
from billing_core.testing import ManualClock, ScriptedGateway
from billing_core.values.schedule import Interval

LICENSES = 200
MONTHS = 12
#: A row to write: its table, its id, and the record as JSON.
Row = tuple[str, str, str]


def main() -> int:
    """Take turns, month by month, and print the medians."""
    licenses = int(sys.argv[1]) if len(sys.argv) > 1 else LICENSES
    world = World(licenses)
    ours, theirs = [], []
    for month in range(1, MONTHS + 1):
        before = len(world.events())
        ours.append(world.renew(month) / licenses)
        commits = list(_commits(world.events()[before:]))
        assert len(commits) == 2 * licenses, "a renewal is two commits"
        theirs.append(_written(commits) / licenses)
    renewal, plain = median(ours) * 1e6, median(theirs) * 1e6
    print(f"{licenses} licenses, {MONTHS} months in turn, median CPU time of a renewal")
    print(f"run_due            {renewal:>8.0f} us {1e6 / renewal:>10.0f} renewals per CPU second")
    print(f"plain sqlite3      {plain:>8.0f} us   x {renewal / plain:.1f}")
    return 0


class World:
    """Accounts with a card and a monthly license each, all due on the same day."""

    def __init__(self, licenses: int) -> None:
        self._clock = ManualClock("2025-01-01T09:00+00:00")
        self._store = MemoryStore(clock=self._clock)
        self._gateway = ScriptedGateway()
        gateways = {"main": self._gateway}
        self._billing = Billing(self._store, gateways, BillingPolicy(), namespace="bench", threads=1)
        self._months = RenewalSchedule(date(2025, 1, 1), Interval.monthly())
        plan = Plan.monthly("team", price_per_seat=Money.of("19.99", "EUR"))
        for number in range(licenses):
            owner = Actor.member(f"owner_{number}")
            self._billing.choose_plan(self._account(owner).id, plan, quantity=3, actor=owner)
        self._billing.run_due()

    def _account(self, owner: Actor) -> Account:
        account = self._billing.open_account("Ada Ltd", currency="EUR", time_zone="Europe/Paris", actor=owner)
        setup = self._billing.begin_card_setup(account.id, return_url="https://host.example", actor=owner)
        self._gateway.customer_enters_card(setup.id)
        self._billing.complete_card_setup(account.id, setup.id, actor=owner)
        return account

    def renew(self, month: int) -> float:
        """Renew all licenses; the CPU seconds that it took."""
        self._clock.set(f"{self._months.boundary(month)}T09:00+00:00")
        charged = len(self._gateway.captures)
        start = process_time()
        report = self._billing.run_due()
        spent = process_time() - start
        assert report.licenses == report.charges == len(self._gateway.captures) - charged
        return spent

    def events(self) -> tuple[Event, ...]:
        """All events so far."""
        return self._store.events(0, sys.maxsize)


def _commits(events: tuple[Event, ...]) -> Iterator[list[Row]]:
    """What was written, commit by commit: the changed records, and the events themselves."""
    commit = 0

    def of(event: Event) -> int:
        nonlocal commit
        # The changes of a commit are on its first event.
        commit += bool(event.changes)
        return commit

    for _, together in groupby(events, key=of):
        yield [row for event in together for row in _rows(event)]


def _rows(event: Event) -> Iterator[Row]:
    for change in event.changes:
        yield change.kind, change.id, json.dumps(dict(change.patch))
    yield "event", event.id, json.dumps(event.to_dict())


def _written(commits: list[list[Row]]) -> float:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for table in ("account", "license", "invoice", "attempt", "event"):
        connection.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, record TEXT) WITHOUT ROWID")
    start = process_time()
    for rows in commits:
        connection.execute("BEGIN IMMEDIATE")
        for table, id_, record in rows:
            connection.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (id_, record))
        connection.execute("COMMIT")
    spent = process_time() - start
    connection.close()
    return spent


if __name__ == "__main__":
    sys.exit(main())
