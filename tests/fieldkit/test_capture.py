import hashlib
from pathlib import Path

import pytest

from fieldkit.capture import sniff, take_in
from fieldkit.errors import InputError
from fieldkit.store import Store


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe0....JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"RIFF....WEBP", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmif1", "image/heic"),
        (b"\0\0\0\x18ftypisom", None),
        (b"RIFF....WAVE", None),
        (b"<svg xmlns=", None),
        (b"", None),
    ],
)
def test_the_content_tells_the_type(head: bytes, expected: str | None) -> None:
    assert sniff(head) == expected


def test_a_photo_is_taken_in_byte_for_byte(store: Store, jpeg) -> None:
    path = jpeg(size=2_500_000)
    photo = take_in(store, path, "near")
    data = path.read_bytes()
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert store.media_path(photo.sha256).read_bytes() == data
    assert photo.entry() == {
        "sha256": photo.sha256,
        "size": 2_500_000,
        "type": "image/jpeg",
        "role": "near",
    }
    assert "role" not in take_in(store, path).entry()
    assert len(list(store.media_folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("photo.jpg", b"<html>", "bad_photo"),
        ("empty.jpg", b"", "bad_photo"),
        ("gone", None, "no_file"),
    ],
)
def test_what_is_no_photo_leaves_nothing_behind(
    store: Store, tmp_path: Path, name: str, content: bytes | None, key: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        take_in(store, path)
    assert caught.value.key == key
    assert list(store.media_folder.iterdir()) == []


def test_a_folder_is_no_photo(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        take_in(store, tmp_path)
    assert caught.value.key == "no_file"
