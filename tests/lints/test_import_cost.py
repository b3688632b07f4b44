"""Importing the package is cheap: heavy dependencies load when they are first used."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

HEAVY = {"hypothesis", "phonenumbers", "requests", "rich", "sqlalchemy", "ssl", "stdnum"}

_REPORT = """
import json, sys
before = set(sys.modules)
{code}
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter loads for ``code``."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", _REPORT.format(code=code)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == run.returncode, run.stderr
    return set(json.loads(run.stdout))


def test_import_loads_nothing_heavy() -> None:
    """`import billing_core` alone loads none of the heavy packages."""
    loaded = loaded_by("import billing_core")
    assert "billing_core" in loaded
    assert set() == loaded & HEAVY


def test_public_names_load_nothing_heavy() -> None:
    """Neither does touching every public name; only their use does."""
    loaded = loaded_by("import billing_core\nfor name in billing_core.__all__: getattr(billing_core, name)")
    # asyncio, which the async names are made of, loads ssl by itself.
    assert set() == loaded & (HEAVY - {"ssl"})


def test_star_import_gives_all_and_nothing_else() -> None:
    """`from billing_core import *` works and binds exactly the names of `__all__`."""
    loaded_by(
        "import billing_core\n"
        "space = {}\n"
        "exec('from billing_core import *', space)\n"
        "assert set(billing_core.__all__) == set(space) - {'__builtins__'}, sorted(space)"
    )


@pytest.mark.parametrize("heavy", sorted(HEAVY & {"phonenumbers", "stdnum", "ssl"}))
def test_probe_sees_what_is_loaded(heavy: str) -> None:
    """The probe itself reports a heavy package when one is loaded."""
    assert heavy in loaded_by(f"import {heavy}")
