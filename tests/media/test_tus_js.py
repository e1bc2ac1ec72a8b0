"""tus-js-client, as it comes from its registry, in Node and in a browser, against a real server."""

import hashlib
import json
import random
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from server.kernel.database import reading
from server.media.models import Upload
from tests import factories
from tests.factories import Phone, Street
from tests.media import npm
from tests.media.tools import UPLOADS, store
from tests.serving import served

CONTENT = random.Random(9).randbytes(1_500_000)
HASH = hashlib.sha256(CONTENT).hexdigest()
SCRIPT = Path(__file__).with_name("tus_js.cjs")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
BROWSER_S = 120


@pytest.fixture
def phone(street: Street) -> Phone:
    return factories.device_for(street.workers[0])


def options(base: str, phone: Phone, **given: Any) -> dict[str, Any]:
    return {
        "endpoint": base + UPLOADS,
        "headers": factories.auth(phone.token),
        "metadata": {"sha256": HASH, "type": "image/jpeg", "filename": "../照片.jpg"},
    } | given


def run(folder: Path, options: dict[str, Any], **given: Any) -> str:
    """The address of the upload."""
    file = folder / "photo.jpg"
    file.write_bytes(CONTENT)
    task = json.dumps({"file": str(file), "options": options} | given)
    return npm.node(SCRIPT, [str(npm.installed()), task])


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"chunkSize": 400_000},
        {"uploadDataDuringCreation": True},
        {"uploadDataDuringCreation": True, "chunkSize": 400_000},
        {"chunkSize": 400_000, "overridePatchMethod": True},
    ],
    ids=lambda given: "-".join(given) or "plain",
)
def test_node_uploads_a_file(
    app: Flask, phone: Phone, tmp_path: Path, given: dict[str, Any]
) -> None:
    with served(app) as base:
        run(tmp_path, options(base, phone, **given))
    with store().open(HASH) as file:
        assert file.read() == CONTENT


def test_node_goes_on_where_it_was_stopped(app: Flask, phone: Phone, tmp_path: Path) -> None:
    with served(app) as base:
        place = run(tmp_path, options(base, phone, chunkSize=400_000), stopAt=800_000)
        begun = urlsplit(place).path.rpartition("/")[2]
        assert store().size(begun) == 800_000
        assert run(tmp_path, options(base, phone, uploadUrl=place, endpoint=None)) == place
    assert store().exists(HASH)


PAGE = """<!doctype html><script src="/test/tus.js"></script><script>
const told = (what) => fetch("/test/told", { method: "POST", body: JSON.stringify(what) });
(async () => {
  const content = await (await fetch("/test/content")).blob();
  const digest = await crypto.subtle.digest("SHA-256", await content.arrayBuffer());
  const hex = [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
  const options = OPTIONS;
  options.metadata.sha256 = hex;
  const upload = new tus.Upload(content, { ...options,
    onError: (error) => told({ error: String(error) }),
    onSuccess: () => told({ url: upload.url }) });
  upload.start();
})().catch((error) => told({ error: String(error) }));
</script>"""


class Origin:
    """The app's own origin with a page of the test's beside it, so that no CORS is needed."""

    def __init__(self, app: Flask, files: dict[str, tuple[str, bytes]]) -> None:
        self._app, self.files = app, files
        self.told: dict[str, Any] = {}
        self.done = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/test/told":
            self.told = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            self.done.set()
            return _answer(start, "text/plain", b"")
        if path in self.files:
            return _answer(start, *self.files[path])
        return self._app(environ, start)


def _answer(start: Any, type_: str, body: bytes) -> list[bytes]:
    start("200 OK", [("Content-Type", type_), ("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def browse(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Open an address in a browser that ends with the test."""
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    opened: list[subprocess.Popen[bytes]] = []

    def browse(url: str) -> None:
        alone = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        profile = f"--user-data-dir={tmp_path / 'browser'}"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        opened.append(subprocess.Popen([BROWSER, *alone, profile, url], **quiet))

    yield browse
    for browser in opened:
        browser.terminate()
        browser.wait(30)


@pytest.mark.parametrize("given", [{"chunkSize": 400_000}, {"uploadDataDuringCreation": True}])
def test_a_browser_uploads_a_file(
    app: Flask, phone: Phone, browse: Callable[[str], None], given: dict[str, Any]
) -> None:
    script = (npm.installed() / "dist" / "tus.min.js").read_bytes()
    files = {"/test/tus.js": ("text/javascript", script)}
    files["/test/content"] = ("application/octet-stream", CONTENT)
    origin = Origin(app, files)
    with served(origin) as base:
        page = PAGE.replace("OPTIONS", json.dumps(options(base, phone, **given)))
        files["/test/page"] = ("text/html", page.encode())
        browse(f"{base}/test/page")
        assert origin.done.wait(BROWSER_S)
    assert origin.told.keys() == {"url"}, origin.told
    with store().open(HASH) as file:
        assert file.read() == CONTENT
    with reading() as session:
        assert session.query(Upload).count() == 1
