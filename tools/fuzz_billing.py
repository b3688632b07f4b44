"""
The public commands of billing in any order, for as long as you like.

    python tools/fuzz_billing.py --minutes 10
    python tools/fuzz_billing.py --minutes 10 --sql

It moves the state machine of `tests/property/billing_machine.py` with fresh
random runs, longer ones than the tests have time for. A failure is printed as
the shortest story that Hypothesis finds; it is remembered in `.hypothesis/`, and the next
test run begins with it. `nice -n 15` keeps the machine usable meanwhile.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.property.billing_machine import BillingMachine
from tests.property.sql_billing_machine import SqlBillingMachine

__all__ = ["fuzz"]

_RUNS = 50
_STEPS = 60


def fuzz(machine: type[BillingMachine], minutes: float) -> Counter[str]:
    """
    Run the machine in rounds until the time is over.

    Returns:
        How many runs and steps there were, and how often each rule was taken.
    """
    seen: Counter[str] = Counter()

    class Counted(machine):  # type: ignore[misc,valid-type]
        """The machine, with a tally."""

        def check_invariants(self, settings: object, output: object, runtimes: object) -> None:
            seen["steps"] += 1
            super().check_invariants(settings, output, runtimes)

        def teardown(self) -> None:
            seen["runs"] += 1
            seen["charges"] += self.gateway.sends
            seen["captures"] += len(self.gateway.captures)
            super().teardown()

    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        run_state_machine_as_test(
            Counted,
            settings=settings(
                max_examples=_RUNS,
                stateful_step_count=_STEPS,
                deadline=None,
                derandomize=False,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
                verbosity=Verbosity.normal,
            ),
        )
        print(f"{seen['runs']:,} runs, {seen['steps']:,} steps", flush=True)
    return seen


def main(arguments: list[str]) -> int:
    """Fuzz, and print what was done."""
    parser = argparse.ArgumentParser(description="The public commands of billing, in any order.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--sql", action="store_true", help="over SQLite in memory")
    chosen = parser.parse_args(arguments)
    seen = fuzz(SqlBillingMachine if chosen.sql else BillingMachine, chosen.minutes)
    print(", ".join(f"{count:,} {what}" for what, count in seen.items()), "- no violation")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
