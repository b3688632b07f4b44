"""Each answer with each fate and one thing more, for one license: here some cases, by the command all."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import islice
from pathlib import Path

import pytest

from billing_core.gateways.capabilities import GatewayGrade
from billing_core.testing.simulator import FAULTS, Failure
from billing_core.testing.simulator import __main__ as command
from billing_core.testing.simulator.small_cases import play_small_cases
from tests.simulator.mutants import MUTANTS


@pytest.mark.parametrize("grade", GatewayGrade, ids=str)
def test_some_small_cases(grade: GatewayGrade) -> None:
    """None of them goes wrong, and no case comes twice."""
    cases = list(play_small_cases(grade, first=7, every=40))
    assert {None} == {case.failure for case in cases}
    assert len(cases) == len({case.faults for case in cases}) > 8


def test_places_are_found_by_playing() -> None:
    """
    The first pair is plain sunshine, and one thing more goes wrong at each point that it passes: whatever
    may happen there, but for a crash at a read, which is like one before the commit or the call after it.
    """
    sunshine, *further = islice(play_small_cases(GatewayGrade.KEYED), 21)
    assert () == sunshine.faults
    points: dict[tuple[str, int], set[str]] = defaultdict(set)
    for case in further:
        (fault,) = case.faults
        points[fault.stream, fault.step].add(fault.kind)
    assert points == {
        **{("read", step): {"slow_read"} for step in (1, 2, 3, 4)},
        **{("commit", step): set(FAULTS["commit"]) for step in (1, 2)},
        ("call", 1): set(FAULTS["call"]),
    }


def test_without_keys_nothing_is_delivered_twice() -> None:
    """No library could help against that: the network repeats, and the processor knows no keys."""
    fates = {
        grade: next(play_small_cases(grade, first=place, every=200)).faults[0].kind
        for grade, place in ((GatewayGrade.KEYED, 5), (GatewayGrade.NONE, 5))
    }
    assert {GatewayGrade.KEYED: "delivered_twice", GatewayGrade.NONE: "throttled"} == fates


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how many cases of each grade were played, and ends with exit code 0 if none went wrong."""
    monkeypatch.setattr(command, "_SMALL_EVERY", 60)
    monkeypatch.setattr(command, "_SMALL_PROGRESS", 1)
    assert 0 == command.main(["--small-cases"])
    told = capsys.readouterr()
    assert ["fenced", "keyed_with_lookup", "keyed", "none"] == [
        line.partition(":")[0] for line in told.out.splitlines()[:-1]
    ]
    assert told.out.endswith("violations 0\n")
    assert "fenced: 1 cases so far" in told.err


def test_the_command_of_a_broken_library(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each violation is told, the first one is kept as a file, and the exit code is 1."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "_SMALL_EVERY", 16)
    mutant = next(mutant for mutant in MUTANTS if mutant.slug == "time-out-is-a-decline")
    with mutant.apply():
        assert 1 == command.main(["--small-cases", "--grade", "keyed"])
    told = capsys.readouterr().out
    failure = Failure.from_json(json.loads((tmp_path / "small-case-keyed.json").read_text("utf-8")))
    assert f"keyed: {failure.rule}" in told
    assert "fenced" not in told
