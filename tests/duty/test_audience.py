"""To whom a turn is told."""

import pytest

from server.duty import audience
from server.duty.rules import Ground, Seat
from server.grid import roles
from server.packs.definition import NoticeRule
from tests.duty.test_rules import CHIEF, HEAD, LI, RULED, SEATS, STAFF, WANG


@pytest.mark.parametrize(
    ("on", "notices", "words"),
    [
        ("yellow", (), ("assignee",)),
        ("red", (), ("assignee", "leader")),
        ("assign", (), ()),
        ("escalated", (NoticeRule("escalated", ("leader",)),), ("assignee", "leader")),
        ("red", (NoticeRule("yellow", ("backup",)),), ("assignee", "leader")),
        ("red", (NoticeRule("red", ("supervisor",)),), ("supervisor",)),
        (
            "red",
            (NoticeRule("red", ("leader", "backup")), NoticeRule("red", ("leader",))),
            ("leader", "backup"),
        ),
    ],
)
def test_the_pack_says_or_the_default(on: str, notices: tuple, words: tuple) -> None:
    assert audience.words(on, notices) == words


@pytest.mark.parametrize(
    ("who", "seats", "members"),
    [
        (("assignee", "leader"), SEATS, ["wang", "head"]),
        (("backup", "supervisor"), SEATS, ["li", "chief"]),
        (("leader",), [WANG, CHIEF], ["chief"]),
        (("supervisor",), [WANG, LI, HEAD], ["head"]),
        (("leader", "supervisor"), [WANG], []),
        (("assignee", "leader"), [Seat("p", "wang", roles.LEADER, "grid")], ["wang"]),
    ],
)
def test_whom_the_words_mean(who: tuple, seats: list, members: list) -> None:
    assert audience.members(who, "wang", Ground({"grid": seats}), "grid") == members


def backups(owner: str, seats: list) -> list[str]:
    ground = Ground({"grid": seats}, posts={"grid": RULED})
    return audience.members(("backup",), owner, ground, "grid")


def test_the_backup_of_a_post_is_its_other_holder_else_who_has_the_first_by_the_pack() -> None:
    pair = Seat("p9", "li", roles.WORKER, "grid", 0, "p1")
    assert backups("zhao", STAFF) == ["contact"]
    assert backups("zhao", [*STAFF, pair]) == ["li"]
    assert backups("chief", STAFF) == []
