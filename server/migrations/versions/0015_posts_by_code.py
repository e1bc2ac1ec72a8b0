"""which post of the rule pack a post is

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-27
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("post", sa.Column("code", sa.String(32), nullable=True))


def downgrade() -> None:
    op.drop_column("post", "code")
