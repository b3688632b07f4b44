"""Optional adapters; each needs an extra."""
