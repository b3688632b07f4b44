"""
One JSON form for every public record.

A `Record` is a frozen attrs class; its fields' types say how it is written.
There is no hook to register and no schema to keep in step. Unknown keys are
errors that echo neither value nor key: ``{"cvv": …}`` fails loudly and leaks nothing.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, Union, get_args, get_origin

import attrs

from billing_core.errors import InvalidInput
from billing_core.issues import invalid
from billing_core.values.encoding import Hide, encode, encode_fields, stored_fields
from billing_core.values.frozen import FrozenDict
from billing_core.values.typed import Typed

__all__ = ["Record", "as_dict", "as_tuple", "decode", "encode", "encode_record", "type_name"]

T = TypeVar("T")
Decoder = Callable[[Any, str], Any]

#: The keys before a record's own: which record it is, and in which form. No field is called so.
_HEADER = frozenset({"record", "schema"})

#: A key of a mapping that may be named in a path: no card number and no person is spelled so.
_PLAIN_KEY = re.compile(r"[a-z][a-z_]{0,39}")
_DURATION = re.compile(r"(-?)P([0-9]{1,9})DT([0-9]{1,5})\.([0-9]{6})S")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?")


class Record(Typed):
    """
    Base of all public records: `to_dict` and `from_dict` as versioned JSON.

    A record checks its fields by their annotations, however it is made.

    Attributes:
        SCHEMA: raised when a stored form can no longer be read as it is.
    """

    __slots__ = ()

    SCHEMA: ClassVar[int] = 1

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON-able data, with its name (``record``) and schema version."""
        return encode_record(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read what `to_dict` wrote.

        Raises:
            InvalidInput: unknown or missing keys, wrong types, another
                record's data, or a schema version that this release can't read.
        """
        if not isinstance(data, Mapping):
            raise invalid("record", "invalid_type", expected="a mapping")
        name = type_name(cls)
        if data.get("record") != name:
            raise invalid("record", "unknown_value", allowed=name)
        if data.get("schema") != cls.SCHEMA or type(data["schema"]) is not int:
            raise invalid("schema", "not_supported", reason=f"this release reads version {cls.SCHEMA}")
        body = {key: value for key, value in data.items() if key not in _HEADER}
        record: Self = _decode_fields(cls, body, "")
        return record


def encode_record(record: Record, hide: Hide | None = None) -> dict[str, Any]:
    """A record as JSON-able data; ``hide`` says what stands in the place of each private value."""
    return {"record": type_name(type(record)), "schema": record.SCHEMA, **encode_fields(record, hide)}


def as_dict(mapping: Any) -> Any:
    """
    A copy of a mapping that nobody can change: neither its maker, nor whoever reads the record.

    What is none is left for the field's check, which knows its name.
    """
    if type(mapping) is FrozenDict:
        return mapping
    # A dict is known at once; to ask the abstract class takes longer than to copy one.
    return FrozenDict(mapping) if isinstance(mapping, (dict, Mapping)) else mapping


def as_tuple(items: Any) -> Any:
    """
    Items as a tuple. What has none is left for the field's check, which knows its name.

    So is a text: its characters are not what anybody means.
    """
    return tuple(items) if isinstance(items, Iterable) and not isinstance(items, str) else items


def type_name(cls: type) -> str:
    """``SavedCard`` is stored as ``saved_card``."""
    return _snake_case(cls.__name__)


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def decode(hint: Any, data: Any, path: str = "") -> Any:
    """
    Read JSON-able data as a value of the type ``hint``.

    Raises:
        InvalidInput: naming the path and the reason, never the value.
    """
    return _decoder(hint)(data, path)


def _decode_fields(cls: Any, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise invalid(path or "record", "invalid_type", expected="a mapping")
    fields = stored_fields(cls)
    known = [field.name for field in fields]
    if not data.keys() <= set(known):
        # An unknown key can be as hostile as a value: it is not repeated.
        raise invalid(path or "record", "unknown_key", allowed=", ".join(known))
    arguments: dict[str, Any] = {}
    for field in fields:
        place = _join(path, field.name)
        if field.name in data:
            arguments[field.name] = _decoder(field.hint)(data[field.name], place)
        elif field.is_required:
            raise invalid(place, "required")
    return _placed(path, lambda: cls(**arguments))


def _placed(path: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except InvalidInput as error:
        raise InvalidInput(tuple(issue.at(path) if path else issue for issue in error.issues)) from None


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


@cache
def _decoder(hint: Any) -> Decoder:  # noqa: PLR0911 - one line a kind of type reads best
    if hint is Any or hint is object:
        return lambda data, _: data
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _union_decoder(arguments)
    if origin is tuple:
        return _sequence_decoder(tuple, arguments[0])
    if origin is frozenset:
        return _sequence_decoder(frozenset, arguments[0])
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_decoder(arguments[1])
    if hint in _SIMPLE_DECODERS:
        return _simple_decoder(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum_decoder(hint)
    if hasattr(hint, "from_text"):
        return _text_decoder(hint.from_text)
    if isinstance(hint, type) and not issubclass(hint, Record) and hasattr(hint, "from_dict"):
        return _delegate_decoder(hint.from_dict)
    return lambda data, path: _decode_fields(hint, data, path)


def _union_decoder(arguments: tuple[Any, ...]) -> Decoder:
    inner = [argument for argument in arguments if argument is not type(None)]
    assert len(inner) == 1, "a record's field is of one type, or of one type or None"
    decoder = _decoder(inner[0])
    return lambda data, path: None if data is None else decoder(data, path)


def _sequence_decoder(build: Callable[[Any], Any], item: Any) -> Decoder:
    decoder = _decoder(item)

    def decode_sequence(data: Any, path: str) -> Any:
        if not isinstance(data, (list, tuple)):
            raise invalid(path, "invalid_type", expected="a list")
        return build([decoder(value, f"{path}.{number}") for number, value in enumerate(data)])

    return decode_sequence


def _mapping_decoder(item: Any) -> Decoder:
    decoder = _decoder(item)

    def decode_mapping(data: Any, path: str) -> Any:
        if not isinstance(data, Mapping):
            raise invalid(path, "invalid_type", expected="a mapping")
        if not all(isinstance(key, str) for key in data):
            raise invalid(path, "invalid_type", expected="a mapping with texts for keys")
        return {
            key: decoder(value, _join(path, key if _PLAIN_KEY.fullmatch(key) else "(key)"))
            for key, value in data.items()
        }

    return decode_mapping


def _parse_duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError
    size = timedelta(days=int(match[2]), seconds=int(match[3]), microseconds=int(match[4]))
    return -size if match[1] else size


def _parse_datetime(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _parse_date(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _parse_decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError
    return Decimal(text)


_SIMPLE_DECODERS: dict[Any, tuple[type, Callable[[Any], Any], str]] = {
    str: (str, str, "text"),
    int: (int, int, "a whole number"),
    bool: (bool, bool, "true or false"),
    date: (str, _parse_date, "a date such as 2025-01-31"),
    datetime: (str, _parse_datetime, "an instant such as 2025-01-31T09:00:00+01:00"),
    timedelta: (str, _parse_duration, "a duration such as P0DT3600.000000S"),
    Decimal: (str, _parse_decimal, "a decimal number in text, such as 19.5"),
}


def _simple_decoder(hint: Any) -> Decoder:
    accepted, parse, expected = _SIMPLE_DECODERS[hint]

    def decode_simple(data: Any, path: str) -> Any:
        # bool is an int to isinstance, and must not be one here.
        if type(data) is not accepted:
            raise invalid(path, "invalid_type", expected=expected)
        try:
            return parse(data)
        except (ValueError, ArithmeticError):
            raise invalid(path, "invalid_format", example=expected) from None

    return decode_simple


def _enum_decoder(hint: type[Enum]) -> Decoder:
    def decode_enum(data: Any, path: str) -> Any:
        try:
            return hint(data)
        except ValueError:
            allowed = ", ".join(str(member.value) for member in hint)
            raise invalid(path, "unknown_value", allowed=allowed) from None

    return decode_enum


def _delegate_decoder(read: Callable[[Any], Any]) -> Decoder:
    return lambda data, path: _placed(path, lambda: read(data))


def _text_decoder(read: Callable[[str], Any]) -> Decoder:
    def decode_text(data: Any, path: str) -> Any:
        try:
            return read(data)
        except InvalidInput as error:
            raise InvalidInput(tuple(attrs.evolve(issue, field=path) for issue in error.issues)) from None

    return decode_text
