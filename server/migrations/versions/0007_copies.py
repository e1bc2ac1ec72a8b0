"""copies of photos, and stamps

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

import server.kernel.database

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "copy",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        *_made(),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_copy_sha256"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["copy"], ["blob.sha256"], name=op.f("fk_copy_copy")),
        sa.PrimaryKeyConstraint("sha256", "kind", name=op.f("pk_copy")),
    )
    op.create_index("ix_copy_copy", "copy", ["copy"], unique=False)
    op.create_table(
        "stamp",
        sa.Column("item", server.kernel.database.Id, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        *_made(),
        sa.ForeignKeyConstraint(
            ["item", "sha256"],
            ["item_media.item", "item_media.sha256"],
            name="fk_stamp_item_media",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["copy"], ["blob.sha256"], name=op.f("fk_stamp_copy")),
        sa.PrimaryKeyConstraint("item", "sha256", name=op.f("pk_stamp")),
    )
    op.create_index("ix_stamp_code", "stamp", ["code"], unique=True)
    op.create_index("ix_stamp_copy", "stamp", ["copy"], unique=False)
    op.create_index("ix_stamp_sha256", "stamp", ["sha256"], unique=False)


def _made() -> list["sa.Column[object]"]:
    """What both tables say of a copy."""
    return [
        sa.Column("copy", sa.String(length=64), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("made_at", server.kernel.database.Instant(timezone=True), nullable=False),
    ]


def downgrade() -> None:
    op.drop_table("stamp")
    op.drop_table("copy")
