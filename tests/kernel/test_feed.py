"""The inbox: numbers without gaps, coalesced, rendered when read."""

from flask import Flask

from server.kernel import feed
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7


def test_numbers_run_from_one_without_gaps(app: Flask) -> None:
    member, objects = uuid7(), [uuid7() for _ in range(3)]
    feed.render_with("notice", lambda s, m, ids: {i: {"id": i} for i in ids})
    for object_ in objects:
        with writing() as session:
            feed.publish(session, [feed.Change(member, "notice", object_, 1)])
    with reading() as session:
        page = feed.page(session, member, 0, 10)
    assert [c["seq"] for c in page] == [1, 2, 3]
    assert [c["id"] for c in page] == objects


def test_only_the_newest_row_of_an_object_stays(app: Flask) -> None:
    member, object_ = uuid7(), uuid7()
    for version in (1, 2):
        with writing() as session:
            feed.publish(session, [feed.Change(member, "notice", object_, version)])
    with writing() as session:
        feed.publish(session, [feed.Change(member, "notice", object_, 3, "remove", "gone")])
    with reading() as session:
        page = feed.page(session, member, 0, 10)
        assert feed.counter(session, member) == (3, 0)
    assert page == [
        {"seq": 3, "kind": "notice", "id": object_, "op": "remove", "version": 3, "reason": "gone"}
    ]
