"""
The core reads no clock, no chance, no environment, no file and no network.

Everything that differs from run to run comes in as an argument; that is what
makes a decision repeatable and a test honest. A *reference* to an impure thing
is a finding, called or not: passing `datetime.now` on is using it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.source_tree import Finding, Names, SourceFile, expressions_of, imports_of

__all__ = ["EXCEPTIONS", "applies_to", "findings"]

# Outside the core. The top __init__ loads rooms by name (importlib), which is its only purpose.
_EXEMPT = frozenset({"contrib", "testing", "__main__", "__init__"})

# Whole modules by what they reach for, and single members of modules that are pure otherwise.
_REACHES: dict[str, tuple[str, ...]] = {
    "clock": (
        "time", "sched", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
        "datetime.date.today",
    ),
    "randomness": ("random", "secrets", "uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7"),
    "environment": (
        "os", "posix", "platform", "getpass", "locale", "sysconfig",
        "sys.argv", "sys.stdin", "sys.stdout", "sys.stderr", "sys.path", "sys.platform",
        # The ambient context changes results from outside; code here passes a context or needs none.
        "decimal.getcontext", "decimal.setcontext", "decimal.localcontext", "decimal.DefaultContext",
    ),
    "files": (
        "pathlib", "io", "importlib", "pkgutil", "tempfile", "shutil", "glob", "fileinput", "sqlite3", "dbm",
    ),
    "network": (
        "socket", "ssl", "http", "urllib", "requests", "httpx", "smtplib", "ftplib", "socketserver", "select",
    ),
    "processes": ("subprocess", "multiprocessing", "signal", "ctypes"),
    "concurrency": ("threading", "concurrent", "asyncio", "queue", "contextvars"),
    "logging": ("logging",),
}  # fmt: skip

_KINDS = {name: kind for kind, reached in _REACHES.items() for name in reached}

_BUILTINS = {
    **dict.fromkeys(("open", "print", "input", "breakpoint"), "files"),
    **dict.fromkeys(("__import__", "eval", "exec"), "code from text"),
}

# Called without an argument, on whatever receiver, these can only ask a clock.
_CLOCK_METHODS = frozenset({"utcnow", "today"})

# What a module may use all the same, and why.
EXCEPTIONS: dict[str, frozenset[str]] = {
    # python-stdnum's modules are chosen by name, from a fixed table, and loaded on first use.
    "identity/tax_id_rules": frozenset({"importlib.import_module"}),
    # The drivers run flows side by side.
    "service/drivers": frozenset({"threading", "concurrent", "asyncio", "contextvars", "queue"}),
    # What a host's parts answer or raise is where the library logs.
    "service/world": frozenset({"logging"}),
    "service/breakers": frozenset({"threading", "logging"}),
    "service/running": frozenset({"logging"}),
    "service/surface": frozenset({"logging"}),
    # Many workers may share one store in memory: it holds a lock.
    "stores/memory": frozenset({"threading"}),
    # Any store for asyncio hosts: its calls run in threads.
    "stores/threaded": frozenset({"asyncio"}),
}


def applies_to(module: str) -> bool:
    """Whether a module belongs to the core."""
    return module.partition("/")[0] not in _EXEMPT


def findings(file: SourceFile) -> list[Finding]:
    """Every reference to something that differs from run to run."""
    names = Names(file.tree)
    allowed = EXCEPTIONS.get(file.module, frozenset())
    references = (*_impure_imports(file.tree), *_impure_uses(file.tree, names))
    return sorted(
        {
            file.finding(node, f"{kind}: {name}")
            for node, name, kind in references
            if not allowed & {name, name.partition(".")[0]}
        }
    )


def _impure_imports(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.stmt, str, str]]:
    for node, name in imports_of(tree):
        kind = _kind_of(name)
        if kind is not None:
            yield node, name, kind
        elif name.endswith(".*"):
            yield node, name, "hides what it imports"


def _impure_uses(tree: ast.Module, names: Names) -> Iterator[tuple[ast.expr | ast.stmt, str, str]]:
    for node in expressions_of(tree):
        if isinstance(node, ast.Name) and node.id in _BUILTINS and names.is_builtin(node.id):
            yield node, node.id, _BUILTINS[node.id]
        elif isinstance(node, ast.Attribute | ast.Call):
            origin = names.origin(node)
            kind = _kind_of(origin) if origin is not None else None
            if origin is not None and kind is not None:
                yield node, origin, kind
            else:
                yield from _impure_call(node)


def _kind_of(name: str) -> str | None:
    return _KINDS.get(name) or _KINDS.get(name.partition(".")[0])


def _impure_call(node: ast.expr) -> Iterator[tuple[ast.expr | ast.stmt, str, str]]:
    match node:
        case ast.Call(func=ast.Attribute(attr=method), args=[], keywords=[]) if method in _CLOCK_METHODS:
            yield node, f"{method}()", "clock"
        case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
            yield node, "astimezone() without a zone", "environment"
