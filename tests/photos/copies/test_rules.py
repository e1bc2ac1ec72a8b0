"""What a stamp says."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.ids import uuid7
from server.photos.copies import rules
from server.photos.copies.rules import StampFacts

AT = datetime(2026, 11, 22, 6, 5, 12, tzinfo=UTC)
MEMBER = "0199a000-0000-7000-8000-0000000000ff"
HASH = "ab" * 32
CODE = "7KQM-XW3P-9RTE"


def text(facts: StampFacts, zone: str = "Asia/Shanghai") -> str:
    lines = rules.stamp_lines(facts, HASH, CODE, zone, "https://gewu.example")
    return "\n".join(line for _, line in lines)


def facts(clock: str = "mono", areas: tuple[str, ...] = ("阳光街道", "第1社区")) -> StampFacts:
    return StampFacts(AT, clock, areas, MEMBER, "王小明")


def test_it_tells_when_where_by_whom_and_how_to_check() -> None:
    said = text(facts())
    for part in (
        "2026-11-22 14:05:12",
        "阳光街道 · 第1社区",
        "王**",
        rules.badge(MEMBER),
        CODE,
        "ab" * 8 + "…",
        f"https://gewu.example/api/v1/verify/{CODE}",
    ):
        assert part in said
    assert "2026-11-22 06:05:12" in text(facts(), "UTC")


def test_it_names_nobody_and_shows_no_whole_hash() -> None:
    said = text(facts())
    assert "小明" not in said
    assert MEMBER not in said
    assert HASH not in said


@pytest.mark.parametrize(("clock", "doubted"), [("raw", True), ("mono", False), ("offset", False)])
def test_a_time_that_only_the_phone_says_is_marked(clock: str, doubted: bool) -> None:
    assert ("设备时钟" in text(facts(clock))) == doubted


def test_an_item_of_no_area() -> None:
    assert "地点未知" in text(facts(areas=()))


def test_a_badge_is_the_members_own() -> None:
    badges = {rules.badge(uuid7()) for _ in range(50)}
    assert len(badges) > 45
    assert all(len(badge) == 4 for badge in badges)
    assert rules.badge(MEMBER) == rules.badge(MEMBER)


@given(st.uuids(), st.binary(min_size=32, max_size=32))
def test_a_key_gives_back_what_it_was_made_of(item: object, digest: bytes) -> None:
    pair = (str(item), digest.hex())
    key = rules.join_key(*pair)
    assert rules.split_key(key) == pair
    assert len(key) <= 120
