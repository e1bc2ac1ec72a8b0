"""what photos look like, to know them again

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BANDS = ("first", "second", "third")


def upgrade() -> None:
    op.create_table(
        "photo_sketch",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        _of_blob("photo_sketch"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo_sketch")),
    )
    op.create_table(
        "photo_code",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        *(sa.Column(band, sa.Integer(), nullable=False) for band in BANDS),
        _of_blob("photo_code"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo_code")),
    )
    for band in BANDS:
        op.create_index(f"ix_photo_code_{band}", "photo_code", [band], unique=False)


def _of_blob(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_sha256")
    return sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for band in BANDS:
        op.drop_index(f"ix_photo_code_{band}", table_name="photo_code")
    op.drop_table("photo_code")
    op.drop_table("photo_sketch")
