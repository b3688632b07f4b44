"""
What `import billing_core` costs, next to `import attrs`, in cold processes.

    python bench/import_cost.py [ROUNDS]

Each round starts one fresh interpreter per import, in turn, so that a busy
moment of the machine hits all of them. The goal: at most 1.4 times `import
attrs`, which every user of the library pays anyway. Names load on first use, so
the last row says what they cost all together.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

GOAL = 1.4
ROUNDS = 25

THEIRS = "import attrs"
OURS = "import billing_core"
ALL_NAMES = "from billing_core import *"

_TIMED = """
import time
start = time.perf_counter()
{statement}
print(time.perf_counter() - start)
"""


def import_ms(statement: str) -> float:
    """The time that one import takes in a fresh interpreter, in milliseconds."""
    run = subprocess.run(
        [sys.executable, "-c", _TIMED.format(statement=statement)], capture_output=True, text=True, check=True
    )
    return float(run.stdout) * 1000


def measure(rounds: int) -> dict[str, float]:
    """The median time per statement, in milliseconds; the statements take turns."""
    times: dict[str, list[float]] = {THEIRS: [], OURS: [], ALL_NAMES: []}
    for statement in times:
        import_ms(statement)  # once unmeasured: compiles and warms the disk
    for _ in range(rounds):
        for statement, measured in times.items():
            measured.append(import_ms(statement))
    return {statement: median(measured) for statement, measured in times.items()}


def main() -> int:
    """Print the medians and their ratio; 1 if the goal is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    medians = measure(rounds)
    for statement, ms in medians.items():
        print(f"{statement:<30}{ms:8.1f} ms {ms / medians[THEIRS]:8.2f} x")
    ratio = medians[OURS] / medians[THEIRS]
    print(f"goal for `{OURS}`: {GOAL} x (median of {rounds} cold processes each, interleaved)")
    return int(ratio > GOAL)


if __name__ == "__main__":
    sys.exit(main())
