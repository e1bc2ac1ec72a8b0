"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload), in and out."""

from collections.abc import Iterator

from flask import Response, current_app, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from server.kernel.problems import Problem
from server.media import rules
from server.media.files import Progress

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CONTENT_TYPE = "application/offset+octet-stream"
OVERRIDE = "X-HTTP-Method-Override"
CHUNK_BYTES = 64 * 1024
WHOLE_BYTES = 1024 * 1024
"""Up to this size a file that comes with its creation is held in memory until it is whole."""


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


def state(progress: Progress) -> Response:
    """The answer to HEAD."""
    said = rules.written_metadata(progress.sha256, progress.type, progress.item)
    named = {"Upload-Length": str(progress.size), "Upload-Metadata": said}
    return answer(200, progress, **named, Cache_Control="no-store")


def method() -> str:
    """What the request means: its method, or the one that a proxy did not let pass.

    X-HTTP-Method-Override is tus's own; it counts on POST alone, and nowhere but on uploads.
    """
    return request.headers.get(OVERRIDE, request.method).upper()


def has_bytes() -> bool:
    """Whether a creation brings the first bytes along. Problems: media_type."""
    if not request.content_length and not _is_chunked():
        return False
    need_content_type()
    return True


def brings_all(size: int) -> bool:
    """Whether the body is the whole file of `size` bytes, and fits into memory."""
    return request.content_length == size and 0 < size <= WHOLE_BYTES


def _is_chunked() -> bool:
    return "chunked" in request.headers.get("Transfer-Encoding", "")


def need_content_type() -> None:
    """Problems: media_type."""
    if request.mimetype != CONTENT_TYPE:
        raise Problem("media_type")


def whole(size: int) -> tuple[bytes, ClientDisconnected | None]:
    """(the body of `size` bytes, None), or what came of it and how it was cut."""
    body = bytearray()
    try:
        for chunk in chunks(size):
            body += chunk
    except ClientDisconnected as cut:
        return bytes(body), cut
    return bytes(body), None


def chunks(most: int) -> Iterator[bytes]:
    """The body in pieces; 413 if it says, or turns out, to be longer than `most` bytes.

    Raises ClientDisconnected where the connection was cut.
    """
    announced = request.content_length
    if announced is not None and announced > most:
        raise Problem("body_too_large")
    request.max_content_length = most + 1
    came = 0
    while chunk := request.stream.read(min(CHUNK_BYTES, most + 1 - came)):
        came += len(chunk)
        if came > most:
            raise Problem("body_too_large")
        yield chunk
    # Servers that tell where a body ends give a cut one as if that were its end.
    if announced is not None and came < announced:
        raise ClientDisconnected
