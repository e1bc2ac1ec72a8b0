"""The table of doors: for each route and method, who may enter, and how to knock.

`knock(world, side)` makes a fresh target in the own or the foreign street and says what to send, so
that no knock changes what another one finds. `ok` is the answer to who may enter with the target in
reach; `foreign` the answer with the target out of reach (None: the route has no target).
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask.testing import FlaskClient

from server.dispatch.pushes.rules import Target
from server.duty.rules import SUPERIORS
from server.grid.roles import DISPATCHERS, ENROLLERS, EVERYBODY, MANAGERS, REPLAYERS, STAFF
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.media import copies
from server.media.copies import NewCopy
from server.notices import service as notices
from server.notices.models import Notice
from server.notices.service import NewNotice
from server.regime import service as regime
from server.regime.service import Installation
from server.tasks import service
from tests import factories
from tests.dispatch import given as dispatched
from tests.duty import given as duty
from tests.factories import Street
from tests.tasks import given
from tests.wire import exchange, line

ADMIN, READERS = ("admin",), ("auditor", "admin")
PHOTO = b"\xff\xd8\xff\xe0 a photo"


@dataclass
class World:
    """Two streets; the roles under test hold their posts in `own`."""

    client: FlaskClient
    own: Street
    foreign: Street

    def street(self, side: str) -> Street:
        return self.own if side == "own" else self.foreign

    def phone(self, side: str) -> factories.Phone:
        """A phone of the first worker of that side."""
        return factories.device_for(self.street(side).workers[0])

    def item(self, side: str, **given: Any) -> str:
        """An item handed in there, inside the first grid."""
        lat, lon = self.street(side).point(0)
        raw = line(loc={"lat": lat, "lon": lon}, **given)
        exchange(self.client, self.phone(side), raw)
        return str(json.loads(raw)["id"])

    def aside(self, side: str) -> str:
        """The id of a line set aside there."""
        raw = line(kind="dance")
        exchange(self.client, self.phone(side), raw)
        token = factories.token_for(self.own.admin)
        answer = self.client.get("/api/v1/quarantine?limit=500", headers=factories.auth(token))
        sha256 = hashlib.sha256(raw).hexdigest()
        return str(next(x["id"] for x in answer.json["results"] if x["sha256"] == sha256))

    def task(self, side: str, done: bool = False) -> str:
        """A task there, done if asked."""
        street = self.street(side)
        task = given.task(street)
        if done:
            given.steps(street.workers[0], task, ["accept", "complete"])
        return task

    def absence(self, side: str) -> str:
        """A slip of a worker there, on which nobody has decided."""
        begins = clock.now() + timedelta(days=1)
        return duty.slip(
            factories.member("worker", self.street(side).grids[0]),
            begins=begins,
            ends=begins + timedelta(days=1),
            approved_by=None,
        )

    def asking(self, side: str) -> str:
        """A task there whose worker asks for somebody else."""
        street, task = self.street(side), self.task(side)
        wish = given.action(street.workers[0], task, "request_transfer", to=street.workers[1])
        given.handled(wish)
        return task

    def suspended(self, side: str) -> str:
        """A task there whose clock stands."""
        task = self.task(side)
        given.changed(service.suspend, self.street(side), task)
        return task

    def called_off(self, side: str) -> str:
        """A task there that was done when it was called off."""
        street, task = self.street(side), self.task(side)
        given.changed(service.cancel, street, task)
        given.steps(street.workers[0], task, ["complete"])
        return task

    def photo(self, side: str) -> str:
        """The hash of a photo that an item there names."""
        data = PHOTO + uuid7().encode()
        sha256 = hashlib.sha256(data).hexdigest()
        phone = self.phone(side)
        lat, lon = self.street(side).point(0)
        media = [{"sha256": sha256, "size": len(data), "type": "image/jpeg"}]
        exchange(self.client, phone, line(media=media, loc={"lat": lat, "lon": lon}))
        hashed = base64.b64encode(sha256.encode()).decode()
        headers = factories.auth(phone.token) | {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(data)),
            "Upload-Metadata": f"sha256 {hashed},type {base64.b64encode(b'image/jpeg').decode()}",
            "Content-Type": "application/offset+octet-stream",
        }
        answer = self.client.post("/api/v1/media/uploads", data=data, headers=headers)
        assert answer.headers["Upload-Offset"] == str(len(data))
        return sha256

    def copied(self, side: str) -> str:
        """The same of a photo that has its thumb."""
        sha256 = self.photo(side)
        thumb = NewCopy("thumb", "image/webp", 4, 3, sha256.encode())
        with writing() as session:
            copies.write(session, sha256, [thumb])
        return sha256


@dataclass
class Knock:
    """What to send; `hidden` must not be in the answer when it lies out of reach."""

    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    hidden: str = ""


@dataclass(frozen=True)
class Door:
    """A row of the table."""

    allowed: tuple[str, ...]
    knock: Callable[[World, str], Knock]
    ok: int = 200
    foreign: int | None = 404


V1 = {"If-Match": "1"}


def _list(path: str, target: Callable[[World, str], str]) -> Callable[[World, str], Knock]:
    return lambda world, side: Knock(f"{path}?limit=500", hidden=target(world, side))


def _new(path: str, body: Callable[[World, str], Any]) -> Callable[[World, str], Knock]:
    return lambda world, side: Knock(path, body(world, side))


def _cell(world: World, side: str) -> dict[str, Any]:
    street = world.street(side)
    code = f"33019900109{uuid7()[-4:]}".upper()
    return {
        "tree": street.tree,
        "parent": street.communities[0],
        "level": "grid",
        "code": code,
        "name": "新网格",
    }


def _nobody(world: World, side: str) -> str:
    """A member with one ended-able worker post in the second grid's neighbourhood."""
    street = world.street(side)
    return factories.member("operator", street.communities[0])


def _operator_post(world: World, side: str) -> str:
    return factories.post(factories.member(), "operator", world.street(side).grids[0])


def _enrolment(world: World, side: str) -> dict[str, Any]:
    return {"member": world.street(side).workers[0], "ttl_s": 600}


def _post_body(world: World, side: str) -> dict[str, Any]:
    area = world.street(side).communities[0]
    member = world.street(side).workers[0]
    return {"member": member, "area": area, "role": "operator", "from_day": "2026-01-01"}


def _task_body(world: World, side: str) -> dict[str, Any]:
    return {"assignee": world.street(side).workers[0], "title": "检查井盖", "kind": "check"}


def _push_body(world: World, side: str) -> dict[str, Any]:
    return {"target": {"area": world.street(side).grids[0]}, "task": {"title": "检查井盖"}}


def _push(world: World, side: str) -> str:
    """A push to the first grid, which the foreign roles of the own street do not reach."""
    street = world.street(side)
    return dispatched.push(street, Target(area=street.grids[0]))


def _plan_body(world: World, side: str) -> dict[str, Any]:
    body = {"name": "周检", "area": world.street(side).grids[0], "rhythm": {"unit": "week"}}
    return body | {"task": {"title": "检查井盖"}}


def _plan(world: World, side: str) -> str:
    token = factories.token_for(world.street(side).admin)
    body = _plan_body(world, side)
    answer = world.client.post("/api/v1/plans", json=body, headers=factories.auth(token))
    return str(answer.json["id"])


def _act(act: str, done: bool = False) -> Callable[[World, str], Knock]:
    def knock(world: World, side: str) -> Knock:
        task = world.task(side, done)
        version = "3" if done else "1"
        body = {"reason": "重复", "mode": "soft"}
        if act == "reassign":
            body["assignee"] = world.street(side).workers[1]
        return Knock(f"/api/v1/tasks/{task}/{act}", body, {"If-Match": version})

    return knock


def _absence_body(world: World, side: str) -> dict[str, Any]:
    """Of a member of its own: one cannot be absent twice at a time."""
    member = factories.member("worker", world.street(side).grids[0])
    return {"member": member, "from": "2036-01-01", "to": "2036-01-02"}


def _notice(world: World, side: str) -> str:
    member, told = world.street(side).workers[0], world.task(side)
    with writing() as session:
        notices.tell(session, [NewNotice(member, "task_red", "task", told, {})])
    with reading() as session:
        return str(session.query(Notice.id).filter_by(member=member, object=told).scalar())


def _task_act(
    act: str, version: str, target: Callable[[World, str], str], **body: str
) -> Callable[[World, str], Knock]:
    path = "/api/v1/tasks"
    return lambda world, side: Knock(
        f"{path}/{target(world, side)}/{act}", {"reason": "已核"} | body, {"If-Match": version}
    )


def _figures(world: World, side: str) -> Knock:
    """By person: who has a task there."""
    world.task(side)
    period = "from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
    path = f"/api/v1/tasks/statistics?{period}&by=person"
    return Knock(path, hidden=world.street(side).workers[0])


def _shift(world: World, side: str) -> str:
    street, shift = world.street(side), uuid7()
    lat, lon = street.point(0)
    raw = line("shift_start", {"shift": shift}, loc={"lat": lat, "lon": lon})
    exchange(world.client, factories.device_for(street.workers[0]), raw)
    return shift


def _show(path: str, target: Callable[[World, str], str]) -> Callable[[World, str], Knock]:
    return lambda world, side: Knock(f"{path}/{target(world, side)}")


def _change(
    path: str, target: Callable[[World, str], str], body: Any, tail: str = ""
) -> Callable[[World, str], Knock]:
    return lambda world, side: Knock(f"{path}/{target(world, side)}{tail}", body, V1)


def _pack(world: World) -> str:
    """The id of an installed pack."""
    id_ = f"p{uuid7()[-12:]}"
    text = f"pack: {{id: {id_}, version: 1, name: 河道}}\ncalendar: {{hours: [08:30-12:00]}}"
    with writing() as session:
        wanted = Installation(text, date(2026, 1, 1), past=True)
        regime.install(session, "cli", date(2026, 1, 1), wanted)
    return id_


def _token(world: World, side: str) -> str:
    token = factories.token_for(world.street(side).workers[0], "api")
    answer = world.client.get("/api/v1/tokens", headers=factories.auth(token))
    return str(answer.json["results"][-1]["id"])


def _install(world: World, side: str) -> str:
    return world.phone(side).install


def _first_cell(world: World, side: str) -> str:
    return world.street(side).grids[0]


def _first_worker(world: World, side: str) -> str:
    return world.street(side).workers[0]


def _cell_to_change(world: World, side: str) -> str:
    street = world.street(side)
    code = f"33019900108{uuid7()[-4:]}".upper()
    return factories.area(street.tree, "grid", street.communities[0], "空网格", code, None)


def _own_body(world: World, side: str) -> Knock:
    return Knock("/api/v1/tokens", {"name": "导出"})


A = "/api/v1"
PEOPLE: dict[tuple[str, str], Door] = {
    ("GET", f"{A}/trees"): Door(EVERYBODY, lambda w, s: Knock(f"{A}/trees"), foreign=None),
    ("POST", f"{A}/trees"): Door(
        ADMIN,
        lambda w, s: Knock(
            f"{A}/trees",
            {"code": uuid7()[-12:], "name": "消防", "levels": [{"code": "big", "name": "大网格"}]},
        ),
        201,
        None,
    ),
    ("GET", f"{A}/areas"): Door(EVERYBODY, _list(f"{A}/areas", _first_cell)),
    ("POST", f"{A}/areas"): Door(ADMIN, _new(f"{A}/areas", _cell), 201, 403),
    ("GET", f"{A}/areas/<uuid:area_id>"): Door(EVERYBODY, _show(f"{A}/areas", _first_cell)),
    ("PATCH", f"{A}/areas/<uuid:area_id>"): Door(
        ADMIN, _change(f"{A}/areas", _cell_to_change, {"name": "改名"})
    ),
    ("POST", f"{A}/areas/<uuid:area_id>/end"): Door(
        ADMIN, _change(f"{A}/areas", _cell_to_change, {}, "/end")
    ),
    ("GET", f"{A}/members"): Door(STAFF, _list(f"{A}/members", _first_worker)),
    ("POST", f"{A}/members"): Door(
        MANAGERS, _new(f"{A}/members", lambda w, s: {"name": "新成员"}), 201, None
    ),
    ("GET", f"{A}/members/<uuid:member_id>"): Door(EVERYBODY, _show(f"{A}/members", _first_worker)),
    ("PATCH", f"{A}/members/<uuid:member_id>"): Door(
        MANAGERS, _change(f"{A}/members", _nobody, {"name": "改名"})
    ),
    ("POST", f"{A}/members/<uuid:member_id>/end"): Door(
        MANAGERS, _change(f"{A}/members", _nobody, {}, "/end")
    ),
    ("GET", f"{A}/posts"): Door(EVERYBODY, _list(f"{A}/posts", _operator_post)),
    ("POST", f"{A}/posts"): Door(MANAGERS, _new(f"{A}/posts", _post_body), 201, 403),
    ("GET", f"{A}/posts/<uuid:post_id>"): Door(EVERYBODY, _show(f"{A}/posts", _operator_post)),
    ("PATCH", f"{A}/posts/<uuid:post_id>"): Door(
        MANAGERS, _change(f"{A}/posts", _operator_post, {"to_day": "2030-01-01"})
    ),
    ("POST", f"{A}/posts/<uuid:post_id>/end"): Door(
        MANAGERS, _change(f"{A}/posts", _operator_post, {}, "/end")
    ),
    ("POST", f"{A}/enrolments"): Door(ENROLLERS, _new(f"{A}/enrolments", _enrolment), 201, 403),
    ("GET", f"{A}/devices"): Door(STAFF, _list(f"{A}/devices", _install)),
    ("GET", f"{A}/devices/<uuid:install>"): Door(STAFF, _show(f"{A}/devices", _install)),
    ("POST", f"{A}/devices/<uuid:install>/revoke"): Door(
        ENROLLERS, _change(f"{A}/devices", _install, {"mode": "now"}, "/revoke")
    ),
    ("GET", f"{A}/tokens"): Door(EVERYBODY, lambda w, s: Knock(f"{A}/tokens"), foreign=None),
    ("POST", f"{A}/tokens"): Door(EVERYBODY, _own_body, 201, None),
    ("POST", f"{A}/tokens/<uuid:token_id>/revoke"): Door(
        (), _change(f"{A}/tokens", _token, {}, "/revoke")
    ),
    ("DELETE", f"{A}/sessions/current"): Door(
        EVERYBODY, lambda w, s: Knock(f"{A}/sessions/current"), 204, None
    ),
    ("GET", f"{A}/items"): Door(STAFF, _list(f"{A}/items", World.item)),
    ("GET", f"{A}/items/<uuid:id_>"): Door(STAFF, _show(f"{A}/items", World.item)),
    ("GET", f"{A}/quarantine"): Door(REPLAYERS, _list(f"{A}/quarantine", World.aside)),
    ("GET", f"{A}/quarantine/<uuid:id_>"): Door(REPLAYERS, _show(f"{A}/quarantine", World.aside)),
    ("POST", f"{A}/quarantine/<uuid:id_>/replay"): Door(
        REPLAYERS, _change(f"{A}/quarantine", World.aside, None, "/replay")
    ),
    ("GET", f"{A}/media/<sha256>"): Door(STAFF, _show(f"{A}/media", World.photo)),
    ("GET", f"{A}/media/<sha256>/alike"): Door(
        STAFF, _change(f"{A}/media", World.photo, None, "/alike")
    ),
    ("POST", f"{A}/media/<sha256>/links"): Door(
        STAFF,
        lambda w, s: Knock(f"{A}/media/{w.copied(s)}/links", {"size": "thumb"}),
        201,
    ),
    ("GET", f"{A}/shifts"): Door(STAFF, _list(f"{A}/shifts", _shift)),
    ("GET", f"{A}/reports"): Door(STAFF, _list(f"{A}/reports", World.item)),
    ("GET", f"{A}/reports/<uuid:report>"): Door(STAFF, _show(f"{A}/reports", World.item)),
    ("GET", f"{A}/tasks"): Door(STAFF, _list(f"{A}/tasks", World.task)),
    ("POST", f"{A}/tasks"): Door(DISPATCHERS, _new(f"{A}/tasks", _task_body), 201, 403),
    ("GET", f"{A}/tasks/<uuid:task>"): Door(STAFF, _show(f"{A}/tasks", World.task)),
    ("POST", f"{A}/tasks/<uuid:task>/reassign"): Door(DISPATCHERS, _act("reassign")),
    ("POST", f"{A}/tasks/<uuid:task>/cancel"): Door(DISPATCHERS, _act("cancel")),
    ("POST", f"{A}/tasks/<uuid:task>/verify"): Door(DISPATCHERS, _act("verify", True)),
    ("POST", f"{A}/tasks/<uuid:task>/return"): Door(DISPATCHERS, _act("return", True)),
    ("GET", f"{A}/absences"): Door(STAFF, _list(f"{A}/absences", World.absence)),
    ("POST", f"{A}/absences"): Door(SUPERIORS, _new(f"{A}/absences", _absence_body), 201, 403),
    ("GET", f"{A}/absences/<uuid:absence>"): Door(STAFF, _show(f"{A}/absences", World.absence)),
    ("PATCH", f"{A}/absences/<uuid:absence>"): Door(
        SUPERIORS, _change(f"{A}/absences", World.absence, {"approved": True})
    ),
    ("DELETE", f"{A}/absences/<uuid:absence>"): Door(
        SUPERIORS, _change(f"{A}/absences", World.absence, None), 204
    ),
    ("GET", f"{A}/notices"): Door(EVERYBODY, lambda w, s: Knock(f"{A}/notices"), foreign=None),
    ("POST", f"{A}/notices/<uuid:notice>/read"): Door(
        (), _change(f"{A}/notices", _notice, None, "/read")
    ),
    ("POST", f"{A}/tasks/<uuid:task>/suspend"): Door(DISPATCHERS, _act("suspend")),
    ("POST", f"{A}/tasks/<uuid:task>/resume"): Door(
        DISPATCHERS, _task_act("resume", "2", World.suspended)
    ),
    ("POST", f"{A}/tasks/<uuid:task>/grant"): Door(
        DISPATCHERS, _task_act("grant", "2", World.asking)
    ),
    ("POST", f"{A}/tasks/<uuid:task>/refuse"): Door(
        DISPATCHERS, _task_act("refuse", "2", World.asking)
    ),
    ("POST", f"{A}/tasks/<uuid:task>/settle"): Door(
        DISPATCHERS, _task_act("settle", "3", World.called_off, decision="keep")
    ),
    ("GET", f"{A}/tasks/statistics"): Door(STAFF, _figures),
    ("GET", f"{A}/live"): Door(EVERYBODY, lambda w, s: Knock(f"{A}/live"), foreign=None),
    ("GET", f"{A}/pushes"): Door(STAFF, _list(f"{A}/pushes", _push)),
    ("POST", f"{A}/pushes"): Door(DISPATCHERS, _new(f"{A}/pushes", _push_body), 202, 403),
    ("GET", f"{A}/pushes/<uuid:push>"): Door(STAFF, _show(f"{A}/pushes", _push)),
    ("GET", f"{A}/plans"): Door(STAFF, _list(f"{A}/plans", _plan)),
    ("POST", f"{A}/plans"): Door(MANAGERS, _new(f"{A}/plans", _plan_body), 201, 403),
    ("GET", f"{A}/plans/<uuid:plan>"): Door(STAFF, _show(f"{A}/plans", _plan)),
    ("PATCH", f"{A}/plans/<uuid:plan>"): Door(
        MANAGERS, _change(f"{A}/plans", _plan, {"active": False})
    ),
    ("DELETE", f"{A}/plans/<uuid:plan>"): Door(MANAGERS, _change(f"{A}/plans", _plan, None), 204),
    ("GET", f"{A}/plans/<uuid:plan>/next"): Door(
        STAFF, lambda w, s: Knock(f"{A}/plans/{_plan(w, s)}/next")
    ),
    ("POST", f"{A}/plans/<uuid:plan>/run"): Door(
        MANAGERS, lambda w, s: Knock(f"{A}/plans/{_plan(w, s)}/run", {}), 202
    ),
    ("GET", f"{A}/calendar"): Door(
        EVERYBODY,
        lambda w, s: Knock(f"{A}/calendar?from=2026-11-26&to=2026-11-30"),
        foreign=None,
    ),
    ("PUT", f"{A}/calendar/<day>"): Door(
        ADMIN, lambda w, s: Knock(f"{A}/calendar/2026-11-29", {"working": True}), foreign=None
    ),
    ("DELETE", f"{A}/calendar/<day>"): Door(
        ADMIN, lambda w, s: Knock(f"{A}/calendar/2026-11-29"), foreign=None
    ),
    ("GET", f"{A}/packs"): Door(ADMIN, lambda w, s: Knock(f"{A}/packs"), foreign=None),
    ("POST", f"{A}/packs"): Door(
        ADMIN,
        lambda w, s: Knock(
            f"{A}/packs?from=2026-01-01&past=true&area={w.street(s).street}",
            {"pack": {"id": f"p{uuid7()[-12:]}", "version": 1, "name": "河道"}}
            | {"calendar": {"hours": ["08:30-12:00"]}},
        ),
        201,
        201,
    ),
    ("GET", f"{A}/packs/<id_>/<int(max=1000000):version>"): Door(
        EVERYBODY, lambda w, s: Knock(f"{A}/packs/{_pack(w)}/1"), foreign=None
    ),
    ("GET", "/metrics"): Door(
        READERS, lambda w, s: Knock("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}), 200, None
    ),
}
OWN_ONLY = {
    ("GET", f"{A}/items"),
    ("GET", f"{A}/items/<uuid:id_>"),
    ("GET", f"{A}/media/<sha256>"),
    ("GET", f"{A}/media/<sha256>/alike"),
    ("POST", f"{A}/media/<sha256>/links"),
    ("GET", f"{A}/tasks"),
    ("GET", f"{A}/tasks/<uuid:task>"),
    ("GET", f"{A}/absences"),
    ("GET", f"{A}/absences/<uuid:absence>"),
    ("PATCH", f"{A}/absences/<uuid:absence>"),
    ("DELETE", f"{A}/absences/<uuid:absence>"),
    ("GET", f"{A}/members/<uuid:member_id>"),
    ("PATCH", f"{A}/members/<uuid:member_id>"),
}
"""Open to every role, but a worker there reaches only what is its own: see test_doors.py."""

DEVICE = {
    ("POST", f"{A}/sync"),
    ("POST", f"{A}/sync/have"),
    ("GET", f"{A}/sync/receipts"),
    ("POST", f"{A}/media/uploads"),
    ("PATCH", f"{A}/media/uploads/<upload_id>"),
    ("DELETE", f"{A}/media/uploads/<upload_id>"),
    ("POST", f"{A}/media/uploads/<upload_id>"),
}
PUBLIC = {
    ("GET", "/"),
    ("GET", "/app"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/pages/<name>"),
    ("GET", f"{A}/docs"),
    ("GET", f"{A}/openapi.json"),
    ("GET", f"{A}/sync/key"),
    ("GET", f"{A}/verify/<code>"),
    ("POST", f"{A}/sessions"),
    ("POST", f"{A}/devices/enroll"),
}
