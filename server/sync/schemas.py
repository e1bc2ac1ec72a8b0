"""Wire shapes of the exchange (docs/protocol.md, section 4)."""

from marshmallow import Schema, fields, validate

from server.http.fields import CleanText, IdField, InstantField
from server.items.schemas import BIG, Tolerant, VerdictView, whole


class WantSchema(Tolerant):
    """How much of the feed the device takes now."""

    bytes = whole(0, 1 << 30, load_default=None, allow_none=True)


class OutboxSchema(Tolerant):
    """What still waits on the phone."""

    items = whole(0, 2**31 - 1, load_default=0)
    media = whole(0, 2**31 - 1, load_default=0)
    oldest = CleanText(64, load_default=None, allow_none=True)


class EnvelopeSchema(Tolerant):
    """Line 1. `mono` is milliseconds since boot `boot`; `cursor` acknowledges the feed."""

    install = IdField(required=True)
    epoch = CleanText(64, load_default=None, allow_none=True)
    sent_at = InstantField(load_default=None, allow_none=True)
    mono = whole(load_default=None, allow_none=True)
    boot = CleanText(64, load_default=None, allow_none=True)
    app = CleanText(40, load_default=None, allow_none=True)
    cursor = whole(load_default=0)
    want = fields.Nested(WantSchema, load_default=None, allow_none=True)
    outbox = fields.Nested(OutboxSchema, load_default=None, allow_none=True)
    receipt = whole(load_default=None, allow_none=True)


class HaveArgs(Tolerant):
    """Ids that a device still holds."""

    ids = fields.List(IdField(), required=True, validate=validate.Length(max=500))


class HaveView(Schema):
    unknown_ids = fields.List(IdField(), data_key="unknown")


class ReceiptArgs(Schema):
    """Receipts from this number on; of the asking install, or of another one of its member."""

    install = IdField(load_default=None)
    from_ = fields.Integer(load_default=1, data_key="from", validate=validate.Range(1, BIG))


class ReceiptView(Schema):
    """Proof of hand-in; `sig` is base64 Ed25519 over the signed text (section 10)."""

    no = fields.Integer()
    items = fields.Integer()
    root = fields.String()
    prev = fields.String()
    at = fields.String()
    sig = fields.String()


class KeptReceiptView(ReceiptView):
    """A receipt given again, with the lines `[sha256, status]` that its root covers."""

    epoch = fields.String()
    install = IdField()
    lines = fields.List(fields.List(fields.String()))


class ReceiptsView(Schema):
    receipts = fields.List(fields.Nested(KeptReceiptView))
    next = fields.Integer(allow_none=True)


class KeyView(Schema):
    alg = fields.String()
    key = fields.String()
    epoch = fields.String()


class WantedView(Schema):
    """A file that the server still wants."""

    sha256 = fields.String()
    state = fields.String(validate=validate.OneOf(("missing", "partial")))
    offset = fields.Integer()


class ChangeView(Schema):
    """One change of the feed; `body` with `put`, `reason` with `remove`."""

    seq = fields.Integer()
    kind = fields.String()
    id = fields.String()
    op = fields.String(validate=validate.OneOf(("put", "remove")))
    version = fields.Integer()
    body = fields.Dict()
    reason = fields.String()


class ExchangeView(Schema):
    """The answer to an exchange."""

    epoch = fields.String()
    received_at = InstantField()
    time = InstantField()
    offset_ms = fields.Integer(allow_none=True)
    results = fields.List(fields.Nested(VerdictView))
    receipt = fields.Nested(ReceiptView, allow_none=True)
    media = fields.List(fields.Nested(WantedView))
    gaps = fields.List(fields.List(fields.Integer()))
    changes = fields.List(fields.Nested(ChangeView))
    cursor = fields.Integer()
    more = fields.Boolean()
    reset = fields.Boolean()
    reenrol = fields.Boolean()
    next_after_s = fields.Integer()
    min_app = fields.String(allow_none=True)


ENVELOPE = EnvelopeSchema()

EXCHANGE_REQUEST = {
    "requestBody": {
        "required": True,
        "description": "Line 1 is the envelope, each further line one item; gzip is accepted.",
        "content": {
            "application/x-ndjson": {
                "schema": {"type": "string"},
                "example": '{"install":"0199…","cursor":0}\n{"id":"0199…","seq":1,"kind":"report"}',
            }
        },
    }
}
