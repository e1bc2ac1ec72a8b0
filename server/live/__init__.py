"""Tells pages that something changed, as it happens (SSE)."""
