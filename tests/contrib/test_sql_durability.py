"""A process may die at any moment: what was acknowledged is there, and nothing is there by halves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from billing_core.contrib.sqlalchemy_store.store import SqlStore
from billing_core.stores.port import AttemptFilter, InvoiceFilter
from billing_core.testing.clock import ManualClock
from tests.builders import account, change, license
from tests.contrib.store_helpers import commit, every

ROOT = Path(__file__).parents[2]
KILLS = 3


def test_what_was_acknowledged_survives_sigkill(tmp_path: Path, clock: ManualClock) -> None:
    """After each of several kills at seeded moments the books are complete and consistent."""
    dice = random.Random(20250131)
    url = f"sqlite:///{tmp_path}/billing.db"
    store = SqlStore.open(url, clock=clock)
    commit(store, change(account(), license()))
    acknowledged = 0
    for _ in range(KILLS):
        acknowledged = max(acknowledged, _run_and_kill(url, dice))
        _check(store, acknowledged)
    store.close()

    assert acknowledged > KILLS


def _run_and_kill(url: str, dice: random.Random) -> int:
    """The number of the last commit that the child said was done."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    command = [sys.executable, str(ROOT / "tests/contrib/committing_child.py"), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(dice.uniform(0, 0.15))
        child.send_signal(signal.SIGKILL)
        said = first + child.stdout.read()
    assert -signal.SIGKILL == child.returncode
    whole_lines = said[: said.rindex(b"\n")].split(b"\n")
    return int(whole_lines[-1])


def _check(store: SqlStore, acknowledged: int) -> None:
    """The license's version counts the commits; everything else must agree with it."""
    found = store.license("lic_1")
    assert found is not None
    done = found.version - 1
    assert done >= acknowledged
    numbers = range(1, done + 1)
    invoices = every(lambda after: store.invoices(InvoiceFilter(), after, 500))
    attempts = every(lambda after: store.attempts(AttemptFilter(), after, 500))
    open_ = every(lambda after: store.attempts(AttemptFilter(is_unresolved=True), after, 500))
    events = store.events(0, 10 * done)
    assert {f"inv_{number}": number for number in numbers} == {it.id: it.number for it in invoices}
    assert {f"att_{number}" for number in numbers} == {it.id for it in attempts}
    assert [f"att_{done}"] == [it.id for it in open_]
    assert [(2 * n - 1 + x, f"evt_{n}{'ab'[x]}") for n in numbers for x in (0, 1)] == [
        (it.sequence, it.id) for it in events
    ]
