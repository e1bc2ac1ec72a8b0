"""evidence of tasks that has not come yet

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

from server.kernel.database import Id, Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_evidence",
        sa.Column("item", Id, nullable=False),
        sa.Column("task", Id, nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.id"], name=op.f("fk_task_evidence_task")),
        sa.PrimaryKeyConstraint("item", "task", name=op.f("pk_task_evidence")),
    )
    op.create_index("ix_task_evidence_task", "task_evidence", ["task"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_task_evidence_task", table_name="task_evidence")
    op.drop_table("task_evidence")
