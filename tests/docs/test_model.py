"""The checked model of the protocol and the code name the same states, events and moves."""

from __future__ import annotations

import re

import pytest

from billing_core import TRANSITIONS, AttemptEvent, AttemptState
from billing_core.charging.steps import ResolveAction
from tools.check_model import BUGS, FULL, MODELS, PROTOCOL, SMALLEST, check, is_installed

TABLE = (MODELS / "attempt.pml").read_text("utf-8")
_ROW = re.compile(r"^  :: s == (\w+) && e == EV_(\w+) -> s = (\w+)$", re.MULTILINE)


def _names(kind: str) -> list[str]:
    found = re.search(rf"mtype:{kind} = \{{(.*?)\}}", TABLE, re.DOTALL)
    assert found is not None
    return re.findall(r"\w+", found[1])


def test_same_states() -> None:
    """Neither knows a state that the other does not."""
    assert sorted(state.name for state in AttemptState) == sorted(_names("state"))


def test_same_events() -> None:
    """Nor anything that can happen."""
    assert sorted(f"EV_{event.name}" for event in AttemptEvent) == sorted(_names("event"))


def test_same_moves() -> None:
    """The model's table has the rows of the code's, all of them, and no other."""
    code = {
        (state.name, event.name, after.name)
        for state, moves in TRANSITIONS.items()
        for event, after in moves.items()
    }
    rows = _ROW.findall(TABLE)
    assert code == set(rows)
    assert len(code) == len(rows)


def test_same_steps() -> None:
    """What the decision can come to while a charge is unresolved."""
    steps = ["CHARGE", *(f"DO_{action.name}" for action in ResolveAction)]
    assert sorted(steps) == sorted(_names("step"))


def test_every_move_is_made() -> None:
    """No event of the table stands there unused: some rule of the models makes it happen."""
    rules = "".join((MODELS / f"{name}.pml").read_text("utf-8") for name in ("keyed", "fenced"))
    assert [] == [event.name for event in AttemptEvent if f", EV_{event.name})" not in rules]


def test_every_seeded_bug_is_looked_for() -> None:
    """Each switch of the models is run by the command, and it runs none that no model has."""
    for model in ("keyed", "fenced"):
        text = (MODELS / f"{model}.pml").read_text("utf-8")
        switches = {f"BUG_{name}" for name in re.findall(r"^#if\w* BUG_(\w+)", text, re.MULTILINE)}
        run = {
            switch for it in BUGS if it.model == model for switch in it.switches if switch.startswith("BUG_")
        }
        assert switches == run


def test_figures_are_in_the_readme() -> None:
    """Every run stands in the table of the model's page."""
    page = (MODELS / "README.md").read_text("utf-8")
    assert [] == [run.title for run in (*SMALLEST, *PROTOCOL, *FULL, *BUGS) if f"| {run.title} |" not in page]


@pytest.mark.skipif(not is_installed(), reason="needs the Debian packages spin and gcc")
def test_smallest_world_has_no_error() -> None:
    """With one worker and one attempt, every interleaving keeps every rule."""
    (finding,) = (check(run) for run in SMALLEST)
    assert (None, True) == (finding.error, finding.states > 10_000)
