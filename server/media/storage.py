"""The app's store of photos and its locks, made when first needed."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app

from server.config import Settings
from server.media.locks import Locks
from server.media.store import BlobStore, DiskStore

LOCKS = "locks"


def store_for(settings: Settings) -> BlobStore:
    """The store in `GEWU_MEDIA_URL`; makes its folders. OSError if it cannot."""
    return DiskStore(urlsplit(settings.media_url).path, settings.free_bytes)


def init_app(app: Flask, settings: Settings) -> None:
    """Remember where the photos are; the store is opened when first needed."""
    folder = Path(urlsplit(settings.media_url).path)
    app.extensions["gewu_media_settings"] = settings
    app.extensions["gewu_media_locks"] = Locks(folder / LOCKS)


def media_store() -> BlobStore:
    """The store of the current app."""
    extensions = current_app.extensions
    if "gewu_media_store" not in extensions:
        extensions["gewu_media_store"] = store_for(extensions["gewu_media_settings"])
    store: BlobStore = extensions["gewu_media_store"]
    return store


def media_locks() -> Locks:
    """The locks of the current app, shared by all processes that share the photos' folder."""
    locks: Locks = current_app.extensions["gewu_media_locks"]
    return locks
