"""The HTTP doors of the room: tus uploads for devices, files for whoever may see them."""

from dataclasses import replace
from io import SEEK_END
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
from server.media import copies, direct, lifecycle, links, queries, rules, service, tus
from server.media.files import Progress, receive
from server.media.rules import Wish
from server.media.schemas import FileArgs, LinkArgs, LinkSchema
from server.media.storage import media_locks, media_store
from server.media.stores.base import NoSuchBlob

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
        if tus.method() != "POST":
            raise Problem("method_not_allowed")
        headers, most = request.headers, current_app.config["UPLOAD_BYTES"]
        wish = rules.wish(headers.get("Upload-Length"), headers.get("Upload-Metadata"), most)
        progress = _taken_in(wish) if tus.has_bytes() else _healed(_begun(wish))
        return tus.answer(201, progress, Location=f"{request.path}/{progress.id}")


def _begun(wish: Wish) -> Progress:
    device, days = g.device, current_app.config["PARTIAL_DAYS"]
    # Asked outside of the transaction: a bucket that is away must not hold up who writes.
    media_store().exists(wish.sha256)
    with writing() as session:
        return service.create(session, media_store(), device.install, device.member, wish, days)


def _taken_in(wish: Wish) -> Progress:
    """A creation with its first bytes; with all of them, if they are few, there is no partial."""
    if not tus.brings_all(wish.size):
        progress = _begun(wish)
        return _healed(progress if progress.offset else _take_in(progress, 0))
    checksum = _checksum()
    content, cut = tus.whole(wish.size)
    if cut is not None:
        receive(media_store(), _begun(wish), 0, [content], checksum)
        raise cut
    if checksum is not None and checksum.hex() != wish.sha256:
        raise Problem("checksum_mismatch")
    holder, days = (g.device.install, g.device.member), current_app.config["PARTIAL_DAYS"]
    return lifecycle.take_whole(media_store(), media_locks(), *holder, wish, content, days)


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
        return tus.state(_healed(_found(upload_id)))

    @device_only
    @uploads.response(204, description="As of the method named")
    @uploads.alt_response(405, description="No method is named, or none that an upload has")
    def post(self, upload_id: str) -> Response:
        """PATCH, HEAD or DELETE in X-HTTP-Method-Override, where a proxy lets only POST pass."""
        meant = {"PATCH": self.patch, "HEAD": self.head, "DELETE": self.delete}.get(tus.method())
        if meant is None:
            raise Problem("method_not_allowed")
        answer: Response = meant(upload_id)
        return answer

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
    checksum = _checksum()
    if progress.offset < progress.size and offset < progress.size:
        body = tus.chunks(progress.size - offset)
        progress = receive(media_store(), progress, offset, body, checksum)
    elif offset != progress.offset:
        raise Problem("upload_offset", extra={"offset": progress.offset})
    return lifecycle.complete(media_store(), media_locks(), progress)


def _checksum() -> bytes | None:
    return rules.read_checksum(request.headers.get("Upload-Checksum"))


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
    @blp.alt_response(
        302, description="By a link: the copy, at the bucket's own short-lived address"
    )
    @blp.alt_response(404, description="No such file, not within reach, or no copy of this size")
    def get(self, args: dict[str, Any], sha256: str) -> Response:
        """A photo or file as it was handed in, or a copy, if an item within reach names it."""
        found = _shown(sha256, args["size"], args["item"])
        return direct.sent_elsewhere(*found) or _sent(*found)


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
    """The file in pieces, or the range that was asked for, from wherever the store has it."""
    try:
        file = media_store().open(sha256)
    except NoSuchBlob as error:
        raise Problem("not_found") from error
    size = file.seek(0, SEEK_END)
    file.seek(0)
    response = send_file(
        file,
        mimetype=type_,
        as_attachment=not rules.is_shown(type_),
        download_name=sha256,
        etag=sha256,
        conditional=False,
    )
    response.content_length = size
    response.cache_control.private = True
    response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    return response
