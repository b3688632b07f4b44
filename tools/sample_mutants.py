"""
A seeded random sample of mutants, each judged by the tests that reach it.

``mutmut run`` writes all mutants and notes which test reaches which function; this
reads both from ``mutants/``. Tests are imported once, each mutant is a fork, and
one that no test fails there is judged again in a process of its own: what runs at
import, and what a process remembers, was done before a fork. So is one that took too
long: a machine that is busy kills nothing. The order is random, so that a run that is
interrupted is a smaller sample: the mutants so far are judged to the end.

    cd mutants && PYTHONPATH=src:. python ../tools/sample_mutants.py 600 2026
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = ("values", "charging")
SECONDS_OF_TESTS = 3.0
SECONDS_UNTIL_JUDGED_ALONE = 30.0
KILLED, NOT_JUDGED = 1, 2
#: Without a mutant the tests of a room take a tenth of this, on a busy machine.
ALONE_UNTIL_KILLED = 200.0
OPTIONS = ["-p", "no:xdist", "-p", "no:cacheprovider", "--hypothesis-profile=mutation", "-q", "-x", "--tb=no"]


def all_mutants() -> list[str]:
    """Names of all mutants of the two rooms, sorted."""
    metas = [path for room in ROOMS for path in Path("src/billing_core", room).glob("*.meta")]
    return sorted(name for path in metas for name in json.loads(path.read_text())["exit_code_by_key"])


def room_of(mutant: str) -> str:
    """
    The room that a mutant is in.

    >>> room_of("billing_core.values.texts.x__require_text__mutmut_1")
    'values'
    """
    return mutant.split(".")[1]


class Sampler:
    """A pytest plugin that runs mutants in the place of the tests."""

    def __init__(self, mutants: list[str], results: Path) -> None:
        stats = json.loads(Path("mutmut-stats.json").read_text())
        self.tests: dict[str, list[str]] = stats["tests_by_mangled_function_name"]
        self.seconds: dict[str, float] = stats["duration_by_test"]
        self.mutants, self.results = mutants, results

    def chosen(self, mutant: str, known: dict[str, pytest.Item]) -> Iterator[pytest.Item]:
        """Tests of its module first, then of its room, the quickest first, until their time is used up."""
        _, room, module, _ = mutant.split(".", 3)
        reach = [name for name in self.tests.get(mutant.rpartition("__mutmut_")[0], []) if name in known]
        spent = 0.0
        for name in sorted(
            reach,
            key=lambda name: (
                f"test_{module}.py" not in name,
                f"/{room}/" not in name,
                self.seconds.get(name, 1),
            ),
        ):
            spent += self.seconds.get(name, 1)
            if spent > SECONDS_OF_TESTS:
                return
            yield known[name]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Fork once a mutant."""
        known = {item.nodeid: item for item in session.items}
        # What was imported is shared with all children, as long as nobody looks for garbage in it.
        gc.collect()
        gc.freeze()
        for mutant in self.mutants:
            child = os.fork()
            if child == 0:
                try:
                    os._exit(self.judge(session, mutant, list(self.chosen(mutant, known))))
                finally:
                    os._exit(NOT_JUDGED)
            verdict = self.verdict(child)
            with self.results.open("a") as out:
                out.write(f"{mutant}\t{verdict}\n")
        return True

    def judge(self, session: pytest.Session, mutant: str, items: list[pytest.Item]) -> int:
        """In a child: `KILLED` when a test fails."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.environ["MUTANT_UNDER_TEST"] = mutant
        for item in items:
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if session.testsfailed:
                return KILLED
        return NOT_JUDGED

    def verdict(self, child: int) -> str:
        """What became of a child; one that never ends is ended."""
        since = time.monotonic()
        while time.monotonic() - since < SECONDS_UNTIL_JUDGED_ALONE:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return "killed" if os.waitstatus_to_exitcode(status) == KILLED else "lived"
            time.sleep(0.005)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return "took too long"


def alone(mutant: str) -> str:
    """What the unit tests of its room say in a process that starts with the mutant."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, f"tests/unit/{room_of(mutant)}"]
    environment = {**os.environ, "MUTANT_UNDER_TEST": mutant}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=ALONE_UNTIL_KILLED, check=False
        )
    except subprocess.TimeoutExpired:
        return "killed: never ends"
    return "killed" if done.returncode else "SURVIVED"


def main(size: int, seed: int) -> None:
    """Judge ``size`` mutants; print those that were judged alone, and the score of each room."""
    os.environ.setdefault("MUTANT_UNDER_TEST", "")
    results = Path("sample.tsv")
    results.write_text("")
    sample = random.Random(seed).sample(all_mutants(), size)
    selection = [f"tests/unit/{room}" for room in ROOMS]
    files = {name.partition("::")[0] for name in Sampler([], results).seconds}
    selection += sorted(
        name for name in files if not name.startswith(tuple(f"{room}/" for room in selection))
    )
    pytest.main([*OPTIONS, *selection], plugins=[Sampler(sample, results)])
    verdicts = dict(line.split("\t") for line in results.read_text().splitlines())
    for mutant in [mutant for mutant, verdict in verdicts.items() if verdict != "killed"]:
        verdicts[mutant] = alone(mutant)
        print(mutant, verdicts[mutant], flush=True)
    for room in ROOMS:
        judged = [verdict for mutant, verdict in verdicts.items() if room_of(mutant) == room]
        print(f"{room}: {len(judged) - judged.count('SURVIVED')} of {len(judged)} killed")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
