"""What a device saw of the exchanges: how many lines came back as replays of an earlier answer."""

import json

from fieldkit.session import API
from fieldkit.transport import Request, Response, Transport


class TallyTransport:
    """Counts on the device's side of the network: requests, exchanges and replayed results."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.requests = 0
        self.exchanges = 0
        self.replays = 0

    def send(self, request: Request) -> Response:
        """Send and look at the answer."""
        self.requests += 1
        response = self._inner.send(request)
        if request.url.endswith(API + "/sync") and "gewu-epoch" in response.headers:
            self.exchanges += 1
            self.replays += _replays(response)
        return response


def _replays(response: Response) -> int:
    if response.status != 200:
        return 0
    return sum(result.get("replay") is True for result in json.loads(response.body)["results"])
