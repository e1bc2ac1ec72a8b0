"""What the database is asked: by SQLAlchemy, and by what is prepared and goes to the driver."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from server.kernel import driver
from server.kernel.database import db

Statement = tuple[str, Any]


@contextmanager
def executed() -> Iterator[list[Statement]]:
    """The statements of the block with their values, as they come."""
    seen: list[Statement] = []

    def note(_: Any, __: Any, text: str, values: Any, *more: Any) -> None:
        seen.append((text, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("fetch", "run", "run_many"):
                patch.setattr(driver, name, _noting(getattr(driver, name), seen))
            yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _noting(act: Any, seen: list[Statement]) -> Any:
    def noted(connection: Any, text: str, values: Any) -> Any:
        seen.append((text, values))
        return act(connection, text, values)

    return noted
