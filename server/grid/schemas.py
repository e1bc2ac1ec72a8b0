"""Wire shapes of areas, members, posts, devices and log-ins."""

from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from server.grid import roles
from server.http.fields import CleanText, IdField, InstantField
from server.http.paging import PageArgs
from server.packs.schemas.base import CODE as CODE_PATTERN

CODE = validate.Length(min=1, max=32)
WEEK_S, DAY_S = 7 * 86_400, 86_400


class DayField(fields.Date):
    """`2026-11-22`, of a year that both databases keep."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if day.year < 1900:
            raise ValidationError("before 1900")
        return day


class IdPageArgs(PageArgs):
    """Query arguments of a list that is paged by id."""

    after = IdField(load_default=None)


# Trees and areas


class LevelSchema(Schema):
    code = CleanText(32, 1, required=True)
    name = CleanText(100, 1, required=True)


class TreeSchema(Schema):
    """A hierarchy with its levels from the top down."""

    code = CleanText(32, 1, required=True)
    name = CleanText(100, 1, required=True)
    levels = fields.List(
        fields.Nested(LevelSchema), required=True, validate=validate.Length(min=1, max=12)
    )


class TreePageArgs(PageArgs):
    after = CleanText(32, load_default=None)


class AreaNew(Schema):
    """A new area; `geometry` is a GeoJSON Polygon or MultiPolygon in WGS-84."""

    tree = CleanText(32, 1, required=True)
    parent = IdField(load_default=None, allow_none=True)
    level = CleanText(32, 1, required=True)
    code = CleanText(32, 1, required=True)
    name = CleanText(100, 1, required=True)
    geometry = fields.Raw(load_default=None, allow_none=True)
    valid_from = DayField(load_default=None, allow_none=True)
    valid_to = DayField(load_default=None, allow_none=True)


class AreaChange(Schema):
    """What is named is changed."""

    parent = IdField(allow_none=True)
    code = CleanText(32, 1)
    name = CleanText(100, 1)
    geometry = fields.Raw(allow_none=True)
    valid_from = DayField(allow_none=True)
    valid_to = DayField(allow_none=True)


class AreaEnd(Schema):
    valid_to = DayField(load_default=None, allow_none=True)


class AreaSchema(Schema):
    id = IdField()
    tree = fields.String()
    parent = IdField(allow_none=True)
    level = fields.String()
    code = fields.String()
    name = fields.String()
    geometry = fields.Raw(allow_none=True)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    version = fields.Integer()


class AreaArgs(IdPageArgs):
    tree = CleanText(32, load_default=None)
    parent = IdField(load_default=None)
    level = CleanText(32, load_default=None)


# Members


class PhoneField(CleanText):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(24, **kwargs)
        self.validators.append(validate.Regexp(r"\+?[0-9][0-9 -]{3,22}\Z"))


LANGUAGE = validate.OneOf(["zh", "en"])


class MemberNew(Schema):
    """A new member; who has no user name or no password cannot log in."""

    username = CleanText(64, 1, load_default=None, allow_none=True)
    name = CleanText(100, 1, required=True)
    phone = PhoneField(load_default=None, allow_none=True)
    password = CleanText(200, load_default=None, allow_none=True, load_only=True)
    language = fields.String(load_default="zh", validate=LANGUAGE)


class MemberChange(Schema):
    """What is named is changed."""

    username = CleanText(64, 1, allow_none=True)
    name = CleanText(100, 1)
    phone = PhoneField(allow_none=True)
    password = CleanText(200, allow_none=True, load_only=True)
    language = fields.String(validate=LANGUAGE)


class MemberSchema(Schema):
    """A member; `phone` is masked, `roles` are those of today."""

    id = IdField()
    username = fields.String(allow_none=True)
    name = fields.String()
    phone = fields.String(allow_none=True)
    language = fields.String()
    active = fields.Boolean()
    created_at = InstantField()
    version = fields.Integer()
    roles = fields.List(fields.String())


class MemberArgs(IdPageArgs):
    q = CleanText(100, load_default=None)


# Posts

ROLE = validate.OneOf(roles.ROLES)
POST_CODE = validate.Regexp(CODE_PATTERN)


class PostNew(Schema):
    """A new post; `to_day` is the last day, `backup_of` the post that it backs.

    `code`: which post of the rule pack it is, of several with one role and level; a backup without
    one has that of the post that it backs.
    """

    member = IdField(required=True)
    area = IdField(load_default=None, allow_none=True)
    role = fields.String(required=True, validate=ROLE)
    from_day = DayField(required=True)
    to_day = DayField(load_default=None, allow_none=True)
    backup_of = IdField(load_default=None, allow_none=True)
    code = fields.String(load_default=None, allow_none=True, validate=POST_CODE)


class PostChange(Schema):
    """What is named is changed; something is."""

    to_day = DayField(allow_none=True)
    code = fields.String(allow_none=True, validate=POST_CODE)

    @validates_schema
    def _names_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("to_day or code")


class PostSchema(Schema):
    id = IdField()
    member = IdField()
    area = IdField(allow_none=True)
    role = fields.String()
    from_day = fields.Date()
    to_day = fields.Date(allow_none=True)
    backup_of = IdField(allow_none=True)
    code = fields.String(allow_none=True)
    version = fields.Integer()


class PostArgs(IdPageArgs):
    member = IdField(load_default=None)
    area = IdField(load_default=None)
    role = fields.String(load_default=None, validate=ROLE)


# Devices


class EnrolmentNew(Schema):
    """`ttl_s`: seconds until the code expires, a minute to a week."""

    member = IdField(required=True)
    ttl_s = fields.Integer(
        load_default=DAY_S, strict=True, validate=validate.Range(min=60, max=WEEK_S)
    )


class EnrolmentSchema(Schema):
    """Shown once: the code, the address for a phone's camera, its QR code as SVG."""

    code = fields.String()
    url = fields.String()
    qr = fields.String()


class DeviceFacts(Schema):
    """What a phone says of itself; what a newer app adds is passed over."""

    class Meta:
        unknown = EXCLUDE

    model = CleanText(100, load_default=None, allow_none=True)
    os = CleanText(100, load_default=None, allow_none=True)
    app = CleanText(40, load_default=None, allow_none=True)
    timezone = CleanText(64, load_default=None, allow_none=True)


class EnrollSchema(Schema):
    """What a phone sends with its one-time code."""

    class Meta:
        unknown = EXCLUDE

    code = CleanText(64, 1, required=True)
    install = IdField(required=True)
    device = fields.Nested(DeviceFacts, load_default=dict)


class HeldPostSchema(Schema):
    id = IdField()
    role = fields.String()
    area = IdField(allow_none=True)
    area_name = fields.String(allow_none=True)
    backup_of = IdField(allow_none=True)


class OwnRecordSchema(Schema):
    """What a device knows of its member; also the body of `member` on the feed."""

    id = IdField()
    name = fields.String()
    language = fields.String()
    version = fields.Integer()
    roles = fields.List(fields.String())
    posts = fields.List(fields.Nested(HeldPostSchema))


class EnrolledSchema(Schema):
    """The answer to an enrolment; the token is shown this once."""

    install = IdField()
    token = fields.String()
    member = fields.Nested(OwnRecordSchema)
    epoch = IdField()
    time = InstantField()
    limits = fields.Dict(keys=fields.String(), values=fields.Integer())


class DeviceSchema(Schema):
    """A device; `undelivered` counts the objects it has not acknowledged."""

    install = IdField()
    member = IdField()
    state = fields.String()
    model = fields.String(allow_none=True)
    os = fields.String(allow_none=True)
    app = fields.String(allow_none=True)
    timezone = fields.String(allow_none=True)
    enrolled_at = InstantField()
    seen_at = InstantField(allow_none=True)
    wiped_at = InstantField(allow_none=True)
    cursor = fields.Integer()
    undelivered = fields.Integer()
    forked = fields.Boolean()
    outbox = fields.Raw(allow_none=True)
    version = fields.Integer()


class DeviceArgs(IdPageArgs):
    member = IdField(load_default=None)


class RevokeSchema(Schema):
    """`drain`: the device may hand in what it holds; `now`: it is shut out at once."""

    mode = fields.String(load_default="drain", validate=validate.OneOf(["drain", "now"]))


# Log-ins


class LoginSchema(Schema):
    username = CleanText(200, 1, required=True)
    password = CleanText(200, 1, required=True)


class TokenNew(Schema):
    name = CleanText(100, 1, required=True)
    days = fields.Integer(load_default=90, strict=True, validate=validate.Range(min=1, max=366))


class TokenSchema(Schema):
    """An API token of one's own."""

    id = IdField()
    name = fields.String()
    created_at = InstantField()
    expires_at = InstantField(allow_none=True)
    revoked_at = InstantField(allow_none=True)


class IssuedTokenSchema(TokenSchema):
    """A new API token with its clear text."""

    token = fields.String()


class SessionMemberSchema(Schema):
    """Who is logged in, with the roles of today."""

    id = IdField()
    username = fields.String()
    name = fields.String()
    language = fields.String()
    roles = fields.List(fields.String())


class SessionSchema(Schema):
    """A new session; the token is shown this once."""

    token = fields.String()
    expires_at = InstantField()
    member = fields.Nested(SessionMemberSchema)
