"""Bodies that come gzipped: unpacked whole, within a cap, or refused."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.http.bodies import gunzip
from server.kernel.problems import Problem

BODY = b"0123456789" * 100
ZIPPED = gzip.compress(BODY)


@given(st.binary(max_size=2000))
def test_what_was_packed_comes_out(body: bytes) -> None:
    assert gunzip(gzip.compress(body), 2000 + 1) == body


@pytest.mark.parametrize(
    ("body", "most", "code"),
    [
        (ZIPPED[:-1], 5000, "body_truncated"),
        (ZIPPED[:12], 5000, "body_truncated"),
        (b"", 5000, "body_truncated"),
        (BODY, 5000, "body_encoding"),
        (zlib.compress(BODY), 5000, "body_encoding"),
        (ZIPPED[:-5] + b"\0" + ZIPPED[-4:], 5000, "body_encoding"),
        (ZIPPED + ZIPPED, 5000, "body_encoding"),
        (ZIPPED, 999, "batch_too_large"),
        (gzip.compress(b"\0" * 10_000_000), 5000, "batch_too_large"),
    ],
)
def test_what_cannot_be_used_is_refused(body: bytes, most: int, code: str) -> None:
    with pytest.raises(Problem) as refused:
        gunzip(body, most)
    assert refused.value.code == code
