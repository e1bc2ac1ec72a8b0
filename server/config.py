"""Settings, all from `GEWU_*` in the environment; a bad one refuses to start and says which."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from server.kernel import s3_address


class BadSetting(Exception):
    """A setting that cannot be used; its message names it."""


def _text(value: str) -> str:
    return value


def _folder(value: str) -> str:
    if not value.strip():
        raise ValueError("must name a folder")
    return value


def _limits_url(value: str) -> str:
    if urlsplit(value).scheme not in ("gewu-file", "redis", "rediss"):
        raise ValueError("must start with gewu-file:///, redis:// or rediss://")
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
    parts = urlsplit(value)
    if parts.scheme == "s3":
        s3_address.parse(value)
        if find_spec("botocore") is None:
            raise ValueError("needs botocore: pip install 'gewu[s3]'")
    elif parts.scheme != "file" or parts.netloc or not parts.path.startswith("/"):
        raise ValueError("must be file:///folder or s3://bucket")
    return value


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("must be http://… or https://…")
    return value.rstrip("/")


MIB = 1 << 20


@dataclass(frozen=True)
class Setting:
    """A setting: its default (None: derived), how it is read, what it means in both languages."""

    default: str | None
    read: Callable[[str], Any]
    zh: str
    en: str


SETTINGS: dict[str, Setting] = {
    "DATA": Setting(
        "data", _folder, "数据库、密钥和照片的目录", "folder of the database, keys and photos"
    ),
    "DATABASE_URL": Setting(
        None,
        _database_url,
        "sqlite:///文件 或 postgresql://…；默认在 DATA 里",
        "sqlite:///FILE or postgresql://…; default: in DATA",
    ),
    "MEDIA_URL": Setting(
        None,
        _media_url,
        "照片目录 file:///目录，或 s3://桶/前缀?endpoint=…&region=…；默认在 DATA 里",
        "file:///FOLDER of photos, or s3://BUCKET/PREFIX?endpoint=…&region=…; default: in DATA",
    ),
    "S3_ACCESS_KEY": Setting(
        "",
        _text,
        "照片桶的访问密钥编号；默认由 AWS SDK 查找",
        "access key of the bucket; default: where the AWS SDK looks",
    ),
    "S3_SECRET_KEY": Setting("", _text, "照片桶的密钥", "secret key of the bucket"),
    "MEDIA_DIRECT": Setting(
        "0",
        _whole(0, 1),
        "1：网页链接的照片副本直接由桶发出（短期签名地址）",
        "1: the bucket itself sends the copies that page links show, by short-lived addresses",
    ),
    "KEYS": Setting(
        None,
        _folder,
        "signing.pem 和 field.key 的目录；默认 DATA/keys",
        "folder of signing.pem and field.key; default: DATA/keys",
    ),
    "PUBLIC_URL": Setting(
        "http://127.0.0.1:8000",
        _public_url,
        "设备打开的地址，写在二维码里",
        "address that devices open; in QR codes",
    ),
    "TIMEZONE": Setting(
        "Asia/Shanghai", _zone, "日和班次按这个时区计算", "days and shifts are counted in this zone"
    ),
    "LANG": Setting(
        "zh", _language, "命令行的语言：zh 或 en", "language of the command line: zh or en"
    ),
    "BATCH_ITEMS": Setting("100", _whole(1, 10_000), "一次交换的条数", "items in one exchange"),
    "BATCH_BYTES": Setting(
        str(MIB),
        _whole(1024, 1 << 30),
        "一次交换解压后的字节数",
        "decompressed bytes in one exchange",
    ),
    "ITEM_BYTES": Setting(
        "65536", _whole(1024, 16 * MIB), "一条记录的字节数", "bytes of one item's line"
    ),
    "BODY_BYTES": Setting(
        str(16 * MIB),
        _whole(1024, 1 << 30),
        "解压后请求体的硬上限",
        "hard cap of a decompressed body",
    ),
    "EXCHANGES_PER_MINUTE": Setting(
        "60", _whole(1, 100_000), "一台设备每分钟的交换次数", "exchanges of one device in a minute"
    ),
    "LIMITS_URL": Setting(
        None,
        _limits_url,
        "限流计数的存放处；默认 DATA 里的文件",
        "counter store of rate limits; default: a file in DATA",
    ),
    "NEXT_AFTER_S": Setting(
        "900", _whole(1, 86_400), "设备过多少秒再来", "seconds until a device asks again"
    ),
    "MIN_APP": Setting(
        "", _text, "不需要更新的最低应用版本", "oldest app version that need not be updated"
    ),
    "LATE_HOURS": Setting(
        "24",
        _whole(1, 24 * 365),
        "晚于这么多小时交来的标记为迟交",
        "an item handed in later than this is flagged late",
    ),
    "EVIDENCE_HOURS": Setting(
        "72",
        _whole(1, 24 * 365),
        "任务办结后等候佐证的小时数，过后按已有的判断",
        "hours that a task done waits for its evidence before it is judged by what there is",
    ),
    "EXIF_FAR_M": Setting(
        "500",
        _whole(1, 20_100_000),
        "照片定位离记录超过这么多米就标记",
        "a photo taken more metres than this from its item's place is flagged",
    ),
    "EXIF_TIME_S": Setting(
        "1800",
        _whole(1, 10 * 366 * 86_400),
        "照片时间与记录相差超过这么多秒就标记",
        "a photo taken more seconds than this before or after its item is flagged",
    ),
    "UPLOAD_BYTES": Setting(
        str(200 * MIB), _whole(1, 1 << 40), "照片或文件的最大字节数", "largest photo or file"
    ),
    "FREE_BYTES": Setting(
        str(256 * MIB),
        _whole(0, 1 << 50),
        "保留不用的磁盘空间",
        "free disk space that is left untouched",
    ),
    "PARTIAL_DAYS": Setting(
        "30", _whole(1, 3650), "未传完的文件保留的天数", "days that a partial upload is kept"
    ),
    "ORPHAN_DAYS": Setting(
        "90",
        _whole(1, 3650),
        "没有记录引用的文件保留的天数",
        "days that a blob without an item is kept",
    ),
    "NOTICE_DAYS": Setting("90", _whole(1, 3650), "通知保留的天数", "days that a notice is kept"),
    "TOMBSTONE_DAYS": Setting(
        "180",
        _whole(1, 3650),
        "移除通知至少保留的天数",
        "least days that a removal stays on the feed",
    ),
    "ALIKE_DISTANCE": Setting(
        "5",
        _whole(0, 20),
        "照片相似的最大距离（0..20，0 为几乎相同）",
        "most distance of photos that are alike (0..20; 0: as good as the same)",
    ),
    "SEEN_MINUTES": Setting(
        "30",
        _whole(0, 1440),
        "同一人在这么多分钟内再次使用同一照片不提示",
        "minutes within which a member may hand in a photo again without a finding",
    ),
    "JOB_LEASE_S": Setting(
        "300",
        _whole(1, 86_400),
        "后台作业中断多少秒后由其他进程重做",
        "seconds until a job whose worker died goes to another",
    ),
    "DARKROOM_PIXELS": Setting(
        "120000000",
        _whole(1_000_000, 1_000_000_000),
        "照片最多多少像素；更大的不生成副本",
        "most pixels of a photo; a larger one gets no copies",
    ),
    "DARKROOM_BYTES": Setting(
        str(1536 * MIB),
        _whole(128 * MIB, 1 << 36),
        "处理一张照片最多用多少字节内存",
        "most memory that one photo may take to be read",
    ),
    "DARKROOM_CPU_S": Setting(
        "20",
        _whole(1, 3600),
        "处理一张照片最多用多少秒处理器时间",
        "most seconds of processor time for one photo",
    ),
    "DARKROOM_WALL_S": Setting(
        "60",
        _whole(1, 3600),
        "处理一张照片最多等多少秒",
        "most seconds on the clock for one photo",
    ),
    "PUSH_ASK": Setting(
        "20000",
        _whole(1, 10_000_000),
        "一次派发超过这么多任务须先确认数量",
        "a push of more tasks than this needs its number confirmed",
    ),
    "SESSION_HOURS": Setting(
        "12", _whole(1, 24 * 365), "一次登录有效的小时数", "hours that a person's log-in lasts"
    ),
    "WRITE_WAIT_S": Setting(
        "20",
        _whole(1, 600),
        "写入等待多少秒后答复 503",
        "seconds a write waits for its turn before 503",
    ),
    "PATIENCE_S": Setting(
        "3",
        _whole(1, 10),
        "请求排队多少秒以上就请设备（至多 4 秒）稍后再来（503）",
        "seconds a request may queue before devices (4 at most) are told when to come (503)",
    ),
    "LIVE_S": Setting(
        "2",
        _whole(1, 60),
        "每隔多少秒把变化告诉打开的页面",
        "seconds between looks for changes that open pages are told of",
    ),
    "LIVE_STREAMS": Setting(
        "1000",
        _whole(1, 20_000),
        "每个网页进程同时通知的页面数",
        "open pages that a web process tells of changes at once",
    ),
    "PROXIES": Setting(
        "0",
        _whole(0, 10),
        "前面有几层可信代理（X-Forwarded-*）",
        "proxies before the server whose X-Forwarded-* is believed",
    ),
    "WORKERS": Setting("2", _whole(1, 256), "网页进程数", "web processes"),
    "THREADS": Setting("8", _whole(1, 256), "每个网页进程的线程数", "threads of a web process"),
}
ENV = "GEWU_"
PIXEL_BYTES = 4
"""What a decoder needs for a pixel at least."""
SECRET = ("s3_access_key", "s3_secret_key")


@dataclass(frozen=True)
class Settings:
    """Every setting, checked; the names are those of `SETTINGS` in lower case."""

    data: Path
    database_url: str
    media_url: str
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    media_direct: int
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
    evidence_hours: int
    exif_far_m: int
    exif_time_s: int
    upload_bytes: int
    free_bytes: int
    partial_days: int
    orphan_days: int
    notice_days: int
    tombstone_days: int
    alike_distance: int
    seen_minutes: int
    job_lease_s: int
    darkroom_pixels: int
    darkroom_bytes: int
    darkroom_cpu_s: int
    darkroom_wall_s: int
    push_ask: int
    session_hours: int
    write_wait_s: int
    patience_s: int
    live_s: int
    live_streams: int
    proxies: int
    workers: int
    threads: int

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def media_folder(self) -> Path | None:
        """The folder of the photos; None if they are in a bucket."""
        parts = urlsplit(self.media_url)
        return Path(parts.path) if parts.scheme == "file" else None

    @property
    def folders(self) -> list[Path]:
        """Every folder that the server writes to."""
        return [self.data, self.keys, *filter(None, [self.media_folder])]

    def masked(self) -> dict[str, str]:
        """What may be shown: keys, and passwords inside addresses, are starred."""
        shown = {field.name: _mask(str(getattr(self, field.name))) for field in fields(self)}
        return shown | {name: "***" for name in SECRET if shown[name]}


def _mask(value: str) -> str:
    parts = urlsplit(value)
    if parts.netloc.count("@") and parts.password:
        value = value.replace(f":{parts.password}@", ":***@")
    value = re.sub(r"(://[^/@:]*):[^@]*@", r"\1:***@", value)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", value)


def load(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Settings from the environment, then `given`; BadSetting names the first that is wrong."""
    environ = os.environ if environ is None else environ
    _refuse_unknown(environ)
    values: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        raw = given.get(name.lower(), environ.get(ENV + name, setting.default))
        values[name.lower()] = None if raw is None else _read(name, setting.read, str(raw))
    data = values["data"] = Path(values["data"]).absolute()
    values["database_url"] = values["database_url"] or f"sqlite:///{data}/gewu.db"
    values["media_url"] = values["media_url"] or f"file://{data}/media"
    values["keys"] = Path(values["keys"] or data / "keys").absolute()
    values["limits_url"] = values["limits_url"] or f"gewu-file://{data}/limits.db"
    _refuse_at_odds(values)
    return Settings(**values)


def _refuse_at_odds(values: Mapping[str, Any]) -> None:
    """Settings that are right one by one and not together."""
    if bool(values["s3_access_key"]) != bool(values["s3_secret_key"]):
        raise BadSetting(f"{ENV}S3_ACCESS_KEY, {ENV}S3_SECRET_KEY: 须同时设置 / need each other")
    if values["media_direct"] and urlsplit(values["media_url"]).scheme != "s3":
        raise BadSetting(f"{ENV}MEDIA_DIRECT=1: 照片须在桶里 / needs {ENV}MEDIA_URL=s3://…")
    if values["darkroom_pixels"] * PIXEL_BYTES > values["darkroom_bytes"]:
        why = f"每像素 {PIXEL_BYTES} 字节 / {PIXEL_BYTES} bytes for each of {ENV}DARKROOM_PIXELS"
        raise BadSetting(f"{ENV}DARKROOM_BYTES={values['darkroom_bytes']}: {why}")
    if values["darkroom_cpu_s"] > values["darkroom_wall_s"]:
        why = f"不得少于 / not less than {ENV}DARKROOM_CPU_S"
        raise BadSetting(f"{ENV}DARKROOM_WALL_S={values['darkroom_wall_s']}: {why}")


NOT_SETTINGS = {"GEWU_ADMIN_PASSWORD"}


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    for name in environ:
        if name.startswith(ENV) and name not in NOT_SETTINGS and name[len(ENV) :] not in SETTINGS:
            raise BadSetting(f"{name}: 没有这个设置 / no such setting")


def _read(name: str, read: Callable[[str], Any], raw: str) -> Any:
    try:
        return read(raw)
    except (ValueError, KeyError, OSError) as error:
        raise BadSetting(f"{ENV}{name}={_mask(raw)}: {error}") from error
