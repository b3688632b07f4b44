"""What a frozen record holds is frozen, too."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from billing_core.gateways.capabilities import Capabilities
from billing_core.values.frozen import FrozenDict

MINIMUM = FrozenDict({"EUR": 50, "JPY": 1})

CHANGES: dict[str, Callable[[Any], Any]] = {
    "set": lambda it: it.__setitem__("EUR", 1),
    "del": lambda it: it.__delitem__("EUR"),
    "|=": lambda it: it.__ior__({"EUR": 1}),
    "clear": lambda it: it.clear(),
    "pop": lambda it: it.pop("EUR"),
    "popitem": lambda it: it.popitem(),
    "setdefault": lambda it: it.setdefault("USD", 1),
    "update": lambda it: it.update(EUR=1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nothing_changes_it(change: Callable[[Any], Any]) -> None:
    """Every way of a dict to be changed is refused, also if nothing would be different."""
    with pytest.raises(TypeError, match=r"^this mapping can't be changed; make a dict of it first$"):
        change(MINIMUM)
    assert {"EUR": 50, "JPY": 1} == MINIMUM


def test_every_way_to_change_a_dict_is_known_here() -> None:
    """A method that a later Python adds would have to be refused as well."""
    own = {name for name, it in vars(FrozenDict).items() if callable(it)}
    reading = {
        "__class_getitem__",
        "__contains__",
        "__doc__",
        "__eq__",
        "__ge__",
        "__getattribute__",
        "__getitem__",
    }
    reading |= {
        "__gt__",
        "__init__",
        "__iter__",
        "__le__",
        "__len__",
        "__lt__",
        "__ne__",
        "__new__",
        "__or__",
    }
    reading |= {
        "__repr__",
        "__reversed__",
        "__ror__",
        "__sizeof__",
        "fromkeys",
        "get",
        "items",
        "keys",
        "values",
    }
    assert set() == set(vars(dict)) - reading - own


def test_it_reads_like_a_dict() -> None:
    """Equal, printed, hashed by its content, and JSON."""
    assert {"EUR": 50, "JPY": 1} == MINIMUM
    assert repr({"EUR": 50, "JPY": 1}) == repr(MINIMUM)
    assert hash(FrozenDict(JPY=1, EUR=50)) == hash(MINIMUM)
    assert '{"EUR": 50, "JPY": 1}' == json.dumps(MINIMUM)


def test_copies() -> None:
    """Pickles and copies are frozen again; `copy` gives a dict to change."""
    for made in (pickle.loads(pickle.dumps(MINIMUM)), copy.copy(MINIMUM), copy.deepcopy(MINIMUM)):
        assert (FrozenDict, MINIMUM) == (type(made), made)
    mine = MINIMUM.copy()
    mine["EUR"] = 1
    assert 50 == MINIMUM["EUR"]


def test_declaration_can_be_hashed_and_not_changed() -> None:
    """What a gateway declares does not move under whoever relies on it."""
    declared = Capabilities(minimum_amounts={"EUR": 50})
    assert hash(Capabilities(minimum_amounts={"EUR": 50})) == hash(declared)
    with pytest.raises(TypeError):
        declared.minimum_amounts["EUR"] = 1  # type: ignore[index]


def test_different_ones_have_different_hashes() -> None:
    """Nearly always, whatever their order: a set of many of them is as quick as any."""
    assert len({hash(FrozenDict({"EUR": amount})) for amount in range(100)}) > 90
    assert hash(MINIMUM) == hash(FrozenDict({"JPY": 1, "EUR": 50}))
