import pytest

from fieldkit import texts
from fieldkit.errors import BadAnswer, InputError, NotEnrolled, NotOurServer, ProblemError
from fieldkit.session import Session, is_open_air, parse_address, retry_after
from fieldkit.store import Store
from fieldkit.transport import Request, Response


class Recorder:
    """Answers everything with one response and remembers the requests."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.requests: list[Request] = []

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        return self.response


OURS = {"gewu-epoch": "e"}


def _session(store: Store, response: Response) -> tuple[Session, Recorder]:
    recorder = Recorder(response)
    return Session(store, recorder), recorder


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://gewu.example/app#enrol=K7", ("https://gewu.example", "K7")),
        ("  https://gewu.example/app/#enrol=K7\n", ("https://gewu.example", "K7")),
        ("https://gewu.example", ("https://gewu.example", None)),
        ("https://gewu.example/", ("https://gewu.example", None)),
        ("http://127.0.0.1:8000/app", ("http://127.0.0.1:8000", None)),
        ("https://city.example/gewu/app#enrol=K7", ("https://city.example/gewu", "K7")),
        ("https://gewu.example/app#other=1", ("https://gewu.example", None)),
        ("http://[::1]:8000", ("http://[::1]:8000", None)),
    ],
)
def test_addresses_that_people_give(address: str, expected: tuple[str, str | None]) -> None:
    assert parse_address(address) == expected


@pytest.mark.parametrize(
    "address",
    ["", "gewu.example", "ftp://gewu.example", "https://", "K7Q2", "https://a:b", "http://[::1"],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_address(address)
    assert caught.value.key == "bad_address"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://gewu.example", False),
        ("http://localhost:8000", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:8000", False),
        ("http://192.168.1.5:8000", True),
    ],
)
def test_open_air(base: str, expected: bool) -> None:
    assert is_open_air(base) is expected


def test_requests_carry_version_token_and_language(store: Store) -> None:
    store.set("url", "https://gewu.example/base")
    store.set("token", "secret")
    texts.choose("en")
    session, recorder = _session(store, Response(200, OURS, b"{}"))
    assert session.get("/x") == {}
    (request,) = recorder.requests
    assert request.url == "https://gewu.example/base/api/v1/x"
    assert request.headers["Gewu-Protocol"] == "1"
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.headers["Accept-Language"] == "en"


def test_to_another_base_no_token_travels(store: Store) -> None:
    store.set("url", "https://gewu.example")
    store.set("token", "secret")
    session, recorder = _session(store, Response(200, OURS, b"{}"))
    session.post("/x", {}, base="https://other.example")
    assert "Authorization" not in recorder.requests[0].headers


def test_without_a_token_nothing_is_sent(store: Store) -> None:
    session, recorder = _session(store, Response(200, OURS, b"{}"))
    with pytest.raises(NotEnrolled):
        session.get("/x")
    assert recorder.requests == []


@pytest.mark.parametrize("status", [200, 302, 401, 413, 502])
def test_without_an_epoch_no_status_counts(store: Store, status: int) -> None:
    session, _ = _session(store, Response(status, {}, b"{}"))
    with pytest.raises(NotOurServer) as caught:
        session.get("/x", base="https://gewu.example")
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("body", "code", "title"),
    [
        (b'{"code":"gone","title":"\xe5\xb7\xb2\xe7\x94\xa8"}', "gone", "已用"),
        (b"{}", "http_410", "HTTP 410"),
        (b"[]", "http_410", "HTTP 410"),
        (b"<html>", "http_410", "HTTP 410"),
        (b"\xff", "http_410", "HTTP 410"),
        (b"", "http_410", "HTTP 410"),
    ],
)
def test_problems_in_good_and_bad_shape(store: Store, body: bytes, code: str, title: str) -> None:
    session, _ = _session(store, Response(410, OURS, body))
    with pytest.raises(ProblemError) as caught:
        session.get("/x", base="https://gewu.example")
    assert (caught.value.code, caught.value.title) == (code, title)


def test_an_answer_that_is_no_object(store: Store) -> None:
    session, _ = _session(store, Response(200, OURS, b"[1]"))
    with pytest.raises(BadAnswer):
        session.get("/x", base="https://gewu.example")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("120", 120),
        (" 7 ", 7),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("Sun, 22 Nov 2026 08:00:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, expected: int | None) -> None:
    assert retry_after(value) == expected
