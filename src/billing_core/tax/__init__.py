"""Which tax applies, and what is known about a tax id; no rates, no network."""
