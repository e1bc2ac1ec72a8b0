"""What an upload may be: headers and first bytes, by tables."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.problems import Problem
from server.media import rules
from tests.media.tools import metadata, picture

HASH = hashlib.sha256(b"x").hexdigest()
ITEM = "0199f3a0-0000-7000-8000-000000000001"
FTYP = b"\x00\x00\x00\x18ftyp"


def test_a_wish_is_read_from_its_headers() -> None:
    said = metadata(sha256=HASH, type="Audio/WebM;codecs=opus", item=ITEM, filename="../../etc")
    assert rules.wish("7", said, most=7) == rules.Wish(HASH, 7, "audio/webm", ITEM)


def test_type_and_item_may_be_left_out() -> None:
    assert rules.wish("0", metadata(sha256=HASH), 7) == rules.Wish(HASH, 0, rules.UNKNOWN_TYPE)


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (None, "bad_request"),
        ("", "bad_request"),
        ("-1", "bad_request"),
        ("1.5", "bad_request"),
        ("1e3", "bad_request"),
        ("七", "bad_request"),
        ("٣", "bad_request"),
        ("9" * 40, "bad_request"),
        ("8", "upload_too_large"),
        (str(3 << 30), "upload_too_large"),
    ],
)
def test_a_length_that_is_none_or_too_much(length: str | None, code: str) -> None:
    with pytest.raises(Problem) as caught:
        rules.wish(length, metadata(sha256=HASH), most=7)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ("", "invalid", "sha256"),
        (metadata(type="image/png"), "invalid", "sha256"),
        (metadata(sha256=HASH.upper()), "invalid", "sha256"),
        (metadata(sha256=HASH[:-1]), "invalid", "sha256"),
        (metadata(sha256=HASH + "\n"), "invalid", "sha256"),
        (metadata(sha256="../" * 22), "invalid", "sha256"),
        (metadata(sha256=HASH, type="image/svg+xml"), "invalid", "type"),
        (metadata(sha256=HASH, type="text/html"), "invalid", "type"),
        (metadata(sha256=HASH, type="image/\x00png"), "invalid", "type"),
        (metadata(sha256=HASH, item="17"), "invalid", "item"),
        (metadata(sha256=HASH, item="\x00" * 36), "invalid", "item"),
        ("sha256 ***", "bad_request", "Upload-Metadata"),
        ("sha256 /w==", "bad_request", "Upload-Metadata"),
        (f"{metadata(sha256=HASH)},{metadata(sha256=HASH)}", "bad_request", "Upload-Metadata"),
    ],
)
def test_metadata_that_cannot_be_used(said: str, code: str, field: str) -> None:
    with pytest.raises(Problem) as caught:
        rules.wish("1", said, most=7)
    assert (caught.value.code, list(caught.value.errors)) == (code, [field])


@given(st.text(max_size=200))
def test_any_metadata_is_read_or_refused(header: str) -> None:
    try:
        said = rules.read_metadata(header)
    except Problem as problem:
        assert problem.code == "bad_request"
    else:
        assert all(key == key.strip() for key in said)


@given(st.dictionaries(st.sampled_from(["a", "b", "sha256"]), st.text(max_size=50)))
def test_what_was_written_is_read(said: dict[str, str]) -> None:
    assert rules.read_metadata(metadata(**said)) == said


def test_a_checksum_is_read() -> None:
    digest = hashlib.sha256(b"x").digest()
    assert rules.read_checksum(f"sha256 {base64.b64encode(digest).decode()}") == digest
    assert rules.read_checksum(None) is None


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("sha1 " + base64.b64encode(b"x" * 20).decode(), "checksum_algorithm"),
        ("", "checksum_algorithm"),
        ("sha256", "bad_request"),
        ("sha256 ***", "bad_request"),
        ("sha256 " + base64.b64encode(b"x" * 20).decode(), "bad_request"),
    ],
)
def test_a_checksum_that_cannot_be_used(header: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        rules.read_checksum(header)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("head", "type_"),
    [
        (picture(), "image/jpeg"),
        (picture(format_="PNG"), "image/png"),
        (picture(format_="WEBP"), "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (FTYP + b"heic", "image/heic"),
        (FTYP + b"mif1", "image/heif"),
        (FTYP + b"M4A ", "audio/mp4"),
        (FTYP + b"isom", "video/mp4"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_type(head: bytes, type_: str | None) -> None:
    assert rules.sniff(head[: rules.SNIFF_BYTES]) == type_


@pytest.mark.parametrize(
    ("said", "head", "type_", "problems"),
    [
        ("image/jpeg", picture(), "image/jpeg", []),
        ("image/png", picture(), "image/jpeg", ["type_mismatch"]),
        ("audio/amr", picture(), "image/jpeg", ["type_mismatch"]),
        ("image/jpeg", b"<script>", rules.UNKNOWN_TYPE, ["type_mismatch"]),
        ("video/mp4", b"", rules.UNKNOWN_TYPE, ["type_mismatch"]),
        ("image/heif", FTYP + b"heic", "image/heif", []),
        ("audio/mp4", FTYP + b"isom", "audio/mp4", []),
        ("audio/amr", b"#!AMR\n", "audio/amr", []),
        (rules.UNKNOWN_TYPE, picture(), "image/jpeg", []),
        (rules.UNKNOWN_TYPE, b"<script>", rules.UNKNOWN_TYPE, []),
    ],
)
def test_a_type_is_what_the_bytes_show(
    said: str, head: bytes, type_: str, problems: list[str]
) -> None:
    assert rules.judge_type(said, head[: rules.SNIFF_BYTES]) == (type_, problems)


@given(st.sampled_from(sorted(rules.TYPES)), st.binary(max_size=rules.SNIFF_BYTES))
def test_whatever_the_bytes_only_images_that_look_like_one_are_shown(
    said: str, head: bytes
) -> None:
    type_, _ = rules.judge_type(said, head)
    assert type_ in rules.TYPES | {rules.UNKNOWN_TYPE}
    if rules.is_shown(type_):
        assert rules.sniff(head) in rules.IMAGES


def test_an_upload_is_kept_for_days() -> None:
    touched = datetime(2026, 11, 1, tzinfo=UTC)
    assert rules.expiry(touched, 30) == datetime(2026, 12, 1, tzinfo=UTC)
    assert (rules.progress(0), rules.progress(1)) == ("missing", "partial")
