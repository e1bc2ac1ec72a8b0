"""Wire shapes of tasks; `TaskSchema` is also the body on the feed."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from server.http.fields import CleanText, IdField, InstantField, Title
from server.http.paging import PageArgs, page_schema
from server.items.schemas import DATUMS
from server.kernel import clock
from server.tasks import rules, settling
from server.tasks.clock import Light, light
from server.tasks.requests import EXTENSION, TRANSFER
from server.tasks.standing import STATES

LONGEST = 4000


class PositionSchema(Schema):
    """Degrees in `datum`; always answered in wgs84."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    datum = fields.String(load_default="wgs84", validate=validate.OneOf(DATUMS))


class DemandsSchema(Schema):
    """What must be there when the task is done; what is left out is not asked for."""

    photos = fields.List(CleanText(32, least=1), validate=validate.Length(min=1, max=10))
    form = CleanText(100, least=1)
    checklist = CleanText(100, least=1)
    visit_minutes = fields.Integer(strict=True, validate=validate.Range(1, 1440))
    visit_metres = fields.Integer(strict=True, validate=validate.Range(1, 100_000))


class MarkSchema(Schema):
    """A point to be mended."""

    point = CleanText(64, least=1, required=True)
    text = CleanText(1000, load_default="")


class NewTaskSchema(Schema):
    """A task to be given; `area` defaults to the assignee's home area, priority 3 comes first.

    `kind`, `title`, `text` and `priority` are those of the `template` unless they are said. Without
    `due` and `demands` the rules of the area tell them, by `category`, `template`, `kind`.
    """

    assignee = IdField(required=True)
    kind = CleanText(32, least=1)
    title = Title(200)
    text = CleanText(LONGEST)
    due = InstantField(load_default=None, allow_none=True)
    priority = fields.Integer(strict=True, validate=validate.Range(0, 3))
    area = IdField(load_default=None, allow_none=True)
    loc = fields.Nested(PositionSchema, load_default=None, allow_none=True)
    subject = IdField(load_default=None, allow_none=True)
    form = CleanText(100, load_default=None, allow_none=True)
    category = CleanText(64, load_default=None, allow_none=True)
    template = CleanText(64, load_default=None, allow_none=True)
    demands = fields.Nested(DemandsSchema, load_default=dict)

    @validates_schema
    def _says_what(self, data: dict[str, Any], **_: Any) -> None:
        if not (data["template"] or "title" in data):
            raise ValidationError("title or template", "title")


class ChangeSchema(Schema):
    """A change of a task; `reason` is told to the worker, the others only matter to reassigning.

    `hard` waits until the old device has let go.
    """

    assignee = IdField(load_default=None, allow_none=True)
    mode = fields.String(load_default=rules.SOFT, validate=validate.OneOf((rules.SOFT, rules.HARD)))
    reason = CleanText(LONGEST, load_default=None, allow_none=True)


class ReassignSchema(ChangeSchema):
    """To whom the task is given."""

    assignee = IdField(required=True)


class ReturnSchema(ChangeSchema):
    """What is to be mended."""

    marks = fields.List(
        fields.Nested(MarkSchema), load_default=list, validate=validate.Length(max=50)
    )


class GrantSchema(ChangeSchema):
    """`until` for more time, `assignee` for another owner; without them as the worker wished."""

    until = InstantField(load_default=None, allow_none=True)


class SettleSchema(ChangeSchema):
    """`keep`: both works stand; `dismiss`: the late one does not count; `accept_late_work`: it is
    the result. `item`: which completion is meant, else the last."""

    decision = fields.String(required=True, validate=validate.OneOf(settling.DECISIONS))
    item = IdField(load_default=None, allow_none=True)


class TaskArgs(PageArgs):
    """Query of the list; `area` stands for itself and all below it."""

    after = IdField(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    assignee = IdField(load_default=None)
    area = IdField(load_default=None)
    light = fields.String(load_default=None, validate=validate.OneOf(list(Light)))


class RequestSchema(Schema):
    """What the worker asks for: more time up to `until`, or another owner, best `to`."""

    kind = fields.String(validate=validate.OneOf((EXTENSION, TRANSFER)))
    reason = fields.String(allow_none=True)
    at = fields.String()
    until = fields.String(allow_none=True)
    to = fields.String(allow_none=True)


class TaskSchema(Schema):
    """A task as its worker sees it; the device tells the light by `yellow_at` and `due`."""

    id = IdField()
    kind = fields.String()
    title = fields.String()
    text = fields.String()
    due = InstantField(allow_none=True)
    priority = fields.Integer()
    area = IdField()
    loc = fields.Nested(PositionSchema, allow_none=True)
    subject = IdField(allow_none=True)
    form = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(STATES))
    version = fields.Integer()
    assignment = fields.Integer()
    assignee = IdField()
    flags = fields.List(fields.String())
    category = fields.String(allow_none=True)
    demands = fields.Nested(DemandsSchema)
    yellow_at = InstantField(allow_none=True)
    suspended_at = InstantField(allow_none=True)
    accept_by = InstantField(allow_none=True)
    request = fields.Nested(RequestSchema, allow_none=True)
    marks = fields.List(fields.Nested(MarkSchema))
    late = fields.Boolean()
    updated_at = InstantField()


class TaskViewSchema(TaskSchema):
    """A task in a list."""

    light = fields.Function(lambda task: str(light(task, clock.now())), metadata={"type": "string"})


class TaskEventSchema(Schema):
    """One step; `from` and `to` are states."""

    no = fields.Integer()
    at = InstantField()
    actor = fields.String()
    install = IdField(allow_none=True)
    item = IdField(allow_none=True)
    action = fields.String()
    from_ = fields.String(attribute="from_state", data_key="from", allow_none=True)
    to = fields.String(attribute="to_state")
    assignment = fields.Integer()
    assignee = IdField()
    reason = fields.String(allow_none=True)
    flags = fields.List(fields.String())
    detail = fields.Dict()


class TaskDetailSchema(TaskViewSchema):
    """A task as the people see it who gave it, with its events in order."""

    pending_assignee = IdField(allow_none=True)
    lease_until = InstantField(allow_none=True)
    template = fields.String(allow_none=True)
    pack = fields.String(allow_none=True)
    push = IdField(allow_none=True)
    limit_number = fields.Integer(allow_none=True)
    limit_unit = fields.String(allow_none=True)
    clock_from = InstantField(allow_none=True)
    escalate_at = InstantField(allow_none=True)
    escalation = fields.Integer()
    extensions = fields.Integer()
    accepted_at = InstantField(allow_none=True)
    done_at = InstantField(allow_none=True)
    closed_at = InstantField(allow_none=True)
    created_by = fields.String()
    created_at = InstantField()
    events = fields.List(fields.Nested(TaskEventSchema), attribute="history")


TaskPageSchema = page_schema("Task", TaskViewSchema)
TASK = TaskSchema()
TASK_VIEW = TaskViewSchema()
TASK_DETAIL = TaskDetailSchema()
