"""Every combination of answer, fate and crash for one license; here some of them, by the command all."""

from __future__ import annotations

import pytest

from billing_core.gateways.capabilities import GatewayGrade
from billing_core.testing.simulator import __main__ as command
from billing_core.testing.simulator.small_cases import play_small_cases, small_cases
from tests.simulator.mutants import MUTANTS


@pytest.mark.parametrize("grade", GatewayGrade, ids=str)
def test_some_small_cases(grade: GatewayGrade) -> None:
    """None of them goes wrong."""
    assert {None} == set(play_small_cases(grade, first=7, every=397))


def test_all_cases_differ() -> None:
    """Each combination once, also the one in which nothing happens."""
    cases = list(small_cases(GatewayGrade.FENCED))
    assert len(cases) == len(set(cases)) > 4_000
    assert () == cases[0]


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how many cases were played and how many went wrong, and ends with exit code 1 if any did."""
    monkeypatch.setattr(command, "_SMALL_EVERY", 1_500)
    assert 0 == command.main(["--small-cases"])
    assert "violations 0" in capsys.readouterr().out
    mutant = next(mutant for mutant in MUTANTS if mutant.slug == "time-out-is-a-decline")
    monkeypatch.setattr(command, "_SMALL_EVERY", 100)
    monkeypatch.setattr(command, "GatewayGrade", (GatewayGrade.KEYED,))
    with mutant.apply():
        assert 1 == command.main(["--small-cases"])
    assert "no_charge_after_the_end" in capsys.readouterr().out
