"""Pushes in bulk (批量派发): planned first, then worked off, each task exactly once."""
