"""`GET /`, and the scripts and style sheets of the pages."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import public
from server.http.pages import HTML, PARTS, send_page
from server.kernel.problems import Problem

blp = Blueprint("pages", __name__, description="页面 / Pages")


@blp.route("/")
class Landing(MethodView):
    @public
    @blp.response(200, HTML, content_type="text/html")
    def get(self) -> Response:
        """首页 / What runs here, and where to go on"""
        return send_page("landing.html")


@blp.route("/pages/<name>")
class Part(MethodView):
    @public
    @blp.response(200, HTML, content_type="text/plain")
    def get(self, name: str) -> Response:
        """页面的脚本和样式 / A script or style sheet of a page"""
        if name not in PARTS:
            raise Problem("not_found")
        return send_page(name)
