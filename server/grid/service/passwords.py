"""Passwords (口令): Argon2id. Slow by intention, so call it outside of transactions."""

from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.grid import rules
from server.kernel.tokens import new_token

_hasher = PasswordHasher()


def hashed(data: dict[str, Any]) -> dict[str, Any]:
    """`data` with the hash in place of its password, if it has one; `password_weak`."""
    password = data.get("password")
    if password is None:
        return data
    rules.check_password(password)
    return data | {"password": _hasher.hash(password)}


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; takes as long if nothing is stored."""
    nobody = _nobody()
    try:
        _hasher.verify(stored or nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobody() -> str:
    """A hash that no password has."""
    return _hasher.hash(new_token("nobody"))
