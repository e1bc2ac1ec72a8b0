"""Whether the address that devices open can be reached, and how long its certificate lasts."""

import socket
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from server.cli.checks import GOOD, ILL, WARN, Finding

TIMEOUT_S = 5
RENEW_DAYS = 14


def address(url: str) -> Finding:
    """A TLS handshake with `url`; plain HTTP is for this machine only."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        if is_loopback(host):
            return Finding("address", GOOD, url)
        return Finding("address", WARN, url, "insecure")
    try:
        ends = _certificate_ends(host, parts.port or 443)
    except OSError as error:
        return Finding("address", ILL, f"{url}: {error}", "address")
    days = (ends - datetime.now(UTC)).days
    found = f"{url} ({ends:%Y-%m-%d})"
    return Finding("address", GOOD, found) if days > RENEW_DAYS else _expiring(found)


def _expiring(found: str) -> Finding:
    return Finding("address", WARN, found, "expiring")


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its name or number."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _certificate_ends(host: str, port: int) -> datetime:
    """When the certificate ends; OSError (ssl.SSLError is one) if there is no sound handshake."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        certificate = secure.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
