"""Plans and licenses, the time that is covered, and extensions."""
