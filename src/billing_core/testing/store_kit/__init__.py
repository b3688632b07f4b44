"""
A conformance kit for stores: every promise of the port as a function, framework-free.

`run_store_kit` tries them all, and returns a table. `StoreKitTests` makes
test methods of them. Each function ``check_…`` can be called alone, with a
`StoreHarness`; it raises `AssertionError` with what it found.
"""

from billing_core.testing.store_kit.harness import AnyStore, Interrupted, StoreHarness
from billing_core.testing.store_kit.kit import CHECKS, StoreKitTests, run_store_kit
from billing_core.testing.store_kit.trial import StoreCheck

__all__ = [
    "CHECKS",
    "AnyStore",
    "Interrupted",
    "StoreCheck",
    "StoreHarness",
    "StoreKitTests",
    "run_store_kit",
]
