"""The public names of the testing package load on first use, and are all there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from billing_core import testing


@pytest.mark.parametrize("name", testing.__all__)
def test_every_name_has_a_home(name: str) -> None:
    """Each name that is listed can be imported, and has a text that says what it is."""
    assert name in dir(testing)
    assert getattr(testing, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="ManualClok"):
        testing.ManualClok


def test_a_clock_costs_no_web_server() -> None:
    """Importing the package loads nothing that a small test doesn't need."""
    script = (
        "import sys\nfrom billing_core.testing import ManualClock\n"
        "print(sorted({'http.server', 'sqlite3', 'asyncio'} & set(sys.modules)))"
    )
    # What measures coverage loads more.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    ran = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
    assert "[]" == ran.stdout.strip()
