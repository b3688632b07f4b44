"""A small, honest payment processor on the loopback interface, with a ledger on disk."""
