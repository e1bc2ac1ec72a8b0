"""The darkroom is a real process: held to its limits, alone with each picture, and replaced."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from server.kernel.queue import TryFailed
from server.photos.copies.developing import Darkroom, NoPicture
from server.photos.copies.limits import Limits
from tests.photos.copies import drawn
from tests.photos.copies.drawn import LIMITS

Open = Callable[[Limits], Darkroom]


@pytest.fixture
def room() -> Iterator[Darkroom]:
    room = Darkroom(LIMITS)
    yield room
    room.close()


@pytest.fixture
def held_to() -> Iterator[Open]:
    made: list[Darkroom] = []

    def make(limits: Limits) -> Darkroom:
        made.append(Darkroom(limits))
        return made[-1]

    yield make
    for room in made:
        room.close()


def process(room: Darkroom) -> int:
    assert room._program is not None
    return room._program.pid


def test_a_file_of_a_disk_comes_back_as_copies_and_is_not_changed(
    room: Darkroom, tmp_path: Path
) -> None:
    path = tmp_path / "photo"
    content = drawn.saved(drawn.marked(400, 300), exif=drawn.exif(6))
    path.write_bytes(content)
    path.chmod(0o400)
    before = path.stat()
    with path.open("rb") as file:
        developed = room.develop(file, "look")
    assert [copy.kind for copy in developed.copies] == ["thumb", "screen"]
    assert all(copy.height > copy.width for copy in developed.copies)
    assert path.read_bytes() == content
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_file_of_no_disk_too_and_from_its_start(room: Darkroom) -> None:
    file = BytesIO(drawn.saved(drawn.marked(300, 200)))
    file.seek(20)
    assert len(room.develop(file, "look").copies) == 2


def test_the_same_process_serves_many_and_a_fresh_one_reads_each(room: Darkroom) -> None:
    room.develop(BytesIO(drawn.saved(drawn.marked(300, 200))), "look")
    first = process(room)
    with pytest.raises(NoPicture, match="unreadable_image"):
        room.develop(BytesIO(b"\xff\xd8\xff\xe0 a photo"), "look")
    with pytest.raises(NoPicture, match="too_many_pixels"):
        room.develop(BytesIO(drawn.bomb()), "look")
    assert len(room.develop(BytesIO(drawn.polyglot()), "look").copies) == 2
    assert process(room) == first


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (replace(LIMITS, wall_s=0.02), "too_slow"),
        (replace(LIMITS, result=100), "crashed"),
    ],
)
def test_what_breaks_its_limits_fails_the_try(held_to: Open, limits: Limits, reason: str) -> None:
    room = held_to(limits)
    for _ in range(2):
        with pytest.raises(TryFailed, match=reason):
            room.develop(BytesIO(drawn.heavy()), "look")


def test_processor_time_is_limited(held_to: Open) -> None:
    room = held_to(replace(LIMITS, cpu_s=1))
    with pytest.raises(TryFailed, match="too_slow"):
        room.develop(BytesIO(drawn.slow()), "look")


def test_memory_is_limited(held_to: Open) -> None:
    room = held_to(replace(LIMITS, memory=160 << 20))
    with pytest.raises(NoPicture, match="too_much_memory"):
        room.develop(BytesIO(drawn.heavy()), "look")


def test_a_darkroom_that_is_gone_is_opened_again(room: Darkroom) -> None:
    photo = BytesIO(drawn.saved(drawn.marked(300, 200)))
    room.develop(photo, "look")
    first = process(room)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(TryFailed, match="crashed"):
        room.develop(photo, "look")
    assert len(room.develop(photo, "look").copies) == 2
    assert process(room) != first


def test_it_is_told_no_secrets(room: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEWU_DATABASE_URL", "postgresql://gewu:secret@db/gewu")
    room.develop(BytesIO(drawn.saved(drawn.marked(30, 20))), "look")
    told = Path(f"/proc/{process(room)}/environ").read_bytes()
    assert b"GEWU" not in told
    assert b"secret" not in told


def test_it_ends_with_who_opened_it(room: Darkroom) -> None:
    room.develop(BytesIO(drawn.saved(drawn.marked(30, 20))), "look")
    assert room._program is not None
    assert room._door is not None
    room._door.close()
    assert room._program.wait(30) == 0
