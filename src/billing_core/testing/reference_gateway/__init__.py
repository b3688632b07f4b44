"""Adapters to the reference processor, plain and for asyncio, written as a host would write its own."""
