"""What a listing of an upload's objects amounts to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.stores.bucket import Listed
from server.media.stores.pieces import MARK, arrange, folder

THEN = datetime(2026, 11, 22, tzinfo=UTC)
HERE = folder("upload-1")
BEGUN = Listed(HERE + MARK, 0, THEN)


def piece(offset: int, size: int, nonce: int = 0) -> Listed:
    return Listed(f"{HERE}{offset:015d}-{nonce:08x}", size, THEN + timedelta(seconds=nonce))


@pytest.mark.parametrize(
    ("pieces", "size", "strays"),
    [
        ([], 0, 0),
        ([(0, 5)], 5, 0),
        ([(0, 5), (5, 3), (8, 1)], 9, 0),
        ([(5, 3)], 0, 1),
        ([(0, 5), (6, 3)], 5, 1),
        ([(0, 5), (3, 9)], 5, 1),
        ([(0, 5), (0, 7)], 7, 1),
        ([(0, 5), (0, 7), (5, 9)], 14, 1),
        ([(0, 0), (0, 2)], 2, 1),
        ([(0, 0)], 0, 1),
    ],
)
def test_the_row_that_reaches_farthest_counts(
    pieces: list[tuple[int, int]], size: int, strays: int
) -> None:
    found = arrange([BEGUN, *(piece(*one, nonce) for nonce, one in enumerate(pieces))])
    assert (found.size, len(found.strays)) == (size, strays)


PIECES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=12)


@given(PIECES, st.tuples(st.integers(0, 12), st.integers(0, 6)))
def test_whatever_appears_what_was_acknowledged_stays(
    pieces: list[tuple[int, int]], late: tuple[int, int]
) -> None:
    listed = [BEGUN, *(piece(*one, nonce) for nonce, one in enumerate(pieces))]
    before, after = arrange(listed), arrange([*listed, piece(*late, 99)])
    assert after.size >= before.size
    assert len(before.pieces) + len(before.strays) == len(pieces)


@given(PIECES)
def test_without_its_strays_the_row_is_the_same(pieces: list[tuple[int, int]]) -> None:
    found = arrange([BEGUN, *(piece(*one, nonce) for nonce, one in enumerate(pieces))])
    assert arrange([BEGUN, *found.pieces]).pieces == found.pieces


def test_without_the_mark_nothing_was_begun() -> None:
    found = arrange([piece(0, 5)])
    assert (found.begun, found.size, len(found.pieces)) == (False, 0, 1)


def test_foreign_names_count_for_nothing() -> None:
    names = ("0-x", "000000000000000-XXXXXXXX", "note.txt", f"{MARK}2")
    found = arrange([Listed(HERE + name, 5, THEN) for name in names])
    assert (found.begun, found.size, found.strays) == (False, 0, ())


def test_the_last_change_is_that_of_any_object() -> None:
    assert arrange([BEGUN, piece(7, 1, 30)]).modified == THEN + timedelta(seconds=30)
    assert arrange([]).modified is None
