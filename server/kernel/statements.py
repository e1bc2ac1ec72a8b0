"""What the hot path writes and asks: statements built once, lists bound as one value.

Building a statement anew costs more than running it, and a list of varying length would be another
text for the database each time (docs/performance.md). They go to the driver (kernel/driver).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Float,
    String,
    Text,
    any_,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from server.kernel import driver
from server.kernel.database import Instant, Words

Rows = Sequence[Mapping[str, Any]]
INSTANTS = 1024


class _List(TypeDecorator[Sequence[Any]]):
    """A list as one value: JSON for SQLite, an array for PostgreSQL."""

    impl = String
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(String())
        return dialect.type_descriptor(postgresql.ARRAY(self.of.dialect_impl(dialect)))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        given = list(value or ())
        return given if dialect.name == "postgresql" else msgspec.json.encode(given).decode()


class _Among(FunctionElement[bool]):
    # Not of type Boolean: SQLite would be asked `x IN (…) = 1`, for which it uses no index.
    inherit_cache = True


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """A condition: the text or number in `column` is in the list that is bound as `name`."""
    return _Among(column, bindparam(name, type_=_List(column.type)))


def each(type_: TypeEngine[Any], name: str) -> Any:
    """PostgreSQL alone: the list that is bound as `name`, as a table with the column `value`."""
    given = func.unnest(bindparam(name, type_=_List(type_)))
    return given.table_valued("value", name="given").render_derived()


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: Any, **more: Any) -> str:
    column, values = element.clauses
    return str(compiler.process(column == any_(values), **more))


@compiles(_Among)
def _in_json(element: _Among, compiler: Any, **more: Any) -> str:
    column, values = element.clauses
    listed = func.json_each(values).table_valued("value")
    return str(compiler.process(column.in_(select(listed.c.value)), **more))


Clause = Callable[[Any], Any]
"""From the dialect's INSERT to one that says what happens to rows that are there already."""


class _Write(ABC):
    """A statement that rows are given to, built once for each database."""

    def __init__(self, model: Any, names: Sequence[str]) -> None:
        self._table, self._names = model.__table__, list(names)
        self._compiled: dict[type, _ByRow | _ByColumn] = {}

    def write(self, session: Session, rows: Rows) -> None:
        """Write rows that have every column of the statement, at the cost of the driver."""
        if rows:
            connection = driver.of(session)
            self._for(session, connection).write(connection, rows)

    def written(self, session: Session, rows: Rows) -> list[tuple[Any, ...]]:
        """The same; what the statement returns of the rows, as the driver gives it."""
        connection = driver.of(session)
        return self._for(session, connection).written(connection, rows) if rows else []

    def _for(self, session: Session, connection: Any) -> "_ByRow | _ByColumn":
        compiled = self._compiled.get(type(connection))
        if compiled is None:
            compiled = self._compile(session.get_bind().dialect)
            self._compiled[type(connection)] = compiled
        return compiled

    def _compile(self, dialect: Any) -> "_ByRow | _ByColumn":
        if dialect.name != "postgresql":
            return _ByRow(self._for_each_row(), self._table, dialect)
        lists = (_listed(self._table.c[name], dialect) for name in self._names)
        given = func.unnest(*lists).table_valued(*self._names, name="given").render_derived()
        return _ByColumn(self._from(given), self._table, dialect)

    @abstractmethod
    def _for_each_row(self) -> Any:
        """The statement, to be executed once for each row."""

    @abstractmethod
    def _from(self, given: Any) -> Any:
        """The statement that takes all rows at once, from the table `given`."""


class Made(NamedTuple):
    """A column that the database fills: how on either."""

    column: str
    sqlite: ColumnElement[Any]
    postgresql: ColumnElement[Any]


class Insertion(_Write):
    """An INSERT into the table of `model`; makes no objects. Its rows have every other column."""

    def __init__(
        self, model: Any, clause: Clause = lambda insert: insert, made: Sequence[Made] = ()
    ) -> None:
        filled = {column.column for column in made}
        given = [column.key for column in model.__table__.c if column.key not in filled]
        super().__init__(model, given)
        self._clause, self._made = clause, made

    def _for_each_row(self) -> Any:
        values: dict[str, Any] = {name: bindparam(name) for name in self._names}
        values |= {made.column: made.sqlite for made in self._made}
        return self._clause(sqlite.insert(self._table).values(values))

    def _from(self, given: Any) -> Any:
        names = [*self._names, *(made.column for made in self._made)]
        rows = select(given, *(made.postgresql for made in self._made))
        return self._clause(postgresql.insert(self._table).from_select(names, rows))


class Alteration(_Write):
    """An UPDATE of `names` in the rows of `model` that have the given value in the column `key`."""

    def __init__(self, model: Any, key: str, names: Sequence[str]) -> None:
        super().__init__(model, [key, *names])
        self._key, self._changed = key, list(names)

    def _for_each_row(self) -> Any:
        return self._update(bindparam(self._key), {n: bindparam(n) for n in self._changed})

    def _from(self, given: Any) -> Any:
        return self._update(given.c[self._key], {n: given.c[n] for n in self._changed})

    def _update(self, key: Any, values: Mapping[str, Any]) -> Any:
        return update(self._table).where(self._table.c[self._key] == key).values(values)


def _listed(column: Any, dialect: Dialect) -> Any:
    """The values of a column as one; texts without their length, or the cast would cut them."""
    of = column.type.dialect_impl(dialect)
    is_text = isinstance(of, String | Words)
    return bindparam(column.name, type_=postgresql.ARRAY(Text() if is_text else of))


class _ByRow:
    """The text for a driver that takes row by row, and how rows become its values."""

    style = "qmark"

    def __init__(self, statement: Any, table: Any, dialect: Any) -> None:
        compiled = statement.compile(dialect=type(dialect)(paramstyle=self.style))
        self.text = str(compiled)
        names = compiled.positiontup
        self._pick = itemgetter(*names)
        self._processors = [_processor(table.c[name].type, dialect) for name in names]

    def write(self, connection: Any, rows: Rows) -> None:
        """Hand the rows to the driver."""
        driver.run_many(connection, self.text, list(self._values(rows)))

    def written(self, connection: Any, rows: Rows) -> driver.Rows:
        """The same, one after the other; all that was returned."""
        found = (driver.fetch(connection, self.text, values) for values in self._values(rows))
        return [row for returned in found for row in returned]

    def _values(self, rows: Rows) -> Iterator[driver.Values]:
        return zip(*self._columns(rows), strict=True)

    def _columns(self, rows: Rows) -> Iterator[Iterable[Any]]:
        columns = zip(*map(self._pick, rows), strict=True)
        for process, column in zip(self._processors, columns, strict=True):
            yield map(process, column) if process else column


class _ByColumn(_ByRow):
    """The same for one that takes every column as one list: PostgreSQL's."""

    style = "format"

    def write(self, connection: Any, rows: Rows) -> None:
        """Hand the columns to the driver."""
        driver.run(connection, self.text, self._lists(rows))

    def written(self, connection: Any, rows: Rows) -> driver.Rows:
        """The same; what was returned."""
        return driver.fetch(connection, self.text, self._lists(rows))

    def _lists(self, rows: Rows) -> driver.Values:
        return tuple(map(list, self._columns(rows)))


def _processor(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    given = type_.dialect_impl(dialect)
    if isinstance(given, Float):
        return _as_float
    process = given.bind_processor(dialect)
    # The rows of a batch share their instants, and SQLite's take long to write out.
    return lru_cache(INSTANTS)(process) if process and isinstance(given, Instant) else process


def _as_float(value: float | None) -> float | None:
    # psycopg takes no list in which some numbers are whole.
    return None if value is None else float(value)
