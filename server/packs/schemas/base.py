"""What the shapes of a pack are made of: faults instead of sentences, and JSON Schema beside.

A fault is a code of `server/packs/mistakes.py` with its values; `says` is what an editor shows.
"""

import dataclasses
import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validates_schema

from server.packs.mistakes import Near
from server.packs.plain import WIDE

CODE = re.compile(r"[a-z][a-z0-9_-]{0,31}\Z")
CODE_PATTERN = "^[a-z][a-z0-9_-]{0,31}$"
MOST_ITEMS = 2_000
MOST_KEYS = 2_000
_SHOWN = 40
_LOOKED_AT = 100
GUESSED = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """A code of the catalogue of mistakes, with what its sentence needs."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def fault(code: str, **values: Any) -> ValidationError:
    """An error of marshmallow that carries a fault."""
    return ValidationError([Fault(code, values)])


def no_mapping(value: Any) -> ValidationError:
    """The fault of what should be a mapping; `name：甲` has a colon of the wrong width."""
    sign = WIDE.search(value) if isinstance(value, str) else None
    return fault("wide_sign", sign=sign.group()) if sign else fault("not_mapping")


def near(word: str, known: Iterable[str]) -> Near:
    """The known word that was probably meant; among very many only the first are looked at."""
    found = difflib.get_close_matches(word[:_SHOWN], islice(known, _LOOKED_AT), 1)
    return Near(found[0] if found else None)


def short(value: Any) -> str:
    """What was written, as a mistake quotes it."""
    text = {None: "null", True: "true", False: "false"}.get(value) if _plain(value) else None
    text = text or str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, bool)


class Fact(fields.Field[Any], ABC):
    """A value of a pack; `says` explains it in Chinese and English."""

    default_error_messages = {
        "required": Fault("missing"),  # type: ignore[dict-item]
        "null": Fault("null_value"),  # type: ignore[dict-item]
    }

    def __init__(self, says: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.says = says

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return self.taken(value)

    @abstractmethod
    def taken(self, value: Any) -> Any:
        """The value as the pack keeps it, or a fault."""

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """The JSON Schema of what may be written."""


class Shape(Schema):
    """A mapping with known keys; `makes` the dataclass of it, or keeps the plain mapping."""

    makes: type | None = None
    error_messages = {"type": Fault("not_mapping")}  # type: ignore[dict-item]

    class Meta:
        unknown = EXCLUDE

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _known(self, _data: Any, original: Any, **_: Any) -> None:
        if not isinstance(original, Mapping):
            return
        known = self.keys()
        strange = [key for key in original if key not in known]
        faults = {
            key: [Fault("unknown_key", {"key": short(key), "near": meant, "known": known})]
            for key, meant in zip(strange, self._meant(strange), strict=True)
        }
        if faults:
            raise ValidationError(faults)

    def _meant(self, strange: list[str]) -> list[Near]:
        """What was meant by the first strange keys; where all is strange nothing is guessed."""
        guessed = [near(key, self.keys()) for key in strange[:GUESSED]]
        return guessed + [Near(None)] * (len(strange) - len(guessed))

    @post_load(pass_original=True)
    def _made(self, data: dict[str, Any], original: Any, **_: Any) -> Any:
        return self.made(data, original)

    def made(self, data: dict[str, Any], original: Any) -> Any:
        """The value of a mapping without faults; `original` is what was written."""
        if self.makes is None:
            return original
        return self.makes(**data)

    def keys(self) -> list[str]:
        """The keys that may be written."""
        return [one.data_key or name for name, one in self.load_fields.items()]

    @classmethod
    def says(cls) -> str:
        """The first line of the shape's docstring."""
        return (cls.__doc__ or "").strip().split("\n")[0]


class CodedShape(Shape):
    """What a mapping holds under its code; `Coded` puts the code in."""

    def made(self, data: dict[str, Any], original: Any) -> Any:
        return original if self.makes is None else self.makes(code="", **data)


class Block(Fact):
    """A mapping of one shape."""

    def __init__(self, shape: type[Shape], says: str = "", **kwargs: Any) -> None:
        super().__init__(says or shape.says(), **kwargs)
        self.schema = shape()

    def taken(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise no_mapping(value)
        return self.schema.load(value)

    def shape(self) -> dict[str, Any]:
        return mapping(self.schema)


def mapping(schema: Schema) -> dict[str, Any]:
    """The JSON Schema of a mapping with the keys of `schema`."""
    properties, required = {}, []
    for name, one in schema.load_fields.items():
        assert isinstance(one, Fact)
        properties[one.data_key or name] = published(one)
        required += [one.data_key or name] if one.required else []
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    return made | {"additionalProperties": False}


def published(one: Fact) -> dict[str, Any]:
    """The JSON Schema of a field with its description."""
    shape = one.shape()
    if one.allow_none:
        shape = {"anyOf": [shape, {"type": "null"}]}
    return {"description": one.says, **shape} if one.says else shape


class Listed(Fact):
    """A list; a tuple in the pack."""

    def __init__(
        self, inner: Fact, says: str = "", least: int = 0, most: int = MOST_ITEMS, **kwargs: Any
    ) -> None:
        super().__init__(says, **kwargs)
        self.inner, self.least, self.most = inner, least, most

    def taken(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise fault("not_list")
        if not self.least <= len(value) <= self.most:
            raise fault("list_length", count=len(value), least=self.least, most=self.most)
        found, errors = [], {}
        for index, one in enumerate(value):
            try:
                found.append(self.inner.deserialize(one))
            except ValidationError as error:
                errors[index] = error.messages
        if errors:
            raise ValidationError(errors)
        return tuple(found)

    def shape(self) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "array", "items": published(self.inner)}
        if self.least:
            made["minItems"] = self.least
        return made | {"maxItems": self.most}


class Mapped(Fact):
    """A mapping whose keys are free: codes, unless `key` says otherwise."""

    key_code, key_pattern = "code_format", CODE_PATTERN
    pattern = CODE

    def __init__(self, inner: Fact, says: str = "", **kwargs: Any) -> None:
        super().__init__(says, **kwargs)
        self.inner = inner

    def taken(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise no_mapping(value)
        if len(value) > MOST_KEYS:
            raise fault("list_length", count=len(value), least=0, most=MOST_KEYS)
        found, errors = {}, {}
        for key, one in value.items():
            try:
                if not self.pattern.match(key):
                    raise fault(self.key_code, value=short(key))
                found[key] = self.inner.deserialize(one)
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return self.kept(found)

    def kept(self, found: dict[str, Any]) -> Any:
        """The mapping as the pack keeps it."""
        return found

    def shape(self) -> dict[str, Any]:
        return {
            "type": "object",
            "patternProperties": {self.key_pattern: published(self.inner)},
            "maxProperties": MOST_KEYS,
            "additionalProperties": False,
        }


class Coded(Mapped):
    """A mapping from code to one shape; a tuple of values that know their codes, in order."""

    def __init__(self, shape: type[CodedShape], says: str = "", **kwargs: Any) -> None:
        super().__init__(Block(shape), says or shape.says(), **kwargs)

    def kept(self, found: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            dataclasses.replace(one, code=code) if dataclasses.is_dataclass(one) else one  # type: ignore[type-var]
            for code, one in found.items()
        )
