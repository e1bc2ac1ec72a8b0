"""Everything that fieldkit raises on purpose.

FieldkitError                what the person sees is texts.say(key, **values)
├── TransportError           no authoritative answer; the queue stays
│   ├── Offline              no connection, cut connection, time-out
│   ├── UntrustedServer      the TLS certificate was refused
│   ├── NotOurServer         an answer without Gewu-Epoch (a captive portal)
│   └── BadAnswer            the server answered, but not in the protocol's shape
├── ProblemError             RFC 9457 answer: status, code, title, retry_after
│   ├── Unauthorized         401: token unknown or revoked
│   ├── TooLarge             413: halve the batch
│   ├── UpgradeNeeded        426: protocol version not supported
│   └── Busy                 429, 503, 507: wait at least retry_after seconds
├── NotEnrolled              the device has no token
├── Locked                   a supervisor locked this device
├── StoreTrouble             the disk refused to write; nothing was changed
└── InputError               what the person gave cannot be used; nothing was captured
"""

from fieldkit import texts


class FieldkitError(Exception):
    """Base of all; `key` names the text in the catalogue, `values` fill its places."""

    key = "error"

    def __init__(self, **values: object) -> None:
        super().__init__(values)
        self.values = values

    def __str__(self) -> str:
        """The sentence for the person, in the chosen language."""
        return texts.say(self.key, **self.values)


class TransportError(FieldkitError):
    """No authoritative answer arrived."""


class Offline(TransportError):
    """No connection, a cut connection, or a time-out. `reason`: what the socket said."""

    key = "offline"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class UntrustedServer(TransportError):
    """The server's TLS certificate was refused."""

    key = "untrusted_server"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class NotOurServer(TransportError):
    """Something answered without `Gewu-Epoch` (docs/protocol.md, section 1)."""

    key = "not_our_server"

    def __init__(self, status: int) -> None:
        super().__init__(status=status)
        self.status = status


class BadAnswer(TransportError):
    """The server's answer is not in the shape of docs/protocol.md."""

    key = "bad_answer"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class ProblemError(FieldkitError):
    """The server answered with a problem. `retry_after`: whole seconds, or None."""

    key = "problem"

    def __init__(self, status: int, code: str, title: str, retry_after: int | None = None) -> None:
        super().__init__(status=status, code=code, title=title, retry_after=retry_after)
        self.status = status
        self.code = code
        self.title = title
        self.retry_after = retry_after


class Unauthorized(ProblemError):
    """401: the token is unknown or revoked; the queue stays on the device."""

    key = "unauthorized"


class TooLarge(ProblemError):
    """413: the body is above the server's limit."""

    key = "too_large"


class UpgradeNeeded(ProblemError):
    """426: the server no longer speaks this protocol version; the queue stays."""

    key = "upgrade_needed"


class Busy(ProblemError):
    """429, 503, 507: the server asks to wait."""

    key = "busy"


_BY_STATUS: dict[int, type[ProblemError]] = {
    401: Unauthorized,
    413: TooLarge,
    426: UpgradeNeeded,
    429: Busy,
    503: Busy,
    507: Busy,
}


def problem(status: int, code: str, title: str, retry_after: int | None) -> ProblemError:
    """The error class that belongs to an HTTP status (docs/protocol.md, section 1)."""
    return _BY_STATUS.get(status, ProblemError)(status, code, title, retry_after)


class NotEnrolled(FieldkitError):
    """The device has no token yet, or was wiped."""

    key = "not_enrolled"


class Locked(FieldkitError):
    """A supervisor locked this device: it hands in, but captures and shows nothing."""

    key = "locked"


class StoreTrouble(FieldkitError):
    """The device's own disk refused; the transaction was taken back whole."""

    key = "store_trouble"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class InputError(FieldkitError):
    """What the person gave cannot be used; `key` says why; nothing was captured."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(**values)
        self.key = key
