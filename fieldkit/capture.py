"""Taking photos (照片) into the store: by content, whole, and synced to disk."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from fieldkit.blobs import Photo
from fieldkit.errors import InputError
from fieldkit.store import Store

_COPY_BUFFER = 1024 * 1024
_HEAD = 12
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


def sniff(head: bytes) -> str | None:
    """The media type by a file's first 12 bytes; names and endings are not believed."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "image/heic"
    return None


def take_in(store: Store, path: Path | str, role: str | None = None) -> Photo:
    """Copy a photo byte for byte into the store's folder, under its hash.

    `role` says what it shows ("near", "far", "after", …). Raises InputError when the file
    cannot be read or is no photo.
    """
    path = Path(path)
    draft = store.media_folder / f".{secrets.token_hex(8)}"
    try:
        kind = _copy(path, draft)
        with draft.open("rb") as copy:
            digest = hashlib.file_digest(copy, "sha256").hexdigest()
        size = draft.stat().st_size
        draft.replace(store.media_path(digest))
    except OSError as error:
        raise InputError("no_file", path=path, reason=error.strerror) from error
    finally:
        draft.unlink(missing_ok=True)
    return Photo(digest, size, kind, role)


def _copy(path: Path, draft: Path) -> str:
    """Copy and sync; the media type."""
    with path.open("rb") as source:
        kind = sniff(source.read(_HEAD))
        if kind is None:
            raise InputError("bad_photo", path=path)
        source.seek(0)
        with draft.open("wb") as copy:
            shutil.copyfileobj(source, copy, _COPY_BUFFER)
            copy.flush()
            os.fsync(copy.fileno())
    return kind
