import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.gate.head import UNKNOWN, Head, read

TOKEN = "Authorization: Bearer gwd_abc"


def request(*fields: str, first: str = "POST /api/v1/sync HTTP/1.1", body: str = "") -> bytes:
    return ("\r\n".join([first, *fields, "", ""]) + body).encode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/healthz?full"])
def test_what_watches_the_server_is_known(path: str) -> None:
    assert read(request(first=f"GET {path} HTTP/1.1")).is_vital


@pytest.mark.parametrize(
    "first",
    [
        "GET /healthz/x HTTP/1.1",
        "GET /api/v1/healthz HTTP/1.1",
        "GET /?/healthz HTTP/1.1",
        "/healthz",
    ],
)
def test_what_only_looks_like_it_is_not(first: str) -> None:
    assert not read(request(first=first)).is_vital


def test_a_device_is_told_by_its_token_alone() -> None:
    device = read(request(TOKEN)).device
    assert device is not None
    assert read(request("Host: x", TOKEN.lower(), first="PATCH /x HTTP/1.1")).device == device
    assert read(request("Authorization:  bearer  gwd_abc ")).device == device
    assert read(request("Authorization: Bearer gwd_abd")).device != device


@pytest.mark.parametrize(
    "fields", [(), ("Authorization: Bearer gws_abc",), ("X-Authorization: Bearer gwd_abc",)]
)
def test_anybody_else_is_no_device(fields: tuple[str, ...]) -> None:
    assert read(request(*fields)).device is None


def test_a_token_in_the_body_is_none() -> None:
    assert read(request(body=f"\r\n{TOKEN}\r\n")).device is None


@pytest.mark.parametrize(("fields", "body"), [((), 0), (("content-length: 12",), 12)])
def test_the_size_of_a_request_is_its_head_and_its_body(fields: tuple[str, ...], body: int) -> None:
    whole = request(*fields)
    assert read(whole + b"x" * body).size == len(whole) + body
    assert read(whole).size == len(whole) + body


@pytest.mark.parametrize(
    "last",
    [
        request("Transfer-Encoding: chunked"),
        request("Expect: 100-continue", "Content-Length: 3"),
        request("Connection: close"),
        request("Upgrade: h2c"),
        request(first="GET / HTTP/1.0"),
        request(first="PRI * HTTP/2.0"),
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"",
    ],
)
def test_where_nothing_may_follow_there_is_no_size(last: bytes) -> None:
    assert read(last).size is None


def test_the_language_and_the_method_shape_the_answer() -> None:
    assert read(request("Accept-Language: en-GB")).english
    assert not read(request("Accept-Language: zh-CN, en")).english
    assert read(request(first="HEAD / HTTP/1.1")).bodiless
    assert not read(request()).bodiless


@given(st.binary(max_size=2000))
def test_any_bytes_are_read(first: bytes) -> None:
    assert isinstance(read(first), Head)


def test_nothing_is_known_of_nothing() -> None:
    assert read(b"") == UNKNOWN
