"""The HTTP doors of the regime: rule packs and the calendar."""

from datetime import date, timedelta
from typing import Any

from flask import Response, current_app, g, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import allow, device_or_person
from server.grid.roles import ADMIN, EVERYBODY
from server.grid.scope import today
from server.http.errors import language
from server.http.idempotency import once
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.problems import Problem, invalid
from server.packs import reading as packs
from server.packs.reading import PackMistakes
from server.regime import queries, service
from server.regime.books import books
from server.regime.rules import Day
from server.regime.schemas import (
    CALENDAR,
    DAY,
    INSTALLED,
    TERM,
    CalendarArgs,
    CalendarSchema,
    DayOrderSchema,
    DaySchema,
    InstallArgs,
    InstalledListSchema,
    TermSchema,
)

MOST_DAYS = 400
YAML = "application/yaml"

days = Blueprint("calendar", __name__, url_prefix="/api/v1", description="Working days (工作日历)")
texts = Blueprint("packs", __name__, url_prefix="/api/v1", description="Rule packs (规则包)")
blueprints = (days, texts)


@days.route("/calendar")
class Calendar(MethodView):
    @allow(*EVERYBODY)
    @days.arguments(CalendarArgs, location="query")
    @days.response(200, CalendarSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """Which days are worked, and who says so."""
        first, last = args["from_"], args["to"]
        if not 0 <= (last - first).days < MOST_DAYS:
            raise invalid("to", "invalid", f"from .. from + {MOST_DAYS - 1}")
        with reading() as session:
            held = books(session)
            asked = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            return jsonify(CALENDAR.dump({"results": [_day(d, held.day(d)) for d in asked]}))


@days.route("/calendar/<day>")
class OneDay(MethodView):
    @allow(ADMIN)
    @days.arguments(DayOrderSchema)
    @days.response(200, DaySchema)
    def put(self, body: dict[str, Any], day: str) -> Response:
        """Order that a day is worked, or is not (调休、停工)."""
        ordered = _date(day)
        with writing() as session:
            now = service.set_day(session, g.caller.member, _today(), ordered, **body)
            return jsonify(DAY.dump(_day(ordered, now)))

    @allow(ADMIN)
    @days.response(200, DaySchema)
    def delete(self, day: str) -> Response:
        """Take the order back."""
        ordered = _date(day)
        with writing() as session:
            now = service.unset_day(session, g.caller.member, ordered)
            return jsonify(DAY.dump(_day(ordered, now)))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Problem("not_found") from error


def _day(day: date, found: Day) -> dict[str, Any]:
    return {"day": day} | found._asdict()


@texts.route("/packs")
class Packs(MethodView):
    @allow(ADMIN)
    @texts.response(200, InstalledListSchema)
    def get(self) -> Response:
        """Which pack holds where from when."""
        with reading() as session:
            current = books(session).terms.current(_today())
            rows = [row._asdict() for row in queries.installed(session)]
            listed = [row | {"current": row["id"] in current} for row in rows]
            return jsonify(INSTALLED.dump({"results": listed}))

    @allow(ADMIN)
    @texts.arguments(InstallArgs, location="query")
    @texts.response(201, TermSchema)
    @texts.doc(requestBody={"content": {YAML: {"schema": {"type": "string"}}}})
    def post(self, args: dict[str, Any]) -> Response:
        """Install a pack (YAML) from a day on, in an area or everywhere."""
        wanted = service.Installation(_text(), args["from_"], args["area"], args["past"])
        with writing() as session:

            def act() -> Any:
                actor = g.caller.member
                return TERM.dump(service.install(session, actor, _today(), wanted))

            try:
                return once(session, g.caller.member, act)
            except PackMistakes as error:
                raise _problem(error) from error


def _text() -> str:
    try:
        return packs.decode(request.get_data())
    except PackMistakes as error:
        raise _problem(error) from error


def _problem(error: PackMistakes) -> Problem:
    """Every mistake, in the caller's language."""
    mistakes = []
    for one in error.mistakes:
        wrong, right = one.said(language())
        place = {"line": one.line, "path": one.path, "code": one.code}
        mistakes.append(place | {"wrong": wrong, "right": right})
    return Problem("pack_invalid", extra={"mistakes": mistakes})


def _today() -> date:
    return today(current_app.config["TIMEZONE"], clock.now())


@texts.route("/packs/<id_>/<int(max=1000000):version>")
class OnePack(MethodView):
    @device_or_person
    @texts.response(200, content_type=YAML)
    def get(self, id_: str, version: int) -> Response:
        """The text of a pack as it was installed."""
        with reading() as session:
            found = queries.pack_text(session, id_, version)
            answer = Response(found.text, mimetype=YAML)
            answer.set_etag(found.sha256)
            answer.make_conditional(request)
            return answer
