"""Copies of the photos, which the worker makes in the background: counted once all are settled."""

import time
from collections import Counter
from collections.abc import Iterable

from server.cli.demo.api import Person

SIZES = ("thumb", "stamped")
PENDING = "copy_pending"
PATIENCE_S = 60.0
PAUSE_S = 0.5


def count(admin: Person, hashes: Iterable[str], patience_s: float = PATIENCE_S) -> Counter[str]:
    """How many of the photos have a copy, by size; what is not made by then is not counted."""
    made: Counter[str] = Counter()
    left = {(sha256, size) for sha256 in hashes for size in SIZES}
    ends = time.monotonic() + patience_s
    while left:
        codes = {(sha256, size): _refusal(admin, sha256, size) for sha256, size in left}
        made.update(size for (_, size), code in codes.items() if code is None)
        left = {one for one, code in codes.items() if code == PENDING}
        if not left or time.monotonic() > ends:
            break
        time.sleep(PAUSE_S)
    return made


def _refusal(admin: Person, sha256: str, size: str) -> str | None:
    return admin.refusal(f"/media/{sha256}/links", {"size": size})
