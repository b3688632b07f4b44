"""
Money is integers, and only `billing_core.values.rounding` divides it.

`/` gives a float, `round()` rounds half to even, and both look innocent. In
rooms that compute money they are findings wherever they stand, unless a
`Fraction` stands next to the slash; dates there have `//`, which stays exact.
"""

from __future__ import annotations

import ast

from tools.source_tree import Finding, Names, SourceFile

__all__ = ["applies_to", "findings"]

_MONEY_ROOMS = frozenset({"charging", "licenses", "service", "tax"})
_MONEY_MODULES = frozenset({"values/money", "values/unit_price", "values/allocation"})
_LOSSY_CALLS = frozenset({"round", "float"})


def applies_to(module: str) -> bool:
    """Whether a module computes with money."""
    return module.partition("/")[0] in _MONEY_ROOMS or module in _MONEY_MODULES


def findings(file: SourceFile) -> list[Finding]:
    """Every operation that may lose a cent without saying so."""
    names = Names(file.tree)
    return sorted(
        {
            file.finding(node, what)
            for node in ast.walk(file.tree)
            if isinstance(node, ast.expr | ast.stmt) and (what := _lossy(node, names)) is not None
        }
    )


def _lossy(node: ast.expr | ast.stmt, names: Names) -> str | None:
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right) if {
            names.origin(side.func) for side in (left, right) if isinstance(side, ast.Call)
        } & {"fractions.Fraction"}:
            return None
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return "`/` on money; use billing_core.values.rounding"
        case ast.Call(func=ast.Name(id=name)) if name in _LOSSY_CALLS and names.is_builtin(name):
            return f"{name}() on money; use billing_core.values.rounding"
        case ast.Constant(value=float()):
            return "a float among money"
        case ast.Attribute() | ast.Name() if names.origin(node) in ("operator.truediv", "operator.itruediv"):
            return "truediv on money; use billing_core.values.rounding"
    return None
