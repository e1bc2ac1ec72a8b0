"""The process apart in which photos are read (暗房): `python -m server.photos.copies.darkroom`.

Whoever hands in a file decides what its decoder meets, so each picture has a process of its own: a
fork of this one, which has Pillow loaded, and limits that the kernel enforces (docs/adr/0012). It
gets an open file to read, one to write, and nothing else: no path, no database, no settings.

A request comes as one packet on standard input, with the two files; the answer is a word: `ok` (the
result file tells), or `too_slow`, `crashed`.
"""

import base64
import gc
import json
import os
import resource
import signal
import socket
from collections.abc import Callable
from typing import IO, Any

from server.photos.copies import picture, stamp
from server.photos.copies.limits import Limits
from server.photos.copies.picture import Made, Unusable
from server.photos.likeness import hashing

PACKET = 64 * 1024
OK, TOO_SLOW, CRASHED = "ok", "too_slow", "crashed"
_SLOW = {signal.SIGALRM, signal.SIGXCPU}
_OPEN_FILES = 32
Act = Callable[[IO[bytes], dict[str, Any], Limits], tuple[dict[str, Any], list[Made]]]


def look(
    file: IO[bytes], request: dict[str, Any], limits: Limits
) -> tuple[dict[str, Any], list[Made]]:
    """The copies that every photo has, and the sketch by which it is known again."""
    image = picture.decode(file, limits)
    sketch = base64.b64encode(hashing.of(image)).decode()
    return {"sketch": sketch}, picture.copies(image)


def join(
    file: IO[bytes], request: dict[str, Any], limits: Limits
) -> tuple[dict[str, Any], list[Made]]:
    """The stamped copy, from the copy for a screen."""
    image = picture.decode(file, limits)
    return {}, [stamp.stamped(image, request["lines"])]


ACTS: dict[str, Act] = {"look": look, "join": join}


def serve(door: socket.socket) -> None:
    """Answer requests, one after another, until the other side is gone."""
    gc.freeze()
    while True:
        packet, files, _, _ = socket.recv_fds(door, PACKET, 2)
        if not packet:
            return
        try:
            word = _alone(json.loads(packet), *files)
        finally:
            for descriptor in files:
                os.close(descriptor)
        door.send(word.encode())


def _alone(request: dict[str, Any], source: int, result: int) -> str:
    child = os.fork()
    if child == 0:
        _work(request, source, result)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return TOO_SLOW if os.WTERMSIG(status) in _SLOW else CRASHED
    return OK if os.WEXITSTATUS(status) == 0 else CRASHED


def _work(request: dict[str, Any], source: int, result: int) -> None:
    """Never returns, whatever happens."""
    code = 1
    try:
        limits = Limits(**request["limits"])
        _hold_to(limits)
        with os.fdopen(source, "rb") as file, os.fdopen(result, "wb") as out:
            _write(out, *_done(file, request, limits))
        code = 0
    finally:
        os._exit(code)


def _done(
    file: IO[bytes], request: dict[str, Any], limits: Limits
) -> tuple[dict[str, Any], list[Made]]:
    try:
        return ACTS[request["act"]](file, request, limits)
    except Unusable as reason:
        return {"problem": str(reason)}, []
    except MemoryError:
        return {"problem": "too_much_memory"}, []


def _hold_to(limits: Limits) -> None:
    # At the soft limit of time comes SIGXCPU, at the hard one SIGKILL, which does not say why.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 5))
    for which, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.result),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(which, (most, most))
    # Its default is to end the process, in the middle of a decoder too.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)


def _write(out: IO[bytes], told: dict[str, Any], made: list[Made]) -> None:
    """A line of JSON about the copies, then their bytes."""
    about = [{"kind": m.kind, "type": m.type, "width": m.width, "height": m.height} for m in made]
    for entry, copy in zip(about, made, strict=True):
        entry["bytes"] = len(copy.content)
    out.write(json.dumps(told | {"copies": about}).encode() + b"\n")
    for copy in made:
        out.write(copy.content)


if __name__ == "__main__":
    serve(socket.socket(fileno=0))
