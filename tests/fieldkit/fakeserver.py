"""A stand-in for the server: what docs/protocol.md promises a device, and nothing more.

`FakeServer.handle` answers one request; `DirectTransport` calls it in the process,
`serving` puts it behind a real socket. `LossyTransport` loses and repeats requests.
"""

import base64
import gzip
import hashlib
import json
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldkit.errors import Offline
from fieldkit.transport import Request, Response, Transport

UPLOADS = "/api/v1/media/uploads"
NOTICES = "/api/v1/notices/"
MEMBER = {"id": "0199c0de-0000-7000-8000-0000000000aa", "name": "王网格"}

Answer = tuple[int, dict[str, str], bytes]
Verdict = Callable[[dict[str, Any]], str]


@dataclass
class FakeServer:
    """One deployment. Public fields are its state, for tests to arrange and to look at."""

    epoch: str = field(default_factory=lambda: str(uuid.uuid4()))
    member: dict[str, Any] = field(default_factory=lambda: dict(MEMBER))
    limits: dict[str, int] = field(
        default_factory=lambda: {"batch_items": 100, "batch_bytes": 1 << 20, "chunk_bytes": 1 << 18}
    )
    verdict: Verdict = lambda item: "accepted"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    codes: set[str] = field(default_factory=lambda: {"K7Q2"})
    installs: dict[str, str] = field(default_factory=dict)
    items: dict[str, tuple[str, str]] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    feed: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    partial: dict[str, tuple[int, bytearray]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    faults: deque[Answer] = field(default_factory=deque)
    page: int = 50
    body_limit: int = 1 << 20
    envelopes: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request; a prepared fault goes first. Header names are lower-case."""
        url = urlsplit(target)
        self.requests.append(f"{method} {url.path}")
        if self.faults:
            return self.faults.popleft()
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if len(body) > self.body_limit:
            return self.problem(413, "too_large")
        if url.path == "/api/v1/devices/enroll":
            return self._enroll(json.loads(body))
        if url.path == "/api/v1/sync/key":
            raw = self.key.public_key().public_bytes_raw()
            return self.ok({"alg": "Ed25519", "key": _b64(raw), "epoch": self.epoch})
        install = self.installs.get(headers.get("authorization", "").removeprefix("Bearer "))
        if install is None:
            return self.problem(401, "token_unknown")
        if url.path.startswith(UPLOADS):
            return self._tus(method, url.path, headers, body)
        if url.path.startswith(NOTICES):
            return self._read(url.path.removeprefix(NOTICES).removesuffix("/read"))
        return self._of_sync(install, url, body)

    def _of_sync(self, install: str, url: SplitResult, body: bytes) -> Answer:
        if url.path == "/api/v1/sync/have":
            asked = json.loads(body)["ids"]
            assert len(asked) <= 500
            return self.ok({"unknown": [item for item in asked if item not in self.items]})
        if url.path == "/api/v1/sync/receipts":
            query = parse_qs(url.query)
            start, of = int(query["from"][0]), query.get("install", [install])[0]
            mine = [r for r in self.receipts if r["install"] == of and r["no"] >= start]
            return self.ok({"receipts": mine[:20], "next": None})
        return self._sync(install, body)

    def ok(self, value: dict[str, Any], status: int = 200) -> Answer:
        """A JSON answer of the application."""
        return status, self._common(), json.dumps(value, ensure_ascii=False).encode()

    def problem(self, status: int, code: str, **headers: str) -> Answer:
        """An RFC 9457 problem."""
        body = json.dumps({"code": code, "title": f"problem {code}"}).encode()
        return status, {**self._common(), **headers}, body

    def put(self, kind: str, object_id: str, body: dict[str, Any] | None, op: str = "put") -> None:
        """Add a change to the member's feed."""
        version = 1 + sum(change["id"] == object_id for change in self.feed)
        change = {
            "seq": len(self.feed) + 1,
            "kind": kind,
            "id": object_id,
            "op": op,
            "version": version,
        }
        self.feed.append(change | ({"reason": "gone"} if body is None else {"body": body}))

    def forget(self, *item_ids: str) -> None:
        """Go back in time, as after a restored backup: a new epoch, these items unknown."""
        self.epoch = str(uuid.uuid4())
        for item in item_ids:
            self.items.pop(item)

    def _common(self) -> dict[str, str]:
        return {"gewu-protocol": "1", "gewu-epoch": self.epoch, "content-type": "application/json"}

    def _enroll(self, wanted: dict[str, Any]) -> Answer:
        if wanted["code"] not in self.codes:
            return self.problem(410, "code_used")
        self.codes.remove(wanted["code"])
        token = f"token-{uuid.uuid4()}"
        self.installs[token] = wanted["install"]
        answer = {
            "install": wanted["install"],
            "token": token,
            "member": self.member,
            "epoch": self.epoch,
            "time": "2026-11-22T08:00:00+00:00",
            "limits": self.limits,
        }
        return self.ok(answer, 201)

    def _sync(self, install: str, body: bytes) -> Answer:
        envelope, *lines = body.split(b"\n")[:-1]
        head = json.loads(envelope)
        assert head["install"] == install
        self.envelopes.append(head)
        results = [self._judge(number, line) for number, line in enumerate(lines, 2)]
        reset = head["epoch"] != self.epoch
        cursor = 0 if reset else head["cursor"]
        page = self.feed[cursor : cursor + self.page]
        reached = page[-1]["seq"] if page else cursor
        answer = {
            "epoch": self.epoch,
            "offset_ms": 0,
            "results": results,
            "receipt": self._receipt(install, results) if results else None,
            "media": [
                {"sha256": digest, "state": "partial", "offset": len(data)}
                for digest, (_, data) in self.partial.items()
                if data and digest not in self.blobs
            ],
            "gaps": [],
            "changes": page,
            "cursor": reached,
            "more": reached < len(self.feed),
            "reset": reset,
            "reenrol": False,
            "next_after_s": 900,
        }
        return self.ok(answer | self.extra)

    def _read(self, notice: str) -> Answer:
        """The member has read a notice: the first time counts and is on the feed."""
        known = [change for change in self.feed if change["id"] == notice]
        if not known or known[-1]["op"] == "remove":
            return self.problem(404, "not_found")
        body = known[-1]["body"]
        if not body.get("read_at"):
            self.reads.append(notice)
            body = body | {"read_at": "2026-11-22T08:00:00.000Z"}
            self.put("notice", notice, body)
        return self.ok(body)

    def _judge(self, number: int, line: bytes) -> dict[str, Any]:
        self.lines.append(line)
        digest = hashlib.sha256(line).hexdigest()
        item = json.loads(line)
        replay = item["id"] in self.items
        if not replay:
            self.items[item["id"]] = (digest, self.verdict(item))
            self.effects.append(item["id"])
        known, status = self.items[item["id"]]
        return {
            "line": number,
            "id": item["id"],
            "sha256": digest,
            "status": status if known == digest else "conflict",
            "replay": replay,
            "flags": [],
            "code": None,
            "message": None,
        }

    def _receipt(self, install: str, results: list[dict[str, Any]]) -> dict[str, Any]:
        """Give the install's next receipt, signed as section 10 says."""
        mine = [receipt for receipt in self.receipts if receipt["install"] == install]
        lines = [[result["sha256"], result["status"]] for result in results]
        root = _hex("\n".join(" ".join(line) for line in lines))
        no, at = len(mine) + 1, "2026-11-22T08:00:00+00:00"
        prev = _hex(mine[-1]["signed"]) if mine else ""
        fields = ["gewu-receipt-1", self.epoch, install, str(no), at, str(len(lines)), root, prev]
        signed = "\n".join(fields)
        receipt = {
            "no": no,
            "items": len(lines),
            "root": root,
            "prev": prev,
            "at": at,
            "sig": _b64(self.key.sign(signed.encode())),
        }
        extra = {"install": install, "epoch": self.epoch, "lines": lines, "signed": signed}
        self.receipts.append(receipt | extra)
        return receipt

    def _tus(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        assert headers["tus-resumable"] == "1.0.0"
        if method == "POST":
            return self._tus_create(headers, body)
        digest = path.removeprefix(UPLOADS + "/")
        if digest not in self.partial:
            return self.problem(404, "upload_unknown")
        if method == "HEAD":
            length, data = self.partial[digest]
            return 200, self._offset(len(data), length), b""
        return self._tus_patch(digest, headers, body)

    def _tus_patch(self, digest: str, headers: dict[str, str], body: bytes) -> Answer:
        length, data = self.partial[digest]
        if int(headers["upload-offset"]) != len(data):
            return self.problem(409, "offset")
        algorithm, checksum = headers["upload-checksum"].split(" ")
        assert algorithm == "sha256" and checksum == _b64(hashlib.sha256(body).digest())
        data += body
        if len(data) == length:
            if hashlib.sha256(data).hexdigest() != digest:
                data.clear()
                return self.problem(460, "checksum")
            self.blobs[digest] = bytes(data)
        return 204, self._offset(len(data), length), b""

    def _tus_create(self, headers: dict[str, str], body: bytes) -> Answer:
        """One upload per content: creating it again finds the old offset (by HEAD).

        First bytes are taken if there are none yet.
        """
        metadata = dict(pair.split(" ") for pair in headers["upload-metadata"].split(","))
        assert metadata.keys() == {"sha256", "type", "item"}
        digest = base64.b64decode(metadata["sha256"]).decode()
        length = int(headers["upload-length"])
        location = {"location": f"http://elsewhere.invalid{UPLOADS}/{digest}"}
        if digest in self.refused:
            return self.problem(self.refused[digest], "refused")
        if digest in self.blobs:
            return 200, {**self._offset(length, length), **location}, b""
        _, data = self.partial.setdefault(digest, (length, bytearray()))
        if not body:
            return 201, {**self._common(), **location}, b""
        taken = {**headers, "upload-offset": "0"}
        if not data and (answer := self._tus_patch(digest, taken, body))[0] != 204:
            return answer
        return 201, {**self._offset(len(data), length), **location}, b""

    def _offset(self, offset: int, length: int) -> dict[str, str]:
        return {**self._common(), "upload-offset": str(offset), "upload-length": str(length)}


class DirectTransport:
    """Calls the stand-in without a socket."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server

    def send(self, request: Request) -> Response:
        url = urlsplit(request.url)
        target = url.path + (f"?{url.query}" if url.query else "")
        headers = {name.lower(): value for name, value in request.headers.items()}
        return Response(*self.server.handle(request.method, target, headers, request.body))


class LossyTransport:
    """Does to each request what the script says next; after the script all goes well.

    "lost": never arrives · "unanswered": arrives, its answer is lost · "twice": arrives twice.
    """

    def __init__(self, inner: Transport, script: list[str]) -> None:
        self._inner = inner
        self.script = deque(script)

    def send(self, request: Request) -> Response:
        fate = self.script.popleft() if self.script else "well"
        if fate == "lost":
            raise Offline("lost")
        response = self._inner.send(request)
        if fate == "unanswered":
            raise Offline("unanswered")
        return self._inner.send(request) if fate == "twice" else response


@contextmanager
def serving(server: FakeServer) -> Iterator[str]:
    """Put the stand-in behind a socket; gives its base address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, given, answer = server.handle(self.command, self.path, headers, body)
            if status == 0:
                self.close_connection = True
                return
            if "gzip" in headers.get("accept-encoding", "") and answer:
                answer, given = gzip.compress(answer), {**given, "content-encoding": "gzip"}
            self.send_response(status)
            for name, value in {**given, "content-length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_HEAD = do_PATCH = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Tests are quiet."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}"
    finally:
        httpd.shutdown()
        httpd.server_close()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
