"""What the tests of reports begin with."""

from datetime import UTC, datetime
from typing import Any

from server.items.handling import Incoming
from tests import factories

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
IN_BODY = ("category", "text", "address", "severity", "self_fixed")


def report(member: str, **given: Any) -> Incoming:
    """A report as the handler gets it; by default with nothing but a category."""
    named = {"category": "0101"} | given
    body = {name: named.pop(name) for name in IN_BODY if name in named}
    return factories.incoming("report", member, body, **({"estimated": AT} | named))
