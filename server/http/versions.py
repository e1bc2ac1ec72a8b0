"""Changes need `If-Match` with the version that the caller saw (RFC 9110, section 13.1.1)."""

from flask import Response, request

from server.kernel.problems import Problem

DIGITS = 10
"""Of the largest version that a column holds."""


def if_match() -> int:
    """The version in If-Match; 428 without the header, 412 if it is no version of ours."""
    given = request.headers.get("If-Match")
    if given is None:
        raise Problem("version_needed")
    text = given.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        raise Problem("version_old")
    return int(text)


def with_version(response: Response, version: int) -> Response:
    """`response` with its ETag."""
    response.set_etag(str(version))
    return response
