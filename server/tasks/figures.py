"""Wire shapes of the figures of tasks."""

from marshmallow import Schema, fields, validate

from server.http.fields import IdField, InstantField
from server.tasks.statistics import AREA, PERSON


class StatisticsArgs(Schema):
    """The period is half open; `area` stands for itself and all below it."""

    from_ = InstantField(required=True, data_key="from")
    to = InstantField(required=True)
    area = IdField(load_default=None)
    by = fields.String(load_default=None, validate=validate.OneOf((AREA, PERSON)))


class LightsSchema(Schema):
    """How many open tasks have which light now."""

    none = fields.Integer()
    green = fields.Integer()
    yellow = fields.Integer()
    red = fields.Integer()
    suspended = fields.Integer()


class FiguresSchema(Schema):
    """`done` in the period; of those whose turn came in it, `due`: `on_time`, `late`, `overdue`.

    `on_time_rate` = on_time / due, null without any; medians in seconds, null without any.
    """

    done = fields.Integer()
    due = fields.Integer()
    on_time = fields.Integer()
    late = fields.Integer()
    overdue = fields.Integer()
    on_time_rate = fields.Float(allow_none=True)
    open = fields.Nested(LightsSchema)
    oldest_red = InstantField(allow_none=True)
    accept_s = fields.Integer(allow_none=True)
    finish_s = fields.Integer(allow_none=True)


class KeyedFiguresSchema(FiguresSchema):
    """The same of an area or a person."""

    key = IdField()


class StatisticsSchema(Schema):
    """All together, and one by one if asked."""

    total = fields.Nested(FiguresSchema)
    results = fields.List(fields.Nested(KeyedFiguresSchema))


STATISTICS = StatisticsSchema()
