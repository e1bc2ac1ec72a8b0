"""The short way through a schema: a check compiled from it that accepts what needs no explanation.

The marshmallow schema is the one source of the shape. `Check` takes what is plainly right at the
speed of C (msgspec); whatever it refuses goes to the schema, which has the last word and says why.
What the check accepts, the schema accepts with the same result (tests/http/test_compiled.py).
"""

from collections.abc import Callable
from types import GenericAlias
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict

import msgspec
from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing, validate
from msgspec import Meta

from server.http.fields import BooleanField, CleanText, IdField

Refused = msgspec.ValidationError
CANONICAL_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"


class _Custom(type):
    """The type of fields that only Python can read: what their reader returns is right."""

    def __instancecheck__(cls, instance: object) -> bool:
        return True


class Check:
    """Loads as `schema` does, or raises `Refused` without saying much.

    Texts with NUL or a lone surrogate are the caller's to keep away (`lines.parse` does).
    """

    def __init__(self, schema: Schema) -> None:
        self._type = _shape(schema)
        self._defaults = _defaults(schema)

    def __call__(self, data: Any) -> dict[str, Any]:
        loaded: dict[str, Any] = msgspec.convert(data, self._type, dec_hook=_read)
        return self._defaults | loaded if self._defaults else loaded


def _read(type_: Any, value: Any) -> Any:
    try:
        return type_.read(value)
    except ValidationError as error:
        raise ValueError(str(error)) from error


def _shape(schema: Schema) -> Any:
    """A TypedDict; TypeError for a schema that does more than its fields say."""
    if schema.unknown != EXCLUDE or any(schema._hooks.values()):
        raise TypeError(f"{type(schema).__name__} cannot be compiled")
    return TypedDict(  # type: ignore[operator]
        type(schema).__name__, {name: _entry(field) for name, field in schema.fields.items()}
    )


def _defaults(schema: Schema) -> dict[str, Any]:
    """What the schema puts in the place of fields that are not there."""
    given = {name: field.load_default for name, field in schema.fields.items()}
    return {name: default for name, default in given.items() if default is not missing}


def _entry(field: fields.Field[Any]) -> Any:
    if callable(field.load_default) or field.data_key or field.attribute:
        raise TypeError(f"{field.name} cannot be compiled")
    type_ = _type(field)
    if field.allow_none:
        type_ = type_ | None
    return Required[type_] if field.required else NotRequired[type_]


def _type(field: fields.Field[Any]) -> Any:
    """What msgspec knows to check by itself, else a type that asks the field."""
    maker = _MAKERS.get(type(field))
    made = maker(field) if maker else None
    return _custom(field) if made is None else made


def _custom(field: fields.Field[Any]) -> Any:
    return _asking(type(field).__name__, _reader(field))


def _asking(name: str, read: Callable[[Any], Any]) -> Any:
    return _Custom(name, (), {"read": staticmethod(read)})


def _reader(field: fields.Field[Any]) -> Callable[[Any], Any]:
    """`field.deserialize`, which asks nothing but `_deserialize` where there are no validators."""
    if field.validators:
        return field.deserialize
    return lambda value: field._deserialize(value, None, None)


def _text(field: Any) -> Any:
    length = field.validators[0]
    return Annotated[str, Meta(min_length=length.min, max_length=length.max)]


def _string(field: Any) -> Any:
    match field.validators:
        # Its subclass ContainsOnly means something else.
        case [validate.OneOf(choices=choices) as only] if type(only) is validate.OneOf:
            return Literal[tuple(choices)]
        case [validate.Regexp(regex=regex)]:
            return Annotated[str, Meta(pattern=str(regex.pattern))]
    return None


def _number(of: type) -> Callable[[Any], Any]:
    def made(field: Any) -> Any:
        match field.validators:
            case [validate.Range(min=least, max=most)]:
                return Annotated[of, Meta(ge=least, le=most)]
        return None

    return made


def _list(field: Any) -> Any:
    inner = GenericAlias(list, (_type(field.inner),))
    match field.validators:
        case []:
            return inner
        case [validate.Length(max=most)]:
            return Annotated[inner, Meta(max_length=most)]
    return None


def _nested(field: Any) -> Any:
    """Its shape; where something is filled in, a check of its own."""
    if _defaults(field.schema):
        return _asking(type(field.schema).__name__, Check(field.schema))
    return _shape(field.schema)


def _raw(field: Any) -> Any:
    return None if field.validators else Any


_MAKERS: dict[type, Callable[[Any], Any]] = {
    CleanText: _text,
    IdField: lambda field: Annotated[str, Meta(pattern=CANONICAL_ID)],
    fields.String: _string,
    fields.Integer: _number(int),
    fields.Float: _number(float),
    BooleanField: lambda field: bool,
    fields.Nested: _nested,
    fields.List: _list,
    fields.Dict: lambda field: dict[str, Any],
    fields.Raw: _raw,
}
