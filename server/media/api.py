"""The HTTP door of the room."""

from flask_smorest import Blueprint

blp = Blueprint("media", __name__, url_prefix="/api/v1")
blueprints = (blp,)
