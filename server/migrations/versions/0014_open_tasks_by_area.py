"""open tasks of an area by id, with what tells their lights and figures

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OPEN = sa.text("done_at IS NULL AND closed_at IS NULL")
COLUMNS = [
    *("area", "id", "due", "yellow_at", "suspended_at", "accepted_at", "clock_from", "assignee"),
    *("done_at", "closed_at"),
]
BEFORE, AFTER = "ix_task_area_due", "ix_task_area_open"


def upgrade() -> None:
    _replace(BEFORE, AFTER, COLUMNS)


def downgrade() -> None:
    _replace(AFTER, BEFORE, ["area", "due"])


def _replace(old: str, new: str, columns: list[str]) -> None:
    op.drop_index(old, "task")
    op.create_index(new, "task", columns, sqlite_where=OPEN, postgresql_where=OPEN)
