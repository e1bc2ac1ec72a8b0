"""A bad network (弱网): loses answers, cuts and repeats requests, tears uploads, shows portals."""

import http.client
import random
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from fieldkit.errors import Offline
from fieldkit.transport import Request, Response, Transport

LOST, CUT, TWICE, TORN, PORTAL = "answer_lost", "cut", "twice", "torn", "portal"

_PORTAL_PAGE = b"<html><title>Wi-Fi</title>Please accept our terms.</html>"
_TIMEOUT_S = 10

Tear = Callable[[Request, int], None]


@dataclass(frozen=True)
class Odds:
    """Probability of each fault, from 0 to 1; together at most 1.

    `torn` takes the place of no fault at all where the request has no upload to tear.
    """

    lost: float = 0
    cut: float = 0
    twice: float = 0
    torn: float = 0
    portal: float = 0

    @classmethod
    def of(cls, share: float) -> "Odds":
        """A `share` of all requests goes wrong: mostly lost answers and cuts, few portals."""
        return cls(
            lost=0.3 * share,
            cut=0.25 * share,
            twice=0.2 * share,
            torn=0.2 * share,
            portal=0.05 * share,
        )

    def draw(self, rng: random.Random) -> str | None:
        """The fault of one request, or None."""
        faults = (LOST, CUT, TWICE, TORN, PORTAL)
        weights = (self.lost, self.cut, self.twice, self.torn, self.portal)
        return rng.choices((*faults, None), (*weights, max(0.0, 1 - sum(weights))))[0]


class FaultyTransport:
    """Does to each request what the odds say; `injected` counts the faults by name.

    Every fault is one that docs/protocol.md must survive: an answer that gets lost after the
    server committed, a request that never arrives, one that arrives twice (the second answer is
    the one that is seen), an upload that ends at a random byte, a captive portal's 200.
    """

    def __init__(
        self, inner: Transport, odds: Odds, rng: random.Random, tear: Tear | None = None
    ) -> None:
        self._inner = inner
        self._odds = odds
        self._rng = rng
        self._tear = tear or send_part
        self.injected: Counter[str] = Counter()

    def send(self, request: Request) -> Response:
        """The inner answer, unless a fault comes between. Raises Offline for most of them."""
        fault = self._odds.draw(self._rng)
        if fault == TORN and not (request.method == "PATCH" and len(request.body) > 1):
            fault = None
        if fault is None:
            return self._inner.send(request)
        self.injected[fault] += 1
        return self._suffer(fault, request)

    def _suffer(self, fault: str, request: Request) -> Response:
        if fault == PORTAL:
            return Response(200, {"content-type": "text/html"}, _PORTAL_PAGE)
        if fault == CUT:
            raise Offline("simulated: never arrived")
        if fault == TORN:
            self._tear(request, self._rng.randrange(1, len(request.body)))
            raise Offline("simulated: torn")
        first = self._inner.send(request)
        if fault == LOST:
            raise Offline("simulated: answer lost")
        return self._inner.send(request) if fault == TWICE else first


def send_part(request: Request, length: int) -> None:
    """Send the head and the first `length` bytes of the body over a new connection, then hang up.

    The head announces the whole body. Raises Offline when not even that much gets through.
    """
    url = urlsplit(request.url)
    connection = _connection(url)
    try:
        connection.putrequest(request.method, url.path + (f"?{url.query}" if url.query else ""))
        for name, value in {**request.headers, "Content-Length": str(len(request.body))}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(request.body[:length])
    except (OSError, http.client.HTTPException) as error:
        raise Offline(str(error) or type(error).__name__) from error
    finally:
        connection.close()


def _connection(url: SplitResult) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "http":
        return http.client.HTTPConnection(host, url.port, timeout=_TIMEOUT_S)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, url.port, timeout=_TIMEOUT_S, context=context)
