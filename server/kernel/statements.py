"""What the hot path writes and asks: statements built once, lists bound as one value.

Building a statement anew costs more than running it, and a list of varying length would be another
text for the database each time (docs/performance.md). They go to the driver (kernel/driver).
"""

from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

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


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: Any, **more: Any) -> str:
    column, values = element.clauses
    return str(compiler.process(column == any_(values), **more))


@compiles(_Among)
def _in_json(element: _Among, compiler: Any, **more: Any) -> str:
    column, values = element.clauses
    listed = func.json_each(values).table_valued("value")
    return str(compiler.process(column.in_(select(listed.c.value)), **more))


class Prepared:
    """A statement with named values that are given anew each time, built once for each database."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
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
            asked = _Asked(self.statement, session.get_bind().dialect)
            self._compiled[type(connection)] = asked
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
        return [process(known[name]) if process else known[name] for name, process in self._binds]

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


Clause = Callable[[Any], Any]
"""From the dialect's INSERT to one that says what happens to rows that are there already."""


class _Write(ABC):
    """A statement that rows are given to, built once for each database."""

    def __init__(self, model: Any, names: Sequence[str]) -> None:
        self._table, self._names = model.__table__, list(names)
        self._compiled: dict[type, _ByRow | _ByColumn] = {}

    def write(self, session: Session, rows: Rows) -> None:
        """Write rows that have every column of the statement, at the cost of the driver."""
        if not rows:
            return
        connection = driver.of(session)
        compiled = self._compiled.get(type(connection))
        if compiled is None:
            dialect = session.get_bind().dialect
            compiled = self._compiled[type(connection)] = self._compile(dialect)
        compiled.write(connection, rows)

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


class Insertion(_Write):
    """An INSERT into the table of `model`; makes no objects. Its rows have every column."""

    def __init__(self, model: Any, clause: Clause = lambda insert: insert) -> None:
        super().__init__(model, model.__table__.c.keys())
        self._clause = clause
        self._built: dict[str, Any] = {}

    def statement(self, session: Session) -> Any:
        """The statement, to be executed with rows; for those that return something."""
        name = session.get_bind().dialect.name
        if name not in self._built:
            insert = postgresql.insert if name == "postgresql" else sqlite.insert
            self._built[name] = self._clause(insert(self._table))
        return self._built[name]

    def _for_each_row(self) -> Any:
        return self._clause(sqlite.insert(self._table))

    def _from(self, given: Any) -> Any:
        insert = postgresql.insert(self._table).from_select(self._names, select(given))
        return self._clause(insert)


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
        driver.run_many(connection, self.text, list(zip(*self._columns(rows), strict=True)))

    def _columns(self, rows: Rows) -> Iterator[Iterable[Any]]:
        columns = zip(*map(self._pick, rows), strict=True)
        for process, column in zip(self._processors, columns, strict=True):
            yield map(process, column) if process else column


class _ByColumn(_ByRow):
    """The same for one that takes every column as one list: PostgreSQL's."""

    style = "format"

    def write(self, connection: Any, rows: Rows) -> None:
        """Hand the columns to the driver."""
        driver.run(connection, self.text, tuple(map(list, self._columns(rows))))


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
