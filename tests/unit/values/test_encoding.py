"""How values are written: one form for each type, and what is private hidden."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any, ClassVar

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.values.encoding import (
    StoredField,
    appended,
    encode,
    encode_fields,
    reader,
    stored_fields,
    stored_values,
)
from billing_core.values.money import Money
from billing_core.values.texts import Private


class Color(StrEnum):
    """Some enum of texts."""

    RED = "red"


class Size(Enum):
    """Some enum of numbers."""

    SMALL = 1


class Listed(list[Any]):
    """A list of another type."""


class Named:
    """Writes itself as a text."""

    def to_text(self) -> str:
        """Its text."""
        return "named"


class Mapped:
    """Writes itself as a mapping."""

    def to_dict(self) -> dict[str, Any]:
        """Its data."""
        return {"a": 1}


@attrs.frozen
class Recorded:
    """Has a header when it is written by itself, and none inside another one."""

    SCHEMA: ClassVar[int] = 1
    name: str

    def to_dict(self) -> dict[str, Any]:
        """With its header."""
        return {"schema": 1, "name": self.name}


@attrs.frozen(kw_only=True)
class Person:
    """A record with something to hide."""

    id: str
    name: Private[str | None] = None
    home: Private[tuple[date, ...]] = ()
    colors: frozenset[Color] = frozenset()
    derived: int = attrs.field(init=False, default=7)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("a", "a"),
        (Color.RED, "red"),
        (Size.SMALL, 1),
        (date(2025, 1, 31), "2025-01-31"),
        (datetime(2025, 1, 31, 9, tzinfo=UTC), "2025-01-31T09:00:00+00:00"),
        (datetime(2025, 1, 31, 9, tzinfo=timezone(timedelta(hours=2))), "2025-01-31T07:00:00+00:00"),
        (timedelta(0), "P0DT0.000000S"),
        (timedelta(days=2, seconds=3, microseconds=4), "P2DT3.000004S"),
        (timedelta(seconds=-1), "-P0DT1.000000S"),
        (timedelta(days=-1, microseconds=-5), "-P1DT0.000005S"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        ((1, date(2025, 1, 31)), [1, "2025-01-31"]),
        ([None, Color.RED], [None, "red"]),
        (Listed([Decimal(1)]), ["1"]),
        (frozenset({3, 1, 2}), [1, 2, 3]),
        ({"a": 1, 2: Color.RED}, {"a": 1, "2": "red"}),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
        (OrderedDict(a=date(2025, 1, 31)), {"a": "2025-01-31"}),
        (Named(), "named"),
        (Mapped(), {"a": 1}),
        (Recorded("x"), {"name": "x"}),
        ((Recorded("x"),), [{"name": "x"}]),
        (Money.of("1.50", "EUR"), Money.of("1.50", "EUR").to_dict()),
    ],
)
def test_forms(value: Any, expected: Any) -> None:
    """What can be written at all, and how; of the very types that JSON has."""
    written = encode(value)
    assert expected == written
    assert type(expected) is type(written)


@pytest.mark.parametrize("value", [object(), 1j, {"a": object()}, (object(),)])
def test_anything_else_is_refused(value: Any) -> None:
    """The value is not repeated."""
    with pytest.raises(InvalidInput) as caught:
        encode(value)
    assert "value: has the wrong type; expected a value that a record may hold" == str(caught.value)


def test_private_values_are_hidden() -> None:
    """In whatever they are held; what is not there needs no hiding."""
    ada = Person(id="ada", name="Ada", home=(date(2025, 1, 31),), colors=frozenset({Color.RED}))
    shown = {"id": "ada", "name": "Ada", "home": ["2025-01-31"], "colors": ["red"]}
    hidden = {"id": "ada", "name": "<'Ada'>", "home": "<['2025-01-31']>", "colors": ["red"]}

    def hide(data: Any) -> str:
        return f"<{data!r}>"

    assert (shown, hidden) == (encode_fields(ada), encode_fields(ada, hide))
    assert ([hidden], {"a": hidden}) == (encode((ada,), hide), encode({"a": ada}, hide))
    nobody = Person(id="nobody")
    assert {"id": "nobody", "name": None, "home": "<[]>", "colors": []} == encode_fields(nobody, hide)
    for field, value in zip(stored_fields(Person), stored_values(ada), strict=True):
        assert (shown[field.name], hidden[field.name]) == (
            field.encode(value, None),
            field.encode(value, hide),
        )
    assert None is stored_fields(Person)[1].encode(None, hide)


def test_stored_fields() -> None:
    """What a class is made from, with what is needed and what is private; nothing that it derives."""
    assert (
        StoredField("id", is_required=True, is_private=False, hint=str),
        StoredField("name", is_required=False, is_private=True, hint=str | None),
        StoredField("home", is_required=False, is_private=True, hint=tuple[date, ...]),
        StoredField("colors", is_required=False, is_private=False, hint=frozenset[Color]),
    ) == stored_fields(Person)
    assert ("ada", None, (), frozenset()) == stored_values(Person(id="ada"))


@pytest.mark.parametrize(
    ("names", "expected"), [([], ()), (["id"], ("ada",)), (["name", "id"], ("Ada", "ada"))]
)
def test_reader(names: list[str], expected: tuple[Any, ...]) -> None:
    """A tuple, of however many."""
    assert expected == reader(names)(Person(id="ada", name="Ada"))


def test_what_was_appended() -> None:
    """Only to a tuple that goes on from the very same items; nothing was appended to nothing."""
    first, second = Named(), Named()
    assert (second,) == appended((first,), (first, second))
    assert (1, 2) == appended((first, second), (first, second, 1, 2))
    for old, new in (
        ((first,), (second, first)),
        ((first, second), (first,)),
        ((first,), (first,)),
        ((), (first,)),
        ([first], (first, second)),
        ((first,), [first, second]),
        ([first], [first, second]),
        (None, (first,)),
    ):
        assert appended(old, new) is None
