"""
What `import billing_core` costs, next to `import attrs`, in cold processes.

    python bench/import_cost.py [ROUNDS]

Each round starts one fresh interpreter per import, in turn, so that a busy
moment of the machine hits both. The goal: at most 1.4 times `import attrs`,
which every user of the library pays anyway.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

GOAL = 1.4
ROUNDS = 25

_TIMED = """
import time
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""


def import_ms(module: str) -> float:
    """The time that one import takes in a fresh interpreter, in milliseconds."""
    run = subprocess.run(
        [sys.executable, "-c", _TIMED.format(module=module)], capture_output=True, text=True, check=True
    )
    return float(run.stdout) * 1000


def measure(rounds: int) -> dict[str, float]:
    """The median time per module, in milliseconds; the modules take turns."""
    times: dict[str, list[float]] = {"attrs": [], "billing_core": []}
    for module in times:
        import_ms(module)  # once unmeasured: compiles and warms the disk
    for _ in range(rounds):
        for module, measured in times.items():
            measured.append(import_ms(module))
    return {module: median(measured) for module, measured in times.items()}


def main() -> int:
    """Print the medians and their ratio; 1 if the goal is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    medians = measure(rounds)
    ratio = medians["billing_core"] / medians["attrs"]
    for module, ms in medians.items():
        print(f"import {module:<14}{ms:8.1f} ms")
    print(f"ratio {ratio:.2f}, goal {GOAL} (median of {rounds} cold processes each, interleaved)")
    return int(ratio > GOAL)


if __name__ == "__main__":
    sys.exit(main())
