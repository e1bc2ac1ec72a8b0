"""The HTTP door of recurring plans."""

from typing import Any

from flask import Response, current_app, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.dispatch.plans import queries, service
from server.dispatch.plans.models import Plan
from server.dispatch.plans.schemas import (
    AHEAD,
    PLAN,
    PLAN_DETAIL,
    PLAN_RUN,
    AheadArgs,
    AheadSchema,
    NewPlanSchema,
    PlanArgs,
    PlanChangeSchema,
    PlanDetailSchema,
    PlanPageSchema,
    PlanRunSchema,
    RunSchema,
)
from server.dispatch.plans.service import Change
from server.grid.auth import allow
from server.grid.roles import MANAGERS, STAFF
from server.http.idempotency import once
from server.http.paging import page
from server.http.versions import if_match, with_version
from server.kernel.database import reading, writing

blp = Blueprint("plans", __name__, url_prefix="/api/v1", description="Recurring plans (周期计划)")


@blp.route("/plans")
class Plans(MethodView):
    @allow(*STAFF)
    @blp.arguments(PlanArgs, location="query")
    @blp.response(200, PlanPageSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """Plans of areas within reach, and of the whole deployment."""
        with reading() as session:
            rows = queries.listed(session, g.caller.scope, args)
            return jsonify(page(PLAN.dump(rows, many=True), args["limit"], lambda row: row["id"]))

    @allow(*MANAGERS)
    @blp.arguments(NewPlanSchema)
    @blp.response(201, PlanDetailSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Have tasks given again and again."""
        scope, settings = g.caller.scope, current_app.extensions["gewu_settings"]
        with writing() as session:

            def act() -> Any:
                return _shown(session, service.create(session, settings, scope, body))

            return once(session, g.caller.member, act)


@blp.route("/plans/<uuid:plan>")
class OnePlan(MethodView):
    @allow(*STAFF)
    @blp.response(200, PlanDetailSchema)
    def get(self, plan: Any) -> Response:
        """A plan with its newest runs."""
        with reading() as session:
            return _answer(session, service.shown(session, g.caller.scope, str(plan)))

    @allow(*MANAGERS)
    @blp.arguments(PlanChangeSchema)
    @blp.response(200, PlanDetailSchema)
    def patch(self, body: dict[str, Any], plan: Any) -> Response:
        """Change a plan, stop it (`active` false) or let it go on."""
        wish, settings = _wish(plan), current_app.extensions["gewu_settings"]
        with writing() as session:
            return _answer(session, service.change(session, settings, wish, body))

    @allow(*MANAGERS)
    @blp.response(204)
    def delete(self, plan: Any) -> Response:
        """Take a plan away; what it gave stays."""
        wish = _wish(plan)
        with writing() as session:
            service.end(session, wish)
        return Response(status=204)


@blp.route("/plans/<uuid:plan>/next")
class Ahead(MethodView):
    @allow(*STAFF)
    @blp.arguments(AheadArgs, location="query")
    @blp.response(200, AheadSchema)
    def get(self, args: dict[str, Any], plan: Any) -> Response:
        """When a plan runs next, and what a run would give; nothing is done."""
        settings = current_app.extensions["gewu_settings"]
        with reading() as session:
            shown = service.shown(session, g.caller.scope, str(plan))
            return jsonify(AHEAD.dump(service.ahead(session, settings, shown, args["days"])))


@blp.route("/plans/<uuid:plan>/run")
class RunByHand(MethodView):
    @allow(*MANAGERS)
    @blp.arguments(RunSchema)
    @blp.response(202, PlanRunSchema)
    def post(self, body: dict[str, Any], plan: Any) -> Response:
        """Run a plan once more, now; the worker gives the tasks."""
        scope, settings = g.caller.scope, current_app.extensions["gewu_settings"]
        with writing() as session:

            def act() -> Any:
                made = service.run(session, settings, scope, str(plan), body["confirm"])
                return PLAN_RUN.dump(made)

            return once(session, g.caller.member, act, status=202)


def _wish(plan: Any) -> Change:
    return Change(g.caller.scope, str(plan), if_match())


def _answer(session: Session, plan: Plan) -> Response:
    return with_version(jsonify(_shown(session, plan)), plan.version)


def _shown(session: Session, plan: Plan) -> dict[str, Any]:
    runs = PLAN_RUN.dump(queries.newest_runs(session, plan.id), many=True)
    body: dict[str, Any] = PLAN_DETAIL.dump(plan)
    return body | {"runs": runs}
