"""Wire shapes of the room."""

from marshmallow import Schema, fields

from server.http.fields import InstantField


class VerifySchema(Schema):
    """What a stamp says, from the server's own records; no person is named."""

    code = fields.String()
    at = InstantField()
    areas = fields.List(fields.String())
    short = fields.String()
    sha256 = fields.String()
