"""The reference says what the code does: every name, default, code and permission, and no other."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import attrs
import pytest

import billing_core
from billing_core import (
    TRANSITIONS,
    AttemptState,
    Billing,
    BillingPolicy,
    CancelUncertain,
    CatchUp,
    ExpiredAccess,
    FailedChecks,
    OpenInvoiceRule,
    TrialEnd,
    errors,
)
from tools.render_reference import PARTS, REFERENCE, with_part
from tools.source_tree import ROOT

_CELL = re.compile(r"(?<!\\)\|")


def rows(page: Path, heading: str | None = None) -> list[list[str]]:
    """The rows of a page's tables, or of those under one heading, without their heads."""
    text = page.read_text("utf-8")
    if heading is not None:
        text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = text.splitlines()
    heads = {place - 1 for place, line in enumerate(lines) if line.startswith("|---")}
    return [
        [cell.strip() for cell in _CELL.split(line)[1:-1]]
        for place, line in enumerate(lines)
        if line.startswith("|") and place not in heads and not line.startswith("|---")
    ]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def shown(value: object) -> str:
    """A default as a reader would type it."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    return f'"{value}"' if isinstance(value, str) else repr(value)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_made_parts_are_up_to_date(name: str) -> None:
    """What the code knows best is taken from it: names, permissions, issue codes."""
    page = (REFERENCE / name).read_text("utf-8")
    hint = "run `python tools/render_reference.py --write`, and read the diff"
    assert with_part(page, PARTS[name]()) == page, hint


def test_made_part_is_replaced() -> None:
    """Only what stands between the two comments is replaced."""
    page = "a\n<!-- begin: python tools/render_reference.py --write -->\nold\n<!-- end -->\nb\n"
    assert page.replace("old", "\nnew\n") == with_part(page, "new\n")


def test_all_public_names_are_listed() -> None:
    """The page of public names lists `__all__`, each name once."""
    listed = [name for row in rows(REFERENCE / "api.md") for name in quoted(row[0])]
    public = [name for name in billing_core.__all__ if not name.startswith("__")]
    assert sorted(public) == sorted(listed)


def test_policy_fields_and_defaults() -> None:
    """Every field of the policy stands there with its default, in order."""
    documented = [
        (*quoted(row[0]), *quoted(row[1])) for row in rows(REFERENCE / "policy.md") if len(row) == 4
    ]
    expected = [(field.name, shown(field.default)) for field in attrs.fields(BillingPolicy)]
    assert expected == documented


def test_policy_choices() -> None:
    """Every choice of the policy stands there with all its values."""
    choices: dict[str, list[str]] = {}
    name = ""
    for row in rows(REFERENCE / "policy.md", "Choices"):
        name = quoted(row[0])[0] if row[0] else name
        choices.setdefault(name, []).extend(quoted(row[1]))
    enums = (CatchUp, ExpiredAccess, TrialEnd, FailedChecks, OpenInvoiceRule, CancelUncertain)
    assert {enum.__name__: [member.name for member in enum] for enum in enums} == choices


def test_errors() -> None:
    """All exceptions of the library stand there, and it has no more than twelve."""
    classes = [name for name in errors.__all__ if inspect.isclass(getattr(errors, name))]
    documented = [quoted(row[0])[0] for row in rows(REFERENCE / "errors.md") if row[0][1].isupper()]
    assert sorted(classes) == sorted(documented)
    assert len(classes) <= 12


def calls_in_source(name: str) -> Iterator[ast.Call]:
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def test_codes_of_not_allowed() -> None:
    """Every code that the source raises stands there, and no other."""
    raised = {ast.literal_eval(call.args[0]) for call in calls_in_source("NotAllowed")}
    documented = [quoted(row[0])[0] for row in rows(REFERENCE / "errors.md", "Codes of NotAllowed")]
    assert sorted(raised) == sorted(documented)


def test_params_of_not_allowed() -> None:
    """Where the source writes the parameters out, the page names the same ones."""
    documented = {
        quoted(row[0])[0]: set(quoted(row[2])) for row in rows(REFERENCE / "errors.md", "Codes of NotAllowed")
    }
    checked = 0
    for call in calls_in_source("NotAllowed"):
        if len(call.args) == 2 and isinstance(call.args[1], ast.Dict):
            keys = {ast.literal_eval(key) for key in call.args[1].keys if key is not None}
            assert documented[ast.literal_eval(call.args[0])] == keys
            checked += 1
    assert checked > 5


#: Who makes a `Because`, and which of the arguments is its code.
_CODE_PLACE = {"Because": 0, "_not_before_a_change": 0, "_now": 1, "_step": 2}


def test_reasons() -> None:
    """Every reason that the source writes out stands there, and no word that it does not know."""
    arguments = [
        call.args[place]
        for name, place in _CODE_PLACE.items()
        for call in calls_in_source(name)
        if len(call.args) > place
    ]
    written = {argument.value for argument in arguments if isinstance(argument, ast.Constant)}
    words = {
        node.value
        for path in (ROOT / "src" / "billing_core").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    documented = [quoted(row[0])[0] for row in rows(REFERENCE / "reasons.md")]
    assert set() == written - set(documented)
    assert set() == set(documented) - words
    assert len(set(documented)) == len(documented)


def test_every_command_has_its_permission() -> None:
    """Each method that takes an actor is on the page of permissions, and no method that is not there."""
    commands = {
        name
        for name, method in inspect.getmembers(Billing, inspect.isfunction)
        if not name.startswith("_") and "actor" in inspect.signature(method).parameters
    }
    documented = {name for row in rows(REFERENCE / "permissions.md", "Commands") for name in quoted(row[0])}
    assert commands - {"open_account"} == documented


def test_states_of_attempts() -> None:
    """The explanation lists every state, and says of each whether it is final."""
    page = ROOT / "docs" / "explanation" / "charge-safety.md"
    documented = {
        quoted(row[0])[0]: row[2] for row in rows(page, "The states of an attempt") if len(row) == 4
    }
    expected = {state.value: "yes" if TRANSITIONS[state] else "final" for state in AttemptState}
    assert expected == documented
