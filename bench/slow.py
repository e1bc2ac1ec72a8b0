"""A 2G line: a TCP proxy with so many bits a second each way, and so long a round trip.

It counts the bytes that TCP carries; what TCP and TLS add themselves is not in it.
"""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BITS_PER_S = 20_000
ROUND_TRIP_S = 0.8
# A chunk arrives whole, 50 ms after the one before it.
CHUNK = 125


def alone_s(size: int) -> float:
    """Seconds that so many bytes take, one after the other."""
    return size * 8 / BITS_PER_S


@dataclass
class Way:
    """One direction: bytes carried, and when (event loop time) the line is free for the next."""

    carried: int = 0
    free: float = 0.0

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Let what is read arrive later and no faster than the line, until its end."""
        loop = asyncio.get_running_loop()
        while chunk := await reader.read(CHUNK):
            self.carried += len(chunk)
            self.free = max(self.free, loop.time()) + alone_s(len(chunk))
            loop.call_at(self.free + ROUND_TRIP_S / 2, writer.write, chunk)
        await asyncio.sleep(max(self.free - loop.time(), 0.0) + ROUND_TRIP_S / 2)
        writer.write_eof()


@dataclass
class Line:
    """The proxy: to which port it leads, where it listens, and what went each way."""

    to: int
    port: int = 0
    up: Way = field(default_factory=Way)
    down: Way = field(default_factory=Way)

    async def connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection until both sides have closed."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        # TCP shakes hands for a round trip before the first byte may go.
        self.up.free = asyncio.get_running_loop().time() + ROUND_TRIP_S
        ways = (self.up.carry(reader, far_writer), self.down.carry(far_reader, writer))
        # Who leaves the line does not wait until the last byte has arrived.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*ways)
        far_writer.close()
        writer.close()


@contextmanager
def slow_line(to: int) -> Iterator[Line]:
    """A line to a port of this machine, until the block is left."""
    line, loop, ready = Line(to), asyncio.new_event_loop(), threading.Event()
    over = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(line.connect, "127.0.0.1", 0)
        line.port = server.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        server.close()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
