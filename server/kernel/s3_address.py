"""Where a bucket is: `s3://bucket/prefix?endpoint=https://…&region=…`; keys never stand in it."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

DEFAULT_REGION = "us-east-1"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?")
_REGION = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class S3Address:
    """`prefix` is empty or ends with `/`; without an `endpoint` it is Amazon's own for `region`."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str


def parse(url: str) -> S3Address:
    """The bucket that `url` names. ValueError says what is wrong, without the address."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc):
        raise ValueError("must be s3://bucket")
    if not _PREFIX.fullmatch(parts.path) or parts.fragment:
        raise ValueError("the prefix may hold A-Z a-z 0-9 . _ - and /")
    said = _options(parts.query)
    prefix = parts.path.strip("/")
    region = said.get("region", DEFAULT_REGION)
    if not _REGION.fullmatch(region):
        raise ValueError("region must be like cn-north-1")
    return S3Address(parts.netloc, f"{prefix}/" if prefix else "", _endpoint(said), region)


def _options(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    said = dict(pairs)
    if len(said) < len(pairs) or not said.keys() <= {"endpoint", "region"}:
        raise ValueError("only endpoint= and region= may follow, each once")
    return said


def _endpoint(said: dict[str, str]) -> str | None:
    if "endpoint" not in said:
        return None
    parts = urlsplit(said["endpoint"])
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("endpoint must be http://… or https://…")
    if "@" in parts.netloc:
        raise ValueError("keys stand in GEWU_S3_ACCESS_KEY and GEWU_S3_SECRET_KEY")
    return said["endpoint"].rstrip("/")
