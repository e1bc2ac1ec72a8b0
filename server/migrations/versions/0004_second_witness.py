"""what a photo says of place and time beside its item, and what was found

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

import server.kernel.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = (
    ("datum", sa.String(length=32)),
    ("direction", sa.Float()),
    ("north", sa.String(length=8)),
    ("gps_time", server.kernel.database.Instant(timezone=True)),
    ("changed_at", sa.String(length=40)),
    ("read_at", server.kernel.database.Instant(timezone=True)),
)


def upgrade() -> None:
    for name, type_ in COLUMNS:
        op.add_column("blob", sa.Column(name, type_, nullable=True))
    op.create_table(
        "finding",
        sa.Column("item", server.kernel.database.Id, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("flag", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_finding_item")),
        sa.PrimaryKeyConstraint("item", "sha256", "flag", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_flag_item", "finding", ["flag", "item"], unique=False)


def downgrade() -> None:
    op.drop_table("finding")
    # Not in a batch: that copies the table, and dropping the old one takes the owners with it.
    for name, _ in reversed(COLUMNS):
        op.drop_column("blob", name)
