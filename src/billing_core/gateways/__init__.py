"""The port to payment processors."""
