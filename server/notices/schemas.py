"""Wire shapes of notices; `NoticeSchema` is also the body on the feed."""

from marshmallow import Schema, fields

from server.http.fields import IdField, InstantField
from server.http.paging import PageArgs, page_schema


class AboutSchema(Schema):
    """What a notice is about: an object of the feed."""

    kind = fields.String()
    id = IdField()


class NoticeSchema(Schema):
    """A notice; `text` in the member's language, `args` are what the text was made of."""

    id = IdField()
    kind = fields.String()
    about = fields.Nested(AboutSchema)
    text = fields.String()
    args = fields.Dict()
    at = InstantField()
    read_at = InstantField(allow_none=True)
    version = fields.Integer()


class NoticeArgs(PageArgs):
    """Query of the list; `after` goes on to older ones, `unread=true` leaves out what was read."""

    after = IdField(load_default=None)
    unread = fields.Boolean(load_default=False)


NoticePageSchema = page_schema("Notice", NoticeSchema)
NOTICE = NoticeSchema()
