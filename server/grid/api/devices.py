"""Doors to devices (设备): one-time codes, enrolment, revoking. docs/protocol.md, section 3."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, g, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.grid import queries, roles
from server.grid.api.answers import listed, shown
from server.grid.auth import allow, public
from server.grid.schemas import (
    DeviceArgs,
    DeviceSchema,
    EnrolledSchema,
    EnrollSchema,
    EnrolmentNew,
    EnrolmentSchema,
    RevokeSchema,
)
from server.grid.service import devices, lockout, reach
from server.http.paging import page_schema
from server.http.ratelimits import hit
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.kernel.state import epoch

blp = Blueprint("devices", __name__, url_prefix="/api/v1", description="Devices (设备)")
DEVICE = DeviceSchema()
DEVICE_PAGE = page_schema("Device", DeviceSchema)
ENROLS_PER_MINUTE = 20


def _view(row: Any) -> dict[str, Any]:
    names = DEVICE.fields.keys() - {"undelivered"}
    facts = {name: getattr(row.Device, name) for name in names}
    return facts | {"undelivered": row.undelivered}


def _found(session: Session, install: UUID) -> dict[str, Any]:
    row = queries.device(session, g.caller.scope, str(install))
    if row is None:
        raise Problem("not_found")
    return _view(row)


@blp.route("/enrolments")
class Enrolments(MethodView):
    @allow(*roles.ENROLLERS)
    @blp.arguments(EnrolmentNew)
    @blp.response(201, EnrolmentSchema)
    def post(self, data: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """A one-time code for a member's phone; kept under no Idempotency-Key, as it is secret."""
        url = current_app.config["PUBLIC_URL"]
        with writing() as session:
            invitation = devices.invite(session, g.caller.scope, **data, public_url=url)
        return invitation._asdict(), 201


@blp.route("/devices/enroll")
class Enrolling(MethodView):
    @public
    @blp.arguments(EnrollSchema)
    @blp.response(201, EnrolledSchema)
    def post(self, data: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """Bind a phone to a member by a one-time code."""
        hit("enrol", request.remote_addr or "", ENROLS_PER_MINUTE)
        key = lockout.address_key("enrol", request.remote_addr)
        with lockout.watched(key), writing() as session:
            enrolled = devices.enrol(session, data["code"], data["install"], data["device"])
            lockout.forgive(session, key)
            return {
                "install": enrolled.install,
                "token": enrolled.token,
                "member": reach.own_record(session, enrolled.member),
                "epoch": epoch(session),
                "time": clock.now(),
                "limits": devices.limits(current_app.extensions["gewu_settings"]),
            }, 201


@blp.route("/devices")
class Devices(MethodView):
    @allow(*roles.STAFF)
    @blp.arguments(DeviceArgs, location="query")
    @blp.response(200, DEVICE_PAGE)
    def get(self, args: dict[str, Any]) -> Response:
        """Devices of members within reach."""
        with reading() as session:
            rows = queries.devices(session, g.caller.scope, args)
            return listed(DEVICE, [_view(row) for row in rows], args["limit"], key="install")


@blp.route("/devices/<uuid:install>")
class ADevice(MethodView):
    @allow(*roles.STAFF)
    @blp.response(200, DeviceSchema)
    def get(self, install: UUID) -> Response:
        """One device."""
        with reading() as session:
            return shown(DEVICE, _found(session, install))


@blp.route("/devices/<uuid:install>/revoke")
class Revoking(MethodView):
    @allow(*roles.ENROLLERS)
    @blp.arguments(RevokeSchema)
    @blp.response(200, DeviceSchema)
    def post(self, data: dict[str, Any], install: UUID) -> Response:
        """Take a device back: drained by default, or shut out now."""
        with writing() as session:
            devices.revoke(session, g.caller.scope, str(install), data["mode"])
            return jsonify(DEVICE.dump(_found(session, install)))
