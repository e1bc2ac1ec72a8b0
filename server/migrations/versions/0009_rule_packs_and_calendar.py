"""rule packs and calendar

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

from server.kernel.database import Id, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pack",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("object", Id, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("installed_by", sa.String(length=64), nullable=False),
        sa.Column("installed_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_pack")),
        sa.UniqueConstraint("object", name=op.f("uq_pack_object")),
    )
    op.create_table(
        "pack_term",
        sa.Column("id", Id, nullable=False),
        sa.Column("area", Id, nullable=True),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_pack_term_area")),
        sa.ForeignKeyConstraint(
            ["pack", "version"], ["pack.id", "pack.version"], name=op.f("fk_pack_term_pack")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_term")),
    )
    op.create_index("ix_pack_term_area_from_day", "pack_term", ["area", "from_day"])
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "regime_stamp",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stamp", Id, nullable=False),
        sa.Column("turned", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regime_stamp")),
    )
    for table in ("item", "shift"):
        op.add_column(table, sa.Column("pack", sa.String(length=80), nullable=True))


def downgrade() -> None:
    for table in ("item", "shift"):
        op.drop_column(table, "pack")
    for table in ("regime_stamp", "calendar_day", "pack_term", "pack"):
        op.drop_table(table)
