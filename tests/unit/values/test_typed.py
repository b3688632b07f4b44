"""Values that are what their annotations say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.values.money import Money
from billing_core.values.texts import Id, Private, Text
from billing_core.values.typed import Typed, check_for, check_instance, check_plain, trusted
from tests.reflection import core_modules

T = TypeVar("T")
CARD = "4242 4242 4242 4242"
NOW = datetime(2025, 1, 31, tzinfo=UTC)


class Color(StrEnum):
    """Some enum."""

    RED = "red"


class Port(Protocol):
    """Some port."""

    def act(self) -> None:
        """Do something."""


@attrs.frozen
class Box(Typed, Generic[T]):
    """Something generic."""

    item: T


@attrs.frozen(kw_only=True)
class Sample(Typed):
    """A field of every sort."""

    kind: ClassVar[str] = "sample"

    id: Id = "x"
    text: str = ""
    whole: int = 0
    flag: bool = False
    at: datetime = NOW
    day: date = date(2025, 1, 31)
    pause: timedelta = timedelta(0)
    rate: Decimal = Decimal(0)
    color: Color = Color.RED
    money: Money | None = None
    either: Money | Decimal | None = None
    notes: tuple[Text, ...] = ()
    colors: frozenset[Color] = frozenset()
    refs: Private[Mapping[Id, int]] = MappingProxyType({})
    marked: Annotated[int | None, "a mark of somebody else's"] = None
    port: Port | None = None
    boxed: Box[Money] | None = None
    anything: Any = None
    derived: int = attrs.field(init=False, default=0)


@attrs.frozen(kw_only=True)
class Note(Typed):
    """One field with a default, and one without."""

    text: Text
    whole: int = 0


@runtime_checkable
class Asked(Protocol):
    """A port that tells what it can do."""

    def act(self) -> None:
        """Do something."""


class Actual:
    """Is a port, by what it does."""

    def act(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"id": "acc_1", "text": "Ada", "whole": -1, "flag": True},
        {"at": datetime.fromisoformat("2025-01-31T09:00+01:00"), "day": date(2025, 2, 1)},
        {"money": Money.of(1, "EUR"), "either": Money.of(1, "EUR")},
        {"either": Decimal(1)},
        {"notes": ("a", "b"), "colors": frozenset({Color.RED}), "refs": {"a": 1}},
        {"marked": 7, "port": Actual(), "boxed": Box(Money.of(1, "EUR"))},
        {"anything": {"a": [1, {"b": ("acc_1", None)}, {"c"}]}},
        {"anything": "msg_4242424242424242"},
        {"anything": object()},
    ],
)
def test_what_fits_comes_into_being(changes: dict[str, Any]) -> None:
    """As it was given."""
    sample = Sample(**changes)
    assert changes == {name: getattr(sample, name) for name in changes}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id", "4242424242424242", "looks_like_card_number"),
        ("id", None, "invalid_type"),
        ("text", CARD, "looks_like_card_number"),
        ("text", 7, "invalid_type"),
        ("whole", True, "invalid_type"),
        ("whole", 1.0, "invalid_type"),
        ("whole", "1", "invalid_type"),
        ("flag", 1, "invalid_type"),
        ("at", NOW.replace(tzinfo=None), "naive_datetime"),
        ("at", date(2025, 1, 31), "invalid_type"),
        ("day", NOW, "invalid_type"),
        ("pause", 5, "invalid_type"),
        ("rate", 0.5, "invalid_type"),
        ("color", "red", "invalid_type"),
        ("money", "1.00 EUR", "invalid_type"),
        ("either", "1", "invalid_type"),
        ("notes", ["a"], "invalid_type"),
        ("notes", ("a", 1), "invalid_type"),
        ("notes", ("a", CARD), "looks_like_card_number"),
        ("notes", CARD, "invalid_type"),
        ("colors", {Color.RED}, "invalid_type"),
        ("colors", frozenset({"red"}), "invalid_type"),
        ("refs", [("a", 1)], "invalid_type"),
        ("refs", {"a": "1"}, "invalid_type"),
        ("refs", {"a b": 1}, "invalid_characters"),
        ("marked", "7", "invalid_type"),
        ("boxed", Money.of(1, "EUR"), "invalid_type"),
        ("port", CARD, "looks_like_card_number"),
        ("anything", CARD, "looks_like_card_number"),
        ("anything", {"a": [{"b": (CARD,)}]}, "looks_like_card_number"),
        ("anything", {CARD: 1}, "looks_like_card_number"),
        ("anything", frozenset({CARD}), "looks_like_card_number"),
    ],
)
def test_what_does_not_fit_is_refused(field: str, value: Any, code: str) -> None:
    """By the name of its field; the value is not repeated."""
    with pytest.raises(InvalidInput) as caught:
        Sample(**{field: value})
    assert [(field, code)] == [(issue.field, issue.code) for issue in caught.value.issues]
    assert "4242" not in repr(caught.value)


def test_several_classes_are_named() -> None:
    """So that the message says what would be right."""
    wrong: Any = 7
    with pytest.raises(InvalidInput, match="either: has the wrong type; expected Money or Decimal"):
        Sample(either=wrong)


def test_the_item_of_a_generic_is_searched() -> None:
    """Its type is not known when it is made."""
    with pytest.raises(InvalidInput, match="item: looks like a card number"):
        Box(CARD)


def test_a_single_value_can_be_checked() -> None:
    """By its class, or by an annotation with or without None."""
    check_instance(NOW, datetime, "at")
    with pytest.raises(InvalidInput, match="at: has the wrong type; expected datetime"):
        check_instance("now", datetime, "at")
    check_for(Money | Decimal)(Decimal(1), "price")
    check_for(int | None)(None, "count")
    check_for(int)(1, "count")
    with pytest.raises(InvalidInput, match="price: has the wrong type; expected Money or Decimal"):
        check_for(Money | Decimal)(None, "price")


def test_a_port_that_can_be_asked_is_asked() -> None:
    """What it can do is what it is."""
    check_for(Asked)(Actual(), "port")
    with pytest.raises(InvalidInput, match="port: has the wrong type; expected Asked"):
        check_for(Asked)("x", "port")


def test_plain_data_is_searched_at_any_depth() -> None:
    """Ids of machines pass."""
    check_plain({"a": ["acc_1", 4242424242424242, None, b"raw"]}, "data")
    with pytest.raises(InvalidInput, match="data: looks like a card number"):
        check_plain([CARD.encode()], "data")
    check_plain(b"\xff\xfe raw", "data")
    with pytest.raises(InvalidInput, match="data: looks like a card number"):
        check_plain(b"\xff" + CARD.encode(), "data")
    with pytest.raises(InvalidInput, match="data: looks like a card number"):
        check_plain([{"a": {"b": CARD}}], "data")


def test_what_is_trusted_is_taken_as_it_is() -> None:
    """What is not given has its default; a field too many or too few is an error of the program."""
    assert Note(text="a") == trusted(Note, text="a")
    assert CARD == trusted(Note, text=CARD).text
    fields: dict[str, Any]
    for fields in ({}, {"item": 1, "size": 2}):
        with pytest.raises(AssertionError, match=r"^every field is known, and no other$"):
            trusted(Box, **fields)


def typed_classes() -> list[Any]:
    """Every class of the package that checks its fields."""
    core_modules()

    def below(cls: type) -> set[type]:
        return {cls}.union(*map(below, cls.__subclasses__()))

    return sorted((cls for cls in below(Typed) if attrs.has(cls)), key=lambda cls: cls.__qualname__)


@pytest.mark.parametrize(
    "cls",
    [cls for cls in typed_classes() if cls.__module__.startswith("billing_core")],
    ids=lambda cls: cls.__name__,
)
def test_rules_of_a_class_come_after_the_types(cls: Any) -> None:
    """A class with rules of its own must not forget those of its base."""
    own = vars(cls).get("__attrs_post_init__")
    assert own is None or "__attrs_post_init__" in own.__code__.co_names


def test_however_many_types_a_field_has_each_value_is_looked_at() -> None:
    """What is remembered of the types of fields is bounded, and what is forgotten is found out again."""
    for number in range(300):
        made = type(f"Made{number}", (), {})()
        assert made is Box(made).item
    for card in ({"number": CARD}, [CARD], CARD):
        with pytest.raises(InvalidInput, match="item"):
            Box(card)
