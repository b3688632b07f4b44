"""The public surface changes only on purpose."""

from __future__ import annotations

import enum
from difflib import unified_diff
from importlib import metadata
from typing import Protocol

import attrs
import pytest

import billing_core
from tools.public_api import SNAPSHOT, describe, render


def test_surface_is_the_intended_one() -> None:
    """Names, kinds, fields, defaults and signatures are those of the snapshot."""
    expected, actual = SNAPSHOT.read_text("utf-8"), render()
    diff = "\n".join(unified_diff(expected.splitlines(), actual.splitlines(), "intended", "now", lineterm=""))
    assert expected == actual, f"run `python tools/public_api.py --write` if this is meant:\n{diff}"


def test_dir_is_all() -> None:
    """A host that explores sees the public names, sorted, and nothing else."""
    assert sorted(billing_core.__all__) == dir(billing_core)


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that is not public is refused the usual way, so that `hasattr` and pickle work."""
    missing = "no_such_name"
    with pytest.raises(AttributeError, match=missing):
        getattr(billing_core, missing)


class Sample(enum.StrEnum):
    """An enum as the library has them."""

    ONE = "one"


@attrs.frozen(kw_only=True)
class Record:
    """A record as the library has them."""

    id: str
    at: Sample = Sample.ONE
    tags: tuple[str, ...] = attrs.field(factory=tuple, converter=tuple)


class Port(Protocol):
    """A port as the library has them."""


# The renderer shows members of this library's classes only; these samples pass for such.
Sample.__module__ = Record.__module__ = Port.__module__ = "billing_core.sample"


def sample(now: int, /, *flags: str, limit: int | None = None, kind: Sample = Sample.ONE) -> str:
    """A function with every kind of argument."""
    return f"{now}{flags}{limit}{kind}"


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (Sample, "enum X(StrEnum)\n    ONE = 'one'\n"),
        (
            Record,
            "record X\n    id: str\n    at: Sample = Sample.ONE\n    tags: tuple[str, ...] = <Factory>\n",
        ),
        (Port, "protocol X(Protocol)\n"),
        (
            sample,
            "def X(now: int, /, *flags: str, limit: int | None = None, kind: Sample = Sample.ONE) -> str\n",
        ),
        (int | str, "type X = int | str\n"),
        (7, "X: 7\n"),
        ({"b", "a"}, "X: <set>\n"),
    ],
    ids=["enum", "record", "protocol", "function", "alias", "constant", "container"],
)
def test_rendering(thing: object, expected: str) -> None:
    """Each kind of public thing has one stable text."""
    assert expected == describe("X", thing)


def test_version_is_that_of_the_distribution() -> None:
    """Read when it is asked for."""
    assert metadata.version("billing-core") == billing_core.__version__
