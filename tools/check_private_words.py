"""
Words that belong to somebody's machine and not into a published repository.

The words are put together here, so that this file does not contain them.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tools.source_tree import ROOT, Finding

__all__ = ["findings", "tracked_files"]

_HOME_FOLDERS = "work|root|home|Users"
_HOSTS = "|".join(
    re.escape(f"{name}.{top}")
    for name, top in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("deb.debian", "org"),
        ("proxy.golang", "org"),
        ("crates", "io"),
    )
)
_PAPERS = r"DESIGN\.md|EXEMPLARS\.md|brief\.md|facts/[a-z]|shared/[a-z]"

_PRIVATE = {
    # A folder at the root of a path, not in the middle of an address on the web.
    "an absolute path of some machine": re.compile(rf"(?<![\w.~/-])/(?:{_HOME_FOLDERS})/"),
    "a host of a package registry": re.compile(rf"\b(?:{_HOSTS})\b"),
    "a paper that is not in the repository": re.compile(rf"\b(?:{_PAPERS})"),
}


def tracked_files() -> tuple[Path, ...]:
    """The files of the repository as git knows them; of an unpacked archive, all but hidden ones."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listing.returncode == 0:
        names = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:
        names = [path for path in ROOT.rglob("[!.]*") if not _is_hidden(path.relative_to(ROOT))]
    return tuple(path for path in names if path.is_file())


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "__pycache__")) for part in path.parts)


def findings(path: str, text: str) -> list[Finding]:
    """
    Every private word of a text, by line.

    >>> [str(finding) for finding in findings("README.md", "see /" + "home/ada/billing")]
    ['README.md:1: an absolute path of some machine']
    """
    return [
        Finding(path, number, what)
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in _PRIVATE.items()
        if pattern.search(line)
    ]
