"""What the documents promise to a reader holds: links lead somewhere, examples are run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.source_tree import ROOT

DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})

_FENCE = re.compile(r"^ *(?:```|~~~)(?P<language>[^\n`]*)$.*?^ *(?:```|~~~) *$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(?P<title>.+?) *$", re.MULTILINE)
_LANGUAGES = {"python", "sh", "text", "toml", "json", "sql", "mermaid", "diff"}


def prose_of(path: Path) -> str:
    return _FENCE.sub("", path.read_text("utf-8"))


def slug(title: str) -> str:
    """The anchor of a heading, as the usual renderers make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {slug(heading["title"]) for heading in _HEADING.finditer(prose_of(path))}


def broken_links(path: Path) -> list[str]:
    """The relative links of a document that lead nowhere."""
    links = [match["target"] for match in _LINK.finditer(prose_of(path))]
    return [link for link in links if not re.match(r"[a-z]+:", link) and not leads_somewhere(path, link)]


def leads_somewhere(path: Path, link: str) -> bool:
    target, _, anchor = link.partition("#")
    file = path.parent / target if target else path
    return file.exists() and (not anchor or anchor in anchors(file))


def unknown_languages(text: str) -> list[str]:
    """The languages of fences which no test runs and no reader expects: ``py``, ``pycon`` or nothing."""
    return [m["language"] for m in _FENCE.finditer(text) if m["language"].strip() not in _LANGUAGES]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    """Each relative link of a document names a file, and a heading in it, that exist."""
    assert [] == broken_links(path)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_examples_can_not_hide(path: Path) -> None:
    """Python is always fenced as ``python``, so that it is run."""
    assert [] == unknown_languages(path.read_text("utf-8"))


def test_every_document_is_reached_from_the_index() -> None:
    """A reader who starts at the index can follow links to every page."""
    seen: set[Path] = set()
    queue = [ROOT / "docs" / "index.md"]
    while queue:
        page = queue.pop()
        seen.add(page)
        for match in _LINK.finditer(prose_of(page)):
            target = (page.parent / match["target"].partition("#")[0]).resolve()
            if target.suffix == ".md" and target not in seen:
                queue.append(target)
    assert set() == set((ROOT / "docs").rglob("*.md")) - seen


def test_checks_can_fail(tmp_path: Path) -> None:
    """A broken link, a broken anchor and a hidden example are found."""
    page = tmp_path / "page.md"
    page.write_text(
        "# One page\n[a](gone.md) [b](#none) [c](page.md#two) [d](#one-page) [e](https://x.test/y)\n"
        "```py\n1 / 0\n```\n```\nplain\n```\n```python\n[f](in-code)\n```\n"
    )
    assert ["gone.md", "#none", "page.md#two"] == broken_links(page)
    assert ["py", ""] == unknown_languages(page.read_text())
