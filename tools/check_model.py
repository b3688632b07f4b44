"""
The attempt protocol, checked to the end: every interleaving of a small world, by Spin.

    python tools/check_model.py            # the protocol, and every seeded bug; about a minute
    python tools/check_model.py --bugs     # the seeded bugs only
    python tools/check_model.py --full     # two attempts in a row as well; minutes, and 2 GB of memory
    python tools/check_model.py --smallest # one worker, one attempt; a second

Needs `spin` and `gcc` (Debian: `apt-get install spin gcc`). Exits with 1 if the
protocol has an error, or if a seeded bug is not found.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

__all__ = ["BUGS", "FULL", "MODELS", "PROTOCOL", "SMALLEST", "Finding", "Run", "check", "is_installed"]

MODELS = Path(__file__).resolve().parent.parent / "docs" / "model"

_KEYED = ("LOOK_UPS", "KEYS")
_SHORT = ("SEND_DELAY=0",)
#: What pan may use before it gives up, in MB, and how deep a run may go.
_MEMORY_MAX, _DEPTH_MAX = 12_000, 5_000_000


@attrs.frozen
class Run:
    """One exhaustive check: a model, and the switches it is compiled with."""

    title: str
    model: str
    switches: tuple[str, ...]

    @property
    def has_bug(self) -> bool:
        """Whether an error must be found."""
        return any(switch.startswith("BUG_") for switch in self.switches)


@attrs.frozen
class Finding:
    """What came of a run."""

    run: Run
    error: str | None
    states: int
    transitions: int
    seconds: float
    memory_mb: float

    @property
    def is_as_expected(self) -> bool:
        """No error in the protocol, and one in whatever was broken on purpose."""
        return self.run.has_bug == (self.error is not None)

    @property
    def row(self) -> str:
        """The finding as a line of a Markdown table."""
        result = "no error" if self.error is None else f"found: `{self.error}`"
        mark = "" if self.is_as_expected else " **(not as expected)**"
        return (
            f"| {self.run.title} | {self.states:,} | {self.transitions:,} | {self.seconds:.1f} s "
            f"| {self.memory_mb:,.0f} MB | {result}{mark} |"
        )


SMALLEST = (Run("keyed, with look-ups; 1 worker, 1 attempt", "keyed", (*_KEYED, "ATTEMPTS=1", "WORKERS=1")),)
PROTOCOL = (
    Run("keyed, with look-ups; 2 workers, 1 attempt", "keyed", (*_KEYED, "ATTEMPTS=1")),
    Run("the same; the owner cancels at any time", "keyed", (*_KEYED, "ATTEMPTS=1", "CANCELS", *_SHORT)),
    Run("keyed, without look-ups; 2 workers, 1 attempt", "keyed", ("KEYS", "ATTEMPTS=1")),
    Run("no keys, no look-ups; 2 workers, 2 attempts", "keyed", ("ATTEMPTS=2", *_SHORT)),
    Run("fenced, no clock at all; 2 workers, 1 attempt", "fenced", ("ATTEMPTS=1",)),
)
FULL = (
    Run("keyed, with look-ups; 2 workers, 2 attempts", "keyed", (*_KEYED, "ATTEMPTS=2", *_SHORT)),
    Run("keyed, without look-ups; 2 workers, 2 attempts", "keyed", ("KEYS", "ATTEMPTS=2", *_SHORT)),
    Run("fenced, no clock at all; 2 workers, 2 attempts", "fenced", ("ATTEMPTS=2",)),
    Run("keyed; requests live for ever: never silent", "keyed", (*_KEYED, "ATTEMPTS=1", "LATE")),
)

#: Each seeded bug, what it breaks, and where it is looked for.
_KEYED_BUGS = {
    "NO_SEND_CHECK": "a worker sleeps for any time between commit and send",
    "NO_WINDOW": "resend after the key may be forgotten",
    "TIMEOUT_IS_DECLINE": "a time-out counts as a decline",
    "VOID_AT_ONCE": "not found is believed at once",
    "NO_LAG": "... without the look-up lag",
    "NO_MARGIN": "no margin for clocks and pauses",
    "OLD_ANSWER": "an old answer to a look-up is believed",
    "ACTION_OVER_AT_ONCE": "a confirmation is given up at the last moment",
    "LIVE_PRICE": "a resend with today's price",
    "NEW_KEY": "a resend under a new key",
    "RESEND_UNRECORDED": "a resend that is not persisted before",
    "REFUSED_PROVES_ALL": "one refused send proves that none arrived",
    "ANY_AMOUNT": "a success of any amount pays",
    "NO_BLOCK": "an unresolved attempt does not block",
    "NO_GUARD": "commits without guards and unique keys",
    "SEND_BEFORE_COMMIT": "the send before the commit",
    "PAID_TWICE": "an answer that is settled twice pays twice",
    "NO_WAKE": "the intent is committed without a time to wake",
}
_FENCED_BUGS = {
    "NO_FENCE": "fenced: a decline ends the attempt, and nothing is closed",
    "VOID_UNCLOSED": "fenced: given up without closing",
    "CONFIRM_BEFORE_COMMIT": "fenced: confirmed before its id is committed",
    "ANOTHER_OBJECT": "fenced: an unknown outcome is prepared anew",
}
BUGS = (
    *(
        Run(what, "keyed", (*_KEYED, "ATTEMPTS=2", *_SHORT, f"BUG_{bug}"))
        for bug, what in _KEYED_BUGS.items()
    ),
    Run("without look-ups: what is unknown is guessed void", "keyed", ("KEYS", "ATTEMPTS=2", "BUG_GUESS")),
    Run(
        "money that comes late is dropped",
        "keyed",
        (*_KEYED, "ATTEMPTS=1", "LATE", "BUG_ORPHAN_SILENT"),
    ),
    *(Run(what, "fenced", ("ATTEMPTS=2", f"BUG_{bug}")) for bug, what in _FENCED_BUGS.items()),
)


def is_installed() -> bool:
    """Whether Spin and a compiler are there."""
    return shutil.which("spin") is not None and shutil.which("gcc") is not None


def check(run: Run) -> Finding:
    """Try every interleaving; stop at the first error."""
    with tempfile.TemporaryDirectory() as folder:
        switches = [f"-D{switch}" for switch in run.switches]
        _called(["spin", *switches, "-a", str(MODELS / f"{run.model}.pml")], folder)
        # A bug is found before a good compiler is done.
        effort = "-O0" if run.has_bug else "-O1"
        _called(["gcc", effort, "-w", "-DSAFETY", f"-DMEMLIM={_MEMORY_MAX}", "-o", "pan", "pan.c"], folder)
        began = time.perf_counter()
        told = _called(["./pan", f"-m{_DEPTH_MAX}", "-w21"], folder)
        return _finding(run, told, time.perf_counter() - began)


def _finding(run: Run, told: str, seconds: float) -> Finding:
    error = re.search(r"pan:1: (.*?) \(at depth", told)
    if "max search depth too small" in told or "out of memory" in told:
        raise SystemExit(f"{run.title}: not finished\n{told}")
    memory = re.search(r"([0-9.]+)\ttotal actual memory usage", told)
    return Finding(
        run=run,
        error=_in_words(error[1]) if error is not None else None,
        states=_number(r"([0-9.e+]+) states, stored", told),
        transitions=_number(r"([0-9.e+]+) transitions", told),
        seconds=seconds,
        memory_mb=float(memory[1]) if memory is not None else 0,
    )


def _number(pattern: str, told: str) -> int:
    found = re.search(pattern, told)
    assert found is not None, told
    return int(float(found[1]))


#: The assertions as pan prints them, and what they say.
_WORDS = {
    "<=1)": "charged once",
    "captures[a]==0": "nothing charged is lost",
    "state[a]!=6": "no money behind a closed attempt",
    "a<attempts": "intent before money",
    "wrong_amount": "the amount that was agreed",
    "paid<=1": "one period for one payment",
    "object[a]!=": "a payment of the amount that is due",
    "orphan[a]": "late money is put before a person",
    "wake": "nothing is forgotten",
    "violated 0": "an event that can't happen",
    "violated  !(((": "one unresolved attempt per license",
}


def _in_words(error: str) -> str:
    if "paid<=1" in error:
        return _WORDS["paid<=1"]
    if "wake" in error:
        return _WORDS["wake"]
    return next((words for part, words in _WORDS.items() if part in error), error)


def _called(command: list[str], folder: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and not done.stdout.startswith(("pan", "\n(Spin")):
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def _findings(runs: tuple[Run, ...]) -> Iterator[Finding]:
    print("| model | states | transitions | time | memory | result |", flush=True)
    print("|---|---:|---:|---:|---:|---|", flush=True)
    for run in runs:
        finding = check(run)
        print(finding.row, flush=True)
        yield finding


def main(arguments: list[str]) -> int:
    """Print the table; 1 if anything is not as expected."""
    if not is_installed():
        print("needs spin and gcc: apt-get install spin gcc", file=sys.stderr)
        return 2
    runs = SMALLEST + PROTOCOL + BUGS
    if arguments == ["--smallest"]:
        runs = SMALLEST
    elif arguments == ["--bugs"]:
        runs = BUGS
    elif arguments == ["--full"]:
        runs = SMALLEST + PROTOCOL + FULL + BUGS
    findings = tuple(_findings(runs))
    return 0 if all(finding.is_as_expected for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
