"""Who stands in for whom (AB岗): posts that are there, each once, and nobody for itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.packs.checks import found
from server.packs.checks.found import Found, twice, unknown
from server.packs.definition import Pack
from server.packs.mistakes import Named, Path

NO_BACKUP = "none"


def backups(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """Backups are other posts; who stands in for whom ends with somebody."""
    named = {post.code: post.backups for post in pack.posts}
    for post in pack.posts:
        path: Path = ("posts", post.code, "backups")
        if post.backups and post.backup == NO_BACKUP:
            yield Found(path, "unused_here", {"what": Named("backup: none ", "backup: none")})
        yield from twice(((*path, no), code) for no, code in enumerate(post.backups))
        for no, code in enumerate(post.backups):
            yield from unknown((*path, no), code, named, found.POSTS)
            if circle := _circle(post.code, code, named):
                yield Found((*path, no), "backup_cycle", {"way": " → ".join(circle)})


def _circle(start: str, code: str, named: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A way from `start` over its backup `code` back to `start`, or nothing."""
    ways, seen = [[start, code]], {code}
    while ways:
        way = ways.pop(0)
        if way[-1] == start:
            return way
        further = [one for one in named.get(way[-1], ()) if one not in seen]
        seen.update(further)
        ways += [[*way, one] for one in further]
    return []
