"""
Values that are what their annotations say, or don't come into being.

A type checker sees the host's own code only. What comes from a form, a
database or an adapter is of any type, and a text where a card token belongs
would be stored, printed and sent like any other text.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.errors import is_plain_id
from billing_core.issues import invalid
from billing_core.values.period import check_day
from billing_core.values.texts import Text, TextKind
from billing_core.values.zones import ensure_aware

__all__ = ["Typed", "check_for", "check_instance", "check_plain"]

#: Looks at a value of the field of this name, and raises `InvalidInput` if it is none for it.
Check: TypeAlias = Callable[[Any, str], object]


class Typed:
    """
    Base of attrs classes that check every field by its annotation.

    Texts are checked by their kind (`billing_core.values.texts`), instants
    must be aware, a bool is no number, and what may be anything at all is
    searched for card numbers. A class with rules of its own calls
    ``super().__attrs_post_init__()`` first.
    """

    __slots__ = ()

    def __attrs_post_init__(self) -> None:
        cls: Any = type(self)
        for name, check in _checks(cls):
            check(getattr(self, name), name)


def check_plain(value: object, field: str) -> None:
    """
    Refuse a text, at any depth of plain data, that holds a card number and is no machine's id.

    Raises:
        InvalidInput: ``looks_like_card_number``.
    """
    if isinstance(value, (str, bytes)):
        text = value if isinstance(value, str) else value.decode(errors="replace")
        if contains_card_number(text) and not is_plain_id(text):
            raise invalid(field, "looks_like_card_number")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            check_plain(key, field)
            check_plain(item, field)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            check_plain(item, field)


def check_instance(value: object, cls: type[Any], field: str) -> None:
    """
    Refuse what is no instance of a class; for functions that are asked too often for more.

    Raises:
        InvalidInput: ``invalid_type``.
    """
    if not isinstance(value, cls):
        raise invalid(field, "invalid_type", expected=cls.__name__)


def check_for(hint: Any) -> Check:
    """What looks at a value that is annotated so."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        kinds = [mark for mark in hint.__metadata__ if isinstance(mark, TextKind)]
        return kinds[0].check if kinds else check_for(arguments[0])
    if origin in {Union, types.UnionType}:
        return _check_union(arguments)
    if origin in {tuple, frozenset}:
        return _check_items(origin, arguments[0])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _check_mapping(*arguments)
    return _check_class(hint if origin is None else origin)


@cache
def _checks(cls: Any) -> tuple[tuple[str, Check], ...]:
    hints = get_type_hints(cls, include_extras=True)
    return tuple((item.name, check_for(hints[item.name])) for item in attrs.fields(cls) if item.init)


def _check_class(cls: Any) -> Check:
    if cls is Any or isinstance(cls, TypeVar):
        return check_plain
    # A port is known by what it does; one that can't be asked for that shows it when it is called.
    if getattr(cls, "_is_protocol", False) and not getattr(cls, "_is_runtime_protocol", False):
        return check_plain
    return _SPECIAL.get(cls) or _instance_check(cls)


def _check_whole(value: Any, field: str) -> None:
    # bool is an int to isinstance, and must not be one here.
    if type(value) is not int:
        raise invalid(field, "invalid_type", expected="a whole number")


_SPECIAL: Mapping[Any, Check] = {
    datetime: ensure_aware,
    date: check_day,
    int: _check_whole,
    # A text of no kind is taken for one that a person wrote.
    str: get_args(Text)[1].check,
}


def _instance_check(*classes: type[Any]) -> Check:
    expected = " or ".join(cls.__name__ for cls in classes)

    def check(value: Any, field: str) -> None:
        if not isinstance(value, classes):
            raise invalid(field, "invalid_type", expected=expected)

    return check


def _check_union(arguments: tuple[Any, ...]) -> Check:
    inner = tuple(argument for argument in arguments if argument is not type(None))
    check = check_for(inner[0]) if len(inner) == 1 else _instance_check(*inner)
    if len(inner) == len(arguments):
        return check

    def check_optional(value: Any, field: str) -> None:
        if value is not None:
            check(value, field)

    return check_optional


def _check_items(kind: type[Any], item: Any) -> Check:
    check = check_for(item)

    def check_items(values: Any, field: str) -> None:
        if not isinstance(values, kind):
            raise invalid(field, "invalid_type", expected=f"a {kind.__name__}")
        for value in values:
            check(value, field)

    return check_items


def _check_mapping(key: Any, item: Any) -> Check:
    check_key, check_item = check_for(key), check_for(item)

    def check_mapping(values: Any, field: str) -> None:
        if not isinstance(values, Mapping):
            raise invalid(field, "invalid_type", expected="a mapping")
        for name, value in values.items():
            check_key(name, field)
            check_item(value, field)

    return check_mapping
