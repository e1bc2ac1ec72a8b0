"""Somebody who asks at the door what changed, and gets an answer that ends."""

from flask.testing import FlaskClient

from tests import factories
from tests.live.page import PATH, events_in, position_in

HELLO = ("hello", {})


class Asking:
    """Somebody who asks again and again, each time from where it was told to."""

    def __init__(self, client: FlaskClient, member: str) -> None:
        self._client, self.token, self.seen = client, factories.token_for(member), ""
        assert self.ask() == [HELLO]

    def ask(self) -> list[tuple[str, dict[str, str | None]]]:
        headers = factories.auth(self.token, last_event_id=self.seen)
        answer = self._client.get(PATH, headers=headers)
        assert answer.status_code == 200
        assert answer.mimetype == "text/event-stream"
        self.seen = position_in(answer.text)
        return events_in(answer.text)

    def told(self) -> set[tuple[str | None, str | None]]:
        """The changes, each as (kind, area)."""
        events = self.ask()
        assert all(name == "changed" for name, _ in events), events
        return {(data["kind"], data["area"]) for _, data in events}
