"""Doors to posts (岗位)."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid import queries, roles
from server.grid.api.answers import listed, shown
from server.grid.auth import allow
from server.grid.schemas import PostArgs, PostChange, PostNew, PostSchema
from server.grid.service import posts
from server.http.idempotency import once
from server.http.paging import page_schema
from server.http.versions import if_match
from server.kernel.database import reading, writing

blp = Blueprint("posts", __name__, url_prefix="/api/v1", description="Posts (岗位)")
POST = PostSchema()
POST_PAGE = page_schema("Post", PostSchema)


@blp.route("/posts")
class Posts(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.arguments(PostArgs, location="query")
    @blp.response(200, POST_PAGE)
    def get(self, args: dict[str, Any]) -> Response:
        """Posts of areas within reach, those that ended too."""
        with reading() as session:
            rows = queries.posts(session, g.caller.scope, args)
            return listed(POST, rows, args["limit"])

    @allow(*roles.MANAGERS)
    @blp.arguments(PostNew)
    @blp.response(201, PostSchema)
    def post(self, data: dict[str, Any]) -> Response:
        """Give a post."""
        with writing() as session:
            scope = g.caller.scope
            return once(
                session, scope.member, lambda: POST.dump(posts.create(session, scope, data))
            )


@blp.route("/posts/<uuid:post_id>")
class APost(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.response(200, PostSchema)
    def get(self, post_id: UUID) -> Response:
        """One post."""
        with reading() as session:
            return shown(POST, posts.show(session, g.caller.scope, str(post_id)))

    @allow(*roles.MANAGERS)
    @blp.arguments(PostChange)
    @blp.response(200, PostSchema)
    def patch(self, data: dict[str, Any], post_id: UUID) -> Response:
        """Set the last day of a post, or which post of the pack it is."""
        version = if_match()
        with writing() as session:
            scope = g.caller.scope
            post = posts.change(session, scope, str(post_id), version, data)
            return shown(POST, post)


@blp.route("/posts/<uuid:post_id>/end")
class PostEnding(MethodView):
    @allow(*roles.MANAGERS)
    @blp.response(200, PostSchema)
    def post(self, post_id: UUID) -> Response:
        """End a post at once."""
        with writing() as session:
            return shown(POST, posts.end(session, g.caller.scope, str(post_id)))
