"""A mapping that stays as it is: what a frozen record holds must be as frozen as the record."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

__all__ = ["FrozenDict"]

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """
    A dict that can't be changed, and therefore be hashed if its values can.

    It is a dict, not a view of one, so that it is read, compared, printed and
    written as JSON like any other, at a dict's speed.

    >>> minimum = FrozenDict({"EUR": 50})
    >>> minimum == {"EUR": 50}, hash(minimum) == hash(FrozenDict(EUR=50))
    (True, True)
    >>> minimum["EUR"] = 1
    Traceback (most recent call last):
    TypeError: this mapping can't be changed; make a dict of it first
    """

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping can't be changed; make a dict of it first")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        # A dict's own way sets item by item.
        return type(self), (dict(self),)

    def copy(self) -> dict[K, V]:
        """A dict of its own, to change."""
        return dict(self)
