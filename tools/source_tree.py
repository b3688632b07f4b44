"""
The package's modules as syntax trees, and what every name in them stands for.

All lints of this project read the source through here. Nothing is imported to
be checked, so a lint sees what is written, not what happened to run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs

__all__ = [
    "PACKAGE",
    "ROOT",
    "Finding",
    "Names",
    "SourceFile",
    "expressions_of",
    "imports_of",
    "modules",
]

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "billing_core"


@attrs.frozen(order=True)
class Finding:
    """One broken rule at one line; reads as ``path:line: what``."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@attrs.frozen
class SourceFile:
    """
    One module of the package, parsed.

    Attributes:
        module: the path inside the package, without suffix: ``values/money``,
            ``errors``, ``service/__init__``.
    """

    module: str
    tree: ast.Module

    @classmethod
    def parse(cls, module: str, source: str) -> SourceFile:
        """The module of this name and text."""
        return cls(module, ast.parse(source, filename=module))

    @classmethod
    def read(cls, module: str) -> SourceFile:
        """The module of this name, from disk."""
        return cls.parse(module, (PACKAGE / f"{module}.py").read_text("utf-8"))

    @property
    def room(self) -> str:
        """The first part of the module: the room, or the module itself at the top level."""
        return self.module.partition("/")[0]

    def finding(self, node: ast.expr | ast.stmt, what: str) -> Finding:
        """A finding of this file, where the node stands."""
        return Finding(f"src/billing_core/{self.module}.py", node.lineno, what)


def modules() -> tuple[str, ...]:
    """The name of every module of the package, in the order of their paths."""
    return tuple(
        path.relative_to(PACKAGE).with_suffix("").as_posix() for path in sorted(PACKAGE.rglob("*.py"))
    )


def imports_of(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """
    Every import with the full dotted name it binds or loads, wherever it stands.

    >>> [name for _, name in imports_of(ast.parse("from os import path as p, sep; import a.b"))]
    ['os.path', 'os.sep', 'a.b']
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node, f"{'.' * node.level}{node.module or ''}.{alias.name}"


def expressions_of(tree: ast.Module) -> Iterator[ast.expr]:
    """Every expression of a module, inner ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.expr))


class Names:
    """
    Resolves expressions to the dotted name of the thing that they stand for.

    Follows ``import … as``, ``from … import … as`` and plain re-binding
    (``now = datetime.now``) anywhere in the module. Scopes are merged on
    purpose: a lint would rather ask a question too many than miss an alias.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._origins: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._bind_import(node)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._origins[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
        # Twice, so that an alias of an alias is found even when a function uses it above its definition.
        for _ in range(2):
            for node in ast.walk(tree):
                self._bind_assignment(node)

    def _bind_import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                self._origins[alias.asname] = alias.name
            else:
                top = alias.name.partition(".")[0]
                self._origins[top] = top

    def _bind_assignment(self, node: ast.AST) -> None:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                pass
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                pass
            case _:
                return
        origin = self.origin(value)
        if origin is not None and name not in self._origins:
            self._origins[name] = origin

    def origin(self, node: ast.expr) -> str | None:
        """
        The dotted origin of a name, an attribute or ``getattr(x, "literal")``; None for anything else.

        >>> tree = ast.parse("from datetime import datetime as d; d.now()")
        >>> Names(tree).origin(tree.body[1].value.func)
        'datetime.datetime.now'
        """
        match node:
            case ast.Name(id=name):
                return self._origins.get(name)
            case ast.Attribute(value=value, attr=attr):
                base = self.origin(value)
                return f"{base}.{attr}" if base else None
            case ast.NamedExpr(value=value):
                return self.origin(value)
            case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(attr)), *_]) if (
                "getattr" not in self._origins
            ):
                base = self.origin(value)
                return f"{base}.{attr}" if base else None
        return None

    def is_builtin(self, name: str) -> bool:
        """Whether ``name`` was never bound to something else in the module."""
        return name not in self._origins
