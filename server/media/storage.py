"""The app's store of photos and its locks, made when first needed."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app
from sqlalchemy import NullPool, create_engine

from server.config import Settings
from server.http.errors import problem_response
from server.kernel import s3_address
from server.kernel.problems import Problem
from server.media.locks import DatabaseLocks, FileLocks, Locks
from server.media.stores.base import BlobStore, StoreAway
from server.media.stores.disk import DiskStore, check_folder

LOCKS = "locks"
AWAY_RETRY_S = 30


def store_for(settings: Settings, locks: Locks) -> BlobStore:
    """The store in `GEWU_MEDIA_URL`; makes its folders. OSError if it cannot."""
    if settings.media_folder is not None:
        return DiskStore(settings.media_folder, settings.free_bytes)
    # Only who keeps photos in a bucket needs the library.
    from server.media.stores.bucket import Bucket
    from server.media.stores.s3 import S3Store

    address = s3_address.parse(settings.media_url)
    return S3Store(Bucket(address, settings.s3_access_key, settings.s3_secret_key), locks)


def locks_for(settings: Settings) -> Locks:
    """Locks that reach as far as the photos and the database are shared."""
    if settings.media_folder is not None:
        return FileLocks(settings.media_folder / LOCKS)
    if settings.is_sqlite:
        return FileLocks(settings.data / LOCKS)
    return DatabaseLocks(create_engine(settings.database_url, poolclass=NullPool))


def fault(settings: Settings) -> str | None:
    """Why nothing can be written to the place of the photos, which is left as it is; or None."""
    try:
        if settings.media_folder is not None:
            check_folder(settings.media_folder)
        else:
            store_for(settings, locks_for(settings)).check()
    except StoreAway as error:
        return str(error)
    return None


def init_app(app: Flask, settings: Settings) -> None:
    """Remember where the photos are; the store is opened when first needed."""
    app.extensions["gewu_media_settings"] = settings
    app.register_error_handler(StoreAway, _away)


def _away(error: StoreAway) -> Response:
    return problem_response(Problem("busy", retry_after=AWAY_RETRY_S))


def media_store() -> BlobStore:
    """The store of the current app."""
    store: BlobStore = _made("store", lambda settings: store_for(settings, media_locks()))
    return store


def media_locks() -> Locks:
    """The locks of the current app, shared by all processes that share the photos."""
    locks: Locks = _made("locks", locks_for)
    return locks


def _made(what: str, make: Callable[[Settings], Any]) -> Any:
    extensions = current_app.extensions
    name = f"gewu_media_{what}"
    if name not in extensions:
        extensions[name] = make(extensions["gewu_media_settings"])
    return extensions[name]
