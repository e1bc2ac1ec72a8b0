"""Doors to members (成员)."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.grid import queries, roles
from server.grid.api.answers import listed, shown
from server.grid.auth import allow, refuse_api_token
from server.grid.models import Member
from server.grid.schemas import MemberArgs, MemberChange, MemberNew, MemberSchema
from server.grid.service import members, passwords
from server.http.idempotency import once
from server.http.paging import page_schema
from server.http.versions import if_match
from server.kernel.database import reading, writing
from server.keys import cipher

blp = Blueprint("members", __name__, url_prefix="/api/v1", description="Members (成员)")
MEMBER = MemberSchema()
MEMBER_PAGE = page_schema("Member", MemberSchema)


def _view(session: Session, member: Member) -> dict[str, Any]:
    return members.views(session, [member], cipher(), g.caller.scope.day)[0]


def _with_hash(data: dict[str, Any]) -> dict[str, Any]:
    """Passwords are set by people who logged in, not by their API tokens."""
    if data.get("password") is not None:
        refuse_api_token()
    return passwords.hashed(data)


@blp.route("/members")
class Members(MethodView):
    @allow(*roles.STAFF)
    @blp.arguments(MemberArgs, location="query")
    @blp.response(200, MEMBER_PAGE)
    def get(self, args: dict[str, Any]) -> Response:
        """Members within reach."""
        with reading() as session:
            rows = queries.members(session, g.caller.scope, args)
            views = members.views(session, rows, cipher(), g.caller.scope.day)
            return listed(MEMBER, views, args["limit"])

    @allow(*roles.MANAGERS)
    @blp.arguments(MemberNew)
    @blp.response(201, MemberSchema)
    def post(self, data: dict[str, Any]) -> Response:
        """A new member, without posts yet."""
        data, scope = _with_hash(data), g.caller.scope
        with writing() as session:
            return once(
                session,
                scope.member,
                lambda: MEMBER.dump(_view(session, members.create(session, scope, data, cipher()))),
            )


@blp.route("/members/<uuid:member_id>")
class AMember(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.response(200, MemberSchema)
    def get(self, member_id: UUID) -> Response:
        """One member."""
        with reading() as session:
            member = members.show(session, g.caller.scope, str(member_id))
            return shown(MEMBER, _view(session, member))

    @allow(*roles.EVERYBODY)
    @blp.arguments(MemberChange)
    @blp.response(200, MemberSchema)
    def patch(self, data: dict[str, Any], member_id: UUID) -> Response:
        """Change a member; everybody may change the own phone, password and language."""
        version, data = if_match(), _with_hash(data)
        with writing() as session:
            member = members.change(
                session, g.caller.scope, str(member_id), version, data, cipher()
            )
            return shown(MEMBER, _view(session, member))


@blp.route("/members/<uuid:member_id>/end")
class MemberEnding(MethodView):
    @allow(*roles.MANAGERS)
    @blp.response(200, MemberSchema)
    def post(self, member_id: UUID) -> Response:
        """End a member's work: posts ended, tokens revoked, phones drained."""
        with writing() as session:
            member = members.end(session, g.caller.scope, str(member_id))
            return shown(MEMBER, _view(session, member))
