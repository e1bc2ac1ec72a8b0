"""An enrolled device on a stand-in server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fieldkit import texts
from fieldkit.client import Client
from fieldkit.clock import FakeClock
from fieldkit.store import Store
from tests.fieldkit.fakeserver import DirectTransport, FakeServer, LossyTransport

ADDRESS = "https://gewu.example/app#enrol=K7Q2"


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GEWU_LANG", "zh")
    yield
    texts.choose(None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def network(server: FakeServer) -> LossyTransport:
    """The way to the server; tests write faults into its `script`."""
    return LossyTransport(DirectTransport(server), [])


@pytest.fixture
def client(store: Store, network: LossyTransport, clock: FakeClock) -> Client:
    """An enrolled client."""
    made = Client(store, network, clock)
    made.enroll(ADDRESS)
    return made


@pytest.fixture
def jpeg(tmp_path: Path) -> Callable[..., Path]:
    """Makes files that begin like a JPEG, of any size and content."""

    def make(name: str = "photo.jpg", size: int = 1000, fill: bytes = b"x") -> Path:
        path = tmp_path / name
        path.write_bytes(b"\xff\xd8\xff" + fill * (size - 3))
        return path

    return make
