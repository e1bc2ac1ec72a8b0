"""Places in a real bucket, each below a prefix of its own."""

import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.session import Session

from server.kernel import s3_address
from tests import swift

BUCKET = "photos"


@dataclass(frozen=True)
class Service:
    """A running S3 service with one bucket."""

    endpoint: str

    @cached_property
    def client(self) -> Any:
        """A client that is not the server's own."""
        return Session().create_client(
            "s3",
            region_name=swift.REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=swift.ACCESS,
            aws_secret_access_key=swift.SECRET,
            config=Config(s3={"addressing_style": "path"}),
        )

    def place(self) -> "Place":
        """A place that nobody has used."""
        return Place(self, uuid.uuid4().hex)


@dataclass(frozen=True)
class Place:
    """Where one test keeps its photos."""

    service: Service
    prefix: str
    keys: dict[str, str] = field(
        default_factory=lambda: {"s3_access_key": swift.ACCESS, "s3_secret_key": swift.SECRET}
    )

    @property
    def url(self) -> str:
        """As GEWU_MEDIA_URL has it."""
        where = f"endpoint={self.service.endpoint}&region={swift.REGION}"
        return f"s3://{BUCKET}/{self.prefix}?{where}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a server that keeps its photos here."""
        return {"media_url": self.url, **self.keys}

    @property
    def address(self) -> s3_address.S3Address:
        return s3_address.parse(self.url)

    def names(self) -> list[str]:
        """Every object here, as another client sees it."""
        found = self.service.client.list_objects_v2(Bucket=BUCKET, Prefix=f"{self.prefix}/")
        return [one["Key"].removeprefix(f"{self.prefix}/") for one in found.get("Contents", ())]

    def put(self, name: str, body: bytes) -> None:
        """Write an object behind the server's back."""
        self.service.client.put_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}", Body=body)

    def unfinished(self) -> list[str]:
        """Objects that somebody began to send in parts."""
        found = self.service.client.list_multipart_uploads(Bucket=BUCKET, Prefix=f"{self.prefix}/")
        return [one["Key"].removeprefix(f"{self.prefix}/") for one in found.get("Uploads", ())]


@dataclass(frozen=True)
class Answer:
    """What an address gave to somebody without any key."""

    status: int
    headers: Message
    body: bytes


def fetch(url: str) -> Answer:
    """Open an address as a browser would."""
    try:
        with urllib.request.urlopen(url) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    """OpenStack Swift with an empty bucket, its data in `folder`."""
    with swift.running(folder) as endpoint, pytest.MonkeyPatch.context() as patched:
        # What the SDK knows of S3 is read once, not for every client.
        patched.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        service = Service(endpoint)
        service.client.create_bucket(Bucket=BUCKET)
        yield service
