"""duty: absences, notices, lights that were told of

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

from server.kernel import clock
from server.kernel.database import Id, Instant, Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

RUNS = "done_at IS NULL AND closed_at IS NULL AND suspended_at IS NULL"
UNTOLD = {
    "ix_task_yellow_untold": ("yellow_at", "told_yellow"),
    "ix_task_red_untold": ("due", "told_red"),
}
AT = Instant(timezone=True)
TASK = sa.table(
    "task", *(sa.column(name, AT) for name in ("yellow_at", "due", "told_yellow", "told_red"))
)


def upgrade() -> None:
    _absences()
    _notices()
    op.add_column("task", sa.Column("told_yellow", AT))
    op.add_column("task", sa.Column("told_red", AT))
    _mark_old_lights()
    for name, (turned, told) in UNTOLD.items():
        op.create_index(
            name,
            "task",
            [turned],
            sqlite_where=sa.text(f"{RUNS} AND {told} IS NOT {turned}"),
            postgresql_where=sa.text(f"{RUNS} AND {told} IS DISTINCT FROM {turned}"),
        )


def _absences() -> None:
    op.create_table(
        "absence",
        sa.Column("id", Id, nullable=False),
        sa.Column("member", Id, nullable=False),
        sa.Column("begins", AT, nullable=False),
        sa.Column("ends", AT, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("backup", Id),
        sa.Column("open_tasks", sa.String(16), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("approved_by", sa.String(64)),
        sa.Column("begun_at", AT),
        sa.Column("ended_at", AT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["member.id"], name=op.f("fk_absence_member")),
        sa.ForeignKeyConstraint(["backup"], ["member.id"], name=op.f("fk_absence_backup")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    stands = sa.text("ended_at IS NULL")
    op.create_index("ix_absence_member_id", "absence", ["member", "id"])
    op.create_index(
        "ix_absence_begins", "absence", ["begins"], sqlite_where=stands, postgresql_where=stands
    )
    op.create_table(
        "absence_task",
        sa.Column("absence", Id, nullable=False),
        sa.Column("task", Id, nullable=False),
        sa.Column("assignment", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["absence"], ["absence.id"], name=op.f("fk_absence_task_absence")),
        sa.ForeignKeyConstraint(["task"], ["task.id"], name=op.f("fk_absence_task_task")),
        sa.PrimaryKeyConstraint("absence", "task", name=op.f("pk_absence_task")),
    )


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", Id, nullable=False),
        sa.Column("member", Id, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("object_kind", sa.String(16), nullable=False),
        sa.Column("object", Id, nullable=False),
        sa.Column("args", Json, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("read_at", AT),
        sa.ForeignKeyConstraint(["member"], ["member.id"], name=op.f("fk_notice_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    unread = sa.text("read_at IS NULL")
    op.create_index("ix_notice_member_id", "notice", ["member", "id"])
    op.create_index("ix_notice_at", "notice", ["at"])
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["member", "id"],
        sqlite_where=unread,
        postgresql_where=unread,
    )


def _mark_old_lights() -> None:
    """Nobody is told now of what has been yellow or red for long."""
    now = clock.now()
    for turned, told in UNTOLD.values():
        column = TASK.c[turned]
        op.execute(TASK.update().where(column <= now).values({told: column}))


def downgrade() -> None:
    for name in UNTOLD:
        op.drop_index(name, "task")
    op.drop_column("task", "told_red")
    op.drop_column("task", "told_yellow")
    op.drop_table("notice")
    op.drop_table("absence_task")
    op.drop_table("absence")
