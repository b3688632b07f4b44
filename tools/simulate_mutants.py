"""
Let the simulator find every mutant, and write down how.

`docs/explanation/simulation.md` shows the table: which seed found it, in what
time, and the smallest story. The stories are kept as failure files, too: the
test suite plays them.

    python tools/simulate_mutants.py                    # look for all of them; minutes
    python tools/simulate_mutants.py --only "5xx"       # those whose names hold this
    python tools/simulate_mutants.py --page             # bring the page up to date
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic

import attrs

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing_core.testing.simulator.campaign import run_seed  # noqa: E402 - from any directory
from billing_core.testing.simulator.failure import Failure  # noqa: E402
from billing_core.testing.simulator.shrinking import shrink  # noqa: E402
from tests.simulator.mutants import MUTANTS, Mutant  # noqa: E402

__all__ = ["PAGE", "STORIES", "Kill", "kill", "read_kill", "table", "with_table", "write_kill"]

PAGE = ROOT / "docs" / "explanation" / "simulation.md"
STORIES = ROOT / "tests" / "simulator" / "stories"
SEEDS_MAX = 2_000
RUNS_MAX = 120
_LINES_MAX = 40
_BLOCK = re.compile(r"(?<=<!-- mutants -->\n).*?(?=<!-- end of mutants -->)", re.DOTALL)


@attrs.frozen(kw_only=True)
class Kill:
    """
    How a mutant was found.

    Attributes:
        profile: where.
        seeds: how many seeds were played until then.
        seconds: how long that took.
        faults: how many faults had happened in the failure as it was found.
        failure: the smallest one of the same rule.
    """

    profile: str
    seeds: int
    seconds: float
    faults: int
    failure: Failure


def kill(mutant: Mutant, *, first_seed: int = 1, seeds_max: int = SEEDS_MAX) -> Kill | None:
    """Play seeds until one finds the mutant; ``None`` if it survives."""
    began = monotonic()
    with mutant.apply():
        for place in range(seeds_max):
            _, failure = run_seed(first_seed + place, mutant.profile)
            if failure is not None:
                return Kill(
                    profile=mutant.profile.value,
                    seeds=place + 1,
                    seconds=monotonic() - began,
                    faults=len(failure.faults),
                    failure=shrink(failure, runs_max=RUNS_MAX),
                )
    return None


def read_kill(mutant: Mutant) -> Kill:
    """What is on file about a mutant."""
    data = json.loads((STORIES / f"{mutant.slug}.json").read_text("utf-8"))
    return Kill(**{**data, "failure": Failure.from_json(data["failure"])})


def write_kill(mutant: Mutant, found: Kill) -> None:
    """Put on file how a mutant was found."""
    data = {**attrs.asdict(found, recurse=False), "failure": found.failure.to_json()}
    data["seconds"] = round(found.seconds, 1)
    (STORIES / f"{mutant.slug}.json").write_text(f"{json.dumps(data, indent=1)}\n", "utf-8")


def table() -> str:
    """The table and the stories of everything on file, as Markdown."""
    on_file = [mutant for mutant in MUTANTS if (STORIES / f"{mutant.slug}.json").exists()]
    kills = [(mutant, read_kill(mutant)) for mutant in on_file]
    return "\n".join((*_rows(kills), "", *_stories(kills)))


def _rows(kills: Iterable[tuple[Mutant, Kill]]) -> Iterator[str]:
    yield "| mutant | what is broken | profile | seeds | s | found by | faults, shrunk |"
    yield "|---|---|---|---:|---:|---|---:|"
    for mutant, it in kills:
        yield (
            f"| {mutant.name} | {mutant.says} | {it.profile} | {it.seeds} | "
            f"{it.seconds:.1f} | `{it.failure.rule}` | {it.faults} → {len(it.failure.faults)} |"
        )


def _stories(kills: Iterable[tuple[Mutant, Kill]]) -> Iterator[str]:
    for mutant, it in kills:
        with mutant.apply():
            story = it.failure.story()
        yield f"### {mutant.name[0].upper()}{mutant.name[1:]}"
        yield ""
        yield "```text"
        yield from story[-_LINES_MAX:]
        yield f"=> {it.failure.rule}: {it.failure.detail}"
        yield "```"
        yield ""


def with_table(page: str) -> str:
    """The page with what is on file."""
    return _BLOCK.sub(lambda _: f"\n{table()}\n", page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Find mutants; the exit code says whether one survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose names hold this")
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX)
    parser.add_argument("--page", action="store_true", help="only write the page, from what is on file")
    options = parser.parse_args(arguments)
    survivors = 0
    for mutant in (it for it in MUTANTS if options.only in it.name and not options.page):
        found = kill(mutant, seeds_max=options.seeds)
        if found is None:
            survivors += 1
            print(f"{mutant.name}: survived {options.seeds} seeds of {mutant.profile.value}", flush=True)
        else:
            write_kill(mutant, found)
            print(*list(_rows([(mutant, found)]))[2:], flush=True)
    if options.page:
        PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
