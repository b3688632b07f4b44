"""
How Hypothesis searches: everywhere without deadlines, in CI without chance.

A deadline measures the machine and not the code. On a developer's machine each
run explores other examples; in CI the same ones, so that a red run is red again.
"""

from __future__ import annotations

import os

from hypothesis import Phase, settings

settings.register_profile("explore", deadline=None)
settings.register_profile("repeat", deadline=None, derandomize=True)
# Each mutant is tried against every law that reaches it, so few examples have to do, and any failure will.
settings.register_profile(
    "mutation",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=25,
    phases=(Phase.explicit, Phase.generate),
)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("repeat" if os.environ.get("CI") else "explore")
