"""A page that is told, and the way its connection goes from a thread to the hub."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from server.grid.auth import Caller
from server.live.rules import Position, Reach


class Outlet(Protocol):
    """The connection of a page; nothing here waits."""

    def say(self, text: str) -> bool:
        """Write it; False if the other side does not take it, and then nothing more is said."""
        ...

    def has_left(self) -> bool:
        """Whether the other side hung up."""
        ...

    def end(self) -> None:
        """End the answer as it should be ended."""
        ...

    def cut(self) -> None:
        """Close the connection as it is."""
        ...


@dataclass(slots=True, eq=False)
class Stream:
    """A page, who looks at it, and how far it was told.

    `met`: the hub has told it before. Moments, on a monotonic clock: when the caller was last found
    to be let in, when something was last said, when it ends.
    """

    caller: Caller
    reach: Reach
    position: Position
    is_chunked: bool
    met: bool = False
    checked_at: float = 0.0
    said_at: float = 0.0
    ends_at: float = 0.0


class Parted(BaseException):
    """The answer has begun and goes on without its thread: what serves it must not end it.

    No Exception, because it is none, and what serves an answer handles those.
    """

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self.stream = stream


def begun(text: str, stream: Stream) -> Iterator[bytes]:
    """The body of an answer that only begins here."""
    yield text.encode()
    raise Parted(stream)
