"""`/app`, the address in an enrolment QR: shows what the code is for and how to use it.

The code stands in the fragment, which a browser never sends; the page's script shows it.
"""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import public
from server.http.pages import HTML, send_page

blp = Blueprint("collector", __name__, description="手机页 / Phone page")


@blp.route("/app")
class Collector(MethodView):
    @public
    @blp.response(200, HTML, content_type="text/html")
    def get(self) -> Response:
        """接入说明 / How to enrol with the code that was scanned"""
        return send_page("app.html")
