"""The repository names no machine, no registry and no paper that its readers don't have."""

from __future__ import annotations

import pytest

from tools.check_private_words import findings, tracked_files
from tools.source_tree import ROOT


def test_no_tracked_file_holds_a_private_word() -> None:
    """All tracked texts are free of them, the lint and this test included."""
    found = [
        finding
        for path in tracked_files()
        for finding in findings(path.relative_to(ROOT).as_posix(), path.read_text("utf-8", errors="replace"))
    ]
    assert [] == found


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="an unpacked source archive has no list of its files"
)
def test_tracked_files_are_found() -> None:
    """The lint reads the files that it is about."""
    names = {path.relative_to(ROOT).as_posix() for path in tracked_files()}
    assert {"README.md", "pyproject.toml", "src/billing_core/errors.py"} <= names


@pytest.mark.parametrize(
    "words",
    [
        ("cd /", "work/main"),
        ("'/", "root/.cache'"),
        ("python=/", "home/ada/bin/python"),
        ("https://pypi", ".org/simple"),
        ("files.pythonhosted", ".org"),
        ("see DESIGN", ".md"),
        ("as EXEMPLARS", ".md says"),
        ("sha", "red/vectors/vat.json"),
        ("fac", "ts/validators.md"),
    ],
    ids="".join,
)
def test_private_word_is_found(words: tuple[str, str]) -> None:
    """Each kind is found in the middle of a line."""
    assert [3] == [finding.line for finding in findings("x.md", "\n\n" + "".join(words) + "\n")]


@pytest.mark.parametrize(
    "text",
    [
        "src/billing_core",
        "https://example.com/home/billing",
        "~/work/billing",
        "a/root/b",
        "the facts / figures",
    ],
)
def test_ordinary_text_passes(text: str) -> None:
    """Relative paths, addresses on the web and plain words pass."""
    assert [] == findings("x.md", text)
