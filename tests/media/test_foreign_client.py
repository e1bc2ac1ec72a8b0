"""A client that we did not write (tuspy), and a bad network, against a real server."""

import hashlib
import http.client
import random
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from tusclient.client import TusClient
from tusclient.uploader import Uploader

from server.app import create_app
from server.kernel.database import db
from tests import factories
from tests.conftest import settings_for
from tests.factories import Phone, Street
from tests.media.tools import OCTETS, UPLOADS, metadata, store
from tests.serving import served

CONTENT = random.Random(8).randbytes(3_000_000)
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def phone(street: Street) -> Phone:
    return factories.device_for(street.workers[0])


class Sha256Uploader(Uploader):
    CHECKSUM_ALGORITHM_PAIR = ("sha256", hashlib.sha256)


def uploader(base: str, phone: Phone, **given: Any) -> Uploader:
    client = TusClient(base + UPLOADS, headers=factories.auth(phone.token))
    said = {"sha256": HASH, "type": "image/jpeg"}
    return Sha256Uploader(client=client, metadata=said, chunk_size=700_000, **given)


def test_tuspy_uploads_a_file(app: Flask, phone: Phone, tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(CONTENT)
    with served(app) as base:
        uploader(base, phone, file_path=str(file), upload_checksum=True).upload()
    assert store().exists(HASH)


def test_tuspy_goes_on_after_the_server_was_restarted(
    app: Flask, phone: Phone, tmp_path: Path, database_url: str, photos: dict[str, str]
) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(CONTENT)
    with served(app) as base:
        first = uploader(base, phone, file_path=str(file))
        first.upload(stop_at=1_400_000)
    assert first.url is not None
    restarted = create_app(settings_for(tmp_path, database_url, **photos))
    with served(restarted) as base:
        place = base + urlsplit(first.url).path
        second = uploader(base, phone, file_path=str(file), url=place)
        assert second.offset == 1_400_000
        second.upload()
    with restarted.app_context():
        db.engine.dispose()
    assert store().exists(HASH)


class BadNetwork:
    """A phone whose connections break after some bytes of a body."""

    def __init__(self, base: str, phone: Phone) -> None:
        self._address = urlsplit(base).netloc
        self._headers = factories.auth(phone.token, tus_resumable="1.0.0")

    def ask(self, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self._address)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=self._headers | named)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    def send(self, path: str, offset: int, length: int, cut: int) -> None:
        """PATCH `length` bytes, of which `cut` leave before the connection is gone."""
        connection = http.client.HTTPConnection(self._address)
        connection.putrequest("PATCH", path)
        named = {"Upload-Offset": offset, "Content-Length": length, "Content-Type": OCTETS}
        for header, value in (self._headers | named).items():
            connection.putheader(header, str(value))
        connection.endheaders(CONTENT[offset : offset + cut])
        if cut == length:
            connection.getresponse().read()
        elif connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_WR)
            connection.sock.recv(1)
        connection.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_file_gets_in_however_often_the_network_breaks(
    app: Flask, phone: Phone, seed: int
) -> None:
    dice = random.Random(seed)
    with served(app) as base:
        network = BadNetwork(base, phone)
        said = {"Upload-Length": str(len(CONTENT)), "Upload-Metadata": metadata(sha256=HASH)}
        offsets = [0]
        while offsets[-1] < len(CONTENT):
            created = network.ask("POST", UPLOADS, **said)
            place, offset = created.headers["Location"], int(created.headers["Upload-Offset"])
            length = min(dice.randint(1, 800_000), len(CONTENT) - offset)
            network.send(place, offset, length, dice.choice([length, dice.randint(0, length)]))
            offsets.append(int(network.ask("HEAD", place).headers["Upload-Offset"]))
    assert offsets == sorted(offsets)
    with store().open(HASH) as file:
        assert file.read() == CONTENT
