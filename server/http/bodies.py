"""Request bodies that may come gzipped (docs/protocol.md, section 1), read whole or not at all."""

import zlib
from typing import Any

import flask
from flask import current_app

from server.kernel.problems import Problem


class Request(flask.Request):
    """A request whose `get_data` gives the plain body; uploads read the stream instead."""

    _plain: bytes | None = None

    def get_data(
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> Any:
        """The body, unpacked. Problems: media_type, body_truncated, body_encoding, 413."""
        if self._plain is None:
            self._plain = self._read()
        return self._plain.decode() if as_text else self._plain

    def _read(self) -> bytes:
        encoding = self.headers.get("Content-Encoding", "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise Problem("media_type")
        body: bytes = super().get_data(cache=False)
        if self.content_length is not None and len(body) != self.content_length:
            raise Problem("body_truncated")
        return gunzip(body, current_app.config["BODY_BYTES"]) if encoding == "gzip" else body


def gunzip(body: bytes, most: int) -> bytes:
    """The decompressed body; Problem for rubbish, a cut stream, or more than `most` bytes."""
    inflate = zlib.decompressobj(wbits=31)
    try:
        plain = inflate.decompress(body, most)
    except zlib.error as error:
        raise Problem("body_encoding") from error
    if inflate.unconsumed_tail:
        raise Problem("batch_too_large")
    if not inflate.eof:
        raise Problem("body_truncated")
    if inflate.unused_data:
        raise Problem("body_encoding")
    return plain
