"""The domain of subscription billing."""
