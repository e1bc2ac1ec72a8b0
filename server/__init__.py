"""Gewu (格物): the server of community grid work."""

__version__ = "0.1.0"
