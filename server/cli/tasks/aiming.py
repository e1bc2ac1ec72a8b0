"""Whom `gewu tasks push` is for: its options made a target."""

import csv
from collections.abc import Callable, Iterator
from functools import cache
from io import StringIO
from pathlib import Path

import click
from sqlalchemy.orm import Session

from server.cli import queries
from server.cli.options import Refused
from server.cli.showing import the_area, the_member
from server.cli.texts import t
from server.dispatch.pushes.rules import Subject, Target
from server.packs.importing import text_of

COLUMNS = ("subject", "area", "assignee")


def target_of(
    session: Session,
    to: str | None,
    area: str | None,
    role: str | None,
    post: str | None,
    subjects: Path | None,
) -> Target:
    """The target; Refused names a member, an area or a line of the file that is unknown."""
    if not any((to, area, role, post, subjects)):
        raise click.UsageError(t("tasks.whom"))
    return Target(
        member=the_member(session, to).id if to else None,
        post=post,
        area=the_area(session, area) if area else None,
        role=role,
        subjects=tuple(_subjects(session, subjects)) if subjects else (),
    )


def _subjects(session: Session, path: Path) -> Iterator[Subject]:
    """The subjects of a CSV file with the columns `subject` and `area` or `assignee`."""
    area = cache(lambda text: the_area(session, text))
    member = cache(lambda text: the_member(session, text).id)
    text = text_of(path.read_bytes())
    if text is None:
        raise Refused(t("tasks.csv_encoding", path=path))
    rows = csv.DictReader(StringIO(text, newline=""))
    try:
        if not {"subject"} <= set(rows.fieldnames or ()) <= set(COLUMNS):
            raise Refused(t("tasks.csv", path=path, columns=", ".join(COLUMNS)))
        for row in rows:
            yield _subject(row, path, rows.line_num, area, member)
    except csv.Error as error:
        raise Refused(t("tasks.csv_line", path=path, line=rows.line_num + 1)) from error


Named = Callable[[str], str]


def _subject(
    row: dict[str, str | None], path: Path, line: int, area: Named, member: Named
) -> Subject:
    subject = queries.as_id(row.get("subject") or "")
    if subject is None or None in row.values() or None in row:
        raise Refused(t("tasks.csv_line", path=path, line=line))
    where, who = row.get("area"), row.get("assignee")
    return Subject(subject, area(where) if where else None, member(who) if who else None)
