"""The small pages: complete in themselves, nothing inline, nothing from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.http.pages import FOLDER, PARTS

PAGES = {"/": "landing.html", "/app": "app.html", "/api/v1/docs": "docs.html"}


class Loaded(HTMLParser):
    """The addresses that a page loads or links, its ids, and what is inline."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: set[str] = set()
        self.inline: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._script = tag == "script"
        self.addresses += [str(named[key]) for key in ("href", "src") if key in named]
        self.ids |= {str(named["id"])} if "id" in named else set()
        self.inline += [key for key in named if key == "style" or key.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.inline.append(data)


@pytest.mark.parametrize("address", PAGES)
def test_pages_load_only_what_is_there(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.mimetype == "text/html"
    page = Loaded(response.get_data(as_text=True))
    assert page.inline == []
    for loaded in page.addresses:
        assert client.get(loaded).status_code in (200, 503), loaded


@pytest.mark.parametrize("address", [*PAGES, "/pages/docs.js"])
def test_pages_have_a_strict_policy(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("script", "page"), [("app.js", "app.html"), ("docs.js", "docs.html")])
def test_scripts_find_what_they_look_for(script: str, page: str) -> None:
    source = (FOLDER / script).read_text()
    sought = set(re.findall(r'getElementById\("([^"]+)"\)', source))
    assert sought
    assert sought <= Loaded((FOLDER / page).read_text()).ids


@pytest.mark.parametrize("script", sorted(name for name in PARTS if name.endswith(".js")))
def test_scripts_never_write_markup(script: str) -> None:
    source = (FOLDER / script).read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source)


def test_types_are_right(client: FlaskClient) -> None:
    assert client.get("/pages/docs.js").mimetype == "text/javascript"
    assert client.get("/pages/page.css").mimetype == "text/css"


@pytest.mark.parametrize(
    "name", ["docs.html", "nothing.js", "..%2fapp.py", "%2e%2e", "page.css%00", "CON", "\\app.js"]
)
def test_other_files_are_not_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/pages/{name}").status_code == 404


def test_the_phone_page_says_what_it_is_in_both_languages() -> None:
    text = (Path(FOLDER) / "app.html").read_text()
    assert "还不能在浏览器中采集" in text
    assert "cannot collect in the browser yet" in text
