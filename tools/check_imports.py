"""
Which third-party packages each room may import.

The layers contract (import-linter) says which *rooms* may see each other; this
list says which *distributions* they may need. Imports inside functions count:
lazy loading changes when a dependency is loaded, not that there is one.
"""

from __future__ import annotations

import ast
import sys

from tools.source_tree import Finding, SourceFile, imports_of

__all__ = ["ALLOWED", "allowed_for", "findings"]

# A module may import what everybody, its room, its sub-package and it alone are allowed, all together.
ALLOWED: dict[str, frozenset[str]] = {
    "": frozenset({"attrs", "billing_core"}),
    "values": frozenset({"dateutil"}),
    "identity": frozenset({"phonenumbers", "stdnum"}),
    "testing/strategies": frozenset({"hypothesis"}),
    "contrib/sqlalchemy_store": frozenset({"sqlalchemy"}),
    "contrib/demo": frozenset({"rich"}),
}

# These stand outside the core, where a user stands: they may use the public names.
USERS = frozenset({"__init__", "__main__", "contrib", "testing"})


def allowed_for(module: str) -> frozenset[str]:
    """
    The packages that a module may import beside the standard library.

    >>> sorted(allowed_for("values/schedule"))
    ['attrs', 'billing_core', 'dateutil']
    """
    places = [place for place in ALLOWED if place in ("", module) or module.startswith(f"{place}/")]
    return frozenset().union(*(ALLOWED[place] for place in places))


def findings(file: SourceFile) -> list[Finding]:
    """Every import of a package that the module may not know."""
    allowed = allowed_for(file.module)
    found = []
    for node, name in imports_of(file.tree):
        top = name.partition(".")[0]
        if not top:
            found.append(file.finding(node, "relative import; rooms are named in full"))
        elif top not in allowed and top not in sys.stdlib_module_names:
            found.append(file.finding(node, f"{file.room} must not import {top}"))
        elif file.room not in USERS and _is_top_package(node):
            found.append(file.finding(node, "imports the top package, which imports all; name the room"))
    return found


def _is_top_package(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom(module="billing_core"):
            return True
        case ast.Import(names=names):
            return any(alias.name == "billing_core" for alias in names)
    return False
