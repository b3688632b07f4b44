"""Called by Hypothesis when it starts, through the package's entry point. Imports nothing before that."""

from __future__ import annotations

__all__ = ["register"]


def register() -> None:
    """Let ``st.from_type`` draw the records of billing."""
    from billing_core.testing.strategies import register as register_all

    register_all()
