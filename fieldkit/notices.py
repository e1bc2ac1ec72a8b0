"""Notices (通知): what one was told, and that one has read it.

What was read counts at once, without a network too; the server hears of it with the next sync.
"""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fieldkit.clock import Clock, iso
from fieldkit.errors import ProblemError
from fieldkit.inbox import Inbox
from fieldkit.session import Session
from fieldkit.store import Store

# Ids of notices that were read and of which the server does not know it.
_UNTOLD = "notices_read"


class Notices:
    """The notices of one store."""

    def __init__(self, store: Store, session: Session, clock: Clock) -> None:
        self._store = store
        self._session = session
        self._inbox = Inbox(store)
        self._clock = clock

    def listed(self, every: bool = False) -> list[dict[str, Any]]:
        """Those not read yet, or all, the newest last."""
        found = [one for one in self._inbox.objects("notice") if every or not one.get("read_at")]
        return sorted(found, key=lambda one: (one.get("at") or "", one["id"]))

    def read(self, ids: Iterable[str]) -> None:
        """Note that these were read; one that was read before, or is gone, stays as it is."""
        now = iso(self._clock.now())
        with self._store.write() as db:
            untold = self._store.get(_UNTOLD, [])
            for id_ in ids:
                notice = self._inbox.get("notice", id_)
                if notice is None or notice.get("read_at"):
                    continue
                body = json.dumps(notice | {"read_at": now}, ensure_ascii=False)
                db.execute(
                    "UPDATE objects SET body = ? WHERE kind = 'notice' AND id = ?", (body, id_)
                )
                untold.append(id_)
            self._store.set(_UNTOLD, untold or None)

    def tell(self) -> None:
        """Tell the server which were read. Raises TransportError, ProblemError.

        One that it does not know, or that is another member's, need not be told any more.
        """
        for id_ in self._store.get(_UNTOLD, []):
            try:
                self._session.post(f"/notices/{id_}/read", {})
            except ProblemError as problem:
                if problem.status != HTTPStatus.NOT_FOUND:
                    raise
            self._told(id_)

    def _told(self, id_: str) -> None:
        with self._store.write():
            rest = [one for one in self._store.get(_UNTOLD, []) if one != id_]
            self._store.set(_UNTOLD, rest or None)
