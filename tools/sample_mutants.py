"""
A seeded random sample of mutants, each judged by the tests that reach it.

``mutmut run`` writes all mutants and notes which test reaches which function; this
reads both from ``mutants/``. Tests are imported once, each mutant is a fork, and
one that lives is judged again in a process of its own: what runs at import, and what
a process remembers, was done before a fork. The order is random, so that a run that is
interrupted is a smaller sample: the mutants so far are judged to the end.

    cd mutants && PYTHONPATH=src:. python ../tools/sample_mutants.py 600 2026
"""

from __future__ import annotations

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
SECONDS_OF_TESTS = 6.0
SECONDS_UNTIL_KILLED = 45.0
ALONE_UNTIL_KILLED = 150.0
OPTIONS = ["-p", "no:xdist", "-p", "no:cacheprovider", "--hypothesis-profile=mutation", "-q", "-x"]


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

    def __init__(self, mutants: list[str], children: int, results: Path) -> None:
        stats = json.loads(Path("mutmut-stats.json").read_text())
        self.tests: dict[str, list[str]] = stats["tests_by_mangled_function_name"]
        self.seconds: dict[str, float] = stats["duration_by_test"]
        self.mutants, self.children, self.results = mutants, children, results
        self.running: dict[int, tuple[str, float]] = {}

    def chosen(self, mutant: str, known: dict[str, pytest.Item]) -> Iterator[pytest.Item]:
        """Tests of the mutant's own module first, then the quickest, until their time is used up."""
        module = mutant.split(".")[2]
        reach = [name for name in self.tests.get(mutant.rpartition("__mutmut_")[0], []) if name in known]
        spent = 0.0
        for name in sorted(
            reach, key=lambda name: (f"test_{module}.py" not in name, self.seconds.get(name, 1))
        ):
            spent += self.seconds.get(name, 1)
            if spent > SECONDS_OF_TESTS:
                return
            yield known[name]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Fork once a mutant."""
        known = {item.nodeid: item for item in session.items}
        for mutant in self.mutants:
            while len(self.running) >= self.children:
                self.reap()
            child = os.fork()
            if child == 0:
                os._exit(self.judge(session, mutant, list(self.chosen(mutant, known))))
            self.running[child] = (mutant, time.monotonic())
        while self.running:
            self.reap()
        return True

    def judge(self, session: pytest.Session, mutant: str, items: list[pytest.Item]) -> int:
        """In a child: 1 when a test fails."""
        os.environ["MUTANT_UNDER_TEST"] = mutant
        for item in items:
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if session.testsfailed:
                return 1
        return 0 if items else 2

    def reap(self) -> None:
        """Note the children that ended; one that never ends is killed, and counts as killed."""
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            mutant, _ = self.running.pop(child)
            verdict = {0: "survived", 2: "unreached"}.get(os.waitstatus_to_exitcode(status), "killed")
            with self.results.open("a") as out:
                out.write(f"{mutant}\t{verdict}\n")
            return
        for pid, (_, since) in self.running.items():
            if time.monotonic() - since > SECONDS_UNTIL_KILLED:
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def alone(mutant: str) -> bool:
    """Whether the tests of its room kill the mutant in a process that starts with it."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, f"tests/unit/{room_of(mutant)}"]
    environment = {**os.environ, "MUTANT_UNDER_TEST": mutant}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=ALONE_UNTIL_KILLED, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main(size: int, seed: int) -> None:
    """Judge ``size`` mutants, and print those that live."""
    os.environ.setdefault("MUTANT_UNDER_TEST", "")
    results = Path("sample.tsv")
    results.write_text("")
    sample = random.Random(seed).sample(all_mutants(), size)
    selection = [f"tests/unit/{room}" for room in ROOMS]
    selection += sorted(
        {name.partition("::")[0] for name in Sampler([], 0, results).seconds} - set(selection)
    )
    pytest.main([*OPTIONS, *selection], plugins=[Sampler(sample, 2, results)])
    first = dict(line.split("\t") for line in results.read_text().splitlines())
    for mutant in [mutant for mutant, verdict in first.items() if verdict != "killed"]:
        print(mutant, "killed alone" if alone(mutant) else "SURVIVED", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
