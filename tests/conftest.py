"""Every test of storage runs on SQLite and on a real PostgreSQL; each gets its own database."""

import gc
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from server.app import create_app
from server.config import Settings, load
from server.kernel.database import db, writing
from server.kernel.state import create_epoch
from server.keys import ensure_keys
from tests import postgres, s3, swift

# What a test takes depends on what else the machine does: no example fails for its time.
settings.register_profile("gewu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gewu")

# A traceback in colours, with the values of all variables, takes longer than the test that logs it.
PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], PLAIN])

DATABASES = ("sqlite", "postgresql")
OPENS_A_STORE = {"photos", "opened", "s3_service"}
FreshDatabase = Callable[[str], str]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes do not name a test: what is packed or drawn anew would name it anew each time."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_finish() -> None:
    """What is there now stays to the end: the garbage collector need not look through it again."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--photos s3` keeps the photos of the media tests in a bucket; it must be there then.

    What opens no store finds the same without it, and is left out.
    """
    parser.addoption("--photos", choices=("disk", "s3"), default="disk")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("photos") == "disk":
        return
    stored = [item for item in items if OPENS_A_STORE & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=[item for item in items if item not in stored])
    items[:] = stored


def settings_for(folder: Path, database_url: str, **given: object) -> Settings:
    """Settings of a deployment in `folder`."""
    return load({}, data=folder, database_url=database_url, free_bytes=0, **given)


def _migrate(folder: Path, url: str) -> None:
    app = create_app(settings_for(folder, url))
    with app.app_context():
        upgrade()
        with writing() as session:
            create_epoch(session)
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    _migrate(folder, f"sqlite:///{folder}/gewu.db")
    return folder / "gewu.db"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pg")
    with postgres.running(folder) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE gewu_template")
        _migrate(folder, make_url(url).set(database="gewu_template").render_as_string(False))
        yield url


@pytest.fixture(scope="session")
def postgres_pool(postgres_url: str) -> postgres.Pool:
    return postgres.Pool(postgres_url, template="gewu_template")


@pytest.fixture
def fresh_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FreshDatabase]:
    """Make a new migrated database of the dialect named; give its address."""
    taken: list[str] = []

    def make(dialect: str) -> str:
        if dialect == "sqlite":
            path = tmp_path / f"t{uuid.uuid4().hex[:12]}.db"
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"
        taken.append(request.getfixturevalue("postgres_pool").take())
        return taken[-1]

    yield make
    for url in taken:
        request.getfixturevalue("postgres_pool").give_back(url)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> str:
    return fresh_database(request.param)


@pytest.fixture(scope="session")
def s3_service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[s3.Service]:
    """A real S3 service; what needs one is skipped where there is none, unless it was asked for."""
    if missing := swift.reason_missing():
        (pytest.fail if request.config.getoption("photos") == "s3" else pytest.skip)(missing)
    with s3.running(tmp_path_factory.mktemp("swift")) as service:
        yield service


@pytest.fixture
def photos() -> dict[str, str]:
    """Settings that say where the photos are: none, in the data folder."""
    return {}


@contextmanager
def opened(folder: Path, database_url: str, **given: str) -> Iterator[Flask]:
    """The application with its data in `folder`, inside an app context."""
    settings = settings_for(folder, database_url, **given)
    ensure_keys(settings)
    (folder / "media").mkdir(exist_ok=True)
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(tmp_path: Path, database_url: str, photos: dict[str, str]) -> Iterator[Flask]:
    """The application on a fresh database, inside an app context."""
    with opened(tmp_path, database_url, **photos) as app:
        yield app


@pytest.fixture(scope="module")
def postgres_app(
    tmp_path_factory: pytest.TempPathFactory, postgres_pool: postgres.Pool
) -> Iterator[Flask]:
    """One for all tests of a module that only look at what takes long to write."""
    url = postgres_pool.take()
    with opened(tmp_path_factory.mktemp("module"), url) as app:
        yield app
    postgres_pool.give_back(url)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A write transaction that is committed when the test ends well."""
    with writing() as session:
        yield session
