"""Doors to trees and areas (网格)."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid import queries, roles
from server.grid.api.answers import listed, shown
from server.grid.auth import allow
from server.grid.schemas import (
    AreaArgs,
    AreaChange,
    AreaEnd,
    AreaNew,
    AreaSchema,
    TreePageArgs,
    TreeSchema,
)
from server.grid.service import areas
from server.http.idempotency import once
from server.http.paging import page_schema
from server.http.versions import if_match
from server.kernel.database import reading, writing

blp = Blueprint("areas", __name__, url_prefix="/api/v1", description="Trees and areas (网格)")
TREE, AREA = TreeSchema(), AreaSchema()
TREE_PAGE, AREA_PAGE = page_schema("Tree", TreeSchema), page_schema("Area", AreaSchema)


@blp.route("/trees")
class Trees(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.arguments(TreePageArgs, location="query")
    @blp.response(200, TREE_PAGE)
    def get(self, args: dict[str, Any]) -> Response:
        """The trees."""
        with reading() as session:
            rows = queries.trees(session, args["after"], args["limit"])
            return listed(TREE, rows, args["limit"], key="code")

    @allow(*roles.ADMINS)
    @blp.arguments(TreeSchema)
    @blp.response(201, TreeSchema)
    def post(self, data: dict[str, Any]) -> Response:
        """A new tree with its levels."""
        with writing() as session:
            scope = g.caller.scope
            return once(
                session, scope.member, lambda: TREE.dump(areas.create_tree(session, scope, data))
            )


@blp.route("/areas")
class Areas(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.arguments(AreaArgs, location="query")
    @blp.response(200, AREA_PAGE)
    def get(self, args: dict[str, Any]) -> Response:
        """Areas within reach."""
        with reading() as session:
            rows = queries.areas(session, g.caller.scope, args)
            return listed(AREA, rows, args["limit"])

    @allow(*roles.ADMINS)
    @blp.arguments(AreaNew)
    @blp.response(201, AreaSchema)
    def post(self, data: dict[str, Any]) -> Response:
        """A new area."""
        with writing() as session:
            scope = g.caller.scope
            return once(
                session, scope.member, lambda: AREA.dump(areas.create(session, scope, data))
            )


@blp.route("/areas/<uuid:area_id>")
class AnArea(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.response(200, AreaSchema)
    def get(self, area_id: UUID) -> Response:
        """One area."""
        with reading() as session:
            return shown(AREA, areas.show(session, g.caller.scope, str(area_id)))

    @allow(*roles.ADMINS)
    @blp.arguments(AreaChange)
    @blp.response(200, AreaSchema)
    def patch(self, data: dict[str, Any], area_id: UUID) -> Response:
        """Change an area; another parent moves it with all below it."""
        version = if_match()
        with writing() as session:
            area = areas.change(session, g.caller.scope, str(area_id), version, data)
            return shown(AREA, area)


@blp.route("/areas/<uuid:area_id>/end")
class AreaEnding(MethodView):
    @allow(*roles.ADMINS)
    @blp.arguments(AreaEnd)
    @blp.response(200, AreaSchema)
    def post(self, data: dict[str, Any], area_id: UUID) -> Response:
        """End an area after its last day, and the posts in it."""
        with writing() as session:
            area = areas.end(session, g.caller.scope, str(area_id), data["valid_to"])
            return shown(AREA, area)
