"""The port to databases, and the store in memory."""
