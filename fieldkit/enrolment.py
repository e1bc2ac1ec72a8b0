"""Enrolment (接入): a one-time code becomes a token (docs/protocol.md, section 3)."""

from collections.abc import Mapping
from typing import Any

from fieldkit.errors import BadAnswer, InputError
from fieldkit.inbox import Inbox
from fieldkit.session import Session, parse_address
from fieldkit.store import Store


class Enrolment:
    """Enrols one store, for the first time or anew."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store = store
        self._session = session

    def run(
        self, address: str, code: str | None, *, install: str, device: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Spend the code and keep what the server gave; the member."""
        base, coded = parse_address(address)
        if not (code or coded):
            raise InputError("no_code")
        wanted = {"code": code or coded, "install": install, "device": device}
        answer = self._session.post("/devices/enroll", wanted, base=base)
        member = answer.get("member")
        if not isinstance(member, dict) or not {"token", "epoch"} <= answer.keys():
            raise BadAnswer("enrolment without token, epoch or member")
        self.keep(base, install, answer)
        return member

    def keep(self, base: str, install: str, answer: Mapping[str, Any]) -> None:
        """Be `install` from now on, with the `token`, `member`, `epoch`, `limits` of `answer`."""
        store, inbox = self._store, Inbox(self._store)
        with store.write():
            before = store.get("member")
            if before is not None and before["id"] != answer["member"]["id"]:
                inbox.clear()
                store.set("shift", None)
            else:
                inbox.restart()
            if before is not None and store.get("epoch") != answer["epoch"]:
                # The server went back in time: it may have lost what it once acknowledged.
                store.set("offer_held", True)
            if not store.unsent() and not store.get("offer_held"):
                # Nothing written under the old install will travel under the new one.
                store.set("seq", 0)
                store.set("prev", None)
            kept = {
                "url": base,
                "install": install,
                "token": answer["token"],
                "member": answer["member"],
                "epoch": answer["epoch"],
                "limits": answer.get("limits") or {},
                "check_key": True,
            }
            for key, value in kept.items():
                store.set(key, value)
            for key in ("server_key", "other_key", "reenrol", "offset_ms"):
                store.set(key, None)
