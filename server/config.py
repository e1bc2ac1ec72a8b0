"""Settings, all from `GEWU_*` in the environment; a bad one refuses to start and says which."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo


class BadSetting(Exception):
    """A setting that cannot be used; its message names it."""


def _text(value: str) -> str:
    return value


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        number = int(value)
        if not low <= number <= high:
            raise ValueError(f"must be {low}..{high}")
        return number

    return read


def _zone(value: str) -> str:
    ZoneInfo(value)
    return value


def _language(value: str) -> str:
    if value not in ("zh", "en"):
        raise ValueError("must be zh or en")
    return value


def _database_url(value: str) -> str:
    scheme = urlsplit(value).scheme
    if scheme in ("postgresql", "postgres"):
        return "postgresql+psycopg" + value[len(scheme) :]
    if scheme not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return value


def _media_url(value: str) -> str:
    if urlsplit(value).scheme != "file" or not urlsplit(value).path.startswith("/"):
        raise ValueError("must be file:///folder")
    return value


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("must be http://… or https://…")
    return value.rstrip("/")


MIB = 1 << 20
READERS: dict[str, tuple[str | None, Callable[[str], Any], str]] = {
    "DATA": ("data", _text, "folder of the database, keys and photos"),
    "DATABASE_URL": (None, _database_url, "sqlite:///FILE or postgresql://…; default: in DATA"),
    "MEDIA_URL": (None, _media_url, "file:///FOLDER of photos; default: in DATA"),
    "KEYS": (None, _text, "folder of signing.pem and field.key; default: DATA/keys"),
    "PUBLIC_URL": ("http://127.0.0.1:8000", _public_url, "address that devices open; in QR codes"),
    "TIMEZONE": ("Asia/Shanghai", _zone, "days and shifts are counted in this zone"),
    "LANG": ("zh", _language, "language of the command line: zh or en"),
    "BATCH_ITEMS": ("100", _whole(1, 10_000), "items in one exchange"),
    "BATCH_BYTES": (str(MIB), _whole(1024, 1 << 30), "decompressed bytes in one exchange"),
    "ITEM_BYTES": ("65536", _whole(1024, 16 * MIB), "bytes of one item's line"),
    "BODY_BYTES": (str(16 * MIB), _whole(1024, 1 << 30), "hard cap of a decompressed body"),
    "EXCHANGES_PER_MINUTE": ("60", _whole(1, 100_000), "exchanges of one device in a minute"),
    "LIMITS_URL": (None, _text, "counter store of rate limits; default: a file in DATA"),
    "NEXT_AFTER_S": ("900", _whole(1, 86_400), "seconds until a device asks again"),
    "MIN_APP": ("", _text, "oldest app version that need not be updated"),
    "LATE_HOURS": ("24", _whole(1, 24 * 365), "an item handed in later than this is flagged late"),
    "UPLOAD_BYTES": (str(200 * MIB), _whole(1, 1 << 40), "largest photo or file"),
    "FREE_BYTES": (str(256 * MIB), _whole(0, 1 << 50), "free disk space that is left untouched"),
    "PARTIAL_DAYS": ("30", _whole(1, 3650), "days that a partial upload is kept"),
    "ORPHAN_DAYS": ("90", _whole(1, 3650), "days that a blob without an item is kept"),
    "TOMBSTONE_DAYS": ("180", _whole(1, 3650), "least days that a removal stays on the feed"),
    "SESSION_HOURS": ("12", _whole(1, 24 * 365), "hours that a person's log-in lasts"),
    "WRITE_WAIT_S": ("20", _whole(1, 600), "seconds a write waits for its turn before 503"),
    "PROXIES": ("0", _whole(0, 10), "proxies before the server whose X-Forwarded-* is believed"),
    "WORKERS": ("2", _whole(1, 256), "web processes"),
    "THREADS": ("8", _whole(1, 256), "threads of a web process"),
}
ENV = "GEWU_"


@dataclass(frozen=True)
class Settings:
    """Every setting, checked; the names are those of `READERS` in lower case."""

    data: Path
    database_url: str
    media_url: str
    keys: Path
    public_url: str
    timezone: str
    lang: str
    batch_items: int
    batch_bytes: int
    item_bytes: int
    body_bytes: int
    exchanges_per_minute: int
    limits_url: str
    next_after_s: int
    min_app: str
    late_hours: int
    upload_bytes: int
    free_bytes: int
    partial_days: int
    orphan_days: int
    tombstone_days: int
    session_hours: int
    write_wait_s: int
    proxies: int
    workers: int
    threads: int

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def masked(self) -> dict[str, str]:
        """What may be shown: passwords inside addresses are starred."""
        return {field.name: _mask(str(getattr(self, field.name))) for field in fields(self)}


def _mask(value: str) -> str:
    parts = urlsplit(value)
    if "@" not in parts.netloc or not parts.password:
        return value
    return value.replace(f":{parts.password}@", ":***@")


def load(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Settings from the environment, then `given`; BadSetting names the first that is wrong."""
    environ = os.environ if environ is None else environ
    _refuse_unknown(environ)
    values: dict[str, Any] = {}
    for name, (default, read, _) in READERS.items():
        raw = given.get(name.lower(), environ.get(ENV + name, default))
        values[name.lower()] = None if raw is None else _read(name, read, str(raw))
    data = values["data"] = Path(values["data"]).absolute()
    values["database_url"] = values["database_url"] or f"sqlite:///{data}/gewu.db"
    values["media_url"] = values["media_url"] or f"file://{data}/media"
    values["keys"] = Path(values["keys"] or data / "keys").absolute()
    values["limits_url"] = values["limits_url"] or f"gewu-file://{data}/limits.db"
    return Settings(**values)


NOT_SETTINGS = {"GEWU_ADMIN_PASSWORD"}


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    for name in environ:
        if name.startswith(ENV) and name not in NOT_SETTINGS and name[len(ENV) :] not in READERS:
            raise BadSetting(f"{name}: 没有这个设置 / no such setting")


def _read(name: str, read: Callable[[str], Any], raw: str) -> Any:
    try:
        return read(raw)
    except (ValueError, KeyError, OSError) as error:
        raise BadSetting(f"{ENV}{name}={_mask(raw)}: {error}") from error
