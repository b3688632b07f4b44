"""A changed record is what its constructor makes of the same fields, or is refused in the same words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core.testing.strategies import registered
from billing_core.values.typed import Typed, evolve
from tests.reflection import records

NAIVE = datetime(2025, 1, 31, tzinfo=None)  # noqa: DTZ001 - it is there to be refused
CARD = "5105 1051 0510 5100"

#: Wrong for most fields, right for some; right by type and wrong for the rest of the record.
STRANGERS: tuple[Any, ...] = (None, True, -7, 10**20, "", CARD, "Ada", NAIVE, (), ("x",), {}, object())


def outcome(change: Any, record: Any, changes: dict[str, Any]) -> Any:
    """What comes of a change: a record, or what it was refused with."""
    try:
        return change(record, **changes)
    except Exception as error:  # noqa: BLE001 - whatever the constructor raises is the right answer
        return type(error), str(error)


@pytest.mark.parametrize("cls", records(), ids=lambda cls: cls.__name__)
@settings(max_examples=1)
@given(data=st.data())
def test_evolve_agrees_with_the_constructor(cls: Any, data: st.DataObject) -> None:
    """Field by field, for what it was, for another one's, and for what can't be right."""
    strategy = registered()[cls.__name__]
    record, other = data.draw(strategy), data.draw(strategy)
    for field in attrs.fields(cls):
        for value in (getattr(record, field.name), getattr(other, field.name), *STRANGERS):
            changes = {field.name: value}
            assert outcome(attrs.evolve, record, changes) == outcome(evolve, record, changes)


def test_unknown_field_is_an_error_of_the_program() -> None:
    """As with any unknown argument."""
    with pytest.raises(TypeError, match="Box has no field size"):
        evolve(Box(item=1), size=2)


def test_class_with_more_to_do_does_it_for_a_change_as_well() -> None:
    """Whoever writes ``__attrs_post_init__`` instead of the rule that is meant for it loses no check."""
    assert 4 == evolve(Even(number=2), number=4).number
    with pytest.raises(ValueError, match="odd"):
        evolve(Even(number=2), number=3)
    assert Doubled(number=3) == evolve(Doubled(number=2), number=3)


@attrs.frozen(kw_only=True)
class Box(Typed):
    """One field only."""

    item: int


@attrs.frozen(kw_only=True)
class Doubled(Typed):
    """A field that follows from another one."""

    number: int
    double: int = attrs.field(init=False, default=attrs.Factory(lambda it: 2 * it.number, takes_self=True))


@attrs.frozen(kw_only=True)
class Even(Typed):
    """A rule of the old kind."""

    number: int

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.number % 2:
            raise ValueError("odd")
