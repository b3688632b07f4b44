"""
Values that are what their annotations say, or don't come into being.

A type checker sees the host's own code only. What comes from a form, a
database or an adapter is of any type, and a text where a card token belongs
would be stored, printed and sent like any other text.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from billing_core.card_numbers import contains_card_number
from billing_core.errors import is_plain_id
from billing_core.issues import invalid
from billing_core.values.encoding import reader
from billing_core.values.period import check_day
from billing_core.values.texts import Check, Text, TextKind, remembering
from billing_core.values.zones import ensure_aware

__all__ = ["Typed", "check_for", "check_instance", "check_plain", "evolve", "trusted"]

T = TypeVar("T", bound="Typed")

#: Of these it depends on the value whether it is right.
_LOOKED_INTO = (str, datetime, tuple, frozenset, Mapping)

#: Of these no value says a card number, however plain data is searched.
_SAYS_NOTHING = frozenset({bool, int, float, Decimal, date, datetime, timedelta, type(None)})

#: How many combinations of types are remembered for each class; optional fields make a few dozens.
_TYPES_REMEMBERED = 256

#: Place, name and check of each field of which the type says too little.
_Left: TypeAlias = tuple[tuple[int, str, Check], ...]


class Typed:
    """
    Base of attrs classes that check every field by its annotation.

    Texts are checked by their kind (`billing_core.values.texts`), instants
    must be aware, a bool is no number, and what may be anything at all is
    searched for card numbers. What the fields must be to each other a class
    says in ``_check_together``, which runs once all of them are right.
    """

    __slots__ = ()

    def __attrs_post_init__(self) -> None:
        cls: Any = type(self)
        shape = _shape(cls)
        values = shape.read(self)
        for place, name, check in shape.looks[tuple(map(type, values))]:
            check(values[place], name)
        if shape.check_together is not None:
            shape.check_together(self)

    def _check_together(self) -> None:
        """
        Refuse fields that don't fit each other; each by itself is known to be right.

        Raises:
            InvalidInput: as the class documents.
        """


_FIT_ALWAYS = vars(Typed)["_check_together"]


def evolve(value: T, /, **changes: Any) -> T:
    """
    The value with some fields changed, as `attrs.evolve` makes it, in a fraction of the time.

    What was checked when the value was made is not checked again: only the
    changed fields are, and how all fields fit together.

    Args:
        value: any `Typed`.
        changes: fields by name.

    Raises:
        InvalidInput: as the constructor does.
        TypeError: no field of this name.
    """
    cls: Any = type(value)
    shape = _shape(cls)
    if not shape.is_plain:
        made: Any = value
        remade: T = attrs.evolve(made, **changes)
        return remade
    evolved: T = object.__new__(cls)
    for put, known in zip(shape.puts, shape.read(value), strict=True):
        put(evolved, known)
    for name, given in changes.items():
        if name not in shape.fields:
            raise TypeError(f"{cls.__name__} has no field {name}")
        shape.fields[name].change(evolved, given)
    if shape.check_together is not None:
        shape.check_together(evolved)
    return evolved


def trusted(cls: type[T], /, **fields: Any) -> T:
    """
    A value from fields that are known to be right: nothing is converted, nothing is checked.

    Only for what this library itself makes, by the dozen, of parts that were
    checked already. Every field without a constant default has to be given.
    """
    any_cls: Any = cls
    shape = _shape(any_cls)
    known = {**shape.defaults, **fields}
    assert len(known) == len(shape.puts), "every field is known, and no other"
    made: T = object.__new__(cls)
    for name, put in zip(shape.fields, shape.puts, strict=True):
        put(made, known[name])
    return made


def check_plain(value: object, field: str) -> None:
    """
    Refuse a text, at any depth of plain data, that holds a card number and is no machine's id.

    Raises:
        InvalidInput: ``looks_like_card_number``.
    """
    if type(value) in _SAYS_NOTHING:
        return
    if isinstance(value, str):
        _check_plain_text(value, field)
    elif isinstance(value, bytes):
        _check_plain_text(value.decode(errors="replace"), field)
    elif isinstance(value, (dict, Mapping)):
        for key, item in value.items():
            check_plain(key, field)
            check_plain(item, field)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            check_plain(item, field)


@remembering
def _check_plain_text(text: str, field: str) -> None:
    if contains_card_number(text) and not is_plain_id(text):
        raise invalid(field, "looks_like_card_number")


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


@attrs.frozen
class _Field:
    """
    One field of a class, ready for use.

    Attributes:
        sure: exact types all of whose values are right; there is nothing to check.
        put: writes the field of a value that nobody has seen yet.
        attribute: what attrs knows of it: its converter and its validator.
    """

    name: str
    check: Check
    sure: frozenset[type]
    put: Callable[[Any, Any], None]
    attribute: Any

    def change(self, value: Any, given: Any) -> None:
        """Do in one field what the constructor does in all of them, in the same order."""
        attribute = self.attribute
        if attribute.converter is not None:
            given = attribute.converter(given)
        self.put(value, given)
        if attribute.validator is not None:
            attribute.validator(value, attribute, given)
        if type(given) not in self.sure:
            self.check(given, self.name)


class _Looks(dict[tuple[type, ...], _Left]):
    """What is left to check, by the types of the fields: nearly all values of a class have the same few."""

    def __init__(self, fields: Iterable[_Field]) -> None:
        super().__init__()
        self._fields = tuple(fields)

    def __missing__(self, types_found: tuple[type, ...]) -> _Left:
        pairs = enumerate(zip(self._fields, types_found, strict=True))
        left = tuple(
            (place, field.name, field.check) for place, (field, cls) in pairs if cls not in field.sure
        )
        # Whoever makes classes without end fills no memory with them.
        if len(self) < _TYPES_REMEMBERED:
            self[types_found] = left
        return left


@attrs.frozen
class _Shape:
    """
    What all values of a class have in common.

    Attributes:
        looks: what there is to check, by the types of the fields.
        read: all fields of a value at once.
        puts: what writes each of them.
        defaults: of the fields that have a constant one.
        check_together: what the class says about its fields together, if anything.
        is_plain: whether nothing else is done when a value is made.
    """

    fields: Mapping[str, _Field]
    looks: _Looks
    read: Callable[[Any], tuple[Any, ...]]
    puts: tuple[Callable[[Any, Any], None], ...]
    defaults: Mapping[str, Any]
    check_together: Callable[[Any], None] | None
    is_plain: bool


@cache
def _shape(cls: Any) -> _Shape:
    hints = get_type_hints(cls, include_extras=True)
    fields = {
        item.name: _Field(
            name=item.name,
            check=check_for(hints[item.name]),
            sure=_sure_types(hints[item.name]),
            # Past the `__setattr__` that forbids everybody else to write.
            put=getattr(cls, item.name).__set__,
            attribute=item,
        )
        for item in attrs.fields(cls)
        if item.init
    }
    # A class that was written with more to do when it is made does it for a change as well.
    is_plain = cls.__attrs_post_init__ is Typed.__attrs_post_init__ and len(fields) == len(attrs.fields(cls))
    return _Shape(
        fields=fields,
        looks=_Looks(fields.values()),
        read=reader(list(fields)),
        puts=tuple(field.put for field in fields.values()),
        defaults={
            name: field.attribute.default
            for name, field in fields.items()
            if not isinstance(field.attribute.default, attrs.Factory | type(attrs.NOTHING))
        },
        check_together=None if cls._check_together is _FIT_ALWAYS else cls._check_together,
        is_plain=is_plain,
    )


def _sure_types(hint: Any) -> frozenset[type]:
    """The exact types of which every value fits a field that is annotated so."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        # What a kind of text says about it depends on the text.
        is_text = any(isinstance(mark, TextKind) for mark in hint.__metadata__)
        return frozenset() if is_text else _sure_types(arguments[0])
    if origin in {Union, types.UnionType}:
        return frozenset().union(*map(_sure_types, arguments))
    cls = hint if origin is None else origin
    if not isinstance(cls, type) or issubclass(cls, _LOOKED_INTO) or getattr(cls, "_is_protocol", False):
        return frozenset()
    return frozenset({cls})


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
    check, sure = check_for(item), _sure_types(item)

    def check_items(values: Any, field: str) -> None:
        if not isinstance(values, kind):
            raise invalid(field, "invalid_type", expected=f"a {kind.__name__}")
        for value in values:
            if type(value) not in sure:
                check(value, field)

    return check_items


def _check_mapping(key: Any, item: Any) -> Check:
    check_key, check_item = check_for(key), check_for(item)
    sure = _SAYS_NOTHING if check_item is check_plain else _sure_types(item)

    def check_mapping(values: Any, field: str) -> None:
        if not isinstance(values, (dict, Mapping)):
            raise invalid(field, "invalid_type", expected="a mapping")
        for name, value in values.items():
            check_key(name, field)
            if type(value) not in sure:
                check_item(value, field)

    return check_mapping
