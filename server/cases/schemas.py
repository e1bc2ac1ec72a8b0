"""Wire shapes of reports."""

from marshmallow import Schema, fields, validate

from server.cases.rules import DUPLICATE, RECEIVED
from server.http.fields import CleanText, IdField, InstantField
from server.http.paging import PageArgs, page_schema
from server.items.schemas import ItemMediaView


class ReportArgs(PageArgs):
    """Query of the list; `from` and `to` are instants, the end not included.

    `area` stands for itself and all below it.
    """

    after = IdField(load_default=None)
    category = CleanText(64, load_default=None)
    area = IdField(load_default=None)
    member = IdField(load_default=None)
    from_ = InstantField(load_default=None, data_key="from")
    to = InstantField(load_default=None)


class ReportSchema(Schema):
    """A report; its id is that of the item."""

    id = IdField()
    member = IdField()
    area = IdField(allow_none=True)
    category = fields.String()
    text = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    severity = fields.String(allow_none=True)
    self_fixed = fields.Boolean()
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    at = InstantField()
    state = fields.String(validate=validate.OneOf((RECEIVED, DUPLICATE)))
    duplicate_of = IdField(allow_none=True)


class ReportDetailSchema(ReportSchema):
    """A report with its photos; `stored` tells whether the server has them whole."""

    media = fields.List(fields.Nested(ItemMediaView))


ReportPageSchema = page_schema("Report", ReportSchema)
REPORT = ReportSchema()
REPORT_DETAIL = ReportDetailSchema()
