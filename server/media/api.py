"""The HTTP doors of the room: tus uploads for devices, files for whoever may see them."""

from dataclasses import replace
from typing import Any

from flask import Response, current_app, g, request, send_file, url_for
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy import ColumnElement, true

from server.grid.auth import device_only, device_or_person, public
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import canonical
from server.kernel.problems import Problem
from server.media import copies, lifecycle, links, queries, rules, service, tus
from server.media.files import Progress, path_of, receive
from server.media.schemas import FileArgs, LinkArgs, LinkSchema
from server.media.storage import media_locks, media_store

uploads = Blueprint(
    "uploads", __name__, url_prefix="/api/v1/media/uploads", description="Uploads (tus 1.0)"
)
uploads.before_request(tus.refuse_other_version)
uploads.after_request(tus.add_version)
blp = Blueprint("media", __name__, url_prefix="/api/v1/media", description="Photos and files")
blueprints = (uploads, blp)


@uploads.route("")
class Uploads(MethodView):
    @public
    @uploads.response(204, description="Tus-Version, Tus-Extension, Tus-Max-Size")
    def options(self) -> Response:
        """What the server can do."""
        return tus.discovery()

    @device_only
    @uploads.response(201, description="Location, Upload-Offset, Upload-Expires")
    def post(self) -> Response:
        """Begin an upload, or find it again; a body (creation-with-upload) is its first bytes."""
        headers, settings = request.headers, current_app.config
        wish = rules.wish(
            headers.get("Upload-Length"), headers.get("Upload-Metadata"), settings["UPLOAD_BYTES"]
        )
        with_bytes = tus.has_bytes()
        with writing() as session:
            progress = service.create(
                session,
                media_store(),
                g.device.install,
                g.device.member,
                wish,
                settings["PARTIAL_DAYS"],
            )
        if with_bytes and progress.offset == 0:
            progress = _take_in(progress, 0)
        progress = _healed(progress)
        return tus.answer(201, progress, Location=f"{request.path}/{progress.id}")


@uploads.route("/<upload_id>")
class OneUpload(MethodView):
    @public
    @uploads.response(204, description="Tus-Version, Tus-Extension, Tus-Max-Size")
    def options(self, upload_id: str) -> Response:
        """What the server can do."""
        return tus.discovery()

    @device_only
    @uploads.response(200, description="Upload-Offset, Upload-Length, Upload-Expires")
    def head(self, upload_id: str) -> Response:
        """How many bytes the server has."""
        progress = _healed(_found(upload_id))
        return tus.answer(200, progress, Upload_Length=str(progress.size), Cache_Control="no-store")

    @device_only
    @uploads.response(204, description="Upload-Offset, Upload-Expires")
    def patch(self, upload_id: str) -> Response:
        """Add bytes at Upload-Offset; they are on the disk before the answer."""
        tus.need_content_type()
        offset = rules.whole_number("Upload-Offset", request.headers.get("Upload-Offset"))
        return tus.answer(204, _take_in(_found(upload_id), offset))

    @device_only
    @uploads.response(204)
    def delete(self, upload_id: str) -> Response:
        """End the upload; a file that is whole already stays."""
        lifecycle.terminate(media_store(), _canonical(upload_id), g.device.member)
        return Response(status=204)


def _found(upload_id: str) -> Progress:
    with reading() as session:
        return service.find(session, media_store(), _canonical(upload_id), g.device.member)


def _canonical(upload_id: str) -> str:
    try:
        return canonical(upload_id)
    except ValueError as error:
        raise Problem("not_found") from error


def _take_in(progress: Progress, offset: int) -> Progress:
    """The progress after the bytes of this request; what is whole becomes a blob.

    While bytes are missing the store judges the offset, once it is alone with the file: whoever
    meets another writer is told `locked`, not that its offset is wrong.
    """
    checksum = rules.read_checksum(request.headers.get("Upload-Checksum"))
    if progress.offset < progress.size and offset < progress.size:
        body = tus.chunks(progress.size - offset)
        arrived = receive(media_store(), progress.id, offset, body, checksum)
        progress = replace(progress, offset=arrived)
    elif offset != progress.offset:
        raise Problem("upload_offset", extra={"offset": progress.offset})
    return lifecycle.complete(media_store(), media_locks(), progress)


def _healed(progress: Progress) -> Progress:
    """Catch up on what a crash left between the last byte and the blob."""
    try:
        return lifecycle.complete(media_store(), media_locks(), progress)
    except Problem as problem:
        if problem.code != "checksum_mismatch":
            raise
        return replace(progress, offset=0)


@blp.route("/<sha256>")
class File(MethodView):
    @links.or_by_link
    @blp.arguments(FileArgs, location="query")
    @blp.response(200, description="The file; ranges and If-None-Match are understood")
    @blp.alt_response(404, description="No such file, not within reach, or no copy of this size")
    def get(self, args: dict[str, Any], sha256: str) -> Response:
        """A photo or file as it was handed in, or a copy, if an item within reach names it."""
        return _sent(*_shown(sha256, args["size"], args["item"]))


@blp.route("/<sha256>/links")
class Links(MethodView):
    @device_or_person
    @blp.arguments(LinkArgs)
    @blp.response(201, LinkSchema)
    def post(self, args: dict[str, Any], sha256: str) -> dict[str, Any]:
        """A link by which a page shows a copy without a token, for ten minutes."""
        _shown(sha256, args["size"], args["item"])
        query, until = links.made(sha256, args["size"], args["item"], clock.now())
        return {"url": f"{url_for('media.File', sha256=sha256)}?{query}", "until": until}


def _shown(sha256: str, size: str | None, item: str | None) -> tuple[str, str]:
    """(hash, type) of the blob to send. Problems: not_found, copy_pending, copy_impossible."""
    reach = _reach()
    with reading() as session:
        type_ = queries.shown(session, sha256, reach) if rules.is_hash(sha256) else None
        if type_ is None:
            raise Problem("not_found")
        if size is None:
            return sha256, type_
        if size == copies.STAMPED:
            return rules.judge_copy(type_, queries.stamped_of(session, sha256, reach, item))
        return rules.judge_copy(type_, queries.copy_of(session, sha256, size))


def _reach() -> ColumnElement[bool]:
    if g.device is not None:
        return queries.visible_to_device(g.device.member)
    return queries.visible(g.caller.scope) if g.caller is not None else true()


def _sent(sha256: str, type_: str) -> Response:
    if not media_store().exists(sha256):
        raise Problem("not_found")
    response = send_file(
        path_of(media_store(), sha256),
        mimetype=type_,
        as_attachment=not rules.is_shown(type_),
        download_name=sha256,
        etag=sha256,
        conditional=True,
    )
    response.cache_control.private = True
    return response
