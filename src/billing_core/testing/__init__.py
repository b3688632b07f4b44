"""What a host needs to test its own billing."""
