"""
Real processes, really killed: workers and the processor die by SIGKILL, and the books must agree.

Two workers run ``run_due`` on one SQLite file against the reference processor
in another process. Each is killed at a moment drawn from the seed, and so is
the processor now and then; the next two workers go on, month after month,
until enough were killed. Then everything is brought to rest, and both books are compared.

    python tools/kill_test.py --kills 500 --seed 1
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing_core import Billing  # noqa: E402 - from any directory
from billing_core.testing import LedgerClock  # noqa: E402
from tools.kill_books import Books, compare, is_due, move_in, unresolved  # noqa: E402
from tools.kill_worker import GRADES, START, open_billing, sign_of  # noqa: E402

__all__ = ["Figures", "run"]

#: After it, leases of the dead are over.
_ROUND = timedelta(minutes=11)
#: The processor dies in one round of this many.
_PROCESSOR_DIES = 8
_KILLS_A_MONTH = 50
_REST_ROUNDS_MAX = 40
_PATIENCE_SECONDS = 60.0
#: A worker that does not send within it has only look-ups to wait for.
_SEND_PATIENCE_SECONDS = 1.0
#: For how long, at most, a worker lives after its first send, if that is where it shall die.
_SENDING_SECONDS = 0.05


@attrs.define
class Figures:
    """
    What happened.

    Attributes:
        worker_kills: workers that died in the middle of ``run_due``.
        processor_kills: how often the processor died, and came back.
        found_open: attempts that the dead left behind without an outcome.
        months: how often all licenses were due.
        seconds: how long all of it took.
        books: what was compared in the end.
    """

    worker_kills: int = 0
    processor_kills: int = 0
    found_open: set[str] = attrs.field(factory=set)
    months: int = 0
    seconds: float = 0.0
    books: Books | None = None

    def __str__(self) -> str:
        told = {
            "workers killed": self.worker_kills,
            "processors killed": self.processor_kills,
            "attempts left open by a kill": len(self.found_open),
            "months": self.months,
            **(self.books.told() if self.books is not None else {}),
            "seconds": round(self.seconds, 1),
        }
        return "\n".join(f"{name}: {value}" for name, value in told.items())


class Processes:
    """
    The fork server, and what it forks.

    Args:
        folder: where store and ledger are.
        port: where the processor listens.
        grade: what the gateway declares.
    """

    def __init__(self, folder: Path, port: int, grade: str) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
        command = [sys.executable, str(ROOT / "tools" / "kill_worker.py"), str(folder), str(port), grade]
        self._server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        self._folder = folder
        self._port = port
        self._processor = 0

    def start_worker(self) -> int:
        """A worker, under way."""
        return self._ask("worker")

    def start_processor(self) -> None:
        """The processor, answering."""
        self._processor = self._ask("processor")

        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self._port)) == 0

        _wait_for(answers)

    def wait_for_sign(self, worker: int, what: str, patience_seconds: float) -> None:
        """Return when a worker has come so far, or won't for lack of work."""
        with suppress(TimeoutError):
            _wait_for(sign_of(self._folder, worker, what).exists, patience_seconds)

    def kill(self, process: int) -> bool:
        """Kill a process, and wait for its end; whether it was not over already."""
        os.kill(process, signal.SIGKILL)
        return self.end_of(process) == -signal.SIGKILL

    def kill_processor(self) -> None:
        """The processor dies, and comes back over the same books."""
        self.kill(self._processor)
        self.start_processor()

    def end_of(self, process: int) -> int:
        """Wait for a process. It succeeds, or dies by our signal; anything else is a finding."""
        code = self._ask(f"wait {process}")
        if code not in {0, -signal.SIGKILL}:
            raise AssertionError(f"a process ended with {code}")
        return code

    def close(self) -> None:
        """End everything."""
        if self._processor:
            self.kill(self._processor)
        self._server.communicate()

    def _ask(self, command: str) -> int:
        if self._server.stdin is None or self._server.stdout is None:
            raise RuntimeError("the fork server has no pipes")
        self._server.stdin.write(f"{command}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())


def run(
    folder: Path, *, kills: int, seed: int, grade: str = "keyed", licenses: int = 300, spread: float = 0.8
) -> Figures:
    """
    Kill workers until enough were killed, and compare the books after each month.

    Args:
        folder: empty; the files stay in it.
        kills: how many workers must die in the middle of their work.
        seed: of the moments, as far as the machine keeps to them.
        grade: ``keyed`` or ``fenced``: what the gateway declares.
        licenses: how many renew each month.
        spread: how long a worker lives at most, in seconds.

    Raises:
        AssertionError: what does not agree.
    """
    began = time.monotonic()
    dice = random.Random(seed)
    figures = Figures()
    clock = LedgerClock(folder / "processor.db", START)
    with _processes(folder, grade) as (processes, port):
        billing = open_billing(folder, port, grade)
        move_in(billing, licenses)
        while figures.worker_kills < kills:
            figures.months += 1
            years, month = divmod(figures.months, 12)
            clock.set(datetime(2025 + years, month + 1, 1, 6, tzinfo=UTC))
            enough = min(kills, figures.worker_kills + _KILLS_A_MONTH)
            while figures.worker_kills < enough and is_due(folder, clock.now()):
                _kill_a_round(processes, figures, dice, spread)
                figures.found_open |= {attempt.id for attempt in unresolved(billing)}
                clock.set(clock.now() + _ROUND)
            _bring_to_rest(billing, folder, processes, clock)
            figures.books = compare(billing, folder, months=figures.months)
    figures.seconds = time.monotonic() - began
    return figures


def _kill_a_round(processes: Processes, figures: Figures, dice: random.Random, spread: float) -> None:
    """Two workers at once; each dies at its moment, unless it is done before."""
    workers = [processes.start_worker() for _ in range(2)]
    # Half of the rounds end while charges are being sent: there a crash hurts most.
    is_sending = dice.random() < 0.5
    for worker in workers:
        processes.wait_for_sign(worker, "works", _PATIENCE_SECONDS)
        if is_sending:
            processes.wait_for_sign(worker, "sends", _SEND_PATIENCE_SECONDS)
    began = time.monotonic()
    latest = _SENDING_SECONDS if is_sending else spread
    moments = sorted((dice.uniform(0, latest), worker) for worker in workers)
    if dice.randrange(_PROCESSOR_DIES) == 0:
        time.sleep(moments[0][0] / 2)
        processes.kill_processor()
        figures.processor_kills += 1
    for moment, worker in moments:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        figures.worker_kills += processes.kill(worker)


def _bring_to_rest(billing: Billing, folder: Path, processes: Processes, clock: LedgerClock) -> None:
    """Calm runs, further and further apart, until nothing is due and nothing is uncertain."""
    for number in range(_REST_ROUNDS_MAX):
        processes.end_of(processes.start_worker())
        if not unresolved(billing) and not is_due(folder, clock.now()):
            return
        clock.set(clock.now() + _ROUND * (number + 1))
    raise AssertionError(f"{len(unresolved(billing))} attempts stay unresolved")


def _wait_for(condition: Callable[[], bool], patience_seconds: float = _PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("a process does not begin")
        time.sleep(0.001)


@contextmanager
def _processes(folder: Path, grade: str) -> Iterator[tuple[Processes, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    processes = Processes(folder, port, grade)
    try:
        processes.start_processor()
        yield processes, port
    finally:
        processes.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=500, help="how many workers must die at work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--grade", choices=GRADES, default="keyed", help="what the gateway declares")
    parser.add_argument("--licenses", type=int, default=300, help="how many renew each month")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        figures = run(
            Path(folder),
            kills=options.kills,
            seed=options.seed,
            grade=options.grade,
            licenses=options.licenses,
        )
    print(figures)


if __name__ == "__main__":
    main()
