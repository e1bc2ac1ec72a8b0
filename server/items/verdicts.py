"""The verdict on a line: one entry of `results` (docs/protocol.md, section 4)."""

from dataclasses import dataclass, field
from typing import Any

from server.kernel import problems

ACCEPTED, QUARANTINED, CONFLICT, STALE = "accepted", "quarantined", "conflict", "stale"
CODE_OF_STATUS = {STALE: "action_stale"}


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

    def wire(self, language: str) -> dict[str, Any]:
        """The entry of `results`."""
        return {
            "line": self.line,
            "id": self.id,
            "sha256": self.sha256,
            "status": self.status,
            "replay": self.replay,
            "flags": self.flags,
            "code": self.code,
            "message": problems.text(self.code, language) if self.code else None,
        }
