"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload), in and out."""

from collections.abc import Iterator

from flask import Response, current_app, request
from werkzeug.http import http_date

from server.kernel.problems import Problem
from server.media.files import Progress

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CONTENT_TYPE = "application/offset+octet-stream"
CHUNK_BYTES = 64 * 1024


def refuse_other_version() -> None:
    """Problems: tus_version, unless the request only asks what there is."""
    if request.method in ("OPTIONS", "GET"):
        return
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Problem("tus_version")


def add_version(response: Response) -> Response:
    """Put the version on an answer."""
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Tus-Version"] = VERSION
    return response


def discovery() -> Response:
    """204 with what the server can do."""
    return Response(
        status=204,
        headers={
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(current_app.config["UPLOAD_BYTES"]),
            "Tus-Checksum-Algorithm": "sha256",
        },
    )


def answer(status: int, progress: Progress, **headers: str) -> Response:
    """An answer without a body that tells how far the upload is."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    response.headers["Upload-Offset"] = str(progress.offset)
    response.headers["Upload-Expires"] = http_date(progress.expires_at)
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def has_bytes() -> bool:
    """Whether a creation brings the first bytes along. Problems: media_type."""
    if not request.content_length and "chunked" not in request.headers.get("Transfer-Encoding", ""):
        return False
    need_content_type()
    return True


def need_content_type() -> None:
    """Problems: media_type."""
    if request.mimetype != CONTENT_TYPE:
        raise Problem("media_type")


def chunks(most: int) -> Iterator[bytes]:
    """The body in pieces; 413 if it says that it is longer than `most` bytes.

    Raises ClientDisconnected where the connection was cut.
    """
    request.max_content_length = most
    while most and (chunk := request.stream.read(min(CHUNK_BYTES, most))):
        yield chunk
        most -= len(chunk)
