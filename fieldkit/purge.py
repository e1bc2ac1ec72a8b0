"""Making room: what was handed in long ago leaves the device (docs/protocol.md, section 5)."""

from datetime import UTC, datetime, timedelta

from fieldkit.clock import iso
from fieldkit.store import Store

# After a restored backup the server may ask for anything younger than this.
KEEP_DAYS = 30

_OLD = (
    "SELECT id FROM items WHERE state = 'sent' AND settled < ? AND NOT EXISTS ("
    "SELECT 1 FROM item_media JOIN media USING (sha256) "
    "WHERE item_media.item = items.id AND media.state IN ('queued', 'failed'))"
)


def purge(store: Store, now: datetime) -> int:
    """Forget accepted items settled over 30 days ago, and photos no item names; items gone.

    Receipts stay. An item with a photo that is still to be uploaded stays too.
    """
    before = now - timedelta(days=KEEP_DAYS)
    with store.write() as db:
        old = [(row["id"],) for row in store.rows(_OLD, (iso(before.astimezone(UTC)),))]
        db.executemany("DELETE FROM item_media WHERE item = ?", old)
        db.executemany("DELETE FROM items WHERE id = ?", old)
        db.execute("DELETE FROM media WHERE sha256 NOT IN (SELECT sha256 FROM item_media)")
        _remove_files(store, before)
    return len(old)


def _remove_files(store: Store, before: datetime) -> None:
    """Remove files that no row names, once they are as old as the items they came with."""
    named = {row["sha256"] for row in store.rows("SELECT sha256 FROM media")}
    for path in store.media_folder.iterdir():
        if path.name not in named and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
