"""the queue of jobs

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import server.kernel.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.String(length=36).with_variant(sa.UUID(as_uuid=False), "postgresql")
JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payload", JSON, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("most_tries", sa.Integer(), nullable=False),
        sa.Column("due_at", server.kernel.database.Instant(timezone=True), nullable=False),
        sa.Column("leased_until", server.kernel.database.Instant(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=120), nullable=True),
        sa.Column("error", sa.String(length=100), nullable=True),
        sa.Column("created_at", server.kernel.database.Instant(timezone=True), nullable=False),
        sa.Column("done_at", server.kernel.database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    for name, unique in (("waiting", True), ("running", False)):
        state = sa.text(f"state = '{name}'")
        op.create_index(
            f"ix_job_{name}",
            "job",
            ["kind", "key"],
            unique=unique,
            sqlite_where=state,
            postgresql_where=state,
        )
    op.create_index("ix_job_due", "job", ["state", "due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("job")
