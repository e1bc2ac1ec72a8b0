"""The answer of the gate: 503 `busy` as the app gives it, without the app."""

import json

from gunicorn.util import http_date

from server.gate.head import Head
from server.http.headers import PROTOCOL
from server.kernel import problems

CODE = "busy"


def _document(title: str) -> bytes:
    entry = problems.CATALOGUE[CODE]
    document = {
        "type": f"urn:gewu:problem:{CODE}",
        "title": title,
        "status": entry.status,
        "code": CODE,
        "retryable": entry.retryable,
    }
    return json.dumps(document).encode()


_ZH, _EN = (_document(problems.text(CODE, language)) for language in ("zh", "en"))


def answer(head: Head, epoch: str, retry_after: int, keep: bool) -> bytes:
    """The bytes of the answer to the request with this `head`; `keep`: the connection stays open.

    `epoch` is the server's: without it a device takes an answer for no answer.
    """
    document = _EN if head.english else _ZH
    fields = (
        "HTTP/1.1 503 Service Unavailable\r\n"
        f"Date: {http_date()}\r\n"
        f"Connection: {'keep-alive' if keep else 'close'}\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(document)}\r\n"
        f"Retry-After: {retry_after}\r\n"
        f"Gewu-Protocol: {PROTOCOL}\r\n"
        f"Gewu-Epoch: {epoch}\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Cache-Control: no-store\r\n\r\n"
    )
    return fields.encode() + (b"" if head.bodiless else document)
