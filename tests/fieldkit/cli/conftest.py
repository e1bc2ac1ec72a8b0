"""The command line on a real home directory, against the stand-in behind a real socket."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fieldkit.cli import main
from fieldkit.store import Store
from tests.fieldkit.fakeserver import FakeServer, serving

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def base(server: FakeServer) -> Iterator[str]:
    with serving(server) as address:
        yield address


@pytest.fixture
def run(home: Path) -> Run:
    """Runs `fieldkit …` in the home; a failure of the program itself fails the test."""

    def invoke(*arguments: object, ok: bool = True, **options) -> Result:
        words = ["--home", str(home), *map(str, arguments)]
        result = CliRunner().invoke(main, words, **options)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert (result.exit_code == 0) == ok, result.output
        return result

    return invoke


@pytest.fixture
def enrolled(run: Run, base: str) -> Run:
    """The same, enrolled."""
    run("enroll", f"{base}/app#enrol=K7Q2")
    return run


@pytest.fixture
def kept(home: Path) -> Iterator[Store]:
    """A look into what the commands keep."""
    with Store(home) as store:
        yield store
