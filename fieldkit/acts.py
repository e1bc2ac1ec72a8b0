"""What a worker does (签到, 上报, 走访, 办件): each act is one item in the outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fieldkit import gpx, ids
from fieldkit.blobs import Photo
from fieldkit.clock import iso
from fieldkit.errors import InputError
from fieldkit.inbox import Inbox
from fieldkit.outbox import Captured, Outbox
from fieldkit.store import Store
from fieldkit.wire import without_none

Loc = Mapping[str, Any]


NEEDS_REASON = ("decline", "explain")
"""What is nothing without a why."""


class Acts:
    """The acts of one device; bodies as in docs/protocol.md, section 6."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox
        self._inbox = Inbox(store)

    def start_shift(
        self,
        *,
        at: datetime,
        plan: Sequence[Mapping[str, Any]] = (),
        note: str | None = None,
        loc: Loc | None = None,
    ) -> Captured:
        """Check in (签到). Raises InputError while another shift is open."""
        with self._store.write():
            open_shift = self._store.get("shift")
            if open_shift and not open_shift["ended"]:
                raise InputError("shift_open", started=open_shift["started"])
            shift = ids.random_uuid()
            body = {"shift": shift, "plan": list(plan), "note": note}
            captured = self._outbox.capture("shift_start", without_none(body), at=at, loc=loc)
            self._store.set("shift", {"id": shift, "started": iso(at), "ended": None})
        return captured

    def end_shift(
        self,
        *,
        at: datetime,
        results: Sequence[Mapping[str, Any]] = (),
        note: str | None = None,
        loc: Loc | None = None,
        force: bool = False,
    ) -> Captured:
        """Check out (签退). Without an open shift InputError, unless `force`."""
        with self._store.write():
            shift = self._store.get("shift")
            if shift is None or shift["ended"]:
                if not force:
                    raise InputError("no_shift_to_end")
                shift = {"id": ids.random_uuid(), "started": None}
            body = {"shift": shift["id"], "results": list(results), "note": note}
            captured = self._outbox.capture("shift_end", without_none(body), at=at, loc=loc)
            self._store.set("shift", {**shift, "ended": iso(at)})
        return captured

    def report(
        self,
        category: str,
        text: str,
        *,
        photos: Sequence[Photo] = (),
        loc: Loc | None = None,
        address: str | None = None,
        severity: str | None = None,
        self_fixed: bool = False,
        at: datetime | None = None,
    ) -> Captured:
        """Report something seen (上报); `category` is a code of the catalogue."""
        body = {
            "category": category,
            "text": text,
            "address": address,
            "severity": severity,
            "self_fixed": self_fixed,
        }
        return self._outbox.capture("report", without_none(body), at=at, loc=loc, media=photos)

    def track(self, fixes: Sequence[gpx.Fix]) -> list[Captured]:
        """Hand in fixes in time order for the latest shift; one item per chunk."""
        shift = self._store.get("shift")
        if shift is None:
            raise InputError("no_shift")
        with self._store.write():
            return [
                self._outbox.capture(
                    "track",
                    {"shift": shift["id"], "points": chunk.points, "gaps": chunk.gaps},
                    at=chunk.at,
                )
                for chunk in gpx.chunks(list(fixes))
            ]

    def form(
        self,
        form: str,
        version: str,
        data: Mapping[str, Any],
        *,
        subject: str | None = None,
        loc: Loc | None = None,
        photos: Sequence[Photo] = (),
    ) -> Captured:
        """Hand in a filled form, on the version of the subject that this device knows."""
        known = self._inbox.get("subject", subject) if subject else None
        body = {
            "form": form,
            "version": version,
            "subject": subject,
            "base_version": known and known["version"],
            "data": data,
        }
        return self._outbox.capture("form", body, loc=loc, media=photos)

    def visit(
        self,
        subject: str,
        *,
        started: datetime,
        ended: datetime,
        checklist: str | None = None,
        answers: Mapping[str, Any] | None = None,
        loc: Loc | None = None,
        photos: Sequence[Photo] = (),
    ) -> Captured:
        """Hand in a visit (走访) to a subject."""
        body = {
            "subject": subject,
            "checklist": checklist,
            "started": iso(started),
            "ended": iso(ended),
            "answers": answers or {},
        }
        return self._outbox.capture("visit", without_none(body), loc=loc, media=photos)

    def find_task(self, prefix: str) -> dict[str, Any]:
        """The one task whose id begins with `prefix`. Raises InputError for none or many."""
        found = [task for task in self._inbox.objects("task") if task["id"].startswith(prefix)]
        if not found:
            raise InputError("unknown_task", task=prefix)
        if len(found) > 1:
            raise InputError("ambiguous_task", task=prefix, count=len(found))
        return found[0]

    def act_on(
        self,
        task: Mapping[str, Any],
        action: str,
        *,
        reason: str | None = None,
        result: str | None = None,
        loc: Loc | None = None,
        photos: Sequence[Photo] = (),
        evidence: Sequence[str] = (),
        until: datetime | None = None,
        to: str | None = None,
        at: datetime | None = None,
    ) -> Captured:
        """Accept, start, complete … a task (办件), on the version that this device knows.

        `evidence`: ids of items that show what was done. `until`: the end that an extension is
        asked for; `to`: the member whom a transfer is asked for. Both may be left open.
        InputError without a reason where one is needed.
        """
        if action in NEEDS_REASON and not (reason or "").strip():
            raise InputError("reason_needed", action=action)
        body = {
            "task": task["id"],
            "assignment": task.get("assignment"),
            "base_version": task["version"],
            "action": action,
            "reason": reason,
            "result": result,
            "until": iso(until) if until else None,
            "to": to,
            "evidence": list(evidence),
        }
        return self._outbox.capture(
            "task_action", without_none(body), at=at, loc=loc, task=task["id"], media=photos
        )
