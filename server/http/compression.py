"""Answers are gzipped when the caller asks for it and it is worth it."""

import gzip

from flask import Flask, Response, request

LEAST_BYTES = 600
LEVEL = 4
TYPES = ("application/json", "application/problem+json")


def register(app: Flask) -> None:
    """Compress JSON answers of the app."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in TYPES or response.direct_passthrough:
        return response
    response.headers.add("Vary", "Accept-Encoding")
    body = response.get_data()
    if len(body) < LEAST_BYTES or "Content-Encoding" in response.headers:
        return response
    if request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
