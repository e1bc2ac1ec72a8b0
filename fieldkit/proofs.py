"""Keeping the proof complete: the server's key, and receipts whose answers were lost."""

from http import HTTPStatus

from fieldkit.errors import BadAnswer, ProblemError, TransportError
from fieldkit.receipts import Receipt, Receipts
from fieldkit.session import Session
from fieldkit.store import Store
from fieldkit.wire import decode_base64


class Proofs:
    """Fetches what `verify` needs (docs/protocol.md, section 10)."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store = store
        self._session = session
        self._receipts = Receipts(store)

    def refresh(self) -> None:
        """Pin or compare the key if that is due, and fetch lost receipts."""
        if self._store.get("check_key"):
            self._check_key()
        self._fetch_lost()

    def check_key_if_reachable(self) -> None:
        """Pin the key at once after enrolment; without a network the next sync does it."""
        try:
            self._check_key()
        except TransportError:
            return

    def _check_key(self) -> None:
        """Trust the key of first use; another one later is kept apart as `other_key`."""
        key = self._session.get("/sync/key").get("key")
        if not isinstance(key, str) or len(decode_base64(key)) != 32:
            raise BadAnswer("the server's key is not 32 bytes of base64")
        pinned = self._store.get("server_key")
        with self._store.write():
            if pinned is None:
                self._store.set("server_key", key)
            self._store.set("other_key", key if pinned not in (None, key) else None)
            self._store.set("check_key", None)

    def _fetch_lost(self) -> None:
        for install in self._receipts.installs():
            try:
                self._fetch_lost_of(install)
            except ProblemError as problem:
                # Receipts of who had the phone before are for them to ask for.
                if problem.status != HTTPStatus.NOT_FOUND:
                    raise

    def _fetch_lost_of(self, install: str) -> None:
        """An install that the phone had before it was enrolled anew counts as well."""
        missing = self._receipts.first_missing(install)
        while missing is not None:
            page = self._session.get(f"/sync/receipts?from={missing}&install={install}")
            for given in page.get("receipts") or []:
                self._keep(given)
            still = self._receipts.first_missing(install)
            # The server does not have it either: `verify` will name the gap.
            missing = still if still is not None and still > missing else None

    def _keep(self, given: dict[str, object]) -> None:
        self._receipts.keep(
            Receipt.read(
                given,
                epoch=str(given.get("epoch")),
                install=str(given.get("install")),
                lines=given.get("lines") or [],  # type: ignore[arg-type]
            )
        )
