"""Wire shapes of items (docs/protocol.md, section 6): the common part, and a body per kind.

Unknown fields are kept in the raw line and not refused. Schemas are made once, at import.
"""

import math
from typing import Annotated, Any

import msgspec
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from server.http.fields import BooleanField, CleanText, IdField, InstantField
from server.http.paging import PageArgs
from server.media.rules import PHOTO_STATES

BIG = 2**53 - 1
SHA256 = validate.Regexp(r"^[0-9a-f]{64}\Z", error="not a SHA-256 in lower-case hex")
DATUMS = ("wgs84", "gcj02", "bd09")


class Tolerant(Schema):
    """A shape that skips fields it does not know."""

    class Meta:
        unknown = EXCLUDE


def whole(low: int = 0, high: int = BIG, **kwargs: Any) -> fields.Integer:
    """A whole number sent as one; 1.5 and "1" are refused."""
    return fields.Integer(strict=True, validate=validate.Range(low, high), **kwargs)


def number(low: float, high: float, **kwargs: Any) -> fields.Float:
    """A finite number within [low, high]."""
    return fields.Float(validate=validate.Range(low, high), **kwargs)


class LocSchema(Tolerant):
    """A position: degrees, metres, seconds; `datum` says which grid of degrees, `wgs84` if none."""

    lat = number(-90, 90, required=True)
    lon = number(-180, 180, required=True)
    acc = number(0, 1e7, allow_none=True)
    datum = fields.String(validate=validate.OneOf(DATUMS))
    src = CleanText(16, allow_none=True)
    age = number(0, 1e9, allow_none=True)
    mock = BooleanField(allow_none=True)
    alt = number(-1e5, 1e5, allow_none=True)
    speed = number(-1, 1e4, allow_none=True)
    bearing = number(-360, 360, allow_none=True)


class MediaSchema(Tolerant):
    """A photo or file that the item names."""

    sha256 = fields.String(required=True, validate=SHA256)
    size = whole(0, 1 << 40, allow_none=True)
    type = CleanText(100, allow_none=True)
    role = CleanText(32, allow_none=True)


class ItemSchema(Tolerant):
    """What every item has."""

    id = IdField(required=True)
    seq = whole(1, required=True)
    kind = CleanText(32, least=1, required=True)
    schema = whole(1, 10_000, required=True)
    at = InstantField(required=True)
    body = fields.Dict(required=True)
    mono = whole(allow_none=True)
    boot = CleanText(64, allow_none=True)
    loc = fields.Nested(LocSchema, allow_none=True)
    task = IdField(allow_none=True)
    media = fields.List(
        fields.Nested(MediaSchema), allow_none=True, validate=validate.Length(max=50)
    )
    prev = CleanText(64, allow_none=True)
    replaces = IdField(allow_none=True)


class PlanLine(Tolerant):
    what = CleanText(200, required=True)
    subject = CleanText(64, allow_none=True)
    count = whole(allow_none=True)


class ResultLine(Tolerant):
    what = CleanText(200, required=True)
    done = fields.Raw(allow_none=True)
    note = CleanText(2000, allow_none=True)


class ShiftStartBody(Tolerant):
    """Sign-in (签到) with the plan of the day."""

    shift = IdField(required=True)
    plan = fields.List(fields.Nested(PlanLine), allow_none=True)
    note = CleanText(2000, allow_none=True)


class ShiftEndBody(Tolerant):
    """Sign-out (签退) with what was done."""

    shift = IdField(required=True)
    results = fields.List(fields.Nested(ResultLine), allow_none=True)
    note = CleanText(2000, allow_none=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _point(value: Any) -> None:
    if not isinstance(value, list) or not 3 <= len(value) <= 4:
        raise ValidationError("a point is [seconds, lat, lon, acc]")
    seconds, lat, lon, *acc = value
    if not all(map(_is_number, (seconds, lat, lon))) or not all(_is_number(a or 0) for a in acc):
        raise ValidationError("a point holds numbers only")
    if abs(lat) > 90 or abs(lon) > 180:
        raise ValidationError("a point lies on the globe")


class _Point(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    seconds: float
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    acc: float | None = None


class Points(fields.List):
    """Points of a track. A track has many: sound ones are looked at as a whole, not one by one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.Raw(validate=_point), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        try:
            msgspec.convert(value, list[_Point])
        except msgspec.ValidationError:
            return super()._deserialize(value, attr, data, **kwargs)
        points: list[Any] = value
        return points


def _gap(value: Any) -> None:
    if not isinstance(value, list) or len(value) != 3 or not all(map(_is_number, value[:2])):
        raise ValidationError("a gap is [from, to, reason]")


class TrackBody(Tolerant):
    """A piece of a patrol track (轨迹): `[seconds since at, lat, lon, acc]`, and its gaps."""

    shift = IdField(allow_none=True)
    points = Points(required=True)
    gaps = fields.List(fields.Raw(validate=_gap), allow_none=True)


class Grade(fields.Field[str]):
    """A grade sent as a short text or a whole number; kept as text."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValidationError("a short text or a whole number")
        text = str(value)
        if len(text) > GRADE_LENGTH:
            raise ValidationError(f"longer than {GRADE_LENGTH}")
        return text


GRADE_LENGTH = 16


class ReportBody(Tolerant):
    """Something found (上报)."""

    category = CleanText(64, least=1, required=True)
    text = CleanText(4000, allow_none=True)
    address = CleanText(400, allow_none=True)
    severity = Grade(allow_none=True)
    self_fixed = BooleanField(allow_none=True)


class FormBody(Tolerant):
    """A filled form (表单); `data` is judged by the form's own version."""

    form = CleanText(100, least=1, required=True)
    version = fields.Raw(allow_none=True)
    subject = IdField(allow_none=True)
    base_version = whole(allow_none=True)
    data = fields.Dict(required=True)


class VisitBody(Tolerant):
    """A visit (走访) to a person, household, shop or place."""

    subject = IdField(allow_none=True)
    checklist = CleanText(100, allow_none=True)
    started = InstantField(allow_none=True)
    ended = InstantField(allow_none=True)
    answers = fields.Raw(allow_none=True)


ACTIONS = (
    "accept",
    "decline",
    "start",
    "progress",
    "complete",
    "request_transfer",
    "request_extension",
    "explain",
)


class TaskActionBody(Tolerant):
    """What the worker did with a task (任务); `until`, `to`: what a request wishes for."""

    task = IdField(required=True)
    assignment = whole(0, 2**31 - 1, required=True)
    base_version = whole(0, 2**31 - 1, allow_none=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    reason = CleanText(2000, allow_none=True)
    until = InstantField(allow_none=True)
    to = IdField(allow_none=True)
    result = fields.Raw(allow_none=True)
    evidence = fields.List(IdField(), allow_none=True, validate=validate.Length(max=100))


ITEM = ItemSchema()
BODIES: dict[tuple[str, int], Schema] = {
    ("shift_start", 1): ShiftStartBody(),
    ("shift_end", 1): ShiftEndBody(),
    ("track", 1): TrackBody(),
    ("report", 1): ReportBody(),
    ("form", 1): FormBody(),
    ("visit", 1): VisitBody(),
    ("task_action", 1): TaskActionBody(),
}
KINDS = frozenset(kind for kind, _ in BODIES)


class ItemArgs(PageArgs):
    """Query of the list of items; `from` and `to` are instants, the end not included."""

    after = IdField(load_default=None)
    kind = CleanText(32, load_default=None)
    member = IdField(load_default=None)
    area = IdField(load_default=None)
    from_ = InstantField(load_default=None, data_key="from")
    to = InstantField(load_default=None)
    flag = fields.String(
        load_default=None, validate=validate.Regexp(r"^[a-z_]{1,32}\Z", error="not a flag")
    )


class FindingView(Schema):
    """What was found on a photo of the item later: docs/protocol.md, section 8."""

    flag = fields.String()
    number = fields.Float(allow_none=True)
    sha256 = fields.String()


class ItemView(Schema):
    """An item in a list; `photos` tells whether the files that it names are there."""

    id = IdField()
    install = IdField()
    member = IdField()
    seq = fields.Integer()
    kind = fields.String()
    schema = fields.Integer()
    sha256 = fields.String()
    at = fields.String()
    estimated = InstantField()
    clock = fields.String()
    received_at = InstantField()
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    area = IdField(allow_none=True)
    task = IdField(allow_none=True)
    pack = fields.String(allow_none=True)
    status = fields.String()
    code = fields.String(allow_none=True)
    flags = fields.List(fields.String())
    held = fields.Boolean()
    duplicate_of = IdField(allow_none=True)
    version = fields.Integer()
    photos = fields.String(validate=validate.OneOf(PHOTO_STATES))
    findings = fields.List(fields.Nested(FindingView))


class ExifView(Schema):
    """What the photo says of itself; lat and lon in `datum`, moments as the camera wrote them."""

    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)
    format = fields.String(allow_none=True)
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    datum = fields.String(allow_none=True)
    direction = fields.Float(allow_none=True)
    north = fields.String(allow_none=True)
    gps_time = InstantField(allow_none=True)
    taken_at = fields.String(allow_none=True)
    changed_at = fields.String(allow_none=True)
    orientation = fields.Integer(allow_none=True)
    make = fields.String(allow_none=True)
    model = fields.String(allow_none=True)
    software = fields.String(allow_none=True)
    problems = fields.List(fields.String())


class ItemMediaView(Schema):
    sha256 = fields.String()
    size = fields.Integer(allow_none=True)
    type = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    stored = fields.Boolean()


class ItemMediaDetail(ItemMediaView):
    """A file with what it says of itself: null unless it was read and the caller may see it."""

    exif = fields.Nested(ExifView, allow_none=True)


class ItemDetail(ItemView):
    """One item with the bytes as they were sent, and its photos."""

    raw = fields.String()
    media = fields.List(fields.Nested(ItemMediaDetail))


class QuarantineArgs(PageArgs):
    after = IdField(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(("open", "replayed")))
    code = CleanText(32, load_default=None)
    member = IdField(load_default=None)


class QuarantineView(Schema):
    """A line kept aside."""

    id = IdField()
    install = IdField()
    member = IdField()
    sha256 = fields.String()
    item = IdField(allow_none=True)
    kind = fields.String(allow_none=True)
    status = fields.String()
    code = fields.String()
    detail = fields.String()
    received_at = InstantField()
    state = fields.String()
    version = fields.Integer()


class QuarantineDetail(QuarantineView):
    """The same with its bytes; `raw` is null where they are not UTF-8."""

    raw = fields.String(allow_none=True)
    raw_base64 = fields.String()


class VerdictView(Schema):
    """One entry of the `results` of an exchange."""

    line = fields.Integer()
    id = IdField(allow_none=True)
    sha256 = fields.String()
    status = fields.String(
        validate=validate.OneOf(("accepted", "quarantined", "conflict", "stale"))
    )
    replay = fields.Boolean()
    flags = fields.List(fields.String())
    code = fields.String(allow_none=True)
    message = fields.String(allow_none=True)


class ReplayView(QuarantineView):
    """The line after a replay, and the new verdict."""

    verdict = fields.Nested(VerdictView)


ITEM_VIEW = ItemView()
EXIF_VIEW = ExifView()
ITEM_DETAIL = ItemDetail()
ITEM_MEDIA_VIEW = ItemMediaView()
QUARANTINE_VIEW = QuarantineView()
QUARANTINE_DETAIL = QuarantineDetail()
