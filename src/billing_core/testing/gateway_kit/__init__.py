"""Thirty cases that an adapter to a payment processor has to get right, and what runs them."""
