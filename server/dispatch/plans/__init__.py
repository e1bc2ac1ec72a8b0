"""Recurring plans (周期计划): each occurrence makes one push, exactly once."""
