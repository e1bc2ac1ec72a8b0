"""Wire shapes of tasks; `TaskSchema` is also the body on the feed."""

from marshmallow import Schema, fields, validate

from server.http.fields import CleanText, IdField, InstantField
from server.http.paging import PageArgs, page_schema
from server.items.schemas import DATUMS
from server.tasks import rules
from server.tasks.standing import STATES

LONGEST = 4000


class PositionSchema(Schema):
    """Degrees in `datum`; always answered in wgs84."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    datum = fields.String(load_default="wgs84", validate=validate.OneOf(DATUMS))


class NewTaskSchema(Schema):
    """A task to be given; `area` defaults to the assignee's home area, priority 3 comes first."""

    assignee = IdField(required=True)
    kind = CleanText(32, least=1, load_default="general")
    title = CleanText(200, least=1, required=True)
    text = CleanText(LONGEST, load_default="")
    due = InstantField(load_default=None, allow_none=True)
    priority = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 3))
    area = IdField(load_default=None, allow_none=True)
    loc = fields.Nested(PositionSchema, load_default=None, allow_none=True)
    subject = IdField(load_default=None, allow_none=True)
    form = CleanText(100, load_default=None, allow_none=True)


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


class TaskArgs(PageArgs):
    """Query of the list; `area` stands for itself and all below it."""

    after = IdField(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    assignee = IdField(load_default=None)
    area = IdField(load_default=None)


class TaskSchema(Schema):
    """A task as its worker sees it."""

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
    updated_at = InstantField()


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


class TaskDetailSchema(TaskSchema):
    """A task as the people see it who gave it, with its events in order."""

    pending_assignee = IdField(allow_none=True)
    lease_until = InstantField(allow_none=True)
    created_by = fields.String()
    created_at = InstantField()
    events = fields.List(fields.Nested(TaskEventSchema), attribute="history")


TaskPageSchema = page_schema("Task", TaskSchema)
TASK = TaskSchema()
TASK_DETAIL = TaskDetailSchema()
