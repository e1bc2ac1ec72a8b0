"""Doors to sessions (登录) and to one's own API tokens."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, g, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.grid import queries, roles
from server.grid.api.answers import listed
from server.grid.auth import allow, public, refuse_api_token
from server.grid.models import Member
from server.grid.schemas import (
    IdPageArgs,
    IssuedTokenSchema,
    LoginSchema,
    SessionSchema,
    TokenNew,
    TokenSchema,
)
from server.grid.scope import today
from server.grid.service import lockout, logins
from server.http.paging import page_schema
from server.http.ratelimits import hit
from server.kernel import clock
from server.kernel.database import reading, writing

blp = Blueprint("sessions", __name__, url_prefix="/api/v1", description="Sessions and API tokens")
TOKEN = TokenSchema()
TOKEN_PAGE = page_schema("Token", TokenSchema)
LOGINS_PER_MINUTE = 30


def _member(session: Session, id_: str) -> dict[str, Any]:
    day = today(current_app.config["TIMEZONE"], clock.now())
    member = session.get_one(Member, id_)
    return {
        "id": id_,
        "username": member.username,
        "name": member.name,
        "language": member.language,
        "roles": queries.roles_of(session, [id_], day)[id_],
    }


@blp.route("/sessions")
class Sessions(MethodView):
    @public
    @blp.arguments(LoginSchema)
    @blp.response(201, SessionSchema)
    def post(self, data: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """Log in. The password is checked between the transactions, as that takes long."""
        address = request.remote_addr or ""
        hit("login", address, LOGINS_PER_MINUTE)
        keys = lockout.address_key("login", address), lockout.name_key(data["username"])
        with lockout.watched(*keys):
            with reading() as session:
                found = logins.credentials(session, data["username"])
            member = logins.check_password(found, data["password"])
        with writing() as session:
            lockout.forgive(session, *keys)
            issued = logins.open_session(session, member, current_app.config["SESSION_HOURS"])
            return {
                "token": issued.token,
                "expires_at": issued.row.expires_at,
                "member": _member(session, member),
            }, 201


@blp.route("/sessions/current")
class CurrentSession(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.response(204)
    def delete(self) -> None:
        """Log out."""
        refuse_api_token()
        with writing() as session:
            logins.revoke(session, g.caller.member, g.caller.token)


@blp.route("/tokens")
class Tokens(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.arguments(IdPageArgs, location="query")
    @blp.response(200, TOKEN_PAGE)
    def get(self, args: dict[str, Any]) -> Response:
        """One's own API tokens."""
        with reading() as session:
            rows = queries.api_tokens(session, g.caller.member, args)
            return listed(TOKEN, rows, args["limit"])

    @allow(*roles.EVERYBODY)
    @blp.arguments(TokenNew)
    @blp.response(201, IssuedTokenSchema)
    def post(self, data: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """A new API token; kept under no Idempotency-Key, as it is secret."""
        refuse_api_token()
        with writing() as session:
            issued = logins.create_token(session, g.caller.member, **data)
            shown = {name: getattr(issued.row, name) for name in TOKEN.fields}
            return shown | {"token": issued.token}, 201


@blp.route("/tokens/<uuid:token_id>/revoke")
class TokenRevoking(MethodView):
    @allow(*roles.EVERYBODY)
    @blp.response(200, TokenSchema)
    def post(self, token_id: UUID) -> Response:
        """Revoke one of one's own API tokens."""
        refuse_api_token()
        with writing() as session:
            return jsonify(TOKEN.dump(logins.revoke(session, g.caller.member, str(token_id))))
