"""Wire shapes of packs and of the calendar."""

from marshmallow import Schema, fields, validate

from server.http.fields import BooleanField, CleanText, IdField, InstantField
from server.regime.rules import SOURCES


class CalendarArgs(Schema):
    """Query of the calendar: days from `from` to `to`, both included, 400 at most."""

    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class DayOrderSchema(Schema):
    """An order (调休、停工) for one day."""

    working = BooleanField(required=True)
    note = CleanText(200, load_default="")


class DaySchema(Schema):
    """A day of the calendar; `provisional` until the arrangement of its year is known."""

    day = fields.Date()
    working = fields.Boolean()
    source = fields.String(validate=validate.OneOf(SOURCES))
    note = fields.String()


class CalendarSchema(Schema):
    """A stretch of the calendar."""

    results = fields.List(fields.Nested(DaySchema))


class InstallArgs(Schema):
    """Where a pack is to hold from when; `past` allows a day that is over."""

    from_ = fields.Date(required=True, data_key="from")
    area = IdField(load_default=None)
    past = fields.Boolean(load_default=False)


class TermSchema(Schema):
    """A pack holds in an area (null: everywhere) from a day on."""

    id = IdField()
    pack = fields.String()
    version = fields.Integer()
    area = IdField(allow_none=True)
    from_day = fields.Date()
    created_by = fields.String()
    created_at = InstantField()


class InstalledSchema(TermSchema):
    """The same in a list; `current`: it holds today, no later one has taken its place."""

    name = fields.String()
    sha256 = fields.String()
    current = fields.Boolean()


class InstalledListSchema(Schema):
    """All packs, by area, the newest first."""

    results = fields.List(fields.Nested(InstalledSchema))


CALENDAR, DAY = CalendarSchema(), DaySchema()
TERM, INSTALLED = TermSchema(), InstalledListSchema()
