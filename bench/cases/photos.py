"""`photos`: whole files by tus, beside writing, syncing and hashing the same bytes."""

import base64
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.film import TYPE, Film, digest
from bench.floor import write_synced
from bench.load import at_once
from bench.phones import Phone, common_headers
from bench.taken import taken

BYTES = 200_000
UPLOADS = "/api/v1/media/uploads"


def measure(stage: Stage) -> Iterator[Record]:
    """Uploads a second, CPU ms a photo, and both beside the raw writing in the same round."""
    film = Film(BYTES)
    photos = map(film.photo, count())
    for clients, round_ in stage.crowds():
        each = max(1, stage.size.photos // clients)
        shares = [[next(photos) for _ in range(each)] for _ in range(clients)]
        yield stage.record("photos", clients, round_, _figures(stage, shares))


def _figures(stage: Stage, shares: Sequence[Sequence[bytes]]) -> dict[str, float]:
    phones = stage.phones[: len(shares)]
    for phone, share in zip(phones, shares, strict=True):
        phone.ready()
        _name(phone, share)
    acts = [partial(_upload, phone, share) for phone, share in zip(phones, shares, strict=True)]
    took = taken(partial(at_once, acts), stage.server.pids)
    every = [photo for share in shares for photo in share]
    raw = taken(partial(_write, stage.deployment.data, every))
    return {
        "photos_per_s": len(every) / took.seconds,
        "cpu_ms": took.there * 1000 / len(every),
        "raw_photos_per_s": len(every) / raw.seconds,
        "raw_cpu_ms": raw.here * 1000 / len(every),
        "cpu_to_raw_ratio": took.there / raw.here,
        "rate_to_raw_ratio": raw.seconds / took.seconds,
    }


def _name(phone: Phone, share: Sequence[bytes]) -> None:
    """Hand in a report for each photo."""
    lines = phone.notebook.begin()
    for photo in share:
        named = {"sha256": digest(photo), "size": len(photo), "type": TYPE, "role": "near"}
        body = {"category": "01-10", "text": "暴露垃圾", "severity": "2"}
        phone.notebook.write("report", body, media=[named])
    phone.hand_in([lines[start : start + 100] for start in range(0, len(lines), 100)])


def _upload(phone: Phone, share: Sequence[bytes]) -> None:
    for content in share:
        pairs = {"sha256": digest(content), "type": TYPE}.items()
        metadata = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs)
        headers = common_headers(phone.worker.token) | {
            "Tus-Resumable": "1.0.0",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Length": str(len(content)),
            "Upload-Metadata": metadata,
        }
        status, told, body = phone.wire.ask("POST", UPLOADS, headers, content)
        if status != 201 or told.get("upload-offset") != str(len(content)):
            raise RuntimeError(f"{status} {told} {body!r}")


def _write(folder: Path, photos: Sequence[bytes]) -> None:
    """Each into a file of its own, synced and hashed, as the store has to."""
    for number, content in enumerate(photos):
        path = folder / f"raw-{number}"
        write_synced(path, content)
        path.unlink()
