"""Copies of photos for showing (副本): small, for a screen, and stamped; made by the worker."""
