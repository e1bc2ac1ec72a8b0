"""Wire shapes of the room; uploads themselves speak in headers (tus 1.0)."""

from marshmallow import Schema, fields, validate

from server.http.fields import IdField, InstantField

SIZES = ("thumb", "screen", "stamped")


class FileArgs(Schema):
    """`size` asks for a copy made for showing instead of the file as it was handed in.

    `item` chooses among stamped copies; `until` and `sig` are those of a link.
    """

    size = fields.String(load_default=None, validate=validate.OneOf(SIZES))
    item = IdField(load_default=None)
    until = fields.Integer()
    sig = fields.String()


class LinkArgs(Schema):
    """Which copy the link is to show; `item` chooses among stamped copies."""

    size = fields.String(required=True, validate=validate.OneOf(SIZES))
    item = IdField(load_default=None)


class LinkSchema(Schema):
    """A path with its query, and until when it opens."""

    url = fields.String()
    until = InstantField()
