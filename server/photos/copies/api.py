"""The door at which anybody can check a stamp (核验)."""

from typing import Any

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import public
from server.http.ratelimits import hit
from server.kernel.database import reading
from server.kernel.problems import Problem
from server.kernel.tokens import normalise_code
from server.photos.copies import queries, rules
from server.photos.copies.schemas import VerifySchema

blp = Blueprint("photos", __name__, url_prefix="/api/v1", description="水印核验 / Stamps")
blueprints = (blp,)
CHECKS_PER_MINUTE = 30


@blp.route("/verify/<code>")
class Verify(MethodView):
    @public
    @blp.response(200, VerifySchema)
    def get(self, code: str) -> dict[str, Any]:
        """What the stamp with this code must say, and the hash that the original must have."""
        hit("verify", request.remote_addr or "", CHECKS_PER_MINUTE)
        with reading() as session:
            stamp = queries.stamp(session, normalise_code(code))
            if stamp is None:
                raise Problem("not_found")
            areas = queries.path(session, stamp.area)
        return {
            "code": stamp.code,
            "at": stamp.estimated,
            "areas": areas,
            "short": rules.short_hash(stamp.sha256),
            "sha256": stamp.sha256,
        }
