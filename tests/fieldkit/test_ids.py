import threading
import time
import uuid

from fieldkit import ids


def test_ids_are_version_7_and_carry_the_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(ids.uuid7())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= made.int >> 80


def test_ids_grow_within_a_process() -> None:
    made = [ids.uuid7() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_ids_still_grow_when_the_clock_goes_back(monkeypatch) -> None:
    first = ids.uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert ids.uuid7() > first


def test_threads_never_make_the_same_id() -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(ids.uuid7() for _ in range(2000)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000
