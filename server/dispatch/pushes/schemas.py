"""Wire shapes of pushes."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from server.dispatch.pushes.rules import Subject, Target
from server.grid.roles import ROLES
from server.http.fields import BooleanField, CleanText, IdField, InstantField, Title
from server.http.paging import PageArgs, page_schema
from server.tasks.schemas import LONGEST, DemandsSchema, PositionSchema

MOST_SUBJECTS = 100_000


class SubjectSchema(Schema):
    """A subject with the area it lies in, whose worker gets the task, or who gets it."""

    subject = IdField(required=True)
    area = IdField()
    assignee = IdField()

    @post_load
    def made(self, data: dict[str, Any], **more: Any) -> Subject:
        return Subject(**data)


class TargetSchema(Schema):
    """Exactly one of `member`, `post` (an id, or a code of the pack), `role`, `subjects`, or `area`
    alone: all its worker posts. `area` narrows posts and roles; without it: all in reach."""

    member = IdField()
    post = CleanText(64, least=1)
    area = IdField()
    role = fields.String(validate=validate.OneOf(ROLES))
    subjects = fields.List(fields.Nested(SubjectSchema), validate=validate.Length(1, MOST_SUBJECTS))

    @post_load
    def made(self, data: dict[str, Any], **more: Any) -> Target:
        return Target(**data | {"subjects": tuple(data.get("subjects", ()))})


class PushTaskSchema(Schema):
    """The task that everybody gets; each field before that of the template."""

    kind = CleanText(32, least=1)
    title = Title(200)
    text = CleanText(LONGEST)
    category = CleanText(64, least=1)
    priority = fields.Integer(strict=True, validate=validate.Range(0, 3))
    loc = fields.Nested(PositionSchema)
    form = CleanText(100)
    demands = fields.Nested(DemandsSchema)


class OrderSchema(Schema):
    """What is given to whom: a template, or a task with its title, or both."""

    target = fields.Nested(TargetSchema, required=True)
    template = CleanText(64, least=1, load_default=None, allow_none=True)
    task = fields.Nested(PushTaskSchema, load_default=dict)

    @validates_schema
    def says_what(self, data: dict[str, Any], **more: Any) -> None:
        if not (data.get("template") or data.get("task", {}).get("title")):
            raise ValidationError("template or task.title", "task")


class NewPushSchema(OrderSchema):
    """`confirm`: the number of tasks, where so many need it; `dry_run` tells it and does nothing.

    `due` is one for all; without it the limits of the packs hold.
    """

    due = InstantField(load_default=None, allow_none=True)
    dry_run = BooleanField(load_default=False)
    confirm = fields.Integer(strict=True, load_default=None, allow_none=True)


class PushArgs(PageArgs):
    """Query of the list; `area` stands for itself and all below it."""

    after = IdField(load_default=None)
    area = IdField(load_default=None)


class LeftOutSchema(Schema):
    """Who gets no task, and why: `nobody`, `absent` or `template_unknown`."""

    area = IdField()
    subject = IdField()
    why = fields.String(required=True)


class StandInSchema(Schema):
    """Who is absent now, and who takes its tasks there."""

    member = IdField(required=True)
    area = IdField(required=True)
    by = IdField(required=True)


class PushSchema(Schema):
    """A push; its tasks have its id in `push`. `done` of `total` tasks are given by now.

    `state`: `planned`, `running`, `done`; `dry_run` (and no id) if it was only looked at.
    """

    id = IdField(allow_none=True)
    state = fields.String()
    total = fields.Integer()
    done = fields.Integer()
    area = IdField(allow_none=True)
    target = fields.Dict()
    template = fields.String(allow_none=True)
    title = fields.String()
    plan = IdField(allow_none=True)
    created_by = fields.String()
    created_at = InstantField()
    done_at = InstantField(allow_none=True)


class PushDetailSchema(PushSchema):
    """The same with everybody who is left out; a dry run tells as well who is stood in for."""

    left_out = fields.List(fields.Nested(LeftOutSchema))
    stood_in = fields.List(fields.Nested(StandInSchema))


PushPageSchema = page_schema("Push", PushSchema)
PUSH = PushSchema()
PUSH_DETAIL = PushDetailSchema()
