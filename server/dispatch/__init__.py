"""Work given out: pushes in bulk (批量派发) and the recurring plans (周期计划) that make them."""
