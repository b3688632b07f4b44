"""What there is in the package, found by looking: no list that somebody has to keep."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from functools import cache
from types import ModuleType
from typing import Any

import billing_core
from billing_core.records import Record

__all__ = ["core_modules", "records"]


@cache
def core_modules() -> tuple[ModuleType, ...]:
    """Every module of the package but the extras, loaded."""
    found = pkgutil.walk_packages(billing_core.__path__, "billing_core.")
    names = [module.name for module in found if not module.name.startswith("billing_core.contrib")]
    return tuple(importlib.import_module(name) for name in names if not name.endswith("__main__"))


@cache
def records() -> tuple[Any, ...]:
    """Every class of records, by name."""
    core_modules()

    def below(cls: type) -> set[type]:
        return {cls}.union(*map(below, cls.__subclasses__()))

    # attrs makes a new class of each; the one that was written may still be there.
    found = {
        cls
        for cls in below(Record) - {Record}
        # The demo's own records are not the library's.
        if not cls.__module__.startswith("billing_core.contrib")
        and cls.__module__.startswith("billing_core.")
        and getattr(sys.modules[cls.__module__], cls.__name__) is cls
    }
    return tuple(sorted(found, key=lambda cls: cls.__name__))
