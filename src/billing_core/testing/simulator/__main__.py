"""`python -m billing_core.testing.simulator`: play many seeds, replay a failure, shrink it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from billing_core.errors import InvalidInput
from billing_core.gateways.capabilities import GatewayGrade
from billing_core.testing.simulator.campaign import Campaign
from billing_core.testing.simulator.failure import Failure
from billing_core.testing.simulator.profiles import Profile
from billing_core.testing.simulator.shrinking import shrink
from billing_core.testing.simulator.small_cases import play_small_cases
from billing_core.testing.simulator.tables import closing_table, failure_text

__all__ = ["main"]

_PROGRESS_S = 2.0
#: How many small cases go by between two lines of progress.
_SMALL_PROGRESS = 1_000
#: Every n-th of the small cases' parts; only tests skip any.
_SMALL_EVERY = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Returns:
        The exit code: 0 if nothing went wrong, 1 if something did, 2 for a file that can't be read.
    """
    options = _parser().parse_args(arguments)
    if options.replay is not None:
        return _replay(options)
    if options.small_cases:
        return _play_small_cases(options)
    campaign = Campaign(profile=Profile(options.profile))
    began = monotonic()
    progress = _Progress(began, options.renewals, options.seeds)
    campaign.play(
        options.seed,
        renewals=options.renewals,
        seeds=options.seeds,
        failures_max=options.failures,
        processes=options.processes,
        after_each=progress.tell,
    )
    seconds = monotonic() - began
    if options.json:
        print(json.dumps({**campaign.to_json(), "seconds": round(seconds, 1)}))
    else:
        print(closing_table(campaign, seconds))
    for seed, failure in campaign.failures.items():
        _tell_failure(failure, options, f"simulation-{campaign.profile.value}-{seed}.json")
    return 1 if campaign.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m billing_core.testing.simulator",
        description="Simulate renewals with faults; the same seed plays the same simulation.",
    )
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--renewals", type=int, default=0, help="go on until so many renewals were paid")
    parser.add_argument("--seeds", type=int, default=1, help="play at least so many seeds")
    parser.add_argument("--profile", choices=[it.value for it in Profile], default=Profile.SWARM.value)
    parser.add_argument("--failures", type=int, default=1, help="stop after so many failures")
    parser.add_argument("--processes", type=_count, default=1, help="play so many seeds at the same time")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="let a failure happen again")
    parser.add_argument("--small-cases", action="store_true", help="play all cases of one license instead")
    parser.add_argument(
        "--grade", choices=[it.value for it in GatewayGrade], help="small cases of this grade of gateway only"
    )
    parser.add_argument("--shrink", action="store_true", help="look for the smallest story of a failure")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(number)
    return number


class _Progress:
    """A line on standard error now and then."""

    def __init__(self, began: float, renewals: int, seeds: int) -> None:
        self._began, self._told = began, began
        self._renewals, self._seeds = renewals, seeds

    def tell(self, campaign: Campaign) -> None:
        now = monotonic()
        if now - self._told < _PROGRESS_S:
            return
        self._told = now
        speed = campaign.renewals / (now - self._began)
        goal = f" of {self._renewals:,}" if self._renewals else f", {campaign.seeds} of {self._seeds} seeds"
        print(f"{campaign.renewals:,}{goal} renewals, {speed:,.0f}/s", file=sys.stderr)


def _play_small_cases(options: argparse.Namespace) -> int:
    """All small cases, of one grade or of each; the first failure of a grade is written to a file."""
    failures = 0
    for grade in [GatewayGrade(options.grade)] if options.grade else GatewayGrade:
        began, played, violated = monotonic(), 0, 0
        for played, case in enumerate(play_small_cases(grade, every=_SMALL_EVERY), start=1):
            if case.failure is not None:
                violated += 1
                what = ", ".join(map(str, case.faults)) or "nothing"
                print(f"{grade.value}: {case.failure.rule}: {case.failure.detail} after {what}")
                if violated == 1:
                    _tell_failure(case.failure, options, f"small-case-{grade.value}.json")
            if played % _SMALL_PROGRESS == 0:
                print(f"{grade.value}: {played:,} cases so far", file=sys.stderr)
        failures += violated
        print(f"{grade.value}: {played:,} cases in {monotonic() - began:.0f} s, violations {violated}")
    print(f"violations {failures}")
    return int(failures > 0)


def _replay(options: argparse.Namespace) -> int:
    try:
        failure = Failure.from_json(json.loads(options.replay.read_text("utf-8")))
    except (OSError, ValueError, InvalidInput) as error:
        print(f"{options.replay}: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    result = failure.replay()
    if not result.violations:
        print(f"{failure.rule} does not happen any more: {result.renewals} renewals, no violation")
        return 0
    _tell_failure(failure, options, f"{options.replay.stem}-smallest.json")
    return 1


def _tell_failure(failure: Failure, options: argparse.Namespace, name: str) -> None:
    if options.shrink:
        print("shrinking ...", file=sys.stderr)
        failure = shrink(failure)
    Path(name).write_text(json.dumps(failure.to_json(), indent=1), "utf-8")
    print(failure_text(failure), file=sys.stderr if options.json else sys.stdout)
    print(f"written to {name}; play it again with --replay {name}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
