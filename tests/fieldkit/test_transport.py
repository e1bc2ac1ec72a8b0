import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fieldkit import transport
from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.errors import BadAnswer, Offline, UntrustedServer
from fieldkit.store import Store
from fieldkit.transport import HttpTransport, Request
from tests.fieldkit.fakeserver import FakeServer, serving


@contextmanager
def _raw(*answers: bytes) -> Iterator[str]:
    """A socket that reads something and answers each connection with the next bytes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        for answer in answers:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    thread.join(5)


def _get(url: str) -> transport.Response:
    return HttpTransport(timeout=5).send(Request("GET", url + "/x"))


def test_a_whole_sync_over_a_real_socket(store: Store, clock, server: FakeServer, jpeg) -> None:
    with serving(server) as base:
        client = Client(store, HttpTransport(timeout=5), clock)
        client.enroll(base, "K7Q2")
        photo = take_in(store, jpeg(size=300_000))
        client.outbox.capture("report", {"text": "x" * 1000}, media=[photo])
        report = client.sync()
        assert (report.sent, report.uploaded) == (1, 1)
        assert photo.sha256 in server.blobs


def test_bodies_are_gzipped_only_when_asked_and_worth_it(server: FakeServer) -> None:
    seen: list[tuple[str | None, bytes]] = []

    def look(method, target, headers, body):
        seen.append((headers.get("content-encoding"), body))
        return 200, {}, b""

    server.handle = look
    with serving(server) as base:
        http = HttpTransport(timeout=5)
        http.send(Request("POST", base, {}, b"x" * 500, compress=True))
        http.send(Request("POST", base, {}, b"x" * 100, compress=True))
        http.send(Request("POST", base, {}, b"x" * 500))
        http.close()
    assert [encoding for encoding, _ in seen] == ["gzip", None, None]
    assert gzip.decompress(seen[0][1]) == b"x" * 500


def test_a_connection_the_server_dropped_is_replaced(server: FakeServer) -> None:
    with serving(server) as base:
        http = HttpTransport(timeout=5)
        assert http.send(Request("GET", base + "/api/v1/sync/key")).status == 200
        server.faults.append((0, {}, b""))
        assert http.send(Request("GET", base + "/api/v1/sync/key")).status == 200
        http.close()


def test_a_server_that_always_hangs_up_is_offline(server: FakeServer) -> None:
    with serving(server) as base:
        server.faults.extend([(0, {}, b"")] * 3)
        with pytest.raises(Offline):
            _get(base)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000,
    ],
    ids=["nothing", "short body", "short chunk", "no http", "endless header"],
)
def test_half_an_answer_is_no_answer(answer: bytes) -> None:
    with _raw(answer) as base, pytest.raises(Offline):
        _get(base)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://host.invalid", "http://" + "a" * 70 + ".example"]
)
def test_no_server_at_all(url: str) -> None:
    with pytest.raises(Offline) as caught:
        _get(url)
    assert caught.value.values["reason"]


def _with_body(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_broken_gzip_is_no_answer() -> None:
    with _raw(_with_body(b"not gzip")) as base, pytest.raises(BadAnswer):
        _get(base)


def test_a_gzip_bomb_is_not_unpacked(monkeypatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER", 10_000)
    with _raw(_with_body(gzip.compress(b"0" * 1_000_000))) as base, pytest.raises(BadAnswer):
        _get(base)


def test_an_endless_answer_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER", 10_000)
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"0" * 90_000
    with _raw(endless) as base, pytest.raises(BadAnswer):
        _get(base)


@pytest.fixture
def certificate(tmp_path) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that nobody knows, and its key."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gewu")])
    today = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    cert, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(cert), str(private)


@pytest.mark.parametrize("trusted", [False, True])
def test_only_a_trusted_certificate_is_spoken_to(
    certificate: tuple[str, str], trusted: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        try:
            with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    http = HttpTransport(timeout=5, ca_file=certificate[0] if trusted else None)
    ask: Callable[[], transport.Response] = lambda: http.send(  # noqa: E731
        Request("GET", f"https://127.0.0.1:{listener.getsockname()[1]}/x")
    )
    if trusted:
        assert ask().body == b"ok"
    else:
        with pytest.raises(UntrustedServer):
            ask()
    http.close()
    thread.join(5)
    listener.close()
