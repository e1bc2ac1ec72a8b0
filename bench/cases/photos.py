"""`photos`: whole files by tus, beside writing, syncing and hashing the same bytes."""

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.cases.record import Record
from bench.cases.shift import ShiftBook
from bench.cases.stage import CLIENTS, Stage, at_once, ready
from bench.cases.wire import CountedPhone
from bench.taken import taken

BYTES = 200_000
UPLOADS = "/api/v1/media/uploads"


class PhotoBook(ShiftBook):
    """Writes reports that name files."""

    def naming(self, photos: list[bytes]) -> list[bytes]:
        """One line a photo."""
        self._lines = []
        for photo in photos:
            named = {"sha256": digest(photo), "size": len(photo), "type": "image/jpeg"}
            body = {"category": "01-10", "text": "暴露垃圾", "severity": "2"}
            self._write("report", body, media=[named | {"role": "near"}])
        return self._lines


def photo() -> bytes:
    """`BYTES` random bytes between the marks of a JPEG."""
    return b"\xff\xd8\xff\xe0" + secrets.token_bytes(BYTES - 6) + b"\xff\xd9"


def digest(content: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def measure(stage: Stage, round_: int) -> Iterator[Record]:
    """Uploads a second, CPU ms a photo, and both beside the raw writing in the same round."""
    for clients in CLIENTS:
        phones = stage.phones[:clients]
        ready(phones)
        each = max(1, stage.size.photos // clients)
        films = {phone: [photo() for _ in range(each)] for phone in phones}
        for phone, film in films.items():
            _name(phone, film)
        took = taken(
            partial(at_once, phones, partial(_upload, films=films)),
            stage.server.pids,
        )
        every = [one for film in films.values() for one in film]
        raw = taken(partial(_write, stage.deployment.data, every))
        figures = {
            "photos_per_s": len(every) / took.seconds,
            "cpu_ms": took.there * 1000 / len(every),
            "raw_photos_per_s": len(every) / raw.seconds,
            "raw_cpu_ms": raw.here * 1000 / len(every),
            "cpu_to_raw_ratio": took.there / raw.here,
            "rate_to_raw_ratio": raw.seconds / took.seconds,
        }
        yield stage.record("photos", clients, round_, figures)


def _name(phone: CountedPhone, film: list[bytes]) -> None:
    book = PhotoBook(phone.worker, phone.rng)
    phone.notebook = book
    lines = book.naming(film)
    for start in range(0, len(lines), 100):
        phone.hand_in([lines[start : start + 100]])


def _upload(phone: CountedPhone, films: dict[CountedPhone, list[bytes]]) -> None:
    for content in films[phone]:
        sha = digest(content)
        pairs = {"sha256": sha, "type": "image/jpeg"}.items()
        metadata = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs)
        headers = {
            "Authorization": f"Bearer {phone.worker.token}",
            "Gewu-Protocol": "1",
            "Tus-Resumable": "1.0.0",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Length": str(len(content)),
            "Upload-Metadata": metadata,
        }
        status, told, body = phone.ask("POST", UPLOADS, headers, content)
        if status != 201 or told.get("upload-offset") != str(len(content)):
            raise RuntimeError(f"{status} {told} {body!r}")


def _write(folder: Path, photos: list[bytes]) -> None:
    """Each into a file of its own, synced and hashed, as the store has to."""
    for number, content in enumerate(photos):
        path = folder / f"raw-{number}"
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        digest(content)
        path.unlink()
