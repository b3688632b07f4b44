"""Imports point one way, and the contract that says so can fail."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

from tools.source_tree import PACKAGE, ROOT

CONFIG: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
LAYERS: list[str] = next(c for c in CONFIG["contracts"] if c["id"] == "house")["layers"]
ROOMS = [[room.strip("() ") for room in layer.split("|")] for layer in LAYERS]


def lint_imports(search_path: Path) -> tuple[int, str]:
    """The exit code and the report for the `billing_core` that is found first in ``search_path``."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / "pyproject.toml", "--no-cache"],
        cwd=search_path,
        env={**os.environ, "PYTHONPATH": str(search_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def write_house(root: Path, imports: dict[str, str]) -> None:
    """A `billing_core` of empty rooms, in which a room may import another."""
    for room in (room for layer in ROOMS for room in layer):
        (root / "billing_core" / room).mkdir(parents=True)
        (root / "billing_core" / room / "__init__.py").write_text(imports.get(room, ""))
    (root / "billing_core" / "__init__.py").touch()
    errors = root / "billing_core" / "errors" / "__init__.py"
    errors.write_text(errors.read_text() + "\nfrom billing_core.issues import Issue")


def test_house_keeps_its_contracts() -> None:
    """Every import of the package points down the list."""
    code, report = lint_imports(PACKAGE.parent)
    assert 0 == code, report


def test_downward_imports_are_kept(tmp_path: Path) -> None:
    """Each room may import the room below it."""
    write_house(
        tmp_path,
        {upper: f"import billing_core.{lower[0]}" for uppers, lower in pairwise(ROOMS) for upper in uppers},
    )
    code, report = lint_imports(tmp_path)
    assert 0 == code, report


def test_each_upward_import_is_found(tmp_path: Path) -> None:
    """A room that imports the room above it breaks the contract, wherever it stands in the house."""
    upward = {lower: upper[0] for upper, lowers in pairwise(ROOMS) for lower in lowers}
    del upward["errors"]  # would join the one import that the contract knows of
    write_house(tmp_path, {lower: f"def f(): import billing_core.{upper}" for lower, upper in upward.items()})

    code, report = lint_imports(tmp_path)

    assert 1 == code
    for lower, upper in upward.items():
        assert f"billing_core.{lower} is not allowed to import billing_core.{upper}" in report


def test_room_without_a_place_is_found(tmp_path: Path) -> None:
    """A new room has to be given a place in the list."""
    write_house(tmp_path, {})
    (tmp_path / "billing_core" / "attic.py").touch()

    code, report = lint_imports(tmp_path)

    assert 1 == code
    assert "attic" in report
