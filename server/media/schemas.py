"""Wire shapes of the room; uploads themselves speak in headers (tus 1.0)."""

from marshmallow import Schema, fields, validate

SIZES = ("thumb", "screen", "stamped")


class FileArgs(Schema):
    """`size` asks for a copy made for showing instead of the file as it was handed in."""

    size = fields.String(load_default=None, validate=validate.OneOf(SIZES))
