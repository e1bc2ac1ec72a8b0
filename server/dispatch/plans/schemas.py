"""Wire shapes of recurring plans."""

from datetime import time
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from server.dispatch.plans.rules import MISSED, ONCE, UNITS
from server.dispatch.pushes.schemas import OrderSchema, PushTaskSchema, TargetSchema
from server.http.fields import BooleanField, CleanText, IdField, InstantField, Title
from server.http.paging import PageArgs, page_schema
from server.packs.definition import Rhythm
from server.packs.rhythm import ORIGIN

MOST_TASKS = 2**31 - 1
"""What the column of the number confirmed holds."""


def _local(at: time) -> None:
    if at.tzinfo is not None:
        raise ValidationError("a local time, without an offset")


def _confirm(**given: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, MOST_TASKS), **given)


class RhythmSchema(Schema):
    """When: every `count` of `unit`, at the local time `at`; counted from `from_day`.

    Weeks: on `weekday` (1 Monday … 7). Months: on `day`, or on the `nth` (1 … 5, -1 the last)
    `weekday`.
    """

    unit = fields.String(required=True, validate=validate.OneOf(UNITS))
    count = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 1000))
    weekday = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 7))
    day = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 31))
    nth = fields.Integer(strict=True, allow_none=True, validate=validate.OneOf((-1, 1, 2, 3, 4, 5)))
    at = fields.Time(validate=_local)
    from_day = fields.Date(allow_none=True, validate=validate.Range(ORIGIN))

    @post_load
    def made(self, data: dict[str, Any], **more: Any) -> Rhythm:
        return Rhythm(**data)


class NewPlanSchema(OrderSchema):
    """What an order says, again and again, in `area` and below it.

    `missed`: what no worker ran becomes one run (`once`), or each becomes one (`each`).
    """

    name = Title(100, required=True)
    area = IdField(required=True)
    rhythm = fields.Nested(RhythmSchema, required=True)
    target = fields.Nested(TargetSchema, load_default=dict)
    missed = fields.String(load_default=ONCE, validate=validate.OneOf(MISSED))
    confirm = _confirm(load_default=None, allow_none=True)


class PlanChangeSchema(Schema):
    """What may be changed; of a plan of a pack `active`, `missed`, `confirm`, its subjects."""

    name = Title(100)
    rhythm = fields.Nested(RhythmSchema)
    target = fields.Nested(TargetSchema)
    template = CleanText(64, least=1)
    task = fields.Nested(PushTaskSchema)
    missed = fields.String(validate=validate.OneOf(MISSED))
    active = BooleanField()
    confirm = _confirm()


class RunSchema(Schema):
    """A run by hand; `confirm`: the number of tasks, where so many need it."""

    confirm = _confirm(load_default=None, allow_none=True)


class AheadArgs(Schema):
    """So many days ahead."""

    days = fields.Integer(load_default=30, validate=validate.Range(1, 366))


class AheadSchema(Schema):
    """When the plan runs (`results`), how many tasks each run would give now, or why it would give
    none."""

    results = fields.List(InstantField())
    tasks = fields.Integer()
    problem = fields.String(allow_none=True)


class PlanArgs(PageArgs):
    """Query of the list; `area` stands for itself and all below it."""

    after = IdField(load_default=None)
    area = IdField(load_default=None)


class PlanSchema(Schema):
    """A plan; `pack` is set where it stands in a rule pack, `area` null is the whole deployment.

    Occurrences up to `upto` are dealt with.
    """

    id = IdField()
    name = fields.String()
    area = IdField(allow_none=True)
    pack = fields.String(allow_none=True)
    target = fields.Dict()
    template = fields.String(allow_none=True)
    task = fields.Dict()
    rhythm = fields.Dict()
    missed = fields.String()
    active = fields.Boolean()
    upto = InstantField()
    version = fields.Integer()
    created_by = fields.String()
    created_at = InstantField()
    updated_at = InstantField()


class PlanRunSchema(Schema):
    """A run: the push it made of so many tasks, or the code of why it made none.

    `stands_for`: how many occurrences it makes up for, itself included; 0 for a run by hand.
    """

    at = InstantField()
    made_at = InstantField()
    stands_for = fields.Integer()
    push = IdField(allow_none=True)
    tasks = fields.Integer()
    problem = fields.String(allow_none=True)


class PlanDetailSchema(PlanSchema):
    """A plan with its newest runs."""

    runs = fields.List(fields.Nested(PlanRunSchema))


PlanPageSchema = page_schema("Plan", PlanSchema)
PLAN = PlanSchema()
PLAN_DETAIL = PlanDetailSchema()
PLAN_RUN = PlanRunSchema()
AHEAD = AheadSchema()
