"""a page of tasks is walked along an index, whatever it is narrowed by

Tasks of a member, of a state, and of a state with a member or in an area: each in the order of ids.
Nothing asked for the tasks of a state by the day they are due.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-26
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("task") as batch_op:
        batch_op.drop_index("ix_task_assignee_state")
        batch_op.drop_index("ix_task_state_due")
        batch_op.create_index("ix_task_assignee_id", ["assignee", "id"], unique=False)
        batch_op.create_index(
            "ix_task_assignee_state_id", ["assignee", "state", "id"], unique=False
        )
        batch_op.create_index("ix_task_area_state_id", ["area", "state", "id"], unique=False)
        batch_op.create_index("ix_task_state_id", ["state", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("task") as batch_op:
        batch_op.drop_index("ix_task_state_id")
        batch_op.drop_index("ix_task_area_state_id")
        batch_op.drop_index("ix_task_assignee_state_id")
        batch_op.drop_index("ix_task_assignee_id")
        batch_op.create_index("ix_task_state_due", ["state", "due"], unique=False)
        batch_op.create_index("ix_task_assignee_state", ["assignee", "state"], unique=False)
