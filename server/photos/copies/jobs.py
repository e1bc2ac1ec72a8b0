"""The jobs of the room. The slow part runs in no transaction; the end of a job and its effect do.

A file that gives no picture is marked with a reason at once. One that breaks the child is tried
three times and marked then. Either way it is kept, and the original is only ever read.
"""

import base64
from collections.abc import Sequence

from flask import current_app
from sqlalchemy.orm import Session

from server.config import Settings
from server.kernel import queue
from server.kernel.database import reading, writing
from server.kernel.queue import Claimed
from server.media import copies
from server.media import reading as exif
from server.media.copies import NewCopy
from server.media.queries import stored
from server.media.storage import media_locks, media_store
from server.photos.copies import queries, rules, service
from server.photos.copies.developing import Darkroom, Developed, NoPicture
from server.photos.copies.limits import Limits
from server.photos.copies.rules import StampOrder
from server.photos.copies.service import Looked
from server.photos.witness import service as witness


def look(job: Claimed) -> None:
    """Read what the photo `job.key` says, make its copies, and have it held against its items.

    Done again it makes no copies: then somebody else handed in the same photo, for other items.
    """
    with reading() as session:
        is_wanted = queries.wants_copies(session, job.key)
    look = _looked(job.key) if is_wanted else Looked()
    with copies.kept(media_store(), media_locks(), look.copies), queue.ending(job) as session:
        if stored(session, [job.key]):
            service.looked(session, job.key, look)


def look_given_up(session: Session, job: Claimed, reason: str) -> None:
    """The photo broke the child each time."""
    if stored(session, [job.key]):
        service.looked(session, job.key, Looked(problem=reason))


def join(job: Claimed) -> None:
    """Hold a photo against an item that names it, and make the stamped copy of it for the item.

    The stamp is put on the copy for a screen, so that the original is decoded once.
    """
    item, sha256 = rules.split_key(job.key)
    with reading() as session:
        order = queries.stamp_order(session, item, sha256)
    settings = current_app.extensions["gewu_settings"]
    stamps = _stamped(order, sha256, settings) if order else []
    with copies.kept(media_store(), media_locks(), stamps), queue.ending(job) as session:
        if stored(session, [sha256]):
            if order is not None:
                copies.write_stamp(session, item, sha256, order.code, stamps[0], None)
            service.joined(session, item, sha256, settings)


def join_given_up(session: Session, job: Claimed, reason: str) -> None:
    """The stamp could not be drawn."""
    item, sha256 = rules.split_key(job.key)
    order = queries.stamp_order(session, item, sha256)
    if order is not None:
        copies.write_stamp(session, item, sha256, order.code, None, reason)


def _looked(sha256: str) -> Looked:
    """Read and developed. What breaks the child has its facts all the same."""
    with media_store().open(sha256) as file:
        facts = exif.read(file)
    try:
        developed = _developed(sha256, "look")
    except NoPicture as reason:
        return Looked(facts, problem=str(reason))
    except queue.TryFailed:
        with writing() as session:
            witness.keep(session, sha256, facts)
        raise
    return Looked(facts, developed.copies, base64.b64decode(developed.told["sketch"]))


def _stamped(order: StampOrder, sha256: str, settings: Settings) -> Sequence[NewCopy]:
    zone, url = settings.timezone, settings.public_url
    lines = rules.stamp_lines(order.facts, sha256, order.code, zone, url)
    return _developed(order.screen, "join", lines=lines).copies


def _developed(sha256: str, act: str, **request: object) -> Developed:
    with media_store().open(sha256) as file:
        return darkroom().develop(file, act, **request)


def darkroom() -> Darkroom:
    """The darkroom of this process."""
    extensions = current_app.extensions
    if "gewu_darkroom" not in extensions:
        extensions["gewu_darkroom"] = Darkroom(limits(extensions["gewu_settings"]))
    room: Darkroom = extensions["gewu_darkroom"]
    return room


def limits(settings: Settings) -> Limits:
    """What one picture may cost in this deployment."""
    return Limits(
        settings.darkroom_pixels,
        settings.darkroom_bytes,
        settings.darkroom_cpu_s,
        settings.darkroom_wall_s,
    )
