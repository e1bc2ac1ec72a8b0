"""Wire shapes of shifts."""

from marshmallow import Schema, fields, validate

from server.http.fields import IdField, InstantField
from server.http.paging import PageArgs, page_schema
from server.patrol import rules


class ShiftArgs(PageArgs):
    """Query of the list; `from` and `to` are instants, the end not included.

    `area` stands for itself and all below it.
    """

    after = IdField(load_default=None)
    member = IdField(load_default=None)
    area = IdField(load_default=None)
    from_ = InstantField(load_default=None, data_key="from")
    to = InstantField(load_default=None)


class ShiftSchema(Schema):
    """A shift; `started_at` is null while only its end has come."""

    id = IdField()
    member = IdField()
    install = IdField()
    area = IdField(allow_none=True)
    pack = fields.String(allow_none=True)
    start_item = IdField(allow_none=True)
    end_item = IdField(allow_none=True)
    started_at = InstantField(allow_none=True)
    ended_at = InstantField(allow_none=True)
    plan = fields.List(fields.Dict(), allow_none=True)
    results = fields.List(fields.Dict(), allow_none=True)
    state = fields.String(validate=validate.OneOf((rules.OPEN, rules.CLOSED, rules.END_ONLY)))
    flags = fields.List(fields.String())


ShiftPageSchema = page_schema("Shift", ShiftSchema)
SHIFT = ShiftSchema()
