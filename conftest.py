"""
Every example that a reader may copy is run: documents, README and docstrings.

One file is one namespace, and its examples run from top to bottom. There is no
way to skip one: what can't run is not marked as ``python``.
"""

from __future__ import annotations

from doctest import ELLIPSIS

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser
from sybil.sybil import SybilCollection

_documents = Sybil(parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS)], patterns=["*.md"])


def _docstrings(path: str) -> Sybil:
    return Sybil(
        parsers=[DocTestParser(optionflags=ELLIPSIS)],
        path=path,
        patterns=["*.py"],
        excludes=["identity/data/*.py"],  # generated tables: slow to parse, without examples
    )


pytest_collect_file = SybilCollection((_documents, _docstrings("src"), _docstrings("tools"))).pytest()
