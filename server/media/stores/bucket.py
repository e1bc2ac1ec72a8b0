"""One bucket of an S3 service, in the few calls that the store needs.

Any service will do that lists what was written (Amazon, Ceph, MinIO, OpenStack Swift with s3api).
Whatever goes wrong out there is StoreAway or NoSpace; waits and retries are bounded, and for
REST_S after a service did not answer nobody waits for it again.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.session import Session

from server.kernel.s3_address import S3Address
from server.media.stores.base import NoSpace, StoreAway, StoreError

CONNECT_S, ANSWER_S, ATTEMPTS = 3, 15, 3
REST_S = 3.0
PAGE = 1000
PART_BYTES = 8 << 20
"""An object of more bytes is sent in parts of this size; S3 takes none below 5 MiB."""

_FULL = {"QuotaExceeded", "InsufficientCapacity", "XMinioStorageFull"}
_NOT_THERE = {"NoSuchKey", "404"}
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing shows it: its name, bytes, when it was written (UTC)."""

    key: str
    size: int
    modified: datetime


class Bucket:
    """What the store asks of a bucket; names stand below the prefix of the address.

    Threads may share it.
    """

    def __init__(self, address: S3Address, access_key: str = "", secret_key: str = "") -> None:
        """Without keys the SDK looks for them where it usually does."""
        self._name, self._prefix = address.bucket, address.prefix
        self._client: Any = Session().create_client(
            "s3",
            region_name=address.region,
            endpoint_url=address.endpoint,
            aws_access_key_id=access_key or None,
            aws_secret_access_key=secret_key or None,
            config=_config(address),
        )
        self._rests_until = 0.0

    def put(self, key: str, body: bytes) -> None:
        """Write an object, durable when this returns."""
        self._ask("put_object", key, Body=body)

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """An object, or `length` bytes of it from `start`; None if it is not there."""
        end = "" if length is None else start + length - 1
        limits = {} if (start, length) == (0, None) else {"Range": f"bytes={start}-{end}"}
        with self._asking(), _none_if_gone() as found:
            answer = self._client.get_object(**self._named(key), **limits)
            found.append(answer["Body"].read())
        return found[0] if found else None

    def size(self, key: str) -> int | None:
        """Bytes of an object; None if it is not there."""
        with self._asking(), _none_if_gone() as found:
            found.append(self._client.head_object(**self._named(key))["ContentLength"])
        return found[0] if found else None

    def listed(self, under: str) -> Iterator[Listed]:
        """The objects whose names begin with `under`, by name, a page at a time."""
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name,
                Prefix=self._prefix + under,
                PaginationConfig={"PageSize": PAGE},
            )
        )
        while page := self._next(pages):
            for entry in page.get("Contents", ()):
                key = entry["Key"].removeprefix(self._prefix)
                yield Listed(key, entry["Size"], entry["LastModified"].astimezone(UTC))

    def _next(self, pages: Iterator[Any]) -> Any:
        with self._asking():
            return next(pages, None)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, one after the other; one that is not there is no fault."""
        for key in keys:
            self._ask("delete_object", key)

    def assemble(self, key: str, chunks: Iterable[bytes]) -> None:
        """Write an object that appears when `chunks` has ended; if it raises, nothing appears."""
        parts = _joined(chunks)
        first = next(parts, b"")
        if len(first) < PART_BYTES:
            self.put(key, first)
            return
        self._abort_earlier(key)
        upload = self._ask("create_multipart_upload", key)["UploadId"]
        try:
            self._send_parts(key, upload, first, parts)
        except BaseException:
            # What is not ended now, the next attempt or the bucket's own rule ends.
            with suppress(StoreError):
                self._ask("abort_multipart_upload", key, UploadId=upload)
            raise

    def _send_parts(self, key: str, upload: str, first: bytes, rest: Iterator[bytes]) -> None:
        sent = [self._send_part(key, upload, 1, first)]
        for number, part in enumerate(rest, 2):
            sent.append(self._send_part(key, upload, number, part))
        whole = {"Parts": sent}
        self._ask("complete_multipart_upload", key, UploadId=upload, MultipartUpload=whole)

    def _send_part(self, key: str, upload: str, number: int, part: bytes) -> dict[str, Any]:
        named = {"UploadId": upload, "PartNumber": number}
        return {
            "PartNumber": number,
            "ETag": self._ask("upload_part", key, Body=part, **named)["ETag"],
        }

    def _abort_earlier(self, key: str) -> None:
        """End what a process that was killed left; nobody else assembles this object now."""
        named = self._named(key)
        with self._asking():
            found = self._client.list_multipart_uploads(Bucket=self._name, Prefix=named["Key"])
        for upload in found.get("Uploads", ()):
            if upload["Key"] == named["Key"]:
                self._ask("abort_multipart_upload", key, UploadId=upload["UploadId"])

    def signed_url(self, key: str, seconds: int, type_: str) -> str:
        """An address that shows the object in place, as `type_`, for so long."""
        wanted = self._named(key) | {
            "ResponseContentType": type_,
            "ResponseContentDisposition": "inline",
            "ResponseCacheControl": "private",
        }
        with self._asking():
            url: str = self._client.generate_presigned_url(
                "get_object", Params=wanted, ExpiresIn=seconds
            )
        return url

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self._name, "Key": self._prefix + key}

    def _ask(self, call: str, key: str, **given: Any) -> Any:
        with self._asking():
            return getattr(self._client, call)(**self._named(key), **given)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if time.monotonic() < self._rests_until:
            raise StoreAway("NoAnswer")
        try:
            yield
        except ClientError as error:
            raise _refusal(error) from error
        except BotoCoreError as error:
            if isinstance(error, HTTPClientError):
                self._rests_until = time.monotonic() + REST_S
            raise _away(type(error).__name__) from error


def _config(address: S3Address) -> Config:
    return Config(
        connect_timeout=CONNECT_S,
        read_timeout=ANSWER_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=32,
        signature_version="s3v4",
        # Services that are not Amazon's know neither its host names nor its checksums.
        s3={"addressing_style": "path" if address.endpoint else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


@contextmanager
def _none_if_gone() -> Iterator[list[Any]]:
    """A list that stays empty if the object asked for is not there."""
    try:
        yield []
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOT_THERE:
            raise


def _refusal(error: ClientError) -> StoreError:
    code = error.response["Error"]["Code"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return NoSpace(code) if code in _FULL or status == 507 else _away(code)


def _away(code: str) -> StoreAway:
    log.error("store_away", reason=code)
    return StoreAway(code)


def _joined(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of PART_BYTES, the last one shorter; held back until it is known
    whether another follows, so that the last part goes only after `chunks` has ended well."""
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        while len(buffer) > PART_BYTES:
            yield bytes(buffer[:PART_BYTES])
            del buffer[:PART_BYTES]
    if buffer:
        yield bytes(buffer)
