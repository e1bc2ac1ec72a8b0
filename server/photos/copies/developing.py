"""The worker's side of the darkroom: hand a file in, get copies or a reason back."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import UnsupportedOperation
from typing import IO, Any, BinaryIO

from server.kernel.queue import TryFailed
from server.media.copies import NewCopy
from server.photos.copies.limits import Limits

MODULE = "server.photos.copies.darkroom"
PATIENCE_S = 10.0
OK, TOO_SLOW, CRASHED = "ok", "too_slow", "crashed"
_KEPT_ENV = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")


class NoPicture(Exception):
    """The file gives no picture, however often it is tried; the argument says why in a word."""


@dataclass(frozen=True, slots=True)
class Developed:
    """The copies of one picture; `told` is what else the child found out."""

    told: dict[str, Any]
    copies: Sequence[NewCopy]


class Darkroom:
    """One process apart, started when first needed and again if it is gone; for one thread."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._program: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None

    def develop(self, source: BinaryIO, act: str, **request: Any) -> Developed:
        """What `act` makes of the file. NoPicture; TryFailed (too_slow, crashed)."""
        asked = {"act": act, "limits": asdict(self._limits)} | request
        with _real_file(source) as readable, tempfile.TemporaryFile() as result:
            word = self._ask(json.dumps(asked).encode(), readable.fileno(), result.fileno())
            if word != OK:
                raise TryFailed(word)
            result.seek(0)
            return _read(result)

    def close(self) -> None:
        """End the process."""
        if self._door is not None:
            self._door.close()
        if self._program is not None:
            self._program.kill()
            self._program.wait()
        self._door = self._program = None

    def _ask(self, packet: bytes, source: int, result: int) -> str:
        try:
            door = self._open()
            socket.send_fds(door, [packet], [source, result])
            word = door.recv(64).decode()
        except TimeoutError:
            word = TOO_SLOW
            self.close()
        except OSError:
            word = CRASHED
        if not word or word == CRASHED:
            self.close()
        return word or CRASHED

    def _open(self) -> socket.socket:
        if self._door is not None:
            return self._door
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._door.settimeout(self._limits.wall_s + PATIENCE_S)
        with theirs:
            self._program = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                # What decoders say of a broken picture is no news.
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_ENV if name in os.environ},
                start_new_session=True,
            )
        return self._door


@contextmanager
def _real_file(source: BinaryIO) -> Iterator[IO[bytes]]:
    """The file itself if it lies on a disk, else a copy that does; at its start."""
    source.seek(0)
    try:
        source.fileno()
    except (UnsupportedOperation, AttributeError):
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(source, copy)
            copy.seek(0)
            yield copy
    else:
        yield source


def _read(result: IO[bytes]) -> Developed:
    told = json.loads(result.readline())
    if "problem" in told:
        raise NoPicture(told["problem"])
    about = told.pop("copies")
    sizes = [entry.pop("bytes") for entry in about]
    copies = [
        NewCopy(**entry, content=result.read(size))
        for entry, size in zip(about, sizes, strict=True)
    ]
    return Developed(told, copies)
