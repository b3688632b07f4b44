"""
What a host passes to a public method, checked by the method's own annotations.

A type checker sees the host's code only as far as it is annotated; a form, a
query string or a job queue holds anything. What does not fit is told by the
parameter's name and the reason, all of it at once, before anything is looked
up: no database is ever asked for an id that is none, and none is repeated.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache, wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs

from billing_core.errors import InvalidInput
from billing_core.gateways.port import AsyncPaymentGateway, PaymentGateway
from billing_core.issues import Issue, invalid
from billing_core.values.ids import check_id
from billing_core.values.typed import check_for

__all__ = ["checked"]

P = ParamSpec("P")
R = TypeVar("R")

#: The argument as it is passed on; raises `InvalidInput` if it does not fit the parameter of this name.
Reader: TypeAlias = Callable[[Any, str], Any]

#: Parameters that hold an id, besides those whose names end in ``_id``.
_IDS = frozenset({"after", "customer_ref", "id", "owner", "reference", "replace"})

#: No database keeps a larger whole number, and Python writes none of 5000 digits down.
_WHOLE_MAX = 2**63 - 1

#: Ports of which an adapter may leave parts out; it declares which.
_DECLARED = frozenset({AsyncPaymentGateway, PaymentGateway})


@attrs.frozen
class _Signature:
    places: tuple[str, ...]
    readers: Mapping[str, Reader]


def checked(command: Callable[P, R]) -> Callable[P, R]:
    """
    Check every argument of a function or method, plain or asynchronous, by its annotation.

    Numbers, dates, records and choices must be what the annotation says; a bool
    is a bool and no number. Texts and ids reach the function as plain `str`, and
    what can be read only once, such as a generator, as a tuple.

    Args:
        command: its annotations are looked up at its first call.

    Raises:
        InvalidInput: by the call; one issue for each argument that does not fit.

    >>> @checked
    ... def seats(license_id: str, count: int) -> int:
    ...     return count
    >>> seats("lic_1", "3")
    Traceback (most recent call last):
    billing_core.errors.InvalidInput: count: has the wrong type; expected a whole number
    """
    if inspect.iscoroutinefunction(command):
        return cast("Callable[P, R]", _checked_coroutine(command))

    @wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        places, names = _read(command, args, kwargs)
        return command(*places, **names)

    return call


def _checked_coroutine(command: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    @wraps(command)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        places, names = _read(command, args, kwargs)
        return await command(*places, **names)

    return call


def _read(
    command: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    signature = _signature(command)
    readers = signature.readers
    issues: list[Issue] = []

    def read(name: str, value: Any) -> Any:
        reader = readers.get(name)
        # Without a reader it is ``self``, or no parameter at all: Python says so itself.
        if reader is None:
            return value
        try:
            return reader(value, name)
        except InvalidInput as error:
            issues.extend(error.issues)

    # Too many arguments are left for Python to refuse.
    places = [*map(read, signature.places, args), *args[len(signature.places) :]]
    names = {name: read(name, value) for name, value in kwargs.items()}
    if issues:
        raise InvalidInput(tuple(issues))
    return places, names


@cache
def _signature(command: Callable[..., Any]) -> _Signature:
    hints = get_type_hints(command)
    parameters = inspect.signature(command).parameters.values()
    return _Signature(
        places=tuple(it.name for it in parameters if it.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD),
        readers={it.name: _reader(hints[it.name], it.name) for it in parameters if it.name in hints},
    )


def _reader(hint: Any, name: str) -> Reader:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is str:
        return _read_id if name in _IDS or name.endswith("_id") else _read_text
    if hint is int:
        return _read_whole
    if origin in {Union, types.UnionType}:
        return _union_reader(arguments, name)
    if origin is tuple:
        return _tuple_reader(arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_reader(arguments[1])
    if origin is Iterable:
        return _iterable_reader(arguments[0])
    if getattr(hint, "_is_protocol", False) and hint not in _DECLARED:
        return _port_reader(hint)
    return _value_reader(hint)


def _plain(value: Any) -> Any:
    """A text as exactly a `str`: a subclass may say anything of itself, ``str(value)`` included."""
    return str.__str__(value) if isinstance(value, str) else value


def _read_id(value: Any, name: str) -> str:
    return check_id(_plain(value), name)


def _read_text(value: Any, name: str) -> str:
    if value is None:
        raise invalid(name, "required")
    text = _plain(value)
    if not isinstance(text, str):
        raise invalid(name, "invalid_type", expected="a text")
    # Half a character, as a broken client sends it, can't be stored or printed.
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise invalid(name, "invalid_characters", allowed="whole characters")
    return text


def _read_whole(value: Any, name: str) -> int:
    if type(value) is not int:
        raise invalid(name, "invalid_type", expected="a whole number")
    if not -_WHOLE_MAX <= value <= _WHOLE_MAX:
        raise invalid(name, "out_of_range", min=-_WHOLE_MAX, max=_WHOLE_MAX)
    return value


def _value_reader(hint: Any) -> Reader:
    if hint is Any or hint is object:
        return lambda value, _: value
    check = check_for(hint)

    def read_value(value: Any, name: str) -> Any:
        check(value, name)
        return value

    return read_value


def _union_reader(arguments: tuple[Any, ...], name: str) -> Reader:
    """Of a type or ``None``; of a choice, or its text; of a port for threads or for asyncio."""
    inner = [argument for argument in arguments if argument is not type(None)]
    # A choice's own method says which texts are none; a port has the same methods either way.
    read = _reader(str if str in inner else inner[0], name)
    if len(inner) == len(arguments):
        return read
    return lambda value, name: None if value is None else read(value, name)


def _tuple_reader(hints: tuple[Any, ...]) -> Reader:
    readers = [_reader(hint, "") for hint in hints]

    def read_tuple(values: Any, name: str) -> tuple[Any, ...]:
        if not isinstance(values, tuple) or len(values) != len(readers):
            raise invalid(name, "invalid_type", expected=f"a tuple of {len(readers)}")
        return tuple(read(value, name) for read, value in zip(readers, values, strict=True))

    return read_tuple


def _mapping_reader(hint: Any) -> Reader:
    read = _reader(hint, "")

    def read_mapping(values: Any, name: str) -> dict[str, Any]:
        if not isinstance(values, Mapping):
            raise invalid(name, "invalid_type", expected="a mapping")
        return {_read_text(key, name): read(value, name) for key, value in values.items()}

    return read_mapping


def _iterable_reader(hint: Any) -> Reader:
    read = _reader(hint, "")

    def read_items(values: Any, name: str) -> tuple[Any, ...]:
        if not isinstance(values, Iterable) or isinstance(values, (str, bytes, Mapping)):
            raise invalid(name, "invalid_type", expected="items, such as a tuple")
        return tuple(read(value, name) for value in values)

    return read_items


def _port_reader(port: Any) -> Reader:
    methods = inspect.getmembers(port, inspect.isfunction)
    needed = [method for method, _ in methods if not method.startswith("_")]

    def read_port(value: Any, name: str) -> Any:
        if not all(callable(getattr(value, method, None)) for method in needed):
            raise invalid(name, "invalid_type", expected=f"a {port.__name__}, with {', '.join(needed)}")
        return value

    return read_port
