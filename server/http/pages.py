"""Sends the small static pages; nothing comes from elsewhere, nothing runs inline."""

from pathlib import Path

from flask import Response, send_file

FOLDER = Path(__file__).parent.parent / "pages"
PARTS = {path.name for path in FOLDER.iterdir() if path.suffix in (".js", ".css")}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HTML = {"type": "string"}


def send_page(name: str) -> Response:
    """The file `name` of the pages folder, which a browser asks for anew each time."""
    response = send_file(FOLDER / name)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response
