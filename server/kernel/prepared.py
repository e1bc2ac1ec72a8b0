"""What the hot path asks: statements built once, their values bound at the cost of the driver."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Float
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from server.kernel import driver


class Prepared:
    """A statement with named values that are given anew each time, built once for each database.

    `postgresql` is the same question where it must be put otherwise there.
    """

    def __init__(self, statement: Any, postgresql: Any = None) -> None:
        self.statement = statement
        self._postgresql = statement if postgresql is None else postgresql
        self._compiled: dict[type, _Asked] = {}

    def all(self, session: Session, **given: Any) -> list[Any]:
        """The rows, named tuples."""
        connection = driver.of(session)
        return self._for(session, connection).all(connection, given)

    def first(self, session: Session, **given: Any) -> Any:
        """The first row or None."""
        rows = self.all(session, **given)
        return rows[0] if rows else None

    def run(self, session: Session, **given: Any) -> None:
        """Execute what returns no rows."""
        connection = driver.of(session)
        asked = self._for(session, connection)
        driver.run(connection, asked.text, asked.values(given))

    def _for(self, session: Session, connection: Any) -> "_Asked":
        asked = self._compiled.get(type(connection))
        if asked is None:
            dialect = session.get_bind().dialect
            on_postgresql = dialect.name == "postgresql"
            statement = self._postgresql if on_postgresql else self.statement
            asked = self._compiled[type(connection)] = _Asked(statement, dialect)
        return asked


class _Asked:
    """The text for one driver, how named values become its values, and its rows ours."""

    def __init__(self, statement: Any, dialect: Any) -> None:
        style = "format" if dialect.name == "postgresql" else "qmark"
        compiled = statement.compile(dialect=type(dialect)(paramstyle=style))
        self.text = str(compiled)
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup]
        self._fixed = {name: bind.effective_value for name, bind in binds if not bind.required}
        self._binds = [(name, _bind_processor(bind.type, dialect)) for name, bind in binds]
        columns = getattr(statement, "exported_columns", ())
        self._made = _row_of([column.key for column in columns])
        self._readers = [_result_processor(column.type, dialect) for column in columns]

    def values(self, given: Mapping[str, Any]) -> Sequence[Any]:
        """The values in the order of the text."""
        known = {**self._fixed, **given}
        return tuple(
            process(known[name]) if process else known[name] for name, process in self._binds
        )

    def all(self, connection: Any, given: Mapping[str, Any]) -> list[Any]:
        """What the driver answers."""
        rows: Any = driver.fetch(connection, self.text, self.values(given))
        if rows and any(self._readers):
            columns = zip(self._readers, zip(*rows, strict=True), strict=True)
            rows = zip(*(map(read, col) if read else col for read, col in columns), strict=True)
        return list(map(self._made, rows))


def _row_of(names: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    row: Any = namedtuple("Row", names)  # type: ignore[misc]
    return row._make


def _bind_processor(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _result_processor(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    given = type_.dialect_impl(dialect)
    # Both drivers give floats; SQLAlchemy would want to know how PostgreSQL calls them.
    return None if isinstance(given, Float) else given.result_processor(dialect, None)
