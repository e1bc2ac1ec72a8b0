"""Dispatched work (任务): assignment, transitions, events, queue."""
