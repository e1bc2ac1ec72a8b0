"""tasks by the clock

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-26
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from server.kernel.database import Id, Instant, Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = "done_at IS NULL AND closed_at IS NULL"
INDEXES = {
    "ix_task_area_due": (["area", "due"], OPEN),
    "ix_task_due": (["due"], OPEN),
    "ix_task_yellow_at": (["yellow_at"], OPEN),
    "ix_task_escalate_at": (["escalate_at"], "escalate_at IS NOT NULL"),
    "ix_task_push": (["push"], "push IS NOT NULL"),
    "ix_task_area_done_at": (["area", "done_at"], "done_at IS NOT NULL"),
}
MOMENTS = (
    *("clock_from", "yellow_at", "suspended_at", "accept_by", "escalate_at"),
    *("accepted_at", "done_at", "closed_at"),
)
TASK = sa.table(
    "task",
    *(sa.column(name) for name in ("id", "state", "due", "created_at", "late", *MOMENTS)),
)
EVENT = sa.table("task_event", *(sa.column(name) for name in ("task", "at", "to_state")))


def upgrade() -> None:
    for column in _columns():
        op.add_column("task", column)
    op.add_column("task_event", _json("detail", "{}"))
    _fill()
    for name, (columns, condition) in INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "task", columns, sqlite_where=where, postgresql_where=where)


def _columns() -> list["sa.Column[Any]"]:
    return [
        sa.Column("pack", sa.String(80)),
        sa.Column("template", sa.String(64)),
        sa.Column("category", sa.String(64)),
        sa.Column("push", Id),
        sa.Column("limit_number", sa.Integer()),
        sa.Column("limit_unit", sa.String(16)),
        *(sa.Column(name, Instant(timezone=True)) for name in MOMENTS),
        sa.Column("escalation", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("extensions", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("request", Json),
        _json("demands", "{}"),
        _json("marks", "[]"),
        sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]


def _json(name: str, empty: str) -> "sa.Column[Any]":
    return sa.Column(name, Json, nullable=False, server_default=empty)


def _fill() -> None:
    """When tasks of before were accepted, done and closed stands in their events."""
    done, due = TASK.c.done_at, TASK.c.due
    op.execute(TASK.update().values(clock_from=TASK.c.created_at))
    _fill_one("accepted_at", ["accepted"], sa.true())
    _fill_one("done_at", ["done"], TASK.c.state.in_(["done", "verified"]))
    _fill_one("closed_at", ["verified", "cancelled", "expired"], sa.true())
    op.execute(TASK.update().where(done > due).values(late=sa.true()))


def _fill_one(column: str, states: list[str], where: Any) -> None:
    came = sa.select(sa.func.max(EVENT.c.at)).where(
        EVENT.c.task == TASK.c.id, EVENT.c.to_state.in_(states)
    )
    op.execute(TASK.update().where(where).values({column: came.scalar_subquery()}))


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "task")
    op.drop_column("task_event", "detail")
    for column in _columns():
        op.drop_column("task", column.name)
