"""The HTTP door of the room."""

from flask import Response, current_app, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import allow
from server.grid.roles import EVERYBODY
from server.kernel.database import reading
from server.kernel.problems import Problem
from server.media import queries as media
from server.media.rules import is_hash
from server.photos.likeness import queries, service
from server.photos.likeness.schemas import AlikeList
from server.photos.likeness.service import Alike

MOST_ITEMS = 200

blp = Blueprint("likeness", __name__, url_prefix="/api/v1/media", description="Seen before (查重)")
blueprints = (blp,)


@blp.route("/<sha256>/alike")
class AlikePhotos(MethodView):
    @allow(*EVERYBODY)
    @blp.response(200, AlikeList)
    def get(self, sha256: str) -> Response:
        """Photos alike, with the items that name them, as far as the caller may see them."""
        if not is_hash(sha256):
            raise Problem("not_found")
        with reading() as session:
            if media.shown(session, sha256, media.visible(g.caller.scope)) is None:
                raise Problem("not_found")
            farthest = current_app.config["ALIKE_DISTANCE"]
            photos = [Alike(sha256, 0), *service.suggest(session, sha256, farthest)]
            hashes = [photo.sha256 for photo in photos]
            items = queries.items_within(session, g.caller.scope, hashes, MOST_ITEMS)
        shown = [
            photo._asdict() | {"items": items[photo.sha256]}
            for photo in photos
            if photo.sha256 in items
        ]
        return jsonify({"results": shown})
