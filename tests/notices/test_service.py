"""Notices: told once, on the feed in the member's language, read, swept."""

from datetime import timedelta

import pytest
from flask import Flask

from server.kernel import clock, feed
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.notices import service
from server.notices.models import Notice
from server.notices.service import NewNotice
from tests import factories

TASK = "00000000-0000-7000-8000-000000000001"


def _tell(member: str, kind: str = "task_red", **args: str) -> str:
    given = {"title": "检查井盖", "due": "2026-12-01T09:30:00.000Z"} | args
    with writing() as session:
        service.tell(session, [NewNotice(member, kind, "task", TASK, given)] * 2)
    with reading() as session:
        return str(session.query(Notice.id).filter_by(member=member, kind=kind).scalar())


def _feed(member: str) -> list[dict]:
    with reading() as session:
        return feed.page(session, member, 0, 100)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "红灯：检查井盖，期限 2026-12-01 17:30 已过"),
        ("en", "Red light: 检查井盖, was due 2026-12-01 17:30"),
    ],
)
def test_a_notice_is_on_the_feed_once_in_the_member_s_language(
    app: Flask, language: str, text: str
) -> None:
    member = factories.member(language=language)
    notice = _tell(member)
    (change,) = _feed(member)
    assert (change["kind"], change["id"], change["version"]) == ("notice", notice, 1)
    body = change["body"]
    assert body["text"] == text
    assert body["about"] == {"kind": "task", "id": TASK}
    assert body["read_at"] is None


def test_reading_counts_the_first_time_and_only_for_oneself(app: Flask) -> None:
    member, other = factories.member(), factories.member()
    notice = _tell(member)
    with pytest.raises(Problem, match="not_found"), writing() as session:
        service.read(session, other, notice)
    first = clock.now()
    with clock.standing_at(first), writing() as session:
        service.read(session, member, notice)
    with clock.standing_at(first + timedelta(hours=1)), writing() as session:
        assert service.read(session, member, notice).read_at == first
    (change,) = _feed(member)
    assert (change["seq"], change["version"]) == (2, 2)
    assert change["body"]["read_at"] is not None


def test_old_notices_are_swept_from_the_feed_too(app: Flask) -> None:
    member = factories.member()
    _tell(member)
    kept = clock.now()
    young = _tell(member, "task_yellow")
    with writing() as session:
        assert service.sweep(session, kept) == 1
        assert service.sweep(session, kept) == 0
    newest = {change["id"]: (change["op"], change.get("reason")) for change in _feed(member)}
    assert sorted(newest.values(), key=str) == [("put", None), ("remove", "expired")]
    assert newest[young] == ("put", None)
