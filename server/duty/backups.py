"""Which posts stand in for which by the rule pack (AB岗), whoever holds them. Pure."""

from collections.abc import Iterable, Sequence

from server.packs.definition import PostRule


def of(held: Iterable[PostRule], posts: Sequence[PostRule]) -> list[PostRule]:
    """The posts that back those held, as the pack lists them; after these, those that back them."""
    named = {post.code: post for post in posts}
    found: dict[str, PostRule] = {}
    waiting = [code for post in held for code in post.backups]
    while waiting:
        code = waiting.pop(0)
        if code not in found:
            found[code] = named[code]
            waiting += named[code].backups
    return list(found.values())
