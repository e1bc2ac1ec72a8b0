"""What an upload may be (docs/protocol.md, section 8), judged by its headers and first bytes."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from server.kernel import ids
from server.kernel.problems import Problem, invalid

UNKNOWN_TYPE = "application/octet-stream"
"""A file whose type nobody said or whose bytes are not what was said; never shown, only saved."""

IMAGES = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"})
AUDIO = frozenset(
    {
        "audio/3gpp",
        "audio/aac",
        "audio/amr",
        "audio/flac",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "audio/x-m4a",
        "audio/x-wav",
    }
)
TYPES = IMAGES | AUDIO | {"video/mp4", "application/pdf"}
"""What is taken; no type that a browser would run (SVG, HTML)."""

PHOTO_STATES = NO_PHOTOS, PENDING, COMPLETE = "none", "pending", "complete"
SNIFF_BYTES = 32
COPY_SOON_S = 5
HASH = re.compile(r"[0-9a-f]{64}")
LONGEST_NUMBER = 18
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
HEIF_BRANDS = (b"mif1", b"msf1")
AUDIO_BRANDS = (b"M4A ", b"M4B ")
SAME_FAMILY = (frozenset({"image/heic", "image/heif"}), AUDIO | {"video/mp4"})
"""Types whose containers look alike: what was said stands."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants to upload: `size` in bytes, `item` names it if the client said so."""

    sha256: str
    size: int
    type: str = UNKNOWN_TYPE
    item: str | None = None


class NamesFiles(Protocol):
    """An item as the intake hands it over; `media` as in docs/protocol.md, section 4."""

    id: str
    install: str
    member: str
    area: str | None
    media: list[dict[str, Any]]


def is_hash(text: str) -> bool:
    """Whether `text` is a SHA-256 in lower-case hex."""
    return HASH.fullmatch(text) is not None


def wish(length: str | None, metadata: str | None, most: int) -> Wish:
    """The wish in Upload-Length and Upload-Metadata.

    Problems: bad_request (unreadable), upload_too_large (over `most` bytes), invalid (by field).
    """
    size = whole_number("Upload-Length", length)
    if size > most:
        raise Problem("upload_too_large", extra={"most": most})
    said = read_metadata(metadata or "")
    return Wish(_hash(said), size, _type(said), _item(said))


def whole_number(header: str, value: str | None) -> int:
    """The number of a header, 0 or more; bad_request for anything else."""
    digits = (value or "").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > LONGEST_NUMBER:
        raise invalid(header, "bad_request", "a whole number of bytes is needed")
    return int(digits)


def read_metadata(header: str) -> dict[str, str]:
    """Upload-Metadata as texts by key; bad_request if it is not `key base64` pairs of UTF-8."""
    said: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        if key in said:
            raise _unreadable(f"{key}: twice")
        try:
            said[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise _unreadable(f"{key}: not base64 of UTF-8") from error
    return said


def _unreadable(detail: str) -> Problem:
    return invalid("Upload-Metadata", "bad_request", detail)


def _hash(said: dict[str, str]) -> str:
    sha256 = said.get("sha256", "")
    if not is_hash(sha256):
        raise invalid("sha256", "invalid", "64 lower-case hexadecimal digits are needed")
    return sha256


def _type(said: dict[str, str]) -> str:
    type_ = said.get("type", "").partition(";")[0].strip().lower()
    if type_ and type_ not in TYPES:
        raise invalid("type", "invalid", "this type of file is not taken")
    return type_ or UNKNOWN_TYPE


def _item(said: dict[str, str]) -> str | None:
    if not said.get("item"):
        return None
    try:
        return ids.canonical(said["item"])
    except ValueError as error:
        raise invalid("item", "invalid", "not a UUID") from error


def written_metadata(sha256: str, type_: str, item: str | None) -> str:
    """Upload-Metadata as a client would write it; what else it wrote is not kept."""
    said = {"sha256": sha256, "type": "" if type_ == UNKNOWN_TYPE else type_, "item": item}
    pairs = (
        (key, base64.b64encode(value.encode()).decode()) for key, value in said.items() if value
    )
    return ",".join(f"{key} {value}" for key, value in pairs)


def read_checksum(header: str | None) -> bytes | None:
    """The SHA-256 in Upload-Checksum, None without the header.

    Problems: checksum_algorithm (another algorithm), bad_request (no digest of 32 bytes).
    """
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    if algorithm != "sha256":
        raise Problem("checksum_algorithm")
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("Upload-Checksum", "bad_request", "not base64") from error
    if len(digest) != 32:
        raise invalid("Upload-Checksum", "bad_request", "not 32 bytes")
    return digest


def sniff(head: bytes) -> str | None:
    """The type that the first SNIFF_BYTES of a file show, None if they show none we know."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    return _brand(head[8:12]) if head[4:8] == b"ftyp" else None


def _brand(brand: bytes) -> str:
    if brand in HEIC_BRANDS:
        return "image/heic"
    if brand in HEIF_BRANDS:
        return "image/heif"
    return "audio/mp4" if brand in AUDIO_BRANDS else "video/mp4"


def judge_type(said: str, head: bytes) -> tuple[str, list[str]]:
    """(the type to serve a file with, problems) from what was said and what its bytes show.

    A file that lies about its type is kept as evidence, under the type that it has.
    """
    seen = sniff(head)
    if said == UNKNOWN_TYPE:
        return seen or UNKNOWN_TYPE, []
    if seen is None and said in AUDIO:
        return said, []
    if seen == said or any({said, seen} <= family for family in SAME_FAMILY):
        return said, []
    return seen or UNKNOWN_TYPE, ["type_mismatch"]


def is_shown(type_: str) -> bool:
    """Whether a browser may show the file in place; anything else it may only save."""
    return type_ in IMAGES


def expiry(now: datetime, days: int) -> datetime:
    """When an upload that was touched at `now` may be removed."""
    return now + timedelta(days=days)


def progress(offset: int) -> str:
    """The `state` that an exchange tells of a file that is not whole yet."""
    return "partial" if offset else "missing"


def photo_state(named: int, stored: int) -> str:
    """What an item shows of its files: `pending` until all that it names are there."""
    if not named:
        return NO_PHOTOS
    return COMPLETE if stored == named else PENDING


def judge_copy(
    type_: str, found: tuple[str | None, str | None, str | None] | None
) -> tuple[str, str]:
    """(hash, type) of a copy; `type_` is the photo's, `found` (hash, type, problem) of the copy.

    Problems: copy_impossible (no picture, or one that gives none), copy_pending (not made yet).
    """
    if type_ not in IMAGES:
        raise Problem("copy_impossible", extra={"reason": "no_picture"})
    copy, copy_type, problem = found or (None, None, None)
    if problem is not None:
        raise Problem("copy_impossible", extra={"reason": problem})
    if copy is None or copy_type is None:
        raise Problem("copy_pending", retry_after=COPY_SOON_S)
    return copy, copy_type
