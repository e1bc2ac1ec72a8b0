"""marks of what changed where

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

import server.kernel.database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mark",
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("area", server.kernel.database.Id, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("no", "area", "kind", name=op.f("pk_mark")),
    )


def downgrade() -> None:
    op.drop_table("mark")
