"""The words that a pack may choose from; those of other rooms are held against them by tests."""

ROLES = ("worker", "leader", "operator", "supervisor", "department", "auditor", "admin")
TAKERS = ("leader", "supervisor", "operator")
"""The roles that can take a task that goes up."""
BACKUPS = ("required", "optional", "none")
PARTIAL_WINDOWS = ("drop", "keep", "prorate")
PROOFS = ("sign", "track", "photo", "record", "test_case")
PHOTOS = ("near", "far", "reference", "before", "after", "other")
ZONE_UNITS = ("minute", "hour")
RHYTHM_UNITS = ("work_day", "day", "week", "month")
PATROL_DAYS = ("day", "work_day", "week", "month")
MOMENTS = ("assign", "yellow", "red", "escalated", "returned")
RECEIVERS = ("assignee", "backup", "leader", "supervisor")
CATALOG_KINDS = ("component", "event")
BUILT_IN_KINDS = ("general",)

CYCLES = ("day", "week", "half_month", "month", "quarter", "half_year", "year")
MEASURES = (
    "coverage",
    "miss_rate",
    "timeliness",
    "on_time_rate",
    "error_rate",
    "event_share",
    "distinct_minors",
    "rework_rate",
    "extension_rate",
    "overdue_open_rate",
    "valid_report_rate",
    "satisfaction",
)
"""Measures (指标) that mean the same in every pack."""
