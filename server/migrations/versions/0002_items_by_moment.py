"""items of one content are looked up by their moment

A content hash lands anywhere in its index, so that every insert touched another page; the moments of
a member grow at one end.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-26
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("item") as batch_op:
        batch_op.drop_index("ix_item_member_content")
        batch_op.create_index("ix_item_member_at", ["member", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("item") as batch_op:
        batch_op.drop_index("ix_item_member_at")
        batch_op.create_index("ix_item_member_content", ["member", "content"], unique=False)
