"""The verdict on a line: one entry of `results` (docs/protocol.md, section 4)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.kernel import problems

ACCEPTED, QUARANTINED, CONFLICT, STALE = "accepted", "quarantined", "conflict", "stale"
CODE_OF_STATUS = {STALE: "action_stale"}


class Known(NamedTuple):
    """What was answered before: of an item by its id, or of a set-aside line by its bytes."""

    sha256: str
    status: str
    flags: list[str]
    code: str | None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a device is told of one line."""

    line: int
    id: str | None
    sha256: str
    status: str
    replay: bool = False
    flags: list[str] = field(default_factory=list)
    code: str | None = None

    def wire(self, language: Callable[[], str]) -> dict[str, Any]:
        """The entry of `results`; `language` is asked if there is something to say."""
        return {
            "line": self.line,
            "id": self.id,
            "sha256": self.sha256,
            "status": self.status,
            "replay": self.replay,
            "flags": self.flags,
            "code": self.code,
            "message": problems.text(self.code, language()) if self.code else None,
        }
