"""pushes and recurring plans

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

from server.kernel.database import Id, Instant, Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
NOW = Instant(timezone=True)


def upgrade() -> None:
    _pushes()
    _targets()
    _plans()
    _runs()


def _pushes() -> None:
    op.create_table(
        "push",
        sa.Column("id", Id, nullable=False),
        sa.Column("area", Id, nullable=True),
        sa.Column("target", Json, nullable=False),
        sa.Column("template", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("left_out", Json, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("plan", Id, nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("done_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_push_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push")),
    )
    op.create_index("ix_push_area_id", "push", ["area", "id"])
    op.create_index("ix_push_created_by_id", "push", ["created_by", "id"])


def _targets() -> None:
    op.create_table(
        "push_target",
        sa.Column("push", Id, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task", Id, nullable=False),
        sa.Column("assignee", Id, nullable=False),
        sa.Column("area", Id, nullable=False),
        sa.Column("subject", Id, nullable=True),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["push"], ["push.id"], name=op.f("fk_push_target_push")),
        sa.ForeignKeyConstraint(["assignee"], ["member.id"], name=op.f("fk_push_target_assignee")),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_push_target_area")),
        sa.PrimaryKeyConstraint("push", "no", name=op.f("pk_push_target")),
    )
    to_do = sa.text("NOT done")
    op.create_index(
        "ix_push_target_to_do",
        "push_target",
        ["push", "no"],
        sqlite_where=to_do,
        postgresql_where=to_do,
    )


def _plans() -> None:
    op.create_table(
        "plan",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("area", Id, nullable=True),
        sa.Column("pack", sa.String(length=80), nullable=True),
        sa.Column("target", Json, nullable=False),
        sa.Column("template", sa.String(length=64), nullable=True),
        sa.Column("task", Json, nullable=False),
        sa.Column("rhythm", Json, nullable=False),
        sa.Column("missed", sa.String(length=8), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("upto", NOW, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", NOW, nullable=False),
        sa.Column("updated_at", NOW, nullable=False),
        sa.Column("ended_at", NOW, nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_plan_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("key", name=op.f("uq_plan_key")),
    )
    op.create_index("ix_plan_area_id", "plan", ["area", "id"])


def _runs() -> None:
    op.create_table(
        "plan_run",
        sa.Column("plan", Id, nullable=False),
        sa.Column("at", NOW, nullable=False),
        sa.Column("made_at", NOW, nullable=False),
        sa.Column("stands_for", sa.Integer(), nullable=False),
        sa.Column("push", Id, nullable=True),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["plan"], ["plan.id"], name=op.f("fk_plan_run_plan")),
        sa.ForeignKeyConstraint(["push"], ["push.id"], name=op.f("fk_plan_run_push")),
        sa.PrimaryKeyConstraint("plan", "at", name=op.f("pk_plan_run")),
    )


def downgrade() -> None:
    for table in ("plan_run", "plan", "push_target", "push"):
        op.drop_table(table)
