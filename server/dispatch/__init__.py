"""Gives tasks in bulk (批量派发): pushes, templates, recurring plans."""
