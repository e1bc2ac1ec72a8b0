"""What a stamp says, decided without looking anything up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from server.kernel.masking import mask_name
from server.kernel.tokens import CODE_ALPHABET

SHORT_HASH = 16
BADGE_LETTERS = 4
Lines = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StampFacts:
    """The item of a photo: when (as the server judges it), in which areas from the top, by whom.

    `clock` tells how the time was judged: `raw` is the phone's word alone.
    """

    at: datetime
    clock: str
    areas: Sequence[str]
    member: str
    name: str


@dataclass(frozen=True, slots=True)
class StampOrder:
    """A stamp to be drawn: on the copy with the hash `screen`, under this code."""

    screen: str
    code: str
    facts: StampFacts


def stamp_lines(facts: StampFacts, sha256: str, code: str, zone: str, public_url: str) -> Lines:
    """The lines of a stamp as (head, body or foot; text)."""
    when = facts.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
    doubt = "（设备时钟）" if facts.clock == "raw" else ""
    where = " · ".join(facts.areas) or "地点未知"
    who = f"采集 {mask_name(facts.name)}（{badge(facts.member)}）"
    return [
        ("head", when + doubt),
        ("body", f"{where}\u3000{who}"),
        ("body", f"编号 {code}\u3000原图 SHA-256 {short_hash(sha256)}…"),
        ("foot", f"核验 {public_url}/api/v1/verify/{code}"),
    ]


def short_hash(sha256: str) -> str:
    """The beginning of a hash, enough to tell photos apart by eye."""
    return sha256[:SHORT_HASH]


def badge(member: str) -> str:
    """Four letters that stand for a member where the name is masked; the same on every photo.

    Drawn from the random end of the id, so that only who has the list of members can tell.
    """
    number, letters = int(member.replace("-", "")[-12:], 16), ""
    for _ in range(BADGE_LETTERS):
        number, index = divmod(number, len(CODE_ALPHABET))
        letters += CODE_ALPHABET[index]
    return letters


def join_key(item: str, sha256: str) -> str:
    """The key of the job that stamps a photo for an item."""
    return f"{item}:{sha256}"


def split_key(key: str) -> tuple[str, str]:
    """(item, sha256) of such a key."""
    item, _, sha256 = key.partition(":")
    return item, sha256
