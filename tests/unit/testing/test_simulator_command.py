"""The command line of the simulator: play, replay, shrink, and say so by the exit code."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from billing_core.testing.simulator import Customer, Failure, Fault, GivenFaults, Sale, Simulation, shrink
from billing_core.testing.simulator import __main__ as command
from billing_core.testing.simulator.story import Story
from tests.simulator.mutants import MUTANTS
from tests.simulator.small_worlds import small_config

TIME_OUT = next(mutant for mutant in MUTANTS if mutant.slug == "time-out-is-a-decline")


#: More than is needed for a time-out that is taken for a decline to be a disaster.
LARGE = Failure(
    rule="captures_are_recorded",
    config=small_config(
        days=80,
        customers=(
            Customer(name="A0", sales=(Sale(starts_after_days=1), Sale(starts_after_days=2))),
            Customer(name="A1"),
        ),
        clock_offsets_s=(0, 30),
        offset_max_s=30,
        sends_notices=True,
    ),
    faults=(
        Fault("send", "A1.0", 1, "throttled", 7),
        Fault("commit", "A0.0", 2, "slow_commit", 7),
        Fault("issuer", "A0.0", 1, "decline_retry_later"),
        Fault("send", "A0.0", 3, "reply_lost"),
        Fault("notice", "A0.0", 2, "notice_lost"),
        Fault("look_up", "A0.0", 1, "look_up_late", 9),
        Fault("support", "A0", 1, "extension_granted", 9),
    ),
)


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Failures are written to the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "_PROGRESS_S", 0.0)
    return tmp_path


@pytest.mark.parametrize("processes", ["0", "-1", "many"])
def test_no_process_plays_nothing(processes: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A number of processes that can't be is refused like any wrong option."""
    with pytest.raises(SystemExit) as refused:
        command.main(["--processes", processes])
    assert 2 == refused.value.code
    assert "--processes" in capsys.readouterr().err


def test_seeds_without_violation(capsys: pytest.CaptureFixture[str]) -> None:
    """A table on standard output, progress on standard error, and exit code 0."""
    assert 0 == command.main(["--profile", "crash_only", "--seed", "11"])
    told = capsys.readouterr()
    assert "violations         0" in told.out
    assert "crash points hit" in told.out
    assert "1 of 1 seeds renewals" in told.err


def test_figures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """For machines."""
    assert 0 == command.main(["--profile", "crash_only", "--seed", "11", "--json", "--renewals", "1"])
    assert 1 == json.loads(capsys.readouterr().out)["seeds"]


def test_a_failure_is_written_and_played_again(in_a_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A violation is told as a story, made small, kept as a file, and ends with exit code 1."""
    large = in_a_folder / "large.json"
    with TIME_OUT.apply():
        large.write_text(json.dumps(LARGE.to_json()), "utf-8")
        assert 1 == command.main(["--replay", str(large), "--shrink"])
        told = capsys.readouterr()
        written = in_a_folder / "large-smallest.json"
        smallest = Failure.from_json(json.loads(written.read_text("utf-8")))
        assert "reply_lost" in {fault.kind for fault in smallest.faults}
        assert len(smallest.faults) <= 2
        assert (1, 1) == (len(smallest.config.customers), len(smallest.config.clock_offsets_s))
        assert [1] == [len(customer.sales) for customer in smallest.config.customers]
        assert smallest.config.days < LARGE.config.days
        assert not smallest.config.sends_notices
        assert "captures_are_recorded" in told.out
        assert "! reply_lost" in told.out
        assert 1 == command.main(["--replay", str(written)])
    assert 0 == command.main(["--replay", str(written)])
    assert "does not happen any more" in capsys.readouterr().out


def test_a_seed_that_fails(in_a_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures say which seed failed, and by which rule; the story goes where it does not disturb them."""
    with TIME_OUT.apply():
        assert 1 == command.main(["--seed", "1"])
        assert "seed 1: captures_are_recorded" in capsys.readouterr().out
        assert 1 == command.main(["--seed", "1", "--json"])
    told = capsys.readouterr()
    assert ["1"] == list(json.loads(told.out)["failures"])
    assert "! reply_lost" in told.err
    assert (in_a_folder / "simulation-swarm-1.json").exists()


def test_no_failure_file(in_a_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What can't be read is said, with exit code 2."""
    (in_a_folder / "other.json").write_text("{}", "utf-8")
    assert 2 == command.main(["--replay", str(in_a_folder / "other.json")])
    assert 2 == command.main(["--replay", str(in_a_folder / "missing.json")])
    assert "other.json: InvalidInput" in capsys.readouterr().err


def test_progress_is_told_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not after every seed; and the module is a program."""
    monkeypatch.setattr(command, "_PROGRESS_S", 999.0)
    assert 0 == command.main(["--profile", "crash_only", "--seed", "11"])
    assert "" == capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["simulator", "--help"])
    with pytest.raises(SystemExit):
        runpy.run_path(str(command.__file__), run_name="__main__")


def test_shrinking_gives_up_in_time() -> None:
    """With no runs left the failure stays as it is."""
    with TIME_OUT.apply():
        assert LARGE == shrink(LARGE, runs_max=0)


def test_a_story_of_one_license() -> None:
    """Only its own lines, its account's, and those of machines."""
    everything = Story()
    Simulation(LARGE.config, GivenFaults(LARGE.faults), tell=everything.teller).run()
    story = Story("A0.0")
    Simulation(LARGE.config, GivenFaults(LARGE.faults), tell=story.teller).run()
    assert any("captured" in line for line in story.lines)
    assert any(" A1.0 " in line for line in everything.lines)
    assert not any(" A1.0 " in line or " A0.1 " in line for line in story.lines)
