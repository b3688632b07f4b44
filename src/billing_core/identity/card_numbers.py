"""The detector of card numbers, by the name that the validators know it under."""

from __future__ import annotations

from billing_core.card_numbers import contains_card_number

__all__ = ["contains_card_number"]
