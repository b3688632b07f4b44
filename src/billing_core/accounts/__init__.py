"""Accounts, people, billing information and saved cards."""
