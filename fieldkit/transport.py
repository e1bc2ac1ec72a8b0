"""The transport seam: one request, one response, over the standard library's HTTP.

Tests and simulations wrap a Transport to lose answers, repeat requests and cut
connections; everything above it must survive that.
"""

import gzip
import http.client
import socket
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from fieldkit.errors import BadAnswer, Offline, UntrustedServer

# Above this an answer is no answer of ours (a page of the feed is cut at want.bytes).
MAX_ANSWER = 16 * 1024 * 1024
# Below this gzip makes a body larger, not smaller.
_WORTH_GZIP = 200


@dataclass(frozen=True)
class Request:
    """`url` is absolute. With `compress` a transport may gzip the body."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    compress: bool = False


@dataclass(frozen=True)
class Response:
    """`headers` have lower-case names; `body` is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Transport(Protocol):
    """Sends one request."""

    def send(self, request: Request) -> Response:
        """The response, whatever its status. Raises TransportError when none arrived."""


class HttpTransport:
    """HTTP/1.1 over one kept connection; certificates are always checked.

    `timeout` in seconds of silence; `ca_file`: a PEM file with the authority to trust
    instead of the system's.
    """

    def __init__(self, timeout: float = 30, ca_file: str | None = None) -> None:
        self._timeout = timeout
        self._ca_file = ca_file
        self._origin: tuple[str, str] | None = None
        self._connection: http.client.HTTPConnection | None = None

    def send(self, request: Request) -> Response:
        """Raises Offline, UntrustedServer or BadAnswer when there is no whole response.

        A kept connection that the server closed meanwhile is replaced once; repeating is
        safe, because every request of the protocol may be repeated.
        """
        kept = self._connection is not None
        try:
            return self._send_once(request)
        except Offline as error:
            if not (kept and isinstance(error.__cause__, ConnectionError)):
                raise
            return self._send_once(request)

    def close(self) -> None:
        """Drop the kept connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send_once(self, request: Request) -> Response:
        url = urlsplit(request.url)
        headers = {"Accept-Encoding": "gzip", **request.headers}
        body = request.body
        if request.compress and len(body) > _WORTH_GZIP:
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        try:
            connection = self._connect(url)
            connection.request(request.method, _target(url), body or None, headers)
            return _read(connection.getresponse())
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise UntrustedServer(error.verify_message) from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            self.close()
            raise Offline(str(error) or type(error).__name__) from error
        except BadAnswer:
            self.close()
            raise

    def _connect(self, url: SplitResult) -> http.client.HTTPConnection:
        origin = (url.scheme, url.netloc)
        if self._connection is None or origin != self._origin:
            self.close()
            self._origin = origin
            self._connection = self._new_connection(url)
            self._connection.connect()
            # Small requests must not wait for the acknowledgement of the one before.
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection

    def _new_connection(self, url: SplitResult) -> http.client.HTTPConnection:
        host = url.hostname or ""
        if url.scheme == "http":
            return http.client.HTTPConnection(host, url.port, timeout=self._timeout)
        context = ssl.create_default_context(cafile=self._ca_file)
        return http.client.HTTPSConnection(host, url.port, timeout=self._timeout, context=context)


def _target(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _read(answer: http.client.HTTPResponse) -> Response:
    body = answer.read(MAX_ANSWER + 1)
    if len(body) <= MAX_ANSWER and answer.length:
        raise http.client.IncompleteRead(body, answer.length)
    headers = {name.lower(): value for name, value in answer.getheaders()}
    if headers.get("content-encoding") == "gzip" and body:
        body = _gunzip(body)
    if len(body) > MAX_ANSWER:
        raise BadAnswer("too long")
    return Response(answer.status, headers, body)


def _gunzip(body: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=31)
    try:
        return reader.decompress(body, MAX_ANSWER + 1)
    except zlib.error as error:
        raise BadAnswer(f"gzip: {error}") from error
