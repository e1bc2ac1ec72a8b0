"""The JSON Schema of a rule pack, for editors; made from the shapes that read it."""

from typing import Any

from server.packs.schemas import PACK
from server.packs.schemas.base import mapping

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema. It says what shapes say, and not what the blocks say of each other."""
    head = {"$schema": DRAFT, "title": "格物规则包 Gewu rule pack"}
    return head | mapping(PACK)
