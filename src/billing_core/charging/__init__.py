"""What to charge, when, and what follows from the answer."""
