"""What the hot path writes and asks: statements built once, lists bound as one value.

Building a statement anew costs more than running it, and a list of varying length would be another
text for the database each time (docs/performance.md).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Dialect, String, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Rows = Sequence[Mapping[str, Any]]


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
        return given if dialect.name == "postgresql" else json.dumps(given)


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


Clause = Callable[[Any], Any]
"""From the dialect's INSERT to one that says what happens to rows that are there already."""


class Insertion:
    """An INSERT into the table of `model`, built once for each database; makes no objects."""

    def __init__(self, model: Any, clause: Clause = lambda insert: insert) -> None:
        self._table, self._clause = model.__table__, clause
        self._built: dict[str, Any] = {}
        self._compiled: dict[str, _Compiled] = {}

    def statement(self, session: Session) -> Any:
        """The statement, to be executed with rows; for those that return something."""
        name = session.get_bind().dialect.name
        if name not in self._built:
            insert = postgresql.insert if name == "postgresql" else sqlite.insert
            self._built[name] = self._clause(insert(self._table))
        return self._built[name]

    def write(self, session: Session, rows: Rows) -> None:
        """Insert rows that have every column of the table, at the cost of the driver."""
        if not rows:
            return
        dialect = session.get_bind().dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _Compiled(self.statement(session), self._table, dialect)
        compiled = self._compiled[dialect.name]
        session.connection().exec_driver_sql(compiled.text, compiled.values(rows))


class _Compiled:
    """The text for the driver, and how rows become its values."""

    def __init__(self, statement: Any, table: Any, dialect: Any) -> None:
        style = "format" if dialect.name == "postgresql" else "qmark"
        compiled = statement.compile(dialect=type(dialect)(paramstyle=style))
        self.text = str(compiled)
        names = compiled.positiontup
        self._pick = itemgetter(*names)
        types = (table.c[name].type.dialect_impl(dialect) for name in names)
        self._processors = [type_.bind_processor(dialect) for type_ in types]

    def values(self, rows: Rows) -> list[tuple[Any, ...]]:
        """The rows as the driver takes them, converted column by column."""
        columns = zip(*map(self._pick, rows), strict=True)
        return list(
            zip(
                *(
                    map(process, column) if process else column
                    for process, column in zip(self._processors, columns, strict=True)
                ),
                strict=True,
            )
        )
