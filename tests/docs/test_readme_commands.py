"""What README tells a newcomer to type is what CI runs."""

from __future__ import annotations

import re

import pytest

from tools.source_tree import ROOT

_ENVIRONMENT = "python3 -m venv .venv && . .venv/bin/activate"
COMMANDS = (
    f"{_ENVIRONMENT} && pip install -e '.[demo]' && python examples/renewal_cycle.py",
    f"{_ENVIRONMENT} && pip install -e '.[dev]' && pytest",
)


@pytest.mark.parametrize("command", COMMANDS, ids=["main job", "tests"])
@pytest.mark.parametrize("file", ["README.md", ".ci/run"])
def test_command_stands_there_literally(file: str, command: str) -> None:
    """README shows the command on a line of its own, and CI runs that very line."""
    lines = [line.strip() for line in (ROOT / file).read_text("utf-8").splitlines()]
    assert 1 == lines.count(command)


def test_readme_shows_no_other_way_to_start() -> None:
    """There are exactly these two commands that make an environment."""
    shown = re.findall(r"^.*python3 -m venv.*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert list(COMMANDS) == [line.strip() for line in shown]
