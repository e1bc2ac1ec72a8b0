"""The index finds what counting over all codes finds, on both databases."""

import random
from itertools import islice

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.kernel.database import insert, writing
from server.photos.likeness import codes, queries
from server.photos.likeness.models import PhotoCode
from tests.photos.likeness.given import blobs
from tests.photos.likeness.test_codes import changed, places, whole

SHARED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def keep(session: Session, kept: dict[str, codes.Code]) -> None:
    session.execute(delete(PhotoCode))
    rows = [
        {"sha256": sha256, "first": code[0], "second": code[1], "third": code[2]}
        for sha256, code in kept.items()
    ]
    if rows:
        session.execute(insert(session, PhotoCode).values(rows))


def within(asked: list[codes.Code], kept: dict[str, codes.Code]) -> set[str]:
    """By counting: what differs from one of them by as many bits as are sure to be found."""
    near = codes.nearest(asked, list(kept.values()))
    return {sha256 for sha256, (bits, _) in zip(kept, near, strict=True) if bits <= codes.SURE}


@SHARED
@given(
    asked=st.lists(whole, min_size=1, max_size=3),
    near=st.lists(places, max_size=8),
    others=st.lists(whole, max_size=8),
)
def test_it_finds_what_counting_finds(
    app: Flask, asked: list[codes.Code], near: list[set[int]], others: list[codes.Code]
) -> None:
    all_ = [*(changed(asked[0], at) for at in near), *others]
    kept = {f"{number:064x}": code for number, code in enumerate(all_)}
    blobs(*(f"{number:064x}" for number in range(16)))
    with writing() as session:
        keep(session, kept)
        found = queries.with_like_codes(session, asked)
    assert within(asked, kept) <= found.keys()
    assert all(found[sha256] == kept[sha256] for sha256 in found)


def test_what_shares_no_band_is_not_read(app: Flask) -> None:
    rng = random.Random(1)
    drawn = iter(lambda: tuple(rng.randrange(1 << codes.BAND_BITS) for _ in range(3)), None)
    kept = {f"{number:064x}": code for number, code in enumerate(islice(drawn, 500))}
    blobs(*kept)
    with writing() as session:
        keep(session, kept)  # type: ignore[arg-type]
        found = queries.with_like_codes(session, [next(drawn)])  # type: ignore[list-item]
    assert len(found) < 5


def test_a_crowd_under_one_value_is_not_read_whole(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_OF_A_BAND", 7)
    kept = {f"{number:064x}": (1, 2, 3) for number in range(50)}
    blobs(*kept)
    with writing() as session:
        keep(session, kept)
        assert 7 <= len(queries.with_like_codes(session, [(1, 2, 3)])) <= 3 * 7
