"""Wire shapes of absences (请假单)."""

import re
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from server.duty import rules
from server.http.fields import BooleanField, CleanText, IdField, InstantField, parse_instant
from server.http.paging import PageArgs, page_schema

DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
OPEN_TASKS = validate.OneOf(rules.OPEN_TASKS)
YEARS = range(1900, 9999)


class MomentField(InstantField):
    """An instant with its offset, or a day; written as an instant in UTC."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        try:
            return moment(value)
        except ValueError as error:
            raise ValidationError("neither a day nor an instant with its offset") from error


def moment(value: Any) -> rules.Moment:
    """A day of the deployment or an instant with its offset, as it is written. ValueError."""
    is_day = isinstance(value, str) and DAY.match(value)
    found = date.fromisoformat(value) if is_day else parse_instant(value)
    if found.year not in YEARS:
        raise ValueError("out of range")
    return found


class AbsenceNew(Schema):
    """A slip; `member` defaults to oneself, `to` is included if it is a day."""

    member = IdField(load_default=None, allow_none=True)
    begins = MomentField(required=True, data_key="from")
    ends = MomentField(required=True, data_key="to")
    reason = CleanText(500, load_default=None, allow_none=True)
    backup = IdField(load_default=None, allow_none=True)
    open_tasks = fields.String(load_default=rules.HAND_BACK, validate=OPEN_TASKS)


class AbsenceChange(Schema):
    """What is named is changed; `approved` can only become true."""

    begins = MomentField(data_key="from")
    ends = MomentField(data_key="to")
    reason = CleanText(500, allow_none=True)
    backup = IdField(allow_none=True)
    open_tasks = fields.String(validate=OPEN_TASKS)
    approved = BooleanField(validate=validate.Equal(True))


class AbsenceArgs(PageArgs):
    """Query of the list; `at`: those that last at this instant."""

    after = IdField(load_default=None)
    member = IdField(load_default=None)
    at = InstantField(load_default=None)


class AbsenceSchema(Schema):
    """A slip; `reason` is null for who need not know it."""

    id = IdField()
    member = IdField()
    begins = InstantField(data_key="from")
    ends = InstantField(data_key="to")
    reason = fields.String(allow_none=True)
    backup = IdField(allow_none=True)
    open_tasks = fields.String(validate=OPEN_TASKS)
    state = fields.String(validate=validate.OneOf((rules.REQUESTED, rules.APPROVED, rules.ENDED)))
    created_by = fields.String()
    created_at = InstantField()
    approved_by = fields.String(allow_none=True)
    ended_at = InstantField(allow_none=True)
    version = fields.Integer()


AbsencePageSchema = page_schema("Absence", AbsenceSchema)
ABSENCE = AbsenceSchema()
