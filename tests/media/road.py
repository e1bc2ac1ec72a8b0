"""Uploads over plain sockets, so that a test can stop in the middle of a body."""

import http.client
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from tests import factories
from tests.factories import Phone
from tests.media.tools import OCTETS, UPLOADS, metadata, sha256

GIVE_UP_S = 60


class Road:
    """One phone's way to a server; header names are given with `_` for `-`."""

    def __init__(self, url: str, phone: Phone) -> None:
        self._netloc = urlsplit(url).netloc
        self.phone = phone

    def begin(
        self, method: str, path: str, length: int | None = None, **headers: str
    ) -> http.client.HTTPConnection:
        """A request whose head was sent; `length` None announces a body in chunks."""
        connection = http.client.HTTPConnection(self._netloc, timeout=GIVE_UP_S)
        connection.putrequest(method, path, skip_accept_encoding=True)
        given = {"tus_resumable": "1.0.0"} | headers
        for name, value in factories.auth(self.phone.token, **given).items():
            if value:
                connection.putheader(name, value)
        framing = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", length)
        connection.putheader(framing[0], str(framing[1]))
        connection.endheaders()
        return connection

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        """The answer, with what it said in `.body`; `length` announces another length."""
        with closing(self.begin(method, path, len(body), **headers)) as connection:
            connection.send(body)
            return answer_of(connection)

    def place(self, content: bytes) -> str:
        """The path of a new upload of the content, or of the one there is."""
        said = metadata(sha256=sha256(content), type="image/jpeg")
        made = self.ask("POST", UPLOADS, upload_length=str(len(content)), upload_metadata=said)
        assert made.status == 201, made.body
        return str(made.headers["Location"])

    def patch(self, place: str, offset: int, chunk: bytes, **headers: str) -> Any:
        given = {"upload_offset": str(offset), "content_type": OCTETS}
        return self.ask("PATCH", place, chunk, **given | headers)

    def begin_patch(
        self, place: str, offset: int, length: int | None
    ) -> http.client.HTTPConnection:
        named = {"upload_offset": str(offset), "content_type": OCTETS}
        return self.begin("PATCH", place, length, **named)

    def offset(self, place: str) -> int:
        return int(self.ask("HEAD", place).headers["Upload-Offset"])


def answer_of(connection: http.client.HTTPConnection) -> Any:
    answer: Any = connection.getresponse()
    answer.body = answer.read()
    return answer
