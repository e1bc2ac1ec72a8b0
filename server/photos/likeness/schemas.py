"""Wire shapes of the room."""

from marshmallow import Schema, fields


class AlikeView(Schema):
    """A photo that looks like the one asked for; `distance` 0 (the same) to 100."""

    sha256 = fields.String()
    distance = fields.Integer()
    items = fields.List(fields.UUID())


class AlikeList(Schema):
    """The photo itself first, then those alike, nearest first."""

    results = fields.List(fields.Nested(AlikeView))
