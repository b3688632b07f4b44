"""
The public surface as text: names, kinds, fields and signatures.

`tests/public_api.txt` is this text at the last intended change. A test compares
the two, so that no name, argument or default changes by accident.

    python tools/public_api.py            # print the surface of today
    python tools/public_api.py --write    # make it the intended one
"""

from __future__ import annotations

import enum
import functools
import inspect
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NewType

import attrs

import billing_core

__all__ = ["SNAPSHOT", "describe", "render"]

SNAPSHOT = Path(__file__).resolve().parent.parent / "tests" / "public_api.txt"

# Operators that a class defines by hand are part of its surface.
_OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "floordiv", "mod", "divmod", "neg", "pos"),
        *("abs", "bool", "int", "round", "lt", "le", "gt", "ge", "str", "format"),
        *("contains", "iter", "next", "len", "getitem", "call", "enter", "exit"),
        *("aenter", "aexit", "aiter", "anext"),
    )
)

_MODULES = re.compile(r"\b(?:billing_core|typing|collections\.abc)\.(?:[a-z_]\w*\.)*")


class _Text(str):
    """A string that prints bare inside a signature."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def render() -> str:
    """The whole surface, one block per public name, in alphabetical order."""
    return "\n".join(describe(name, getattr(billing_core, name)) for name in sorted(billing_core.__all__))


def describe(name: str, thing: Any) -> str:
    """The block of one public name."""
    return "".join(f"{line}\n" for line in _block(name, thing))


def _block(name: str, thing: Any) -> Iterator[str]:
    if isinstance(thing, type):
        yield f"{_kind(thing)} {name}{_bases(thing)}"
        for line in (*_cases(thing), *_fields(thing), *_members(thing)):
            yield f"    {line}"
    elif inspect.isroutine(thing):
        yield _function(name, thing)
    elif isinstance(thing, NewType):
        yield f"newtype {name} = {thing.__supertype__.__name__}"
    elif hasattr(thing, "__args__") or hasattr(thing, "__value__"):
        yield f"type {name} = {_annotation(getattr(thing, '__value__', thing))}"
    else:
        yield f"{name}: {_value(thing)}"


def _kind(cls: type) -> str:
    if isinstance(cls, enum.EnumType):
        return "enum"
    if issubclass(cls, BaseException):
        return "exception"
    if getattr(cls, "_is_protocol", False):
        return "protocol"
    return "record" if attrs.has(cls) else "class"


def _bases(cls: type) -> str:
    names = [base.__name__ for base in cls.__bases__ if base is not object]
    return f"({', '.join(names)})" if names else ""


def _cases(cls: Any) -> Iterator[str]:
    yield from (f"{name} = {case.value!r}" for name, case in getattr(cls, "__members__", {}).items())


def _fields(cls: type) -> Iterator[str]:
    for field in _attrs_fields(cls):
        default = "" if field.default is attrs.NOTHING else f" = {_value(field.default)}"
        notes = [] if field.init else ["not an argument"]
        notes += [] if field.kw_only else ["positional"]
        if not field.name.startswith("_"):
            note = f"  ({', '.join(notes)})" if notes else ""
            yield f"{field.name}: {_annotation(field.type)}{default}{note}"


def _attrs_fields(cls: type) -> tuple[attrs.Attribute[Any], ...]:
    return attrs.fields(cls) if attrs.has(cls) else ()


def _members(cls: type) -> Iterator[str]:
    for name, owner in sorted(_owners(cls).items()):
        line = _member(name, vars(owner)[name])
        if line is not None:
            yield line


def _owners(cls: type) -> dict[str, type]:
    """The public members, each with the class of this library that defines it."""
    listed = {field.name for field in _attrs_fields(cls)} | set(getattr(cls, "__members__", ()))
    shown = _OPERATORS | {"__init__"}
    return {
        name: owner
        for owner in reversed(cls.__mro__)
        if owner.__module__.partition(".")[0] == "billing_core"
        for name in vars(owner)
        if name not in listed and (name in shown or not name.startswith("_"))
    }


def _member(name: str, member: Any) -> str | None:
    match member:
        case property(fget=getter) | functools.cached_property(func=getter) if getter is not None:
            return f"{name} -> {_annotation(inspect.get_annotations(getter).get('return'))}"
        case staticmethod() | classmethod():
            return f"{type(member).__name__} {_function(name, member.__func__)}"
        case types.FunctionType():
            # attrs, enum and typing generate methods too; those have no file, or one outside.
            written = member.__module__.partition(".")[0] == "billing_core"
            return _function(name, member) if written and Path(member.__code__.co_filename).exists() else None
        case types.WrapperDescriptorType() | types.MethodDescriptorType() | types.MemberDescriptorType():
            return None
    return f"{name}: {_value(member)}"


def _function(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    shown = signature.replace(
        parameters=[
            parameter.replace(annotation=_bare(parameter.annotation), default=_bare_value(parameter.default))
            for parameter in signature.parameters.values()
        ],
        return_annotation=_bare(signature.return_annotation),
    )
    return f"{'async ' if inspect.iscoroutinefunction(function) else ''}def {name}{shown}"


def _bare(annotation: Any) -> Any:
    return annotation if annotation is inspect.Signature.empty else _Text(_annotation(annotation))


def _bare_value(default: Any) -> Any:
    return default if default is inspect.Parameter.empty else _Text(_value(default))


def _annotation(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return _MODULES.sub("", text)


def _value(value: Any) -> str:
    """Plain values as they are; of everything else only the type, whose text is stable."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if value is None or isinstance(value, bool | int | str) or value == ():
        return repr(value)
    return f"<{type(value).__name__}>"


def main(arguments: list[str]) -> None:
    """Print the surface, or write the snapshot."""
    if arguments == ["--write"]:
        SNAPSHOT.write_text(render(), "utf-8")
    else:
        print(render(), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
