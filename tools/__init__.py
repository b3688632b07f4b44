"""Maintenance scripts and the project's own lints. Not part of the distribution's packages."""
