"""A value with some fields changed: as its constructor would have made it, or not at all."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from billing_core.errors import InvalidInput
from billing_core.issues import invalid
from billing_core.values.texts import Id, Text
from billing_core.values.typed import Typed, evolve, trusted

CARD = "4242 4242 4242 4242"


def _at_most_nine(instance: Any, attribute: Any, value: Any) -> None:
    # The name of the value says that the validator got it, with the new value in its place.
    if isinstance(value, int) and value > 9:
        raise invalid(
            attribute.name, "out_of_range", min=0, max=f"9 in {instance.name} with {instance.count}"
        )


def _as_int(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdigit() else value


@attrs.frozen(kw_only=True)
class Parcel(Typed):
    """Fields with a converter and a validator, and a rule on both."""

    name: Id
    count: int = attrs.field(default=0, converter=_as_int, validator=_at_most_nine)
    note: Text = ""
    tags: tuple[Text, ...] = ()
    weight: int | None = None

    def _check_together(self) -> None:
        if self.note == "empty" and self.count:
            raise invalid("note", "mismatch", other="the count")


@attrs.frozen(kw_only=True)
class Derived(Typed):
    """Has a field that follows from another one."""

    count: int
    double: int = attrs.field(init=False, default=attrs.Factory(lambda self: self.count * 2, takes_self=True))


@attrs.frozen(kw_only=True)
class Busy(Typed):
    """Does something more when it is made."""

    count: int
    log: list[int] = attrs.field(factory=list, eq=False)

    def __attrs_post_init__(self) -> None:
        Typed.__attrs_post_init__(self)
        self.log.append(self.count)


PARCEL = Parcel(name="parcel", count=2, note="fragile", tags=("a",))


@pytest.mark.parametrize(
    "changes",
    [{}, {"count": 9}, {"count": "7"}, {"note": "", "tags": ("b", "c")}, {"name": "other", "count": 0}],
)
def test_as_the_constructor_makes_it(changes: dict[str, Any]) -> None:
    """All other fields stay, and the value that it comes from as well."""
    expected = attrs.evolve(PARCEL, **changes)
    assert expected == evolve(PARCEL, **changes)
    assert Parcel(name="parcel", count=2, note="fragile", tags=("a",)) == PARCEL
    assert type(evolve(PARCEL, **changes)) is Parcel


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"count": 10}, "count: must be between 0 and 9 in parcel with 10"),
        ({"count": "10"}, "count: must be between 0 and 9 in parcel with 10"),
        ({"count": "x"}, "count: has the wrong type; expected a whole number"),
        ({"count": True}, "count: has the wrong type; expected a whole number"),
        ({"note": 7}, "note: has the wrong type; expected text"),
        ({"note": CARD}, "note: looks like a card number; card numbers must never be entered here"),
        ({"weight": "heavy"}, "weight: has the wrong type; expected a whole number"),
        ({"tags": ["a"]}, "tags: has the wrong type; expected a tuple"),
        ({"tags": ("a", CARD)}, "tags: looks like a card number; card numbers must never be entered here"),
        ({"note": "empty"}, "note: does not agree with the count"),
    ],
)
def test_what_the_constructor_refuses(changes: dict[str, Any], text: str) -> None:
    """Is refused in the same words."""
    for make in (attrs.evolve, evolve):
        with pytest.raises(InvalidInput) as caught:
            make(PARCEL, **changes)
        assert text == str(caught.value)


def test_fields_are_judged_together_only_when_all_are_changed() -> None:
    """So two that fit each other can be changed at once."""
    assert Parcel(name="parcel", note="empty", tags=("a",)) == evolve(PARCEL, note="empty", count=0)


def test_unknown_field() -> None:
    """By its name, and the class."""
    with pytest.raises(TypeError, match=r"^Parcel has no field size$"):
        evolve(PARCEL, size=1)


def test_what_follows_from_a_field_follows_again() -> None:
    """Nothing that a class does when a value is made is left out."""
    assert 6 == evolve(Derived(count=2), count=3).double
    busy = Busy(count=1)
    assert [1, 2] == evolve(busy, count=2).log


def test_trusted_takes_fields_in_any_order() -> None:
    """With the defaults of those that are not given; nothing is converted."""
    assert PARCEL == trusted(Parcel, tags=("a",), note="fragile", count=2, name="parcel")
    plain = trusted(Parcel, name="parcel")
    assert Parcel(name="parcel") == plain
    unconverted: Any = trusted(Parcel, name="parcel", count="7").count
    assert "7" == unconverted
