"""One kept HTTP/1.1 connection on asyncio: as light as a load generator must be.

It behaves as the device's own (fieldkit/transport.py): so many seconds of silence are an end, and a
kept connection that the server closed meanwhile is replaced once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

PATIENCE_S = 30.0
_EMPTY = (204, 304)


class Unanswered(Exception):
    """No whole answer came; `cause` is refused, cut or timeout."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have lower-case names; `body` is as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """To a port of this machine; opened when first needed."""

    def __init__(self, port: int, common: Mapping[str, str]) -> None:
        """`common`: headers of every request."""
        self._port = port
        self._common = _lines({"Host": f"127.0.0.1:{port}", **common})
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """The answer, whatever its status. Raises Unanswered."""
        sized = {**headers, "Content-Length": str(len(body))}
        head = f"{method} {path} HTTP/1.1\r\n{self._common}{_lines(sized)}\r\n".encode()
        kept = self._writer is not None
        try:
            return await self._once(method, head + body)
        except Unanswered as error:
            if not (kept and error.cause == "cut"):
                raise
            return await self._once(method, head + body)

    def close(self) -> None:
        """Drop the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _once(self, method: str, request: bytes) -> Answer:
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await self._open()
            async with asyncio.timeout(PATIENCE_S):
                writer.write(request)
                await writer.drain()
                answer = await _read(reader, method)
        except BaseException as error:
            self.close()
            if isinstance(error, (OSError, EOFError, TimeoutError)):
                raise Unanswered(_cause(error)) from error
            raise
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self._reader, self._writer


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


async def _read(reader: asyncio.StreamReader, method: str) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    status = int(first.split(" ", 2)[1])
    pairs = (line.partition(":") for line in rest if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if method == "HEAD" or status in _EMPTY:
        return Answer(status, headers, b"")
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(status, headers, body)


def _cause(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    return "refused" if isinstance(error, ConnectionRefusedError) else "cut"
